"""What becomes of a mail after it was sent, as the provider tells it: late, twice, and in any order."""

from datetime import datetime
from enum import StrEnum

from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind, Subject, history_entries
from collaboration.domain.model.mail import InvitationContent, LoginBouncedContent, LoginContent, Mail, MailRecipient
from collaboration.domain.model.values import Delivery


class SesEventType(StrEnum):
    """The kinds of events that tell a fate, by the provider's names."""

    SEND = "Send"
    DELIVERY_DELAY = "DeliveryDelay"
    DELIVERY = "Delivery"
    REJECT = "Reject"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"


_DELIVERY = {
    SesEventType.SEND: Delivery.SENT,
    SesEventType.DELIVERY_DELAY: Delivery.DELAYED,
    SesEventType.DELIVERY: Delivery.DELIVERED,
    SesEventType.REJECT: Delivery.FAILED,
    SesEventType.BOUNCE: Delivery.BOUNCED,
    SesEventType.COMPLAINT: Delivery.COMPLAINED,
}


# What comes later in this row is not undone by what comes earlier, whatever the order in which it is told.
PRECEDENCE = (
    Delivery.QUEUED,
    Delivery.SENT,
    Delivery.DELAYED,
    Delivery.DELIVERED,
    Delivery.FAILED,
    Delivery.BOUNCED,
    Delivery.COMPLAINED,
)


def delivery_after(before: Delivery, event_type: SesEventType) -> Delivery | None:
    """What a mail has become; None when that is known, or something more lasting is."""
    after = _DELIVERY[event_type]
    return after if PRECEDENCE.index(after) > PRECEDENCE.index(before) else None


def delivery_entries(mail: Mail, after: Delivery, subject: Subject, now: datetime) -> tuple[Entry, ...]:
    """What the timeline tells: an invitation that arrived or bounced, any other mail that bounced."""
    if isinstance(mail.content, InvitationContent):
        kinds = {Delivery.DELIVERED: EntryKind.INVITATION_DELIVERED, Delivery.BOUNCED: EntryKind.INVITATION_BOUNCED}
        return history_entries(subject, SYSTEM, now, kinds[after]) if after in kinds else ()
    return history_entries(subject, SYSTEM, now, EntryKind.MAIL_BOUNCED) if after is Delivery.BOUNCED else ()


def login_bounce_mail(
    mail: Mail, collaboration: Collaboration, office: Office, activator: Employee | None, now: datetime
) -> Change:
    """The one who activated is told that nobody got the login instructions; the office, when they have left."""
    if not isinstance(mail.content, LoginContent):
        raise TypeError(mail.content.kind)
    if activator is not None and activator.active and collaboration.started_by is not None:
        reader = MailRecipient(key=f"e-{collaboration.started_by}", email=activator.email, name=activator.name)
    else:
        reader = MailRecipient(key="office", email=office.email, name=office.name)
    content = LoginBouncedContent(company_name=mail.content.company_name, solution=mail.content.solution)
    note = Mail(
        id=f"{mail.id}-bounced",
        agreement=mail.agreement,
        at=now,
        locale=office.locale,
        recipients=(reader,),
        content=content,
    )
    return Change(at=now, mails=(note,))
