"""Bring the grants of a collaboration, and what its row copies, up to what they should be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.decisions.access import diff_grants, list_row
from collaboration.domain.model.accounts import choose_account
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Office, Task
from collaboration.domain.model.values import AgreementId
from collaboration.services import PartialFailureError, Services, not_found, retry_on_conflict
from collaboration.storage import actions, items, keys
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
    copy = {"listRow": items.data(row)}
    try:
        services.table.write([actions.update(place, copy, "#revision = :revision", revision=revision)])
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
    office = items.find_one(Office, at_office, "OFFICE")
    if office is None:
        raise not_found()
    return AccessContext(
        office=office,
        customer=items.at(Customer, directory, at_customer) if at_customer else None,
        task=items.at(Task, directory, at_task) if at_task else None,
        employees=items.employees(at_office),
        account=choose_account(items.accounts(under_number), collaboration.account_id),
        has_customer=bool(items.customers_by_number(under_number, office_id)),
    )
