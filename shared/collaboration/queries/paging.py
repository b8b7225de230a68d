"""What is shown and listed: one round trip each, filtered while reading."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug, refused
from collaboration.services import Caller, Services, active
from collaboration.storage import items, keys
from collaboration.storage.delivery import rows_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """Part of a list, who asked for it, and the cursor of the next part."""

    rows: tuple[Row, ...]
    cursor: str | None
    caller: Employee
    now: datetime


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list: how many rows, after which cursor."""

    limit: int
    cursor: str | None


def list_page(
    services: Services,
    caller: Caller,
    page: PageRequest,
    partition: str,
    query: str,
    read: Callable[[items.Item, items.Item | None], Row],
    lets_through: Callable[[Row], bool],
    place: Callable[[str], keys.Key],
    *,
    filtered: bool,
    newest_first: bool = True,
    items_per_row: int = 1,
) -> Listed[Row]:
    """One query per page. A filtered one reads as much as a query holds, so that few rows do not cost many pages.

    `items_per_row`: 2 for rows that have the item of their mails beside them, which `read` gets with the row. The
    cursor is always the position of a row: an item whose row did not fit is read again with it.
    """
    query_name = f"{partition} {query}"
    start = _start(partition, position_of(query_name, page.cursor), place)
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found, (listed, more) = services.table.gather(
        lambda: services.table.get(at_caller),
        lambda: services.table.page(
            partition,
            index=keys.LISTS,
            newest_first=newest_first,
            limit=None if filtered else page.limit * items_per_row,
            after=start,
        ),
    )
    employee = active(items.at(Employee, found, at_caller))
    matching: list[Row] = []
    rows = rows_of(listed)
    for place_in_page, (item, mails) in enumerate(rows):
        row = read(item, mails)
        if lets_through(row):
            matching.append(row)
        if len(matching) == page.limit and (more or place_in_page + 1 < len(rows)):
            return Listed(
                tuple(matching), cursor_of(query_name, items.string(item, "listSk")), employee, services.clock()
            )
    cursor = cursor_of(query_name, items.string(rows[-1][0], "listSk")) if more and rows else None
    return Listed(tuple(matching), cursor, employee, services.clock())


def _start(partition: str, after: str | None, place: Callable[[str], keys.Key]) -> Mapping[str, items.Attribute] | None:
    if after is None:
        return None
    # Only the place in the list comes from the cursor: the office and the filters are the request's own.
    try:
        return {**items.key(place(after)), "listPk": items.text(partition), "listSk": items.text(after)}
    except ValueError:
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor") from None


def _fingerprint(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:16]


def cursor_of(query: str, after: str) -> str:
    """The cursor of the part of a list that comes after `after`. It carries no authority, only a place."""
    return urlsafe_b64encode(json.dumps([_fingerprint(query), after]).encode()).rstrip(b"=").decode()


def position_of(query: str, cursor: str | None) -> str | None:
    """The place that a cursor names; None at the start.

    Raises:
        Refused: it is no cursor, or one of another query.
    """
    if cursor is None:
        return None
    try:
        fingerprint, after = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor") from None
    if fingerprint != _fingerprint(query) or not isinstance(after, str) or not after:
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor")
    return after
