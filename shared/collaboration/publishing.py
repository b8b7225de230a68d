"""From the table's stream to the bus: what happened, and what there is to do."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collaboration.domain.model.history import Entry, EntryKind
from collaboration.domain.model.values import CollaborationId, InvitationId, written_time
from collaboration.storage import items

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


SOURCE = "collaborations"


MAIL_QUEUED = "MailQueued"


ACCESS_DUE = "AccessDue"


DIRECTORY_CHANGED = "DirectoryChanged"


AUDIT_DUE = "AuditDue"


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
    place = record["dynamodb"]["Keys"]
    sort_key = items.string(place, "sk")
    if not sort_key.startswith(("HISTORY#", "OUTBOX#")):
        changed = _changed(items.string(place, "pk"), sort_key)
        if changed and _says_something_new(record["dynamodb"]):
            yield Message(DIRECTORY_CHANGED, changed)
        return
    if record["eventName"] != "INSERT":
        return
    item = record["dynamodb"]["NewImage"]
    if sort_key.startswith("HISTORY#"):
        entry = items.parsed(Entry, item)
        if entry.what.event:
            yield Message(entry.what.event, event_detail(entry))
        elif entry.what is EntryKind.COLLABORATION_IMPORTED:
            yield Message(ACCESS_DUE, {"collaborationId": CollaborationId.of(entry.subject.agreement)})
    else:
        yield Message(MAIL_QUEUED, {"agreement": items.agreement_of(item), "mail": sort_key.partition("#")[2]})


def _changed(pk: str, sk: str) -> dict[str, str] | None:
    """The ids of a thing of the directory; None for anything else. Never the organisation number of a key."""
    kind, _, ids = pk.partition("#")
    match kind, sk.split("#"):
        case "OFFICE", ["OFFICE"]:
            return {"officeId": ids}
        case "OFFICE", ["EMPLOYEE", employee_id]:
            return {"officeId": ids, "employeeId": employee_id}
        case "CUSTOMER", ["CUSTOMER"] | ["TASK", _]:
            office_id, _, customer_id = ids.partition("#")
            return {"officeId": office_id, "customerId": customer_id}
        case "ORGANISATION", ["ACCOUNT", account_id]:
            return {"accountId": account_id}
        case _:
            return None


def _says_something_new(images: Mapping[str, Any]) -> bool:
    """Whether the value itself changed, and not what is kept beside it."""
    before, after = images.get("OldImage", {}), images.get("NewImage", {})
    return bool(before.get("data") != after.get("data"))


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


def publish_records(client: "EventBridgeClient", bus: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Tell the bus, and give the sequence numbers of the records it was not told of: those come again."""
    failed: list[str] = []
    queue: list[tuple[str, Message]] = []
    for record in records:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            queue += [(sequence, message) for message in messages(record)]
        except (ValueError, KeyError):
            failed.append(sequence)
    rejected = publish_messages(client, bus, [message for _, message in queue])
    return failed + [queue[place][0] for place in rejected]


def publish_messages(client: "EventBridgeClient", bus: str, messages_: Sequence[Message]) -> list[int]:
    """Tell the bus, and give the places of the messages that it did not take."""
    return [
        start + place
        for start in range(0, len(messages_), _BATCH)
        for place in _put(client, bus, messages_[start : start + _BATCH])
    ]


def _put(client: "EventBridgeClient", bus: str, batch: Sequence[Message]) -> Iterator[int]:
    answer = client.put_events(
        Entries=[
            {
                "Source": SOURCE,
                "DetailType": message.name,
                "Detail": json.dumps(message.detail),
                "EventBusName": bus,
            }
            for message in batch
        ]
    )
    for place, result in enumerate(answer["Entries"]):
        if result.get("ErrorCode"):
            yield place
