"""SES -> what became of a mail: woken by the provider's events, which come late, twice, and in any order."""

from typing import Any

from collaboration.composition import services
from collaboration.mailing.delivery import mail_event, record_delivery


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Keep what the event tells; answers with how much of it was news."""
    said = mail_event(event["detail"])
    return {"kept": int(record_delivery(services(), said)) if said else 0}
