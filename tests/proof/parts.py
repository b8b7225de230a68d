"""The parts of the proof, by name, in the order in which they run: what takes longest first.

A part is a module with a function `prove(effort: Effort) -> Iterable[Row]`. It yields each row when it is known. A part
runs in a process of its own, two at a time, and those of `ON_A_STACK` beside them, one after another: they wait for
time to pass. One that ends by an exception has lost.

A part whose rows say `again PART:WHAT` of what was lost has a function `again(what: str) -> Iterable[str]` too: the
lines of that one trial, among them what it breaks.
"""

from __future__ import annotations

import resource
import traceback
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING

from proof import lines
from proof.report import Row, Spent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection

    from proof.report import Effort

PARTS: dict[str, str] = {
    "stories": "proof.stories",
    "pairs-after": "proof.pairs_after",
    "pairs-before": "proof.pairs_before",
    "guards": "proof.guards",
    "crashes": "proof.crashes",
    "inputs": "proof.inputs",
    "leaks": "proof.leaks",
    "strangers": "proof.strangers",
    "links": "proof.links",
    "races": "proof.races",
    "texts": "proof.texts",
    "hung": "proof.hung",
    "dependencies": "proof.dependencies",
    "bursts": "proof.bursts",
    "deployed": "proof.deployed",
}
ON_A_STACK = frozenset({"bursts", "deployed"})


def rows_of(part: str, effort: Effort, module: str | None = None) -> Iterator[Row]:
    """The rows of a part, and one that is lost when it has none or ends by an exception.

    Args:
        part: its name.
        effort: how much is tried.
        module: where it is, if it is not in PARTS.
    """
    rows = 0
    try:
        for row in import_module(module or PARTS[part]).prove(effort):
            rows += 1
            yield row
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing has been proven
        traceback.print_exc()
        yield Row(part, "the part itself", 1, 1, f"{type(error).__name__}: {error}")
    else:
        if not rows:
            yield Row(part, "the part itself", 1, 1, "it has tried nothing")


def send_rows(part: str, effort: Effort, sender: Connection) -> None:
    """Send the rows of a part through a pipe, one of the lines of the log that it wrote, and what it took.

    Here, since a new process does not find what stands in `__main__`.
    """
    began = monotonic()
    with lines.kept() as kept:
        for row in rows_of(part, effort):
            sender.send(row)
    if kept:
        sender.send(lines.row(part, kept))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    sender.send(Spent(part, sum(each.ru_utime + each.ru_stime for each in used), monotonic() - began))


def again(what: str) -> Iterable[str]:
    """Try again what a row has lost, and say how it goes. `what`: as the row names it, PART:WHAT.

    Raises:
        ValueError: there is no such part, or it has nothing that is tried again by a name.
    """
    part, _, rest = what.partition(":")
    tried = getattr(import_module(PARTS[part]), "again", None) if part in PARTS else None
    if tried is None:
        raise ValueError(f"nothing to try again is named {what!r}")
    lines: Iterable[str] = tried(rest)
    return lines
