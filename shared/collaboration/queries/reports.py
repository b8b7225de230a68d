"""Reports of nightly work."""

from collaboration.domain.model.access import DriftReport
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Services
from collaboration.storage import items, keys, lists


def list_reports(services: Services, kind: str, page: PageRequest) -> tuple[tuple[DriftReport, ...], str | None]:
    """The reports of a kind, newest first.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    query = f"reports {kind}"
    after = position_of(query, page.cursor)
    found, more = lists.read_partition_page(services.table, keys.reports(kind), "", after, page.limit)
    return tuple(items.parsed(DriftReport, item) for item in found), cursor_of(query, more) if more else None
