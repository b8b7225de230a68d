"""How `make logs` shows what functions write."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from stack import journal
from stack.follow import follow, new_lines, rendered
from stack.narration import RED, YELLOW

if TYPE_CHECKING:
    from stack.aws import Aws

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def line(level: str = "INFO", **facts: Any) -> str:
    """A line as the functions' logger writes it."""
    known = {"level": level, "location": "app:1", "message": "refused", "service": "collaboration", "cold_start": False}
    return json.dumps({**known, "operation": "sendInvitation", "correlation_id": "req-1", **facts})


def test_a_line_shows_what_happened_where_and_to_which_request() -> None:
    """Level, operation, message and facts, the id last; nothing that says the same of every line."""
    shown = rendered(AT, line(slug="already-invited", codes=["missing", "invalid"]))
    assert shown is not None
    assert shown.split()[1:] == [
        "INFO", "sendInvitation", "refused", "slug=already-invited", "codes=missing,invalid", "req-1",
    ]  # fmt: skip


def test_a_metric_is_shown_with_its_value() -> None:
    """Name, value and what refused; not the format around it."""
    directive = {"Metrics": [{"Name": "Refusals", "Unit": "Count"}], "Dimensions": [["service"]]}
    embedded = {"_aws": {"CloudWatchMetrics": [directive]}, "Refusals": [1.0], "slug": "not-found", "operation": "show"}
    shown = rendered(AT, json.dumps(embedded))
    assert shown is not None
    assert shown.split()[1:] == ["METRIC", "show", "Refusals", "1", "not-found"]


def test_only_the_lines_of_a_request_are_shown_where_one_is_named() -> None:
    """Those of another are not; what broke before it could say whose it was is."""
    assert rendered(AT, line(), "req-1")
    assert rendered(AT, line(), "req-2") is None
    broken = rendered(AT, "[ERROR] Runtime.ImportModuleError: No module named x", "req-2")
    assert broken is not None
    assert "ImportModuleError" in broken


@pytest.mark.parametrize("text", ["START RequestId: 1", "END RequestId: 1", "REPORT RequestId: 1 Duration", ""])
def test_what_lambda_says_of_every_call_is_left_out(text: str) -> None:
    """It begins and ends: that says nothing."""
    assert rendered(AT, text) is None


@pytest.mark.parametrize(("level", "colour"), [("ERROR", RED), ("WARNING", YELLOW)])
def test_errors_are_distinct(monkeypatch: pytest.MonkeyPatch, level: str, colour: str) -> None:
    """In a terminal that knows colours."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert f"{colour}{level}" in str(rendered(AT, line(level)))
    assert colour not in str(rendered(AT, line("INFO")))


def test_a_cold_start_is_said() -> None:
    """Whoever wonders why it took so long."""
    assert "(cold start)" in str(rendered(AT, line(cold_start=True)))


def test_it_ends_with_the_stack(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C where the stack runs ends it here too, and that is said."""

    def gone(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr("stack.follow.new_lines", gone)
    follow(cast("Aws", None), None, once=False)
    assert capsys.readouterr().out == "The stack has ended.\n"


class Logs:
    """A log group as the emulator hands it out: the earliest lines, so many at most, and no token for the rest."""

    def __init__(self, events: list[tuple[int, str]], most: int) -> None:
        self._events, self._most = events, most

    def get_paginator(self, name: str) -> Logs:
        """Itself: one page is all there ever is."""
        assert name in {"filter_log_events", "describe_log_groups"}
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        """The one page of what was asked for."""
        if "logGroupNamePrefix" in asked:
            return [{"logGroups": [{"logGroupName": "/aws/lambda/collaboration"}]}]
        since = [{"timestamp": at, "message": text} for at, text in self._events if at >= asked["startTime"]]
        return [{"events": since[: self._most]}]


@pytest.mark.parametrize("same", [1, 2, 3])
def test_more_lines_than_one_call_gives(monkeypatch: pytest.MonkeyPatch, same: int) -> None:
    """Each once, the latest too; also where a call ends between two of one millisecond."""
    monkeypatch.setattr("stack.journal.MOST_EVENTS", 3)
    events = [(1 + n // same, f"line {n}") for n in range(11)]
    aws = cast("Aws", SimpleNamespace(logs=Logs(events, 3)))
    found = new_lines(aws, datetime.fromtimestamp(0, UTC), Counter())
    assert [text for _, text in found] == [text for _, text in events]
    assert [line.partition(": ")[2] for line in journal.read(aws).splitlines()] == [text for _, text in events]
