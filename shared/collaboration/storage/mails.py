"""The items of a mail that waits: one in the outbox, and one per recipient that is claimed, sent and recorded.

What becomes of a mail to one recipient is written once: every write is on the condition that nothing was written yet,
so that an event of the provider that comes early is not overwritten.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from collaboration.domain.model.mail import Mail, MailRecipient
from collaboration.domain.model.values import AgreementId, Delivery
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT
from collaboration.storage.commit import MAIL_DUE_AFTER
from collaboration.storage.items import Attribute, Item
from collaboration.storage.table import ConflictError, Table

# Written instead of a delivery: the link that the mail was to bring had died before it was sent.
_NOT_NEEDED = "not-needed"


def is_expanded(outbox_item: Item) -> bool:
    """Whether each recipient has an item."""
    return "expanded" in outbox_item


def expand(table: Table, mail: Mail) -> None:
    """Give each recipient an item. Done again after a crash it adds what is missing.

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
    table.update(
        keys.outbox(mail.agreement, mail.id),
        "SET #expanded = :yes REMOVE #duePk, #dueSk",
        {"#expanded": "expanded", "#duePk": "duePk", "#dueSk": "dueSk"},
        {":yes": {"BOOL": True}},
    )


def _new_item(mail: Mail, recipient: MailRecipient) -> Item:
    item_key = keys.mail(mail.agreement, mail.id, recipient.key)
    return {
        **items.key(item_key),
        "delivery": items.text(Delivery.QUEUED),
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


@dataclass(frozen=True, slots=True)
class MailItem:
    """A mail to one recipient, as it was read or claimed."""

    key: keys.Key
    delivery: str
    attempts: int

    @classmethod
    def of(cls, item: Item | None, item_key: keys.Key) -> Self | None:
        """The mail of an item; None where there is none."""
        if item is None:
            return None
        return cls(item_key, items.string(item, "delivery"), items.integer(item, "attempts"))

    @property
    def queued(self) -> bool:
        """Whether it is still to be sent."""
        return self.delivery == Delivery.QUEUED

    @property
    def needed(self) -> bool:
        """Whether it was, or is, to be sent."""
        return self.delivery != _NOT_NEEDED

    def delivery_action(self, after: Delivery) -> actions.Action:
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
            table.write([actions.update(self.key, claim, claimable, queued=items.text(Delivery.QUEUED), **values)])
        except ConflictError:
            return None
        return type(self)(self.key, self.delivery, attempts)

    def record_sent(
        self, table: Table, mail: Mail, recipient: MailRecipient, message_id: str, message_until: datetime
    ) -> None:
        """Record that it was sent, unless the provider has told more of it by now, and how its events are matched.

        Raises:
            ConflictError: another transaction is writing the item; the same call may succeed a moment later.
            TableUnavailableError: the table does not answer.
        """
        outcome = {"delivery": items.text(Delivery.SENT), "messageId": items.text(message_id)}
        message = actions.put(message_item(mail, recipient, message_id, message_until))
        try:
            table.write([self._outcome(outcome), message])
        except ConflictError:
            present = MailItem.of(table.get(self.key).get(self.key), self.key)
            if present is not None and present.queued:
                raise
            table.write([message])

    def record_failed(self, table: Table) -> bool:
        """Record that it is given up, and tell whether it is: not when the provider took it after all.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        return self._write_outcome(table, Delivery.FAILED)

    def record_not_needed(self, table: Table) -> bool:
        """Record that it is not to be sent, and tell whether this call did.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        return self._write_outcome(table, _NOT_NEEDED)

    def postpone(self, table: Table, agreement: AgreementId, until: datetime) -> None:
        """Let it wait until a time. Where somebody else has claimed it by now, that claim holds.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        later = {"nextTry": items.milliseconds(until), **_due(agreement, self.key, until)}
        attempts = items.number(self.attempts)
        try:
            table.write([actions.update(self.key, later, "#attempts = :attempts", attempts=attempts)])
        except ConflictError:
            return

    def _write_outcome(self, table: Table, delivery: str) -> bool:
        try:
            table.write([self._outcome({"delivery": items.text(delivery)})])
        except ConflictError:
            return False
        return True

    def _outcome(self, outcome: dict[str, Attribute]) -> actions.Action:
        queued = items.text(Delivery.QUEUED)
        return actions.update(self.key, outcome, "#delivery = :queued", remove=("duePk", "dueSk"), queued=queued)
