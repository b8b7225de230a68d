"""Outbox -> SES: woken by the bus for one mail, and every minute for what is due."""

from typing import Any

from collaboration.composition import mail_provider, services, token_signer
from collaboration.domain.model.values import AgreementId
from collaboration.mailing.outbox import MailContext, deliver, deliver_due
from collaboration.mailing.ses import Ses


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Send the mail the event names, or all that is due; answers with how many were sent."""
    client, settings = mail_provider()
    post = MailContext(
        services=services(),
        provider=Ses(client, settings.mail_sender, settings.mail_configuration_set),
        link=lambda holder: f"{settings.public_url}/accept/{token_signer().token(holder)}",
    )
    queued = event.get("detail") or {}
    if "mail" in queued:
        return {"sent": deliver(post, AgreementId(queued["agreement"]), queued["mail"])}
    return {"sent": deliver_due(post)}
