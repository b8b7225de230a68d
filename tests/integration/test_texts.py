"""Unicode's worst strings are taken, in one spelling, and shown as text; or refused, naming the field."""

from __future__ import annotations

import pytest
from proof.report import Effort
from proof.texts import WORST, all_the_way, in_every_body
from proof.valid_requests import ENVIRONMENT


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the template sets for the pages' function."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_every_text_of_every_body_is_taken_or_refused() -> None:
    """No 5xx, and the field is named: one of ten of what `make proof` tries."""
    cases = [*in_every_body(effort=Effort(share=0.1))]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 500


@pytest.mark.parametrize("name", ["script", "Jinja", "combining, many", "joiners in an emoji", "CRLF and a header"])
def test_what_is_taken_is_shown_as_text(name: str) -> None:
    """In mails, pages, lists, search and timelines, with the elements of a page that holds plain words."""
    cases = [*all_the_way(name)]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 5


def test_the_worst_are_different() -> None:
    """None is there twice."""
    assert len({*WORST.values()}) == len(WORST)
