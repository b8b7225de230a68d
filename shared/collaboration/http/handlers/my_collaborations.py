"""Collaborations of an account user's companies."""

from collaboration.http.account_users import signed_in
from collaboration.http.call import Call
from collaboration.http.contract.my_collaborations import LIST_MY_COLLABORATIONS, MyCollaborationResponse
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.my_collaborations import for_user
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import account_user as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_MY_COLLABORATIONS)
def list_collaborations(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The collaborations of the caller's companies."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found = queries.list_collaborations(services, signed_in(call, services), page)
    rows = tuple(for_user(row, call.request) for row in found.rows)
    return Response(200, Page[MyCollaborationResponse](items=rows, next=found.cursor))
