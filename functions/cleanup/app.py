"""The schedule: marks what the clock has decided. Missed or doubled runs do no harm."""

from typing import Any

from collaboration.commands.sweeping import sweep_ends, sweep_renewals, sweep_requests
from collaboration.composition import services


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Do what is due; answers with how much there was."""
    house = services()
    requests, ends, renewed = sweep_requests(house), sweep_ends(house), sweep_renewals(house)
    return {
        "expired": requests.expired,
        "reminded": requests.reminded,
        "ended": ends.ended,
        "endsFailed": ends.failed,
        "renewed": renewed,
    }
