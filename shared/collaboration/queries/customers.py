"""TODO queries.customers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import CustomerId, TaskId
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services, active, not_found
from collaboration.storage import items, keys


def list_customers(
    services: Services, caller: Caller, query: str, page: PageRequest
) -> Listed[tuple[CustomerId, Customer]]:
    """The office's customers by name.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    part = query.casefold()

    def read(item: items.Item, _: items.Item | None) -> tuple[CustomerId, Customer]:
        return CustomerId(items.string(item, "pk").rpartition("#")[2]), items.parsed(Customer, item)

    return list_page(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#CUSTOMERS",
        part,
        read,
        lambda row: part in row[1].name.casefold(),
        lambda sort_key: keys.customer(caller.office_id, CustomerId(sort_key.rpartition("#")[2])),
        filtered=bool(part),
        newest_first=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInFull:
    """A customer with what is going on there."""

    customer: Customer
    tasks: Mapping[TaskId, Task]
    invitations: tuple[Invitation, ...]
    collaborations: tuple[Collaboration, ...]
    caller: Employee
    now: datetime


def show_customer(services: Services, caller: Caller, customer_id: CustomerId) -> CustomerInFull:
    """A customer of the office.

    Raises:
        Refused: the caller is nobody here, or the customer is not the office's.
    """
    now = services.clock()
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found, at_customer = services.table.gather(
        lambda: services.table.get(at_caller),
        lambda: services.table.partition(keys.customer(caller.office_id, customer_id).pk),
    )
    employee = active(items.at(Employee, found, at_caller))
    customer = items.find_one(Customer, at_customer, "CUSTOMER")
    if customer is None:
        raise not_found()
    live = [*_live(items.guards(at_customer).values(), now)]
    agreements = services.table.get(*live)
    return CustomerInFull(
        customer=customer,
        tasks=items.tasks(at_customer),
        invitations=tuple(items.invitations(agreements)),
        collaborations=tuple(items.collaborations(agreements)),
        caller=employee,
        now=now,
    )


def _live(guards: Iterable[Guard], now: datetime) -> Iterator[keys.Key]:
    for guard in guards:
        if not guard.holds(now):
            continue
        if guard.invitation and (agreement := guard.invitation.agreement):
            yield from keys.invitation_keys(agreement)
        elif guard.collaboration and (agreement := guard.collaboration.agreement):
            yield from keys.collaboration_keys(agreement)
