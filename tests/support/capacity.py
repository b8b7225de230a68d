"""Count what calls of a table cost: capacity units as AWS documents them, from the sizes of items, and round trips.

Reads: of an item asked for by key one unit per 4 KB, also where it is not there; of a query one per 4 KB of all items
of a page together; half of it where the read is not consistent. Writes: one unit per KB of the larger of an item before
and after, twice that in a transaction, also of a condition that is only checked or does not hold, and of an item that
is not there; and in each index one per KB of what it holds of the item, where that changed: two such writes where the
key in the index changed, since the former entry goes and another comes. Index writes follow a transaction and are not
doubled.

Round trips: calls one after another. What `Table.gather` asks together counts as the longest of its parts.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from support.items import copied, size
from support.template import projections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collaboration.storage.table import Table

    from support.expressions import Item
    from support.memory import MemoryClient, Place

_KILOBYTE = 1024
_READ_UNIT = 4 * _KILOBYTE
_TRANSACTION = 2


@dataclass
class Spent:
    """Capacity units, calls, and how many of these came one after another."""

    read: float = 0.0
    write: float = 0.0
    calls: int = 0
    round_trips: int = 0


@dataclass(frozen=True)
class Index:
    """An index: the names of its key attributes, and whether it holds whole items or their keys only."""

    partition: str
    sort: str
    whole: bool

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of an item; None where the item is not in it."""
        if item is None or self.partition not in item or self.sort not in item:
            return None
        return item if self.whole else {name: item[name] for name in ("pk", "sk", self.partition, self.sort)}

    def stored(self, before: Item | None, after: Item | None) -> int:
        """The units that a change of an item costs in the index."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old and new and all(old[name] == new[name] for name in (self.partition, self.sort)):
            return max(write_units(old), write_units(new))
        return sum(write_units(entry) for entry in (old, new) if entry)


def write_units(item: Item | None) -> int:
    """The units that writing an item costs outside a transaction."""
    return max(1, ceil(size(item or {}) / _KILOBYTE))


def read_units(*found: Item) -> int:
    """The units that a consistent read of these items together costs."""
    return max(1, ceil(sum(map(size, found)) / _READ_UNIT))


class Meter:
    """Counts the calls of a client from now on: `spent` is what they have cost since it was last taken.

    Args:
        client: the table in memory.
        table: the table whose calls are told apart by what comes after what; without it `round_trips` are all calls.
        by_partition: called with the index ("" for the table), the partition key, and the units read and written there.
    """

    def __init__(
        self,
        client: MemoryClient,
        table: Table | None = None,
        by_partition: Callable[[str, str, float, float], None] | None = None,
    ) -> None:
        """Watch `client`."""
        self._client = client
        self._lock = threading.Lock()
        self._spent = Spent()
        self._chains: dict[int, int] = defaultdict(int)
        self._by_partition = by_partition
        self._indexes = {name: Index(*keys) for name, keys in projections().items()}
        for name, counted in (
            ("batch_get_item", self._batch_get),
            ("query", self._query),
            ("transact_write_items", self._transact),
            ("update_item", self._update),
        ):
            self._watch(name, counted)
        if table is not None:
            original: Any = table.gather
            table.gather = lambda *reads: self._gathered(original, reads)  # type: ignore[method-assign]

    def take(self) -> Spent:
        """What was spent since this was last asked."""
        with self._lock:
            spent, self._spent = self._spent, Spent()
            own = self._chains.pop(threading.get_ident(), 0)
            # Threads that a command starts work beside each other, after what came before them.
            spent.round_trips = own + max(self._chains.values(), default=0)
            self._chains.clear()
        return spent

    def _watch(self, name: str, counted: Callable[[Callable[..., Any], dict[str, Any]], Any]) -> None:
        call = getattr(self._client, name)

        def watched(**arguments: Any) -> Any:
            with self._lock:
                self._spent.calls += 1
                self._chains[threading.get_ident()] += 1
            return counted(call, arguments)

        setattr(self._client, name, watched)

    def _gathered(self, gather: Callable[..., tuple[Any, ...]], reads: Iterable[Callable[[], Any]]) -> tuple[Any, ...]:
        def branch(read: Callable[[], Any]) -> Callable[[], tuple[Any, int]]:
            def run() -> tuple[Any, int]:
                thread = threading.get_ident()
                before, self._chains[thread] = self._chains[thread], 0
                try:
                    return read(), self._chains[thread]
                finally:
                    self._chains[thread] = before

            return run

        answers = gather(*map(branch, reads))
        self._chains[threading.get_ident()] += max(length for _, length in answers)
        return tuple(answer for answer, _ in answers)

    def _spend(self, index: str, partition: str, read: float = 0.0, write: float = 0.0) -> None:
        with self._lock:
            self._spent.read += read
            self._spent.write += write
            if self._by_partition:
                self._by_partition(index, partition, read, write)

    def _batch_get(self, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        answer = call(**arguments)
        [request] = arguments["RequestItems"].values()
        [found] = answer["Responses"].values()
        consistency = 1 if request.get("ConsistentRead") else 0.5
        there = {(item["pk"]["S"], item["sk"]["S"]): item for item in found}
        for key in request["Keys"]:
            item = there.get((key["pk"]["S"], key["sk"]["S"]), {})
            self._spend("", key["pk"]["S"], read=read_units(item) * consistency)
        return answer

    def _query(self, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        answer = call(**arguments)
        name = arguments.get("IndexName", "")
        rows = answer["Items"]
        if name:
            rows = [self._indexes[name].entry(item) for item in rows]
        units = read_units(*rows) * (1 if arguments.get("ConsistentRead") else 0.5)
        self._spend(name, arguments["ExpressionAttributeValues"][":pk"]["S"], read=units)
        return answer

    def _update(self, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        return self._written([_place(arguments)], 1, lambda: call(**arguments))

    def _transact(self, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        places = [_place(request) for action in arguments["TransactItems"] for request in action.values()]
        return self._written(places, _TRANSACTION, lambda: call(**arguments))

    def _written(self, places: list[Place], factor: int, call: Callable[[], Any]) -> Any:
        before = {place: copied(self._client.items.get(place)) for place in places}
        try:
            return call()
        finally:
            for place in places:
                old, new = before[place], self._client.items.get(place)
                units = max(write_units(old), write_units(new)) * factor
                self._spend("", place[0], write=units)
                for name, index in self._indexes.items():
                    if stored := index.stored(old, new):
                        known = new if index.entry(new) else old
                        self._spend(name, (known or {})[index.partition]["S"], write=stored)


def _place(request: dict[str, Any]) -> Place:
    key = request.get("Key") or request["Item"]
    return key["pk"]["S"], key["sk"]["S"]
