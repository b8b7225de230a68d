"""Prove it: `make proof`, or `make proof ARGS="--only stories"` for a part of it.

Prints a row for each thing that was tried, as soon as it is known, and ends with 1 when a row does not hold.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from proof.parts import ON_A_STACK, PARTS, again, send_rows
from proof.report import Effort, Row, Spent, as_table, as_text, in_words, with_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROCESSES = 2
README = Path(__file__).parent / "README.md"


def main() -> int:
    """Run the parts, print the rows; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="a part; may be given several times")
    parser.add_argument("--seed", type=int, default=1, help="what every random choice follows from")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of tries, 1 for all")
    parser.add_argument("--runs", type=int, default=Effort.runs, help="what a pair of commands may take at most")
    parser.add_argument("--again", metavar="PART:WHAT", help="try again what a row has lost, as it names it")
    parser.add_argument("--skip-nothing", action="store_true", help="what cannot be tried here is lost")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table into a file of its own")
    parser.add_argument("--write", action="store_true", help="write the table into tests/proof/README.md")
    arguments = parser.parse_args()
    if arguments.again:
        print(*again(arguments.again), sep="\n")
        return 0
    parts = [part for part in PARTS if part in (arguments.only or PARTS)]
    effort = Effort(arguments.seed, arguments.share, arguments.runs)
    began, now = monotonic(), datetime.now(UTC)
    print(f"{len(parts)} parts, {PROCESSES} at a time, seed {effort.seed}, share {effort.share:g}", flush=True)
    rows: list[Row] = []
    spent: list[Spent] = []
    for found in run(parts, effort):
        if isinstance(found, Spent):
            spent.append(found)
        else:
            print(as_text(found), flush=True)
            rows.append(found)
    seconds = monotonic() - began
    print(in_words(spent))
    failed = [row for row in rows if not row.holds or (row.skipped and arguments.skip_nothing)]
    print(f"{len(rows)} rows, {len(failed)} of them lost, in {seconds:,.0f} seconds")
    heading = (
        f"{now:%Y-%m-%d}, {machine()}, {seconds:,.0f} seconds, seed {effort.seed}"
        f"{'' if effort.share == 1 else f', share {effort.share:g}'}. {in_words(spent)}"
    )
    rows.sort(key=lambda row: parts.index(row.part))
    if arguments.report:
        arguments.report.write_text(f"# The proof\n\n{heading}\n\n{as_table(rows)}", encoding="utf-8")
    if arguments.write and arguments.only:
        print("The table is written from all parts together: nothing was written")
    elif arguments.write:
        README.write_text(with_table(README.read_text(encoding="utf-8"), heading, rows), encoding="utf-8")
    return 1 if failed or not rows else 0


def run(parts: Sequence[str], effort: Effort) -> Iterator[Row | Spent]:
    """The rows of these parts, as they are found, and what each part took.

    Each part has a process of its own, PROCESSES at a time; those that wait for time to pass have a lane of their own.
    """
    found: SimpleQueue[Row | Spent | None] = SimpleQueue()
    waiting: list[SimpleQueue[str]] = [SimpleQueue(), SimpleQueue()]
    for part in parts:
        waiting[part in ON_A_STACK].put(part)
    computing, on_a_stack = waiting
    queues = [*[computing] * PROCESSES, on_a_stack]
    lanes = [Thread(target=_lane, args=(queue, found, effort), daemon=True) for queue in queues]
    for lane in lanes:
        lane.start()
    open_lanes = len(lanes)
    while open_lanes:
        row = found.get()
        if row is None:
            open_lanes -= 1
        else:
            yield row


def _lane(left: SimpleQueue[str], found: SimpleQueue[Row | Spent | None], effort: Effort) -> None:
    context = multiprocessing.get_context("spawn")
    while True:
        try:
            part = left.get_nowait()
        except Empty:
            break
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=send_rows, args=(part, effort, sender), name=part)
        process.start()
        sender.close()
        try:
            while True:
                found.put(receiver.recv())
        except EOFError:
            process.join()
        if process.exitcode:
            found.put(Row(part, "the part's process", 1, 1, f"ended with {process.exitcode}"))
    found.put(None)


def machine() -> str:
    """What it ran on, in words."""
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors"


if __name__ == "__main__":
    sys.exit(main())
