"""Collaborations as employees see them: one, the list."""

from collaboration.domain.model.values import CollaborationId
from collaboration.http.call import Call
from collaboration.http.collaborations import for_employee
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.collaborations import LIST_COLLABORATIONS, SHOW_COLLABORATION, CollaborationsQuery
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response, tagged
from collaboration.http.routes import Handlers
from collaboration.queries import collaborations as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_COLLABORATIONS)
def list_collaborations(call: Call[NoBody, CollaborationsQuery], services: Services) -> Response:
    """The office's collaborations, newest first."""
    query = call.query
    page = PageRequest(query.limit, query.cursor)
    listed = queries.list_collaborations(services, call.caller, query.filter(), page)
    rows = tuple(map(for_employee(call, services, listed.caller), listed.rows))
    return Response(200, Page[CollaborationResponse](items=rows, next=listed.cursor))


@handlers.on(SHOW_COLLABORATION)
def show_collaboration(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """One collaboration."""
    found, caller = queries.show_collaboration(services, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(call, services, caller)(found), found.revision)
