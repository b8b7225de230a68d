"""The employee who asks for a decision."""

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import EmployeeId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class CallerContext:
    """The calling employee, as the directory has them now."""

    caller_id: EmployeeId
    caller: Employee

    @property
    def actor(self) -> Actor:
        """The caller, as history entries name them."""
        return Actor.for_employee(self.caller_id, self.caller)
