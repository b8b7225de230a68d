"""Who did something, as answers show it."""

from collaboration.domain.model.values import EmployeeId, Side, Value
from collaboration.http.contract.response import Omissible


class ActorResponse(Value):
    """Who did something."""

    side: Side
    name: Omissible[str] = None
    employee_id: Omissible[EmployeeId] = None
