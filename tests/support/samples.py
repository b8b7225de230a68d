"""Read the sample events of events/."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from support.template import PROJECT

EVENTS = PROJECT / "events"


def sample(name: str) -> dict[str, Any]:
    """A sample event, by its file's name without `.json`; a new object on each call."""
    event: dict[str, Any] = json.loads(_text(name))
    return event


@cache
def _text(name: str) -> str:
    return (EVENTS / f"{name}.json").read_text(encoding="utf-8")
