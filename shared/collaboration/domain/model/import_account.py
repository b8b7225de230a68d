"""The account that an unlinked import belongs to, and the subscription that it rests on there."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.change import SubscriptionTransition
from collaboration.domain.model.collaboration import ArrangedEnd, Collaboration, copied_terms
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind, differences, entry_id, history_entries
from collaboration.domain.model.subscription_transitions import joined, released
from collaboration.domain.model.values import AccountId, Side


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
    account_id = account.id if account else None
    existing = account.any_subscription(solution) if account and solution else None
    terms: dict[str, object] = {"setup": SetUp(), "next_setup": None, "renews_on": None, "customer_owned": False}
    if existing is not None:
        terms |= copied_terms(existing)
    ends = _ends_there(collaboration, (account_id, solution))
    agreed_anew = ends != collaboration.arranged_ends
    return collaboration.replace(
        account_id=account_id,
        solution=solution,
        arranged_ends=ends,
        revision=collaboration.revision + agreed_anew,
        **terms,
    )


def _ends_there(collaboration: Collaboration, rests_on: tuple[AccountId | None, str | None]) -> tuple[ArrangedEnd, ...]:
    """The arranged ends of an import that is with another account: `no-end-by-another-company`.

    What the office has arranged goes on, since it is the office's wherever the import is. What another company's people
    have arranged does not, nor does an end that has failed there.
    """
    ends, account_id = collaboration.arranged_ends, collaboration.account_id
    if account_id is None or (account_id, collaboration.solution) == rests_on:
        return ends
    return tuple(end for end in ends if end.by.side is Side.OFFICE and end.problem is None)


def ends_left_behind(
    before: Collaboration, after: Collaboration, now: datetime, *, index: int = 0
) -> tuple[Entry, ...]:
    """What the timeline says, about the account that an import has left, of an end that stays behind there.

    Args:
        before: the import.
        after: the import as it is with its account of now.
        now: the time, in UTC.
        index: how many entries of the same moment come before.
    """
    kept = {end.by.side for end in after.arranged_ends}
    left = next((end for end in before.arranged_ends if end.problem is None and end.by.side not in kept), None)
    if left is None:
        return ()
    cancelled = tuple(differences(left.as_fields(), {}))
    entries = history_entries(before.subject, SYSTEM, now, EntryKind.END_CANCELLED)
    return tuple(entry.replace(id=entry_id(before.agreement, now, index), changes=cancelled) for entry in entries)


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
