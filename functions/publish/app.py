"""Table stream -> event bus. Only the records that the bus did not take are delivered again."""

from collaboration.background import background, ids_named
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.publishing import entries, measured, messages, published
from collaboration.telemetry import Level


@background("publish")
def handler(call: Call) -> dict[str, list[dict[str, str]]]:
    """Publish what the stream's records say; answers with those that failed."""
    failed = app().publisher.publish_records(call.records)
    records = published(call.records, failed)
    for message in (message for record in records for message in messages(record)):
        correlation = {"correlation_id": message.correlation_id} if message.correlation_id else {}
        app().log.write(Level.INFO, "published", {"event": message.name, **ids_named(message.detail), **correlation})
    for metric, value in measured(entries(records)):
        app().metrics.record(metric, value)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
