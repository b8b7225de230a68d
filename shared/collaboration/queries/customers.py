"""Customers as employees of the office read them: by name, and one with everything that goes on there."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice

from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import CustomerId, EmployeeId, TaskId, folded
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_caller
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services, not_found
from collaboration.storage import items, keys, lists

MOST_TASKS = 1000

# Participants over all tasks of an answer: with the longest ids a quarter of what a Lambda function may answer, 6 MB.
MOST_NAMED = 20_000


def list_customers(
    services: Services, caller: Caller, query: str, page: PageRequest
) -> Listed[tuple[CustomerId, Customer]]:
    """The office's customers by name. `query`: part of the name, without case and accents.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            list.
        TableUnavailableError: the table does not answer.
    """
    part = folded(query)

    def read(item: items.Item, _: items.Item | None) -> tuple[CustomerId, Customer]:
        return items.customer_id_of(item), items.parsed(Customer, item)

    return list_page(
        services,
        caller,
        page,
        lists.customers_of(caller.office_id),
        part,
        read,
        lambda row: part in folded(row[1].name),
        filtered=bool(part),
        newest_first=False,
    )


@dataclass(frozen=True)
class ShownTask:
    """A task, and those of its participants that an answer has room for."""

    task: Task
    participants: tuple[EmployeeId, ...]


@dataclass(frozen=True, kw_only=True)
class CustomerInFull:
    """A customer with what is going on there.

    Of its tasks `MOST_TASKS` at most, those that are active first, and of their participants `MOST_NAMED` in all.
    """

    customer: Customer
    tasks: Mapping[TaskId, ShownTask]
    invitations: tuple[Invitation, ...]
    collaborations: tuple[Collaboration, ...]
    caller: Employee
    now: datetime


def show_customer(services: Services, caller: Caller, customer_id: CustomerId) -> CustomerInFull:
    """A customer of the office, with its tasks, pending invitations and active collaborations.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, the customer is not the office's.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    (active_caller, _), in_customer = services.table.gather(
        lambda: load_caller(services, caller),
        lambda: services.table.partition(keys.customer(caller.office_id, customer_id).pk),
    )
    customer = items.find_customer(in_customer)
    if customer is None:
        raise not_found()
    live = [*_live(items.guards(in_customer).values(), now)]
    agreements = services.table.get(*live)
    return CustomerInFull(
        customer=customer,
        tasks=dict(_shown(islice(sorted(items.tasks(in_customer).items(), key=_is_inactive), MOST_TASKS))),
        invitations=tuple(items.invitations(agreements)),
        collaborations=tuple(items.collaborations(agreements)),
        caller=active_caller.caller,
        now=now,
    )


def _shown(tasks: Iterable[tuple[TaskId, Task]]) -> Iterator[tuple[TaskId, ShownTask]]:
    left = MOST_NAMED
    for task_id, task in tasks:
        named = task.participants[:left]
        left -= len(named)
        yield task_id, ShownTask(task, named)


def _is_inactive(task: tuple[TaskId, Task]) -> bool:
    return not task[1].active


def _live(guards: Iterable[Guard], now: datetime) -> Iterator[keys.Key]:
    for guard in guards:
        if not guard.holds(now):
            continue
        if guard.invitation and (agreement := guard.invitation.agreement):
            yield from keys.invitation_keys(agreement)
        elif guard.collaboration and (agreement := guard.collaboration.agreement):
            yield from keys.collaboration_keys(agreement)
