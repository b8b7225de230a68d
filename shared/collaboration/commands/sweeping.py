"""The schedule's work: finds what is due, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from collaboration.commands.context import load_context
from collaboration.commands.services import Services, until_settled
from collaboration.domain.expiring import expired
from collaboration.domain.history import What
from collaboration.domain.invitation import Invitation, InvitationState
from collaboration.domain.reminding import due_at, remind_automatically
from collaboration.domain.values import AgreementId
from collaboration.storage import items, keys
from collaboration.storage.commit import UNCHANGED, commit
from collaboration.storage.table import Table


@dataclass(slots=True)
class Swept:
    """What became of the requests that were due."""

    expired: int = 0
    reminded: int = 0


def sweep_requests(services: Services) -> Swept:
    """Mark the requests that have expired, and send the automatic reminders. Missed or doubled runs do no harm."""
    swept = Swept()
    for item in due(services.table, "INVITATION", services.clock()):
        done = until_settled(partial(_sweep, services, items.agreement_of(item)), services.clock)
        swept.expired += done is What.INVITATION_EXPIRED
        swept.reminded += done is What.INVITATION_REMINDED
    return swept


def _sweep(services: Services, agreement: AgreementId, now: datetime) -> What | None:
    place = keys.invitation(agreement)
    found = services.table.get(place)
    if place not in found:
        return None
    invitation = items.invitation(found[place])
    if change := expired(invitation, now):
        commit(services.table, change)
        return What.INVITATION_EXPIRED
    if invitation.state is not InvitationState.PENDING:
        return None
    context, _ = load_context(services, invitation)
    if change := remind_automatically(context, now):
        commit(services.table, change)
        return What.INVITATION_REMINDED
    if keys.sortable(now) < keys.sortable(due_at(invitation)):
        # It was due for a reminder that will not go out: from now on it is due when it expires.
        _due_later(services, invitation)
    return None


def _due_later(services: Services, invitation: Invitation) -> None:
    attributes = items.invitation_attributes(invitation)
    moved = {name: attributes[name] for name in ("duePk", "dueSk")}
    revision = items.number(invitation.revision)
    place = keys.invitation(invitation.agreement)
    services.table.write([services.table.set(place, moved, UNCHANGED, revision=revision)])


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
