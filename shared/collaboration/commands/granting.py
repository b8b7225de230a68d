"""Bring the grants of a collaboration up to what they should be."""

from datetime import datetime

from collaboration.commands.services import Services, until_settled
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Customer, Task
from collaboration.domain.granting import Directory, closed_difference
from collaboration.domain.values import AgreementId
from collaboration.storage import items, keys
from collaboration.storage.commit import AccessRun, commit


def refresh(services: Services, agreement: AgreementId) -> int:
    """Write the difference between desired and actual access, and tell how many grants changed.

    As often as it runs, late, or several at once, it ends in the same place: a run takes effect only when it saw the
    result of the run before, and it reads the directory after that. A run that changes nothing counts as well, since
    it must stop a slower one that knows less.

    Raises:
        Refused: `temporarily-unavailable`, other runs are faster every time.
    """
    changed = 0
    while written := until_settled(lambda now: _run(services, agreement, now), services.clock):
        changed += written
    return changed


def _run(services: Services, agreement: AgreementId, now: datetime) -> int:
    table = services.table
    at_run, at_collaboration = keys.access_run(agreement), keys.collaboration(agreement)
    found = table.get(at_run, at_collaboration)
    if at_collaboration not in found:
        return 0
    collaboration = items.collaboration(found[at_collaboration])
    run = AccessRun(agreement, items.integer(found.get(at_run, {}), "run"))
    present = [items.access(item) for item in table.partition(at_run.pk, "GRANT#")]
    difference = closed_difference(collaboration, _directory(services, collaboration), tuple(present), now)
    commit(table, difference or Change(at=now), run=run)
    return len(difference.access) if difference else 0


def _directory(services: Services, collaboration: Collaboration) -> Directory:
    table, office_id = services.table, collaboration.office_id
    if collaboration.customer_id is None:
        return Directory(customer=None, task=None, employees={}, account=None)
    at_customer = keys.customer(office_id, collaboration.customer_id)
    at_task = (keys.task(office_id, collaboration.customer_id, collaboration.task_id),) if collaboration.task_id else ()
    at_office, directory, under_number = table.together(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.get(at_customer, *at_task),
        lambda: table.partition(keys.organisation(collaboration.organisation_number)),
    )
    return Directory(
        customer=items.at(Customer, directory, at_customer),
        task=items.at(Task, directory, at_task[0]) if at_task else None,
        employees=items.employees(at_office),
        account=next(
            (account for account in items.accounts(under_number) if account.id == collaboration.account_id), None
        ),
    )
