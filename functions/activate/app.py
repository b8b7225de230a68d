"""Activate: a collaboration at once, for a company that is new or in a tool that the office runs itself."""

from collaboration.commands import asking
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.activating import Activate
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Employee
from collaboration.http import operations
from collaboration.http.answers import CollaborationResponse
from collaboration.http.bodies import ActivationBody, NoQuery
from collaboration.http.dispatch import Response, Api, Call, response_text, idempotent_response

handler = Api(services, logger)


@handler.on(operations.ACTIVATE)
def activate(call: Call[ActivationBody, NoQuery], services: Services) -> Response:
    """A new collaboration, or the one that was made with the same key."""
    command = Activate(proposal=call.body.proposal(), consent=call.body.consent())

    def answer(collaboration: Collaboration, caller: Employee) -> asking.ResponseText:
        shape = CollaborationResponse.of(collaboration, caller)
        return response_text(201, f"collaborations/{collaboration.id}", shape)

    return idempotent_response(call, asking.activate(services, call.caller, command, call.idempotent_response, answer))
