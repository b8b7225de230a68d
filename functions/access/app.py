"""Who may open what, kept true: woken by the bus whenever that may have changed, and every night to prove it."""

from typing import Any

from collaboration.access.service import handle
from collaboration.composition import drift_metric, publish, services


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Bring grants up to date, or prove that they are; answers with how many changed, or were looked at."""
    return handle(services(), publish, drift_metric, event.get("detail-type", ""), event.get("detail") or {})
