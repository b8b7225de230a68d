"""History as answers show it."""

from pydantic import Field

from collaboration.domain.model.history import Entry, EntryKind
from collaboration.domain.model.values import EmployeeId, Side, Timestamp, Value
from collaboration.http.contract.actor import ActorResponse
from collaboration.http.contract.response import ResponseModel


class AffectedPersonResponse(ResponseModel):
    """Whose access was granted or revoked; without the name once it was erased."""

    optional = frozenset({"name", "employeeId"})

    side: Side
    name: str | None = None
    employee_id: EmployeeId | None = None


class DifferenceResponse(Value):
    """A field before and after."""

    field: str
    before: str | int | None = Field(alias="from")
    after: str | int | None = Field(alias="to")


class HistoryResponse(ResponseModel):
    """A line of a timeline."""

    optional = frozenset({"person", "changes"})

    id: str
    at: Timestamp
    kind: EntryKind
    by: ActorResponse
    person: AffectedPersonResponse | None = None
    changes: tuple[DifferenceResponse, ...] | None = None

    @classmethod
    def of(cls, entry: Entry) -> "HistoryResponse":
        """An entry as answers show it."""
        changes = tuple(
            DifferenceResponse.model_validate({"field": change.field, "from": change.before, "to": change.after})
            for change in entry.changes
        )
        by = ActorResponse(side=entry.by.side, name=entry.by.name, employee_id=entry.by.employee_id)
        person = AffectedPersonResponse(**dict(entry.person)) if entry.person else None
        return cls(id=entry.id, at=entry.at, kind=entry.what, by=by, person=person, changes=changes or None)
