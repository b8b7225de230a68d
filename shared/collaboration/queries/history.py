"""The timeline of an invitation and the collaboration that came of it."""

from collaboration.domain.model.history import Entry
from collaboration.domain.model.values import CollaborationId, InvitationId
from collaboration.queries.caller import load_collaboration, load_invitation
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Caller, Services
from collaboration.storage import items, keys, lists


def show_history(
    services: Services, caller: Caller, id_: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """A timeline, newest first: the same one for an invitation and the collaboration that came of it.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's;
            `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """

    def check_access() -> None:
        if isinstance(id_, InvitationId):
            load_invitation(services, caller, id_)
        else:
            load_collaboration(services, caller, id_)

    _, shown = services.table.gather(check_access, lambda: timeline(services, id_, page))
    return shown


def timeline(
    services: Services, id_: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """Part of a timeline, newest first, whoever asks.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    query = f"history {id_}"
    after = position_of(query, page.cursor)
    if id_.agreement is None:
        return (), None
    partition = keys.agreement_partition(id_.agreement)
    found, more = lists.read_partition_page(services.table, partition, keys.HISTORY, after, page.limit)
    return tuple(items.entry(item) for item in found), cursor_of(query, more) if more else None
