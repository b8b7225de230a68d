"""The platform changes many tasks at once."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from collaboration.domain.decisions.mass_update import MassUpdate
from collaboration.domain.model.values import (
    CustomerId,
    EmployeeId,
    TaskId,
    Value,
)
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.parameters import Cursor
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Omissible
from collaboration.http.request import CallerClass


class OwnerChange(Value):
    """From whom to whom; JSON's `from` is a word of Python's."""

    before: EmployeeId = Field(alias="from")
    after: EmployeeId = Field(alias="to")


People = Annotated[tuple[EmployeeId, ...], Field(max_length=100)]


class MassUpdateBody(Value):
    """What happens to the tasks of the office, or of some of its customers. Something has to."""

    customer_ids: Annotated[tuple[CustomerId, ...], Field(min_length=1, max_length=1000)] | None = None
    owner: OwnerChange | None = None
    add_participants: People = ()
    remove_participants: People = ()
    cursor: Cursor | None = None

    def reassign(self) -> MassUpdate:
        """What the domain is asked."""
        return MassUpdate(
            owner=(self.owner.before, self.owner.after) if self.owner else None,
            add=self.add_participants,
            remove=self.remove_participants,
        )


class MassUpdateStatus(StrEnum):
    """What became of a task of a mass update."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class MassUpdateRowResponse(Value):
    """What became of a task."""

    customer_id: CustomerId
    task_id: TaskId
    status: MassUpdateStatus
    problem: Omissible[ProblemResponse] = None


class MassUpdateResponse(Value):
    """What became of the tasks of a call; `next` is the cursor of the rest."""

    rows: tuple[MassUpdateRowResponse, ...]
    next: str | None = None


MASS_UPDATE = Operation(
    name="reassignTasks",
    function="directory",
    method="POST",
    path="/platform/offices/{officeId}/tasks/mass-update",
    caller=CallerClass.PLATFORM,
    summary="Another owner, more or fewer participants, for many tasks; at most 100 a call, repeatable",
    body=MassUpdateBody,
    query=NoQuery,
    answers={200: MassUpdateResponse},
)
