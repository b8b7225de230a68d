"""Pages of lists and their cursors: one query per page, filtered while reading."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import RefusedError, Slug, refused
from collaboration.domain.model.values import AgreementId
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_caller
from collaboration.services import Caller, Services
from collaboration.storage import items, lists
from collaboration.storage.keys import Key
from collaboration.storage.lists import RowList
from collaboration.storage.unreadable import UNREADABLE, report_unreadable

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """Part of a list, who asked for it and when, and the cursor of the next part (None at the end)."""

    rows: tuple[Row, ...]
    cursor: str | None
    caller: Employee
    now: datetime


@dataclass(frozen=True)
class PageRequest:
    """Which part of a list: how many rows, after which cursor."""

    limit: int
    cursor: str | None


@dataclass(frozen=True)
class Part(Generic[Row]):
    """Part of a list that is read whole, and the cursor of the next part (None at the end)."""

    rows: tuple[Row, ...]
    cursor: str | None


_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def list_page(
    services: Services,
    caller: Caller,
    page: PageRequest,
    row_list: RowList,
    filters: str,
    read: Callable[[items.Item, items.Item | None], Row],
    lets_through: Callable[[Row], bool],
    *,
    filtered: bool,
    newest_first: bool = True,
) -> Listed[Row]:
    """The rows of a list that the filters let through, from one query.

    Args:
        services: the application's services.
        caller: who asks; any active employee may.
        page: which part of the list.
        row_list: the list.
        filters: what distinguishes this query of the list from others: a cursor belongs to one query.
        read: makes a row of its item and the item of its mails, where it has one.
        lets_through: whether a row is wanted.
        filtered: reads as much as a query holds, so that few matching rows do not cost many pages.
        newest_first: the order.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            query or none at all.
        TableUnavailableError: the table does not answer.
    """
    query = f"{row_list.partition} {filters}"
    after = position_of(query, page.cursor)
    try:
        start_key = row_list.key_of(after) if after is not None else None
    except ValueError:
        raise malformed_cursor() from None
    (active_caller, _), (found, more) = services.table.gather(
        lambda: load_caller(services, caller),
        lambda: lists.read_page(
            services.table,
            row_list,
            after if start_key else None,
            limit=None if filtered else page.limit,
            newest_first=newest_first,
        ),
    )
    matching: list[Row] = []
    for nth, (item, mails) in enumerate(found, start=1):
        matching += _matching(item, mails, read, lets_through)
        if len(matching) == page.limit and (more or nth < len(found)):
            more = lists.position_of(item)
            break
    cursor = cursor_of(query, more) if more else None
    return Listed(tuple(matching), cursor, active_caller.caller, services.clock())


@dataclass(frozen=True)
class Narrowed:
    """The markers among which everything is that a filter lets through.

    `keys_of`: the keys of a row and of the item of its mails. `until`: the greatest position; then what comes soonest
    stands first, else the newest.
    """

    markers: RowList
    keys_of: Callable[[AgreementId], tuple[Key, Key]]
    until: str | None = None


# A page of a narrowed list is looked for in so many parts at most, each of them as many markers as the page has rows.
_PARTS = 20

# What the rows of a page are made of has so many bytes, as in a page of one query. A Lambda function answers 6 MB.
MOST_BYTES = 1_000_000


def fitting(rows: Iterable[Row], size_of: Callable[[Row], int]) -> tuple[list[Row], bool]:
    """The first of some rows, as many as `MOST_BYTES` hold, and one at least; whether any was left out.

    `size_of`: the bytes of a row.
    """
    shown: list[Row] = []
    size = 0
    for row in rows:
        size += size_of(row)
        if shown and size > MOST_BYTES:
            return shown, True
        shown.append(row)
    return shown, False


def list_narrowed(
    services: Services,
    caller: Caller,
    page: PageRequest,
    narrowed: Narrowed,
    filters: str,
    read: Callable[[items.Item, items.Item | None], Row],
    lets_through: Callable[[Row], bool],
    otherwise: Callable[[], Listed[Row]],
) -> Listed[Row]:
    """The rows of a list that the filters let through, found by their markers: what is read are these rows.

    Args:
        services: the application's services.
        caller: who asks; any active employee may.
        page: which part of the list.
        narrowed: where everything is that the filters let through.
        filters: what distinguishes this query of the list from others: a cursor belongs to one query.
        read: makes a row of its item and the item of its mails, where it has one.
        lets_through: whether a row is wanted.
        otherwise: reads the list where not all that the office has is marked (`items.is_indexed`).

    Raises:
        RefusedError: as `list_page`.
        TableUnavailableError: the table does not answer.
    """
    query = f"{narrowed.markers.partition} {filters}"
    try:
        more = position_of(query, page.cursor)
    except RefusedError:
        # A list that was begun before all was marked goes on as it began; what is no cursor of it is refused there.
        return otherwise()
    (active_caller, found), (entries, more) = services.table.gather(
        lambda: load_caller(services, caller), lambda: _markers(services, narrowed, more, page.limit)
    )
    if not items.is_indexed(found.values()):
        return otherwise()
    # One more than the page holds: only who finds it knows that there is a next page.
    matching: list[tuple[str, Row, int]] = []
    for part in range(1, _PARTS + 1):
        positions = {items.agreement_of(entry): lists.position_of(entry) for entry, _ in entries}
        rows = services.table.get(*(key for agreement in positions for key in narrowed.keys_of(agreement)))
        for agreement, position in positions.items():
            row_key, mails_key = narrowed.keys_of(agreement)
            item = rows.get(row_key)
            wanted = _matching(item, rows.get(mails_key), read, lets_through)
            matching += [(position, row, items.size_of_data(item)) for row in wanted if item]
        if more is None or len(matching) > page.limit or part == _PARTS:
            break
        entries, more = _markers(services, narrowed, more, page.limit)
    shown, _ = fitting(matching[: page.limit], lambda found: found[2])
    if len(matching) > len(shown):
        more = shown[-1][0]
    cursor = cursor_of(query, more) if more else None
    return Listed(tuple(row for _, row, _ in shown), cursor, active_caller.caller, services.clock())


def _markers(
    services: Services, narrowed: Narrowed, after: str | None, limit: int
) -> tuple[list[lists.Row], str | None]:
    until = narrowed.until
    if until is not None and after is not None and after > until:
        raise malformed_cursor()
    try:
        return lists.read_page(
            services.table, narrowed.markers, after, limit=limit + 1, newest_first=until is None, until=until
        )
    except ValueError:
        raise malformed_cursor() from None


def _matching(
    item: items.Item | None,
    mails: items.Item | None,
    read: Callable[[items.Item, items.Item | None], Row],
    lets_through: Callable[[Row], bool],
) -> Iterator[Row]:
    """The row, where it is there, can be read and is wanted: a marker may be left over."""
    if item is None:
        return
    try:
        row = read(item, mails)
    except UNREADABLE:
        # One row that cannot be read takes no list with it.
        report_unreadable(item)
        return
    if lets_through(row):
        yield row


def _fingerprint(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:16]


def cursor_of(query: str, after: str) -> str:
    """The cursor of the part of a list that comes after the position `after`. It carries no authority."""
    # Letters as they are: escaped, a long name would make a cursor of thousands of characters in a URL.
    named = json.dumps([_fingerprint(query), after], ensure_ascii=False)
    return urlsafe_b64encode(named.encode()).rstrip(b"=").decode()


def position_of(query: str, cursor: str | None) -> str | None:
    """The position that a cursor names; None at the start.

    Raises:
        RefusedError: `malformed-request`, it is no cursor, or one of another query.
    """
    if cursor is None:
        return None
    try:
        fingerprint, after = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise malformed_cursor() from None
    if fingerprint != _fingerprint(query) or not isinstance(after, str) or not after:
        raise malformed_cursor()
    return after


def part_of(rows: Sequence[Row], query: str, page: PageRequest, key: Callable[[Row], str]) -> Part[Row]:
    """Part of a list that is read whole each time.

    Args:
        rows: all of it, in its order.
        query: what distinguishes this list from others.
        page: which part of it.
        key: tells a row from the others. The cursor holds a digest of it: what it names may be an address.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another list or none at all.
    """
    after = position_of(query, page.cursor)
    begin = 0
    if after is not None:
        number, _, last = after.partition(" ")
        if not _ROW_NUMBER.fullmatch(number):
            raise malformed_cursor()
        # Where the row before is gone by now, those after it have moved up by one.
        gone = int(number) - 1
        begin = next((nth for nth, row in enumerate(rows, start=1) if _fingerprint(key(row)) == last), gone)
    shown = tuple(rows[begin : begin + page.limit])
    end = begin + len(shown)
    more = bool(shown) and end < len(rows)
    return Part(shown, cursor_of(query, f"{end} {_fingerprint(key(shown[-1]))}") if more else None)


def malformed_cursor() -> Exception:
    """The refusal of a cursor that is none, or that belongs to another query."""
    return refused(Slug.MALFORMED_REQUEST, hint="cursor")
