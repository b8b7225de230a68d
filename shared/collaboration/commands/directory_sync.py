"""The platform feeds the directory: every PUT is idempotent, and one that changes nothing writes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.directory import Customer, DirectoryValue, Employee, Office, Task
from collaboration.domain.model.faults import Code, FieldFault, Slug, UnreadableError, refused
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import CustomerId, EmployeeId, OfficeId, OrganisationNumber, TaskId
from collaboration.frozen import dataclass
from collaboration.services import Services, not_found, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, UNCHANGED, Action
from collaboration.storage.items import LockedCompanyType
from collaboration.storage.unreadable import report_unreadable

PutValue = TypeVar("PutValue")

# Of more people who leave a task at once the entries of the others stay: a transaction holds 100 actions.
_LEAVING_AT_ONCE = 50


@dataclass(frozen=True)
class PutResult(Generic[PutValue]):
    """What is stored after a PUT, and whether it is new."""

    value: PutValue
    new: bool


def put_office(services: Services, office_id: OfficeId, office: Office) -> PutResult[Office]:
    """Store an office.

    Raises:
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """
    key = keys.office(office_id)

    def attributes_of(_before: Office | None, found: dict[keys.Key, items.Item], _now: datetime) -> items.Item:
        # A new office has nothing that lacks its index entry.
        count = items.backfills(found[key]) if key in found else 1
        return items.indexed(count) if count else {}

    return _put(services, key, office, parents=(), more_attributes=attributes_of)


def put_employee(
    services: Services, office_id: OfficeId, employee_id: EmployeeId, employee: Employee
) -> PutResult[Employee]:
    """Store an employee.

    Raises:
        RefusedError: `not-found`, there is no such office.
        TableUnavailableError: the table does not answer.
    """

    def related(before: Employee | None, _found: dict[keys.Key, items.Item], _now: datetime) -> Iterator[Action]:
        entry = keys.employee_by_address(office_id, employee.email, employee_id)
        yield actions.put(items.key(entry))
        former = keys.employee_by_address(office_id, before.email, employee_id) if before else entry
        if former != entry:
            yield actions.delete(former)

    key, parents = keys.employee(office_id, employee_id), (keys.office(office_id),)
    return _put(services, key, employee, parents=parents, checks_for=related)


def put_task(
    services: Services, office_id: OfficeId, customer_id: CustomerId, task_id: TaskId, task: Task
) -> PutResult[Task]:
    """Store a task. Employees it names may be fed later: until then they have no access.

    Raises:
        RefusedError: `not-found`, there is no such office or customer.
        TableUnavailableError: the table does not answer.
    """
    parents = (keys.office(office_id), keys.customer(office_id, customer_id))

    def write_index(before: Task | None) -> None:
        _write_membership_index(services, office_id, customer_id, task_id, before, task)

    def former(before: Task | None, _: dict[keys.Key, items.Item], __: datetime) -> Iterator[Action]:
        return _former_memberships(office_id, customer_id, task_id, before, task)

    key = keys.task(office_id, customer_id, task_id)
    return _put(services, key, task, parents=parents, before_write=write_index, checks_for=former)


def change_task(
    services: Services,
    office_id: OfficeId,
    customer_id: CustomerId,
    task_id: TaskId,
    change: Callable[[Task], Task],
) -> bool:
    """Change a task as it is now, whoever else changes it at the same time, and tell whether anything changed.

    Raises:
        RefusedError: `not-found`, there is no such task; or by `change`.
        TableUnavailableError: the table does not answer.
    """

    def attempt(now: datetime) -> bool:
        key = keys.task(office_id, customer_id, task_id)
        found = services.table.get(key)
        before = items.at(Task, found, key)
        if before is None:
            raise not_found()
        after = change(before)
        if after == before:
            return False
        _write_membership_index(services, office_id, customer_id, task_id, before, after)
        revision = items.integer(found[key], "revision")
        item = items.directory_item(key, after, revision + 1, now)
        former = _former_memberships(office_id, customer_id, task_id, before, after)
        services.table.write([actions.put(item, UNCHANGED, revision=items.number(revision)), *former])
        return True

    return retry_on_conflict(attempt, services)


def _write_membership_index(
    services: Services,
    office_id: OfficeId,
    customer_id: CustomerId,
    task_id: TaskId,
    before: Task | None,
    after: Task,
) -> None:
    # Before the task, and apart from it: a task may have 500 people. An entry too many only costs a read.
    known = set(before.people) if before else set()
    new = [
        keys.task_membership(office_id, person, customer_id, task_id) for person in after.people if person not in known
    ]
    write_index_entries(services, [items.key(key) for key in new])


def _former_memberships(
    office_id: OfficeId, customer_id: CustomerId, task_id: TaskId, before: Task | None, after: Task
) -> Iterator[Action]:
    """Remove the entries of those who leave the task, in the transaction in which they leave.

    So whoever comes back at that moment writes theirs anew: that is written for the task as it is after this.
    """
    people = set(after.people)
    left = [person for person in (before.people if before else ()) if person not in people]
    for person in left[:_LEAVING_AT_ONCE]:
        yield actions.delete(keys.task_membership(office_id, person, customer_id, task_id))


def put_customer(
    services: Services, office_id: OfficeId, customer_id: CustomerId, customer: Customer
) -> PutResult[Customer]:
    """Store a customer.

    Raises:
        RefusedError: `not-found`, there is no such office; `in-use`, the organisation number changes while something
            is live; `company-type-locked`, the company type changes while a solution locks it.
        TableUnavailableError: the table does not answer.
    """
    guard_keys = tuple(keys.guard(office_id, customer_id, solution.key) for solution in catalogue().solutions)

    key = keys.customer(office_id, customer_id)

    def holding(found: Mapping[keys.Key, items.Item], now: datetime) -> dict[keys.Key, Guard | None]:
        held = {guard_key: items.guard(found[guard_key]) if guard_key in found else None for guard_key in guard_keys}
        return {guard_key: guard if guard and guard.holds(now) else None for guard_key, guard in held.items()}

    def related(before: Customer | None, found: dict[keys.Key, items.Item], now: datetime) -> Iterator[Action]:
        guards = holding(found, now)
        live = [guard for guard in guards.values() if guard]
        if before is not None:
            yield from _check_company_type(before, customer, items.locked_company_type(found[key]), guards, now)
            yield from _check_number(before, customer, live, guard_keys, now)
        elif key in found and live and items.number_of_customer(found[key]) != customer.organisation_number:
            # What is stored cannot be read, but its number stands beside it.
            raise refused(Slug.IN_USE, FieldFault("#/organisationNumber", Code.NOT_AVAILABLE), hint="customer")
        former = items.number_of_customer(found[key]) if key in found else None
        yield from _under_number(office_id, customer_id, former, customer.organisation_number)

    def attributes_of(before: Customer | None, found: dict[keys.Key, items.Item], now: datetime) -> items.Item:
        locked = items.locked_company_type(found[key]) if key in found else None
        if before is not None:
            locked = _locked_company_type(before, customer, locked, holding(found, now).values())
        return items.customer_attributes(locked, found.get(key), customer.organisation_number)

    parents = (keys.office(office_id),)
    return _put(
        services,
        key,
        customer,
        parents=parents,
        related=guard_keys,
        checks_for=related,
        more_attributes=attributes_of,
    )


def _check_company_type(
    before: Customer,
    after: Customer,
    locked: LockedCompanyType | None,
    guards: Mapping[keys.Key, Guard | None],
    now: datetime,
) -> Iterator[Action]:
    """Let through what leaves the company type, or changes it where no active solution depends on it.

    Nothing that depends on it may start meanwhile.

    Args:
        before: the customer.
        after: the customer as it is put.
        locked: the company type that an active collaboration locks, where the customer has left it since.
        guards: the guards of the customer's solutions that hold; None for one that does not.
        now: the time (UTC).

    Raises:
        RefusedError: `company-type-locked`.
    """
    if before.company_type is after.company_type:
        return
    for key, solution in zip(guards, catalogue().solutions, strict=True):
        guard = guards[key]
        former = locked.company_type if guard and locked and locked.owner == guard.owner else before.company_type
        if former is after.company_type or not {former, after.company_type} <= set(solution.locks_company_types):
            continue
        if guard is None:
            yield _stays_free(key, now)
        elif guard.collaboration:
            raise refused(Slug.COMPANY_TYPE_LOCKED, FieldFault("#/companyType", Code.NOT_AVAILABLE))


def _locked_company_type(
    before: Customer, after: Customer, locked: LockedCompanyType | None, guards: Iterable[Guard | None]
) -> LockedCompanyType | None:
    """The company type that an active collaboration locks, where the customer has left it, by this PUT or before.

    A lock ends with the link: whoever is linked again finds the company type of that day.
    """
    held = [*guards]
    if before.company_type is not after.company_type:
        for guard, solution in zip(held, catalogue().solutions, strict=True):
            if guard and guard.collaboration and before.company_type in solution.locks_company_types:
                return LockedCompanyType(before.company_type, guard.owner)
    return locked if locked and any(guard and guard.owner == locked.owner for guard in held) else None


def _stays_free(guard_key: keys.Key, now: datetime) -> Action:
    return actions.check(guard_key, f"{ABSENT} OR #until <= :now", now=items.milliseconds(now))


def _check_number(
    before: Customer,
    after: Customer,
    live: Sequence[Guard],
    guards: Sequence[keys.Key],
    now: datetime,
) -> Iterator[Action]:
    if before.organisation_number == after.organisation_number:
        return
    if live:
        raise refused(Slug.IN_USE, FieldFault("#/organisationNumber", Code.NOT_AVAILABLE), hint="customer")
    yield from (_stays_free(key, now) for key in guards)


def _under_number(
    office_id: OfficeId, customer_id: CustomerId, former: OrganisationNumber | None, number: OrganisationNumber
) -> Iterator[Action]:
    if former is not None and former != number:
        yield actions.delete(keys.customer_by_number(former, office_id, customer_id))
    if former != number:
        yield actions.put(items.key(keys.customer_by_number(number, office_id, customer_id)))


def _put(
    services: Services,
    key: keys.Key,
    value: DirectoryValue,
    *,
    parents: tuple[keys.Key, ...],
    related: tuple[keys.Key, ...] = (),
    checks_for: Callable[[DirectoryValue | None, dict[keys.Key, items.Item], datetime], Iterator[Action]] | None = None,
    before_write: Callable[[DirectoryValue | None], None] | None = None,
    more_attributes: Callable[[DirectoryValue | None, dict[keys.Key, items.Item], datetime], items.Item] | None = None,
) -> PutResult[DirectoryValue]:
    def attempt(now: datetime) -> PutResult[DirectoryValue]:
        found = services.table.get(key, *parents, *related)
        if any(parent not in found for parent in parents):
            raise not_found()
        before = _stored(type(value), found, key)
        if before == value:
            return PutResult(value, new=False)
        revision = items.integer(found[key], "revision") if key in found else 0
        checks = [*checks_for(before, found, now)] if checks_for else []
        if before_write:
            before_write(before)
        attributes = more_attributes(before, found, now) if more_attributes else {}
        item = {**items.directory_item(key, value, revision + 1, now), **attributes}
        if key in found:
            put = actions.put(item, UNCHANGED, revision=items.number(revision))
        else:
            put = actions.put(item, ABSENT)
        services.table.write([put, *checks])
        return PutResult(value, new=key not in found)

    return retry_on_conflict(attempt, services)


def _stored(model: type[DirectoryValue], found: Mapping[keys.Key, items.Item], key: keys.Key) -> DirectoryValue | None:
    """The value as it is stored; None where there is none, or none that can be read: a PUT replaces it."""
    try:
        return items.at(model, found, key)
    except UnreadableError:
        report_unreadable(found[key])
        return None


def write_index_entries(services: Services, index_entries: Sequence[items.Item]) -> None:
    """Write index entries, as many transactions as it takes. An entry that is there already stays as it is.

    Raises:
        ConflictError: somebody writes the same entries right now.
        TableUnavailableError: the table does not answer.
    """
    services.table.write_in_parts([actions.put(entry) for entry in index_entries])
