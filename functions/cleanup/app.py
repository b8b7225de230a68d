"""The schedule: does what the clock has decided. Missed or doubled runs do no harm."""

from typing import Any

from collaboration.commands.due_work import run_due_work
from collaboration.composition import services


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Do what is due; answers with how much there was."""
    return {str(done): count for done, count in run_due_work(services()).items()}
