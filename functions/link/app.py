"""Link a collaboration of the older program to a customer's task."""

from collaboration.commands.linking import link_collaboration
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.values import CollaborationId
from collaboration.http import operations
from collaboration.http.bodies import LinkBody, NoQuery
from collaboration.http.dispatch import Answer, Api, Call, tagged

handler = Api(services, logger)


@handler.on(operations.LINK)
def link(call: Call[LinkBody, NoQuery], house: Services) -> Answer:
    """Link it, or move its link."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    linked = link_collaboration(house, call.caller, collaboration_id, call.revision, call.body.link())
    return tagged(*linked)
