"""Edit a collaboration, end it, call its end off; send the login instructions of an activation again."""

from collaboration.commands import collaborations as commands
from collaboration.domain.model.values import CollaborationId
from collaboration.http.call import Call
from collaboration.http.collaborations import for_employee
from collaboration.http.contract.collaboration_changes import (
    CANCEL_END,
    EDIT,
    END,
    RESEND_LOGIN,
    EditBody,
    EndBody,
    EndedResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.response import Response, tagged
from collaboration.http.routes import Handlers
from collaboration.services import Services

handlers = Handlers()


@handlers.on(EDIT)
def edit(call: Call[EditBody, NoQuery], services: Services) -> Response:
    """Change it, at the revision that was seen."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    edited, caller = commands.edit_collaboration(
        services, call.caller, collaboration_id, call.revisions, call.body.edit()
    )
    return tagged(for_employee(call, services, caller)(edited), edited.revision)


@handlers.on(END)
def end(call: Call[EndBody, NoQuery], services: Services) -> Response:
    """End it, or arrange its end; what remains is easily forgotten, and goes on costing."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended = commands.end_collaboration(services, call.caller, collaboration_id, call.revisions, call.body.end())
    show = for_employee(call, services, ended.caller)
    body = EndedResponse(
        collaboration=show(ended.collaboration),
        remaining=tuple(show(other) for other in ended.remaining),
    )
    return tagged(body, ended.collaboration.revision)


@handlers.on(CANCEL_END)
def cancel_end(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Call an arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    cancelled, caller = commands.cancel_end(services, call.caller, collaboration_id, call.revisions)
    return tagged(for_employee(call, services, caller)(cancelled), cancelled.revision)


@handlers.on(RESEND_LOGIN)
def resend_login(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The login instructions once more."""
    found, caller = commands.resend_login(services, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(call, services, caller)(found), found.revision, 202)
