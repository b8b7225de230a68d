"""The platform changes many tasks of an office at once, at most a hundred a call."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from collaboration.commands.directory_sync import change_task
from collaboration.domain.decisions.mass_update import MassUpdate, apply_mass_update
from collaboration.domain.model.faults import RefusedError, Slug, refused
from collaboration.domain.model.values import CustomerId, OfficeId, TaskId
from collaboration.frozen import dataclass
from collaboration.queries.paging import cursor_of, position_of
from collaboration.services import Services
from collaboration.storage import items, keys, lists
from collaboration.storage.table import TableUnavailableError

AT_MOST = 100


# How many tasks are written at once.
_AT_ONCE = 8


@dataclass(frozen=True)
class UpdatedTask:
    """A task after the update. `result`: whether it was changed, or why not."""

    customer_id: CustomerId
    task_id: TaskId
    result: bool | RefusedError


def mass_update_tasks(
    services: Services,
    office_id: OfficeId,
    customers: Sequence[CustomerId] | None,
    command: MassUpdate,
    cursor: str | None,
) -> tuple[list[UpdatedTask], str | None]:
    """Update the next tasks of an office, and tell the cursor of the rest (None: all are done). Repeatable.

    Args:
        services: the application's services.
        office_id: the office.
        customers: whose tasks; None for those of all customers.
        command: what changes in each task.
        cursor: where the call before ended.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another call.
        TableUnavailableError: the table does not answer.
    """
    query = f"tasks of {office_id} {sorted(customers) if customers is not None else 'all'} {command}"
    after = position_of(query, cursor)
    positions = (
        _of_customers(services, office_id, customers, after) if customers else _of_office(services, office_id, after)
    )
    found = list(islice(positions, AT_MOST + 1))
    now, later = found[:AT_MOST], found[AT_MOST:]

    def update_one(position: str) -> UpdatedTask:
        return _update_task(services, office_id, *lists.split_task_position(position), command)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        rows = list(threads.map(update_one, now))
    return rows, cursor_of(query, now[-1]) if later else None


def _update_task(
    services: Services, office_id: OfficeId, customer_id: CustomerId, task_id: TaskId, command: MassUpdate
) -> UpdatedTask:
    try:
        changed = change_task(services, office_id, customer_id, task_id, lambda task: apply_mass_update(task, command))
        return UpdatedTask(customer_id, task_id, changed)
    except RefusedError as fault:
        return UpdatedTask(customer_id, task_id, fault)
    except TableUnavailableError:
        return UpdatedTask(customer_id, task_id, refused(Slug.TEMPORARILY_UNAVAILABLE))


def _of_office(services: Services, office_id: OfficeId, after: str | None) -> Iterable[str]:
    rows = lists.all_rows(services.table, lists.tasks_of(office_id), after, page_size=AT_MOST + 1)
    return (lists.position_of(row) for row in rows)


def _of_customers(
    services: Services, office_id: OfficeId, customers: Iterable[CustomerId], after: str | None
) -> Iterable[str]:
    done = lists.split_task_position(after)[0] if after is not None else None
    for customer_id in sorted(set(customers)):
        if done is not None and customer_id < done:
            continue
        for item in services.table.partition(keys.customer(office_id, customer_id).pk, keys.TASKS):
            position = lists.task_position(customer_id, items.task_id_of(item))
            if after is None or position > after:
                yield position
