"""The API's contract: the OpenAPI document of the last release, and what has changed since."""
