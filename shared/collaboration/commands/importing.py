"""Collaborations of the older desktop program are imported, unlinked."""

from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256

from collaboration.commands.apply_change import apply_change
from collaboration.commands.rows import run_rows
from collaboration.domain.decisions.importing import ImportedRow, import_fault, imported
from collaboration.domain.model.faults import Fault, RefusedError
from collaboration.domain.model.values import AgreementId, CollaborationId, OfficeId
from collaboration.frozen import dataclass
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys

# How many rows of an import are written at once.
_AT_ONCE = 8


@dataclass(frozen=True)
class Imported:
    """An imported collaboration, whether it is new, and how the row differs from what was imported before."""

    collaboration_id: CollaborationId
    new: bool
    fault: Fault | None = None


def import_rows(
    services: Services, office_id: OfficeId, rows: Sequence[ImportedRow | RefusedError]
) -> list[Imported | RefusedError]:
    """Every row on its own: imported, there already, or refused. The same rows again import nothing.

    A reference that comes twice is imported as the first row says.

    Raises:
        RefusedError: `not-found`, there is no such office.
        TableUnavailableError: the table does not answer.
    """
    if not services.table.get(keys.office(office_id)):
        raise not_found()

    def one(row: ImportedRow | RefusedError) -> Imported | RefusedError:
        if isinstance(row, RefusedError):
            return row
        try:
            return _import(services, office_id, row)
        except RefusedError as fault:
            return fault

    def concerns(row: ImportedRow | RefusedError) -> tuple[str, ...]:
        return () if isinstance(row, RefusedError) else (row.reference,)

    return run_rows(rows, one, concerns, at_once=_AT_ONCE)


def _import(services: Services, office_id: OfficeId, row: ImportedRow) -> Imported:
    # The reference is the older program's own id: the same one is the same collaboration, however often it comes.
    digest = sha256(f"{office_id}#{row.reference}".encode()).digest()[:15]
    agreement = AgreementId(b32encode(digest).decode().lower())

    applied = apply_change(
        services,
        lambda: services.table.gather(
            lambda: items.collaboration_at(services.table.get(keys.collaboration(agreement)), agreement),
            lambda: account_items.accounts(services.table.partition(keys.organisation(row.organisation_number))),
        ),
        lambda found, now: None if found[0] else imported(office_id, agreement, row, found[1], now),
    )
    present = applied.context[0]
    fault = import_fault(present, row) if present else None
    return Imported(CollaborationId.of(agreement), new=applied.change is not None, fault=fault)
