"""The platform reports what became of a mail."""

from collaboration.http.call import Call
from collaboration.http.contract.mail_events import RECORD_MAIL_EVENT, MailEventBody, MailEventResponse
from collaboration.http.contract.operation import NoQuery
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.mailing.delivery import mail_event, record_delivery
from collaboration.services import Services

handlers = Handlers()


@handlers.on(RECORD_MAIL_EVENT)
def record_mail_event(call: Call[MailEventBody, NoQuery], services: Services) -> Response:
    """The delivery of a mail, reported by hand; one that is not ours changes nothing."""
    event = mail_event(call.body.detail.model_dump(by_alias=True, mode="json"))
    recorded = record_delivery(services, event) if event else None
    return Response(202, MailEventResponse(kept=recorded is not None))
