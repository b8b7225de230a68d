"""Grants to items of the table and back.

`accountBy` and `solutionBy` of a grant name another one that was given beside it, and of which no gain was told for the
sake of this one: whoever takes this one away looks at that one, which the index may not know yet.
"""

from collections.abc import Iterator, Mapping

from collaboration.domain.model.access import Access, AccessScope, Resource
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action
from collaboration.storage.items import Attribute, Item


def grant_item(agreement: AgreementId, access: Access, scope: AccessScope) -> dict[str, Attribute]:
    """A grant, found under the account whose solution it opens, by person."""
    item = {**items.key(keys.grant(agreement, access.key)), "data": items.data(access)}
    if scope.solution:
        item["solution"] = items.text(scope.solution)
    if scope.account_id:
        item["accountPk"] = items.text(keys.account_list(scope.account_id))
        item["accountSk"] = items.text(keys.grant_of_account(access.person.email, agreement, access.side))
    return item


def account_of_grant(item: Item) -> AccountId | None:
    """The account under which a grant is found; None where it is under none."""
    return AccountId(items.string(item, "accountPk").partition("#")[2]) if "accountPk" in item else None


def scope_of_grant(item: Item, present: AccessScope) -> AccessScope:
    """What a grant opens. One that an older version wrote does not name its solution: that of `present`."""
    solution = items.string(item, "solution") if "solution" in item else present.solution
    return AccessScope(account_id=account_of_grant(item), solution=solution)


def person_of_grant(item: Item) -> str:
    """The hash of the address of the person whose grant a row of an account is."""
    return items.string(item, "accountSk").split("#")[1]


def access(item: Item) -> Access:
    """A grant."""
    return items.parsed(Access, item)


def rely(account_id: AccountId | None, relied_on: keys.Key, relying: Mapping[Resource, keys.Key]) -> Action:
    """The action that lets a transaction through only while a grant is there, under its account.

    Args:
        account_id: that account.
        relied_on: the grant.
        relying: the grants that are given beside it, by what they open too. None where something is taken away.
    """
    here = {"accountPk": items.text(keys.account_list(account_id))} if account_id else {}
    condition = "#accountPk = :accountPk" if here else actions.EXISTS
    if not relying:
        return actions.check(relied_on, condition, **here)
    named = {_relying(what): items.text(f"{by.pk}|{by.sk}") for what, by in relying.items()}
    return actions.update(relied_on, named, condition, **here)


def relying_keys(item: Item) -> Iterator[keys.Key]:
    """The grants that rely on one, as far as it names them."""
    for what in Resource:
        if _relying(what) in item:
            pk, _, sk = items.string(item, _relying(what)).partition("|")
            yield keys.Key(pk, sk)


def revoke(grant_key: keys.Key, as_read: Item) -> Action:
    """The action that removes a grant, unless another has come to rely on it since it was read."""
    read = {name: as_read[name] for what in Resource if (name := _relying(what)) in as_read}
    conditions = (
        f"#{name} = :{name}" if name in read else f"attribute_not_exists(#{name})" for name in map(_relying, Resource)
    )
    return actions.delete(grant_key, " AND ".join(conditions), **read)


def _relying(what: Resource) -> str:
    return f"{what}By"
