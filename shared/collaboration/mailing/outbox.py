"""From the outbox to the provider: one claimable mail per reader, each sent once as far as the provider allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from collaboration.domain.decisions.mail_retry import LEASE, next_try
from collaboration.domain.model.mail import InvitationContent, Mail, MailRecipient
from collaboration.domain.model.values import AgreementId, Delivery
from collaboration.link_tokens import TokenClaims
from collaboration.services import PartialFailureError, Services
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT
from collaboration.storage.commit import MAIL_DUE_AFTER
from collaboration.storage.delivery import entry_of
from collaboration.storage.due import due
from collaboration.storage.marking import mark_delivery
from collaboration.storage.table import ConflictError, Table

# The provider tells of a mail's fate within days; a complaint may take weeks.
MESSAGE_KEPT = timedelta(days=60)


class SendError(Exception):
    """The provider did not take the mail."""


class Provider(Protocol):
    """Whoever takes mails: SES, or a list in a test."""

    def send(self, mail: Mail, reader: MailRecipient, link: str | None) -> str:
        """Hand a mail over, and tell the provider's id of it.

        Raises:
            NotSent: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class MailContext:
    """What sending works with."""

    services: Services
    provider: Provider
    link: Callable[[TokenClaims], str]


def deliver(post: MailContext, agreement: AgreementId, mail_id: str) -> int:
    """Send a mail to each of its readers who has not got it yet, and tell how many were sent. Repeatable."""
    table, place = post.services.table, keys.outbox(agreement, mail_id)
    found = table.get(place)
    if place not in found:
        return 0
    mail = items.parsed(Mail, found[place])
    if "expanded" not in found[place]:
        _expand(post, mail, place)
    return sum(_deliver_one(post, mail, reader) for reader in mail.recipients)


def deliver_due(post: MailContext) -> int:
    """Send what is due: mails to try again, and mails nobody was told of.

    Raises:
        Unfinished: something is wrong with a mail; all others were tried.
    """
    pending = {_mail_of(item) for item in due(post.services.table, "MAIL", post.services.clock())}
    sent, failures = 0, []
    for agreement, mail_id in sorted(pending):
        try:
            sent += deliver(post, agreement, mail_id)
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with one mail, the others are due as well
            failures.append(type(failure).__name__)
    if failures:
        raise PartialFailureError.of(failures)
    return sent


def _mail_of(item: items.Item) -> tuple[AgreementId, str]:
    return items.agreement_of(item), items.string(item, "sk").split("#")[1]


def _expand(post: MailContext, mail: Mail, place: keys.Key) -> None:
    """One item per reader, each its own claim; done again after a crash it adds what is missing."""
    table = post.services.table
    for reader in mail.recipients:
        try:
            table.write([actions.put(_claimable(mail, reader), ABSENT)])
        except ConflictError:
            continue
    table.update(
        place,
        "SET #expanded = :yes REMOVE #duePk, #dueSk",
        {"#expanded": "expanded", "#duePk": "duePk", "#dueSk": "dueSk"},
        {":yes": {"BOOL": True}},
    )


def _claimable(mail: Mail, reader: MailRecipient) -> items.Item:
    place = keys.mail(mail.agreement, mail.id, reader.key)
    return {
        **items.key(place),
        "delivery": items.text(Delivery.QUEUED),
        "attempts": items.number(0),
        "nextTry": items.milliseconds(mail.at),
        **_due(mail.agreement, place, mail.at + MAIL_DUE_AFTER),
    }


def _due(agreement: AgreementId, place: keys.Key, at: datetime) -> dict[str, items.Attribute]:
    return items.due_attributes("MAIL", agreement, at, of=place.sk)


def _deliver_one(post: MailContext, mail: Mail, reader: MailRecipient) -> bool:
    table, now = post.services.table, post.services.clock()
    place = keys.mail(mail.agreement, mail.id, reader.key)
    found = table.get(place).get(place)
    if found is None or items.string(found, "delivery") != Delivery.QUEUED:
        return False
    attempts = items.integer(found, "attempts") + 1
    if not _claimed(post, mail, place, attempts, now):
        return False
    try:
        message_id = post.provider.send(mail, reader, _link(post, mail, reader))
    except SendError:
        _reschedule(post, mail, reader, attempts, now)
        return False
    _record_delivery(post, mail, reader, attempts, Delivery.SENT, message_id)
    return True


def _claimed(post: MailContext, mail: Mail, place: keys.Key, attempts: int, now: datetime) -> bool:
    """Whether this run may send it: nobody else holds the lease, and the time has come."""
    until = now + LEASE
    claim = {
        "attempts": items.number(attempts),
        "nextTry": items.milliseconds(until),
        **_due(mail.agreement, place, until),
    }
    claimable = "#delivery = :queued AND #attempts = :had AND #nextTry <= :now"
    try:
        post.services.table.write(
            [
                actions.update(
                    place,
                    claim,
                    claimable,
                    queued=items.text(Delivery.QUEUED),
                    had=items.number(attempts - 1),
                    now=items.milliseconds(now),
                )
            ]
        )
    except ConflictError:
        return False
    return True


def _link(post: MailContext, mail: Mail, reader: MailRecipient) -> str | None:
    if not isinstance(mail.content, InvitationContent) or reader.recipient is None or reader.version is None:
        return None
    return post.link(TokenClaims(mail.agreement, reader.recipient, reader.version))


def _reschedule(post: MailContext, mail: Mail, reader: MailRecipient, attempts: int, now: datetime) -> None:
    later = next_try(attempts, mail.at, now)
    if later is None:
        _record_delivery(post, mail, reader, attempts, Delivery.FAILED, None)
        return
    place = keys.mail(mail.agreement, mail.id, reader.key)
    postponed = {"nextTry": items.milliseconds(later), **_due(mail.agreement, place, later)}
    table = post.services.table
    table.write([actions.update(place, postponed, "#attempts = :attempts", attempts=items.number(attempts))])


def _record_delivery(
    post: MailContext, mail: Mail, reader: MailRecipient, attempts: int, delivery: Delivery, message_id: str | None
) -> None:
    """Keep a mail's fate: on the mail itself, and where the office sees it."""
    table = post.services.table
    place = keys.mail(mail.agreement, mail.id, reader.key)
    outcome = {"delivery": items.text(delivery)}
    if message_id:
        outcome["messageId"] = items.text(message_id)
    updates = [
        actions.update(
            place, outcome, "#attempts = :attempts", remove=("duePk", "dueSk"), attempts=items.number(attempts)
        )
    ]
    if message_id:
        named = {"agreement": items.text(mail.agreement), "mail": items.text(mail.id), "reader": items.text(reader.key)}
        ttl = items.number(int((post.services.clock() + MESSAGE_KEPT).timestamp()))
        updates.append(actions.put({**items.key(keys.message(message_id)), **named, "ttl": ttl}))
    table.write(updates)
    show_delivery(table, mail, reader, delivery)


def show_delivery(table: Table, mail: Mail, reader: MailRecipient, delivery: Delivery) -> None:
    """Mark what became of a mail where the office sees it: on the invitation, or on the collaboration."""
    if isinstance(mail.content, InvitationContent):
        entry = entry_of(reader.recipient or reader.key, reader.version)
        mark_delivery(table, keys.invitation_delivery(mail.agreement), entry, mail.at, delivery)
    elif mail.shown_on_collaboration:
        entry = f"{mail.id}.{reader.key}"
        mark_delivery(table, keys.collaboration_delivery(mail.agreement), entry, mail.at, delivery)
