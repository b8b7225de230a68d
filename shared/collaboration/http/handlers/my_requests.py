"""Requests to an account user's companies."""

from collaboration.commands import account_user as commands
from collaboration.domain.model.values import InvitationId
from collaboration.http.account_users import signed_in
from collaboration.http.call import Call
from collaboration.http.contract.my_requests import (
    DECIDE_MY_INVITATION,
    LIST_MY_INVITATIONS,
    MyDecisionBody,
    MyInvitationResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.recipients import DecidedResponse, NextResponse
from collaboration.http.contract.response import Page
from collaboration.http.recipients import language
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import account_user as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services
from collaboration.wording import text

handlers = Handlers()


@handlers.on(LIST_MY_INVITATIONS)
def list_invitations(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The invitations to the caller's companies."""
    page = PageRequest(call.query.limit, call.query.cursor)
    contexts, cursor, now = queries.list_invitations(services, signed_in(call, services), page)
    rows = tuple(MyInvitationResponse.of(context, language(call.request, context), now) for context in contexts)
    return Response(200, Page[MyInvitationResponse](items=rows, next=cursor))


@handlers.on(DECIDE_MY_INVITATION)
def decide_invitation(call: Call[MyDecisionBody, NoQuery], services: Services) -> Response:
    """The same decision as by link; being signed in takes the place of the digits."""
    invitation_id, body = call.id("invitationId", InvitationId), call.body
    context = commands.decide_invitation(
        services, signed_in(call, services), invitation_id, body.decision, body.message
    )
    words = text(language(call.request, context), f"next.{context.invitation.state}")
    return Response(200, DecidedResponse.of(context.invitation, NextResponse(text=words, href=None)))
