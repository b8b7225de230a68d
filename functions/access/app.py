"""Keeps access up to date: called by the bus when it may have changed, and every night to audit it."""

from functools import partial

from collaboration.access.service import handle
from collaboration.background import background
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.telemetry import Metric


@background("access")
def handler(call: Call) -> dict[str, int]:
    """Bring grants up to date, or audit them; answers with how many changed, or were checked."""
    return handle(app().services, app().publisher.publish, partial(app().metrics.record, Metric.DRIFT), call)
