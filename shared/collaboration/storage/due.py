"""Work that is due, found by time in the sparse, sharded index `due`."""

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from typing import Self

from collaboration.frozen import dataclass
from collaboration.storage import items, keys
from collaboration.storage.table import Table


@dataclass(frozen=True)
class DuePosition:
    """Where a run through due work stands: the sort key that was looked at last, and the partition where that is.

    Neither holds more than a time and ids: no organisation number.
    """

    shard: str
    after: str

    @classmethod
    def of(cls, item: items.Item) -> Self:
        """The position of a due item."""
        return cls(items.string(item, "duePk"), items.string(item, "dueSk"))

    @property
    def kind(self) -> str:
        """The kind of work that stands in the partition."""
        return keys.kind_of_due_shard(self.shard)


def due_time(item: items.Item) -> datetime:
    """When a due item became due (UTC)."""
    return keys.moment(int(items.string(item, "dueSk").partition("#")[0]))


def due(table: Table, kind: str, now: datetime, after: DuePosition | None = None) -> Iterator[items.Item]:
    """The items that are due, in the order of time, whatever else is stored: the cost grows with what is due.

    Args:
        table: the table.
        kind: the kind of work, as `items.due_attributes` has it.
        now: the time (UTC).
        after: a position within this kind of work; only what stands after it is looked for. None for all.

    Yields:
        The key attributes of each item; the index holds no others.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    # The millisecond after `now`: what is due at this very moment sorts before it, ids and all.
    max_key = keys.sortable_after(now)
    # `!` sorts before `#` and before every letter and digit: nothing stands between a sort key and this.
    min_key = f"{after.after}!" if after else keys.FIRST_SORTABLE
    if min_key <= max_key:
        shards = (
            table.all_pages(shard, index=keys.DUE, min_key=min_key, max_key=max_key) for shard in keys.due_shards(kind)
        )
        yield from merge(*shards, key=lambda item: items.string(item, "dueSk"))
