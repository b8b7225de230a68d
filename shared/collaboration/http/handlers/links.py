"""Link a collaboration to a customer's task, move its link, undo it; and where it may belong."""

from collaboration.commands.collaborations import link_collaboration, unlink_collaboration
from collaboration.domain.model.values import CollaborationId
from collaboration.http.call import Call
from collaboration.http.collaborations import for_employee
from collaboration.http.contract.links import LINK, SUGGEST_LINKS, UNLINK, LinkBody, SuggestionResponse
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response, tagged
from collaboration.http.routes import Handlers
from collaboration.http.suggestions import suggestion
from collaboration.queries.link_suggestions import link_suggestions
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LINK)
def link(call: Call[LinkBody, NoQuery], services: Services) -> Response:
    """Link it, or move its link."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    linked, caller = link_collaboration(services, call.caller, collaboration_id, call.revisions, call.body.link())
    return tagged(for_employee(call, services, caller)(linked), linked.revision)


@handlers.on(UNLINK)
def unlink(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Undo the link."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    undone, caller = unlink_collaboration(services, call.caller, collaboration_id, call.revisions)
    return tagged(for_employee(call, services, caller)(undone), undone.revision)


@handlers.on(SUGGEST_LINKS)
def suggest(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """Tasks that it may belong to."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found = link_suggestions(services, call.caller, call.id("collaborationId", CollaborationId), page)
    locale = call.language(services)
    rows = tuple(suggestion(row, locale) for row in found.rows)
    return Response(200, Page[SuggestionResponse](items=rows, next=found.cursor))
