"""Preview and invite, one or many; what was sent, what became of it, and what the office does about it."""

from datetime import datetime

from collaboration.commands import asking, reading, reminding
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.directory import Employee
from collaboration.domain.invitation import Invitation
from collaboration.domain.inviting import Invite
from collaboration.domain.values import InvitationId
from collaboration.http import operations
from collaboration.http.answers import HistoryResponse, InvitationResponse, Page, PreviewResponse
from collaboration.http.batches import batch_answer, batch_rows
from collaboration.http.bodies import ProposalBody, BatchBody, InvitationBody, InvitationsQuery, NoBody, NoQuery, PageQuery
from collaboration.http.dispatch import Response, Api, Call, response_text, idempotent_response
from collaboration.http.previews import preview_shape

handler = Api(services, logger)


@handler.on(operations.PREVIEW)
def preview(call: Call[ProposalBody, NoQuery], services: Services) -> Response:
    """What would happen, in the caller's language."""
    seen, context, _ = asking.view_preview(services, call.caller, call.body.proposal())
    shape: PreviewResponse = preview_shape(seen, call.request.language or context.office.locale, call.request.reference)
    return Response(200, shape)


@handler.on(operations.SEND_INVITATION)
def send(call: Call[InvitationBody, NoQuery], services: Services) -> Response:
    """A new request, or the one that was made with the same key."""
    command = Invite(proposal=call.body.proposal(), consent=call.body.consent(), message=call.body.message)

    return idempotent_response(call, asking.invite(services, call.caller, command, call.idempotent_response, answer))


def answer(invitation: Invitation, caller: Employee, now: datetime) -> asking.ResponseText:
    """A new request as it is answered, and kept under the caller's key."""
    return response_text(201, f"invitations/{invitation.id}", InvitationResponse.of(invitation, caller, now))


@handler.on(operations.SEND_BATCH)
def send_batch(call: Call[BatchBody, NoQuery], services: Services) -> Response:
    """Every row on its own; sent again, a batch finishes what is left and repeats nothing."""
    results = asking.invite_batch(services, call.caller, batch_rows(call.body), answer)
    locale = call.request.language or reading.office_language(services, call.caller.office_id)
    return Response(200, batch_answer(call.body, results, locale, call.request))


@handler.on(operations.REMIND)
def remind(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A reminder to everybody who was asked."""
    return Response(202, InvitationResponse.of(*reminding.remind(services, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.RESEND)
def resend(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """To whoever is administrator now; an expired request lives anew."""
    return Response(202, InvitationResponse.of(*reminding.resend(services, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.REVOKE)
def revoke(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Taken back; again changes nothing."""
    return Response(200, InvitationResponse.of(*reminding.revoke(services, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.LIST_INVITATIONS)
def sent(call: Call[NoBody, InvitationsQuery], services: Services) -> Response:
    """Sent requests, newest first."""
    query = call.query
    wanted = reading.InvitationFilter(
        status=query.status,
        customer_id=query.customer_id,
        solution=query.solution,
        sent_by=query.sent_by,
        expiring_before=query.expiring_before,
    )
    listed = reading.list_invitations(services, call.caller, wanted, reading.PageRequest(query.limit, query.cursor))
    rows = tuple(InvitationResponse.of(row, listed.caller, listed.now) for row in listed.rows)
    return Response(200, Page[InvitationResponse](items=rows, next=listed.cursor))


@handler.on(operations.SHOW_INVITATION)
def show(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """One request."""
    found = reading.show_invitation(services, call.caller, call.id("invitationId", InvitationId))
    return Response(200, InvitationResponse.of(*found))


@handler.on(operations.SHOW_INVITATION_HISTORY)
def history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """What happened to a request."""
    page = reading.PageRequest(call.query.limit, call.query.cursor)
    entries, cursor = reading.show_history(services, call.caller, call.id("invitationId", InvitationId), page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
