"""What the functions wrote while they ran, as CloudWatch Logs has it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stack.aws import Aws


def read(aws: Aws) -> str:
    """All lines of all functions in the order of time, each with its function."""
    events: list[tuple[int, str, str]] = []
    for page in aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            for found in aws.logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                function = name.rpartition("/")[2]
                events += [(event["timestamp"], function, event["message"].rstrip()) for event in found["events"]]
    events.sort(key=itemgetter(0))
    return "".join(f"{moment(at)} {function}: {message}\n" for at, function, message in events)


def moment(milliseconds: int) -> str:
    """A point in time as a log writes it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
