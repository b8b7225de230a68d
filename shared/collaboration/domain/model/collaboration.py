"""The collaboration: the long-lived relation that an acceptance, an activation or an import starts."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from collaboration.domain.model.catalogue import SetUp, catalogue
from collaboration.domain.model.directory import Employee, Task
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.history import Actor, Subject
from collaboration.domain.model.setup import resolve_setup
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    Delivery,
    Email,
    EmployeeId,
    Kind,
    Moment,
    OfficeId,
    OrganisationNumber,
    Outcome,
    Side,
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


class ListRow(Value):
    """What the list's row copies, so that a list needs one read; it follows the directory.

    `shares_subscription`: another active collaboration rests on the same one; `missing`: what an unlinked one lacks
    before it can be linked.

    `version` counts how often the row was written: who writes an older copy over a newer one is refused. `office_name`
    is not stored, and filled in for whoever shows it.
    """

    customer_name: str | None = None
    account_name: str | None = None
    task_name: str | None = None
    task_owner: EmployeeId | None = None
    owner_name: str | None = None
    account_manager: EmployeeId | None = None
    office_name: str | None = None
    version: int = 0
    shares_subscription: bool = False
    missing: tuple[str, ...] = ()

    def with_task(self, task: Task | None, employees: Mapping[EmployeeId, Employee]) -> Self:
        """The row with the names of a task and its owner; without them for None."""
        owner = employees.get(task.owner) if task else None
        return self.replace(
            task_name=task.name if task else None,
            task_owner=task.owner if task else None,
            owner_name=owner.name if owner else None,
        )


class ScheduledEnd(Value):
    """An end on the start of a day in Sweden, carried out when the run comes. `problem`: why it could not be."""

    on: date
    outcome: Outcome
    by: Actor
    problem: Slug | None = None


class SentMail(Value):
    """A mail of the collaboration to the customer's people, and its delivery."""

    kind: str
    to: Email
    delivery: Delivery = Delivery.QUEUED


class Collaboration(Value):
    """An agreement between an office and a company about a solution; unlinked while it has no task.

    `started_by`: who activated it; `imported_solution`: the one the older program knew; `had_subscription`: the account
    had the subscription before the collaboration; `login_mails`: how often the login instructions were sent again, last
    at `login_mail_at`. `copied` and `mails` are kept beside the rest and do not move the revision.
    """

    agreement: AgreementId
    office_id: OfficeId
    organisation_number: OrganisationNumber
    origin: Origin
    started_at: Moment
    started_by: EmployeeId | None = None
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    solution: str | None = None
    imported_solution: str | None = None
    reference: str | None = None
    state: CollaborationState = CollaborationState.ACTIVE
    task_id: TaskId | None = None
    setup: SetUp = Field(default_factory=SetUp)
    next_setup: SetUp | None = None
    renews_on: date | None = None
    customer_owned: bool = False
    had_subscription: bool = False
    terms_version: str | None = None
    scheduled: ScheduledEnd | None = None
    ended_at: Moment | None = None
    ended_by: Actor | None = None
    outcome: Outcome | None = None
    to_do: tuple[str, ...] = ()
    login_mails: int = 0
    login_mail_at: Moment | None = None
    revision: int = 1
    list_row: ListRow = Field(default_factory=ListRow)
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


def allowed_outcomes(collaboration: Collaboration, side: Side, *, shares_subscription: bool) -> tuple[Outcome, ...]:
    """What may become of the subscription: `nobody-deletes-what-is-not-theirs`."""
    solution = catalogue().solution(collaboration.solution) if collaboration.solution else None
    if collaboration.state is CollaborationState.ENDED:
        return ()
    theirs = collaboration.had_subscription or collaboration.customer_owned
    nothing_to_close = solution is None or collaboration.account_id is None
    if nothing_to_close or shares_subscription or (side is Side.OFFICE and theirs):
        return (Outcome.CONTINUE,)
    return solution.outcomes if solution else ()


def kind_of(collaboration: Collaboration) -> Kind | None:
    """Whether the customer works in it too; None while that is not known."""
    solution = catalogue().solution(collaboration.solution) if collaboration.solution else None
    return solution.kind_of(collaboration.setup.variant) if solution else None


def with_terms(collaboration: Collaboration, subscription: Subscription) -> Collaboration:
    """The collaboration with its copy of the terms of the subscription it rests on; itself when nothing differs."""
    solution = catalogue().solution(subscription.terms.solution)
    terms_copy = {
        "setup": resolve_setup(solution, subscription, SetUp())[0] if solution else subscription.terms.setup(),
        "next_setup": subscription.next_setup,
        "customer_owned": subscription.terms.customer_owned,
    }
    moved = any(getattr(collaboration, name) != value for name, value in terms_copy.items())
    if not moved and collaboration.renews_on == subscription.terms.renews_on:
        return collaboration
    revision = collaboration.revision + 1
    return collaboration.replace(**terms_copy, renews_on=subscription.terms.renews_on, revision=revision)
