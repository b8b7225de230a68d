"""What leaves the application holds nothing private: a small share of the run that `make proof` makes whole."""

from __future__ import annotations

import pytest
from proof.leaks import found_in, observed_run, private_texts
from proof.link_pages import FOR_HOLDER, WITHOUT_REQUEST
from proof.link_pages import MAY_HOLD as PAGES_MAY_HOLD
from proof.report import Effort
from proof.valid_requests import ENVIRONMENT
from stack.demonstration import BJORK


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the template sets for the pages' function."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_nothing_private_leaves_the_application() -> None:
    """Not in the log, an error, an event, a metric, a problem document, a header, a cursor, a page or a mail's tags."""
    observed, private = observed_run(Effort(share=0.04))
    assert found_in(observed, private) == []
    expected = {"log", "error", "event", "metric", "problem", "header", "cursor", "page for anybody", "tags of a mail"}
    assert observed.texts.keys() - PAGES_MAY_HOLD.keys() == expected
    # A small share has no state in which a request has lapsed.
    assert {FOR_HOLDER, WITHOUT_REQUEST} <= observed.texts.keys()


@pytest.mark.parametrize(
    "text",
    [
        f"customer {BJORK.contact.email}",
        BJORK.contact.email.upper().replace("@", "%40"),
        r"{\"name\": \"Birgitta Bj\u00f6rk\"}",
        f"ORGANISATION#{BJORK.organisation_number}",
        f"digits {BJORK.organisation_number[-4:]}.",
        "/accept/v1.inv-id00001abcdef.r1.1.OLfsl8pE3IxqSC6nCX28OfmoB07NPqwBrXQzY6sgviM",
        "Authorization: Bearer eyJraWQiOiJleGFtcGxlIn0.e30.c2lnbmF0dXJl",
    ],
)
def test_the_search_finds(text: str) -> None:
    """In other letters, escaped, encoded, and what is private by its form alone."""
    assert found_in([("log", text)], private_texts()) != []


def test_the_search_does_not_find_what_is_not_private() -> None:
    """Ids, times and a name as the position of a cursor."""
    harmless = [
        (
            "log",
            '{"officeId": "ek-lind", "customerId": "bjork", "at": "2026-11-24T09:00:41.172Z"}',
        ),
        ("cursor", '["5fad0b12350d2eb1", "anna ek#anna"]'),
    ]
    assert found_in(harmless, private_texts()) == []
