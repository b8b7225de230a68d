"""A collaboration, as both sides see it."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, Self

from collaboration.domain.model.catalogue import SetUpField
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, Origin, allowed_outcomes
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Delivery,
    EmployeeId,
    OrganisationNumber,
    Outcome,
    Side,
    TaskId,
    Timestamp,
    Value,
)
from collaboration.http.contract.actor import ActorResponse
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Omissible
from collaboration.http.contract.setup import SetUpResponse, setup_fields


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


class CollaborationResponse(Value):
    """A collaboration."""

    id: CollaborationId
    customer_id: CustomerId | None
    customer_name: str | None
    task: LinkedTaskResponse | None
    account_id: AccountId | None
    organisation_number: OrganisationNumber
    account_name: str | None
    solution: str | None
    reference: Omissible[str] = None
    state: CollaborationState
    linked: bool
    setup: SetUpResponse
    next_setup: SetUpResponse | None
    paid_by_another_office: tuple[SetUpField, ...]
    next_paid_by_another_office: tuple[SetUpField, ...] | None
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
        **setup_fields(
            collaboration.setup,
            collaboration.next_setup,
            collaboration.task_id,
            paid_by_another=list_row.paid_by_another,
            next_paid_by_another=list_row.next_paid_by_another,
        ),
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
