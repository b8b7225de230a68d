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
from collaboration.http.answers import HistoryShape, InvitationShape, Page, PreviewShape
from collaboration.http.batches import batch_answer, batch_rows
from collaboration.http.bodies import AskBody, BatchBody, InvitationBody, InvitationsQuery, NoBody, NoQuery, PageQuery
from collaboration.http.dispatch import Answer, Api, Call, kept, once
from collaboration.http.previews import preview_shape

handler = Api(services, logger)


@handler.on(operations.PREVIEW)
def preview(call: Call[AskBody, NoQuery], house: Services) -> Answer:
    """What would happen, in the caller's language."""
    seen, world, _ = asking.look(house, call.caller, call.body.ask())
    shape: PreviewShape = preview_shape(seen, call.request.language or world.office.locale, call.request.reference)
    return Answer(200, shape)


@handler.on(operations.SEND_INVITATION)
def send(call: Call[InvitationBody, NoQuery], house: Services) -> Answer:
    """A new request, or the one that was made with the same key."""
    command = Invite(ask=call.body.ask(), agreed=call.body.agreed(), message=call.body.message)

    return once(call, asking.invite(house, call.caller, command, call.once, answer))


def answer(invitation: Invitation, caller: Employee, now: datetime) -> asking.Answer:
    """A new request as it is answered, and kept under the caller's key."""
    return kept(201, f"invitations/{invitation.id}", InvitationShape.of(invitation, caller, now))


@handler.on(operations.SEND_BATCH)
def send_batch(call: Call[BatchBody, NoQuery], house: Services) -> Answer:
    """Every row on its own; sent again, a batch finishes what is left and repeats nothing."""
    results = asking.invite_batch(house, call.caller, batch_rows(call.body), answer)
    locale = call.request.language or reading.office_language(house, call.caller.office_id)
    return Answer(200, batch_answer(call.body, results, locale, call.request))


@handler.on(operations.REMIND)
def remind(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """A reminder to everybody who was asked."""
    return Answer(202, InvitationShape.of(*reminding.remind(house, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.RESEND)
def resend(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """To whoever is administrator now; an expired request lives anew."""
    return Answer(202, InvitationShape.of(*reminding.resend(house, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.REVOKE)
def revoke(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """Taken back; again changes nothing."""
    return Answer(200, InvitationShape.of(*reminding.revoke(house, call.caller, call.id("invitationId", InvitationId))))


@handler.on(operations.LIST_INVITATIONS)
def sent(call: Call[NoBody, InvitationsQuery], house: Services) -> Answer:
    """Sent requests, newest first."""
    query = call.query
    wanted = reading.InvitationFilter(
        status=query.status,
        customer_id=query.customer_id,
        solution=query.solution,
        sent_by=query.sent_by,
        expiring_before=query.expiring_before,
    )
    listed = reading.list_invitations(house, call.caller, wanted, reading.Page(query.limit, query.cursor))
    rows = tuple(InvitationShape.of(row, listed.caller, listed.now) for row in listed.rows)
    return Answer(200, Page[InvitationShape](items=rows, next=listed.cursor))


@handler.on(operations.SHOW_INVITATION)
def show(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """One request."""
    found = reading.show_invitation(house, call.caller, call.id("invitationId", InvitationId))
    return Answer(200, InvitationShape.of(*found))


@handler.on(operations.SHOW_INVITATION_HISTORY)
def history(call: Call[NoBody, PageQuery], house: Services) -> Answer:
    """What happened to a request."""
    page = reading.Page(call.query.limit, call.query.cursor)
    entries, cursor = reading.show_history(house, call.caller, call.id("invitationId", InvitationId), page)
    rows = tuple(HistoryShape.of(entry) for entry in entries)
    return Answer(200, Page[HistoryShape](items=rows, next=cursor))
