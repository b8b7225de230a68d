"""What became of the tasks of a mass update, row by row."""

from collections.abc import Iterable

from collaboration.commands.reassigning import Row
from collaboration.domain.faults import Refused
from collaboration.domain.values import Locale
from collaboration.http import problems
from collaboration.http.answers import ReassignedShape, ReassignmentShape
from collaboration.http.request import Request


def reassignment(rows: Iterable[Row], cursor: str | None, request: Request) -> ReassignmentShape:
    """The answer to a mass update."""
    return ReassignmentShape(rows=tuple(_row(row, request) for row in rows), next=cursor)


def _row(row: Row, request: Request) -> ReassignedShape:
    if isinstance(row.result, Refused):
        problem = problems.problem(row.result.fault, request.language or Locale.SV, request.reference)
        return ReassignedShape(customer_id=row.customer_id, task_id=row.task_id, status="failed", problem=problem)
    status = "changed" if row.result else "unchanged"
    return ReassignedShape(customer_id=row.customer_id, task_id=row.task_id, status=status)
