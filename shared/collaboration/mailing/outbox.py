"""From the outbox to the provider: one claimable item per recipient, each mail sent once as far as the provider allows.

A mail waits in the outbox from the transaction that causes it. It is expanded, repeatably, into one item per recipient;
whoever claims an item holds it for a lease, sends, and records that. A provider that refuses is asked again later, with
growing pauses; a crash costs the lease and perhaps a second copy, never the mail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from collaboration.domain.decisions.mail_retry import LEASE, next_try
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import InvitationContent, Mail, MailRecipient
from collaboration.domain.model.values import AgreementId, Delivery, Email
from collaboration.services import Failure, PartialFailureError, Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage import mails as mail_items
from collaboration.storage.delivery import entry_of
from collaboration.storage.due import due
from collaboration.storage.mails import MailItem
from collaboration.storage.marking import mark_delivery, mark_first_delivery
from collaboration.storage.table import Table

# SES reports what became of a mail within days; a complaint may take weeks.
MESSAGE_KEPT = timedelta(days=60)


class SendError(Exception):
    """The provider did not take the mail. The text names the kind of failure, and nobody's address."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail as it is sent to one recipient.

    `sender_name`: whom it is from, as a mail program shows it; `reply_to`: who reads an answer, None where nobody does;
    `kind`: the kind of mail as the product names it; `headers`: further headers by name, in ASCII.
    """

    kind: str
    sender_name: str
    subject: str
    text: str
    html: str
    reply_to: Email | None
    headers: Mapping[str, str]


class Provider(Protocol):
    """Takes rendered mails: SES, or a list in a test."""

    def send(self, mail: RenderedMail, to: Email, tags: Mapping[str, str]) -> str:
        """Hand over a mail to one recipient.

        Args:
            mail: the mail as it is to be read.
            to: the recipient's address.
            tags: names and values that come back with the provider's events about this mail.

        Returns:
            The provider's id of the mail.

        Raises:
            SendError: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class MailContext:
    """What sending works with. `render`: a mail as one of its recipients gets it, the same whenever it is asked."""

    services: Services
    provider: Provider
    render: Callable[[Mail, MailRecipient], RenderedMail]


def deliver(context: MailContext, agreement: AgreementId, mail_id: str) -> int:
    """Send a mail to each of its recipients who has not got it yet. Repeatable.

    Returns:
        How many mails were sent.

    Raises:
        PartialFailureError: something went wrong with some recipients; all others were tried.
        TableUnavailableError: the table does not answer.
    """
    table = context.services.table
    found = table.get(keys.outbox(agreement, mail_id)).get(keys.outbox(agreement, mail_id))
    if found is None:
        return 0
    mail = items.parsed(Mail, found)
    if not mail_items.is_expanded(found):
        mail_items.expand(table, mail)
    sent = 0
    failures: list[Failure] = []
    for recipient in mail.recipients:
        try:
            sent += _deliver_one(context, mail, recipient)
        except Exception as error:  # noqa: BLE001 - one recipient's mail stops no other's
            failures.append(Failure.of(error, agreement=agreement, mail=mail_id, recipient=recipient.key))
    if failures:
        raise PartialFailureError(failures)
    return sent


def deliver_due(context: MailContext) -> int:
    """Send what is due: mails to try again, and mails of which no event came.

    Returns:
        How many mails were sent.

    Raises:
        PartialFailureError: something went wrong with some mails; all others were tried.
        TableUnavailableError: the table does not answer.
    """
    now = context.services.clock()
    waiting = {mail_items.id_of(item) for item in due(context.services.table, "MAIL", now)}
    sent = 0
    failures: list[Failure] = []
    for agreement, mail_id in sorted(waiting):
        try:
            sent += deliver(context, agreement, mail_id)
        except PartialFailureError as error:
            failures += error.failures
        except Exception as error:  # noqa: BLE001 - one mail stops no other
            failures.append(Failure.of(error, agreement=agreement, mail=mail_id))
    if failures:
        raise PartialFailureError(failures)
    return sent


def _deliver_one(context: MailContext, mail: Mail, recipient: MailRecipient) -> bool:
    table, now = context.services.table, context.services.clock()
    item_key = keys.mail(mail.agreement, mail.id, recipient.key)
    found = table.get(item_key, *keys.invitation_keys(mail.agreement))
    waiting = MailItem.of(found.get(item_key), item_key)
    if waiting is None or not waiting.queued:
        return False
    if not _is_needed(items.invitation_at(found, mail.agreement), mail, recipient, now):
        if waiting.record_not_needed(table):
            _show_not_sent(table, mail, recipient)
        return False
    claimed = waiting.claim(table, mail.agreement, now, LEASE)
    if claimed is None:
        return False
    rendered = context.render(mail, recipient)
    try:
        message_id = context.provider.send(rendered, recipient.email, tags_of(mail, recipient))
    except SendError:
        _reschedule(table, mail, recipient, claimed, now)
        return False
    until = now + MESSAGE_KEPT
    retry_on_conflict(lambda _: claimed.record_sent(table, mail, recipient, message_id, until), context.services)
    show_delivery(table, mail, recipient, Delivery.SENT)
    return True


def _is_needed(invitation: Invitation | None, mail: Mail, recipient: MailRecipient, now: datetime) -> bool:
    """Whether a mail still leads anywhere: the link of an invitation may have died while the mail waited."""
    if not isinstance(mail.content, InvitationContent):
        return True
    if invitation is None or invitation.state_at(now) is not InvitationState.PENDING:
        return False
    person = invitation.recipients.get(recipient.recipient or "")
    return person is not None and not person.removed and person.version == recipient.version


def tags_of(mail: Mail, recipient: MailRecipient) -> dict[str, str]:
    """What the provider's events about a mail have to say, so that it is found again."""
    return {"agreement": mail.agreement, "mail": mail.id, "recipient": recipient.key}


def _reschedule(table: Table, mail: Mail, recipient: MailRecipient, claimed: MailItem, now: datetime) -> None:
    later = next_try(claimed.attempts, mail.at, now)
    if later is not None:
        claimed.postpone(table, mail.agreement, later)
    elif claimed.record_failed(table):
        show_delivery(table, mail, recipient, Delivery.FAILED)


def _show_not_sent(table: Table, mail: Mail, recipient: MailRecipient) -> None:
    """Mark on the invitation that no mail went out, unless an earlier one did: nobody waits for it any more."""
    entry = entry_of(recipient.recipient or recipient.key, recipient.version)
    mark_first_delivery(table, keys.invitation_delivery(mail.agreement), entry, mail.at, Delivery.FAILED)


def show_delivery(table: Table, mail: Mail, recipient: MailRecipient, delivery: Delivery) -> None:
    """Mark what became of a mail where the office sees it: on the invitation, or on the collaboration."""
    if isinstance(mail.content, InvitationContent):
        entry = entry_of(recipient.recipient or recipient.key, recipient.version)
        mark_delivery(table, keys.invitation_delivery(mail.agreement), entry, mail.at, delivery)
    elif mail.shown_on_collaboration:
        entry = f"{mail.id}.{recipient.key}"
        mark_delivery(table, keys.collaboration_delivery(mail.agreement), entry, mail.at, delivery)
