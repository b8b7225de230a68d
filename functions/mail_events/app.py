"""SES -> delivery of a mail: called with the provider's events, which come late, twice, and in any order."""

from collaboration.background import background
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.mailing.delivery import mail_event, record_delivery


@background("mail_events")
def handler(call: Call) -> dict[str, int]:
    """Record what the event says; answers with how much of it was new."""
    found = mail_event(call.detail)
    return {"kept": int(record_delivery(app().services, found)) if found else 0}
