"""Bring the grants of a collaboration, and what its list row copies, up to what they should be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.decisions.access import AT_ONCE, NOTHING_ELSE, diff_grants, list_row, revoke_former
from collaboration.domain.decisions.importing import assign_account
from collaboration.domain.decisions.registering import follow_terms, join_subscription
from collaboration.domain.model.access import Access, AccessScope, Resource
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, account_of
from collaboration.domain.model.values import AgreementId
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


@dataclass(frozen=True)
class _Run:
    """As `Reconciled`, of one run; `is_last`: nothing is left to do for another."""

    changed: int
    is_last: bool
    siblings: tuple[AgreementId, ...] = ()


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
        if run.is_last:
            return Reconciled(changed, run.siblings)


def _run(services: Services, agreement: AgreementId, now: datetime) -> _Run:
    """Bring the collaboration itself up to date, or else take away what it has left, or else follow the desire."""
    table = services.table
    run_key, collaboration_key = keys.access_run(agreement), keys.collaboration(agreement)
    found = table.get(run_key, collaboration_key)
    if collaboration_key not in found:
        return _Run(0, is_last=True)
    collaboration = items.collaboration(found[collaboration_key])
    grants = table.partition(run_key.pk, keys.GRANTS)
    directory = load_access_context(services, collaboration)
    if outdated := update_of(collaboration, directory, now):
        commit(table, outdated)
        return _Run(0, is_last=False)
    present_scope = scope_of(collaboration, directory)
    by_scope: dict[AccessScope, list[Access]] = {}
    for item, access in readable(grants, grant_items.access):
        by_scope.setdefault(grant_items.scope_of_grant(item, present_scope), []).append(access)
    # What was left is taken away before anybody has access anew: both have the same key.
    scope = next((left for left in by_scope if left != present_scope), present_scope)
    stored = tuple(by_scope.get(scope, ()))

    def decide(others: Mapping[str, frozenset[Resource]] = NOTHING_ELSE) -> Change | None:
        if scope != present_scope:
            return revoke_former(collaboration, scope, stored, now, others=others)
        return diff_grants(collaboration, directory, stored, now, others=others)

    difference = decide()
    relied_on: Mapping[keys.Key, Mapping[Resource, keys.Key]] = {}
    if difference and difference.history:
        others = load_other_access(services, collaboration, scope, difference.access, grants)
        difference = decide(
            {person: frozenset(what for grant in given for what in grant.what) for person, given in others.items()}
        )
        relied_on = _relied_on(collaboration, difference, others) if difference else relied_on
    row = list_row(collaboration, directory)
    run = AccessRun(
        agreement,
        items.integer(found.get(run_key, {}), "run"),
        scope,
        Transition(collaboration, collaboration.replace(list_row=row)) if row != collaboration.list_row else None,
        relied_on,
        {items.key_of(item): item for item in grants},
    )
    commit(table, difference or Change(at=now), run=run)
    changed = len(difference.access) if difference else 0
    return _Run(
        changed,
        is_last=scope == present_scope and changed < AT_ONCE,
        siblings=tuple(_siblings(collaboration, directory)),
    )


def scope_of(collaboration: Collaboration, directory: AccessContext) -> AccessScope:
    """What the grants of a collaboration open."""
    account_id = directory.account.id if directory.account else None
    return AccessScope(account_id=account_id, solution=collaboration.solution)


def update_of(collaboration: Collaboration, directory: AccessContext, now: datetime) -> Change | None:
    """What brings a collaboration itself up to date: its account, what it rests on, then the terms there.

    None when it is.
    """
    return (
        assign_account(collaboration, directory.accounts, now)
        or join_subscription(collaboration, directory.account, now)
        or follow_terms(collaboration, directory.account, now)
    )


@dataclass(frozen=True)
class OtherGrant:
    """A grant through another active collaboration of the account: what it opens of this one's account and solution."""

    key: keys.Key
    what: frozenset[Resource]


def load_other_access(
    services: Services,
    collaboration: Collaboration,
    scope: AccessScope,
    steps: Iterable[Transition[Access]],
    stored: Iterable[items.Item],
) -> Mapping[str, Sequence[OtherGrant]]:
    """The grants that persons have through an account's other active collaborations, by the keys of their access.

    Args:
        services: the application's services.
        collaboration: the one whose grants change.
        scope: what these grants open.
        steps: the grants that change.
        stored: its grants as they are stored.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    changed = [access for step in steps if (access := step.after or step.before)]
    persons = {access.person.email for access in changed}
    account_id = scope.account_id
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
        same = other.solution == scope.solution
        given = frozenset(what for what in access.what if same or what is Resource.ACCOUNT)
        same_office = other.office_id == collaboration.office_id
        for one in changed:
            if one.is_of_same_person(access, same_office=same_office):
                found.setdefault(one.key, []).append(OtherGrant(items.key_of(item), given))
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
            given = [other for other in others.get(access.key, ()) if what in other.what]
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
