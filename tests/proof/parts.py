"""The parts of the proof, by name, in the order in which they run: what takes longest first.

A part is a module with a function `prove(effort: Effort) -> Iterable[Row]`. It yields each row when it is known. A part
runs in a process of its own, two at a time; one that ends by an exception has lost.
"""

from __future__ import annotations

import traceback
from importlib import import_module
from typing import TYPE_CHECKING

from proof.report import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from proof.report import Effort

PARTS: dict[str, str] = {
    "stories": "proof.stories",
    "pairs-after": "proof.pairs_after",
    "pairs-before": "proof.pairs_before",
    "crashes": "proof.crashes",
    "guards": "proof.guards",
    "strangers": "proof.strangers",
    "links": "proof.links",
    "texts": "proof.texts",
    "inputs": "proof.inputs",
    "leaks": "proof.leaks",
    "races": "proof.races",
    "hung": "proof.hung",
    "dependencies": "proof.dependencies",
    "deployed": "proof.deployed",
    "bursts": "proof.bursts",
}


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
    """Send the rows of a part through a pipe. Here, since a new process does not find what stands in `__main__`."""
    for row in rows_of(part, effort):
        sender.send(row)
