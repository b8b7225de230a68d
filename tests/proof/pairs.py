"""Every pair of commands beside each other, from every situation, in every order of their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof import interleavings
from proof.interleavings import Search
from proof.report import Row, spread
from proof.simulation import each_simulated
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from proof.report import Effort
    from proof.worlds import Situation

BILLION = 1_000_000_000


@each_simulated
def rows(part: str, situations: Iterable[str], effort: Effort) -> Iterator[Row]:
    """A row for each of these situations."""
    for name in situations:
        yield row(part, situation(name), effort)


def row(part: str, found: Situation, effort: Effort) -> Row:
    """The row of a situation. A pair that would take more runs than it may is cut off, and the row says so."""
    chosen = spread(found.pairs, effort.share)
    steps = orders = runs = bounded = left = 0
    broken: list[str] = []
    for pair in chosen:
        explored = Search(found, pair, most_runs=effort.runs).run()
        steps, orders, runs = steps + explored.steps, orders + explored.orders, runs + explored.runs
        bounded, left = bounded + explored.bounded, left + explored.left
        broken += map(str, explored.broken)
    return Row(
        part, found.name, steps, len(broken), _detail(len(chosen), orders, runs, (bounded, left, effort.runs), broken)
    )


def _detail(pairs: int, orders: int, runs: int, cut: tuple[int, int, int], broken: Sequence[str]) -> str:
    if broken:
        return broken[0]
    # Some pairs that read much at the same time have more orders than anybody can read.
    many = f"{orders:,}" if orders < BILLION else f"over {orders // BILLION:,} billion"
    bounded, steps, most = cut
    left = f"; {bounded} of the pairs cut off after {most:,} runs, {steps:,} steps not run" if bounded else ""
    return f"{pairs} pairs, {runs:,} runs; {many} orders are made of these steps{left}"


@each_simulated
def again(what: str) -> Iterator[str]:
    """Go through an order of calls once more. `what`: as the row names it."""
    name, places, order = what.split(":")
    yield from interleavings.again(situation(name), places, order)
