"""What a race counts as lost, seen over the table in memory; `make proof` has the engines and two hundred at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from support.app import App, Response
from support.engines import memory_engine
from support.people import Office

from proof import races
from proof.races import RACES, Crowd, Race

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CROWD = Crowd(20, 20)


@pytest.fixture
def office() -> Office:
    """The demonstration office over a table in memory."""
    return fed_office()


def fed_office() -> Office:
    """The demonstration office, over a table of its own."""
    office = Office(App(memory_engine()))
    office.feed()
    return office


def one_after_another(calls: Sequence[Callable[[], Response]], order: Callable[[int], int]) -> list[Response]:
    """Make calls in an order of their places, and return their responses in the order of the calls."""
    found = {place: calls[place]() for place in sorted(range(len(calls)), key=order)}
    return [found[place] for place in range(len(calls))]


def busy_but_for(first: int, calls: Sequence[Callable[[], Response]], *_: Any) -> list[Response]:
    """Only the first of some calls are made; whoever makes the others is asked to come again."""
    return [call() for call in calls[:first]] + [Response(503, {}, "{}", "/x") for _ in calls[first:]]


@pytest.mark.parametrize("name", RACES)
def test_a_race_that_all_but_two_are_turned_away_from_is_lost(
    name: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of all callers may be asked to come again, and no more."""
    monkeypatch.setattr(races, "at_once", partial(busy_but_for, 2))
    assert "answered 503" in " ".join(RACES[name](office, CROWD).faults)


def test_a_tenth_may_be_asked_to_come_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of twenty, and not three."""
    monkeypatch.setattr(races, "at_once", partial(busy_but_for, 18))
    assert RACES["one request under one key"](office, CROWD) == Race(20, "18 times 201, 2 times 503", ())
    monkeypatch.setattr(races, "at_once", partial(busy_but_for, 17))
    assert RACES["one request under one key"](fed_office(), CROWD).faults == ("3 of 20 answered 503",)


def test_whoever_lost_begins_the_next_round_earlier(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both outcomes are seen: revocations are first where acceptances have no head start, of whatever length."""
    ahead: list[float] = []

    def by_head_start(calls: Sequence[Callable[[], Response]], _: int, waits: Sequence[float]) -> list[Response]:
        ahead.append(waits[1] - waits[0])
        revoked_first = ahead[-1] < 1
        return one_after_another(calls, lambda place: (place % 2 == 0) is revoked_first)

    monkeypatch.setattr(races, "at_once", by_head_start)
    result = RACES["accepted against revoked"](office, CROWD)
    assert result.faults == ()
    assert ahead == pytest.approx([0, 0.05, 0.25, 1.05])
    assert result.tried == 80
    assert result.answered.count("revoked (10 times 410, 10 times 200)") == 3
    assert result.answered.endswith("acceptances 1050 ms ahead, accepted (5 times 200, 5 times 409, 10 times 409)")


def test_a_race_that_one_side_always_wins_is_lost(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows half of what can happen."""
    monkeypatch.setattr(races, "at_once", lambda calls, *_: one_after_another(calls, lambda place: place % 2 == 1))
    result = RACES["accepted against revoked"](office, CROWD)
    assert result.faults == ("never anything but accepted, in 6 rounds",)
    assert result.tried == 120


def test_all_begin_together() -> None:
    """Each of them has begun before the first is answered."""
    begun: list[int] = []

    def call(number: int) -> Response:
        begun.append(number)
        while len(begun) < 20:
            pass
        return Response(200, {}, str(number), "/x")

    responses = races.at_once([partial(call, number) for number in range(20)], 20)
    assert [response.text for response in responses] == [str(number) for number in range(20)]
