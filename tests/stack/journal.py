"""What the functions wrote while they ran, as CloudWatch Logs has it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stack.aws import Aws

# What one call gives at most.
MOST_EVENTS = 10_000


def read(aws: Aws) -> str:
    """All lines of all functions in the order of time, each with its function."""
    found = [(at, group.rpartition("/")[2], text) for group in groups(aws) for at, text in events(aws, group, 0)]
    found.sort(key=itemgetter(0))
    return "".join(f"{moment(at)} {function}: {message}\n" for at, function, message in found)


def groups(aws: Aws) -> Iterator[str]:
    """The names of the log groups of functions."""
    for page in aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        yield from (group["logGroupName"] for group in page["logGroups"])


def events(aws: Aws, group: str, since: int) -> Iterator[tuple[int, str]]:
    """The time (milliseconds) and the text of what is in a log group since a time.

    The emulator gives `MOST_EVENTS` at most, the earliest, and no token to ask for the others by: they are asked for by
    their time.
    """
    while True:
        pages = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
        found = [(event["timestamp"], event["message"].rstrip()) for page in pages for event in page["events"]]
        if len(found) < MOST_EVENTS:
            yield from found
            return
        # The last millisecond may have been cut off: it is read anew, unless there is nothing else.
        last = found[-1][0]
        whole = [event for event in found if event[0] < last]
        yield from whole or found
        since = last if whole else last + 1


def moment(milliseconds: int) -> str:
    """A point in time as a log writes it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
