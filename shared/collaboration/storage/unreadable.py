"""Stored items that cannot be read: skipped and reported, so that one of them takes nothing else with it."""

import logging
from typing import TYPE_CHECKING, TypeVar

from collaboration.domain.model.faults import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from collaboration.storage.items import Item

Read = TypeVar("Read")


# What reading a stored item raises when its form is not the one that is known.
UNREADABLE = (UnreadableError, ValueError, KeyError, TypeError)


_LOGGER = logging.getLogger(__name__)


# Keys that hold an organisation number, or a hash of an address, are not for a log.
_ID_KEYS = ("AGREEMENT#", "OFFICE#", "CUSTOMER#")
# What stands under a number is named without it: `ACCOUNT#a#SUBSCRIPTION#s`.
_UNDER_NUMBER = "ORGANISATION#"


def readable(found: "Iterable[Item]", read: "Callable[[Item], Read]") -> "Iterator[tuple[Item, Read]]":
    """The items that `read` can read, each with what it made of it; the others are reported."""
    for item in found:
        try:
            value = read(item)
        except UNREADABLE:
            report_unreadable(item)
            continue
        yield item, value


def report_unreadable(item: "Item") -> None:
    """Report an item by its ids, and never by what it holds."""
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    kind = sk.partition("#")[0]
    ids = sk if pk.startswith(_UNDER_NUMBER) else f"{pk} {kind}" if pk.startswith(_ID_KEYS) else kind
    _LOGGER.error("unreadable item: %s", ids)
