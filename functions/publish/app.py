"""Table stream -> event bus. Only the records that the bus did not take are delivered again."""

from typing import Any

from collaboration.composition import app


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Publish what the stream's records say; answers with those that failed."""
    failed = app().publisher.publish_records(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
