"""TODO domain.contexts.link."""

from collections.abc import Mapping
from dataclasses import dataclass

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import EmployeeId, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkContext:
    """A collaboration and what linking it has to know: `guard` is the one of the customer and solution chosen."""

    caller_id: EmployeeId
    caller: Employee
    collaboration: Collaboration
    customer: Customer
    tasks: Mapping[TaskId, Task]
    guard: Guard | None
    accounts: tuple[Account, ...]
