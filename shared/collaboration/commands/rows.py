"""The rows of one request: several at a time, with the outcome that they would have one after another."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Row = TypeVar("Row")
Result = TypeVar("Result")


def run_rows(
    rows: Sequence[Row],
    run: Callable[[Row], Result],
    concerns: Callable[[Row], Iterable[Hashable]],
    *,
    at_once: int,
) -> list[Result]:
    """The result of every row, in the order of the rows.

    Args:
        rows: the rows.
        run: carries out one of them; called from several threads.
        concerns: what a row is about. A row that is about something that an earlier one is about runs after it.
        at_once: how many rows run at a time.
    """
    seen: set[Hashable] = set()
    first: list[int] = []
    later: list[int] = []
    for place, row in enumerate(rows):
        about = set(concerns(row))
        (later if about & seen else first).append(place)
        seen |= about
    with ThreadPoolExecutor(max_workers=at_once) as threads:
        results = dict(zip(first, threads.map(run, (rows[place] for place in first)), strict=True))
    # Doubles are rare and answered by what is there by now: one by one will do.
    results |= {place: run(rows[place]) for place in later}
    return [results[place] for place in range(len(rows))]
