"""The collaboration: the long-lived relation that an acceptance, an activation or an import starts."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field

from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
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
    Locale,
    Moment,
    OfficeId,
    OrganisationNumber,
    Outcome,
    Side,
    TaskId,
    Value,
)


class CollaborationState(StrEnum):
    """Whether the collaboration goes on."""

    ACTIVE = "active"
    ENDED = "ended"


class Origin(StrEnum):
    """How the collaboration started."""

    INVITATION = "invitation"
    ACTIVATION = "activation"
    IMPORT = "import"


class ListRow(Value):
    """Copies of directory values, so that a list needs one read; they follow the directory.

    `shares_subscription`: another active collaboration rests on the same subscription, as far as the access service
    has come: in the seconds until an import rests there, `outcomes` may name more than an end is let through with,
    which asks the account itself. `missing`: what an unlinked one lacks before it can be linked. `paid_by_another`: the
    invoice recipients that are the office and mean another office; `next_paid_by_another`: the same from the next
    renewal on.

    `version` counts how often the row was written: who writes an older copy over a newer one is refused. `office_name`
    and `customer_locale` are not stored, and filled in for whoever shows them.
    """

    customer_name: str | None = None
    account_name: str | None = None
    task_name: str | None = None
    task_owner: EmployeeId | None = None
    owner_name: str | None = None
    account_manager: EmployeeId | None = None
    office_name: str | None = None
    customer_locale: Locale | None = None
    version: int = 0
    shares_subscription: bool = False
    missing: tuple[str, ...] = ()
    paid_by_another: tuple[SetUpField, ...] = ()
    next_paid_by_another: tuple[SetUpField, ...] = ()

    def with_payers(self, subscription: Subscription | None, office_id: OfficeId) -> Self:
        """The row with who pays for a subscription, as the office sees it; nobody else for None."""
        if subscription is None or not subscription.is_there:
            return self.replace(paid_by_another=(), next_paid_by_another=())
        now = subscription.paid_by_another(office_id) & subscription.terms.setup().paid_by_office()
        coming = subscription.next_paid_by_another(office_id) & subscription.coming_setup.paid_by_office()
        return self.replace(paid_by_another=tuple(sorted(now)), next_paid_by_another=tuple(sorted(coming)))

    def with_task(self, task: Task | None, employees: Mapping[EmployeeId, Employee]) -> Self:
        """The row with the names of a task and its owner; without them for None."""
        owner = employees.get(task.owner) if task else None
        return self.replace(
            task_name=task.name if task else None,
            task_owner=task.owner if task else None,
            owner_name=owner.name if owner else None,
        )


class ArrangedEnd(Value):
    """An end that one side has arranged for the start of a day in Sweden: `each-side-its-own-end`.

    `problem`: why it could not be carried out on that day; such an end is not tried again.
    """

    on: date
    outcome: Outcome
    by: Actor
    problem: Slug | None = None

    def as_fields(self) -> dict[str, object]:
        """The fields whose changes are history, by their names in JSON."""
        return {"endsOn": self.on, "outcome": self.outcome}


class SentMail(Value):
    """A mail of the collaboration to the customer's people, and its delivery."""

    kind: str
    to: Email
    delivery: Delivery = Delivery.QUEUED


class Collaboration(Value):
    """An agreement between an office and a company about a solution; unlinked while it has no task.

    `started_by`: who activated it; `imported_solution`: the one the older program knew; `had_subscription`: the account
    had the subscription before the collaboration; `login_mails`: how often the login instructions were sent again, last
    at `login_mail_at`. `list_row` and `mails` are stored apart from the rest and do not move the revision.
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
    arranged_ends: tuple[ArrangedEnd, ...] = ()
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

    def arranged_end(self, side: Side) -> ArrangedEnd | None:
        """The end that `side` has arranged, if it has."""
        return next((end for end in self.arranged_ends if end.by.side is side), None)

    @property
    def next_end(self) -> ArrangedEnd | None:
        """The arranged end that comes first, among those that have not failed."""
        return min((end for end in self.arranged_ends if end.problem is None), key=lambda end: end.on, default=None)

    @property
    def has_problem(self) -> bool:
        """Whether an arranged end could not be carried out."""
        return any(end.problem for end in self.arranged_ends)

    @property
    def ends_on(self) -> date | None:
        """The day of the next arranged end; of one that has failed, where there is no other."""
        following = self.next_end or min(self.arranged_ends, key=lambda end: end.on, default=None)
        return following.on if following else None

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
    imported = collaboration.origin is Origin.IMPORT
    theirs = collaboration.had_subscription or collaboration.customer_owned or imported
    nothing_to_close = solution is None or collaboration.account_id is None
    if nothing_to_close or shares_subscription or (side is Side.OFFICE and theirs):
        return (Outcome.CONTINUE,)
    return solution.outcomes if solution else ()


def kind_of(collaboration: Collaboration) -> Kind | None:
    """Whether the customer works in it too; None while that is not known."""
    solution = catalogue().solution(collaboration.solution) if collaboration.solution else None
    return solution.kind_of(collaboration.setup.variant) if solution else None


def main_contact_hint(side: Side) -> str | None:
    """How `side` is told that the account has no main contact: the company chooses one, and the office asks it to."""
    return "own" if side is Side.CUSTOMER else None


def with_terms(collaboration: Collaboration, subscription: Subscription) -> Collaboration:
    """The collaboration with its copy of the terms of the subscription it rests on; itself when nothing differs."""
    copied = copied_terms(subscription)
    if all(getattr(collaboration, name) == value for name, value in copied.items()):
        return collaboration
    return collaboration.replace(**copied, revision=collaboration.revision + 1)


def missing_unlinked(*, has_account: bool = True, has_customer: bool = True) -> tuple[str, ...]:
    """What an unlinked one lacks before it can be linked: a task in any case.

    Args:
        has_account: whether it is with an account of the register.
        has_customer: whether the office has a customer with its organisation number.
    """
    found = {"account-missing": has_account, "customer-missing": has_customer, "task-missing": False}
    return tuple(name for name, is_there in found.items() if not is_there)


def account_of(collaboration: Collaboration, accounts: Iterable[Account]) -> Account | None:
    """The account that a collaboration belongs to: `import-belongs-to-only-account`.

    Of an unlinked import that is the only one with its organisation number, where there is exactly one.

    Args:
        collaboration: the collaboration.
        accounts: all accounts with its organisation number.
    """
    return choose_account(accounts, collaboration.account_id if binds_account(collaboration) else None)


def binds_account(collaboration: Collaboration) -> bool:
    """Whether its account was chosen: by approval, activation or linking. An unlinked import follows its number.

    One with an arranged end that has not failed stays with its account's solution, so that the company sees what
    ends. Where the solution is not known there is none to stay with.
    """
    rests = collaboration.account_id is not None and collaboration.solution is not None
    return not is_unlinked_import(collaboration) or (rests and collaboration.next_end is not None)


def is_unlinked_import(collaboration: Collaboration) -> bool:
    """Whether nobody has approved it, activated it or linked it."""
    return collaboration.origin is Origin.IMPORT and not collaboration.linked


def copied_terms(subscription: Subscription) -> dict[str, object]:
    """What a collaboration copies of the subscription it rests on, by field; nothing where there is none."""
    if not subscription.is_there:
        return {}
    coming = subscription.next_setup
    return {
        "setup": _with_defaults(subscription, subscription.terms.setup()),
        # What nobody has said is the same after the renewal as before it.
        "next_setup": _with_defaults(subscription, coming) if coming is not None else None,
        # What is closed renews no more.
        "renews_on": subscription.terms.renews_on if subscription.is_open else None,
        "customer_owned": subscription.terms.customer_owned,
    }


def _with_defaults(subscription: Subscription, setup: SetUp) -> SetUp:
    """What holds where `setup` does: what it leaves out is as the catalogue has it."""
    solution = catalogue().solution(subscription.terms.solution)
    if solution is None:
        return setup
    return resolve_setup(solution, subscription.replace(terms=subscription.terms.replace(**dict(setup))), SetUp())[0]
