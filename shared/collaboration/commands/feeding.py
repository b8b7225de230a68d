"""The neighbours feed the directory: every PUT is idempotent, and one that changes nothing writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from collaboration.commands.services import Services, not_found, retry_on_conflict
from collaboration.domain.catalogue import catalogue
from collaboration.domain.change import Transition
from collaboration.domain.directory import (
    Account,
    AccountRecord,
    Customer,
    Employee,
    Office,
    Subscription,
    SubscriptionStatus,
    Task,
    Terms,
)
from collaboration.domain.faults import Code, Fault, FieldFault, RefusedError, Slug, refused
from collaboration.domain.guard import Guard
from collaboration.domain.subscribing import with_terms
from collaboration.domain.values import AccountId, CustomerId, EmployeeId, OfficeId, OrganisationNumber, TaskId
from collaboration.storage import items, keys
from collaboration.storage.commit import ABSENT, UNCHANGED, account_place_item, collaboration_actions, person_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Action

# What TransactWriteItems takes at most.
_TRANSACTION = 100

DirectoryValue = TypeVar("DirectoryValue", bound=Office | Employee | Customer | Task)
PutValue = TypeVar("PutValue")


@dataclass(frozen=True, slots=True)
class PutResult(Generic[PutValue]):
    """What is kept after a PUT, and whether it is new."""

    value: PutValue
    new: bool


def put_office(services: Services, office_id: OfficeId, office: Office) -> PutResult[Office]:
    """An office as fed."""
    return _put(services, keys.office(office_id), office, parents=())


def put_employee(services: Services, office_id: OfficeId, employee_id: EmployeeId, employee: Employee) -> PutResult[Employee]:
    """An employee as fed.

    Raises:
        Refused: no such office.
    """
    return _put(services, keys.employee(office_id, employee_id), employee, parents=(keys.office(office_id),))


def put_task(
    services: Services, office_id: OfficeId, customer_id: CustomerId, task_id: TaskId, task: Task
) -> PutResult[Task]:
    """A task as fed. Employees it names may be fed later: until then they have nothing.

    Raises:
        Refused: no such office or customer.
    """
    parents = (keys.office(office_id), keys.customer(office_id, customer_id))

    def write_index(before: Task | None) -> None:
        _write_membership_index(services, office_id, customer_id, task_id, before, task)

    place = keys.task(office_id, customer_id, task_id)
    return _put(services, place, task, parents=parents, before_write=write_index)


def change_task(
    services: Services,
    office_id: OfficeId,
    customer_id: CustomerId,
    task_id: TaskId,
    change: Callable[[Task], Task],
) -> bool:
    """Change a task as it is now, whoever else changes it at the same time, and tell whether anything changed.

    Raises:
        Refused: there is no such task.
    """

    def attempt(now: datetime) -> bool:
        place = keys.task(office_id, customer_id, task_id)
        found = services.table.get(place)
        before = items.at(Task, found, place)
        if before is None:
            raise not_found()
        after = change(before)
        if after == before:
            return False
        _write_membership_index(services, office_id, customer_id, task_id, before, after)
        revision = items.integer(found[place], "revision")
        item = items.directory_item(place, after, revision + 1, now)
        services.table.write([services.table.put(item, UNCHANGED, revision=items.number(revision))])
        return True

    return retry_on_conflict(attempt, services.clock)


def _write_membership_index(
    services: Services,
    office_id: OfficeId,
    customer_id: CustomerId,
    task_id: TaskId,
    before: Task | None,
    after: Task,
) -> None:
    # Before the task, and apart from it: a task may have 500 people. A hint too many only costs a look.
    known = set(before.people) if before else set()
    new = [keys.task_membership(office_id, person, customer_id, task_id) for person in after.people if person not in known]
    _write_index_entries(services, [items.key(key) for key in new])


def put_customer(services: Services, office_id: OfficeId, customer_id: CustomerId, customer: Customer) -> PutResult[Customer]:
    """A customer as fed.

    Raises:
        Refused: no such office; another organisation number while something is live (`in-use`); another company type
            while a solution locks it (`company-type-locked`).
    """
    guards = tuple(keys.guard(office_id, customer_id, solution.key) for solution in catalogue().solutions)

    def related(before: Customer | None, found: dict[keys.Key, items.Item], now: datetime) -> Iterator["Action"]:
        if before is not None:
            live = [guard for place in guards if place in found and (guard := items.guard(found[place])).holds(now)]
            _check_company_type(before, customer, live)
            yield from _check_number(services, before, customer, live, guards, now)
        yield from _under_number(services, office_id, customer_id, before, customer)

    place = keys.customer(office_id, customer_id)
    return _put(services, place, customer, parents=(keys.office(office_id),), related=guards, checks_for=related)


def _check_company_type(before: Customer, after: Customer, live: Sequence[Guard]) -> None:
    """Lock the company type while a solution that depends on it is shared: `company-type-locked`.

    Raises:
        Refused: it is switched.
    """
    if before.company_type is after.company_type:
        return
    for guard in live:
        solution = catalogue().solution(guard.solution)
        locked = solution.locks_company_types if solution else ()
        if guard.collaboration and {before.company_type, after.company_type} <= set(locked):
            raise refused(Slug.COMPANY_TYPE_LOCKED, FieldFault("#/companyType", Code.NOT_AVAILABLE))


def _check_number(
    services: Services,
    before: Customer,
    after: Customer,
    live: Sequence[Guard],
    guards: Sequence[keys.Key],
    now: datetime,
) -> Iterator["Action"]:
    if before.organisation_number == after.organisation_number:
        return
    if live:
        raise refused(Slug.IN_USE, FieldFault("#/organisationNumber", Code.NOT_AVAILABLE), hint="customer")
    moment = items.milliseconds(now)
    yield from (services.table.check(place, f"{ABSENT} OR #until <= :now", now=moment) for place in guards)


def _under_number(
    services: Services, office_id: OfficeId, customer_id: CustomerId, before: Customer | None, after: Customer
) -> Iterator["Action"]:
    number = after.organisation_number
    if before is not None and before.organisation_number != number:
        yield services.table.delete(keys.customer_by_number(before.organisation_number, office_id, customer_id))
    if before is None or before.organisation_number != number:
        yield services.table.put(items.key(keys.customer_by_number(number, office_id, customer_id)))


def _put(
    services: Services,
    place: keys.Key,
    value: DirectoryValue,
    *,
    parents: tuple[keys.Key, ...],
    related: tuple[keys.Key, ...] = (),
    checks_for: Callable[[DirectoryValue | None, dict[keys.Key, items.Item], datetime], Iterator["Action"]] | None = None,
    before_write: Callable[[DirectoryValue | None], None] | None = None,
) -> PutResult[DirectoryValue]:
    def attempt(now: datetime) -> PutResult[DirectoryValue]:
        found = services.table.get(place, *parents, *related)
        if any(parent not in found for parent in parents):
            raise not_found()
        before: DirectoryValue | None = items.at(type(value), found, place)
        if before == value:
            return PutResult(value, new=False)
        revision = items.integer(found[place], "revision") if before is not None else 0
        checks = [*checks_for(before, found, now)] if checks_for else []
        if before_write:
            before_write(before)
        item = items.directory_item(place, value, revision + 1, now)
        if before is None:
            put = services.table.put(item, ABSENT)
        else:
            put = services.table.put(item, UNCHANGED, revision=items.number(revision))
        services.table.write([put, *checks])
        return PutResult(value, new=before is None)

    return retry_on_conflict(attempt, services.clock)


def get_office(services: Services, office_id: OfficeId) -> Office:
    """An office as it was put.

    Raises:
        Refused: it was not.
    """
    return _get(services, keys.office(office_id), Office)


def get_employee(services: Services, office_id: OfficeId, employee_id: EmployeeId) -> Employee:
    """An employee as they were put.

    Raises:
        Refused: they were not.
    """
    return _get(services, keys.employee(office_id, employee_id), Employee)


def get_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> Customer:
    """A customer as it was put.

    Raises:
        Refused: it was not.
    """
    return _get(services, keys.customer(office_id, customer_id), Customer)


def get_task(services: Services, office_id: OfficeId, customer_id: CustomerId, task_id: TaskId) -> Task:
    """A task as it was put.

    Raises:
        Refused: it was not.
    """
    return _get(services, keys.task(office_id, customer_id, task_id), Task)


def _get(services: Services, place: keys.Key, model: type[DirectoryValue]) -> DirectoryValue:
    value = items.at(model, services.table.get(place), place)
    if value is None:
        raise not_found()
    return value


def put_account(services: Services, account_id: AccountId, record: AccountRecord) -> PutResult[AccountRecord]:
    """An account as the register knows it. A subscription that it leaves out goes, unless a collaboration rests on it.

    Raises:
        Refused: a solution that is not in the catalogue; another organisation number while something is live.
    """
    for place, terms in enumerate(record.subscriptions):
        if catalogue().solution(terms.solution) is None:
            unknown = FieldFault(f"#/subscriptions/{place}/solution", Code.UNKNOWN, hint="solution")
            raise RefusedError(Fault(Slug.VALIDATION_FAILED, fields=(unknown,)))

    def attempt(now: datetime) -> PutResult[AccountRecord]:
        before = _account(services, account_id)
        after = _as_recorded(account_id, record, before)
        if before == after:
            return PutResult(_record(after), new=False)
        actions = [*_account_actions(services, before, after, now)]
        _write_administrator_index(services, before, after)
        services.table.write([*actions, *_terms_copied(services, before, after)])
        return PutResult(_record(after), new=before is None)

    return retry_on_conflict(attempt, services.clock)


def _terms_copied(services: Services, before: Account | None, after: Account) -> Iterator["Action"]:
    """The terms of a subscription stand copied in the collaborations that rest on it: they change together."""
    known = {subscription.terms.solution: subscription for subscription in (before.subscriptions if before else ())}
    changed = [
        subscription
        for subscription in after.subscriptions
        if subscription.subscribers and known.get(subscription.terms.solution) != subscription
    ]
    for subscription in changed:
        agreements = [use.collaboration_id.agreement for use in subscription.subscribers]
        places = [keys.collaboration(agreement) for agreement in agreements if agreement]
        for item in services.table.get(*places).values():
            collaboration = items.collaboration(item)
            updated = with_terms(collaboration, subscription)
            if updated != collaboration:
                yield from collaboration_actions(services.table, Transition(collaboration, updated))


def _write_administrator_index(services: Services, before: Account | None, after: Account) -> None:
    # Before the account, and apart from it: a transaction holds 100 actions, an account 200 users. A hint too many is
    # harmless, since who follows it asks the account; one too few would hide a company from its own administrator.
    moved = before is None or before.organisation_number != after.organisation_number
    known = set() if before is None or moved else {user.email.folded for user in before.administrators}
    index_entries = [*person_items(after, (user for user in after.administrators if user.email.folded not in known))]
    _write_index_entries(services, index_entries)


def _write_index_entries(services: Services, index_entries: Sequence[items.Item]) -> None:
    for start in range(0, len(index_entries), _TRANSACTION):
        services.table.write([services.table.put(write_index) for write_index in index_entries[start : start + _TRANSACTION]])


def get_account(services: Services, account_id: AccountId) -> AccountRecord:
    """An account as it is kept, subscriptions that collaborations keep included.

    Raises:
        Refused: there is none.
    """
    account = _account(services, account_id)
    if account is None:
        raise not_found()
    return _record(account)


def _account(services: Services, account_id: AccountId) -> Account | None:
    place = keys.account_place(account_id)
    found = services.table.get(place)
    if place not in found:
        return None
    number = OrganisationNumber(items.string(found[place], "organisationNumber"))
    under_number = items.accounts(services.table.partition(keys.organisation(number), f"ACCOUNT#{account_id}"))
    return next((account for account in under_number if account.id == account_id), None)


def _as_recorded(account_id: AccountId, record: AccountRecord, before: Account | None) -> Account:
    had = {subscription.terms.solution: subscription for subscription in (before.subscriptions if before else ())}
    named = tuple(_subscription(terms, had.pop(terms.solution, None)) for terms in record.subscriptions)
    kept = tuple(subscription for subscription in had.values() if subscription.subscribers)
    # In the order in which they are read again, so that a PUT that changes nothing is seen to.
    subscriptions = tuple(sorted((*named, *kept), key=lambda subscription: subscription.terms.solution))
    after = Account(
        id=account_id,
        organisation_number=record.organisation_number,
        name=record.name,
        users=record.users,
        main_contact=record.main_contact,
        subscriptions=subscriptions,
        signed_in=before.signed_in if before else False,
        revision=before.revision if before else 0,
    )
    return after if after == before else after.model_copy(update={"revision": after.revision + 1})


def _subscription(terms: Terms, before: Subscription | None) -> Subscription:
    if before is None:
        return Subscription(terms=terms, revision=1)
    if before.terms == terms and before.status is SubscriptionStatus.OPEN:
        return before
    # What was agreed for the next renewal stays agreed, unless the register knows of it by now.
    coming = before.next_setup if before.next_setup != terms.setup() else None
    return Subscription(terms=terms, next_setup=coming, subscribers=before.subscribers, revision=before.revision + 1)


def _account_actions(services: Services, before: Account | None, after: Account, now: datetime) -> Iterator["Action"]:
    table, moved = services.table, before is not None and before.organisation_number != after.organisation_number
    if moved and before is not None:
        _check_movable(services, before, now)
        yield table.delete(keys.account(before.organisation_number, before.id), UNCHANGED, revision=_at(before))
        for subscription in before.subscriptions:
            place = keys.subscription(before.organisation_number, before.id, subscription.terms.solution)
            yield table.delete(place, UNCHANGED, revision=_at(subscription))
    in_place = before if not moved else None
    # An account that is fed beside another of its number is the register's to know: no condition on the guard.
    yield table.put(items.key(keys.account_guard(after.organisation_number)))
    yield table.put(account_place_item(after))
    if in_place is None:
        yield table.put(items.account_item(after), ABSENT)
    else:
        yield table.put(items.account_item(after), UNCHANGED, revision=_at(in_place))
    had = {subscription.terms.solution: subscription for subscription in (in_place.subscriptions if in_place else ())}
    for subscription in after.subscriptions:
        known = had.pop(subscription.terms.solution, None)
        place = keys.subscription(after.organisation_number, after.id, subscription.terms.solution)
        if known is None:
            yield table.put(items.subscription_item(place, subscription), ABSENT)
        elif known != subscription:
            yield table.put(items.subscription_item(place, subscription), UNCHANGED, revision=_at(known))
    for subscription in had.values():
        place = keys.subscription(after.organisation_number, after.id, subscription.terms.solution)
        yield table.delete(place, UNCHANGED, revision=_at(subscription))


def _at(versioned: Account | Subscription) -> items.Attribute:
    return items.number(versioned.revision)


def _check_movable(services: Services, account: Account, now: datetime) -> None:
    invitations, _ = services.table.page(f"ACCOUNT#{account.id}", index=keys.ACCOUNTS, prefix="INVITATION#")
    pending = any(
        items.string(item, "state") == "pending" and items.integer(item, "expiresAt") > now.timestamp() * 1000
        for item in invitations
    )
    if pending or any(subscription.subscribers for subscription in account.subscriptions):
        raise refused(Slug.IN_USE, FieldFault("#/organisationNumber", Code.NOT_AVAILABLE), hint="account")


def _record(account: Account) -> AccountRecord:
    return AccountRecord(
        organisation_number=account.organisation_number,
        name=account.name,
        users=account.users,
        main_contact=account.main_contact,
        subscriptions=tuple(
            subscription.terms
            for subscription in account.subscriptions
            if subscription.status is SubscriptionStatus.OPEN
        ),
    )
