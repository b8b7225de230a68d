"""What the office does about a sent request: remind, resend, revoke."""

from collaboration.commands import invitations as commands
from collaboration.domain.model.values import InvitationId
from collaboration.http.call import Call
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.invitations import REMIND, RESEND, REVOKE
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.services import Services

handlers = Handlers()


@handlers.on(REMIND)
def remind(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A reminder to everybody who was asked."""
    return Response(
        202, InvitationResponse.of(*commands.remind(services, call.caller, call.id("invitationId", InvitationId)))
    )


@handlers.on(RESEND)
def resend(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """To whoever is administrator now; an expired request lives anew."""
    return Response(
        202, InvitationResponse.of(*commands.resend(services, call.caller, call.id("invitationId", InvitationId)))
    )


@handlers.on(REVOKE)
def revoke(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Taken back; again changes nothing."""
    return Response(
        200, InvitationResponse.of(*commands.revoke(services, call.caller, call.id("invitationId", InvitationId)))
    )
