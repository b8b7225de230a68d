"""The schedule: marks what the clock has decided. Missed or doubled runs do no harm."""

from typing import Any

from collaboration.commands.sweeping import mark_expired
from collaboration.composition import services


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Do what is due; answers with how much there was."""
    return {"expired": mark_expired(services())}
