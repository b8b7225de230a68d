"""How the stack speaks in a terminal: headings, steps, what was checked, progress, a mail in a frame."""

from __future__ import annotations

import os
import sys
import textwrap
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

WIDTH = 100
BOLD, DIM, PLAIN = "\033[1m", "\033[2m", "\033[0m"
GREEN, YELLOW, RED = "\033[32m", "\033[33m", "\033[31m"


def styled(text: str, style: str) -> str:
    """The text in a style where the terminal knows styles, else plain."""
    return f"{style}{text}{PLAIN}" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def say(text: str = "") -> None:
    """A paragraph."""
    print(textwrap.fill(text, WIDTH), flush=True)


def heading(text: str) -> None:
    """What the next part is about."""
    print(f"\n{styled(text, BOLD)}\n{styled('─' * len(text), DIM)}", flush=True)


def checked(text: str) -> None:
    """Something that was done or seen, and has been checked to be so."""
    filled = textwrap.fill(text, WIDTH, initial_indent="  ✓ ", subsequent_indent="    ")
    print(filled.replace("✓", styled("✓", GREEN), 1), flush=True)


def detail(lines: Iterable[str]) -> None:
    """Facts below what was told."""
    for line in lines:
        print(textwrap.fill(line, WIDTH, initial_indent="      ", subsequent_indent="        "), flush=True)


def numbered(paragraphs: Iterable[str]) -> None:
    """Steps, one after another."""
    for number, text in enumerate(paragraphs, start=1):
        print(textwrap.fill(text, WIDTH, initial_indent=f"  {number}. ", subsequent_indent="     "), flush=True)


def table(rows: Iterable[tuple[str, ...]]) -> None:
    """Rows in columns as wide as they need."""
    rows = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"      {cells}".rstrip(), flush=True)


def framed(head: Iterable[str], body: str) -> None:
    """A mail as it came: its head, then its text, in a frame. Lines with a link are never broken."""
    inner = WIDTH - 8
    lines = [*head, ""]
    for line in body.strip().splitlines():
        lines += [line] if "://" in line else (textwrap.wrap(line, inner) or [""])
    print(styled("    ┌" + "─" * (inner + 2), DIM))
    for line in lines:
        print(f"    {styled('│', DIM)} {line}".rstrip())
    print(styled("    └" + "─" * (inner + 2), DIM), flush=True)


def failed(text: str) -> None:
    """Why this ends before its end."""
    sys.stdout.flush()
    print(f"\n{styled('Stopped:', RED)} {text}", file=sys.stderr, flush=True)


class Progress:
    """One line for something slow: rewritten in place on a terminal, now and then a new one elsewhere."""

    _EVERY = 25  # lines in a log, where nothing can be rewritten

    def __init__(self, what: str) -> None:
        self._what = what
        self._steps = 0
        print(f"{what} ...", end="" if sys.stdout.isatty() else "\n", flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if sys.stdout.isatty():
            print(f"\r\033[K{self._what}: {'done' if kind is None else 'not done'}", flush=True)

    def step(self, text: str) -> None:
        """One thing more is done."""
        self._steps += 1
        if sys.stdout.isatty():
            print(f"\r\033[K{self._what}: {self._steps} {text}"[: WIDTH + 4], end="", flush=True)
        elif self._steps % self._EVERY == 0:
            print(f"  {self._steps} {text}", flush=True)
