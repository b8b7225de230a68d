"""The schedule: does what has become due, a run at a time. Missed, doubled and interrupted runs do no harm."""

from collaboration.background import background, record_failures
from collaboration.calls import Call
from collaboration.commands.due_work import Work, run_due_work
from collaboration.composition import app
from collaboration.telemetry import Metric


@background("cleanup")
def handler(call: Call) -> dict[str, int]:
    """Do what is due within this call's time; answers with how much there was, and hands on what is left.

    What could not be done is logged, counted, and due again at the next run. It fails no call: Lambda would repeat it.
    """
    run = run_due_work(app().services, call)
    record_failures(run.failures)
    for work, count in run.counts.items():
        if count and work is not Work.FAILED:
            app().metrics.record(Metric.DUE_WORK_DONE, count, work)
    # Also where nothing was due: its absence says that there was no run.
    app().metrics.record(Metric.DUE_WORK_LAG, run.lag.total_seconds())
    if run.messages:
        app().publisher.publish(run.messages)
    return {str(work): count for work, count in run.counts.items()}
