"""The platform changes many tasks at once."""

from collaboration.commands import mass_update
from collaboration.domain.model.values import OfficeId
from collaboration.http.call import Call
from collaboration.http.contract.mass_updates import MASS_UPDATE, MassUpdateBody
from collaboration.http.contract.operation import NoQuery
from collaboration.http.mass_updates import mass_update_response
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import directory
from collaboration.services import Services

handlers = Handlers()


@handlers.on(MASS_UPDATE)
def reassign(call: Call[MassUpdateBody, NoQuery], services: Services) -> Response:
    """Change many tasks at once, each as if it had been changed alone."""
    office_id, body = call.id("officeId", OfficeId), call.body
    directory.get_office(services, office_id)
    rows, cursor = mass_update.mass_update_tasks(services, office_id, body.customer_ids, body.reassign(), body.cursor)
    return Response(200, mass_update_response(rows, cursor, call.request))
