"""Every pair of commands beside each other, from every situation, in every order of their calls."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from proof.interleavings import Search
from proof.report import Row, spread
from proof.simulation import simulated
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from proof.report import Effort
    from proof.worlds import Situation

# A pair that would take more runs than these is bounded, and its row says so.
MOST_RUNS = 3000


def rows(part: str, situations: Iterable[str], effort: Effort) -> Iterator[Row]:
    """A row for each of these situations."""
    with simulated():
        for name in situations:
            yield row(part, situation(name), effort.share)


def row(part: str, found: Situation, share: float = 1.0) -> Row:
    """The row of a situation. `share`: of its pairs, evenly spread."""
    pairs = [*combinations_with_replacement(found.commands, 2)]
    chosen = spread(pairs, share)
    orders = runs = states = bounded = 0
    broken: list[str] = []
    for pair in chosen:
        explored = Search(found, pair, most_runs=MOST_RUNS).run()
        orders, runs, states = orders + explored.orders, runs + explored.runs, states + explored.states
        bounded += explored.bounded
        broken += map(str, explored.broken)
    return Row(part, found.name, orders, len(broken), _detail(len(chosen), runs, states, bounded, broken))


def _detail(pairs: int, runs: int, states: int, bounded: int, broken: Sequence[str]) -> str:
    if broken:
        return broken[0]
    left = f"; {bounded} pairs bounded at {MOST_RUNS} runs" if bounded else ""
    return f"{pairs} pairs, {states:,} states, {runs:,} runs{left}"
