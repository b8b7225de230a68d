"""Preview and invite, one or many; what was sent, what became of it, and what the office does about it."""

from datetime import datetime

from collaboration.commands import invitations as commands
from collaboration.commands import inviting
from collaboration.composition import app
from collaboration.domain.decisions.inviting import Invite
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import InvitationId
from collaboration.http.batches import batch_response, batch_rows
from collaboration.http.call import Call
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.invitations import (
    LIST_INVITATIONS,
    REMIND,
    RESEND,
    REVOKE,
    SEND_BATCH,
    SEND_INVITATION,
    SHOW_INVITATION,
    SHOW_INVITATION_HISTORY,
    BatchBody,
    InvitationBody,
    InvitationResponse,
    InvitationsQuery,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.proposal import PREVIEW, ProposalBody
from collaboration.http.contract.response import Page
from collaboration.http.dispatch import Api
from collaboration.http.previews import preview_response
from collaboration.http.response import Response, idempotent_response, storable
from collaboration.queries import ask_context, history
from collaboration.queries import invitations as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services
from collaboration.storage.idempotency import StoredResponse

handler = Api(app)


@handler.on(PREVIEW)
def preview(call: Call[ProposalBody, NoQuery], services: Services) -> Response:
    """What would happen, in the caller's language."""
    found, context, _ = ask_context.view_preview(services, call.caller, call.body.proposal())
    locale = call.request.language or context.office.locale
    return Response(200, preview_response(found, locale, call.request.reference))


@handler.on(SEND_INVITATION)
def send(call: Call[InvitationBody, NoQuery], services: Services) -> Response:
    """A new request, or the one that was made with the same key."""
    command = Invite(proposal=call.body.proposal(), consent=call.body.consent(), message=call.body.message)

    return idempotent_response(
        call.request, inviting.invite(services, call.caller, command, call.idempotency_key, respond)
    )


def respond(invitation: Invitation, caller: Employee, now: datetime) -> StoredResponse:
    """The response to a new invitation, as it is stored under the caller's key."""
    return storable(201, f"invitations/{invitation.id}", InvitationResponse.of(invitation, caller, now))


@handler.on(SEND_BATCH)
def send_batch(call: Call[BatchBody, NoQuery], services: Services) -> Response:
    """Every row on its own; sent again, a batch finishes what is left and repeats nothing."""
    results = inviting.invite_batch(services, call.caller, batch_rows(call.body, call.caller.office_id), respond)
    locale = call.language(services)
    return Response(200, batch_response(call.body, results, locale, call.request))


@handler.on(REMIND)
def remind(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A reminder to everybody who was asked."""
    return Response(
        202, InvitationResponse.of(*commands.remind(services, call.caller, call.id("invitationId", InvitationId)))
    )


@handler.on(RESEND)
def resend(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """To whoever is administrator now; an expired request lives anew."""
    return Response(
        202, InvitationResponse.of(*commands.resend(services, call.caller, call.id("invitationId", InvitationId)))
    )


@handler.on(REVOKE)
def revoke(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Taken back; again changes nothing."""
    return Response(
        200, InvitationResponse.of(*commands.revoke(services, call.caller, call.id("invitationId", InvitationId)))
    )


@handler.on(LIST_INVITATIONS)
def list_invitations(call: Call[NoBody, InvitationsQuery], services: Services) -> Response:
    """Sent requests, newest first."""
    query = call.query
    page = PageRequest(query.limit, query.cursor)
    listed = queries.list_invitations(services, call.caller, query.filter(), page)
    rows = tuple(InvitationResponse.of(row, listed.caller, listed.now) for row in listed.rows)
    return Response(200, Page[InvitationResponse](items=rows, next=listed.cursor))


@handler.on(SHOW_INVITATION)
def show_invitation(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """One request."""
    found = queries.show_invitation(services, call.caller, call.id("invitationId", InvitationId))
    return Response(200, InvitationResponse.of(*found))


@handler.on(SHOW_INVITATION_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """What happened to a request."""
    page = PageRequest(call.query.limit, call.query.cursor)
    entries, cursor = history.show_history(services, call.caller, call.id("invitationId", InvitationId), page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
