"""Grants to items of the table and back."""

from collaboration.domain.model.access import Access
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.storage import items, keys
from collaboration.storage.items import Attribute, Item


def grant_item(agreement: AgreementId, access: Access, account_id: AccountId | None) -> dict[str, Attribute]:
    """A grant, found under the account whose solution it opens, by person."""
    item = {**items.key(keys.grant(agreement, access.key)), "data": items.data(access)}
    if account_id:
        item["accountPk"] = items.text(keys.account_list(account_id))
        item["accountSk"] = items.text(keys.grant_of_account(access.person.email, agreement, access.side))
    return item


def account_of_grant(item: Item) -> AccountId | None:
    """The account under which a grant is found; None where it is under none."""
    return AccountId(items.string(item, "accountPk").partition("#")[2]) if "accountPk" in item else None


def person_of_grant(item: Item) -> str:
    """The hash of the address of the person whose grant a row of an account is."""
    return items.string(item, "accountSk").split("#")[1]


def access(item: Item) -> Access:
    """A grant."""
    return items.parsed(Access, item)
