"""Everything that can be refused: one slug per reason, each with its HTTP status at the edge.

    RefusedError           an operation that did not happen, and nothing changed
      .fault    Fault      the reason that names the answer
        .fields FieldFault every field that is wrong, whatever the reason

Nobody branches on texts: a slug and its parameters are all a fault holds, the wording is the edge's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from collaboration.domain.model.catalogue import Named
from collaboration.frozen import dataclass


class Slug(StrEnum):
    """The reasons, by the names that callers may rely on."""

    MALFORMED_REQUEST = "malformed-request"
    VALIDATION_FAILED = "validation-failed"
    UNAUTHENTICATED = "unauthenticated"
    NOT_ALLOWED = "not-allowed"
    NOT_FOUND = "not-found"
    CUSTOMER_MUST_APPROVE = "customer-must-approve"
    CUSTOMER_NOT_REGISTERED = "customer-not-registered"
    APPROVAL_NOT_NEEDED = "approval-not-needed"
    SITUATION_CHANGED = "situation-changed"
    ALREADY_INVITED = "already-invited"
    ALREADY_COLLABORATING = "already-collaborating"
    ACCOUNT_AMBIGUOUS = "account-ambiguous"
    NO_ACTIVE_TASK = "no-active-task"
    TASK_NOT_SELECTABLE = "task-not-selectable"
    CONTACT_INCOMPLETE = "contact-incomplete"
    CONTACT_IS_EMPLOYEE = "contact-is-employee"
    NO_ADMINISTRATOR = "no-administrator"
    MAIN_CONTACT_MISSING = "main-contact-missing"
    CUSTOMER_OWNED_SUBSCRIPTION = "customer-owned-subscription"
    KIND_DIFFERS = "kind-differs"
    TERMS_OUTDATED = "terms-outdated"
    INVITATION_EXPIRED = "invitation-expired"
    INVITATION_REVOKED = "invitation-revoked"
    INVITATION_DECLINED = "invitation-declined"
    INVITATION_ACCEPTED = "invitation-accepted"
    ORGANISATION_NUMBER_MISMATCH = "organisation-number-mismatch"
    DIGITS_EXHAUSTED = "digits-exhausted"
    REMINDER_TOO_SOON = "reminder-too-soon"
    NO_REMINDERS_LEFT = "no-reminders-left"
    CONFIRMATION_NEEDED = "confirmation-needed"
    COMPANY_TYPE_LOCKED = "company-type-locked"
    COLLABORATION_ENDED = "collaboration-ended"
    IN_USE = "in-use"
    IDEMPOTENCY_KEY_MISSING = "idempotency-key-missing"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    IF_MATCH_MISSING = "if-match-missing"
    REVISION_CONFLICT = "revision-conflict"
    PAYLOAD_TOO_LARGE = "payload-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    TOO_MANY_REQUESTS = "too-many-requests"
    TEMPORARILY_UNAVAILABLE = "temporarily-unavailable"


class Code(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NOT_ASKED = "not-asked"
    INHERITED = "inherited"
    NOT_AVAILABLE = "not-available"


@dataclass(frozen=True)
class FieldFault:
    """One field that is wrong. `hint` picks a wording more exact than the code's own, where there is one."""

    pointer: str
    code: Code
    hint: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Why something was refused, and the way out.

    `hint` picks a wording more exact than the slug's own; `location` is the resource that stands in the way, relative
    to the API's root; `accounts` are the ids and names to choose from; `retry_at` is when to try again; `actions` are
    what may be done instead; `confirm` are the keys that must be confirmed, `named` what they stand for in words;
    `tries_left` is how many wrong tries there still are.
    """

    slug: Slug
    fields: tuple[FieldFault, ...] = ()
    hint: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None
    accounts: tuple[tuple[str, str], ...] = ()
    retry_at: datetime | None = None
    actions: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()
    tries_left: int | None = None


class RefusedError(Exception):
    """An operation that was refused: nothing has changed. `preview` is what the caller should be shown instead."""

    def __init__(self, fault: Fault, *, preview: object = None) -> None:
        super().__init__(fault.slug)
        self.fault = fault
        self.preview = preview


class UnreadableError(RefusedError):
    """What a decision rests on is stored in a form that cannot be read: nothing is decided until it is put anew.

    Args:
        what: the kind of thing, in lower case: `account`, `subscription`, `customer`, `task`, ...
    """

    # What the platform puts, and so can put anew.
    _FED = frozenset({"account", "subscription", "customer", "task"})

    def __init__(self, what: str) -> None:
        hint = f"unreadable.{what}" if what in self._FED else "unreadable"
        super().__init__(Fault(Slug.TEMPORARILY_UNAVAILABLE, hint=hint))
        self.what = what


def refused(slug: Slug, *fields: FieldFault, hint: str | None = None, location: str | None = None) -> RefusedError:
    """A refusal with a single reason."""
    return RefusedError(Fault(slug, fields=fields, hint=hint, location=location))


def first_of(faults: Iterable[Fault]) -> Fault | None:
    """The fault that names the answer, holding the fields of all: the first in the order of `ORDER`."""
    found = sorted(faults, key=lambda fault: ORDER.index(fault.slug) if fault.slug in ORDER else -1)
    if not found:
        return None
    return replace(found[0], fields=tuple(field for fault in found for field in fault.fields))


# When several reasons apply, the first of these names the answer. Missing set-up is a `validation-failed` of its own,
# later than the one of fields that cannot be read at all, which stops everything before any of these is looked at.
ORDER = (
    Slug.NOT_ALLOWED,
    Slug.NOT_FOUND,
    Slug.ALREADY_INVITED,
    Slug.ALREADY_COLLABORATING,
    Slug.ACCOUNT_AMBIGUOUS,
    Slug.SITUATION_CHANGED,
    Slug.CUSTOMER_MUST_APPROVE,
    Slug.CUSTOMER_NOT_REGISTERED,
    Slug.APPROVAL_NOT_NEEDED,
    Slug.NO_ACTIVE_TASK,
    Slug.TASK_NOT_SELECTABLE,
    Slug.CONTACT_INCOMPLETE,
    Slug.CONTACT_IS_EMPLOYEE,
    Slug.NO_ADMINISTRATOR,
    Slug.VALIDATION_FAILED,
    Slug.TERMS_OUTDATED,
    Slug.CUSTOMER_OWNED_SUBSCRIPTION,
    Slug.MAIN_CONTACT_MISSING,
    Slug.CONFIRMATION_NEEDED,
)
