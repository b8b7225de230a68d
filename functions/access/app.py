"""Keeps access up to date: called by the bus when it may have changed, and every night to audit it."""

from functools import partial
from typing import Any

from collaboration.access.service import handle
from collaboration.composition import app


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Bring grants up to date, or audit them; answers with how many changed, or were checked."""
    measure = partial(app().metrics.count, "Drift")
    detail_type, detail = event.get("detail-type", ""), event.get("detail") or {}
    return handle(app().services, app().publisher.publish, measure, detail_type, detail)
