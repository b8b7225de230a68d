"""What linking a collaboration has to know."""

from collections.abc import Mapping

from collaboration.domain.contexts.caller import CallerContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import EmployeeId, TaskId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class LinkContext(CallerContext):
    """A collaboration, and the customer it is to be linked to.

    `tasks` are the customer's; `employees` the office's; `guard` is the one of the customer and solution chosen;
    `accounts` are those of the collaboration's organisation number.
    """

    collaboration: Collaboration
    customer: Customer
    tasks: Mapping[TaskId, Task]
    employees: Mapping[EmployeeId, Employee]
    guard: Guard | None
    accounts: tuple[Account, ...]
