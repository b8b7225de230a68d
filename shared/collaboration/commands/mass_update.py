"""Many tasks of an office at once, at most a hundred a call."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from collaboration.commands.directory_sync import change_task
from collaboration.domain.decisions.mass_update import MassUpdate, apply_mass_update
from collaboration.domain.model.faults import RefusedError, Slug, refused
from collaboration.domain.model.values import CustomerId, OfficeId, TaskId
from collaboration.queries.paging import cursor_of, position_of
from collaboration.services import Services
from collaboration.storage import items, keys
from collaboration.storage.table import TableUnavailableError

AT_MOST = 100


# How many tasks are written at once.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class UpdatedTask:
    """What became of a task: changed, unchanged, or refused."""

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
    """The next tasks of the office, or of some of its customers, and the cursor of the rest. Repeatable.

    Raises:
        Refused: the cursor is of another call.
    """
    query = f"tasks of {office_id} {sorted(customers) if customers is not None else 'all'} {command}"
    after = position_of(query, cursor)
    task_keys = (
        _of_customers(services, office_id, customers, after) if customers else _of_office(services, office_id, after)
    )
    found = list(islice(task_keys, AT_MOST + 1))
    now, use = found[:AT_MOST], found[AT_MOST:]

    def update_one(place: str) -> UpdatedTask:
        customer_id, _, task_id = place.partition("#")
        return _update_task(services, office_id, CustomerId(customer_id), TaskId(task_id), command)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        rows = list(threads.map(update_one, now))
    return rows, cursor_of(query, now[-1]) if use else None


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
    partition = f"OFFICE#{office_id}#TASKS"
    start = None
    if after is not None:
        customer_id, _, task_id = after.partition("#")
        place = keys.task(office_id, CustomerId(customer_id), TaskId(task_id))
        start = {**items.key(place), "listPk": items.text(partition), "listSk": items.text(after)}
    while True:
        rows, more = services.table.page(partition, index=keys.LISTS, limit=AT_MOST + 1, after=start)
        yield from (items.string(row, "listSk") for row in rows)
        if more is None:
            return
        start = {name: more[name] for name in ("pk", "sk", "listPk", "listSk")}


def _of_customers(
    services: Services, office_id: OfficeId, customers: Iterable[CustomerId], after: str | None
) -> Iterable[str]:
    for customer_id in sorted(set(customers)):
        if after is not None and customer_id < after.partition("#")[0]:
            continue
        for item in services.table.partition(keys.customer(office_id, customer_id).pk, "TASK#"):
            place = f"{customer_id}#{items.string(item, 'sk').removeprefix('TASK#')}"
            if after is None or place > after:
                yield place
