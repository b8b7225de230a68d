"""Who may open what through a collaboration of an account user's company, and what happened in it."""

from collaboration.domain.model.values import CollaborationId
from collaboration.http.account_users import signed_in
from collaboration.http.call import Call
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.my_collaboration_records import SHOW_MY_ACCESS, SHOW_MY_HISTORY
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import account_user as queries
from collaboration.queries.account_access import variant_of
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SHOW_MY_ACCESS)
def show_access(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """Who may open what through one of them."""
    page = PageRequest(call.query.limit, call.query.cursor)
    collaboration_id = call.id("collaborationId", CollaborationId)
    collaboration, grants = queries.show_access(services, signed_in(call, services), collaboration_id, page)
    rows = tuple(AccessResponse.of(grant, variant_of(collaboration, grant.side)) for grant in grants.rows)
    return Response(200, Page[AccessResponse](items=rows, next=grants.cursor))


@handlers.on(SHOW_MY_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The customer's part of what happened in one of them."""
    page = PageRequest(call.query.limit, call.query.cursor)
    collaboration_id = call.id("collaborationId", CollaborationId)
    entries, cursor = queries.show_history(services, signed_in(call, services), collaboration_id, page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
