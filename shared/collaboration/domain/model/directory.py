"""The directory: offices and their employees, customers and their tasks, as Practice management feeds them.

The values here are also the bodies of the platform's PUT requests; `id` is the one of the path.
"""

from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import Field, StrictBool, StrictInt

from collaboration.domain.model.values import (
    CompanyType,
    Email,
    EmployeeId,
    Locale,
    Name,
    OptionalName,
    OrganisationNumber,
    Value,
)

MOST_PARTICIPANTS = 500
"""How many participants a task may have."""


class Office(Value):
    """An accounting office. `invitation_days` is how long its invitations live.

    By its number and telephone, where they are known, a customer can check who asks.
    """

    name: Name
    email: Email
    locale: Locale
    invitation_days: Annotated[StrictInt, Field(ge=1, le=60)] = 14
    organisation_number: OrganisationNumber | None = None
    phone: OptionalName | None = None


class Employee(Value):
    """Somebody who works at an office."""

    name: Name
    email: Email
    full_user_rights: StrictBool
    administrator: StrictBool
    active: StrictBool

    @property
    def may_decide(self) -> bool:
        """Whether they may invite, activate, change terms and end: full user rights and administrator, both."""
        return self.active and self.full_user_rights and self.administrator


class Address(Value):
    """A postal address, perhaps incomplete."""

    street: OptionalName = ""
    postal_code: OptionalName = ""
    city: OptionalName = ""


class Contact(Value):
    """The customer's contact person, as far as the office knows them; what is missing is asked for in an activation."""

    name: OptionalName
    email: OptionalName
    phone: OptionalName | None = None
    address: Address | None = None


class Customer(Value):
    """A customer of an office."""

    name: Name
    organisation_number: OrganisationNumber
    company_type: CompanyType
    contact: Contact
    account_manager: EmployeeId | None = None
    active: StrictBool
    locale: Locale


class Task(Value):
    """An assignment at a customer: one owner, any participants."""

    name: Name
    owner: EmployeeId
    participants: Annotated[tuple[EmployeeId, ...], Field(max_length=MOST_PARTICIPANTS)] = ()
    active: StrictBool

    @property
    def people(self) -> tuple[EmployeeId, ...]:
        """Everybody on the task, the owner first, each once."""
        return tuple(dict.fromkeys((self.owner, *self.participants)))


DirectoryValue = TypeVar("DirectoryValue", bound=Office | Employee | Customer | Task)


def is_read_at_office(office: Office, employees: Iterable[Employee], address: str) -> bool:
    """Whether an address, in small letters, is the office's own, or that of an employee who has not left."""
    of_employee = any(employee.active and employee.email.folded == address for employee in employees)
    return of_employee or office.email.folded == address


def task_is_active(task: Task | None, customer: Customer | None) -> bool:
    """Whether a task counts as active: it exists and is active, and so does its customer."""
    return task is not None and task.active and customer is not None and customer.active
