"""Whom a mail goes to."""

from typing import Self

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.values import Email, EmployeeId, Value

# What the key of an employee begins with, before their id.
_EMPLOYEE = "e-"


class MailRecipient(Value):
    """Whom a mail goes to. `recipient` and `version` name the link of an invitation."""

    key: str
    email: Email
    name: str
    recipient: str | None = None
    version: int | None = None

    @classmethod
    def from_employee(cls, employee_id: EmployeeId, employee: Employee) -> Self:
        """An employee of the office."""
        return cls(key=f"{_EMPLOYEE}{employee_id}", email=employee.email, name=employee.name)

    @classmethod
    def from_office(cls, office: Office) -> Self:
        """The office itself."""
        return cls(key="office", email=office.email, name=office.name)

    @property
    def employee_id(self) -> EmployeeId | None:
        """The employee of the office that it is; None for anybody else."""
        return EmployeeId(self.key.removeprefix(_EMPLOYEE)) if self.key.startswith(_EMPLOYEE) else None
