"""What wakes a function that nobody waits for: a message of the event bus, a schedule, or records of a stream.

A schedule with an `Input` sends exactly that. Without one EventBridge Scheduler sends an envelope of its own, of the
detail-type `Scheduled Event`, whose detail is a string of JSON.
"""

import json
from collections.abc import Mapping
from typing import Any

from collaboration.frozen import dataclass

_SCHEDULER = "aws.scheduler"


@dataclass(frozen=True)
class Call:
    """What a function was called with.

    `schedule`: the name that the schedule's input gives, empty where a schedule has no input, None for a message;
    `detail_type` and `detail`: of a message; `records`: of the table's stream.
    """

    schedule: str | None
    detail_type: str
    detail: Mapping[str, Any]
    records: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, event: object) -> "Call":
        """The call that an event is; one that is neither a schedule's nor a message names nothing."""
        parts = _mapping(event)
        if isinstance(parts.get("schedule"), str):
            return cls(parts["schedule"], "", {})
        if isinstance(parts.get("Records"), list):
            return cls(None, "", {}, tuple(parts["Records"]))
        if parts.get("source") == _SCHEDULER:
            return cls("", "", {})
        detail_type = parts.get("detail-type")
        return cls(None, detail_type if isinstance(detail_type, str) else "", _mapping(parts.get("detail")))

    def names(self, *names: str) -> bool:
        """Whether the detail gives each of these as a text that is not empty."""
        return all(isinstance(self.detail.get(name), str) and self.detail[name] for name in names)


def _mapping(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}
