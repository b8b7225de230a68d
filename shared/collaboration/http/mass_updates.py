"""What became of the tasks of a mass update, row by row."""

from collections.abc import Iterable

from collaboration.commands.mass_update import UpdatedTask
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.contract.mass_updates import MassUpdateResponse, MassUpdateRowResponse, MassUpdateStatus
from collaboration.http.request import Request


def mass_update_response(rows: Iterable[UpdatedTask], cursor: str | None, request: Request) -> MassUpdateResponse:
    """The answer to a mass update."""
    return MassUpdateResponse(rows=tuple(_row(row, request) for row in rows), next=cursor)


def _row(row: UpdatedTask, request: Request) -> MassUpdateRowResponse:
    if isinstance(row.result, RefusedError):
        problem = problems.problem(row.result.fault, request.language or Locale.SV, request.reference)
        return MassUpdateRowResponse(
            customer_id=row.customer_id, task_id=row.task_id, status=MassUpdateStatus.FAILED, problem=problem
        )
    status = MassUpdateStatus.CHANGED if row.result else MassUpdateStatus.UNCHANGED
    return MassUpdateRowResponse(customer_id=row.customer_id, task_id=row.task_id, status=status)
