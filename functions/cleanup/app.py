"""The schedule: marks what the clock has decided. Missed or doubled runs do no harm."""

from typing import Any

from collaboration.commands.sweeping import sweep_requests
from collaboration.composition import services


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Do what is due; answers with how much there was."""
    requests = sweep_requests(services())
    return {"expired": requests.expired, "reminded": requests.reminded}
