"""The nightly schedule: deletes the logins that strangers asked for and nobody confirmed."""

from collaboration.background import background, record_failures
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.logins import purge
from collaboration.telemetry import Metric


@background("purge_logins")
def handler(_call: Call) -> dict[str, int]:
    """Delete what is older than a week; answers with how many, and whether the next run has to go on.

    What could not be deleted is logged, counted, and tried again by the next run.
    """
    run = purge(app().user_pool, app().services)
    record_failures(run.failures)
    # Nought as well: an alarm goes off where no run has said anything.
    app().metrics.record(Metric.LOGINS_PURGED, run.deleted)
    return {"deleted": run.deleted, "failed": len(run.failures), "cutShort": int(run.is_cut_short)}
