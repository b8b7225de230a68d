"""Activate: a collaboration at once, for a company that is new or in a tool that the office runs itself."""

from collaboration.commands import activating
from collaboration.composition import app
from collaboration.domain.decisions.activating import Activate
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.http.call import Call
from collaboration.http.contract.activations import ACTIVATE
from collaboration.http.contract.collaborations import CollaborationResponse
from collaboration.http.contract.operation import NoQuery
from collaboration.http.contract.proposal import ActivationBody
from collaboration.http.dispatch import Api
from collaboration.http.response import Response, idempotent_response, storable
from collaboration.services import Services
from collaboration.storage.idempotency import StoredResponse

handler = Api(app)


@handler.on(ACTIVATE)
def activate(call: Call[ActivationBody, NoQuery], services: Services) -> Response:
    """A new collaboration, or the one that was made with the same key."""
    command = Activate(proposal=call.body.proposal(), consent=call.body.consent())

    def respond(collaboration: Collaboration, caller: Employee) -> StoredResponse:
        return storable(201, f"collaborations/{collaboration.id}", CollaborationResponse.of(collaboration, caller))

    return idempotent_response(
        call.request, activating.activate(services, call.caller, command, call.idempotency_key, respond)
    )
