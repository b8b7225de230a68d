"""Sent requests: the list, one, and what happened to it."""

from collaboration.domain.model.values import InvitationId
from collaboration.http.call import Call
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.invitations import (
    LIST_INVITATIONS,
    SHOW_INVITATION,
    SHOW_INVITATION_HISTORY,
    InvitationsQuery,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import history
from collaboration.queries import invitations as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_INVITATIONS)
def list_invitations(call: Call[NoBody, InvitationsQuery], services: Services) -> Response:
    """Sent requests, newest first."""
    query = call.query
    page = PageRequest(query.limit, query.cursor)
    listed = queries.list_invitations(services, call.caller, query.filter(), page)
    replaced = queries.replaced_among(services, listed.rows, listed.now)
    rows = tuple(
        InvitationResponse.of(row, listed.caller, listed.now, is_replaced=row.id in replaced) for row in listed.rows
    )
    return Response(200, Page[InvitationResponse](items=rows, next=listed.cursor))


@handlers.on(SHOW_INVITATION)
def show_invitation(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """One request."""
    invitation, caller, now = queries.show_invitation(services, call.caller, call.id("invitationId", InvitationId))
    replaced = queries.replaced_among(services, [invitation], now)
    return Response(200, InvitationResponse.of(invitation, caller, now, is_replaced=invitation.id in replaced))


@handlers.on(SHOW_INVITATION_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """What happened to a request."""
    page = PageRequest(call.query.limit, call.query.cursor)
    entries, cursor = history.show_history(services, call.caller, call.id("invitationId", InvitationId), page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
