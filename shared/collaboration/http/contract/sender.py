"""Who sent an invitation, as answers show it."""

from collaboration.domain.model.values import (
    EmployeeId,
    Value,
)


class SenderResponse(Value):
    """The employee who sent an invitation."""

    employee_id: EmployeeId
    name: str
