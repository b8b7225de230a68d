"""Who may open what through a collaboration, and what happened in it."""

from collaboration.domain.model.values import CollaborationId
from collaboration.http.call import Call
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.collaboration_records import SHOW_ACCESS, SHOW_HISTORY
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import collaborations as queries
from collaboration.queries import history
from collaboration.queries.account_access import variant_of
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SHOW_ACCESS)
def show_access(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """Who may open what through it, since when, and why."""
    page = PageRequest(call.query.limit, call.query.cursor)
    collaboration_id = call.id("collaborationId", CollaborationId)
    collaboration, grants = queries.show_access(services, call.caller, collaboration_id, page)
    rows = tuple(AccessResponse.of(grant, variant_of(collaboration, grant.side)) for grant in grants.rows)
    return Response(200, Page[AccessResponse](items=rows, next=grants.cursor))


@handlers.on(SHOW_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """What happened in it."""
    page = PageRequest(call.query.limit, call.query.cursor)
    entries, cursor = history.show_history(services, call.caller, call.id("collaborationId", CollaborationId), page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
