"""An account user ends a collaboration, or calls its end off."""

from collaboration.commands import account_user as commands
from collaboration.domain.model.values import CollaborationId
from collaboration.http.account_users import signed_in
from collaboration.http.call import Call
from collaboration.http.contract.collaboration_changes import EndBody
from collaboration.http.contract.my_collaboration_changes import CANCEL_MY_END, END_MINE, MyEndedResponse
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.my_collaborations import for_user
from collaboration.http.response import Response, tagged
from collaboration.http.routes import Handlers
from collaboration.services import Services

handlers = Handlers()


@handlers.on(END_MINE)
def end(call: Call[EndBody, NoQuery], services: Services) -> Response:
    """The customer ends it, with the same choices, dates and confirmations as the office."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended, remaining = commands.end_collaboration(
        services, signed_in(call, services), collaboration_id, call.revisions, call.body.end()
    )
    body = MyEndedResponse(
        collaboration=for_user(ended, call.request),
        remaining=tuple(for_user(other, call.request) for other in remaining),
    )
    return tagged(body, ended.revision)


@handlers.on(CANCEL_MY_END)
def cancel_end(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Call the customer's arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    cancelled = commands.cancel_end(services, signed_in(call, services), collaboration_id, call.revisions)
    return tagged(for_user(cancelled, call.request), cancelled.revision)
