"""What a proof reports: rows of what was tried and what was lost, as text for a terminal and as a Markdown table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

T = TypeVar("T")

BEGIN, END = "<!-- table: written by make proof -->", "<!-- end of table -->"
LONG = 400
HEADINGS = ("part", "what", "tried", "lost", "detail")


@dataclass(frozen=True)
class Effort:
    """How hard to try.

    `seed`: what every random choice follows from. `share`: of the usual number of tries, 1 for all of them; a part that
    enumerates takes that share of its cases, evenly spread. `runs`: what a pair of commands may take at most.
    """

    seed: int = 1
    share: float = 1.0
    runs: int = 2000

    def of(self, usual: int) -> int:
        """That share of a usual number, at least one."""
        return max(1, round(usual * self.share))

    def spread(self, cases: Iterable[T]) -> Iterator[T]:
        """That share of some cases, evenly spread, the first among them."""
        for number, case in enumerate(cases):
            if not number or int(number * self.share) != int((number - 1) * self.share):
                yield case


def spread(cases: Sequence[T], share: float) -> list[T]:
    """A share of some cases, evenly spread, at least one."""
    count = len(cases)
    wanted = max(1, int(count * share))
    return [case for number, case in enumerate(cases, 1) if number * wanted // count > (number - 1) * wanted // count]


@dataclass(frozen=True)
class Row:
    """One line of the report.

    `part`: the part's name on the command line. `what`: what was tried, in words. `tried`: how many times. `lost`: how
    many of them broke what they should keep. `detail`: bounds of the trial; when something was lost, what, and how to
    repeat it. `skipped`: it, or some of it, could not be tried here, and `detail` says why: that proves nothing, and is
    no failure.
    """

    part: str
    what: str
    tried: int
    lost: int
    detail: str = ""
    skipped: bool = False

    @property
    def holds(self) -> bool:
        """Whether it proves anything: something was tried, and nothing was lost; or nothing could be tried here."""
        return self.skipped or (self.tried > 0 and self.lost == 0)


@dataclass(frozen=True)
class Spent:
    """The seconds that a part took: of a processor, its child processes included, and of the wall clock."""

    part: str
    processor: float
    passed: float


def in_words(spent: Iterable[Spent]) -> str:
    """What the parts took, the longest first, in one sentence."""
    parts = sorted(spent, key=lambda each: -each.processor)
    named = ", ".join(f"{each.part} {each.processor:,.0f} ({each.passed:,.0f})" for each in parts)
    total = sum(each.processor for each in parts)
    return f"Seconds of a processor {total:,.0f}, by part, in brackets those that passed: {named}."


def as_text(row: Row) -> str:
    """A row for a terminal; what does not hold is marked."""
    mark = "-" if row.skipped else " " if row.holds else "!"
    return (
        f"{mark} {row.part:12} {row.tried:>11,} tried {row.lost:>7,} lost  {row.what}{row.detail and ': '}{row.detail}"
    )


def as_table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table. Of a long detail, such as a story's, its beginning and its end."""
    cells = [(row.part, row.what, f"{row.tried:,}", f"{row.lost:,}", _short(row.detail)) for row in rows]
    lines = [HEADINGS, ("---", "---", "---:", "---:", "---"), *cells]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n" for line in lines
    )


def _short(detail: str) -> str:
    return detail if len(detail) <= LONG else f"{detail[: LONG // 2]} … {detail[-LONG // 2 :]}"


def with_table(document: str, heading: str, rows: Iterable[Row]) -> str:
    """The document with the table between its marks replaced; `heading` says when and where the rows were made.

    Raises:
        ValueError: the document has no such marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no place for a table: {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{heading}\n\n{as_table(rows)}{END}{after}"
