"""The items of a mail that waits: one in the outbox, and one per recipient that is claimed, sent and recorded.

What becomes of a mail to one recipient is written once: every write is on the condition that nothing was written yet,
so that an event of the provider that comes early is not overwritten.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import AgreementId
from collaboration.frozen import dataclass
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, EXISTS
from collaboration.storage.commit import MAIL_DUE_AFTER
from collaboration.storage.items import Attribute, Item
from collaboration.storage.table import ConflictError, ItemBusyError, Table

# Written instead of a delivery: the link that the mail was to bring had died before it was sent.
_NOT_NEEDED = "not-needed"


def is_expanded(outbox_item: Item) -> bool:
    """Whether each recipient has an item."""
    return "expanded" in outbox_item


def expand(table: Table, mail: Mail) -> bool:
    """Give each recipient an item, and tell whether the mail is still there. After a crash it adds what is missing.

    Raises:
        ConflictError: somebody else expands it right now.
        TableUnavailableError: the table does not answer.
    """
    for recipient in mail.recipients:
        item = _new_item(mail, recipient)
        try:
            table.write([actions.put(item, ABSENT)])
        except ConflictError:
            item_key = keys.mail(mail.agreement, mail.id, recipient.key)
            if item_key not in table.get(item_key):
                raise
    try:
        table.update(
            keys.outbox(mail.agreement, mail.id),
            "SET #expanded = :yes REMOVE #duePk, #dueSk",
            {"#expanded": "expanded", "#duePk": "duePk", "#dueSk": "dueSk", "#pk": "pk"},
            {":yes": {"BOOL": True}},
            EXISTS,
        )
    except ItemBusyError:
        raise
    except ConflictError:
        # It was erased since it was read, and with it what there was of its recipients.
        stored = (keys.mail(mail.agreement, mail.id, recipient.key) for recipient in mail.recipients)
        table.write_in_parts([actions.delete(item_key) for item_key in stored])
        return False
    return True


def _new_item(mail: Mail, recipient: MailRecipient) -> Item:
    item_key = keys.mail(mail.agreement, mail.id, recipient.key)
    return {
        **items.key(item_key),
        "delivery": items.text(DeliveryState.QUEUED),
        "attempts": items.number(0),
        "nextTry": items.milliseconds(mail.at),
        **_due(mail.agreement, item_key, mail.at + MAIL_DUE_AFTER),
    }


def _due(agreement: AgreementId, item_key: keys.Key, at: datetime) -> dict[str, Attribute]:
    return items.due_attributes("MAIL", agreement, at, of=item_key.sk)


def id_of(item: Item) -> tuple[AgreementId, str]:
    """The agreement and the id of the mail that an item is about: in the outbox, or of one recipient."""
    return items.agreement_of(item), keys.mail_of(items.string(item, "sk"))


def message_item(mail: Mail, recipient: MailRecipient, message_id: str, until: datetime) -> Item:
    """The index entry by which an event of the provider is matched that brings no tags; it goes after `until`."""
    return {
        **items.key(keys.message(message_id)),
        "agreement": items.text(mail.agreement),
        "mail": items.text(mail.id),
        "recipient": items.text(recipient.key),
        "ttl": items.number(int(until.timestamp())),
    }


@dataclass(frozen=True)
class MailItem:
    """A mail to one recipient, as it was read or claimed. `next_try`: not before this time, in milliseconds."""

    key: keys.Key
    delivery: str
    attempts: int
    next_try: int = 0

    @classmethod
    def of(cls, item: Item | None, item_key: keys.Key) -> Self | None:
        """The mail of an item; None where there is none."""
        if item is None:
            return None
        attempts, next_try = items.integer(item, "attempts"), items.integer(item, "nextTry")
        return cls(item_key, items.string(item, "delivery"), attempts, next_try)

    @property
    def queued(self) -> bool:
        """Whether it is still to be sent."""
        return self.delivery == DeliveryState.QUEUED

    def is_claimable(self, now: datetime) -> bool:
        """Whether it is the time to send it, and nobody has claimed it."""
        return self.next_try <= now.timestamp() * 1000

    @property
    def needed(self) -> bool:
        """Whether it was, or is, to be sent."""
        return self.delivery != _NOT_NEEDED

    def delivery_action(self, after: DeliveryState) -> actions.Action:
        """The action that records what became of it, if nothing else was recorded since it was read."""
        outcome, before = {"delivery": items.text(after)}, items.text(self.delivery)
        return actions.update(self.key, outcome, "#delivery = :before", remove=("duePk", "dueSk"), before=before)

    def claim(self, table: Table, agreement: AgreementId, now: datetime, lease: timedelta) -> Self | None:
        """The right to send it, for the time of the lease; None when somebody else has it, or it is not the time.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        until = now + lease
        attempts = self.attempts + 1
        claim = {
            "attempts": items.number(attempts),
            "nextTry": items.milliseconds(until),
            **_due(agreement, self.key, until),
        }
        claimable = "#delivery = :queued AND #attempts = :had AND #nextTry <= :now"
        values = {"had": items.number(self.attempts), "now": items.milliseconds(now)}
        try:
            table.write([actions.update(self.key, claim, claimable, queued=items.text(DeliveryState.QUEUED), **values)])
        except ConflictError:
            return None
        return type(self)(self.key, self.delivery, attempts)

    def record_sent(self, table: Table, message: Item, message_id: str, mark: actions.Action | None) -> bool:
        """Record that it was sent, unless the provider has told more of it by now, and how its events are matched.

        Args:
            table: the table.
            message: the `message_item` of the mail.
            message_id: the provider's id of it.
            mark: shows it to the office; None where nothing shows it.

        Returns:
            Whether the mark was made with it: not when something more lasting is shown.

        Raises:
            ConflictError: another transaction is writing the item; the same call may succeed a moment later.
            TableUnavailableError: the table does not answer.
        """
        outcome = {"delivery": items.text(DeliveryState.SENT), "messageId": items.text(message_id)}
        sent = [self._outcome(outcome), actions.put(message)]
        if mark is not None and _written(table, [*sent, mark]):
            return True
        if not _written(table, sent):
            present = MailItem.of(table.get(self.key).get(self.key), self.key)
            if present is not None and present.queued:
                raise ConflictError
            table.write([actions.put(message)])
        return False

    def record_unsent(self, table: Table, state: DeliveryState, mark: actions.Action | None) -> bool:
        """Record what became of a mail that is not sent, and tell whether it did: not when it was sent after all.

        Args:
            table: the table.
            state: `FAILED`, it is given up; `COMPLAINED`, its recipient wants no such mail.
            mark: shows it to the office; None where nothing shows it.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        outcome = self._outcome({"delivery": items.text(state)})
        return (mark is not None and _written(table, [outcome, mark])) or _written(table, [outcome])

    def record_not_needed(self, table: Table) -> bool:
        """Record that it is not to be sent, and tell whether this call did.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        return _written(table, [self._outcome({"delivery": items.text(_NOT_NEEDED)})])

    def postpone(self, table: Table, agreement: AgreementId, until: datetime) -> None:
        """Let it wait until a time. Where somebody else has claimed it by now, that claim holds.

        What the provider said nothing of may have gone out all the same: where its event has come, nothing waits.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        later = {"nextTry": items.milliseconds(until), **_due(agreement, self.key, until)}
        values = {"attempts": items.number(self.attempts), "queued": items.text(DeliveryState.QUEUED)}
        try:
            table.write([actions.update(self.key, later, "#delivery = :queued AND #attempts = :attempts", **values)])
        except ConflictError:
            return

    def _outcome(self, outcome: dict[str, Attribute]) -> actions.Action:
        queued = items.text(DeliveryState.QUEUED)
        return actions.update(self.key, outcome, "#delivery = :queued", remove=("duePk", "dueSk"), queued=queued)


def _written(table: Table, found: Sequence[actions.Action]) -> bool:
    try:
        table.write(found)
    except ConflictError:
        return False
    return True
