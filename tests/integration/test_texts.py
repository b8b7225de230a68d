"""Unicode's worst strings are taken, in one spelling, and shown as text; or refused, naming the field."""

from __future__ import annotations

import pytest
from collaboration.domain.model import values
from proof.report import Effort
from proof.texts import WORST, all_the_way, in_every_body, taken_in_every_body, welcomed
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


def test_what_people_write_is_taken_everywhere() -> None:
    """In each free string of each body; a PUT answers it as it was written."""
    cases = [*taken_in_every_body()]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 200


@pytest.mark.parametrize("name", ["Swedish, decomposed", "Hebrew and Latin", "elements as text", "several lines"])
def test_what_people_write_comes_back_as_it_was_written(name: str) -> None:
    """In mails, pages, lists, search and timelines."""
    cases = [*welcomed(name)]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 5


def test_a_product_that_refuses_what_its_makers_cannot_read_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the worst strings all might be refused: they would not tell."""

    def foreign(text: str, **_: str) -> bool:
        return any(sign > "\u2100" or "\u0300" <= sign < "\u2000" for sign in text)

    monkeypatch.setattr(values, "_unseen", foreign)
    cases = [*taken_in_every_body()]
    lost = {case.text for case in cases if case.faults}
    assert {"Arabic", "Hebrew", "Thai", "Hindi", "emoji", "joiners in an emoji"} <= lost
    assert {case.text for case in cases} - lost >= {"Swedish, decomposed", "apostrophes", "elements as text"}
    arabic = {case.where: case.faults for case in welcomed("Arabic")}
    assert arabic.pop("as a name") == arabic.pop("as a message") == ("refused",)
    assert {*arabic.values()} == {("not shown",)}


def test_a_product_that_writes_something_else_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It removes what it takes for elements, or leaves letters decomposed."""
    monkeypatch.setattr(values, "normalize", lambda _, text: text.replace("<b>", ""))
    cases = [case for case in taken_in_every_body() if case.where.startswith("put")]
    lost = {case.text for case in cases if case.faults}
    assert lost == {"elements as text", "Swedish, decomposed", "French, decomposed"}
    assert any("not shown as it was written" in str(case) for case in welcomed("elements as text"))


def test_the_worst_are_different() -> None:
    """None is there twice."""
    assert len({*WORST.values()}) == len(WORST)
