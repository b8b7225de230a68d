"""A table that hangs, throttles or leaves keys out: one deadline for all calls of a request, and pauses with jitter."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from collaboration.composition import time_to_answer
from collaboration.domain.model.faults import RefusedError
from collaboration.services import Services, retry_on_conflict
from collaboration.storage.keys import Key
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import ConflictError, Table, TableUnavailableError
from support.clocks import Seconds
from support.memory import Exceptions

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def patient(seconds: Seconds, *jitter: float) -> Backoff:
    """Pauses on that clock; `jitter`: what chance says, over and over."""
    said = list(jitter) or [1.0]

    def chance() -> float:
        said.append(said.pop(0))
        return said[-1]

    return Backoff(Deadline(seconds), seconds.sleep, chance)


class Client:
    """A client whose calls take some seconds each and then fail, or answer."""

    exceptions = Exceptions

    def __init__(self, seconds: Seconds, takes: float, *answers: Any) -> None:
        self._seconds = seconds
        self._takes = takes
        self._answers = list(answers)
        self.calls: list[dict[str, Any]] = []

    def _answer(self, **arguments: Any) -> Any:
        self.calls.append(arguments)
        self._seconds.now += self._takes
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    batch_get_item = query = transact_write_items = update_item = _answer


def table(client: Client, backoff: Backoff) -> Table:
    """A table over that client."""
    return Table(client, "t", backoff)  # type: ignore[arg-type]


HANGING = ReadTimeoutError(endpoint_url="https://dynamodb.example")
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "x")


def test_all_calls_of_a_request_share_one_deadline() -> None:
    """A table that hangs costs the time that there is once, and not once per call."""
    seconds = Seconds()
    backoff = patient(seconds)
    client = Client(seconds, 3.0, HANGING)
    hanging = table(client, backoff)
    backoff.deadline.start(11.0)
    for _ in range(10):
        with pytest.raises(TableUnavailableError):
            hanging.get(Key("A", "B"))
    # The last call begins within the eleven seconds; what it takes is within the reserve.
    assert seconds.now - 100.0 < 11.0 + 3.0
    assert len(client.calls) == 4
    backoff.deadline.start(11.0)
    with pytest.raises(TableUnavailableError):
        hanging.get(Key("A", "B"))
    assert len(client.calls) > 4


def test_a_call_is_repeated_after_growing_pauses() -> None:
    """Throttled twice, answered the third time; chance shortens the pauses, and never lengthens them."""
    seconds = Seconds()
    answer: dict[str, list[Any]] = {"Items": []}
    client = Client(seconds, 0.01, THROTTLED, THROTTLED, answer)
    assert table(client, patient(seconds, 1.0, 0.5)).partition("A") == []
    assert seconds.slept == [0.025, 0.025]


def cancelled(*codes: str) -> Exception:
    """A transaction cancelled for these reasons."""
    response: Any = {"CancellationReasons": [{"Code": code} for code in codes], "Error": {"Code": "x"}}
    return Exceptions.TransactionCanceledException(response, "TransactWriteItems")


def test_a_throttled_transaction_waits_for_room() -> None:
    """A partition that many write to at once has room a second later; what was read has not changed meanwhile."""
    seconds = Seconds()
    client = Client(seconds, 0.01, *[cancelled("None", "ThrottlingError")] * 8, {})
    table(client, patient(seconds)).write([])
    assert seconds.slept == [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 0.8, 0.8]
    assert len({call["ClientRequestToken"] for call in client.calls}) == 1
    client = Client(seconds, 0.01, cancelled("ThrottlingError"))
    with pytest.raises(TableUnavailableError):
        table(client, patient(seconds)).write([])
    assert len(client.calls) == 9
    client = Client(seconds, 0.01, cancelled("ThrottlingError", "ConditionalCheckFailed"))
    with pytest.raises(TableUnavailableError):
        table(client, patient(seconds)).write([])
    assert len(client.calls) == 1, "it is lost, whether or not there is room"


def test_a_transaction_is_repeated_under_its_token() -> None:
    """Its answer was lost, perhaps it was done: the token keeps it from being done twice."""
    seconds = Seconds()
    client = Client(seconds, 0.01, HANGING, {})
    table(client, patient(seconds)).write([])
    first, second = (call["ClientRequestToken"] for call in client.calls)
    assert first == second
    table(client, patient(seconds)).write([])
    assert client.calls[-1]["ClientRequestToken"] != first


def test_keys_left_out_are_asked_for_again_with_pauses() -> None:
    """Not in a circle as fast as it goes: eight times, longer and longer, and then it is enough."""
    seconds = Seconds()
    left = {"Responses": {}, "UnprocessedKeys": {"t": {"Keys": [{"pk": {"S": "A"}, "sk": {"S": "B"}}]}}}
    found = {"Responses": {"t": [{"pk": {"S": "A"}, "sk": {"S": "B"}}]}}
    client = Client(seconds, 0.0, left, left, found)
    assert table(client, patient(seconds)).get(Key("A", "B")).keys() == {Key("A", "B")}
    assert seconds.slept == [0.025, 0.05]
    client = Client(seconds, 0.0, left)
    with pytest.raises(TableUnavailableError, match="UnprocessedKeys"):
        table(client, patient(seconds)).get(Key("A", "B"))
    assert len(client.calls) == 9


def test_lost_races_are_counted_and_pause() -> None:
    """Full jitter between attempts; the count is taken once."""
    seconds = Seconds()
    services = Services(lambda: None, lambda: NOW, lambda: "id", patient(seconds, 0.5))  # type: ignore[arg-type, return-value]

    def lose(_: datetime) -> None:
        raise ConflictError

    with pytest.raises(RefusedError, match="temporarily-unavailable"):
        retry_on_conflict(lose, services)
    assert (services.take_conflicts(), services.take_conflicts()) == (5, 0)
    assert seconds.slept[:3] == [0.0125, 0.025, 0.05]


def test_no_race_is_run_after_the_deadline() -> None:
    """Who has no time left is told to come back, after one attempt."""
    seconds = Seconds()
    services = Services(lambda: None, lambda: NOW, lambda: "id", patient(seconds))  # type: ignore[arg-type, return-value]
    services.begin(0.01)
    attempts: list[datetime] = []

    def lose(now: datetime) -> None:
        attempts.append(now)
        raise ConflictError

    with pytest.raises(RefusedError, match="temporarily-unavailable"):
        retry_on_conflict(lose, services)
    assert len(attempts) == 1
    assert seconds.slept == []


def test_the_context_says_how_long_there_is() -> None:
    """Less what the last call may take; without a context there is no limit."""
    assert time_to_answer(SimpleNamespace(get_remaining_time_in_millis=lambda: 15_000)) == 11.0
    assert time_to_answer(SimpleNamespace(get_remaining_time_in_millis=lambda: 500)) == 0.0
    assert time_to_answer(None) is None


def test_nobody_sleeps_unless_told_how() -> None:
    """What tests make without a clock neither waits nor ends."""
    assert inspect.signature(Backoff).parameters["sleep"].default(1.0) is None
    assert Backoff().pause(0)
