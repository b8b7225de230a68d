"""Conditions that are the same as another: shown over the states that two commands beside each other reach.

Each transaction that sends such a condition is looked at when the table gets it: where the condition does not hold, one
of the others of that transaction does not hold either, or it holds every time. So nothing gets through without it.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from support.memory import MemoryClient

from proof.conditions import EQUIVALENT
from proof.interleavings import Search
from proof.report import Row
from proof.touching import touching
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from proof.conditions import Condition

# What a pair may take: most take less.
MOST_RUNS = 400


@dataclass
class Refusals:
    """How often a condition was sent, did not hold, and was the only one of its transaction that did not."""

    sent: int = 0
    refused: int = 0
    alone: list[str] = field(default_factory=list)


@contextmanager
def watched(condition: Condition) -> Iterator[Refusals]:
    """Look at each transaction that sends a condition."""
    transact, update = MemoryClient.transact_write_items, MemoryClient.update_item
    found = Refusals()

    def look(self: MemoryClient, **request: Any) -> Any:
        mine: list[bool] = []
        others: list[bool] = []
        for action in request["TransactItems"]:
            [(verb, parts)] = action.items()
            if condition.is_in(verb, parts):
                alone, without = condition.split(parts)
                mine.append(self.holds(verb, alone))
                others.append(without is None or self.holds(verb, without))
            else:
                others.append(self.holds(verb, parts))
        if mine:
            found.sent += 1
            found.refused += not all(mine)
            if not all(mine) and all(others):
                found.alone.append(" ".join(sorted(next(iter(each)) for each in request["TransactItems"])))
        return transact(self, **request)

    def look_at_one(self: MemoryClient, **request: Any) -> Any:
        if condition.is_in("Update", request):
            alone, without = condition.split(request)
            found.sent += 1
            if not self.holds("Update", alone):
                found.refused += 1
                found.alone += ["Update"] if without is None or self.holds("Update", without) else []
        return update(self, **request)

    with (
        patch.object(MemoryClient, "transact_write_items", look),
        patch.object(MemoryClient, "update_item", look_at_one),
    ):
        yield found


def rows() -> Iterator[Row]:
    """A row for each condition: lost where it alone has refused something, or where it was never sent."""
    by_place: dict[str, dict[Condition, str]] = defaultdict(dict)
    for condition, (where, why) in EQUIVALENT.items():
        by_place[where][condition] = why
    for where, conditions in by_place.items():
        yield from rows_of(where, conditions)


def rows_of(where: str, conditions: Mapping[Condition, str]) -> list[Row]:
    """The rows of some conditions. `where`: the situation whose pairs are run; with each what it is the same as."""
    place = situation(where)
    with ExitStack() as watching:
        found = {condition: watching.enter_context(watched(condition)) for condition in conditions}
        for pair in touching(place, conditions) or place.pairs:
            Search(place, pair, most_runs=MOST_RUNS).run()
    return [_row(condition, why, found[condition]) for condition, why in conditions.items()]


def _row(condition: Condition, why: str, found: Refusals) -> Row:
    lost = len(found.alone) or int(not found.sent)
    detail = (
        f"{why}: refused {found.refused} times, each time with another" if found.refused else f"{why}: never refused"
    )
    if lost:
        detail = f"refused alone {len(found.alone)} times: {found.alone[:1]}" if found.sent else "never sent"
    return Row("guards", f"the same as another: {condition}", found.sent, lost, detail)
