"""The scheduled clean-up: expiries, automatic reminders, dated ends and renewals that are due."""

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
from collaboration.queries.collaboration_context import find_collaboration, load_collaborations, load_end_context
from collaboration.queries.directory import find_account_under
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import Failure, PartialFailureError, Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import UNCHANGED
from collaboration.storage.commit import commit
from collaboration.storage.due import due


class Work(StrEnum):
    """What a run of the clean-up has done, by the name it is counted under."""

    EXPIRED = "expired"
    REMINDED = "reminded"
    ENDED = "ended"
    ENDS_FAILED = "endsFailed"
    RENEWED = "renewed"


def run_due_work(services: Services) -> dict[Work, int]:
    """Do what is due, and count it. Missed or doubled runs do no harm, and what cannot be done stops nothing else.

    Raises:
        PartialFailureError: something could not be done, after everything else was.
        TableUnavailableError: the table does not answer.
    """
    counts = dict.fromkeys(Work, 0)
    failures: list[Failure] = []
    for kind, step in (("INVITATION", _invitation), ("END", _end), ("RENEWAL", _renew)):
        for item in due(services.table, kind, services.clock()):
            try:
                done = retry_on_conflict(partial(step, services, item), services)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are due as well
                failures.append(Failure.of(error, work=kind, **items.ids_of(item)))
                continue
            if done:
                counts[done] += 1
    if failures:
        raise PartialFailureError(failures)
    return counts


def _invitation(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Mark an invitation that has expired, or send its automatic reminder."""
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
    invitation_key = keys.invitation(invitation.agreement)
    services.table.write([actions.update(invitation_key, moved, UNCHANGED, revision=revision)])


def _end(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Carry out an end whose day has come. One that is not possible any more is reported, once."""
    collaboration = find_collaboration(services, items.agreement_of(item))
    if collaboration is None or not ending.is_due(collaboration, now):
        return None
    change = ending.carry_out(load_end_context(services, collaboration), now)
    commit(services.table, change)
    after = change.collaboration.after if change.collaboration else None
    return Work.ENDED if after and after.state is CollaborationState.ENDED else Work.ENDS_FAILED


def _renew(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Renew a subscription whose day has come: what was agreed for then holds from now on."""
    number, account_id, solution = items.split_subscription_key(item)
    account = find_account_under(services, number, account_id)
    before = account.subscription(solution) if account else None
    after = renewed(before, local_date(now)) if before else None
    if account is None or before is None or after is None:
        return None
    subscribers = load_collaborations(services, [use.collaboration_id for use in before.subscribers])
    commit(services.table, renewal(account, before, after, subscribers, now))
    return Work.RENEWED
