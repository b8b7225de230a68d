"""The schedule's work: finds what is due, and nothing else."""

from datetime import datetime
from enum import StrEnum
from functools import partial

from collaboration.domain.decisions import ending
from collaboration.domain.decisions.invitation_lifecycle import expire, remind_automatically
from collaboration.domain.decisions.renewing import renewal
from collaboration.domain.model.collaboration import CollaborationState
from collaboration.domain.model.invitation import Invitation, InvitationState, due_at
from collaboration.domain.model.subscriptions import renewed
from collaboration.domain.model.values import local_date
from collaboration.queries.collaboration_context import load_end_context
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import PartialFailureError, Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import UNCHANGED
from collaboration.storage.commit import commit
from collaboration.storage.due import due


class Work(StrEnum):
    """What a run of the clean-up does, by the name it is counted under."""

    EXPIRED = "expired"
    REMINDED = "reminded"
    ENDED = "ended"
    ENDS_FAILED = "endsFailed"
    RENEWED = "renewed"


def run_due_work(services: Services) -> dict[Work, int]:
    """Do what is due, and count it. Missed or doubled runs do no harm, and what cannot be done stops nothing else.

    Raises:
        Unfinished: something could not be done, after everything else was.
    """
    counts = dict.fromkeys(Work, 0)
    failures: list[str] = []
    for kind, step in (("INVITATION", _request), ("END", _end), ("RENEWAL", _renew)):
        for item in due(services.table, kind, services.clock()):
            try:
                done = retry_on_conflict(partial(step, services, item), services.clock)
            except Exception as failure:  # noqa: BLE001 - whatever is wrong with one, the others are due as well
                failures.append(type(failure).__name__)
                continue
            if done:
                counts[done] += 1
    if failures:
        raise PartialFailureError.of(failures)
    return counts


def _request(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Mark a request that has expired, or send its automatic reminder."""
    agreement = items.agreement_of(item)
    invitation = items.invitation_at(services.table.get(*keys.invitation_keys(agreement)), agreement)
    if invitation is None:
        return None
    if change := expire(invitation, now):
        commit(services.table, change)
        return Work.EXPIRED
    if invitation.state is not InvitationState.PENDING:
        return None
    context, _ = load_invitation_context(services, invitation)
    if change := remind_automatically(context, now):
        commit(services.table, change)
        return Work.REMINDED
    if now < invitation.expires_at:
        # It was due for a reminder that does not go out now, since a mail bounced: until a transition makes it due
        # again (a resend, which may cure that) it is due when it expires.
        _due_later(services, invitation, now)
    return None


def _due_later(services: Services, invitation: Invitation, now: datetime) -> None:
    planned = due_at(invitation)
    at = planned if planned > now else invitation.expires_at
    moved = items.due_attributes("INVITATION", invitation.agreement, at)
    revision = items.number(invitation.revision)
    place = keys.invitation(invitation.agreement)
    services.table.write([actions.update(place, moved, UNCHANGED, revision=revision)])


def _end(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Carry out an end whose day has come. One that is not possible any more is reported, once."""
    place = keys.collaboration(items.agreement_of(item))
    found = services.table.get(place)
    collaboration = items.collaboration(found[place]) if place in found else None
    if collaboration is None or not ending.is_due(collaboration, now):
        return None
    change = ending.carry_out(load_end_context(services, collaboration), now)
    commit(services.table, change)
    after = change.collaboration.after if change.collaboration else None
    return Work.ENDED if after and after.state is CollaborationState.ENDED else Work.ENDS_FAILED


def _renew(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Renew a subscription whose day has come: what was agreed for then holds from now on."""
    _, account_id, _, solution = items.string(item, "sk").split("#")
    under_number = items.accounts(services.table.partition(items.string(item, "pk"), f"ACCOUNT#{account_id}"))
    account = next((account for account in under_number if account.id == account_id), None)
    before = account.subscription(solution) if account else None
    after = renewed(before, local_date(now)) if before else None
    if account is None or before is None or after is None:
        return None
    agreements = [use.collaboration_id.agreement for use in before.subscribers]
    places = [keys.collaboration(agreement) for agreement in agreements if agreement]
    subscribers = [items.collaboration(found) for found in services.table.get(*places).values()]
    commit(services.table, renewal(account, before, after, subscribers, now))
    return Work.RENEWED
