"""From the provider's events to what the office sees: matched by our tags, or by the provider's own id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collaboration.domain.decisions.mail_delivery import (
    SesEventType,
    delivery_after,
    delivery_entries,
    login_bounce_mail,
)
from collaboration.domain.model.history import Subject
from collaboration.domain.model.mail import LoginContent, Mail
from collaboration.domain.model.values import AgreementId, Delivery
from collaboration.mailing.outbox import show_delivery
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, Action
from collaboration.storage.commit import outbox_item
from collaboration.storage.table import Table


@dataclass(frozen=True, slots=True)
class MailEvent:
    """What the provider says of a mail. `tags`: those that it was sent with, by name."""

    event_type: SesEventType
    message_id: str
    tags: Mapping[str, str]


def mail_event(detail: Mapping[str, Any]) -> MailEvent | None:
    """An SES event as EventBridge delivers it; None when it tells no fate, or is not one."""
    event_type = detail.get("eventType")
    mail = detail.get("mail")
    if event_type not in tuple(SesEventType) or not isinstance(mail, dict):
        return None
    tags = mail.get("tags")
    first = {
        name: values[0]
        for name, values in (tags.items() if isinstance(tags, dict) else ())
        if isinstance(values, list) and values and isinstance(values[0], str)
    }
    return MailEvent(SesEventType(event_type), str(mail.get("messageId", "")), first)


def record_delivery(services: Services, event: MailEvent) -> bool:
    """Keep what became of a mail, and tell whether that was news. As often as it comes, in any order."""

    def attempt(now: datetime) -> bool:
        place = _place(services.table, event)
        return place is not None and _record(services.table, *place, event, now)

    return retry_on_conflict(attempt, services.clock)


def _place(table: Table, event: MailEvent) -> tuple[AgreementId, str, str] | None:
    """Agreement, mail and reader of the provider's message; None for a mail that is not ours."""
    try:
        return AgreementId(event.tags["agreement"]), event.tags["mail"], event.tags["reader"]
    except (KeyError, ValueError):
        pass
    at_message = keys.message(event.message_id)
    found = table.get(at_message).get(at_message)
    if found is None:
        return None
    agreement = AgreementId(items.string(found, "agreement"))
    return agreement, items.string(found, "mail"), items.string(found, "reader")


def _record(
    table: Table, agreement: AgreementId, mail_id: str, reader_key: str, event: MailEvent, now: datetime
) -> bool:
    at_mail, at_outbox = keys.mail(agreement, mail_id, reader_key), keys.outbox(agreement, mail_id)
    at_invitation, at_collaboration = keys.invitation(agreement), keys.collaboration(agreement)
    found = table.get(at_mail, at_outbox, at_invitation, at_collaboration)
    if at_mail not in found or at_outbox not in found:
        return False
    before = Delivery(items.string(found[at_mail], "delivery"))
    after = delivery_after(before, event.event_type)
    mail = items.parsed(Mail, found[at_outbox])
    reader = next((reader for reader in mail.recipients if reader.key == reader_key), None)
    if after is None or reader is None:
        return False
    # First the mark, which may come twice: after a failure in between, the same event comes again and does the rest.
    show_delivery(table, mail, reader, after)
    history = delivery_entries(mail, after, _subject(found, agreement), now)
    updates = [
        actions.update(
            at_mail,
            {"delivery": items.text(after)},
            "#delivery = :before",
            remove=("duePk", "dueSk"),
            before=items.text(before),
        ),
        *(actions.put(items.history_item(entry), ABSENT) for entry in history),
        *_notify_activator(table, mail, after, found.get(at_collaboration), now),
    ]
    table.write(updates)
    return True


def _subject(found: Mapping[keys.Key, items.Item], agreement: AgreementId) -> Subject:
    if (at_collaboration := keys.collaboration(agreement)) in found:
        return items.collaboration(found[at_collaboration]).subject
    return items.invitation(found[keys.invitation(agreement)]).subject


def _notify_activator(
    table: Table, mail: Mail, after: Delivery, item: items.Item | None, now: datetime
) -> Iterator[Action]:
    if after is not Delivery.BOUNCED or not isinstance(mail.content, LoginContent) or item is None:
        return
    collaboration = items.collaboration(item)
    at_office = table.partition(keys.office(collaboration.office_id).pk)
    office = items.find_office(at_office)
    people = items.employees(at_office)
    if office is None:
        return
    activator = people.get(collaboration.started_by) if collaboration.started_by else None
    change = login_bounce_mail(mail, collaboration, office, activator, now)
    # One note per mail, however many of its readers it did not reach.
    yield from (actions.put(outbox_item(note), ABSENT) for note in change.mails if _is_first(table, note))


def _is_first(table: Table, note: Mail) -> bool:
    place = keys.outbox(note.agreement, note.id)
    return place not in table.get(place)
