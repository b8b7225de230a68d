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
    Condition(
        "Put", "AGREEMENT OUTBOX", ABSENT
    ): "what it tells of is written at its revision, or on its day, beside it",
    Condition("ConditionCheck", "ORGANISATION ACCOUNT", EXISTS): "an account moves with its subscriptions, at theirs",
    Condition("Update", "OFFICE OFFICE", EXISTS): "an office is never removed",
    Condition("Update", "OFFICE EMPLOYEE", UNCHANGED): "what it adds is what a PUT writes as well",
}

# What no two commands of a situation bring out. Tests of their own hold them.
UNTRIED: Mapping[Condition, str] = {
    Condition("Update", AGREEMENT, f"{UNCHANGED}{ROW}"): "what it spoils is copied again when the bus is quiet",
    Condition("Delete", "ORGANISATION ACCOUNT SUBSCRIPTION", UNCHANGED): "no pair of `pending` in so many runs",
    Condition("Update", "AGREEMENT MAIL", "#delivery = :queued"): "SES says nothing of a mail before it has it",
    Condition("Update", "AGREEMENT MAIL", "#delivery = :queued AND #attempts = :attempts"): "only where SES refuses",
    Condition("Update", "AGREEMENT OUTBOX", EXISTS): "a mail that waits keeps its invitation from being erased",
    Condition("Update", "AGREEMENT INVITATION", EXISTS): "an invitation is never removed",
    Condition("Update", "AGREEMENT INVITATION", UNCHANGED): "only while a mail waits",
    Condition("Update", "AGREEMENT COLLABORATION-DELIVERY", NEWS): "as for an invitation, which is broken",
    Condition("Update", "AGREEMENT COLLABORATION-DELIVERY", EXISTS): "as for an invitation, which is broken",
    Condition("Update", "SEND-RATE SEND-RATE", "attribute_not_exists(#second) OR #second < :second"): (
        "a thousand mails a second are more than there are"
    ),
    Condition("ConditionCheck", AGREEMENT, UNCHANGED): "the audit follows, and repairs",
    Condition(
        "ConditionCheck", "AGREEMENT ATTEMPTS", ABSENT
    ): "the door closes after five wrong tries, and none has four",
    Condition("ConditionCheck", "AGREEMENT ATTEMPTS", "#attempts = :attempts"): "as above",
    Condition("Put", "AGREEMENT ATTEMPTS", "#attempts = :attempts"): "as for the first wrong try, which is broken",
    Condition("Put", "AGREEMENT DIGEST", ABSENT): "two digests of a day have one mail, which is put once",
    Condition("Put", "AGREEMENT DIGEST", "#day = :day"): "two digests of a day have one mail, which is put once",
    Condition("ConditionCheck", "AGREEMENT DIGEST", ABSENT): "two digests of a day have one mail, which is put once",
    Condition("ConditionCheck", "AGREEMENT DIGEST", "#day = :day"): "two digests of a day have one mail, put once",
    Condition("Delete", "AGREEMENT DIGEST", "#day = :day"): "nothing is noted when the last digest is a month old",
    Condition("Delete", "AGREEMENT MARKER", "#noticeDueAt = :due"): "who revives it removes the marker as well",
    Condition("Delete", "AGREEMENT MARKER", "#noticeAt = :at"): "two mails of an invitation come back",
    Condition("Delete", "AGREEMENT MARKER", "attribute_not_exists(#noticeAt)"): "two mails of an invitation come back",
    Condition("Put", "AGREEMENT MARKER", ABSENT): "a bounce that comes meanwhile says the same of it",
    Condition("Put", "AGREEMENT MARKER", "#listSk = :listSk"): "a bounce that comes meanwhile says the same of it",
    Condition("Delete", "AGREEMENT GRANT", "attribute_not_exists(#accountBy) AND attribute_not_exists(#solutionBy)"): (
        "no rule counts what events say was lost"
    ),
    Condition("Put", "REPORT", ABSENT): "no rule counts what reports say",
    Condition("Put", "REPORT", UNCHANGED): "no rule counts what reports say",
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
