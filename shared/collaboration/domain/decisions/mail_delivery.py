"""What becomes of a mail after it was sent, as the provider reports it: late, twice, and in any order."""

from datetime import datetime
from enum import StrEnum

from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind, Subject, history_entries
from collaboration.domain.model.login_resend import login_resend_fault
from collaboration.domain.model.mail import InvitationContent, LoginBouncedContent, LoginContent, Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import Delivery


class SesEventType(StrEnum):
    """The kinds of events that say what became of a mail, by the provider's names."""

    SEND = "Send"
    DELIVERY_DELAY = "DeliveryDelay"
    DELIVERY = "Delivery"
    REJECT = "Reject"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"


_STATES = {
    SesEventType.SEND: DeliveryState.SENT,
    SesEventType.DELIVERY_DELAY: DeliveryState.DELAYED,
    SesEventType.DELIVERY: DeliveryState.DELIVERED,
    SesEventType.REJECT: DeliveryState.FAILED,
    SesEventType.BOUNCE: DeliveryState.BOUNCED,
    SesEventType.COMPLAINT: DeliveryState.COMPLAINED,
}


# A bounce of this kind may be an answer that somebody is out of office, or a refusal after many attempts.
_TRANSIENT = "Transient"
# The provider has given the mail up: it reports these when it stops trying.
# https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
_GIVEN_UP = frozenset({"MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"})
_UNDETERMINED = "Undetermined"
# The person says that the mail is no spam.
_NOT_SPAM = "not-spam"


def delivery_after(
    before: DeliveryState, event_type: SesEventType, kind: str | None = None, subkind: str | None = None
) -> DeliveryState | None:
    """What a mail has become: `reports-in-any-order`. None when that is known, or something more lasting is.

    Args:
        before: what is known of it.
        event_type: what the provider says.
        kind: the type of a bounce, or of a complaint's feedback, where the provider gives it.
        subkind: the subtype of a bounce, where the provider gives it.
    """
    after = _STATES[event_type]
    if event_type is SesEventType.BOUNCE and kind == _TRANSIENT and subkind not in _GIVEN_UP:
        after = DeliveryState.DELAYED
    if event_type is SesEventType.BOUNCE and kind == _UNDETERMINED:
        after = DeliveryState.PERHAPS_BOUNCED
    if event_type is SesEventType.COMPLAINT and kind == _NOT_SPAM:
        return None
    return after if after.rank > before.rank else None


def delivery_entries(mail: Mail, after: DeliveryState, subject: Subject, now: datetime) -> tuple[Entry, ...]:
    """The entries of the timeline: an invitation that arrived or bounced, any other mail that bounced."""
    if isinstance(mail.content, InvitationContent):
        kinds = {Delivery.DELIVERED: EntryKind.INVITATION_DELIVERED, Delivery.BOUNCED: EntryKind.INVITATION_BOUNCED}
        kind = kinds.get(after.delivery)
        return history_entries(subject, SYSTEM, now, kind) if kind else ()
    return history_entries(subject, SYSTEM, now, EntryKind.MAIL_BOUNCED) if after.delivery is Delivery.BOUNCED else ()


def login_bounce_mail(
    mail: Mail,
    collaboration: Collaboration,
    office: Office,
    activator: Employee | None,
    now: datetime,
    *,
    signed_in: bool,
) -> Change:
    """To the one who activated: somebody did not get the login instructions. To the office, when they have left.

    `signed_in`: somebody else of the company has signed in, so that they are not sent again.
    """
    if not isinstance(mail.content, LoginContent):
        raise TypeError(mail.content.kind)
    if activator is not None and activator.active and collaboration.started_by is not None:
        recipient = MailRecipient.from_employee(collaboration.started_by, activator)
    else:
        recipient = MailRecipient.from_office(office)
    customer_name = collaboration.list_row.customer_name or mail.content.company_name
    content = LoginBouncedContent(
        company_name=customer_name,
        solution=mail.content.solution,
        can_resend=login_resend_fault(collaboration, signed_in=signed_in) is None,
    )
    note = Mail(
        id=f"{mail.id}-bounced",
        agreement=mail.agreement,
        office_id=collaboration.office_id,
        at=now,
        locale=office.locale,
        recipients=(recipient,),
        content=content,
    )
    return Change(at=now, mails=(note,))
