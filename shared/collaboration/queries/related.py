"""What an invitation or a collaboration refers to, loaded in one round trip, or two where the office is large."""

from collections.abc import Iterable, Mapping

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import (
    AgreementId,
    CollaborationId,
    CustomerId,
    Email,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
    TaskId,
)
from collaboration.frozen import dataclass
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys

# The employees of an office are read with the rest where there are fewer than so many; of a larger office only those
# who are concerned, in another round trip.
SMALL_OFFICE = 100


@dataclass(frozen=True, kw_only=True)
class RelatedEntities:
    """The office, the customer, its task and guard, and everything under the organisation number.

    What is not there, or was not asked for, is None. `employees` are those on the task and those who were asked for,
    perhaps others as well. `customers_by_number` are the office's customers with the organisation number; `unlinked`
    all offices' unlinked collaborations with it, by solution, each with its office.
    """

    office: Office | None
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    guard: Guard | None
    accounts: tuple[Account, ...]
    attempt_limit: AttemptLimit
    customers_by_number: tuple[CustomerId, ...]
    unlinked: Mapping[str, tuple[tuple[CollaborationId, OfficeId], ...]]

    def require_office(self) -> Office:
        """The office.

        Raises:
            RefusedError: `not-found`, it is gone.
        """
        if self.office is None:
            raise not_found()
        return self.office


def load_related(
    services: Services,
    *,
    office_id: OfficeId,
    organisation_number: OrganisationNumber,
    customer_id: CustomerId | None,
    task_id: TaskId | None,
    guarded_solution: str | None = None,
    attempts_of: AgreementId | None = None,
    employee_ids: Iterable[EmployeeId] = (),
    address: Email | None = None,
) -> RelatedEntities:
    """The entities related to an invitation or a collaboration, read consistently at about the same moment.

    Args:
        services: the application's services.
        office_id: the office.
        organisation_number: the company's number, under which its accounts are.
        customer_id: the office's customer; None where there is none yet.
        task_id: the task at that customer; None where there is none.
        guarded_solution: the solution whose guard at the customer is wanted; None for no guard.
        attempts_of: the agreement whose wrong digits are wanted; None for none.
        employee_ids: employees who are wanted beside those on the task.
        address: the address whose employees are wanted as well; None for none.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    table, office_key = services.table, keys.office(office_id)
    customer_key = keys.customer(office_id, customer_id) if customer_id else None
    task_key = keys.task(office_id, customer_id, task_id) if customer_id and task_id else None
    guard_key = keys.guard(office_id, customer_id, guarded_solution) if customer_id and guarded_solution else None
    attempts_key = keys.attempts(attempts_of) if attempts_of else None
    wanted = [key for key in (customer_key, task_key, guard_key, attempts_key) if key]
    employees, found, under_number = table.gather(
        lambda: load_small_office(services, office_id),
        lambda: table.get(office_key, *wanted),
        lambda: table.partition(keys.organisation(organisation_number)),
    )
    customer = items.at(Customer, found, customer_key) if customer_key else None
    services.remember_customer_language(customer)
    task = items.at(Task, found, task_key) if task_key else None
    if employees is None:
        people, indexed = task.people if task else (), items.is_indexed(found.values())
        concerned, with_address = table.gather(
            lambda: load_employees(services, office_id, (*people, *employee_ids)),
            lambda: load_employees_with_address(services, office_id, address, indexed=indexed) if address else {},
        )
        employees = {**concerned, **with_address}
    return RelatedEntities(
        office=items.at(Office, found, office_key),
        employees=employees,
        customer=customer,
        task=task,
        guard=items.guard(found[guard_key]) if guard_key in found else None,
        accounts=account_items.accounts(under_number),
        attempt_limit=items.attempt_limit(found.get(attempts_key) if attempts_key else None),
        customers_by_number=items.customers_by_number(under_number, office_id),
        unlinked=items.unlinked_by_solution(under_number),
    )


def load_small_office(services: Services, office_id: OfficeId) -> dict[EmployeeId, Employee] | None:
    """All employees of an office; None where there are `SMALL_OFFICE` or more: who asks then asks for some.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    found, more = services.table.page(keys.office(office_id).pk, prefix=keys.EMPLOYEES, limit=SMALL_OFFICE)
    return items.employees(found) if more is None else None


def load_employees(
    services: Services, office_id: OfficeId, employee_ids: Iterable[EmployeeId]
) -> dict[EmployeeId, Employee]:
    """The employees of an office with these ids, as far as they are there.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    wanted = [keys.employee(office_id, employee_id) for employee_id in employee_ids]
    return items.employees(services.table.get(*wanted).values()) if wanted else {}


def load_employees_with_address(
    services: Services, office_id: OfficeId, address: Email, *, indexed: bool
) -> dict[EmployeeId, Employee]:
    """The employees of an office who have an address, or had it: who asks compares.

    `indexed`: whether each has the index entry of their address (`items.is_indexed`); else they are all read.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    if not indexed:
        return items.employees(services.table.partition(keys.office(office_id).pk, keys.EMPLOYEES))
    entries = services.table.partition(keys.employees_with_address(office_id, address))
    return load_employees(services, office_id, map(items.employee_id_of, entries))
