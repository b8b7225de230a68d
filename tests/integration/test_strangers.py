"""Nobody gets what is not theirs: every operation of the document by every caller, every link that was not mailed."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from collaboration.http.contract.operations import OPERATIONS
from collaboration.storage import keys
from proof.links import forged_links, killed_links, patience, replayed_links, rotated_links
from proof.strangers import FOREIGN_IN_BODY, STRANGERS, foreign, foreign_in_bodies, matrix, pairs, story_with_doris
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


def test_filters_cursors_bodies_and_rows_of_a_batch_are_no_way_round() -> None:
    """Another's and unknown alike, and another's cursor as one that is none."""
    found = [*foreign()]
    assert [str(pair) for pair in found if pair.faults] == []
    assert len(found) >= 32


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


def test_ids_in_a_body_are_looked_at_beside_the_one_in_the_path() -> None:
    """Of each operation that takes one; those of somebody else are there. Customers without their office are missed."""
    story = story_with_doris()
    stored = {part for place in story.table.items for key in place for part in key.split("#")}
    assert {real for real, _ in FOREIGN_IN_BODY.values()} <= stored
    assert not {unknown for _, unknown in FOREIGN_IN_BODY.values()} & stored
    names = [pair.request for pair in foreign_in_bodies(story)]
    for operation in ("previewCollaboration", "sendInvitation", "sendInvitations", "activateSolution"):
        assert {f"{operation}, {name} in the body" for name in FOREIGN_IN_BODY} <= {*names}
    assert {f"linkCollaboration, {name} in the body" for name in FOREIGN_IN_BODY} <= {*names}
    assert "editCollaboration, taskId in the body" in names
    with patch.object(keys, "customer", lambda _, customer_id: keys.Key(f"CUSTOMER#ek-lind#{customer_id}", "CUSTOMER")):
        lost = [pair.request for pair in foreign_in_bodies(story_with_doris()) if pair.faults]
    assert {"sendInvitation, customerId in the body", "linkCollaboration, customerId in the body"} <= {*lost}
