"""Table stream -> event bus. What the bus did not take is asked for again, and nothing else is."""

from typing import Any

from collaboration.composition import event_bus
from collaboration.publishing import publish_records


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Tell the bus what the records of the stream say; answers with those that have to come again."""
    client, bus = event_bus()
    failed = publish_records(client, bus, event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
