"""History: one timeline per agreement, and the names of the events that other systems subscribe to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CustomerId,
    EmployeeId,
    Moment,
    OfficeId,
    Side,
    Value,
)


class EntryKind(StrEnum):
    """The kinds of history entries. Those in `EVENTS` are published on the event bus as well."""

    INVITATION_SENT = "invitation-sent"
    INVITATION_DELIVERED = "invitation-delivered"
    INVITATION_BOUNCED = "invitation-bounced"
    INVITATION_REMINDED = "invitation-reminded"
    INVITATION_RESENT = "invitation-resent"
    INVITATION_ACCEPTED = "invitation-accepted"
    INVITATION_DECLINED = "invitation-declined"
    INVITATION_REVOKED = "invitation-revoked"
    INVITATION_EXPIRED = "invitation-expired"
    DIGITS_LOCKED = "digits-locked"
    DIGITS_EXHAUSTED = "digits-exhausted"
    RECIPIENT_REPORTED = "recipient-reported"
    NEW_INVITATION_ASKED_FOR = "new-invitation-asked-for"
    COLLABORATION_IMPORTED = "collaboration-imported"
    COLLABORATION_STARTED = "collaboration-started"
    COLLABORATION_CHANGED = "collaboration-changed"
    COLLABORATION_LINKED = "collaboration-linked"
    COLLABORATION_UNLINKED = "collaboration-unlinked"
    COLLABORATION_ENDED = "collaboration-ended"
    END_SCHEDULED = "end-scheduled"
    END_CANCELLED = "end-cancelled"
    END_FAILED = "end-failed"
    SUBSCRIPTION_STARTED = "subscription-started"
    SUBSCRIPTION_CHANGED = "subscription-changed"
    SUBSCRIPTION_RENEWED = "subscription-renewed"
    ACCOUNT_CREATED = "account-created"
    LOGIN_RESENT = "login-resent"
    ACCESS_GRANTED = "access-granted"
    ACCESS_REVOKED = "access-revoked"
    MAIL_BOUNCED = "mail-bounced"
    PERSONS_ERASED = "persons-erased"

    @property
    def event(self) -> str | None:
        """The event's name on the bus, such as `InvitationSent`; None when it is not published."""
        return "".join(word.capitalize() for word in self.split("-")) if self in EVENTS else None


EVENTS = frozenset(
    {
        EntryKind.INVITATION_SENT,
        EntryKind.INVITATION_DELIVERED,
        EntryKind.INVITATION_BOUNCED,
        EntryKind.INVITATION_ACCEPTED,
        EntryKind.INVITATION_DECLINED,
        EntryKind.INVITATION_REVOKED,
        EntryKind.INVITATION_EXPIRED,
        EntryKind.COLLABORATION_STARTED,
        EntryKind.COLLABORATION_CHANGED,
        EntryKind.COLLABORATION_LINKED,
        EntryKind.COLLABORATION_UNLINKED,
        EntryKind.COLLABORATION_ENDED,
        EntryKind.ACCESS_GRANTED,
        EntryKind.ACCESS_REVOKED,
        EntryKind.ACCOUNT_CREATED,
        EntryKind.SUBSCRIPTION_STARTED,
        EntryKind.SUBSCRIPTION_CHANGED,
    }
)


# What the office does about its own affairs: the customer's part of a timeline is without it.
OFFICE_ONLY = frozenset(
    {
        EntryKind.COLLABORATION_IMPORTED,
        EntryKind.COLLABORATION_LINKED,
        EntryKind.COLLABORATION_UNLINKED,
        EntryKind.INVITATION_DELIVERED,
        EntryKind.INVITATION_BOUNCED,
        EntryKind.DIGITS_LOCKED,
        EntryKind.DIGITS_EXHAUSTED,
        EntryKind.MAIL_BOUNCED,
    }
)


class Actor(Value):
    """Who did it. The name can be erased later; the side and the employee's id remain."""

    side: Side
    name: str | None = None
    employee_id: EmployeeId | None = None

    @classmethod
    def for_employee(cls, employee_id: EmployeeId, employee: Employee) -> Self:
        """An employee of the office, by their present name."""
        return cls(side=Side.OFFICE, name=employee.name, employee_id=employee_id)


SYSTEM = Actor(side=Side.SYSTEM)


PLATFORM = Actor(side=Side.PLATFORM)


class AffectedPerson(Value):
    """Whose access, or whose arranged end, an entry tells of. The name can be erased later, no other field."""

    side: Side
    name: str | None = None
    employee_id: EmployeeId | None = None


class Difference(Value):
    """A field before and after."""

    field: str
    before: str | int | None
    after: str | int | None


class Subject(Value):
    """What an entry is about, by ids alone."""

    office_id: OfficeId
    agreement: AgreementId
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    solution: str | None = None


class Entry(Value):
    """One entry of a timeline.

    `person`: whose access was granted or revoked, or who arranged the end that failed; `facts`: what the event says
    beside its subject, never an address, a name or a secret.
    """

    id: str
    at: Moment
    what: EntryKind
    by: Actor
    subject: Subject
    person: AffectedPerson | None = None
    changes: tuple[Difference, ...] = ()
    facts: Mapping[str, str | tuple[str, ...]] = {}


def for_customer(entry: Entry) -> Entry | None:
    """An entry as the customer reads it: without the office's tasks. None where it is the office's alone."""
    if entry.what in OFFICE_ONLY:
        return None
    changes = tuple(change for change in entry.changes if change.field not in {"taskId", "toDo"})
    if entry.changes and not changes:
        return None
    return entry.replace(changes=changes)


def history_entries(
    subject: Subject,
    by: Actor,
    at: datetime,
    *happenings: EntryKind | tuple[EntryKind, Mapping[str, str | tuple[str, ...]]],
) -> tuple[Entry, ...]:
    """The entries of one change, in the order in which they happened.

    An id is `<agreement>.<milliseconds>.<index>`: the same when the same change is written again, and different for
    every change of an agreement, since its revision lets only one through at a time.
    """
    entries = []
    for index, happening in enumerate(happenings):
        what, facts = happening if isinstance(happening, tuple) else (happening, {})
        entries.append(
            Entry(id=entry_id(subject.agreement, at, index), at=at, what=what, by=by, subject=subject, facts=facts)
        )
    return tuple(entries)


def entry_id(agreement: AgreementId, at: datetime, index: int) -> str:
    """The id of the entry at `index` among those of one moment."""
    return f"{agreement}.{round(at.timestamp() * 1000):013d}.{index:03d}"


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[Difference]:
    """The fields that differ between two flat values."""
    for field in dict.fromkeys((*before, *after)):
        was, now = before.get(field), after.get(field)
        if was != now:
            yield Difference(field=field, before=_plain(was), after=_plain(now))


def _plain(value: object) -> str | int | None:
    return value if value is None or isinstance(value, (str, int)) else str(value)
