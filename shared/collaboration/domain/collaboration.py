"""The collaboration: the long-lived relation that an acceptance, an activation or an import starts."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from collaboration.domain.catalogue import SetUp
from collaboration.domain.history import Actor, Subject
from collaboration.domain.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    Delivery,
    Email,
    EmployeeId,
    Moment,
    OfficeId,
    OrganisationNumber,
    Outcome,
    TaskId,
    Value,
)


class CollaborationState(StrEnum):
    """Whether it goes on."""

    ACTIVE = "active"
    ENDED = "ended"


class Origin(StrEnum):
    """How it started."""

    INVITATION = "invitation"
    ACTIVATION = "activation"
    IMPORT = "import"


class Copied(Value):
    """Names kept in the list's row, so that a list needs one read; they follow the directory."""

    customer_name: str | None = None
    account_name: str | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None


class SentMail(Value):
    """A mail of the collaboration to the customer's people, and its fate."""

    kind: str
    to: Email
    delivery: Delivery = Delivery.QUEUED


class Collaboration(Value):
    """An agreement between an office and a company about a solution; unlinked while it has no task.

    `had_subscription`: the account had the subscription before the collaboration. `copied` and `mails` are kept
    beside the rest and do not move the revision.
    """

    agreement: AgreementId
    office_id: OfficeId
    organisation_number: OrganisationNumber
    origin: Origin
    started_at: Moment
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    solution: str | None = None
    reference: str | None = None
    state: CollaborationState = CollaborationState.ACTIVE
    task_id: TaskId | None = None
    setup: SetUp = Field(default_factory=SetUp)
    next_setup: SetUp | None = None
    renews_on: date | None = None
    customer_owned: bool = False
    had_subscription: bool = False
    terms_version: str | None = None
    ends_on: date | None = None
    ended_at: Moment | None = None
    ended_by: Actor | None = None
    outcome: Outcome | None = None
    to_do: tuple[str, ...] = ()
    revision: int = 1
    copied: Copied = Field(default_factory=Copied)
    mails: Mapping[str, SentMail] = {}

    @property
    def id(self) -> CollaborationId:
        """Its public id."""
        return CollaborationId.of(self.agreement)

    @property
    def linked(self) -> bool:
        """Whether it has a task."""
        return self.task_id is not None

    @property
    def subject(self) -> Subject:
        """What its history entries are about."""
        return Subject(
            office_id=self.office_id,
            agreement=self.agreement,
            customer_id=self.customer_id,
            account_id=self.account_id,
            solution=self.solution,
        )
