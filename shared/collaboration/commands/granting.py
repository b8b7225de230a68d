"""Bring the grants of a collaboration, and what its row copies, up to what they should be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collaboration.commands.reading import rows_of_account
from collaboration.commands.services import Services, PartialFailureError, retry_on_conflict
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Account, Customer, Office, Task
from collaboration.domain.granting import AccessContext, diff_grants, list_row
from collaboration.domain.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
)
from collaboration.storage import items, keys
from collaboration.storage.commit import AccessRun, commit
from collaboration.storage.table import ConflictError


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many grants changed, and the collaborations that rest on the same subscription."""

    changed: int
    siblings: tuple[AgreementId, ...]


def reconcile_all(services: Services, agreements: Iterable[AgreementId]) -> int:
    """Refresh collaborations and those beside them, each once, and tell how many grants changed.

    Raises:
        Unfinished: one could not be refreshed, after all others were.
    """
    done: dict[AgreementId, Reconciled] = {}
    failures: list[str] = []

    def each(names: Iterable[AgreementId]) -> None:
        for agreement in names:
            try:
                done[agreement] = reconcile(services, agreement)
            except Exception as failure:  # noqa: BLE001 - whatever is wrong with one, the others are due as well
                failures.append(type(failure).__name__)

    each(dict.fromkeys(agreements))
    each({other for reconciled in done.values() for other in reconciled.siblings} - done.keys())
    if failures:
        raise PartialFailureError.of(failures)
    return sum(reconciled.changed for reconciled in done.values())


def reconcile(services: Services, agreement: AgreementId) -> Reconciled:
    """Write the difference between desired and actual access, and tell how many grants changed.

    As often as it runs, late, or several at once, it ends in the same place: a run takes effect only when it saw the
    result of the run before, and it reads the directory after that. A run that changes nothing counts as well, since
    it must stop a slower one that knows less. What was too much for one transaction is left to the next run.

    Raises:
        Refused: `temporarily-unavailable`, other runs are faster every time.
    """
    changed = 0
    while True:
        run = retry_on_conflict(lambda now: _run(services, agreement, now), services.clock)
        changed += run.changed
        if not run.changed:
            return Reconciled(changed, run.siblings)


def _run(services: Services, agreement: AgreementId, now: datetime) -> Reconciled:
    table = services.table
    at_run, at_collaboration = keys.access_run(agreement), keys.collaboration(agreement)
    found = table.get(at_run, at_collaboration)
    if at_collaboration not in found:
        return Reconciled(0, ())
    collaboration = items.collaboration(found[at_collaboration])
    run = AccessRun(agreement, items.integer(found.get(at_run, {}), "run"))
    present = [items.access(item) for item in table.partition(at_run.pk, "GRANT#")]
    directory = load_access_context(services, collaboration)
    difference = diff_grants(collaboration, directory, tuple(present), now)
    commit(table, difference or Change(at=now), run=run)
    _update_list_row(services, collaboration, directory)
    return Reconciled(len(difference.access) if difference else 0, tuple(_siblings(collaboration, directory)))


def _update_list_row(services: Services, collaboration: Collaboration, directory: AccessContext) -> None:
    row = list_row(collaboration, directory)
    if row == collaboration.list_row:
        return
    place, revision = keys.collaboration(collaboration.agreement), items.number(collaboration.revision)
    copy = {"copied": items.data(row)}
    try:
        services.table.write([services.table.set(place, copy, "#revision = :revision", revision=revision)])
    except ConflictError:
        # Somebody changes the collaboration right now, and its event brings the next run.
        return


def _siblings(collaboration: Collaboration, directory: AccessContext) -> Iterator[AgreementId]:
    account, solution = directory.account, collaboration.solution
    subscription = account.subscription(solution) if account and solution else None
    for use in subscription.others(collaboration.id) if subscription else ():
        if agreement := use.collaboration_id.agreement:
            yield agreement


def load_access_context(services: Services, collaboration: Collaboration) -> AccessContext:
    """What the access through a collaboration follows from, as it is now."""
    table, office_id, customer_id = services.table, collaboration.office_id, collaboration.customer_id
    at_customer = keys.customer(office_id, customer_id) if customer_id else None
    task_id = collaboration.task_id
    at_task = keys.task(office_id, customer_id, task_id) if customer_id and task_id else None
    wanted = tuple(place for place in (at_customer, at_task) if place)
    at_office, directory, under_number = table.gather(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.get(*wanted),
        lambda: table.partition(keys.organisation(collaboration.organisation_number)),
    )
    return AccessContext(
        office=items.find_one(Office, at_office, "OFFICE"),
        customer=items.at(Customer, directory, at_customer) if at_customer else None,
        task=items.at(Task, directory, at_task) if at_task else None,
        employees=items.employees(at_office),
        account=_account(collaboration, items.accounts(under_number)),
        has_customer=bool(items.customers_by_number(under_number, office_id)),
    )


def _account(collaboration: Collaboration, accounts: tuple[Account, ...]) -> Account | None:
    """The collaboration's account; of one that was never linked, the only one with its organisation number."""
    if collaboration.account_id is None:
        return accounts[0] if len(accounts) == 1 else None
    return next((account for account in accounts if account.id == collaboration.account_id), None)


# Whom a change of the directory concerns


def affected(services: Services, changed: Mapping[str, str]) -> list[AgreementId]:
    """The collaborations whose access, or whose row, may follow from a change of the directory. `changed`: its ids."""
    if "accountId" in changed:
        return list(dict.fromkeys(_of_account(services, AccountId(changed["accountId"]))))
    office_id = OfficeId(changed["officeId"])
    if "customerId" in changed:
        return list(_of_customer(services, office_id, CustomerId(changed["customerId"])))
    if "employeeId" in changed:
        customers = _customers_of(services, office_id, EmployeeId(changed["employeeId"]))
        return [agreement for customer in customers for agreement in _of_customer(services, office_id, customer)]
    return list(active_in_office(services, office_id))


def _of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> Iterator[AgreementId]:
    for item in services.table.partition(keys.customer(office_id, customer_id).pk):
        sort_key = items.string(item, "sk")
        if sort_key.startswith("GUARD#") and (holder := items.guard(item).collaboration) and holder.agreement:
            yield holder.agreement
        elif sort_key == "CUSTOMER":
            # An unlinked one of the same number wants to know that there is a customer.
            number = items.parsed(Customer, item).organisation_number
            yield from _unlinked(services, number)


def _unlinked(services: Services, number: OrganisationNumber) -> Iterator[AgreementId]:
    for unlinked in items.unlinked_of(services.table.partition(keys.organisation(number), "UNLINKED#")):
        if unlinked.agreement:
            yield unlinked.agreement


def _customers_of(services: Services, office_id: OfficeId, employee_id: EmployeeId) -> Iterator[CustomerId]:
    index_entries = services.table.partition(keys.task_memberships(office_id, employee_id))
    yield from dict.fromkeys(CustomerId(items.string(hint, "sk").split("#")[1]) for hint in index_entries)


def _of_account(services: Services, account_id: AccountId) -> Iterator[AgreementId]:
    place = keys.account_place(account_id)
    found = services.table.get(place)
    if place not in found:
        return
    number = OrganisationNumber(items.string(found[place], "organisationNumber"))
    under_number = services.table.partition(keys.organisation(number))
    subscribers = (
        use.collaboration_id
        for account in items.accounts(under_number)
        if account.id == account_id
        for subscription in account.subscriptions
        for use in subscription.subscribers
    )
    for collaboration_id in (*subscribers, *items.unlinked_of(under_number)):
        if collaboration_id.agreement:
            yield collaboration_id.agreement
    # Those that rest on no subscription of the account.
    for item in rows_of_account(services, account_id, "COLLABORATION#"):
        if items.string(item, "state") == "active":
            yield items.agreement_of(item)


def active_in_office(services: Services, office_id: OfficeId) -> Iterator[AgreementId]:
    """All active collaborations of an office."""
    after = None
    while True:
        rows, after = services.table.page(f"OFFICE#{office_id}#COLLABORATIONS", index=keys.LISTS, after=after)
        for item in rows:
            if items.string(item, "state") == "active":
                yield items.agreement_of(item)
        if after is None:
            return


def agreement_named(collaboration_id: str) -> AgreementId | None:
    """The agreement of a collaboration's public id."""
    return CollaborationId(collaboration_id).agreement
