"""What becomes of a mail after it was sent, as the provider tells it: late, twice, and in any order."""

from datetime import datetime
from enum import StrEnum

from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Employee, Office
from collaboration.domain.history import SYSTEM, Entry, Subject, What, told
from collaboration.domain.letters import InvitationLetter, LoginBouncedLetter, LoginLetter, Outgoing, Reader
from collaboration.domain.values import Delivery


class ProviderSays(StrEnum):
    """The kinds of events that tell a fate, by the provider's names."""

    SEND = "Send"
    DELIVERY_DELAY = "DeliveryDelay"
    DELIVERY = "Delivery"
    REJECT = "Reject"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"


_FATE = {
    ProviderSays.SEND: Delivery.SENT,
    ProviderSays.DELIVERY_DELAY: Delivery.DELAYED,
    ProviderSays.DELIVERY: Delivery.DELIVERED,
    ProviderSays.REJECT: Delivery.FAILED,
    ProviderSays.BOUNCE: Delivery.BOUNCED,
    ProviderSays.COMPLAINT: Delivery.COMPLAINED,
}
# What comes later in this row is not undone by what comes earlier, whatever the order in which it is told.
_LASTING = (
    Delivery.QUEUED,
    Delivery.SENT,
    Delivery.DELAYED,
    Delivery.DELIVERED,
    Delivery.FAILED,
    Delivery.BOUNCED,
    Delivery.COMPLAINED,
)


def fate(before: Delivery, says: ProviderSays) -> Delivery | None:
    """What a mail has become; None when that is known, or something more lasting is."""
    after = _FATE[says]
    return after if _LASTING.index(after) > _LASTING.index(before) else None


def told_of(mail: Outgoing, after: Delivery, subject: Subject, now: datetime) -> tuple[Entry, ...]:
    """What the timeline tells: an invitation that arrived or bounced, any other mail that bounced."""
    if isinstance(mail.letter, InvitationLetter):
        kinds = {Delivery.DELIVERED: What.INVITATION_DELIVERED, Delivery.BOUNCED: What.INVITATION_BOUNCED}
        return told(subject, SYSTEM, now, kinds[after]) if after in kinds else ()
    return told(subject, SYSTEM, now, What.MAIL_BOUNCED) if after is Delivery.BOUNCED else ()


def login_bounced(
    mail: Outgoing, collaboration: Collaboration, office: Office, activator: Employee | None, now: datetime
) -> Change:
    """The one who activated is told that nobody got the login instructions; the office, when they have left."""
    if not isinstance(mail.letter, LoginLetter):
        raise TypeError(mail.letter.kind)
    if activator is not None and activator.active and collaboration.started_by is not None:
        reader = Reader(key=f"e-{collaboration.started_by}", email=activator.email, name=activator.name)
    else:
        reader = Reader(key="office", email=office.email, name=office.name)
    letter = LoginBouncedLetter(company_name=mail.letter.company_name, solution=mail.letter.solution)
    note = Outgoing(
        id=f"{mail.id}-bounced",
        agreement=mail.agreement,
        at=now,
        locale=office.locale,
        readers=(reader,),
        letter=letter,
    )
    return Change(at=now, mails=(note,))
