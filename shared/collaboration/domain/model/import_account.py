"""The account that an unlinked import belongs to, and the subscription that it rests on there."""

from collections.abc import Iterator

from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.change import SubscriptionTransition
from collaboration.domain.model.collaboration import Collaboration, copied_terms
from collaboration.domain.model.subscription_transitions import joined, released


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


def account_name(collaboration: Collaboration, accounts: tuple[Account, ...]) -> str | None:
    """The name of the account that a collaboration is with, for its list row; None without one.

    Args:
        collaboration: a collaboration.
        accounts: the accounts with its organisation number.
    """
    return next((account.name for account in accounts if account.id == collaboration.account_id), None)


def _assigned(collaboration: Collaboration, account: Account | None) -> Collaboration:
    solution = collaboration.imported_solution
    existing = account.any_subscription(solution) if account and solution else None
    terms: dict[str, object] = {"setup": SetUp(), "next_setup": None, "renews_on": None, "customer_owned": False}
    if existing is not None:
        terms |= copied_terms(existing)
    account_id = account.id if account else None
    # An end that failed there says nothing of another company's account: `arranged-end-stays-where-confirmed`.
    left = collaboration.account_id not in {None, account_id}
    arranged_ends = tuple(end for end in collaboration.arranged_ends if not (left and end.problem))
    return collaboration.replace(account_id=account_id, solution=solution, arranged_ends=arranged_ends, **terms)


def _subscriptions(
    before: Collaboration, after: Collaboration, accounts: tuple[Account, ...]
) -> Iterator[SubscriptionTransition]:
    stays = (before.account_id, before.solution) == (after.account_id, after.solution)
    for account in accounts:
        # Its solution is another after it was linked to one that the older program did not name, and is so no longer.
        if account.id == before.account_id and not stays:
            yield from released(account, before)
        if account.id == after.account_id:
            yield from joined(account, after)
