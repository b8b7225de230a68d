"""The account that an unlinked import belongs to, and the subscription that it rests on there."""

from collections.abc import Iterator

from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.change import SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, copied_terms
from collaboration.domain.model.subscriptions import SubscriptionUse, released_by, with_use


def with_only_account(
    collaboration: Collaboration, accounts: tuple[Account, ...]
) -> tuple[Collaboration, tuple[SubscriptionTransition, ...]]:
    """An unlinked import with the only account of its number, and what changes in the subscriptions there.

    Without an account where there is none, or more than one: `import-belongs-to-only-account`.

    Args:
        collaboration: an unlinked import.
        accounts: the accounts with its organisation number.

    Raises:
        UnreadableError: what is stored of the account or its subscription cannot be read.
    """
    after = _assigned(collaboration, choose_account(accounts, None))
    return after, tuple(_subscriptions(collaboration, after, accounts))


def _assigned(collaboration: Collaboration, account: Account | None) -> Collaboration:
    solution = collaboration.imported_solution
    existing = account.any_subscription(solution) if account and solution else None
    terms: dict[str, object] = {"setup": SetUp(), "next_setup": None, "renews_on": None, "customer_owned": False}
    if existing is not None:
        terms |= copied_terms(existing)
    return collaboration.replace(account_id=account.id if account else None, solution=solution, **terms)


def _subscriptions(
    before: Collaboration, after: Collaboration, accounts: tuple[Account, ...]
) -> Iterator[SubscriptionTransition]:
    if before.solution is not None and before.solution != after.solution:
        # It was linked to a solution that the older program did not name, and is so no longer.
        yield from _released(before, accounts)
    if after.solution is None:
        return
    for account in accounts:
        if account.id not in {before.account_id, after.account_id}:
            continue
        existing = account.any_subscription(after.solution)
        if account.id == after.account_id and not (existing and existing.is_used_by(after.id)):
            use = SubscriptionUse(office_id=after.office_id, collaboration_id=after.id)
            joined = with_use(existing, after.solution, use)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, joined))
        elif account.id != after.account_id and existing and before.solution == after.solution:
            released = released_by(existing, after.id)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, released))


def _released(before: Collaboration, accounts: tuple[Account, ...]) -> Iterator[SubscriptionTransition]:
    for account in accounts:
        if account.id != before.account_id or before.solution is None:
            continue
        existing = account.any_subscription(before.solution)
        if existing and existing.is_used_by(before.id):
            released = released_by(existing, before.id)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, released))
