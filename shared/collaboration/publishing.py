"""From the table's stream to the event bus: documented events, and messages that wake the system's own functions."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collaboration import invocation
from collaboration.domain.model.history import Entry, EntryKind
from collaboration.domain.model.values import CollaborationId, InvitationId, written_time
from collaboration.frozen import dataclass
from collaboration.storage.stream import DirectoryChanged, EntryAdded, MailAdded, change_of, offer_change_of
from collaboration.storage.unreadable import UNREADABLE
from collaboration.telemetry import Metric

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


SOURCE = "collaborations"

# Detail-types of the messages that stay inside the system.
MAIL_QUEUED = "MailQueued"
ACCESS_DUE = "AccessDue"
DIRECTORY_CHANGED = "DirectoryChanged"
AUDIT_DUE = "AuditDue"
WORK_LEFT = "WorkLeft"
INVITATIONS_DUE = "InvitationsDue"

# After these an unlinked import may be with another account, or with none.
_BIND_OR_RELEASE = frozenset(
    {
        EntryKind.COLLABORATION_IMPORTED,
        EntryKind.END_SCHEDULED,
        EntryKind.END_CANCELLED,
        EntryKind.END_FAILED,
    }
)

# Of the schema of events. It changes only when a subscriber would break.
VERSION = 1

# What PutEvents takes at most.
_BATCH = 10


@dataclass(frozen=True)
class Message:
    """A message for the bus: its detail-type and its detail.

    `correlation_id`: of the request that it follows from; None for the one that is being handled.
    """

    name: str
    detail: Mapping[str, object]
    correlation_id: str | None = None

    @property
    def correlated_detail(self) -> dict[str, object]:
        """The detail as the bus carries it, with the correlation id where there is one."""
        correlation_id = self.correlation_id or invocation.current().correlation_id
        return {**self.detail, **({"correlationId": correlation_id} if correlation_id else {})}


def messages(record: Mapping[str, Any]) -> Iterator[Message]:
    """The messages that a stream record gives rise to.

    Raises:
        ValueError: the record's item cannot be read.
        KeyError: it is not a record of the table's stream.
    """
    if offer := offer_change_of(record):
        yield Message(INVITATIONS_DUE, {"accountId": offer[0], "solution": offer[1]})
    match change_of(record):
        case EntryAdded(entry, correlation_id) if entry.what.event:
            yield Message(entry.what.event, event_detail(entry), correlation_id)
        case EntryAdded(entry, correlation_id) if entry.what in _BIND_OR_RELEASE:
            collaboration_id = CollaborationId.of(entry.subject.agreement)
            yield Message(ACCESS_DUE, {"collaborationId": collaboration_id}, correlation_id)
        case MailAdded(agreement, mail_id, correlation_id):
            yield Message(MAIL_QUEUED, {"agreement": agreement, "mail": mail_id}, correlation_id)
        case DirectoryChanged(ids, correlation_id):
            yield Message(DIRECTORY_CHANGED, ids, correlation_id)


# What is counted of a history entry.
_COUNTED = {
    EntryKind.INVITATION_SENT: Metric.INVITATIONS_SENT,
    EntryKind.INVITATION_ACCEPTED: Metric.INVITATIONS_ACCEPTED,
    EntryKind.INVITATION_DECLINED: Metric.INVITATIONS_DECLINED,
    EntryKind.INVITATION_EXPIRED: Metric.INVITATIONS_EXPIRED,
    EntryKind.INVITATION_REVOKED: Metric.INVITATIONS_REVOKED,
    EntryKind.INVITATION_BOUNCED: Metric.INVITATIONS_BOUNCED,
    EntryKind.DIGITS_LOCKED: Metric.DIGITS_LOCKED,
    EntryKind.DIGITS_EXHAUSTED: Metric.DIGITS_EXHAUSTED,
    EntryKind.COLLABORATION_STARTED: Metric.COLLABORATIONS_STARTED,
    EntryKind.COLLABORATION_ENDED: Metric.COLLABORATIONS_ENDED,
}


def published(records: Sequence[Mapping[str, Any]], failed: Sequence[str]) -> list[Mapping[str, Any]]:
    """The records that are not delivered again, given the sequence numbers of those that failed.

    Those are all before the first that failed: whoever counts only them counts nothing twice, unless a call dies.
    """
    if not failed:
        return list(records)
    first = min(map(int, failed))
    return [record for record in records if int(record["dynamodb"]["SequenceNumber"]) < first]


def entries(records: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    """The history entries that stream records add.

    Raises:
        ValueError: an item cannot be read.
        KeyError: one is not a record of the table's stream.
    """
    for record in records:
        if isinstance(change := change_of(record), EntryAdded):
            yield change.entry


def measured(history: Iterable[Entry]) -> Iterator[tuple[Metric, float]]:
    """What history entries add to the metrics: counts, and how long each decision took, in seconds."""
    counts: Counter[Metric] = Counter()
    for entry in history:
        if entry.what in _COUNTED:
            counts[_COUNTED[entry.what]] += 1
        if isinstance(invited_at := entry.facts.get("invitedAt"), str):
            yield Metric.TIME_TO_DECISION, (entry.at - datetime.fromisoformat(invited_at)).total_seconds()
    yield from counts.items()


def event_detail(entry: Entry) -> dict[str, object]:
    """The detail of an event: ids, what and when; never an address, a name or a secret."""
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
    """Put the messages of stream records on the bus.

    Returns:
        The sequence numbers of the records that could not be read or that the bus did not take. Lambda delivers again
        from the lowest of them on, so what comes after it is published twice: subscribers tell by an event's `id`.
    """
    failed: list[str] = []
    queue: list[tuple[str, Message]] = []
    for record in records:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            queue += [(sequence, message) for message in messages(record)]
        except UNREADABLE:
            failed.append(sequence)
    rejected = publish_messages(client, bus, [message for _, message in queue])
    return failed + [queue[index][0] for index in rejected]


def publish_messages(client: "EventBridgeClient", bus: str, to_publish: Sequence[Message]) -> list[int]:
    """Put messages on the bus, and give the indexes of those that it did not take."""
    return [
        start + index
        for start in range(0, len(to_publish), _BATCH)
        for index in _put(client, bus, to_publish[start : start + _BATCH])
    ]


def _put(client: "EventBridgeClient", bus: str, batch: Sequence[Message]) -> Iterator[int]:
    answer = client.put_events(
        Entries=[
            {
                "Source": SOURCE,
                "DetailType": message.name,
                "Detail": json.dumps(message.correlated_detail),
                "EventBusName": bus,
            }
            for message in batch
        ]
    )
    for index, result in enumerate(answer["Entries"]):
        if result.get("ErrorCode"):
            yield index
