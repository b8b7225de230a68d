"""Every condition that the product sends with a write: a guard that is broken, or the same as another and why.

A condition is known by the verb, the kind of item and its text. One that is not in `CONDITIONS` fails the test that
sends it, whichever that is: `known` is asked by the clients of the tests.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from proof.simulation import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Condition:
    """A condition, by the kind of its item. `part`: of which only this is meant."""

    verb: str
    kind: str
    text: str
    part: str = ""

    def is_in(self, verb: str, parts: dict[str, Any]) -> bool:
        """Whether a write sends it."""
        found = condition_of(verb, parts)
        return found is not None and (found.verb, found.kind, found.text) == (self.verb, self.kind, self.text)

    def rest(self, text: str) -> str:
        """What is left of the condition without it."""
        return text.replace(self.part, "").strip() if self.part else ""


def place_of(parts: dict[str, Any]) -> tuple[str, str]:
    """Where a write is."""
    key = parts.get("Key") or parts["Item"]
    return key["pk"]["S"], key["sk"]["S"]


def condition_of(verb: str, parts: dict[str, Any]) -> Condition | None:
    """The condition of a write; None where it has none."""
    if "ConditionExpression" not in parts:
        return None
    pk, sk = place_of(parts)
    kinds = [pk.partition("#")[0], *re.findall(r"^[A-Z-]+|(?<=#)(?:SUBSCRIPTION)(?=#)", sk)]
    return Condition(verb, " ".join(kinds), " ".join(parts["ConditionExpression"].split()))


@contextmanager
def recorded() -> Iterator[list[tuple[tuple[str, str], Condition | None]]]:
    """The places of the writes and checks that are sent within it, each with its condition."""
    seen: list[tuple[tuple[str, str], Condition | None]] = []
    transact, update = Client.transact_write_items, Client.update_item

    def spied(self: Client, **request: Any) -> Any:
        for action in request["TransactItems"]:
            [(verb, parts)] = action.items()
            seen.append((place_of(parts), condition_of(verb, parts)))
        return transact(self, **request)

    def spied_update(self: Client, **request: Any) -> Any:
        seen.append((place_of(request), condition_of("Update", request)))
        return update(self, **request)

    with patch.object(Client, "transact_write_items", spied), patch.object(Client, "update_item", spied_update):
        yield seen


ABSENT, EXISTS, UNCHANGED = "attribute_not_exists(#pk)", "attribute_exists(#pk)", "#revision = :revision"
FREE, OWNED = f"{ABSENT} OR #until <= :now", f"{ABSENT} OR #owner = :owner"
NEWS = "attribute_exists(#pk) AND attribute_not_exists(#map.#entry) OR #map.#entry <= :value"
LOGIN = " AND (attribute_not_exists(#loginMails) OR #loginMails = :loginMails)"
NO_ACCOUNT, SAME_ACCOUNT = " AND attribute_not_exists(#accountPk)", " AND #accountPk = :accountPk"
ROW = " AND (attribute_not_exists(#rowVersion) OR #rowVersion = :rowVersion)"
AGREEMENT = "AGREEMENT COLLABORATION"
COLLABORATION = tuple(
    Condition("Update", AGREEMENT, f"{UNCHANGED}{LOGIN}{account}{row}")
    for account in (NO_ACCOUNT, SAME_ACCOUNT)
    for row in ("", ROW)
)
INVITATION = tuple(
    Condition("Update", "AGREEMENT INVITATION", f"{UNCHANGED} AND #state = :state{time}")
    for time in ("", " AND #expiresAt <= :now", " AND #expiresAt > :now")
)


def of(verb: str, kind: str, text: str) -> tuple[Condition, ...]:
    """One condition."""
    return (Condition(verb, kind, text),)


# The same as another one that is broken: whoever passes that one passes this one.
EQUIVALENT: Mapping[Condition, str] = {
    Condition("Delete", "CUSTOMER GUARD", OWNED): "the agreement that holds it is written at its revision beside it",
    Condition("Put", "CUSTOMER GUARD", OWNED): "the agreement that holds it is written at its revision beside it",
    Condition("Put", "ACCOUNT ACCOUNT", "#organisationNumber = :organisationNumber"): (
        "the account is written at its revision beside it"
    ),
    Condition("Delete", "ORGANISATION GUARD", "#owner = :owner"): "the account moves at its revision beside it",
    Condition("Put", "ORGANISATION GUARD", "#owner = :owner"): "the account it names is written beside it, or is gone",
    Condition("Put", "ORGANISATION ACCOUNT", ABSENT): "its id is new, and the guard of its number is put beside it",
    Condition("Put", "ORGANISATION ACCOUNT", "attribute_not_exists(#data)"): "its place is put beside it, once",
    Condition("Put", "AGREEMENT INVITATION", ABSENT): "its id is new: it is drawn for each attempt",
    Condition("Put", "AGREEMENT HISTORY", ABSENT): "what it tells of is written at its revision beside it",
    Condition("ConditionCheck", "ORGANISATION ACCOUNT", EXISTS): "an account moves with its subscriptions, at theirs",
    Condition("Update", "OFFICE OFFICE", EXISTS): "an office is never removed",
    Condition(
        "Update", "AGREEMENT INVITATION", EXISTS
    ): "an invitation is never removed, nor what is erased of it here",
    Condition(
        "ConditionCheck", "AGREEMENT DIGEST", ABSENT
    ): "it clears notices, each as it was read, and sends nothing",
    Condition(
        "ConditionCheck", "AGREEMENT DIGEST", "#day = :day"
    ): "it clears notices, as they were read; no mail goes",
    Condition("Update", "OFFICE EMPLOYEE", UNCHANGED): "what it adds is what a PUT writes as well",
}

# What no two commands of a situation bring out. Tests of their own hold them.
UNTRIED: Mapping[Condition, str] = {
    Condition(
        "Update", "AGREEMENT MAIL", "#delivery = :queued AND #attempts = :attempts"
    ): "only where SES refuses, or where nobody can accept, which the situations do not have while a mail waits",
    Condition("Update", "AGREEMENT COLLABORATION-DELIVERY", EXISTS): "only tests send it",
    Condition("ConditionCheck", AGREEMENT, UNCHANGED): "the audit follows, and repairs",
    Condition("Delete", "AGREEMENT MARKER", "#noticeAt = :at"): "two mails of an invitation come back",
    Condition("Delete", "AGREEMENT MARKER", "attribute_not_exists(#noticeAt)"): "two mails of an invitation come back",
    Condition("Put", "AGREEMENT MARKER", ABSENT): "a bounce that comes meanwhile says the same of it",
    Condition("Put", "AGREEMENT MARKER", "#listSk = :listSk"): "a bounce that comes meanwhile says the same of it",
    Condition("Delete", "AGREEMENT GRANT", "attribute_not_exists(#accountBy) AND attribute_not_exists(#solutionBy)"): (
        "no rule counts what events say was lost"
    ),
    Condition(
        "ConditionCheck", "ORGANISATION ACCOUNT SUBSCRIPTION", ABSENT
    ): "no import of a situation ends without one",
    Condition("ConditionCheck", "ORGANISATION ACCOUNT SUBSCRIPTION", UNCHANGED): "no import of a situation has one",
    Condition("ConditionCheck", "ORGANISATION GUARD", ABSENT): "as where it is put, which is broken",
    Condition("ConditionCheck", "ORGANISATION GUARD", "#owner = :owner"): "as where it is put, which is broken",
    Condition(
        "ConditionCheck", "ORGANISATION ACCOUNT", ABSENT
    ): "an account that comes to a number whose guard is left",
}
