"""Items as earlier versions wrote them, read as today's: a change of one writes it in today's form.

`form` says in which form the value of an item is (`data`). Those of version 0.1.0 have none, and are of the first.
A form is raised when a field gets another name (and another meaning is another name), or a new one must not be
overlooked; how the one before is read stands here, for as long as items of it may be stored. Nothing goes through the
table to rewrite it.

A newer version may have been here: of today's form, a field that is not known is left out. Of a later form it makes the
item unreadable.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from collaboration.domain.model.collaboration import SentMail
from collaboration.domain.model.invitation import InvitationRecipient
from collaboration.storage import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collaboration.storage.items import Attribute, Item

# The form that is written today.
FORM = 2
_FIRST = 1

# Fields of `data` that were called otherwise in the first form, by what the field is called today.
_FORMER_FIELDS = {"readers": "recipients", "letter": "content", "resting": "subscribers", "scheduled": "arrangedEnds"}
# Of which there was one, and may be several today.
_FORMERLY_SINGLE = "scheduled"


def form_of(item: "Item") -> int:
    """The form in which an item's value is written."""
    return int(item["form"]["N"]) if "form" in item else _FIRST


def with_form(attributes: "Mapping[str, Attribute]") -> "dict[str, Attribute]":
    """Attributes to write, with today's form beside a value that is among them."""
    return {**attributes, "form": {"N": str(FORM)}} if "data" in attributes else {**attributes}


def data_of(item: "Item") -> str:
    """The value of an item as JSON, with the names that fields have today."""
    text = item["data"]["S"]
    if form_of(item) >= FORM or not any(f'"{former}":' in text for former in _FORMER_FIELDS):
        return text
    # A text that somebody typed may hold these words as well: only fields of the value itself are renamed.
    value = json.loads(text)
    if _FORMERLY_SINGLE in value:
        value[_FORMERLY_SINGLE] = [value[_FORMERLY_SINGLE]]
    return json.dumps({_FORMER_FIELDS.get(name, name): field for name, field in value.items()})


def unknown_fields(item: "Item") -> 'Literal["ignore", "forbid"]':
    """What becomes of a field that is not known, when an item's value is read."""
    return "ignore" if form_of(item) <= FORM else "forbid"


def with_former_recipients(
    recipients: Mapping[str, InvitationRecipient], item: "Item"
) -> dict[str, InvitationRecipient]:
    """The recipients of an invitation, with what a map of its own held of them.

    They are all in that map until a change of the invitation writes them as today; what became of their mails stays
    there for those whose mail was sent before.
    """
    former = {name: _recipient(entry["M"]) for name, entry in _entries(item, "recipients")}
    known = {
        name: person.replace(
            delivery=former[name].delivery, fetched_at=former[name].fetched_at, fetches=former[name].fetches
        )
        if name in former and former[name].version == person.version
        else person
        for name, person in recipients.items()
    }
    return known or former


def _recipient(entry: "Mapping[str, Attribute]") -> InvitationRecipient:
    fetched_at = entry.get("fetchedAt")
    return InvitationRecipient.model_validate(
        {
            "email": entry["email"]["S"],
            "name": entry["name"]["S"],
            "version": int(entry["version"]["N"]),
            "removed": "gone" in entry,
            "delivery": entry["delivery"]["S"],
            "fetched_at": keys.moment(int(fetched_at["N"])) if fetched_at else None,
            "fetches": 1 if fetched_at else 0,
        }
    )


def with_former_mails(mails: Mapping[str, SentMail], item: "Item") -> dict[str, SentMail]:
    """The mails of a collaboration, with those that a map of its own held, and what became of them."""
    former = {
        name: SentMail.model_validate({field: entry["M"][field]["S"] for field in ("kind", "to", "delivery")})
        for name, entry in _entries(item, "mails")
    }
    return {**mails, **former}


def _entries(item: "Item", attribute: str) -> "Iterable[tuple[str, Any]]":
    return item[attribute]["M"].items() if attribute in item else ()


def list_row_of(item: "Item") -> str:
    """The names copied into a collaboration's row, as JSON."""
    return item["listRow" if "listRow" in item else "copied"]["S"]
