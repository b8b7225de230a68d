"""What decisions about an invitation and about a collaboration have to know alike."""

from collections.abc import Iterator, Mapping

from collaboration.domain.model.access import Access, access_of_office
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.directory import Customer, Employee, Office, Task, task_is_active
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import EmployeeId, Locale, TaskId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class AgreementContext:
    """The entities around an agreement, as they are now. What does not exist (any more) is None."""

    office: Office
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    account: Account | None

    @property
    def has_active_task(self) -> bool:
        """Whether the task counts as active: it and its customer exist and are active."""
        return task_is_active(self.task, self.customer)

    @property
    def customer_locale(self) -> Locale:
        """The language of mails to the customer's people; the office's where the customer is gone."""
        return self.customer.locale if self.customer else self.office.locale

    def office_access(self, task_id: TaskId | None) -> tuple[Access, ...]:
        """What the employees may open through the task, when the agreement is linked to it."""
        return tuple(access_of_office(task_id, self.task, self.customer, self.employees))

    def employees_with_access(self, task_id: TaskId | None) -> tuple[str, ...]:
        """The names of the employees who have access through the task, when the agreement is linked to it."""
        return tuple(access.person.name for access in self.office_access(task_id))

    def active_recipients(self, *employee_ids: EmployeeId | None) -> Iterator[MailRecipient]:
        """The active employees among `employee_ids`, each once; the office itself when there is none."""
        found = False
        for employee_id in dict.fromkeys(employee_ids):
            employee = self.employees.get(employee_id) if employee_id else None
            if employee_id and employee is not None and employee.active:
                found = True
                yield MailRecipient.from_employee(employee_id, employee)
        if not found:
            yield MailRecipient.from_office(self.office)
