"""Bring the grants of a collaboration, and what its list row copies, up to what they should be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.decisions.access import AT_ONCE, diff_grants, list_row
from collaboration.domain.model.accounts import choose_account
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.values import AgreementId
from collaboration.queries.related import load_related
from collaboration.services import Failure, PartialFailureError, Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.commit import AccessRun, commit
from collaboration.storage.table import ConflictError


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many grants changed, and the collaborations that rest on the same subscription."""

    changed: int
    siblings: tuple[AgreementId, ...]


def reconcile_all(services: Services, agreements: Iterable[AgreementId]) -> int:
    """Reconcile collaborations and their siblings, each once, and tell how many grants changed.

    Raises:
        PartialFailureError: some could not be reconciled, after all others were.
    """
    done: dict[AgreementId, Reconciled] = {}
    failures: list[Failure] = []

    def each(names: Iterable[AgreementId]) -> None:
        for agreement in names:
            try:
                done[agreement] = reconcile(services, agreement)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are due as well
                failures.append(Failure.of(error, agreement=agreement))

    each(dict.fromkeys(agreements))
    each({other for reconciled in done.values() for other in reconciled.siblings} - done.keys())
    if failures:
        raise PartialFailureError(failures)
    return sum(reconciled.changed for reconciled in done.values())


def reconcile(services: Services, agreement: AgreementId) -> Reconciled:
    """Write the difference between desired and actual access, and tell how many grants changed.

    As often as it runs, late, or several at once, it ends in the same state: a run takes effect only when it saw the
    result of the run before, and it reads the directory after that. A run that changes nothing counts as well, since
    it must stop a slower one that knows less. A run that changes less than fits in one transaction is the last.

    Raises:
        RefusedError: `temporarily-unavailable`, other runs are faster every time.
        TableUnavailableError: the table does not answer.
    """
    changed = 0
    while True:
        run = retry_on_conflict(lambda now: _run(services, agreement, now), services)
        changed += run.changed
        if run.changed < AT_ONCE:
            return Reconciled(changed, run.siblings)


def _run(services: Services, agreement: AgreementId, now: datetime) -> Reconciled:
    table = services.table
    run_key, collaboration_key = keys.access_run(agreement), keys.collaboration(agreement)
    found = table.get(run_key, collaboration_key)
    if collaboration_key not in found:
        return Reconciled(0, ())
    collaboration = items.collaboration(found[collaboration_key])
    run = AccessRun(agreement, items.integer(found.get(run_key, {}), "run"))
    present = [items.access(item) for item in table.partition(run_key.pk, keys.GRANTS)]
    directory = load_access_context(services, collaboration)
    difference = diff_grants(collaboration, directory, tuple(present), now)
    commit(table, difference or Change(at=now), run=run)
    _update_list_row(services, collaboration, directory)
    return Reconciled(len(difference.access) if difference else 0, tuple(_siblings(collaboration, directory)))


def _update_list_row(services: Services, collaboration: Collaboration, directory: AccessContext) -> None:
    row = list_row(collaboration, directory)
    if row == collaboration.list_row:
        return
    collaboration_key, revision = keys.collaboration(collaboration.agreement), items.number(collaboration.revision)
    copy = {"listRow": items.data(row)}
    try:
        services.table.write([actions.update(collaboration_key, copy, "#revision = :revision", revision=revision)])
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
    """What the access through a collaboration follows from, as it is now.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    related = load_related(
        services,
        office_id=collaboration.office_id,
        organisation_number=collaboration.organisation_number,
        customer_id=collaboration.customer_id,
        task_id=collaboration.task_id,
    )
    return AccessContext(
        office=related.require_office(),
        customer=related.customer,
        task=related.task,
        employees=related.employees,
        account=choose_account(related.accounts, collaboration.account_id),
        has_customer=bool(related.customers_by_number),
    )
