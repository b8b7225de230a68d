"""From the provider's events to what the office sees: matched by our tags, or by the provider's own id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collaboration.commands.services import Services, until_settled
from collaboration.domain.directory import Employee, Office
from collaboration.domain.history import Subject
from collaboration.domain.letters import LoginLetter, Outgoing
from collaboration.domain.mail_fate import ProviderSays, fate, login_bounced, told_of
from collaboration.domain.values import AgreementId, Delivery
from collaboration.mailing.outbox import shown
from collaboration.storage import items, keys
from collaboration.storage.commit import ABSENT, outbox_item
from collaboration.storage.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Action


@dataclass(frozen=True, slots=True)
class MailEvent:
    """What the provider says of a mail. `tags`: those that it was sent with, by name."""

    says: ProviderSays
    message_id: str
    tags: Mapping[str, str]


def mail_event(detail: Mapping[str, Any]) -> MailEvent | None:
    """An SES event as EventBridge delivers it; None when it tells no fate, or is not one."""
    says = detail.get("eventType")
    mail = detail.get("mail")
    if says not in tuple(ProviderSays) or not isinstance(mail, dict):
        return None
    tags = mail.get("tags")
    first = {
        name: values[0]
        for name, values in (tags.items() if isinstance(tags, dict) else ())
        if isinstance(values, list) and values and isinstance(values[0], str)
    }
    return MailEvent(ProviderSays(says), str(mail.get("messageId", "")), first)


def keep_fate(services: Services, event: MailEvent) -> bool:
    """Keep what became of a mail, and tell whether that was news. As often as it comes, in any order."""

    def attempt(now: datetime) -> bool:
        place = _place(services.table, event)
        return place is not None and _keep(services.table, *place, event, now)

    return until_settled(attempt, services.clock)


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


def _keep(table: Table, agreement: AgreementId, mail_id: str, reader_key: str, event: MailEvent, now: datetime) -> bool:
    at_mail, at_outbox = keys.mail(agreement, mail_id, reader_key), keys.outbox(agreement, mail_id)
    at_invitation, at_collaboration = keys.invitation(agreement), keys.collaboration(agreement)
    found = table.get(at_mail, at_outbox, at_invitation, at_collaboration)
    if at_mail not in found or at_outbox not in found:
        return False
    before = Delivery(items.string(found[at_mail], "delivery"))
    after = fate(before, event.says)
    mail = items.parsed(Outgoing, found[at_outbox])
    reader = next((reader for reader in mail.readers if reader.key == reader_key), None)
    if after is None or reader is None:
        return False
    history = told_of(mail, after, _subject(found, agreement), now)
    actions = [
        table.set(
            at_mail,
            {"delivery": items.text(after)},
            "#delivery = :before",
            remove=("duePk", "dueSk"),
            before=items.text(before),
        ),
        *shown(table, mail, reader, after),
        *(table.put(items.history_item(entry), ABSENT) for entry in history),
        *_told_to_activator(table, mail, after, found.get(at_collaboration), now),
    ]
    table.write(actions)
    return True


def _subject(found: Mapping[keys.Key, items.Item], agreement: AgreementId) -> Subject:
    if (at_collaboration := keys.collaboration(agreement)) in found:
        return items.collaboration(found[at_collaboration]).subject
    return items.invitation(found[keys.invitation(agreement)]).subject


def _told_to_activator(
    table: Table, mail: Outgoing, after: Delivery, item: items.Item | None, now: datetime
) -> Iterator["Action"]:
    if after is not Delivery.BOUNCED or not isinstance(mail.letter, LoginLetter) or item is None:
        return
    collaboration = items.collaboration(item)
    at_office = table.partition(keys.office(collaboration.office_id).pk)
    office = items.only(Office, at_office, "OFFICE")
    people: Mapping[Any, Employee] = items.employees(at_office)
    if office is None:
        return
    change = login_bounced(mail, collaboration, office, people.get(collaboration.started_by), now)
    # One note per mail, however many of its readers it did not reach.
    yield from (table.put(outbox_item(note), ABSENT) for note in change.mails if _first(table, note))


def _first(table: Table, note: Outgoing) -> bool:
    place = keys.outbox(note.agreement, note.id)
    return place not in table.get(place)
