"""The hourly schedule: does what has become due. Missed or doubled runs do no harm."""

from collaboration.background import background
from collaboration.calls import Call
from collaboration.commands.due_work import run_due_work
from collaboration.composition import app


@background
def handler(_: Call) -> dict[str, int]:
    """Do what is due; answers with how much there was."""
    return {str(work): count for work, count in run_due_work(app().services).items()}
