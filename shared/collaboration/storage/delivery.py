"""What became of each mail: an item of its own beside the invitation or collaboration that the mails belong to.

Attributes: `delivery`, recipient -> `<milliseconds of the mail>#<rank>#<delivery>`; `fetched`, recipient ->
milliseconds; and of each whose link was fetched `fetches#<recipient>`, how often. A recipient without an entry has a
mail that is queued, and a link that nobody has fetched. `marking` writes the entries. `obstacle`, of an invitation:
what keeps it from being accepted, reminded of or sent again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from collaboration.domain.model.collaboration import SentMail
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.invitation import InvitationRecipient, Obstacle
from collaboration.domain.model.values import Delivery
from collaboration.storage import keys

if TYPE_CHECKING:
    from collaboration.storage.items import Attribute, Item


def new_item(item_key: keys.Key, row: "Item") -> "dict[str, Attribute]":
    """The item for the mails of a new invitation or collaboration, with nothing marked.

    It stands in the same list as `row` and directly beside it, so that a page of the list reads both.
    """
    return {
        "pk": {"S": item_key.pk},
        "sk": {"S": item_key.sk},
        "delivery": {"M": {}},
        "fetched": {"M": {}},
        "listPk": row["listPk"],
        "listSk": {"S": keys.delivery_list_sk(row["listSk"]["S"])},
    }


def rows_of(found: "Iterable[Item]") -> "list[tuple[Item, Item | None]]":
    """The rows among the items of a list page in their order, each with the item of its mails where there is one."""
    all_items = list(found)
    deliveries = {item["pk"]["S"]: item for item in all_items if item["sk"]["S"] in keys.DELIVERY_SKS}
    return [(item, deliveries.get(item["pk"]["S"])) for item in all_items if item["sk"]["S"] not in keys.DELIVERY_SKS]


def obstacle_of(found: "Item | None") -> Obstacle | None:
    """What keeps an invitation from being accepted or sent, as the item of an invitation's mails has it."""
    return Obstacle(found["obstacle"]["S"]) if found and "obstacle" in found else None


def entry_of(recipient: str, version: int | None) -> str:
    """The entry of an invitation's recipient: who was removed and came back has a new link, and so a new entry."""
    return recipient if version in (None, 1) else f"{recipient}.{version}"


def former_entry_of(recipient: str, version: int | None) -> str | None:
    """The entry of the link that this one took the place of; None for a first link. Nobody reads it any more."""
    return None if version in (None, 1) else entry_of(recipient, version - 1)


def count_of(entry: str) -> str:
    """The attribute that counts how often the link of an entry was fetched.

    One beside the maps and not in one: ADD makes an attribute that is not there, also in an item of an older version.
    """
    return f"fetches#{entry}"


def entry_value(mail_at: datetime, state: DeliveryState) -> str:
    """What is written of a mail that was queued at `mail_at`.

    Values of one entry are in order: a later mail comes after an earlier one, and of one mail what is more lasting
    after what is less so.
    """
    return f"{keys.sortable(mail_at)}#{state.rank}#{state.delivery}"


def marked_recipients(
    recipients: Mapping[str, InvitationRecipient], found: "Item | None"
) -> dict[str, InvitationRecipient]:
    """The recipients of an invitation with what became of their mails, as `found` has it."""

    def marked(name: str, person: InvitationRecipient) -> InvitationRecipient:
        entry = entry_of(name, person.version)
        known = {
            "delivery": _delivery(found, entry),
            "fetched_at": _fetched_at(found, entry),
            "fetches": _fetches(found, entry),
        }
        return person.with_parts(**{field: value for field, value in known.items() if value is not None})

    return {name: marked(name, person) for name, person in recipients.items()} if found else dict(recipients)


def marked_mails(mails: Mapping[str, SentMail], found: "Item | None") -> dict[str, SentMail]:
    """The mails of a collaboration with what became of them, as `found` has it."""
    if found is None:
        return dict(mails)
    return {name: mail.with_parts(delivery=_delivery(found, name) or mail.delivery) for name, mail in mails.items()}


def _delivery(found: "Item | None", entry: str) -> Delivery | None:
    value = found["delivery"]["M"].get(entry) if found else None
    return Delivery(value["S"].rpartition("#")[2]) if value else None


def _fetched_at(found: "Item | None", entry: str) -> datetime | None:
    value = found["fetched"]["M"].get(entry) if found else None
    return keys.moment(int(value["N"])) if value else None


def _fetches(found: "Item | None", entry: str) -> int | None:
    """How often; once where a link was fetched before fetches were counted."""
    count = found.get(count_of(entry)) if found else None
    if count is None:
        return 1 if _fetched_at(found, entry) else None
    return int(count["N"])
