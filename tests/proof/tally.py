"""Rows made of cases, each of which says what was wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from proof.report import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 3


class Case(Protocol):
    """Something that was tried; as text it says what, and what was wrong."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What was wrong with it: nothing, it is to be hoped."""


def tallied(part: str, what: str, cases: Iterable[Case], detail: str = "") -> Row:
    """A row of all cases: how many, how many had faults, and the first of those."""
    tried, lost = 0, []
    for case in cases:
        tried += 1
        if case.faults:
            lost.append(str(case))
    return Row(part, what, tried, len(lost), " / ".join(lost[:SHOWN]) if lost else detail)
