"""Outbox -> SES: called by the bus for one mail, and every minute for what is due."""

from typing import Any

from collaboration.composition import app
from collaboration.domain.model.values import AgreementId
from collaboration.mailing.outbox import deliver, deliver_due


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Send the mail that the event names, or all that is due; answers with how many were sent."""
    queued = event.get("detail") or {}
    if "mail" in queued:
        return {"sent": deliver(app().mailer, AgreementId(queued["agreement"]), queued["mail"])}
    return {"sent": deliver_due(app().mailer)}
