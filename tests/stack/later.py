"""Move the clock of the running stack and run the clean-up, as time itself and the schedule would."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stack.aws import Aws
from stack.client import Client
from stack.demonstration import PLATFORM
from stack.narration import say, table
from stack.versions import environment, set_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOCK = "CLOCK_OFFSET_SECONDS"
DAY = 24 * 60 * 60


# Ten years: further on, certificates and token lifetimes of the emulator itself end.
MAX_DAYS = 3650


class InvalidDaysError(ValueError):
    """The clock cannot be moved that far, or backwards."""


class CleanUpError(Exception):
    """The clean-up failed; says what it answered."""


def move(stack: Mapping[str, Any], days: float) -> None:
    """Move the clock of every function on by `days` from wherever it stands, clean up, and say what that did.

    Raises:
        InvalidDaysError: `days` is not within (0, MAX_DAYS]; nothing was moved.
    """
    if not 0 < days <= MAX_DAYS:
        raise InvalidDaysError(f"DAYS is how many days to move on: more than 0, at most {MAX_DAYS}, not {days:g}")
    aws = Aws(stack["endpointUrl"])
    offset = max(move_function(aws, name, days) for name in stack["functions"].values())
    now = datetime.now(UTC) + timedelta(seconds=offset)
    say(f"The service's clock now says {now:%Y-%m-%d %H:%M} UTC, {offset / DAY:g} days ahead of this machine.")
    counts = clean_up(aws, stack["functions"]["cleanup"])
    done = {what: count for what, count in counts.items() if isinstance(count, int) and count}
    if done:
        say("The clean-up:")
        table((str(count), in_words(what)) for what, count in done.items())
    else:
        say("The clean-up found nothing to do.")
    if counts.get("erased"):
        say("The account of what was erased (GET /platform/reports?kind=erasure):")
        table((str(row["day"]), erased_in_words(row)) for row in erasures(Client(stack)))


def move_function(aws: Aws, name: str, days: float) -> int:
    """Move one function's clock; its offset afterwards. Its other settings stay as they are."""
    variables = environment(aws.functions, name)
    offset = int(variables.get(CLOCK, "0")) + round(days * DAY)
    set_environment(aws.functions, name, {**variables, CLOCK: str(offset)})
    return offset


def clean_up(aws: Aws, name: str) -> dict[str, Any]:
    """Run the clean-up until it is done; what it counted."""
    answer = aws.functions.invoke(FunctionName=name, Payload=b'{"schedule": "cleanup"}')
    payload = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise CleanUpError(f"the clean-up failed: {payload}")
    counts: dict[str, Any] = json.loads(payload)
    return counts


def erasures(client: Client) -> list[dict[str, Any]]:
    """The latest accounts of what was erased, one per office and day."""
    answer = client.sign_in(PLATFORM.username).get("/platform/reports?kind=erasure&limit=5")
    rows: list[dict[str, Any]] = answer.json["items"]
    return rows


def erased_in_words(row: Mapping[str, Any]) -> str:
    """How much was erased of an office on a day."""
    counts = ", ".join(f"{name} {row[name]}" for name in ("invitations", "recipients", "messages", "mails"))
    return f"{row['officeId']}: {counts}; digest {row['digest'][:12]}…"


def in_words(key: str) -> str:
    """A count's name as words: `expiredInvitations`, `expired_invitations` -> `expired invitations`."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key)
    return spaced.replace("_", " ").strip()
