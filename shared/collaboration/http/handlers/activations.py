"""Activate: a collaboration at once, for a company that is new or in a tool that the office runs itself."""

from collaboration.commands import activating
from collaboration.domain.decisions.activating import Activate
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.http.call import Call
from collaboration.http.contract.activations import ACTIVATE
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.operation import NoQuery
from collaboration.http.contract.proposal import ActivationBody
from collaboration.http.response import Response, idempotent_response, storable
from collaboration.http.routes import Handlers
from collaboration.services import Services
from collaboration.storage.idempotency import StoredResponse

handlers = Handlers()


@handlers.on(ACTIVATE)
def activate(call: Call[ActivationBody, NoQuery], services: Services) -> Response:
    """A new collaboration, or the one that was made with the same key."""
    command = Activate(proposal=call.body.proposal(), consent=call.body.consent())

    def respond(collaboration: Collaboration, caller: Employee) -> StoredResponse:
        return storable(201, f"collaborations/{collaboration.id}", CollaborationResponse.of(collaboration, caller))

    return idempotent_response(
        call.request, activating.activate(services, call.caller, command, call.idempotency_key, respond)
    )
