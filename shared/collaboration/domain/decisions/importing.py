"""TODO domain.decisions.importing."""

from datetime import datetime

from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import Collaboration, Origin
from collaboration.domain.model.history import PLATFORM, EntryKind, history_entries
from collaboration.domain.model.setup import solution_asked
from collaboration.domain.model.values import AgreementId, OfficeId, OrganisationNumber, Value


class ImportedRow(Value):
    """A collaboration of the older program. Its reference names it among those of the office."""

    organisation_number: OrganisationNumber
    solution: str | None = None
    reference: str


def imported(office_id: OfficeId, agreement: AgreementId, row: ImportedRow, now: datetime) -> Change:
    """An unlinked collaboration: kept whether or not the company is a customer or has an account.

    Raises:
        RefusedError: the solution is not in the catalogue.
    """
    if row.solution is not None:
        solution_asked(row.solution)
    collaboration = Collaboration(
        agreement=agreement,
        office_id=office_id,
        organisation_number=row.organisation_number,
        origin=Origin.IMPORT,
        started_at=now,
        solution=row.solution,
        imported_solution=row.solution,
        reference=row.reference,
    )
    return Change(
        at=now,
        collaboration=Transition(None, collaboration),
        history=history_entries(collaboration.subject, PLATFORM, now, EntryKind.COLLABORATION_IMPORTED),
    )
