"""What callers get: the shapes of the contract, made from the values of the domain."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from collaboration.domain import access as domain_access
from collaboration.domain.catalogue import SetUp, SetUpField, Solution
from collaboration.domain.collaboration import Collaboration, CollaborationState, Origin
from collaboration.domain.directory import AccountRecord, Customer, Employee, Office, Task
from collaboration.domain.ending import allowed_outcomes
from collaboration.domain.history import Entry
from collaboration.domain.history import EntryKind
from collaboration.domain.invitation import Action, Choice, Invitation, InvitationState, office_actions
from collaboration.domain.proving import DriftReport
from collaboration.domain.reminding import next_automatic
from collaboration.domain.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Delivery,
    Route,
    EmployeeId,
    InvitationId,
    Kind,
    Locale,
    OfficeId,
    OrganisationNumber,
    Outcome,
    Scenario,
    Side,
    TaskId,
    Timestamp,
    Value,
)

Row = TypeVar("Row", bound=Value)


class ResponseModel(Value):
    """An answer. A field of `optional` is left out when there is nothing to say; any other says null."""

    optional: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_empty_options(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        return {name: value for name, value in fields.items() if value is not None or name not in self.optional}


class Page(Value, Generic[Row]):
    """Part of a list; `next` is the cursor of the next part, null at the end."""

    items: tuple[Row, ...]
    next: str | None = None


class SetUpResponse(ResponseModel):
    """The task and the set-up fields that have a value."""

    optional = frozenset(SetUpField)

    task_id: TaskId | None = None
    variant: str | None = None
    period_months: int | None = None
    invoice_recipient: str | None = None
    sent_invoice_recipient: str | None = None
    received_invoice_recipient: str | None = None
    report_recipient: str | None = None

    @classmethod
    def of(cls, setup: SetUp, task_id: TaskId | None) -> "SetUpResponse":
        """A set-up beside its task."""
        return cls(task_id=task_id, **setup.model_dump())


class ProblemFieldResponse(Value):
    """One field that is wrong."""

    pointer: str
    code: str
    detail: str


class AccountChoiceResponse(Value):
    """One of the accounts to choose from."""

    id: AccountId
    name: str


class ProblemResponse(ResponseModel):
    """Why something was refused (RFC 9457), and the way out."""

    optional = frozenset({"instance", "errors", "actions", "preview", "accounts", "confirm"})

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: tuple[ProblemFieldResponse, ...] | None = None
    actions: tuple[str, ...] | None = None
    accounts: tuple[AccountChoiceResponse, ...] | None = None
    confirm: tuple[str, ...] | None = None
    preview: "PreviewResponse | None" = None


class RowStatus(StrEnum):
    """What became of a row of a batch."""

    CREATED = "created"
    REPLAYED = "replayed"
    REFUSED = "refused"


class PersonResponse(ResponseModel):
    """Somebody who has access."""

    optional = frozenset({"employeeId"})

    name: str
    email: str
    employee_id: EmployeeId | None = None


class ReasonResponse(ResponseModel):
    """Why somebody has access."""

    optional = frozenset({"collaborationId", "taskId"})

    collaboration_id: CollaborationId | None = None
    task_id: TaskId | None = None
    role: domain_access.Role


class AccessResponse(ResponseModel):
    """What one person may open, and why."""

    optional = frozenset({"since"})

    person: PersonResponse
    side: Side
    what: tuple[domain_access.Resource, ...]
    since: Timestamp | None = None
    reasons: tuple[ReasonResponse, ...]

    @classmethod
    def of(cls, access: domain_access.Access) -> "AccessResponse":
        """A grant, or one that is foreseen."""
        return cls.model_validate(access.model_dump())


class SenderResponse(Value):
    """The employee who sent an invitation."""

    employee_id: EmployeeId
    name: str


class RecipientResponse(Value):
    """An administrator who was asked."""

    email: str
    delivery: Delivery
    fetched_at: Timestamp | None


class DecisionResponse(ResponseModel):
    """What was decided."""

    optional = frozenset({"message"})

    decision: Choice
    by: str
    at: Timestamp
    message: str | None = None


class InvitationResponse(ResponseModel):
    """A sent request."""

    optional = frozenset({"message"})

    id: InvitationId
    customer_id: CustomerId
    customer_name: str
    organisation_number: OrganisationNumber
    account_id: AccountId
    solution: str
    scenario: Scenario
    setup: SetUpResponse
    status: InvitationState
    message: str | None = None
    sent_by: SenderResponse
    sent_at: Timestamp
    expires_at: Timestamp
    reminders: int
    next_reminder_at: Timestamp | None
    recipients: tuple[RecipientResponse, ...]
    decision: DecisionResponse | None
    collaboration_id: CollaborationId | None
    actions: tuple[Action, ...]
    revision: int

    @classmethod
    def of(cls, invitation: Invitation, caller: Employee, now: datetime) -> "InvitationResponse":
        """A request as `caller` sees it at `now`: its actions are what they may do now."""
        decision = invitation.decision
        return cls(
            id=invitation.id,
            customer_id=invitation.customer_id,
            customer_name=invitation.customer_name,
            organisation_number=invitation.organisation_number,
            account_id=invitation.account_id,
            solution=invitation.solution,
            scenario=invitation.scenario,
            setup=SetUpResponse.of(invitation.setup, invitation.task_id),
            status=invitation.state_at(now),
            message=invitation.message,
            sent_by=SenderResponse(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            sent_at=invitation.sent_at,
            expires_at=invitation.expires_at,
            reminders=invitation.reminders,
            next_reminder_at=next_automatic(invitation)
            if invitation.state_at(now) is InvitationState.PENDING
            else None,
            recipients=tuple(
                RecipientResponse(email=person.email, delivery=person.delivery, fetched_at=person.fetched_at)
                for person in invitation.recipients.values()
                if not person.gone
            ),
            decision=DecisionResponse(decision=decision.choice, by=decision.by, at=decision.at, message=decision.message)
            if decision
            else None,
            collaboration_id=invitation.collaboration_id,
            actions=office_actions(invitation, now) if caller.may_decide else (),
            revision=invitation.revision,
        )


class ActorResponse(ResponseModel):
    """Who did something."""

    optional = frozenset({"name", "employeeId"})

    side: Side
    name: str | None = None
    employee_id: EmployeeId | None = None


class DifferenceResponse(Value):
    """A field before and after."""

    field: str
    before: str | int | None = Field(alias="from")
    after: str | int | None = Field(alias="to")


class HistoryResponse(ResponseModel):
    """A line of a timeline."""

    optional = frozenset({"changes"})

    id: str
    at: Timestamp
    kind: EntryKind
    by: ActorResponse
    changes: tuple[DifferenceResponse, ...] | None = None

    @classmethod
    def of(cls, entry: Entry) -> "HistoryResponse":
        """An entry as told to those who may read it."""
        changes = tuple(
            DifferenceResponse.model_validate({"field": change.field, "from": change.before, "to": change.after})
            for change in entry.changes
        )
        by = ActorResponse(side=entry.by.side, name=entry.by.name, employee_id=entry.by.employee_id)
        return cls(id=entry.id, at=entry.at, kind=entry.what, by=by, changes=changes or None)


class MailResponse(Value):
    """A mail to the customer's people, and its fate."""

    kind: str
    to: str
    delivery: Delivery


class CollaborationResponse(ResponseModel):
    """A collaboration."""

    optional = frozenset({"reference"})

    id: CollaborationId
    customer_id: CustomerId | None
    customer_name: str | None
    account_id: AccountId | None
    organisation_number: OrganisationNumber
    account_name: str | None
    solution: str | None
    reference: str | None = None
    state: CollaborationState
    linked: bool
    setup: SetUpResponse
    next_setup: SetUpResponse | None
    renews_on: date | None
    customer_owned: bool
    origin: Origin
    started_at: Timestamp
    ends_on: date | None
    end_problem: ProblemResponse | None
    ended_at: Timestamp | None
    ended_by: ActorResponse | None
    outcome: Outcome | None
    outcomes: tuple[Outcome, ...]
    to_do: tuple[str, ...]
    mails: tuple[MailResponse, ...]
    actions: tuple[str, ...]
    revision: int

    @classmethod
    def of(cls, collaboration: Collaboration, caller: Employee, end_problem: ProblemResponse | None = None) -> Self:
        """A collaboration as an employee sees it: its actions are what they may do now."""
        return cls(
            **_collaboration_fields(collaboration, Side.OFFICE, end_problem),
            actions=tuple(_employees_actions(collaboration, caller)),
        )


def _collaboration_fields(collaboration: Collaboration, side: Side, end_problem: ProblemResponse | None) -> dict[str, Any]:
    ended, scheduled, list_row = collaboration.ended_by, collaboration.scheduled, collaboration.list_row
    coming = collaboration.next_setup
    return {
        "id": collaboration.id,
        "customer_id": collaboration.customer_id,
        "customer_name": list_row.customer_name,
        "account_id": collaboration.account_id,
        "organisation_number": collaboration.organisation_number,
        "account_name": list_row.account_name,
        "solution": collaboration.solution,
        "reference": collaboration.reference,
        "state": collaboration.state,
        "linked": collaboration.linked,
        "setup": SetUpResponse.of(collaboration.setup, collaboration.task_id),
        "next_setup": SetUpResponse.of(coming, collaboration.task_id) if coming else None,
        "renews_on": collaboration.renews_on,
        "customer_owned": collaboration.customer_owned,
        "origin": collaboration.origin,
        "started_at": collaboration.started_at,
        "ends_on": scheduled.on if scheduled else None,
        "end_problem": end_problem,
        "ended_at": collaboration.ended_at,
        "ended_by": ActorResponse.model_validate(ended.model_dump()) if ended else None,
        "outcome": collaboration.outcome,
        "outcomes": allowed_outcomes(collaboration, side, shares_subscription=list_row.shares_subscription),
        "to_do": (*collaboration.to_do, *list_row.missing),
        "mails": tuple(
            MailResponse(kind=mail.kind, to=mail.to, delivery=mail.delivery) for mail in collaboration.mails.values()
        ),
        "revision": collaboration.revision,
    }


def _employees_actions(collaboration: Collaboration, caller: Employee) -> Iterator[str]:
    if collaboration.state is CollaborationState.ENDED or not caller.active:
        return
    yield from ("edit", "link")
    if collaboration.linked:
        yield "unlink"
    if caller.may_decide:
        yield from _ending_actions(collaboration, Side.OFFICE)


def _ending_actions(collaboration: Collaboration, side: Side) -> Iterator[str]:
    yield "end"
    if collaboration.scheduled and collaboration.scheduled.by.side is side:
        yield "cancel-end"


class MyCollaborationResponse(CollaborationResponse):
    """A collaboration as an account user sees it: with the office, and what the customer may do now."""

    office_name: str | None

    @classmethod
    def for_user(cls, collaboration: Collaboration, end_problem: ProblemResponse | None) -> Self:
        """A collaboration of one of the user's companies."""
        active = collaboration.state is CollaborationState.ACTIVE
        return cls(
            **_collaboration_fields(collaboration, Side.CUSTOMER, end_problem),
            actions=tuple(_ending_actions(collaboration, Side.CUSTOMER)) if active else (),
            office_name=collaboration.list_row.office_name,
        )


class EndedResponse(Value):
    """A collaboration after an end was decided, and the customer's others that go on, and go on costing."""

    collaboration: CollaborationResponse
    remaining: tuple[CollaborationResponse, ...]


class MyEndedResponse(Value):
    """A collaboration after an end was decided, and the company's others that go on, and go on costing."""

    collaboration: MyCollaborationResponse
    remaining: tuple[MyCollaborationResponse, ...]


class SuggestionResponse(Value):
    """A task that a collaboration may belong to, and why."""

    customer_id: CustomerId
    customer_name: str
    task_id: TaskId
    task_name: str
    solution: str | None
    why: tuple[str, ...]


class EffectResponse(Value):
    """A consequence."""

    kind: str
    text: str


class ForeseenMailResponse(Value):
    """A mail that would be sent."""

    kind: str
    to: str


class TermsResponse(Value):
    """The terms to agree to."""

    version: str
    text: tuple[str, ...]


class WarningResponse(Value):
    """What to look at first."""

    type: str
    detail: str


class PreviewResponse(Value):
    """What would happen, and what is in the way."""

    scenario: Scenario
    door: Route | None
    setup: SetUpResponse
    missing: tuple[str, ...]
    effects: tuple[EffectResponse, ...]
    mails: tuple[ForeseenMailResponse, ...]
    access: tuple[AccessResponse, ...]
    terms: TermsResponse
    warnings: tuple[WarningResponse, ...]
    problems: tuple[ProblemResponse, ...]


class SetUpFieldResponse(Value):
    """A field of the set-up that a solution asks."""

    field: SetUpField
    values: tuple[str | int, ...]
    required: bool


class VariantResponse(Value):
    """A variant of a solution."""

    key: str
    name: dict[Locale, str]
    kind: Kind | None


class SolutionResponse(Value):
    """A solution of the catalogue."""

    key: str
    name: dict[Locale, str]
    kind: Kind | None
    setup: tuple[SetUpFieldResponse, ...]
    variants: tuple[VariantResponse, ...]
    outcomes: tuple[Outcome, ...]
    checklist: tuple[str, ...]

    @classmethod
    def of(cls, solution: Solution) -> "SolutionResponse":
        """A solution as employees see it."""
        return cls(
            key=solution.key,
            name=dict(solution.name),
            kind=solution.kind,
            setup=tuple(
                SetUpFieldResponse(field=field, values=solution.values_of(field), required=field not in solution.defaults)
                for field in solution.setup
            ),
            variants=tuple(
                VariantResponse(key=variant.key, name=dict(variant.name), kind=variant.kind or solution.kind)
                for variant in solution.variants
            ),
            outcomes=solution.outcomes,
            checklist=tuple(item.key for item in solution.checklist),
        )


class DirectoryResponse(Value):
    """What was put comes back as it was put: an option that was left out is left out again."""

    @model_serializer(mode="wrap")
    def _as_put(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        for name in ("contact", "subscriptions"):
            if name in fields:
                fields[name] = _without_nulls(fields[name])
        return {name: value for name, value in fields.items() if value is not None or name == "mainContact"}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, (list, tuple)) else value


class OfficeResponse(DirectoryResponse, Office):
    """An office as it was put."""

    id: OfficeId


class EmployeeResponse(DirectoryResponse, Employee):
    """An employee as they were put."""

    id: EmployeeId


class CustomerResponse(DirectoryResponse, Customer):
    """A customer as it was put."""

    id: CustomerId


class TaskResponse(DirectoryResponse, Task):
    """A task as it was put."""

    id: TaskId


class AccountResponse(DirectoryResponse, AccountRecord):
    """An account as it was put, with the subscriptions that collaborations keep."""

    id: AccountId


class CustomerInFullResponse(CustomerResponse):
    """A customer with everything that is going on."""

    tasks: tuple[TaskResponse, ...]
    invitations: tuple[InvitationResponse, ...]
    collaborations: tuple[CollaborationResponse, ...]


class MassUpdateRowResponse(ResponseModel):
    """What became of a task."""

    optional = frozenset({"problem"})

    customer_id: CustomerId
    task_id: TaskId
    status: str
    problem: ProblemResponse | None = None


class MassUpdateResponse(Value):
    """What became of the tasks of a call; `next` is the cursor of the rest."""

    rows: tuple[MassUpdateRowResponse, ...]
    next: str | None = None


class DriftResponse(Value):
    """A collaboration whose access was not what it should be; since when nobody had looked."""

    collaboration_id: CollaborationId
    grants: int
    since: Timestamp


class DriftReportResponse(Value):
    """What a look over some of an office's collaborations has found, and repaired."""

    office_id: OfficeId
    at: Timestamp
    checked: int
    drifted: tuple[DriftResponse, ...]

    @classmethod
    def of(cls, report: DriftReport) -> "DriftReportResponse":
        """A report."""
        return cls.model_validate(report.model_dump())


class ImportedResponse(ResponseModel):
    """What became of a row of an import."""

    optional = frozenset({"reference", "collaborationId", "problem"})

    reference: str | None = None
    status: str
    collaboration_id: CollaborationId | None = None
    problem: ProblemResponse | None = None


class ImportResponse(Value):
    """What became of every row."""

    rows: tuple[ImportedResponse, ...]


class BatchRowResponse(ResponseModel):
    """What became of a row of a batch."""

    optional = frozenset({"invitation", "problem"})

    key: str | None
    status: RowStatus
    invitation: InvitationResponse | None = None
    problem: ProblemResponse | None = None


class BatchResponse(Value):
    """What became of every row, in the order they were sent."""

    rows: tuple[BatchRowResponse, ...]


class NextResponse(Value):
    """What the holder of a link may do next."""

    text: str
    href: str | None


class AskedAgainResponse(Value):
    """The one answer to whoever asks for a new invitation."""

    next: tuple[NextResponse, ...]

    @classmethod
    def of(cls, words: str) -> "AskedAgainResponse":
        """The answer in words."""
        return cls(next=(NextResponse(text=words, href=None),))


class DecidedResponse(ResponseModel):
    """A request after a decision."""

    optional = frozenset({"collaborationId"})

    status: InvitationState
    collaboration_id: CollaborationId | None = None
    next: tuple[NextResponse, ...]

    @classmethod
    def of(cls, invitation: Invitation, words: str) -> "DecidedResponse":
        """A decided request, and in words what comes next."""
        next_steps = (NextResponse(text=words, href=None),)
        return cls(status=invitation.state, collaboration_id=invitation.collaboration_id, next=next_steps)


class MailEventResponse(Value):
    """Whether the event told something new."""

    kept: bool


class HealthResponse(Value):
    """The service answers."""

    status: str
