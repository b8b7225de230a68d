"""How much there is of what an office may have to act upon."""

from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.summary import SHOW_SUMMARY, SummaryResponse
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import summary
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SHOW_SUMMARY)
def show_summary(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """How much there is of what the office may have to act upon."""
    return Response(200, SummaryResponse.of(summary.show_summary(services, call.caller)))
