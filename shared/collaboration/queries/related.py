"""What an invitation or a collaboration refers to, loaded in one round trip."""

from collections.abc import Mapping

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import (
    AgreementId,
    CustomerId,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
    TaskId,
)
from collaboration.frozen import dataclass
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys


@dataclass(frozen=True, kw_only=True)
class RelatedEntities:
    """The office and its employees, the customer, its task and guard, and everything under the organisation number.

    What is not there, or was not asked for, is None. `customers_by_number` are the office's customers with the
    organisation number.
    """

    office: Office | None
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    guard: Guard | None
    accounts: tuple[Account, ...]
    attempt_limit: AttemptLimit
    customers_by_number: tuple[CustomerId, ...]

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

    Raises:
        TableUnavailableError: the table does not answer.
    """
    table = services.table
    customer_key = keys.customer(office_id, customer_id) if customer_id else None
    task_key = keys.task(office_id, customer_id, task_id) if customer_id and task_id else None
    guard_key = keys.guard(office_id, customer_id, guarded_solution) if customer_id and guarded_solution else None
    attempts_key = keys.attempts(attempts_of) if attempts_of else None
    wanted = [key for key in (customer_key, task_key, guard_key, attempts_key) if key]
    in_office, found, under_number = table.gather(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.get(*wanted) if wanted else {},
        lambda: table.partition(keys.organisation(organisation_number)),
    )
    customer = items.at(Customer, found, customer_key) if customer_key else None
    services.remember_customer_language(customer)
    return RelatedEntities(
        office=items.find_office(in_office),
        employees=items.employees(in_office),
        customer=customer,
        task=items.at(Task, found, task_key) if task_key else None,
        guard=items.guard(found[guard_key]) if guard_key in found else None,
        accounts=account_items.accounts(under_number),
        attempt_limit=items.attempt_limit(found.get(attempts_key) if attempts_key else None),
        customers_by_number=items.customers_by_number(under_number, office_id),
    )
