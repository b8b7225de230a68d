"""Guards broken on purpose: without one of them the simulation finds what it guards against, or proves nothing.

A guard is a condition of a transaction, which is left out of what is sent to the table, or a check in the code, which
is replaced. A row is lost when every run that there is was made and no rule was broken.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from collaboration.access import reconcile
from collaboration.commands import idempotency
from collaboration.domain.decisions import access as access_decisions
from collaboration.domain.model.access import access_of_office
from collaboration.queries.ask_context import load_ask_context
from collaboration.storage import commit

from proof.interleavings import Search
from proof.report import Row
from proof.simulation import Client, simulated
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from collaboration.domain.contexts.ask import AskContext

    from proof.report import Effort

PLACEHOLDER = re.compile(r"[#:]\w+")


@dataclass(frozen=True)
class Guard:
    """A guard that is broken. `rule`: by which rule it is to be found; `where`: the situation."""

    what: str
    broken: Callable[[], AbstractContextManager[object]]
    rule: str
    where: str


@contextmanager
def without_condition(verbs: str, pk: str, sk: str) -> Iterator[None]:
    """Leave out the condition of these verbs on keys that match."""
    sound = Client.transact_write_items

    def careless(self: Client, **request: Any) -> Any:
        found = [kept for action in request["TransactItems"] if (kept := _careless(action))]
        return sound(self, **{**request, "TransactItems": found}) if found else {}

    def _careless(action: dict[str, Any]) -> dict[str, Any] | None:
        [(verb, parts)] = action.items()
        key = parts.get("Key") or parts["Item"]
        if verb not in verbs.split() or not re.fullmatch(pk, key["pk"]["S"]) or not re.fullmatch(sk, key["sk"]["S"]):
            return action
        return None if verb == "ConditionCheck" else {verb: _unconditional(parts)}

    with patch.object(Client, "transact_write_items", careless):
        yield


def _unconditional(parts: dict[str, Any]) -> dict[str, Any]:
    used = set(PLACEHOLDER.findall(parts.get("UpdateExpression", "")))
    kept = {name: value for name, value in parts.items() if name != "ConditionExpression"}
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        values = {key: value for key, value in kept.pop(name, {}).items() if key in used}
        kept |= {name: values} if values else {}
    return kept


def condition(verbs: str, pk: str, sk: str) -> Callable[[], AbstractContextManager[object]]:
    """Breaks the conditions of these verbs on keys that match these expressions."""
    return lambda: without_condition(verbs, pk, sk)


def _no_stored_response() -> AbstractContextManager[object]:
    return patch.multiple(idempotency, find=lambda *_: None, load_ask_context=_without_stored)


def _without_stored(*arguments: Any) -> tuple[AskContext, None]:
    return load_ask_context(*arguments)[0], None


def _no(*parts: str) -> Callable[[], AbstractContextManager[object]]:
    """Commits that leave these parts of a change out."""
    real = commit._actions

    def some(change: Any, *others: Any) -> Any:
        return real(replace(change, **dict.fromkeys(parts, ())), *others)

    return lambda: patch.object(commit, "_actions", some)


def _everybody_of_the_task() -> AbstractContextManager[object]:
    """Access of employees who have left."""

    def careless(task_id: Any, task: Any, employees: Any, collaboration_id: Any = None) -> Any:
        active = {name: employee.replace(active=True) for name, employee in employees.items()}
        return access_of_office(task_id, task, active, collaboration_id)

    return patch.object(access_decisions, "access_of_office", careless)


def _forgets_siblings() -> AbstractContextManager[object]:
    return patch.object(reconcile, "diff_grants", lambda *_, **__: None)


AGREEMENT, CUSTOMER, NUMBER = "AGREEMENT#.*", "CUSTOMER#.*", "ORGANISATION#.*"
GUARDS = (
    Guard("one live per customer and solution", condition("Put", CUSTOMER, "GUARD#.*"), "one_live", "nothing"),
    Guard("a decision on what was read", condition("Update", AGREEMENT, "INVITATION"), "one_outcome", "pending"),
    Guard(
        "an end on what was read", condition("Update", AGREEMENT, "COLLABORATION"), "history_agrees", "collaborating"
    ),
    Guard("one account per new company", condition("Put", NUMBER, "GUARD"), "one_account", "new-company"),
    Guard(
        "the account is still there",
        condition("ConditionCheck Update", NUMBER, "ACCOUNT#[^#]*"),
        "account_is_there",
        "nothing",
    ),
    Guard(
        "nothing live comes to an account that moves",
        condition("Delete", NUMBER, "ACCOUNT#[^#]*"),
        "account_is_there",
        "nothing",
    ),
    Guard(
        "a subscription as it was read",
        condition("Put", NUMBER, "ACCOUNT#.*#SUBSCRIPTION#.*"),
        "subscriptions_agree",
        "shared",
    ),
    Guard(
        "the customer keeps its number", condition("ConditionCheck", CUSTOMER, "CUSTOMER"), "number_agrees", "nothing"
    ),
    Guard("wrong digits are counted", condition("Put", AGREEMENT, "ATTEMPTS"), "tries_are_counted", "pending"),
    Guard("a mail is claimed by one", condition("Update", AGREEMENT, "MAIL#.*"), "sent_at_most_once", "mail-waiting"),
    Guard(
        "the audit repairs what it has seen",
        condition("ConditionCheck", AGREEMENT, "COLLABORATION"),
        "markers_agree",
        "collaborating",
    ),
    Guard("same key, same answer", _no_stored_response, "same key", "nothing"),
    Guard("history with the change", _no("history"), "history_with_the_change", "pending"),
    Guard("mails with the change", _no("mails"), "mails_with_the_change", "pending"),
    Guard("the guard goes with what it guards", _no("guards"), "guards_agree", "pending"),
    Guard(
        "a run of access on the latest run", condition("Put", AGREEMENT, "ACCESS"), "grants_equal_desire", "access-runs"
    ),
    Guard("grants follow", _forgets_siblings, "grants_equal_desire", "collaborating"),
    Guard("who has left has no access", _everybody_of_the_task, "grants_equal_desire", "collaborating"),
)


def found(guard: Guard) -> tuple[int, str]:
    """After how many runs a guard was missed, and by what; nothing where it was not."""
    runs = 0
    with guard.broken():
        place = situation(guard.where)
        for pair in combinations_with_replacement(place.commands, 2):
            explored = Search(place, pair, most_runs=3000).run(stop_at_first=True)
            runs += explored.runs
            for broken_rule in explored.broken:
                if any(what.startswith(guard.rule) for what in broken_rule.what):
                    return runs, f"{' | '.join(broken_rule.commands)}: {broken_rule.what[0]}"
    return runs, ""


def prove(effort: Effort) -> Iterator[Row]:
    """A row for each guard: lost when the simulation does not miss it."""
    with simulated():
        for guard in GUARDS:
            yield row(guard)


def row(guard: Guard) -> Row:
    """The row of a guard."""
    runs, what = found(guard)
    detail = f"found after {runs} runs, {what}" if what else "not found"
    return Row("guards", f"without: {guard.what}", runs, int(not what), detail)
