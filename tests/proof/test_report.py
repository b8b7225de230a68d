"""The frame of the proof: what counts as proven, and where the table goes."""

from __future__ import annotations

import sys
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from collaboration.telemetry import Level
from support.app import FakeLog

from proof.parts import ON_A_STACK, PARTS, again, rows_of, send_rows
from proof.report import BEGIN, END, Effort, Row, Spent, as_table, as_text, in_words, with_table
from proof.simulation import Process
from proof.stories import OFTEN, never_done

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT, LOST = Row("pairs", "remind beside revoke", 1200, 0, "all"), Row("pairs", "accept beside revoke", 70, 1, "seed 4")


def test_a_row_that_tried_nothing_proves_nothing() -> None:
    """Nothing lost out of nothing is no proof."""
    assert KEPT.holds
    assert not LOST.holds
    assert not Row("pairs", "nothing", 0, 0).holds


def test_what_is_lost_is_marked() -> None:
    """It stands out on the terminal."""
    assert as_text(KEPT).startswith("  pairs")
    assert as_text(LOST).startswith("! pairs")
    assert as_text(LOST).endswith("accept beside revoke: seed 4")


def test_the_table_is_replaced_between_its_marks() -> None:
    """What is written around it stays, and a second run replaces the first."""
    once = with_table(f"before\n{BEGIN}\nold\n{END}\nafter\n", "today", [KEPT])
    assert once == f"before\n{BEGIN}\ntoday\n\n{as_table([KEPT])}{END}\nafter\n"
    assert "1,200 | 0 | all |" in once
    twice = with_table(once, "tomorrow", [LOST])
    assert "today" not in twice
    assert as_table([LOST]) in twice
    with pytest.raises(ValueError, match="no place"):
        with_table("no marks", "today", [KEPT])


@pytest.mark.parametrize("name", ["Birgitta Björk", "somebody"])
def test_lines_of_a_part_are_searched_when_it_has_ended(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of handlers and those of the simulation, each that differs once; a name in one of them is lost."""

    def prove(_: Effort) -> Iterator[Row]:
        for log in (FakeLog(), Process(cast("Any", None), "a").log):
            for decided in ("", name, name):
                log.write(Level.INFO, "decided", {"by": decided})
        yield Row("talking", "row", 1, 0)

    monkeypatch.setitem(sys.modules, "proof.talking", SimpleNamespace(prove=prove))
    monkeypatch.setitem(PARTS, "talking", "proof.talking")
    sent: list[Any] = []
    send_rows("talking", Effort(), cast("Any", SimpleNamespace(send=sent.append)))
    row, of_lines, spent = sent
    assert (row.what, spent.part) == ("row", "talking")
    assert (of_lines.tried, of_lines.lost) == (2, name != "somebody")


def test_a_part_that_dies_has_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it found before stays; that it ended is a row of its own."""

    def prove(effort: Effort) -> Iterator[Row]:
        yield Row("dying", "before", effort.of(10), 0)
        raise OSError("the emulator is gone")

    monkeypatch.setitem(sys.modules, "proof.dying", SimpleNamespace(prove=prove))
    first, last = rows_of("dying", Effort(share=0.5), "proof.dying")
    assert first == Row("dying", "before", 5, 0)
    assert (last.lost, last.detail) == (1, "OSError: the emulator is gone")


def test_a_part_without_a_row_has_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not be missed among the rows of the others."""
    monkeypatch.setitem(sys.modules, "proof.idle", SimpleNamespace(prove=lambda _: iter(())))
    [row] = rows_of("idle", Effort(), "proof.idle")
    assert (row.holds, row.detail) == (False, "it has tried nothing")


def test_each_part_has_its_module() -> None:
    """A name that leads nowhere would be a lost row only after minutes."""
    for module in PARTS.values():
        __import__(module)
        assert callable(sys.modules[module].prove)
    assert PARTS.keys() >= ON_A_STACK


def test_what_a_part_takes_is_said() -> None:
    """The longest first: what has to be made shorter."""
    said = in_words([Spent("links", 3.2, 4.0), Spent("stories", 400.4, 420.0)])
    assert said.startswith("Seconds of a processor 404, by part")
    assert said.endswith("stories 400 (420), links 3 (4).")


def test_a_story_is_seen_again_by_what_its_row_names() -> None:
    """Its seed and its length are enough; what no part knows is an error."""
    *_, last = again("stories:3000001:200")
    assert last == "No rule is broken"
    for unknown in ("nothing:1", "hung:1", "stories"):
        with pytest.raises(ValueError, match=r"."):
            [*again(unknown)]


def test_a_request_that_never_succeeds_tries_nothing() -> None:
    """It is named when it was tried often; what was tried seldom may have had no luck."""
    outcomes = Counter({("edit", "refused"): OFTEN, ("end", "refused"): 90, ("end", "done"): 1, ("link", "failed"): 3})
    assert never_done(outcomes) == [f"edit was tried {OFTEN} times, and never succeeded"]
