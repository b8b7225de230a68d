"""The lines of the log that a part writes, kept to be searched for private texts when it has ended."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from support.app import FakeLog

from proof.leaks import found_in, private_texts
from proof.report import Row
from proof.simulation import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator


@contextmanager
def kept() -> Iterator[set[str]]:
    """Every line that the product writes within it, in the simulation or beside it, as often as it differs."""
    lines: set[str] = set()

    def keeping(write: Callable[..., None]) -> Callable[..., None]:
        def keep(self: Any, level: Any, message: str, facts: Any) -> None:
            lines.add(f"{level} {message} {dict(facts)}")
            write(self, level, message, facts)

        return keep

    with (
        patch.object(Process, "write", keeping(Process.write)),
        patch.object(FakeLog, "write", keeping(FakeLog.write)),
    ):
        yield lines


def row(part: str, lines: Collection[str]) -> Row:
    """The row of the lines of a part."""
    private = private_texts()
    found = found_in((("log", line) for line in sorted(lines)), private)
    searched = f"each that differs, for {len(private)} texts, endings and tokens"
    what = "private texts in each line of the log that it wrote"
    return Row(part, what, len(lines), len(found), " / ".join(found[:3]) or searched)
