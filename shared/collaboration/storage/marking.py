"""Marks of what became of a mail, and how often a link was fetched: one UpdateItem each on the item of the mails.

A mark neither touches the invitation or collaboration nor moves its revision, so it meets no transition, and no
expression grows with the number of people. It is never worth a refusal: one that cannot be written is dropped.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.values import AgreementId
from collaboration.storage import actions, keys
from collaboration.storage.actions import ABSENT
from collaboration.storage.delivery import count_of, entry_of, entry_value, new_item
from collaboration.storage.items import Attribute, Item, milliseconds, number, text
from collaboration.storage.table import ConflictError, ItemBusyError, Table, TableUnavailableError

# An item is busy for the milliseconds that one other write takes.
_ATTEMPTS = 4


def mark_delivery(
    table: Table,
    item_key: keys.Key,
    entry: str,
    mail_at: datetime,
    state: DeliveryState,
    *,
    former: str | None = None,
) -> bool:
    """Mark what became of a mail, and tell whether it is marked: in any order, and as often as wanted.

    Args:
        table: the table.
        item_key: `keys.invitation_delivery` or `keys.collaboration_delivery`.
        entry: whose mail it is (`entry_of` a recipient), or which mail.
        mail_at: when the mail was queued. A later mail counts more than an earlier one.
        state: what became of it. What is more lasting counts more than what is less so.
        former: the entry of a dead link that is dropped at the same time, so that the item does not grow with every
            new link; None for none.
    """
    return _mark_delivery(table, item_key, entry, entry_value(mail_at, state), _NEWS, former)


_NEWS = "attribute_exists(#pk) AND attribute_not_exists(#map.#entry) OR #map.#entry <= :value"


def delivery_mark(item_key: keys.Key, entry: str, mail_at: datetime, state: DeliveryState) -> actions.Action:
    """The action that makes the mark of `mark_delivery` within a transaction, where it says something new."""
    return actions.set_entry(item_key, "delivery", entry, text(entry_value(mail_at, state)), _NEWS)


def mark_first_delivery(table: Table, item_key: keys.Key, entry: str, mail_at: datetime, state: DeliveryState) -> bool:
    """Mark what became of a mail, as `mark_delivery`, where nothing is marked of any; tells whether this call did."""
    condition = "attribute_exists(#pk) AND attribute_not_exists(#map.#entry)"
    return _mark_delivery(table, item_key, entry, entry_value(mail_at, state), condition)


def mark_fetched(table: Table, agreement: AgreementId, recipient: str, version: int, now: datetime) -> bool:
    """Mark when a recipient's link of that version was first fetched, and count the fetches; tells whether it could."""
    entry = entry_of(recipient, version)
    names = {"#pk": "pk", "#map": "fetched", "#entry": entry, "#count": count_of(entry)}
    return _mark(
        table,
        keys.invitation_delivery(agreement),
        "SET #map.#entry = if_not_exists(#map.#entry, :value) ADD #count :one",
        names,
        {":value": milliseconds(now), ":one": number(1)},
        "attribute_exists(#pk)",
    )


def _mark_delivery(
    table: Table, item_key: keys.Key, entry: str, value: str, condition: str, former: str | None = None
) -> bool:
    expression, names = "SET #map.#entry = :value", {"#pk": "pk", "#map": "delivery", "#entry": entry}
    if former is not None:
        expression += " REMOVE #map.#former, #fetched.#former, #count"
        names |= {"#former": former, "#fetched": "fetched", "#count": count_of(former)}
    return _mark(table, item_key, expression, names, {":value": text(value)}, condition)


def _mark(
    table: Table,
    item_key: keys.Key,
    expression: str,
    names: Mapping[str, str],
    values: Mapping[str, Attribute],
    condition: str,
) -> bool:
    for attempt in range(_ATTEMPTS):
        try:
            table.update(item_key, expression, names, values, condition)
        except ItemBusyError:
            if not table.pause(attempt):
                return False
        except ConflictError:
            item = make_delivery_item(table, item_key)
            # One that has the entry had more to say of it; one without has been made since the update was refused.
            if item is None or names["#entry"] in item[names["#map"]]["M"]:
                return False
        except TableUnavailableError:
            return False
        else:
            return True
    return False


def make_delivery_item(table: Table, item_key: keys.Key) -> Item | None:
    """Make the item that version 0.1.0 did not have, where there is none.

    Returns:
        The item; None where there is no row that it belongs to, or the table does not answer.
    """
    row_key = keys.row_of_delivery(item_key)
    try:
        found = table.get(row_key, item_key)
        if row_key not in found or item_key in found:
            return found.get(item_key)
        made = new_item(item_key, found[row_key])
        with suppress(ConflictError):
            # Else somebody else makes it at this moment.
            table.write([actions.put(made, ABSENT)])
    except TableUnavailableError:
        return None
    return made
