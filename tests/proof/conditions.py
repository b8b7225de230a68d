"""Every condition that the product sends with a write: a guard that is broken, or the same as another and why.

A condition is known by the verb, the kind of item and its text. One that a command of any situation sends and that is
neither a guard of `guards` nor listed here fails a test.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
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

    def __str__(self) -> str:
        """In words: what it is sent with, and what it says."""
        whole = f"{self.verb} of {self.kind} if {self.text}"
        return f"{self.part.removeprefix(AND).removesuffix(AND)} alone in: {whole}" if self.part else whole

    def is_in(self, verb: str, parts: dict[str, Any]) -> bool:
        """Whether a write sends it."""
        found = condition_of(verb, parts)
        return found is not None and (found.verb, found.kind, found.text) == (self.verb, self.kind, self.text)

    def rest(self, text: str) -> str:
        """What is left of the condition without it."""
        return text.replace(self.part, "").strip() if self.part else ""

    def split(self, parts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """A write with this condition alone, and one with what is left of its condition; None where nothing is."""
        meant, left = self.part.removeprefix(AND).removesuffix(AND) or self.text, self.rest(self.text)
        return with_condition(parts, meant), with_condition(parts, left) if left else None


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


AND = " AND "
PLACEHOLDER = re.compile(r"[#:]\w+")


def with_condition(parts: dict[str, Any], text: str) -> dict[str, Any]:
    """A write under another condition, of the same names and values; with none at all where there is no text."""
    used = set(PLACEHOLDER.findall(f"{parts.get('UpdateExpression', '')} {text}"))
    kept = {name: value for name, value in parts.items() if name != "ConditionExpression"}
    kept |= {"ConditionExpression": text} if text else {}
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        values = {key: value for key, value in kept.pop(name, {}).items() if key in used}
        kept |= {name: values} if values else {}
    return kept


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
FIRST = "attribute_exists(#pk) AND attribute_not_exists(#map.#entry)"
NEWS = "attribute_exists(#pk) AND attribute_not_exists(#map.#entry) OR #map.#entry <= :value"
LOGIN = " AND (attribute_not_exists(#loginMails) OR #loginMails = :loginMails)"
NO_ACCOUNT, SAME_ACCOUNT = " AND attribute_not_exists(#accountPk)", " AND #accountPk = :accountPk"
NOTES = " AND (attribute_not_exists(#notes) OR #notes = :notes)"
ROW = " AND (attribute_not_exists(#rowVersion) OR #rowVersion = :rowVersion)"
AGREEMENT, GRANT = "AGREEMENT COLLABORATION", "AGREEMENT GRANT"
COLLABORATION = tuple(
    Condition("Update", AGREEMENT, f"{UNCHANGED}{LOGIN}{account}{row}")
    for account in (NO_ACCOUNT, SAME_ACCOUNT)
    for row in ("", ROW)
)
INVITATION = tuple(
    Condition("Update", "AGREEMENT INVITATION", f"{UNCHANGED}{NOTES} AND #state = :state{time}")
    for time in ("", " AND #expiresAt <= :now", " AND #expiresAt > :now")
)

CLAIM, POSTPONED = (
    "#delivery = :queued AND #attempts = :had AND #nextTry <= :now",
    "#delivery = :queued AND #attempts = :attempts",
)
COUNTED = "#second = :second AND #taken < :most"
TRIED = "#attempts = :attempts AND attribute_not_exists(#closed)"
AS_AUDITED = f"{UNCHANGED} AND #data = :data"

# A grant goes while those are named that rely on it as it was read: for the account, and for the solution.
REVOKED = tuple(
    Condition("Delete", GRANT, f"{account} AND {solution}")
    for account in ("attribute_not_exists(#accountBy)", "#accountBy = :accountBy")
    for solution in ("attribute_not_exists(#solutionBy)", "#solutionBy = :solutionBy")
)


def of(verb: str, kind: str, text: str) -> tuple[Condition, ...]:
    """One condition."""
    return (Condition(verb, kind, text),)


def part(verb: str, kind: str, text: str, left_out: str) -> tuple[Condition, ...]:
    """One condition, of which only a part is left out."""
    return (Condition(verb, kind, text, left_out),)


# The same as another one that is broken: whoever passes that one passes this one. `equivalents` shows it of each, over
# the pairs of a situation, by its name here, in which the condition is sent.
EQUIVALENT: Mapping[Condition, tuple[str, str]] = {
    Condition("Delete", "ORGANISATION GUARD", "#owner = :owner"): (
        "nothing",
        "the account moves at its revision beside it",
    ),
    Condition("Put", "ORGANISATION ACCOUNT", ABSENT): (
        "new-company",
        "its id is new, and the guard of its number is put beside it",
    ),
    Condition("Put", "ORGANISATION ACCOUNT", "attribute_not_exists(#data)"): (
        "new-company",
        "its place is put beside it, once",
    ),
    Condition("Put", "AGREEMENT INVITATION", ABSENT): ("nothing", "its id is new: it is drawn for each attempt"),
    Condition("Put", "AGREEMENT HISTORY", ABSENT): (
        "end-fails",
        "what it tells of is written at its revision beside it",
    ),
    Condition("Update", "OFFICE OFFICE", EXISTS): ("older", "an office is never removed"),
    Condition("Update", "AGREEMENT INVITATION", EXISTS): (
        "two-erasures",
        "an invitation is never removed, nor what is erased of it here",
    ),
    Condition("ConditionCheck", "AGREEMENT DIGEST", ABSENT): (
        "digest-clears",
        "it clears notices, each as it was read",
    ),
    Condition("ConditionCheck", "AGREEMENT DIGEST", "#day = :day"): (
        "later-digest-clears",
        "it clears notices, each as it was read",
    ),
    Condition("Put", "AGREEMENT DIGEST", ABSENT): (
        "reminder",
        "its mail is put beside it, and its notices are cleared",
    ),
    Condition("Put", "AGREEMENT DIGEST", "#day = :day"): (
        "digest-again",
        "its mail is put beside it, and its notices are cleared",
    ),
    Condition("Put", "AGREEMENT OUTBOX", ABSENT): ("reminder", "what it tells of is written at its revision beside it"),
    Condition("Put", "IDEMPOTENCY IDEMPOTENCY", FREE): ("nothing", "what it answers is guarded beside it"),
    Condition("Update", "AGREEMENT MAIL", CLAIM, " AND #attempts = :had"): (
        "mail-in-vain",
        "who has claimed it has put it off",
    ),
    Condition("ConditionCheck", AGREEMENT, AS_AUDITED, f"{UNCHANGED} AND "): (
        "import-found",
        "what moves the revision changes what is stored",
    ),
    Condition("ConditionCheck", "AGREEMENT ATTEMPTS", TRIED, " AND attribute_not_exists(#closed)"): (
        "tries-closed",
        "what closes the links is noted on the invitation, which is written beside it",
    ),
    **{
        replace(condition, part=" AND #state = :state"): (where, "what changes the state moves the revision")
        for condition, where in zip(INVITATION, ("erasure", "expired", "one-try-left"), strict=True)
    },
    Condition("Update", AGREEMENT, f"{UNCHANGED}{ROW}", f"{UNCHANGED} AND "): (
        "row-behind",
        "what moves the revision copies the row",
    ),
    Condition("Update", AGREEMENT, f"{UNCHANGED}{ROW}", ROW): (
        "row-behind",
        "an edit moves the revision, and a run of access its own number",
    ),
    # Whoever is before the expiry, or after it, has seen so of what stands at the revision.
    **{
        replace(condition, part=time): ("at-expiry", "it was decided at that time, on what stands at its revision")
        for condition, time in zip(INVITATION[1:], (" AND #expiresAt <= :now", " AND #expiresAt > :now"), strict=True)
    },
}
