"""Plan the erasures that version 0.1.0 did not plan: once, after the change to a later one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collaboration.commands.erasure_planning import plan_erasures
from collaboration.composition import new_id
from collaboration.services import Services
from collaboration.storage.table import Table

from stack.narration import say

if TYPE_CHECKING:
    from stack.target import Target


def plan(target: Target) -> None:
    """Make every dead invitation due whose erasure is not planned, and say how many that were."""
    table = Table(target.tables, target.resource("Table"))
    planned = plan_erasures(Services(lambda: table, lambda: datetime.now(UTC), new_id))
    say(f"Planned {planned}: the next runs of the clean-up erase those that have been dead for thirty days.")
