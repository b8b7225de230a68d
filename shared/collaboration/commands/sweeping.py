"""The schedule's work: finds what is due, and nothing else."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from collaboration.commands.services import Services, until_settled
from collaboration.domain.expiring import expired
from collaboration.domain.values import AgreementId
from collaboration.storage import items, keys
from collaboration.storage.commit import commit
from collaboration.storage.table import Table


def mark_expired(services: Services) -> int:
    """Mark the requests that have expired, and tell how many. They count as expired without it."""

    def attempt(agreement: AgreementId, now: datetime) -> int:
        place = keys.invitation(agreement)
        found = services.table.get(place)
        change = expired(items.invitation(found[place]), now) if place in found else None
        if change is None:
            return 0
        commit(services.table, change)
        return 1

    marked = 0
    for item in due(services.table, "INVITATION", services.clock()):
        marked += until_settled(partial(attempt, items.agreement_of(item)), services.clock)
    return marked


def due(table: Table, of: str, now: datetime) -> Iterator[items.Item]:
    """The keys of the items of a kind that are due at `now`, whatever else is stored."""
    # The millisecond after `now`: what is due at this very moment sorts before it, ids and all.
    upto = f"{int(keys.sortable(now)) + 1:013d}"
    for shard in keys.due_shards(of):
        after = None
        while True:
            found, after = table.page(shard, index=keys.DUE, upto=upto, after=after)
            yield from found
            if after is None:
                break
