"""How many wrong tries there are: on a link, on an invitation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from collaboration.domain.model.attempt_limit import (
    TRIES_AT_PERSONAL_NUMBER,
    TRIES_PER_INVITATION,
    AttemptLimit,
)
from collaboration.domain.model.values import OrganisationNumber

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def after(*tries: tuple[str, int]) -> AttemptLimit:
    """The limit after wrong tries on links, so many minutes after noon."""
    limit = AttemptLimit()
    for recipient, minutes in tries:
        limit = limit.after_failed_attempt(recipient, TRIES_PER_INVITATION, NOON + timedelta(minutes=minutes))
    return limit


@pytest.mark.parametrize(
    ("minutes", "at", "unlocks"),
    [
        ([], 0, None),
        ([0, 1, 2, 3], 3, None),
        ([0, 1, 2, 3, 4], 4, 64),
        ([0, 1, 2, 3, 4], 63, 64),
        ([0, 1, 2, 3, 4], 64, None),
        ([0, 1, 2, 3, 59], 59, 119),
        ([0, 1, 2, 3, 60], 60, None),
        ([0, 1, 2, 3, 60, 61], 61, None),
        ([0, 1, 2, 3, 4, 64], 64, None),
        ([0, 1, 2, 3, 4, 64, 65, 66, 67, 68], 68, 128),
    ],
)
def test_five_within_an_hour_lock_the_link(minutes: list[int], at: int, unlocks: int | None) -> None:
    """For an hour from the fifth; an hour between the first and the fifth is too long."""
    limit = after(*(("r1", minute) for minute in minutes))
    until = None if unlocks is None else NOON + timedelta(minutes=unlocks)
    assert limit.locked_until("r1", NOON + timedelta(minutes=at)) == until
    assert limit.locked_until("r2", NOON + timedelta(minutes=at)) is None


@pytest.mark.parametrize(
    ("minutes", "at", "left"),
    [([], 0, 5), ([0], 0, 4), ([0, 1, 2, 3], 4, 1), ([0, 1, 2, 3, 4], 5, 0), ([0, 1, 2, 3, 4], 64, 5), ([0], 60, 5)],
)
def test_a_link_takes_five_tries_an_hour(minutes: list[int], at: int, left: int) -> None:
    """None while it is locked, all of them an hour after."""
    limit = after(*(("r1", minute) for minute in minutes))
    assert limit.tries_left("r1", TRIES_PER_INVITATION, NOON + timedelta(minutes=at)) == left


def test_all_links_share_the_tries_of_the_invitation() -> None:
    """Ten in all, three at a person's number, whichever links they were on and however long ago."""
    nine = after(*((f"r{nth}", nth * 600) for nth in range(9)))
    later = NOON + timedelta(days=10)
    assert nine.tries_left("r99", TRIES_PER_INVITATION, later) == 1
    assert not nine.is_exhausted(TRIES_PER_INVITATION)
    ten = nine.after_failed_attempt("r1", TRIES_PER_INVITATION, later)
    assert ten.tries_left("r99", TRIES_PER_INVITATION, later) == 0
    assert ten.is_exhausted(TRIES_PER_INVITATION)
    assert after(("r1", 0), ("r2", 0), ("r3", 0)).is_exhausted(TRIES_AT_PERSONAL_NUMBER)


@pytest.mark.parametrize(("number", "personal"), [("5568234172", False), ("8112289874", True), ("6408233234", True)])
def test_a_persons_number_is_told_by_its_month(number: str, *, personal: bool) -> None:
    """A company's has 20 or more where a person's has the month of birth."""
    assert OrganisationNumber(number).is_personal is personal
