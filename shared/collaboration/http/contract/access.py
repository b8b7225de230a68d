"""Access as answers show it: the person, what they may open, and why."""

from collaboration.domain.model.access import Access, Resource, Role
from collaboration.domain.model.values import CollaborationId, EmployeeId, Side, TaskId, Timestamp, Value
from collaboration.http.contract.response import Omissible


class PersonResponse(Value):
    """Somebody who has access."""

    name: str
    email: str
    employee_id: Omissible[EmployeeId] = None


class ReasonResponse(Value):
    """Why somebody has access."""

    collaboration_id: Omissible[CollaborationId] = None
    task_id: Omissible[TaskId] = None
    role: Role


class AccessResponse(Value):
    """What one person may open, and why."""

    person: PersonResponse
    side: Side
    what: tuple[Resource, ...]
    variant: Omissible[str] = None
    since: Omissible[Timestamp] = None
    reasons: tuple[ReasonResponse, ...]

    @classmethod
    def of(cls, access: Access, variant: str | None) -> "AccessResponse":
        """A grant, or one that is foreseen. `variant`: the one that the person works in."""
        return cls.model_validate({**access.model_dump(), "variant": variant})
