"""Nobody gets what is not theirs: every operation of the document by every caller, every link that was not mailed."""

from __future__ import annotations

import pytest
from collaboration.http.contract.operations import OPERATIONS
from proof.links import forged_links, killed_links, patience, replayed_links, rotated_links
from proof.strangers import STRANGERS, foreign, matrix, pairs
from proof.valid_requests import ENVIRONMENT


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the template sets for the pages' function."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_every_operation_by_every_caller() -> None:
    """As it declares: who is not its caller gets 401, 403 or 404, and nothing is stored, and nothing is told."""
    cases = [*matrix()]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > len(OPERATIONS) * len(STRANGERS)


def test_what_is_anothers_is_as_what_is_not_there() -> None:
    """In status, body, headers and the calls of the table, but for the id that was asked for."""
    found = [*pairs()]
    assert [str(pair) for pair in found if pair.faults] == []
    assert len(found) > 20


def test_filters_cursors_and_rows_of_a_batch_are_no_way_round() -> None:
    """Another's and unknown alike, and another's cursor as one that is none."""
    found = [*foreign()]
    assert [str(pair) for pair in found if pair.faults] == []
    assert len(found) >= 15


def test_a_link_that_was_not_mailed_leads_nowhere() -> None:
    """Forged, cut at every length, changed at every place: 404 alike, before the table is asked."""
    cases = [*forged_links()]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 2000


def test_a_link_that_was_good_once_is_as_one_that_was_forged() -> None:
    """An older version, keys that are gone; and one decision is one, however often it is sent."""
    cases = [*killed_links(), *replayed_links(), *rotated_links()]
    assert [str(case) for case in cases if case.faults] == []
    assert len(cases) > 40


def test_how_far_patience_gets() -> None:
    """As many guesses as there are tries, over the whole life of an invitation, and no more."""
    found = [*patience("limited-company"), *patience("sole-trader")]
    assert [str(each) for each in found if each.faults] == []
    assert {each.guesses for each in found} == {10, 40, 3, 12}
