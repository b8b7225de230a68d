"""What previewing, inviting and activating have to know."""

from collections.abc import Mapping

from collaboration.domain.contexts.caller import CallerContext
from collaboration.domain.model.accounts import Account, AccountGuard
from collaboration.domain.model.catalogue import GivenSetUp
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import AccountId, CollaborationId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What an employee asks for: a customer, a solution, a task and the set-up.

    `account_id` says which account is meant, where the company has several.
    """

    customer_id: CustomerId
    solution: str
    task_id: TaskId | None
    account_id: AccountId | None
    setup: GivenSetUp


@dataclass(frozen=True, kw_only=True)
class AskContext(CallerContext):
    """What a decision about a customer and a solution has to know, as read at one moment.

    `accounts` are those of the customer's organisation number, `account_guard` that number's guard; `people` the
    employees on the chosen task; `guard` the one of the customer and solution; `contact_is_employee` whether the
    contact person's address is the office's or one of its employees'; `unlinked` the office's unlinked collaborations
    with that number and solution.
    """

    office_id: OfficeId
    office: Office
    customer_id: CustomerId
    customer: Customer
    tasks: Mapping[TaskId, Task]
    guard: Guard | None
    accounts: tuple[Account, ...]
    account_guard: AccountGuard | None
    people: Mapping[EmployeeId, Employee]
    contact_is_employee: bool
    unlinked: tuple[CollaborationId, ...]
