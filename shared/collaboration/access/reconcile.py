"""Bring the grants of a collaboration, and what its list row copies, up to what they should be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.decisions.access import AT_ONCE, diff_grants, list_row
from collaboration.domain.decisions.importing import assign_account
from collaboration.domain.decisions.registering import follow_terms
from collaboration.domain.model.access import Access, Resource
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, account_of
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.frozen import dataclass
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.queries.related import load_related
from collaboration.services import Failure, PartialFailureError, Services, retry_on_conflict
from collaboration.storage import grant_items, items, keys, lists
from collaboration.storage.commit import AccessRun, commit
from collaboration.storage.unreadable import readable

# Whether a subscription is shared changes with the second collaboration that uses it, or the last but one. Where there
# are many more, even some that start at the same time change nothing for the others.
_SIBLINGS_CONCERNED = 5


@dataclass(frozen=True)
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
        if run is None:
            continue
        changed += run.changed
        if run.changed < AT_ONCE:
            return Reconciled(changed, run.siblings)


def _run(services: Services, agreement: AgreementId, now: datetime) -> Reconciled | None:
    """One run; None when it has brought the collaboration itself up to date, and grants are to be looked at anew."""
    table = services.table
    run_key, collaboration_key = keys.access_run(agreement), keys.collaboration(agreement)
    found = table.get(run_key, collaboration_key)
    if collaboration_key not in found:
        return Reconciled(0, ())
    collaboration = items.collaboration(found[collaboration_key])
    grants = table.partition(run_key.pk, keys.GRANTS)
    stored = [*readable(grants, grant_items.access)]
    present = tuple(access for _, access in stored)
    directory = load_access_context(services, collaboration)
    if outdated := update_of(collaboration, directory, now):
        commit(table, outdated)
        return None
    account_id = directory.account.id if directory.account else None
    under = {access.key: grant_items.account_of_grant(item) for item, access in stored}
    moved = {key: stored_under for key, stored_under in under.items() if stored_under != account_id}
    difference = diff_grants(collaboration, directory, present, now, moved=moved)
    relied_on: Mapping[keys.Key, Mapping[Resource, keys.Key]] = {}
    if difference and difference.history:
        others = load_other_access(services, collaboration, account_id, difference.access, grants)
        opened = {person: frozenset(what for grant in given for what in grant.what) for person, given in others.items()}
        difference = diff_grants(collaboration, directory, present, now, moved=moved, others=opened)
        relied_on = _relied_on(collaboration, difference, others) if difference else relied_on
    row = list_row(collaboration, directory)
    run = AccessRun(
        agreement,
        items.integer(found.get(run_key, {}), "run"),
        account_id,
        Transition(collaboration, collaboration.replace(list_row=row)) if row != collaboration.list_row else None,
        relied_on,
        {items.key_of(item): item for item in grants},
    )
    commit(table, difference or Change(at=now), run=run)
    return Reconciled(len(difference.access) if difference else 0, tuple(_siblings(collaboration, directory)))


def update_of(collaboration: Collaboration, directory: AccessContext, now: datetime) -> Change | None:
    """What brings a collaboration itself up to date: its account, then the terms there. None when it is."""
    assigned = assign_account(collaboration, directory.accounts, now)
    return assigned or follow_terms(collaboration, directory.account, now)


@dataclass(frozen=True)
class OtherGrant:
    """A grant through another active collaboration of the account: what it opens of this one's account and solution."""

    key: keys.Key
    what: frozenset[Resource]


def load_other_access(
    services: Services,
    collaboration: Collaboration,
    account_id: AccountId | None,
    steps: Iterable[Transition[Access]],
    stored: Iterable[items.Item],
) -> Mapping[str, Sequence[OtherGrant]]:
    """The grants that persons have through the account's other active collaborations, by folded address.

    Args:
        services: the application's services.
        collaboration: the one whose grants change.
        account_id: its account.
        steps: the grants that change.
        stored: its grants as they are stored.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    persons = {access.person.email for step in steps if (access := step.after or step.before)}
    if account_id is None:
        return {}
    rows = [
        row
        for person in sorted(persons)
        for row in lists.grants_of_account(services.table, account_id, person=person)
        if items.agreement_of(row) != collaboration.agreement
    ]
    # The index may be behind: what it found is read once more, consistently, with the collaborations; and what has come
    # to rely on these grants, which it may not have found.
    relying = (key for item in stored for key in grant_items.relying_keys(item))
    grant_keys = dict.fromkeys((*(items.key_of(row) for row in rows), *relying))
    found_grants = [
        item for item in services.table.get(*grant_keys).values() if grant_items.account_of_grant(item) == account_id
    ]
    others = load_collaborations(services, [*dict.fromkeys(map(items.collaboration_id_of, found_grants))])
    active = {other.agreement: other for other in others if other.state is CollaborationState.ACTIVE}
    found: dict[str, list[OtherGrant]] = {}
    for item, access in readable(found_grants, grant_items.access):
        other = active.get(items.agreement_of(item))
        if other is None:
            continue
        # Another solution of the account opens the account as well, but not this solution.
        same = other.solution == collaboration.solution
        given = frozenset(what for what in access.what if same or what is Resource.ACCOUNT)
        found.setdefault(access.person.email.folded, []).append(OtherGrant(items.key_of(item), given))
    return found


def _relied_on(
    collaboration: Collaboration, difference: Change, others: Mapping[str, Sequence[OtherGrant]]
) -> Mapping[keys.Key, Mapping[Resource, keys.Key]]:
    """The grants for whose sake nothing is told of a gain or a loss: `whoever-is-last-tells-of-the-loss`.

    They must be there still when it is written: two runs that revoke at the same time would each leave it to the other,
    and one that grants would leave it to one that tells of the loss. Each with what is given beside it, by what that
    opens too: a run that revokes at the same time, and has not seen it, has to look again.
    """
    relied_on: dict[keys.Key, dict[Resource, keys.Key]] = {}
    for step in difference.access:
        access = step.after or step.before
        if access is None or (step.before and step.after):
            continue
        for what in access.what:
            given = [other for other in others.get(access.person.email.folded, ()) if what in other.what]
            for grant in given[:1]:
                relying = relied_on.setdefault(grant.key, {})
                if step.after:
                    relying[what] = keys.grant(collaboration.agreement, access.key)
    return relied_on


def _siblings(collaboration: Collaboration, directory: AccessContext) -> Iterator[AgreementId]:
    """The siblings whose list rows may not yet say whether their subscription is shared."""
    account, solution = directory.account, collaboration.solution
    subscription = account.any_subscription(solution) if account and solution else None
    others = subscription.others(collaboration.id) if subscription else ()
    if len(others) > _SIBLINGS_CONCERNED:
        return
    for use in others:
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
        account=account_of(collaboration, related.accounts),
        accounts=related.accounts,
        has_customer=bool(related.customers_by_number),
    )
