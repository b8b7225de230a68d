"""Reports of scheduled work: what the access audit found, and what was erased."""

from collaboration.domain.model.access import DriftReport
from collaboration.domain.model.erasure import ErasureReport
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Services
from collaboration.storage import items, keys, lists

_REPORTS: dict[str, type[DriftReport] | type[ErasureReport]] = {"drift": DriftReport, "erasure": ErasureReport}


def list_reports(
    services: Services, kind: str, page: PageRequest
) -> tuple[tuple[DriftReport | ErasureReport, ...], str | None]:
    """The reports of a kind (`drift`, `erasure`), newest first.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    query = f"reports {kind}"
    after = position_of(query, page.cursor)
    found, more = lists.read_partition_page(services.table, keys.reports(kind), "", after, page.limit)
    return tuple(items.parsed(_REPORTS[kind], item) for item in found), cursor_of(query, more) if more else None
