"""TODO commands.importing."""

from base64 import b32encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from collaboration.domain.decisions.importing import ImportedRow, imported
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import AgreementId, CollaborationId, OfficeId
from collaboration.services import Services, not_found, retry_on_conflict
from collaboration.storage import keys
from collaboration.storage.commit import commit

# How many rows of an import are written at once.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row."""

    collaboration_id: CollaborationId
    new: bool


def import_rows(
    services: Services, office_id: OfficeId, rows: Sequence[ImportedRow | RefusedError]
) -> list[Imported | RefusedError]:
    """Every row on its own: imported, there already, or refused. The same rows again import nothing.

    Raises:
        Refused: there is no such office.
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

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        return list(threads.map(one, rows))


def _import(services: Services, office_id: OfficeId, row: ImportedRow) -> Imported:
    # The reference is the older program's own id: the same one is the same collaboration, however often it comes.
    digest = sha256(f"{office_id}#{row.reference}".encode()).digest()[:15]
    agreement = AgreementId(b32encode(digest).decode().lower())

    def attempt(now: datetime) -> Imported:
        new = not services.table.get(keys.collaboration(agreement))
        if new:
            commit(services.table, imported(office_id, agreement, row, now))
        return Imported(CollaborationId.of(agreement), new)

    return retry_on_conflict(attempt, services.clock)
