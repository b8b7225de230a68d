"""Invite many customers at once."""

from collaboration.commands import inviting
from collaboration.http.batches import batch_response, batch_rows
from collaboration.http.call import Call
from collaboration.http.contract.invitation_batches import SEND_BATCH, BatchBody
from collaboration.http.contract.operation import NoQuery
from collaboration.http.handlers.inviting import respond
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SEND_BATCH)
def send_batch(call: Call[BatchBody, NoQuery], services: Services) -> Response:
    """Every row on its own; sent again, a batch finishes what is left and repeats nothing."""
    results = inviting.invite_batch(services, call.caller, batch_rows(call.body, call.caller.office_id), respond)
    locale = call.language(services)
    return Response(200, batch_response(call.body, results, locale, call.request))
