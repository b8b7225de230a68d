"""TODO queries.history."""

from collaboration.domain.model.history import Entry
from collaboration.domain.model.values import CollaborationId, InvitationId
from collaboration.queries.collaborations import show_collaboration
from collaboration.queries.invitations import show_invitation
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Caller, Services
from collaboration.storage import items


def show_history(
    services: Services, caller: Caller, of: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """A timeline, newest first: the same one for an invitation and the collaboration that came of it.

    Raises:
        Refused: the caller is nobody here, it is not the office's, or the cursor is of another list.
    """

    def check_access() -> None:
        if isinstance(of, InvitationId):
            show_invitation(services, caller, of)
        else:
            show_collaboration(services, caller, of)

    _, shown = services.table.gather(check_access, lambda: timeline(services, of, page))
    return shown


def timeline(
    services: Services, of: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """Part of a timeline, newest first, whoever asks.

    Raises:
        Refused: the cursor is of another list.
    """
    query = f"history {of}"
    after = position_of(query, page.cursor)
    partition = f"AGREEMENT#{of.agreement}"
    start = {"pk": items.text(partition), "sk": items.text(after)} if after else None
    found, more = services.table.page(partition, prefix="HISTORY#", newest_first=True, limit=page.limit, after=start)
    cursor = cursor_of(query, items.string(more, "sk")) if more else None
    return tuple(items.entry(item) for item in found), cursor
