"""Invite a customer."""

from datetime import datetime

from collaboration.commands import inviting
from collaboration.domain.decisions.inviting import Invite
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import Invitation
from collaboration.http.call import Call
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.inviting import SEND_INVITATION, InvitationBody
from collaboration.http.contract.operation import NoQuery
from collaboration.http.response import Response, idempotent_response, storable
from collaboration.http.routes import Handlers
from collaboration.services import Services
from collaboration.storage.idempotency import StoredResponse

handlers = Handlers()


@handlers.on(SEND_INVITATION)
def send(call: Call[InvitationBody, NoQuery], services: Services) -> Response:
    """A new request, or the one that was made with the same key."""
    command = Invite(proposal=call.body.proposal(), consent=call.body.consent(), message=call.body.message)

    return idempotent_response(
        call.request, inviting.invite(services, call.caller, command, call.idempotency_key, respond)
    )


def respond(invitation: Invitation, caller: Employee, now: datetime) -> StoredResponse:
    """The response to a new invitation, as it is stored under the caller's key."""
    return storable(201, f"invitations/{invitation.id}", InvitationResponse.of(invitation, caller, now))
