"""Collaborations, for employees: show, edit and end."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictStr, StringConstraints

from collaboration.domain.decisions.editing import Edit
from collaboration.domain.decisions.ending import End
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, Origin, allowed_outcomes
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Day,
    Delivery,
    EmployeeId,
    OrganisationNumber,
    Outcome,
    Side,
    TaskId,
    Timestamp,
    Value,
)
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.history import ActorResponse, HistoryResponse
from collaboration.http.contract.operation import REMINDER_REFUSALS, NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import Flag, PageQuery, SolutionFilter, is_true
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Page, ResponseModel
from collaboration.http.contract.setup import SetUpResponse
from collaboration.http.request import CallerClass
from collaboration.queries.collaborations import CollaborationFilter

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

    on: Day | None = None
    outcome: Outcome
    confirm_solution: StrictStr | None = None
    checklist: Keys = ()

    def end(self) -> End:
        """What the domain is asked."""
        return End(on=self.on, outcome=self.outcome, confirm_solution=self.confirm_solution, checklist=self.checklist)


class CollaborationsQuery(PageQuery):
    """Filters of the list of collaborations, combined with AND."""

    customer_id: CustomerId | None = None
    solution: SolutionFilter | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: Flag | None = None
    ends_before: Day | None = None
    renews_before: Day | None = None
    with_problem: Flag | None = None

    def filter(self) -> CollaborationFilter:
        """The filter that the parameters ask for."""
        return CollaborationFilter(
            customer_id=self.customer_id,
            solution=self.solution,
            task_id=self.task_id,
            task_owner=self.task_owner,
            account_manager=self.account_manager,
            state=self.state,
            linked=is_true(self.linked),
            ends_before=self.ends_before,
            renews_before=self.renews_before,
            with_problem=is_true(self.with_problem),
        )


class CollaborationAction(StrEnum):
    """What can be done with a collaboration."""

    EDIT = "edit"
    LINK = "link"
    UNLINK = "unlink"
    END = "end"
    CANCEL_END = "cancel-end"


class MailResponse(Value):
    """A mail to the customer's people, and its delivery."""

    kind: str
    to: str
    delivery: Delivery


class TaskOwnerResponse(Value):
    """The employee who owns a task; `name` is null until the platform has told it."""

    employee_id: EmployeeId
    name: str | None


class LinkedTaskResponse(Value):
    """The task that a collaboration is linked to; `name` and `owner` are null until the platform has told them."""

    id: TaskId
    name: str | None
    owner: TaskOwnerResponse | None

    @classmethod
    def of(cls, collaboration: Collaboration) -> "LinkedTaskResponse | None":
        """The task of a collaboration; None while it is unlinked."""
        row = collaboration.list_row
        if collaboration.task_id is None:
            return None
        owner = TaskOwnerResponse(employee_id=row.task_owner, name=row.owner_name) if row.task_owner else None
        return cls(id=collaboration.task_id, name=row.task_name, owner=owner)


class ArrangedEndResponse(Value):
    """An end that one side has arranged for the start of a day in Sweden; only that side moves or cancels it."""

    side: Side
    on: date
    outcome: Outcome


class CollaborationResponse(ResponseModel):
    """A collaboration."""

    optional = frozenset({"reference"})

    id: CollaborationId
    customer_id: CustomerId | None
    customer_name: str | None
    task: LinkedTaskResponse | None
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
    arranged_ends: tuple[ArrangedEndResponse, ...]
    end_problem: ProblemResponse | None
    ended_at: Timestamp | None
    ended_by: ActorResponse | None
    outcome: Outcome | None
    outcomes: tuple[Outcome, ...]
    to_do: tuple[str, ...]
    mails: tuple[MailResponse, ...]
    actions: tuple[CollaborationAction, ...]
    revision: int

    @classmethod
    def of(cls, collaboration: Collaboration, caller: Employee, end_problem: ProblemResponse | None = None) -> Self:
        """A collaboration as an employee sees it: its actions are what they may do now."""
        return cls(
            **collaboration_fields(collaboration, Side.OFFICE, end_problem),
            actions=tuple(_employees_actions(collaboration, caller)),
        )


def collaboration_fields(
    collaboration: Collaboration, side: Side, end_problem: ProblemResponse | None
) -> dict[str, Any]:
    """The fields that both sides see; `side` decides which outcomes are allowed."""
    ended, list_row = collaboration.ended_by, collaboration.list_row
    coming = collaboration.next_setup
    return {
        "id": collaboration.id,
        "customer_id": collaboration.customer_id,
        "customer_name": list_row.customer_name,
        "task": LinkedTaskResponse.of(collaboration),
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
        "ends_on": collaboration.ends_on,
        "arranged_ends": tuple(
            ArrangedEndResponse(side=end.by.side, on=end.on, outcome=end.outcome)
            for end in sorted(collaboration.arranged_ends, key=lambda end: end.on)
        ),
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


def _employees_actions(collaboration: Collaboration, caller: Employee) -> Iterator[CollaborationAction]:
    if collaboration.state is CollaborationState.ENDED or not caller.active:
        return
    yield from (CollaborationAction.EDIT, CollaborationAction.LINK)
    if collaboration.linked:
        yield CollaborationAction.UNLINK
    if caller.may_decide:
        yield from ending_actions(collaboration, Side.OFFICE)


def ending_actions(collaboration: Collaboration, side: Side) -> Iterator[CollaborationAction]:
    """What `side` may do about the end of an active collaboration."""
    yield CollaborationAction.END
    if collaboration.arranged_end(side):
        yield CollaborationAction.CANCEL_END


class EndedResponse(Value):
    """A collaboration after an end was decided, and the customer's others that go on, and go on costing."""

    collaboration: CollaborationResponse
    remaining: tuple[CollaborationResponse, ...]


LIST_COLLABORATIONS = Operation(
    name="listCollaborations",
    function="collaborations",
    method="GET",
    path="/collaborations",
    caller=CallerClass.EMPLOYEE,
    summary="The office's collaborations, newest first",
    body=NoBody,
    query=CollaborationsQuery,
    answers={200: Page[CollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_COLLABORATION = Operation(
    name="showCollaboration",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="A collaboration",
    body=NoBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    tagged=True,
)

SHOW_ACCESS = Operation(
    name="showAccess",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/access",
    caller=CallerClass.EMPLOYEE,
    summary="Who may open what through a collaboration, since when, and why",
    body=NoBody,
    query=NoQuery,
    answers={200: Page[AccessResponse]},
)

SHOW_HISTORY = Operation(
    name="showHistory",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/history",
    caller=CallerClass.EMPLOYEE,
    summary="What happened in a collaboration, newest first, its invitation included",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

EDIT = Operation(
    name="editCollaboration",
    function="collaborations",
    method="PATCH",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="Change the task, what is to do, or the set-up; the set-up needs full user rights and administrator, both",
    body=EditBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(
        Slug.COLLABORATION_ENDED,
        Slug.TASK_NOT_SELECTABLE,
        Slug.CUSTOMER_OWNED_SUBSCRIPTION,
        Slug.KIND_DIFFERS,
        Slug.CONFIRMATION_NEEDED,
    ),
    matched=True,
    tagged=True,
)

ENDING = (Slug.COLLABORATION_ENDED, Slug.MAIN_CONTACT_MISSING, Slug.CONFIRMATION_NEEDED)

END = Operation(
    name="endCollaboration",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/end",
    caller=CallerClass.EMPLOYEE,
    summary="End it now, or arrange its end on a day",
    body=EndBody,
    query=NoQuery,
    answers={200: EndedResponse},
    refusals=ENDING,
    decides=True,
    matched=True,
    tagged=True,
)

CANCEL_END = Operation(
    name="cancelEnd",
    function="collaborations",
    method="DELETE",
    path="/collaborations/{collaborationId}/scheduled-end",
    caller=CallerClass.EMPLOYEE,
    summary="Call an arranged end off",
    body=NoBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    decides=True,
    matched=True,
    tagged=True,
)

RESEND_LOGIN = Operation(
    name="resendLogin",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/resend-login",
    caller=CallerClass.EMPLOYEE,
    summary="Send the login instructions of an activation again, while nobody has signed in",
    body=NoBody,
    query=NoQuery,
    answers={202: CollaborationResponse},
    refusals=REMINDER_REFUSALS,
    decides=True,
    tagged=True,
)
