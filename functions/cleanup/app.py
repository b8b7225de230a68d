"""The schedule: does what has become due, a run at a time. Missed, doubled and interrupted runs do no harm."""

from collaboration.background import background, log_failures
from collaboration.calls import Call
from collaboration.commands.due_work import run_due_work
from collaboration.composition import app


@background
def handler(call: Call) -> dict[str, int]:
    """Do what is due within this call's time; answers with how much there was, and hands on what is left.

    What could not be done is logged, counted, and due again at the next run. It fails no call: Lambda would repeat it.
    """
    run = run_due_work(app().services, call)
    if run.failures:
        log_failures(run.failures)
        app().metrics.count("DueWorkFailed", len(run.failures))
    if run.messages:
        app().publisher.publish(run.messages)
    return {str(work): count for work, count in run.counts.items()}
