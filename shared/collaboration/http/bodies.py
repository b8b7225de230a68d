"""What callers send: bodies and query parameters, parsed once."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictStr, StringConstraints

from collaboration.domain.catalogue import SetUp
from collaboration.domain.collaboration import CollaborationState
from collaboration.domain.editing import Edit
from collaboration.domain.ending import End
from collaboration.domain.invitation import Choice, InvitationState
from collaboration.domain.linking import Link
from collaboration.domain.preview import Consent, Proposal
from collaboration.domain.reassigning import MassUpdate
from collaboration.domain.values import (
    AccountId,
    CustomerId,
    EmployeeId,
    Message,
    Moment,
    Name,
    OrganisationNumber,
    Outcome,
    Scenario,
    TaskId,
    Value,
)


class NoBody(Value):
    """Nothing is sent."""


class ProposalBody(SetUp):
    """A customer, a solution, a task and the set-up that the solution asks."""

    customer_id: CustomerId
    solution: StrictStr
    task_id: TaskId | None = None
    account_id: AccountId | None = None

    def proposal(self) -> Proposal:
        """What the domain is asked."""
        return Proposal(
            customer_id=self.customer_id,
            solution=self.solution,
            task_id=self.task_id,
            account_id=self.account_id,
            setup=SetUp(**{name: getattr(self, name) for name in SetUp.model_fields}),
        )


class ActivationBody(ProposalBody):
    """An ask, with the situation and the terms that the caller was shown."""

    scenario: Scenario
    terms_version: StrictStr

    def consent(self) -> Consent:
        """What the caller agreed to."""
        return Consent(self.scenario, self.terms_version)


class InvitationBody(ActivationBody):
    """An ask, what the caller agreed to, and perhaps a message to the customer."""

    message: Message | None = None


class BatchBody(Value):
    """Up to 50 invitations, each judged on its own, each with a `key` of its own."""

    rows: Annotated[tuple[dict[str, object], ...], Field(min_length=1, max_length=50)]


class MyDecisionBody(Value):
    """What an account user decides; being signed in proves who they are."""

    decision: Choice
    message: Message | None = None


Keys = Annotated[tuple[Annotated[str, StringConstraints(max_length=100)], ...], Field(max_length=20)]


class EditBody(SetUp):
    """What is to change; what is left out stays. `confirm` names what may be lost, `toDoDone` what has been done."""

    task_id: TaskId | None = None
    to_do_done: Keys = ()
    confirm: Keys = ()

    def edit(self) -> Edit:
        """What the domain is asked."""
        return Edit(
            task_id=self.task_id,
            setup=SetUp(**{name: getattr(self, name) for name in SetUp.model_fields}),
            to_do_done=self.to_do_done,
            confirm=self.confirm,
        )


class EndBody(Value):
    """How it is to end: now, or on the start of a day in Sweden. What cannot be undone names the solution's key."""

    on: date | None = None
    outcome: Outcome
    confirm_solution: StrictStr | None = None
    checklist: Keys = ()

    def end(self) -> End:
        """What the domain is asked."""
        return End(on=self.on, outcome=self.outcome, confirm_solution=self.confirm_solution, checklist=self.checklist)


class LinkBody(Value):
    """The customer, the task and the solution to link to; the account where the company has several."""

    customer_id: CustomerId
    task_id: TaskId
    solution: StrictStr
    account_id: AccountId | None = None

    def link(self) -> Link:
        """What the domain is asked."""
        return Link(
            customer_id=self.customer_id,
            task_id=self.task_id,
            solution=self.solution,
            account_id=self.account_id,
        )


class DecisionBody(Value):
    """What the holder of a link decides. The digits prove that a person who knows the company decides."""

    decision: Choice
    organisation_number_ending: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] | None = None
    message: Message | None = None


class ImportRow(Value):
    """A collaboration of the older program."""

    organisation_number: OrganisationNumber
    solution: StrictStr | None = None
    reference: Name


class ImportBody(Value):
    """Up to 200 rows, each judged on its own."""

    rows: Annotated[tuple[dict[str, object], ...], Field(min_length=1, max_length=200)]


class MailEventBody(Value):
    """An SES event as EventBridge delivers it. What is not needed may be there, and is left alone."""

    model_config = ConfigDict(extra="ignore")

    detail: dict[str, Any]


class OwnerChange(Value):
    """From whom to whom; JSON's `from` is a word of Python's."""

    before: EmployeeId = Field(alias="from")
    after: EmployeeId = Field(alias="to")


People = Annotated[tuple[EmployeeId, ...], Field(max_length=100)]


class MassUpdateBody(Value):
    """What happens to the tasks of the office, or of some of its customers. Something has to."""

    customer_ids: Annotated[tuple[CustomerId, ...], Field(min_length=1, max_length=1000)] | None = None
    owner: OwnerChange | None = None
    add_participants: People = ()
    remove_participants: People = ()
    cursor: Annotated[str, StringConstraints(max_length=1000)] | None = None

    def reassign(self) -> MassUpdate:
        """What the domain is asked."""
        return MassUpdate(
            owner=(self.owner.before, self.owner.after) if self.owner else None,
            add=self.add_participants,
            remove=self.remove_participants,
        )


Limit = Annotated[int, Field(ge=1, le=100)]
Cursor = Annotated[str, StringConstraints(max_length=1000)]


class NoQuery(Value):
    """No query parameters."""


class PageQuery(Value):
    """Which part of a list."""

    limit: Limit = 25
    cursor: Cursor | None = None


class ReportsQuery(PageQuery):
    """Which nightly work to report of."""

    kind: Literal["drift", "erasure"]


class CustomersQuery(PageQuery):
    """Part of a customer's name, in any case."""

    query: Annotated[str, StringConstraints(max_length=200)] = ""


class InvitationsQuery(PageQuery):
    """Filters of *Sent requests*, combined with AND."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: str | None = None
    sent_by: EmployeeId | None = None
    expiring_before: Moment | None = None


class CollaborationsQuery(PageQuery):
    """Filters of the list of collaborations, combined with AND."""

    customer_id: CustomerId | None = None
    solution: str | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: Literal["true", "false"] | None = None


class LanguageQuery(Value):
    """The language of a page."""

    lang: Literal["sv", "en"] | None = None
