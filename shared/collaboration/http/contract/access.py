"""Access as answers show it: the person, what they may open, and why."""

from collaboration.domain.model.access import Access, Resource, Role
from collaboration.domain.model.values import CollaborationId, EmployeeId, Side, TaskId, Timestamp
from collaboration.http.contract.response import ResponseModel


class PersonResponse(ResponseModel):
    """Somebody who has access."""

    optional = frozenset({"employeeId"})

    name: str
    email: str
    employee_id: EmployeeId | None = None


class ReasonResponse(ResponseModel):
    """Why somebody has access."""

    optional = frozenset({"collaborationId", "taskId"})

    collaboration_id: CollaborationId | None = None
    task_id: TaskId | None = None
    role: Role


class AccessResponse(ResponseModel):
    """What one person may open, and why."""

    optional = frozenset({"since", "variant"})

    person: PersonResponse
    side: Side
    what: tuple[Resource, ...]
    variant: str | None = None
    since: Timestamp | None = None
    reasons: tuple[ReasonResponse, ...]

    @classmethod
    def of(cls, access: Access, variant: str | None) -> "AccessResponse":
        """A grant, or one that is foreseen. `variant`: the one that the person works in."""
        return cls.model_validate({**access.model_dump(), "variant": variant})
