"""TODO domain.contexts.ask."""

from collections.abc import Mapping
from dataclasses import dataclass

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import AccountId, CollaborationId, CustomerId, EmployeeId, OfficeId, Side, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an employee asks for: a customer, a solution, a task and the set-up."""

    customer_id: CustomerId
    solution: str
    task_id: TaskId | None
    account_id: AccountId | None
    setup: SetUp


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContext:
    """What a decision about a customer and a solution has to know, as read at one moment.

    `accounts` are those of the customer's organisation number; `people` the employees on the chosen task;
    `contact_is_employee` whether the contact person's address is one of the office's own; `waiting` the unlinked
    collaborations with that number and solution.
    """

    office_id: OfficeId
    office: Office
    caller_id: EmployeeId
    caller: Employee
    customer_id: CustomerId
    customer: Customer
    tasks: Mapping[TaskId, Task]
    guard: Guard | None
    accounts: tuple[Account, ...]
    people: Mapping[EmployeeId, Employee]
    contact_is_employee: bool
    unlinked: tuple[CollaborationId, ...]


def employee(context: AskContext) -> Actor:
    """The caller, as history names them."""
    return Actor(side=Side.OFFICE, name=context.caller.name, employee_id=context.caller_id)
