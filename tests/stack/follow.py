"""The running stack's log as a person reads it: one line for each that a function wrote, errors distinct."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError

from stack import journal
from stack.narration import BOLD, DIM, GREEN, RED, YELLOW, styled

if TYPE_CHECKING:
    from stack.aws import Aws

# Seconds between two looks.
PAUSE = 1.0
# Without an id, what was written shortly before is shown as well.
BEFORE = timedelta(minutes=2)
# A function's lines are put into the log after its call, in one go: they may be older than what was read before.
LATE = timedelta(seconds=90)

STYLES = {"ERROR": RED, "WARNING": YELLOW, "INFO": GREEN, "DEBUG": DIM, "METRIC": DIM}
# Said by the columns, or of no use to a reader.
LEFT_OUT = {
    "level", "message", "location", "timestamp", "service", "sampling_rate", "correlation_id", "operation",
    "function_name", "function_request_id", "cold_start", "xray_trace_id", "stage",
}  # fmt: skip


def follow(aws: Aws, correlation_id: str | None, *, once: bool) -> None:
    """Print lines as they are written, until interrupted or the stack ends; of one request, or of all.

    Args:
        aws: the emulator.
        correlation_id: `X-Request-Id` of an answer, or the id in a line; None for every line.
        once: print what there is, and end.
    """
    start = datetime.fromtimestamp(0, UTC) if correlation_id else datetime.now(UTC) - BEFORE
    seen: Counter[tuple[int, str]] = Counter()
    while True:
        began = datetime.now(UTC)
        try:
            lines = new_lines(aws, start, seen)
        except EndpointConnectionError:
            print("The stack has ended.", flush=True)
            return
        for at, text in lines:
            if line := rendered(at, text, correlation_id):
                print(line, flush=True)
        if once:
            return
        start = max(start, began - LATE)
        time.sleep(PAUSE)


def new_lines(aws: Aws, start: datetime, seen: Counter[tuple[int, str]]) -> list[tuple[datetime, str]]:
    """The lines since a time that were not seen before, in the order of time.

    `seen`: how often each line of a millisecond was; what is new is added. The emulator gives lines no ids.
    """
    present: Counter[tuple[int, str]] = Counter()
    for group in journal.groups(aws):
        present.update(journal.events(aws, group, int(start.timestamp() * 1000)))
    new = present - seen
    seen |= present
    found = sorted(new.elements(), key=itemgetter(0))
    return [(datetime.fromtimestamp(at / 1000, UTC), text) for at, text in found]


def rendered(at: datetime, text: str, correlation_id: str | None = None) -> str | None:
    """A line for the terminal; None for one of Lambda itself, or of another request.

    Args:
        at: when it was written, where it does not say so itself.
        text: as the function wrote it: JSON of its logger or its metrics, else what broke before either.
        correlation_id: of the request whose lines are wanted; None for all.
    """
    line = _parsed(text)
    if line is None:
        # What is no line of ours has no id: somebody who looks for one still wants to see that a function broke.
        return None if _is_of_lambda(text) else _columns(at, "ERROR", "", text, None)
    if correlation_id and line.get("correlation_id") != correlation_id:
        return None
    return _metric(at, line) if "_aws" in line else _message(at, line)


def _is_of_lambda(text: str) -> bool:
    return not text or text.startswith(("START ", "END ", "REPORT ", "INIT_START "))


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _message(at: datetime, line: dict[str, Any]) -> str:
    level = str(line.get("level", "ERROR"))
    facts = {name: value for name, value in line.items() if name not in LEFT_OUT and value not in ("", None, {})}
    said = " ".join([styled(str(line.get("message", "")), BOLD), *(f"{name}={_short(facts[name])}" for name in facts)])
    cold = "  (cold start)" if line.get("cold_start") else ""
    return _columns(at, level, str(line.get("operation", "")), f"{said}{cold}", line.get("correlation_id"))


def _metric(at: datetime, line: dict[str, Any]) -> str:
    directives = line["_aws"]["CloudWatchMetrics"]
    names = [metric["Name"] for directive in directives for metric in directive["Metrics"]]
    more = [str(line[name]) for name in ("slug", "work") if name in line]
    said = " ".join([*(f"{name} {_short(line[name])}" for name in names), *more])
    return _columns(at, "METRIC", str(line.get("operation", "")), said, line.get("correlation_id"))


def _short(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_short(part) for part in value)
    if isinstance(value, dict):
        return ",".join(f"{name}:{_short(part)}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _columns(at: datetime, level: str, operation: str, said: str, correlation_id: object) -> str:
    style = STYLES.get(level, RED)
    shown_id = styled(f"  {correlation_id}", DIM) if correlation_id else ""
    moment = styled(at.astimezone().strftime("%H:%M:%S.%f")[:-3], DIM)
    return f"{moment} {styled(f'{level:7}', style)} {operation:28} {said}{shown_id}"
