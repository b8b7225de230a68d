"""SES -> delivery of a mail: called with the provider's events, which come late, twice, and in any order."""

from collaboration import invocation
from collaboration.background import background
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.domain.model.values import Delivery
from collaboration.mailing.delivery import ids_of_event, mail_event, record_delivery
from collaboration.telemetry import Level


@background("mail_events", ids_of_event)
def handler(call: Call) -> dict[str, int]:
    """Record what the event says; answers with how much of it was new."""
    found = mail_event(call.detail)
    recorded = record_delivery(app().services, found) if found else None
    if recorded is None:
        return {"kept": 0}
    with invocation.correlated(recorded.correlation_id):
        if recorded.delivery is Delivery.BOUNCED:
            app().log.write(Level.INFO, "mail bounced", recorded.facts)
        if recorded.delivery is Delivery.COMPLAINED:
            app().log.write(Level.INFO, "mail complained of", recorded.facts)
    return {"kept": 1}
