"""TODO domain.contexts.access."""

from collections.abc import Mapping
from dataclasses import dataclass

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.values import EmployeeId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext:
    """What access follows from, for one collaboration. What is not there is None.

    `has_customer`: whether the office has a customer with its organisation number at all.
    """

    office: Office | None
    customer: Customer | None
    task: Task | None
    employees: Mapping[EmployeeId, Employee]
    account: Account | None
    has_customer: bool = True
