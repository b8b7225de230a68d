"""The account register feeds accounts and their subscriptions."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.commands.directory_sync import PutResult, write_index_entries
from collaboration.commands.renewing import renew
from collaboration.domain.decisions.importing import assign_account
from collaboration.domain.decisions.registering import (
    changed_subscriptions,
    check_record,
    join_subscription,
    recorded_account,
    restored,
    terms_recorded,
)
from collaboration.domain.model.accounts import Account, AccountRecord
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.change import SIBLINGS_AT_ONCE
from collaboration.domain.model.collaboration import CollaborationState, account_of, binds_account
from collaboration.domain.model.faults import Code, FieldFault, Slug, UnreadableError, refused
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.subscriptions import RenewalError
from collaboration.domain.model.values import AccountId, OrganisationNumber, local_date
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.queries.directory import as_record, find_account_place, find_account_under
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import account_items, actions, items, keys, lists
from collaboration.storage.actions import ABSENT, EXISTS, NO_VALUE, UNCHANGED, Action
from collaboration.storage.commit import (
    change_actions,
    commit,
    delete_account_guard,
    person_items,
    put_account_guard,
    put_account_place,
)


def put_account(services: Services, account_id: AccountId, record: AccountRecord) -> PutResult[AccountRecord]:
    """An account as the register knows it. A subscription that it leaves out goes, unless a collaboration rests on it.

    Raises:
        RefusedError: `validation-failed`, the catalogue does not know a subscription's terms; `in-use`, the
            organisation number changes while something is live.
        UnreadableError: neither a subscription nor a collaboration that rests on it can be read.
        TableUnavailableError: the table does not answer.
    """
    check_record(record)

    def attempt(now: datetime) -> PutResult[AccountRecord]:
        place = find_account_place(services, account_id)
        found = find_account_under(services, place.number, account_id) if place else None
        before = _restored(services, found)
        if before and (_renewed_first(services, before, record, now) or _joined_first(services, before, record, now)):
            return attempt(now)
        after = recorded_account(account_id, record, before, local_date(now))
        if before == after:
            return PutResult(as_record(after), new=False)
        account_actions = [put_account_place(after, place), *_account_actions(services, before, after, now)]
        _write_administrator_index(services, before, after)
        services.table.write([*account_actions, *_terms_actions(services, before, after, now)])
        return PutResult(as_record(after), new=before is None)

    return retry_on_conflict(attempt, services)


def _renewed_first(services: Services, account: Account, record: AccountRecord, now: datetime) -> bool:
    """Carry out a due renewal of a subscription of which the register says something new; whether there was one.

    Or an end that is due before it.
    The register may renew before the clean-up comes: what was agreed for that day must not wait for the day after it
    (`in-the-order-of-time`). What it has read here just now is nothing new, and is renewed when the clean-up comes.
    """
    return any(
        _renewed(services, account, terms.solution, now)
        for terms in record.subscriptions
        if terms.solution not in account.unreadable_subscriptions
        and (subscription := account.any_subscription(terms.solution))
        and subscription.renews_here
        and terms not in (subscription.register_terms, subscription.terms)
    )


def _renewed(services: Services, account: Account, solution: str, now: datetime) -> bool:
    """Carry out a due renewal, or an end that is due before it; whether there was one."""
    try:
        return renew(services, account, solution, now) is not None
    except RenewalError:
        # Whoever says something new of it may put its period right.
        return False


def _joined_first(services: Services, account: Account, record: AccountRecord, now: datetime) -> bool:
    """Let a collaboration come to rest on a subscription that the register leaves out; whether one did.

    Version 0.1.0 did not note what was linked before the register had recorded the subscription, nor what is unlinked.
    The audit does: until it has come, nothing is dropped under them (`rests-on-its-accounts-solution`).
    """
    named = {terms.solution for terms in record.subscriptions}
    unused = {known.terms.solution for known in account.subscriptions if not known.subscribers} - named
    if not unused or account.organisation_number != record.organisation_number:
        return False
    under_number = services.table.partition(keys.organisation(account.organisation_number))
    accounts = account_items.accounts(under_number)
    rows = (row for row in lists.collaborations_of_account(services.table, account.id) if items.is_active(row))
    ids = dict.fromkeys((*map(items.collaboration_id_of, rows), *items.unlinked_of(under_number)))
    for collaboration in load_collaborations(services, [*ids]):
        if collaboration.solution not in unused:
            continue
        change = assign_account(collaboration, accounts, now)
        change = change or join_subscription(collaboration, account_of(collaboration, accounts), now)
        if change:
            commit(services.table, change)
            return True
    return False


def _restored(services: Services, account: Account | None) -> Account | None:
    """The account with what the collaborations know of its subscriptions that cannot be read: a PUT writes them anew.

    Nothing comes to rest on those, nor ceases to, while they cannot be read: the index of accounts is up to date.
    """
    if account is None or not account.unreadable_subscriptions:
        return account
    rows = [row for row in lists.collaborations_of_account(services.table, account.id) if items.is_active(row)]
    found = load_collaborations(services, [items.collaboration_id_of(row) for row in rows])
    if len(found) < len(rows):
        # What rests on the subscription would be lost.
        raise UnreadableError("collaboration")
    return restored(account, (other for other in found if other.state is CollaborationState.ACTIVE))


def _terms_actions(services: Services, before: Account | None, after: Account, now: datetime) -> Iterator[Action]:
    """What new terms change in the collaborations that rest on them, in the same transaction.

    Where many rest on them, the others follow when the access service hears of the account.
    """
    left = SIBLINGS_AT_ONCE
    for subscription in changed_subscriptions(before, after):
        uses = subscription.subscribers[:left]
        left -= len(uses)
        subscribers = load_collaborations(services, [use.collaboration_id for use in uses])
        yield from change_actions(terms_recorded(subscription, subscribers, now))


def _write_administrator_index(services: Services, before: Account | None, after: Account) -> None:
    # Before the account, and apart from it: a transaction holds 100 actions, an account 200 users. An entry too many
    # is harmless, since who follows it asks the account; one too few would hide a company from its administrator.
    moved = before is None or before.organisation_number != after.organisation_number
    known = set() if before is None or moved else {user.email.folded for user in before.administrators}
    index_entries = [*person_items(after, (user for user in after.administrators if user.email.folded not in known))]
    write_index_entries(services, index_entries)


def _account_actions(services: Services, before: Account | None, after: Account, now: datetime) -> Iterator[Action]:
    moved = before is not None and before.organisation_number != after.organisation_number
    yield from _guard_actions(services, before, after)
    if moved and before is not None:
        _check_movable(services, before, now)
        yield actions.delete(keys.account(before.organisation_number, before.id), UNCHANGED, revision=_at(before))
        for solution, revision in _stored_revisions(before).items():
            subscription_key = keys.subscription(before.organisation_number, before.id, solution)
            yield actions.delete(subscription_key, UNCHANGED, revision=items.number(revision))
    in_place = before if not moved else None
    if in_place is None:
        yield actions.put(account_items.account_item(after), NO_VALUE)
    else:
        yield actions.put(account_items.account_item(after), UNCHANGED, revision=_at(in_place))
    unchanged = in_place.subscriptions if in_place else ()
    unreadable = in_place.unreadable_subscriptions if in_place else {}
    had = _stored_revisions(in_place) if in_place else {}
    for subscription in after.subscriptions:
        solution = subscription.terms.solution
        subscription_key = keys.subscription(after.organisation_number, after.id, solution)
        item = account_items.subscription_item(subscription_key, subscription)
        if solution not in had:
            yield actions.put(item, ABSENT)
        elif subscription not in unchanged or solution in unreadable:
            yield actions.put(item, UNCHANGED, revision=items.number(had[solution]))
    for solution in had.keys() - {subscription.terms.solution for subscription in after.subscriptions}:
        subscription_key = keys.subscription(after.organisation_number, after.id, solution)
        yield actions.delete(subscription_key, UNCHANGED, revision=items.number(had[solution]))


def _stored_revisions(account: Account) -> dict[str, int]:
    """The revisions of an account's subscriptions as they are stored, by solution, readable or not."""
    readable = {subscription.terms.solution: subscription.revision for subscription in account.subscriptions}
    return {**readable, **account.unreadable_subscriptions}


def _guard_actions(services: Services, before: Account | None, after: Account) -> Iterator[Action]:
    """Let the guard of the account's number name an account that is there, and hand on the one of its number before.

    An account that is fed beside another of its number is the register's to know: the guard names the first.
    """
    under_number = services.table.partition(keys.organisation(after.organisation_number))
    guard, present = (
        account_items.account_guard(under_number),
        {account.id for account in account_items.accounts(under_number)},
    )
    if guard is None or guard.owner not in {*present, after.id}:
        yield put_account_guard(after.organisation_number, after.id, guard)
    if before is None or before.organisation_number == after.organisation_number:
        return
    under_former = services.table.partition(keys.organisation(before.organisation_number))
    former = account_items.account_guard(under_former)
    others = [account.id for account in account_items.accounts(under_former) if account.id != before.id]
    if former is None or former.owner in others:
        return
    if others:
        yield put_account_guard(before.organisation_number, others[0], former)
        yield actions.check(keys.account(before.organisation_number, others[0]), EXISTS)
    else:
        yield delete_account_guard(before.organisation_number, former)


def _at(versioned: Account) -> items.Attribute:
    return items.number(versioned.revision)


def _check_movable(services: Services, account: Account, now: datetime) -> None:
    """Let an account move where nothing live has it: `nothing-new-while-an-account-moves`.

    Invitations are found by the guards of the customers with the number, which are read consistently; an index may
    be behind. So are collaborations that no subscription names. What comes after `account` was read moves its revision.

    Raises:
        RefusedError: `in-use`.
    """
    uses = [use.collaboration_id for subscription in account.subscriptions for use in subscription.subscribers]
    guards = [guard for guard in _guards_under(services, account.organisation_number) if guard.holds(now)]
    uses += [name for guard in guards if (name := guard.collaboration) and name not in uses]
    found = load_collaborations(services, uses)
    live = any(binds_account(collaboration) and collaboration.account_id == account.id for collaboration in found)
    agreements = [guard.invitation.agreement for guard in guards if guard.invitation]
    invitations = services.table.get(*(keys.invitation(agreement) for agreement in agreements if agreement))
    pending = any(items.is_of_account(item, account.id) for item in invitations.values())
    # One that cannot be read counts as live.
    if pending or live or len(found) < len(uses):
        raise refused(Slug.IN_USE, FieldFault("#/organisationNumber", Code.NOT_AVAILABLE), hint="account")


def _guards_under(services: Services, number: OrganisationNumber) -> Iterator[Guard]:
    """The guards of all customers with the number, of every office."""
    under_number = services.table.partition(keys.organisation(number))
    guard_keys = [
        keys.guard(office_id, customer_id, solution.key)
        for office_id, customer_id in items.all_customers_by_number(under_number)
        for solution in catalogue().solutions
    ]
    return (items.guard(item) for item in services.table.get(*guard_keys).values())
