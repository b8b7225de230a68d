"""The scheduled clean-up: expiries, automatic reminders, dated ends, renewals and erasures that are due."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from collaboration.calls import Call
from collaboration.commands.digests import send_digest
from collaboration.commands.renewing import renew
from collaboration.domain.decisions import ending
from collaboration.domain.decisions.erasing import erase
from collaboration.domain.decisions.importing import assign_account
from collaboration.domain.decisions.invitation_lifecycle import expire, remind_automatically
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import CollaborationState
from collaboration.domain.model.invitation import Invitation, InvitationState, next_reminder_try
from collaboration.frozen import dataclass
from collaboration.publishing import WORK_LEFT, Message
from collaboration.queries.collaboration_context import find_collaboration, load_end_context
from collaboration.queries.directory import find_account_under
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import Failure, Services, retry_on_conflict
from collaboration.storage import actions, erasure, items, keys
from collaboration.storage.actions import UNCHANGED
from collaboration.storage.commit import commit
from collaboration.storage.due import DuePosition, due, due_time


class Work(StrEnum):
    """What a run of the clean-up has done, by the name it is counted under; `FAILED` is what could not be done."""

    EXPIRED = "expired"
    REMINDED = "reminded"
    ENDED = "ended"
    ENDS_FAILED = "endsFailed"
    RENEWED = "renewed"
    ERASED = "erased"
    DIGESTS = "digests"
    FAILED = "failed"


# A run takes up nothing more when so many seconds are left: several times what the slowest piece of work needs.
_RESERVE = 20.0


@dataclass(frozen=True)
class Run:
    """What a run has done.

    `lag`: how late the latest piece of work was done, digests left aside, which wait for their hour; `failures`: what
    could not be done, and is due again at the next run; `left`: where the next run is to go on, since the time was up.
    None: everything that was due has been looked at.
    """

    counts: Mapping[Work, int]
    lag: timedelta = timedelta()
    failures: tuple[Failure, ...] = ()
    left: DuePosition | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """The message that starts the next run at once, where something is left."""
        return (Message(WORK_LEFT, {"shard": self.left.shard, "after": self.left.after}),) if self.left else ()


Processor: TypeAlias = Callable[[Services, items.Item, datetime], Work | None]
"""Does one piece of due work, decided anew on what is stored at the time it is given; None when there is nothing to do.

It is called again after a conflict, and by a later run after a crash.
"""


def run_due_work(services: Services, call: Call) -> Run:
    """Do what is due, within the time that the services have. Missed, doubled and interrupted runs do no harm.

    What cannot be done stops nothing else.

    Args:
        services: the application's services, with the deadline of this run.
        call: the message of a run that ran out of time, which is gone on with; anything else starts from the beginning.

    Raises:
        TableUnavailableError: the table does not answer when it is asked what is due.
    """
    after = None
    if call.detail_type == WORK_LEFT and call.names("shard", "after"):
        after = DuePosition(call.detail["shard"], call.detail["after"])
    counts = dict.fromkeys(Work, 0)
    failures: list[Failure] = []
    lag = timedelta()
    first = KINDS.index(after.kind) if after and after.kind in KINDS else 0
    for kind in KINDS[first:]:
        within = after if after and after.kind == kind else None
        for item in due(services.table, kind, services.clock(), within):
            try:
                done = retry_on_conflict(partial(PROCESSORS[kind], services, item), services)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are due as well
                failures.append(Failure.of(error, work=kind, **items.ids_of(item)))
                done = Work.FAILED
            if done:
                counts[done] += 1
                if done not in {Work.FAILED, Work.DIGESTS}:
                    lag = max(lag, services.clock() - due_time(item))
            # After a piece of work and never before the first, so that every run gets on.
            if services.deadline.left < _RESERVE:
                return Run(counts, lag, tuple(failures), DuePosition.of(item))
    return Run(counts, lag, tuple(failures))


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
        # It was due for a reminder that does not go out now: a mail bounced, or nobody is there who could answer.
        _due_later(services, invitation, now)
    return None


def _due_later(services: Services, invitation: Invitation, now: datetime) -> None:
    at = next_reminder_try(invitation, now) or invitation.expires_at
    moved = items.due_attributes("INVITATION", invitation.agreement, at)
    revision = items.number(invitation.revision)
    invitation_key = keys.invitation(invitation.agreement)
    services.table.write([actions.update(invitation_key, moved, UNCHANGED, revision=revision)])


def _end(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Carry out an end whose day has come. One that is not possible any more is reported, once."""
    collaboration = find_collaboration(services, items.agreement_of(item))
    if collaboration is None or not ending.is_due(collaboration, now):
        return None
    context = load_end_context(services, collaboration)
    moved = assign_account(collaboration, context.accounts, now)
    if moved and moved.history:
        # It is with another company by now, whose people have not arranged it.
        commit(services.table, moved)
        return None
    change = ending.carry_out(context, now)
    commit(services.table, change)
    return _end_of(change)


def _end_of(change: Change) -> Work:
    after = change.collaboration.after if change.collaboration else None
    return Work.ENDED if after and after.state is CollaborationState.ENDED else Work.ENDS_FAILED


def _renew(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Renew a subscription whose day has come: what was agreed for then holds from now on.

    Where an end was due before that, the next run renews.
    """
    number, account_id, solution = items.split_subscription_key(item)
    account = find_account_under(services, number, account_id)
    change = renew(services, account, solution, now) if account else None
    if change is None:
        return None
    return _end_of(change) if change.collaboration else Work.RENEWED


def _erase(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Erase what an invitation that died holds of persons: first itself, which keeps it from being revived.

    Whatever ends the run in between, the invitation stays due, and the next run erases what is left around it.
    """
    table, agreement = services.table, items.agreement_of(item)
    found = table.partition(keys.agreement_partition(agreement))
    invitation = items.invitation_at({items.key_of(part): part for part in found}, agreement)
    if invitation is None:
        return None
    change = None
    if invitation.erased_at is None:
        report = erasure.find_report(table, invitation.office_id, now)
        change = erase(invitation, report, erasure.mails_among(found), now)
        if change is None:
            # Somebody has revived it: what is due of it now stays so.
            return None
        if erasure.waits_for_mail(found, now):
            erasure.postpone(table, agreement, invitation.revision, now + timedelta(days=1))
            return None
        commit(table, change)
    erasure.erase_around(table, agreement, found)
    return Work.ERASED if change else None


def _digest(services: Services, item: items.Item, now: datetime) -> Work | None:
    """Send the digest of an office that has something to be told."""
    return Work.DIGESTS if send_digest(services, item, now) else None


# Kinds of due work in the order in which they are done: an invitation is marked as expired before the office is told,
# and before it is erased.
PROCESSORS: Mapping[str, Processor] = {
    "INVITATION": _invitation,
    "END": _end,
    "RENEWAL": _renew,
    "DIGEST": _digest,
    "ERASURE": _erase,
}


KINDS = tuple(PROCESSORS)
