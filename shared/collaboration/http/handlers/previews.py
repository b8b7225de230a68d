"""What would happen, before anything does."""

from collaboration.http.call import Call
from collaboration.http.contract.operation import NoQuery
from collaboration.http.contract.previews import PREVIEW
from collaboration.http.contract.proposal import ProposalBody
from collaboration.http.previews import preview_response
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import ask_context
from collaboration.services import Services

handlers = Handlers()


@handlers.on(PREVIEW)
def preview(call: Call[ProposalBody, NoQuery], services: Services) -> Response:
    """What would happen, in the caller's language."""
    found, context, _ = ask_context.view_preview(services, call.caller, call.body.proposal())
    locale = call.request.language or context.office.locale
    return Response(200, preview_response(found, locale, call.request.reference))
