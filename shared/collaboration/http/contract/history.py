"""History as answers show it."""

from pydantic import Field

from collaboration.domain.model.history import Entry, EntryKind
from collaboration.domain.model.values import EmployeeId, Side, Timestamp, Value
from collaboration.http.contract.actor import ActorResponse
from collaboration.http.contract.response import Omissible


class AffectedPersonResponse(Value):
    """Whose access was granted or revoked, or who arranged the end that failed; without the name once it was erased."""

    side: Side
    name: Omissible[str] = None
    employee_id: Omissible[EmployeeId] = None


class DifferenceResponse(Value):
    """A field before and after."""

    field: str
    before: str | int | None = Field(alias="from")
    after: str | int | None = Field(alias="to")


class HistoryResponse(Value):
    """A line of a timeline."""

    id: str
    at: Timestamp
    kind: EntryKind
    by: ActorResponse
    person: Omissible[AffectedPersonResponse] = None
    changes: Omissible[tuple[DifferenceResponse, ...]] = None

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
