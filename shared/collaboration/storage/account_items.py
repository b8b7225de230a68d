"""Accounts, their subscriptions and their guards to items of the table and back."""

from collections.abc import Iterable

from collaboration.domain.model.accounts import Account, AccountGuard
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import AccountId, OrganisationNumber, local_midnight
from collaboration.frozen import dataclass
from collaboration.storage import items, keys
from collaboration.storage.items import Attribute, Item
from collaboration.storage.unreadable import UNREADABLE, report_unreadable

# Fields of an account that are no part of the value as it is stored.
_STORED_APART = {"subscriptions", "signed_in", "revision", "unreadable", "unreadable_subscriptions"}


@dataclass(frozen=True)
class AccountPlace:
    """Where an account is found that is known by its id alone: its number, and those that it left, the latest first."""

    number: OrganisationNumber
    former: tuple[OrganisationNumber, ...]


def account_place(item: Item) -> AccountPlace:
    """The place of an account."""
    return AccountPlace(OrganisationNumber(items.string(item, "organisationNumber")), items.former_numbers(item))


def account_item(account: Account) -> dict[str, Attribute]:
    """An account without its subscriptions, which are items of their own."""
    return {
        **items.key(keys.account(account.organisation_number, account.id)),
        "data": items.data(account, without=_STORED_APART),
        "revision": items.number(account.revision),
        **({"signedIn": {"BOOL": True}} if account.signed_in else {}),
        **items.correlation(),
    }


def subscription_item(item_key: keys.Key, subscription: Subscription) -> dict[str, Attribute]:
    """A subscription. It is due when it renews, whether or not a collaboration still uses it."""
    item = {
        **items.key(item_key),
        "data": items.data(subscription, without={"revision"}),
        "revision": items.number(subscription.revision),
    }
    if subscription.renews_here:
        renews = local_midnight(subscription.terms.renews_on)
        item |= items.due_attributes("RENEWAL", item_key.sk, renews)
    return item


def accounts(found: Iterable[Item]) -> tuple[Account, ...]:
    """The accounts among the items of an organisation number, each with its subscriptions.

    One that cannot be read is there all the same, and says so: the others go on, and nobody takes it for none.
    """
    subscriptions: dict[str, list[Subscription]] = {}
    unreadable: dict[str, dict[str, int]] = {}
    heads: list[Item] = []
    for item in found:
        sort_key = items.string(item, "sk")
        if not sort_key.startswith("ACCOUNT#"):
            continue
        head, _, solution = sort_key.partition("#SUBSCRIPTION#")
        if solution:
            revision = items.integer(item, "revision")
            try:
                subscription = items.parsed(Subscription, item).replace(revision=revision)
            except UNREADABLE:
                report_unreadable(item)
                unreadable.setdefault(head, {})[solution] = revision
            else:
                subscriptions.setdefault(head, []).append(subscription)
        elif "data" in item:
            heads.append(item)
        else:
            # Left by a mark on an account that had moved: no account.
            report_unreadable(item)
    return tuple(
        _account(item).replace(
            revision=items.integer(item, "revision"),
            signed_in="signedIn" in item,
            subscriptions=tuple(subscriptions.get(items.string(item, "sk"), ())),
            unreadable_subscriptions=unreadable.get(items.string(item, "sk"), {}),
        )
        for item in heads
    )


def _account(item: Item) -> Account:
    try:
        return items.parsed(Account, item)
    except UNREADABLE:
        report_unreadable(item)
        key = items.key_of(item)
        account_id, number = AccountId(key.sk.partition("#")[2]), OrganisationNumber(key.pk.partition("#")[2])
        # It has no name that could be shown but its id.
        return Account(id=account_id, organisation_number=number, name=account_id, unreadable=True)


def account_guard(found: Iterable[Item]) -> AccountGuard | None:
    """The account guard among the items of an organisation number."""
    item = next((item for item in found if items.string(item, "sk") == keys.ACCOUNT_GUARD), None)
    return AccountGuard(AccountId(items.string(item, "owner")) if "owner" in item else None) if item else None


def account_guard_item(organisation_number: OrganisationNumber, owner: AccountId) -> dict[str, Attribute]:
    """An account guard that names an account."""
    return {**items.key(keys.account_guard(organisation_number)), "owner": items.text(owner)}
