"""Signed-in account users: invitations to their companies, and their companies' collaborations."""

from typing import Any

from collaboration.commands import account_user as commands
from collaboration.composition import app
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.values import CollaborationId, Email, InvitationId, Locale
from collaboration.http.call import Call
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.collaborations import EndBody
from collaboration.http.contract.customers import SolutionResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.my import (
    CANCEL_MY_END,
    DECIDE_MY_INVITATION,
    END_MINE,
    LIST_MY_COLLABORATIONS,
    LIST_MY_INVITATIONS,
    LIST_MY_SOLUTIONS,
    SHOW_MY_ACCESS,
    SHOW_MY_HISTORY,
    MyCollaborationResponse,
    MyDecisionBody,
    MyEndedResponse,
    MyInvitationResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.recipients import DecidedResponse, NextResponse
from collaboration.http.contract.response import Page
from collaboration.http.dispatch import Api
from collaboration.http.my_collaborations import for_user
from collaboration.http.request import Request
from collaboration.http.response import Response, tagged
from collaboration.queries import account_user as queries
from collaboration.queries.account_access import variant_of
from collaboration.queries.paging import PageRequest
from collaboration.services import Services
from collaboration.wording import text

handler = Api(app)


def language(request: Request, context: RecipientContext) -> Locale:
    """The language that was asked for, else the customer's."""
    return request.language or (context.customer.locale if context.customer else Locale.SV)


def signed_in(call: Call[Any, Any], services: Services) -> Email:
    """The caller's address; that they have signed in is recorded on their accounts."""
    email = call.account_user
    commands.record_sign_in(services, email)
    return email


@handler.on(LIST_MY_SOLUTIONS)
def list_solutions(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The solutions that occur at the caller's companies, with their words."""
    found = queries.list_solutions(services, signed_in(call, services))
    rows = tuple(SolutionResponse.of(solution) for solution in found)
    return Response(200, Page[SolutionResponse](items=rows))


@handler.on(LIST_MY_INVITATIONS)
def list_invitations(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The invitations to the caller's companies."""
    page = PageRequest(call.query.limit, call.query.cursor)
    contexts, cursor, now = queries.list_invitations(services, signed_in(call, services), page)
    rows = tuple(MyInvitationResponse.of(context, language(call.request, context), now) for context in contexts)
    return Response(200, Page[MyInvitationResponse](items=rows, next=cursor))


@handler.on(DECIDE_MY_INVITATION)
def decide_invitation(call: Call[MyDecisionBody, NoQuery], services: Services) -> Response:
    """The same decision as by link; being signed in takes the place of the digits."""
    invitation_id, body = call.id("invitationId", InvitationId), call.body
    context = commands.decide_invitation(
        services, signed_in(call, services), invitation_id, body.decision, body.message
    )
    words = text(language(call.request, context), f"next.{context.invitation.state}")
    return Response(200, DecidedResponse.of(context.invitation, NextResponse(text=words, href=None)))


@handler.on(LIST_MY_COLLABORATIONS)
def list_collaborations(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The collaborations of the caller's companies."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found = queries.list_collaborations(services, signed_in(call, services), page)
    rows = tuple(for_user(row, call.request) for row in found.rows)
    return Response(200, Page[MyCollaborationResponse](items=rows, next=found.cursor))


@handler.on(SHOW_MY_ACCESS)
def show_access(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Who may open what through one of them."""
    collaboration, grants = queries.show_access(
        services, signed_in(call, services), call.id("collaborationId", CollaborationId)
    )
    return Response(
        200,
        Page[AccessResponse](
            items=tuple(AccessResponse.of(grant, variant_of(collaboration, grant.side)) for grant in grants)
        ),
    )


@handler.on(SHOW_MY_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The customer's part of what happened in one of them."""
    page = PageRequest(call.query.limit, call.query.cursor)
    collaboration_id = call.id("collaborationId", CollaborationId)
    entries, cursor = queries.show_history(services, signed_in(call, services), collaboration_id, page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))


@handler.on(END_MINE)
def end(call: Call[EndBody, NoQuery], services: Services) -> Response:
    """The customer ends it, with the same choices, dates and confirmations as the office."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended, remaining = commands.end_collaboration(
        services, signed_in(call, services), collaboration_id, call.revisions, call.body.end()
    )
    body = MyEndedResponse(
        collaboration=for_user(ended, call.request),
        remaining=tuple(for_user(other, call.request) for other in remaining),
    )
    return tagged(body, ended.revision)


@handler.on(CANCEL_MY_END)
def cancel_end(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Call the customer's arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    cancelled = commands.cancel_end(services, signed_in(call, services), collaboration_id, call.revisions)
    return tagged(for_user(cancelled, call.request), cancelled.revision)
