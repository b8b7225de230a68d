"""The schedule's work: finds what is due, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from collaboration.commands.agreement import endable
from collaboration.commands.context import load_context
from collaboration.commands.services import Services, until_settled
from collaboration.domain import ending
from collaboration.domain.collaboration import CollaborationState
from collaboration.domain.expiring import expired
from collaboration.domain.history import What
from collaboration.domain.invitation import Invitation, InvitationState
from collaboration.domain.reminding import due_at, remind_automatically
from collaboration.domain.renewing import renewal
from collaboration.domain.subscribing import renewed
from collaboration.domain.values import AgreementId, local_date
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


@dataclass(slots=True)
class SweptEnds:
    """What became of the ends that were due."""

    ended: int = 0
    failed: int = 0


def sweep_ends(services: Services) -> SweptEnds:
    """Carry out the ends whose day has come. One that is not possible any more is reported, once."""
    swept = SweptEnds()
    for item in due(services.table, "END", services.clock()):
        done = until_settled(partial(_end, services, items.agreement_of(item)), services.clock)
        swept.ended += done is True
        swept.failed += done is False
    return swept


def _end(services: Services, agreement: AgreementId, now: datetime) -> bool | None:
    """Whether it was ended; None when there was nothing to do."""
    place = keys.collaboration(agreement)
    found = services.table.get(place)
    collaboration = items.collaboration(found[place]) if place in found else None
    if collaboration is None or not ending.is_due(collaboration, now):
        return None
    change = ending.carry_out(endable(services, collaboration), now)
    commit(services.table, change)
    after = change.collaboration.after if change.collaboration else None
    return after is not None and after.state is CollaborationState.ENDED


def sweep_renewals(services: Services) -> int:
    """Renew the subscriptions whose day has come, and tell how many: what was agreed for then holds from now on."""
    renewals = 0
    for item in due(services.table, "RENEWAL", services.clock()):
        place = keys.Key(items.string(item, "pk"), items.string(item, "sk"))
        renewals += until_settled(partial(_renew, services, place), services.clock)
    return renewals


def _renew(services: Services, place: keys.Key, now: datetime) -> int:
    account = next(iter(items.accounts(services.table.partition(place.pk, place.sk.partition("#SUB")[0]))), None)
    solution = place.sk.rpartition("#")[2]
    before = account.subscription(solution) if account else None
    after = renewed(before, local_date(now)) if before else None
    if account is None or before is None or after is None:
        return 0
    agreements = [rest.collaboration_id.agreement for rest in before.resting]
    places = [keys.collaboration(agreement) for agreement in agreements if agreement]
    resting = [items.collaboration(item) for item in services.table.get(*places).values()]
    commit(services.table, renewal(account, before, after, resting, now))
    return 1


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
