"""TODO queries.reports."""

from collaboration.domain.model.access import DriftReport
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Services
from collaboration.storage import items, keys


def list_reports(services: Services, kind: str, page: PageRequest) -> tuple[tuple[DriftReport, ...], str | None]:
    """The reports of a kind, newest first.

    Raises:
        Refused: the cursor is of another list.
    """
    query = f"reports {kind}"
    after = position_of(query, page.cursor)
    partition = keys.reports(kind)
    start = {"pk": items.text(partition), "sk": items.text(after)} if after else None
    found, more = services.table.page(partition, newest_first=True, limit=page.limit, after=start)
    cursor = cursor_of(query, items.string(more, "sk")) if more else None
    return tuple(items.parsed(DriftReport, item) for item in found), cursor
