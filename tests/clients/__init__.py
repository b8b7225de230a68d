"""Clients of the API, generated from its OpenAPI document: a typed one in Python, one in TypeScript."""
