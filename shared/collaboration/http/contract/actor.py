"""Who did something, as answers show it."""

from collaboration.domain.model.values import EmployeeId, Side
from collaboration.http.contract.response import ResponseModel


class ActorResponse(ResponseModel):
    """Who did something."""

    optional = frozenset({"name", "employeeId"})

    side: Side
    name: str | None = None
    employee_id: EmployeeId | None = None
