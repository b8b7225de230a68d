"""Activate: a collaboration at once, for a company that is new or in a tool that the office runs itself."""

from collaboration.commands import asking
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.activating import Activate
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Employee
from collaboration.http import operations
from collaboration.http.answers import CollaborationShape
from collaboration.http.bodies import ActivationBody, NoQuery
from collaboration.http.dispatch import Answer, Api, Call, kept, once

handler = Api(services, logger)


@handler.on(operations.ACTIVATE)
def activate(call: Call[ActivationBody, NoQuery], house: Services) -> Answer:
    """A new collaboration, or the one that was made with the same key."""
    command = Activate(ask=call.body.ask(), agreed=call.body.agreed())

    def answer(collaboration: Collaboration, caller: Employee) -> asking.Answer:
        shape = CollaborationShape.of(collaboration, caller)
        return kept(201, f"collaborations/{collaboration.id}", shape)

    return once(call, asking.activate(house, call.caller, command, call.once, answer))
