"""The platform imports collaborations of the older program."""

from collaboration.commands import importing
from collaboration.domain.model.values import OfficeId
from collaboration.http.call import Call
from collaboration.http.contract.imports import IMPORT, ImportBody
from collaboration.http.contract.operation import NoQuery
from collaboration.http.imports import import_response, import_rows
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.services import Services

handlers = Handlers()


@handlers.on(IMPORT)
def import_collaborations(call: Call[ImportBody, NoQuery], services: Services) -> Response:
    """Import rows, each on its own."""
    rows = import_rows(call.body)
    imported = importing.import_rows(services, call.id("officeId", OfficeId), [row.parsed for row in rows])
    return Response(200, import_response(rows, imported, call.request))
