"""Table stream -> event bus. Only the records that the bus did not take are delivered again."""

from collaboration.background import background
from collaboration.calls import Call
from collaboration.composition import app


@background
def handler(call: Call) -> dict[str, list[dict[str, str]]]:
    """Publish what the stream's records say; answers with those that failed."""
    failed = app().publisher.publish_records(call.records)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
