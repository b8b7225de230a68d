"""Work that is due, found by time in the sparse, sharded index `due`."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.storage import items, keys
from collaboration.storage.table import Table


def due(table: Table, kind: str, now: datetime) -> Iterator[items.Item]:
    """The items that are due, whatever else is stored: the cost grows with what is due.

    Args:
        table: the table.
        kind: the kind of work: `INVITATION`, `END`, `RENEWAL` or `MAIL`, as `items.due_attributes` has it.
        now: the time (UTC).

    Yields:
        The key attributes of each item; the index holds no others.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    # The millisecond after `now`: what is due at this very moment sorts before it, ids and all.
    max_key = f"{int(keys.sortable(now)) + 1:013d}"
    for shard in keys.due_shards(kind):
        after = None
        while True:
            found, after = table.page(shard, index=keys.DUE, max_key=max_key, after=after)
            yield from found
            if after is None:
                break
