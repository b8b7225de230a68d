"""Which commands of a situation have to do with a condition: who sends it, and who touches what it is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from proof.conditions import recorded
from proof.interleavings import begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proof.conditions import Condition
    from proof.worlds import Command, Situation


def touching(place: Situation, conditions: Iterable[Condition]) -> Sequence[tuple[Command, ...]]:
    """The pairs of which one command sends one of these conditions, and both touch what it is about."""
    touched = {command: touched_by(place, command) for command in place.commands}
    whole = {replace(condition, part="") for condition in conditions}
    found = []
    for pair in place.pairs:
        sent = [{at for at, sends in touched[each].items() if whole & sends} for each in pair]
        both = touched[pair[0]].keys() & touched[pair[1]].keys()
        if both & (sent[0] | sent[1]):
            found.append(pair)
    return found


@cache
def touched_by(place: Situation, command: Command) -> dict[tuple[str, str], frozenset[Condition]]:
    """The places that a command writes or looks at, alone, each with the conditions that it sends for it."""
    touched: dict[tuple[str, str], set[Condition]] = defaultdict(set)
    with recorded() as seen:
        simulation, _ = begin(place.world, [command])
        for _ in simulation.run():
            pass
    for at, condition in seen:
        touched[at] |= {condition} if condition else set()
    return {at: frozenset(conditions) for at, conditions in touched.items()}
