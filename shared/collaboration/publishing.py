"""From the table's stream to the bus: what happened, and what there is to do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collaboration.domain.history import Entry
from collaboration.domain.values import CollaborationId, InvitationId, written_time
from collaboration.storage import items

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "collaborations"
MAIL_QUEUED = "MailQueued"
VERSION = 1
# What PutEvents takes at most.
_BATCH = 10


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the bus."""

    name: str
    detail: Mapping[str, object]


def messages(record: Mapping[str, Any]) -> Iterator[Message]:
    """What a stream record tells. Keys of the table stay inside: they may hold a personal identity number."""
    if record["eventName"] != "INSERT":
        return
    item = record["dynamodb"]["NewImage"]
    sort_key = items.string(item, "sk")
    if sort_key.startswith("HISTORY#"):
        entry = items.parsed(Entry, item)
        if entry.what.event:
            yield Message(entry.what.event, event_detail(entry))
    elif sort_key.startswith("OUTBOX#"):
        yield Message(MAIL_QUEUED, {"agreement": items.agreement_of(item), "mail": sort_key.partition("#")[2]})


def event_detail(entry: Entry) -> dict[str, object]:
    """An event as subscribers get it: ids, what and when; never an address, a name or a secret."""
    subject = entry.subject
    detail: dict[str, object] = {
        "id": entry.id,
        "version": VERSION,
        "at": written_time(entry.at),
        "by": {"side": entry.by.side, **({"employeeId": entry.by.employee_id} if entry.by.employee_id else {})},
        "officeId": subject.office_id,
        "invitationId": InvitationId.of(subject.agreement),
        "collaborationId": CollaborationId.of(subject.agreement),
        "customerId": subject.customer_id,
        "accountId": subject.account_id,
        "solution": subject.solution,
        **entry.facts,
    }
    return {name: value for name, value in detail.items() if value is not None}


def publish(client: "EventBridgeClient", bus: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Tell the bus, and give the sequence numbers of the records it was not told of: those come again."""
    failed: list[str] = []
    queue: list[tuple[str, Message]] = []
    for record in records:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            queue += [(sequence, message) for message in messages(record)]
        except (ValueError, KeyError):
            failed.append(sequence)
    for start in range(0, len(queue), _BATCH):
        failed += _put(client, bus, queue[start : start + _BATCH])
    return failed


def _put(client: "EventBridgeClient", bus: str, batch: list[tuple[str, Message]]) -> Iterator[str]:
    answer = client.put_events(
        Entries=[
            {
                "Source": SOURCE,
                "DetailType": message.name,
                "Detail": json.dumps(message.detail),
                "EventBusName": bus,
            }
            for _, message in batch
        ]
    )
    for (sequence, _), result in zip(batch, answer["Entries"], strict=True):
        if result.get("ErrorCode"):
            yield sequence
