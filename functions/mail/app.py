"""Outbox -> SES: called by the bus for one mail, and every minute for what is due."""

from collaboration.background import background, record_failures
from collaboration.calls import Call
from collaboration.composition import app
from collaboration.domain.model.values import AgreementId
from collaboration.mailing.outbox import deliver, deliver_due
from collaboration.publishing import MAIL_QUEUED


@background("mail")
def handler(call: Call) -> dict[str, int]:
    """Send the mail that the message names, or all that is due; answers with how many were sent.

    What of due mails could not be done fails no call, which Lambda would repeat: it is tried again a minute later.
    """
    if call.schedule is not None:
        run = deliver_due(app().mailer)
        record_failures(run.failures)
        return {"sent": run.sent}
    if call.detail_type == MAIL_QUEUED and call.names("agreement", "mail"):
        return {"sent": deliver(app().mailer, AgreementId(call.detail["agreement"]), call.detail["mail"])}
    return {"sent": 0}
