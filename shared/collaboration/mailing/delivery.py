"""From the provider's events to what the office sees: matched by the mail's tags, or by the provider's own id."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collaboration import invocation
from collaboration.domain.decisions.mail_delivery import (
    SesEventType,
    delivery_after,
    delivery_entries,
)
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.history import Subject
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import InvitationContent, Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import AgreementId, Delivery
from collaboration.frozen import dataclass
from collaboration.mailing.login_notes import login_notes
from collaboration.mailing.outbox import log_facts, show_delivery
from collaboration.mailing.ses import tag_text
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, Action
from collaboration.storage.mails import MailItem
from collaboration.storage.markers import bounced_actions, cured_marker
from collaboration.storage.table import Table

# Before events carried tags of today's form: what the tag and the attribute of a recipient were called.
_FORMER_NAME = "reader"
_NOT_DELIVERED = frozenset({Delivery.BOUNCED, Delivery.FAILED})
# Longer than any id or tag of SES (256 characters a tag): what is longer is no event of a mail.
_LONGEST_ID = 256


@dataclass(frozen=True)
class MailEvent:
    """What the provider says of a mail.

    `kind`: the type of a bounce, or of a complaint's feedback; `subkind`: the subtype of a bounce; `tags`: those that
    the mail was sent with, by name.
    """

    event_type: SesEventType
    kind: str | None
    subkind: str | None
    message_id: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class RecordedDelivery:
    """What was recorded of a mail.

    `facts`: ids and outcome, by the names that lines of the log have; `correlation_id`: of the request that the mail
    follows from, None where that is not known.
    """

    delivery: Delivery
    facts: Mapping[str, str]
    correlation_id: str | None


def mail_event(detail: object) -> MailEvent | None:
    """An SES event as EventBridge delivers it; None when it says nothing of a mail's delivery, or is none."""
    if not isinstance(detail, Mapping):
        return None
    event_type, mail = detail.get("eventType"), detail.get("mail")
    if event_type not in tuple(SesEventType) or not isinstance(mail, Mapping):
        return None
    tags = _mapping(mail.get("tags"))
    first = {
        name: values[0]
        for name, values in tags.items()
        if isinstance(values, list) and values and isinstance(values[0], str)
    }
    kind = _mapping(detail.get("bounce")).get("bounceType")
    kind = kind or _mapping(detail.get("complaint")).get("complaintFeedbackType")
    subkind = _mapping(detail.get("bounce")).get("bounceSubType")
    message_id = mail.get("messageId")
    message_id = message_id if isinstance(message_id, str) else ""
    if any(len(text) > _LONGEST_ID for text in (message_id, *first.values())):
        return None
    return MailEvent(
        SesEventType(event_type),
        kind if isinstance(kind, str) else None,
        subkind if isinstance(subkind, str) else None,
        message_id,
        first,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def ids_of_event(detail: object) -> dict[str, str]:
    """Agreement, mail and recipient that the tags of an SES event name, as lines of the log do; empty where none do."""
    event = mail_event(detail)
    place = _place_by_tags(event) if event else None
    return dict(zip(("agreement", "mail", "recipient"), place, strict=True)) if place else {}


def record_delivery(services: Services, event: MailEvent) -> RecordedDelivery | None:
    """Record what became of a mail: as often as it is told, and in any order.

    Returns:
        What was recorded; None where the event was no news.

    Raises:
        RefusedError: `temporarily-unavailable`, others write the same items every time.
        TableUnavailableError: the table does not answer.
    """

    def attempt(now: datetime) -> RecordedDelivery | None:
        found = _find(services.table, event)
        return _record(services.table, *found, event, now) if found else None

    return retry_on_conflict(attempt, services)


def _place_by_tags(event: MailEvent) -> tuple[AgreementId, str, str] | None:
    tags = event.tags
    try:
        recipient = tags.get("recipient") or tags[_FORMER_NAME]
        return AgreementId(tag_text(tags["agreement"])), tag_text(tags["mail"]), tag_text(recipient)
    except (KeyError, ValueError):
        return None


def _find(table: Table, event: MailEvent) -> tuple[AgreementId, str, str] | None:
    """Agreement, mail and recipient of the provider's message; None for a mail that is not ours."""
    if place := _place_by_tags(event):
        return place
    if not event.message_id:
        return None
    message_key = keys.message(event.message_id)
    found = table.get(message_key).get(message_key)
    if found is None:
        return None
    recipient = items.string(found, "recipient" if "recipient" in found else _FORMER_NAME)
    return AgreementId(items.string(found, "agreement")), items.string(found, "mail"), recipient


def _record(
    table: Table, agreement: AgreementId, mail_id: str, recipient_key: str, event: MailEvent, now: datetime
) -> RecordedDelivery | None:
    mail_key, outbox_key = keys.mail(agreement, mail_id, recipient_key), keys.outbox(agreement, mail_id)
    collaboration_key = keys.collaboration(agreement)
    found = table.get(mail_key, outbox_key, *keys.invitation_keys(agreement), collaboration_key)
    sent = MailItem.of(found.get(mail_key), mail_key)
    if sent is None or not sent.needed or outbox_key not in found:
        return None
    before = DeliveryState(sent.delivery)
    after = delivery_after(before, event.event_type, event.kind, event.subkind)
    mail = items.parsed(Mail, found[outbox_key])
    recipient = next((recipient for recipient in mail.recipients if recipient.key == recipient_key), None)
    if after is None or recipient is None:
        return None
    collaboration = items.collaboration(found[collaboration_key]) if collaboration_key in found else None
    # First the mark, which may come twice: after a failure in between, the same event comes again and does the rest.
    show_delivery(table, mail, recipient, after)
    subject = _subject(found, agreement)
    history = delivery_entries(mail, after, subject, now) if subject else ()
    correlation_id = items.correlation_of(found[outbox_key])
    with invocation.correlated(correlation_id):
        table.write(
            [
                sent.delivery_action(after),
                *(actions.put(items.history_item(entry), ABSENT) for entry in history),
                *_bounce_marker(table, items.invitation_at(found, agreement), mail, recipient, after.delivery, now),
                *_complaint(mail, recipient, after, now),
                *(login_notes(table, mail, collaboration, now) if after.delivery in _NOT_DELIVERED else ()),
            ]
        )
    return RecordedDelivery(after.delivery, log_facts(mail, recipient), correlation_id)


def _complaint(mail: Mail, recipient: MailRecipient, after: DeliveryState, now: datetime) -> Iterator[Action]:
    """Remember who complained of an office's mail, whether or not the mail was one that they get all the same."""
    if after is DeliveryState.COMPLAINED and mail.office_id:
        complaint_key = keys.complaint(mail.office_id, recipient.email)
        yield actions.put({**items.key(complaint_key), "at": items.milliseconds(now)})


def _bounce_marker(
    table: Table, before: Invitation | None, mail: Mail, recipient: MailRecipient, after: Delivery, now: datetime
) -> Iterator[Action]:
    """Count an invitation among those with a bounced mail while it is pending, and as long as the office sees one.

    What the office sees is the latest mail of each recipient: an earlier one that bounces after it changes nothing.

    Args:
        table: the table.
        before: the invitation as it was before the report was marked.
        mail: the mail.
        recipient: whose it is.
        after: what became of it.
        now: the time (UTC).
    """
    if before is None or not isinstance(mail.content, InvitationContent):
        return
    if before.state_at(now) is not InvitationState.PENDING:
        return
    if after is Delivery.BOUNCED:
        marked = items.invitation_at(table.get(*keys.invitation_keys(before.agreement)), before.agreement)
        if marked and recipient.recipient in marked.bounced:
            yield from bounced_actions(before, now)
    elif cured := cured_marker(table, before.agreement):
        yield cured


def _subject(found: Mapping[keys.Key, items.Item], agreement: AgreementId) -> Subject | None:
    """Whose timeline tells of a mail; None for a digest, which belongs to none."""
    if (collaboration_key := keys.collaboration(agreement)) in found:
        return items.collaboration(found[collaboration_key]).subject
    if (invitation_key := keys.invitation(agreement)) in found:
        return items.invitation(found[invitation_key]).subject
    return None
