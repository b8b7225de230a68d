"""Renewals that are due: by the clean-up, and before the register or a command changes the subscription."""

from collections.abc import Iterable
from datetime import date, datetime

from collaboration.domain.decisions import ending
from collaboration.domain.decisions.renewing import renewal
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import UnreadableError
from collaboration.domain.model.subscriptions import renewed
from collaboration.domain.model.values import local_date
from collaboration.queries.collaboration_context import load_collaborations, load_end_context
from collaboration.services import Services
from collaboration.storage.commit import commit


def renew(services: Services, account: Account, solution: str, now: datetime) -> Change | None:
    """Renew an account's subscription to a solution if it is due: what was agreed for then holds from now on.

    An end that was arranged for that day or before comes first (`in-the-order-of-time`): whoever leaves on the day of
    the renewal does not pay for what comes after it.

    Returns:
        What was carried out: the renewal, or an end that was due before it, after which the renewal is due still. None
        where no renewal is due.

    Raises:
        RenewalError: the period of the subscription leads to no later day.
        ConflictError: something that the renewal changes has changed since it was read.
        TableUnavailableError: the table does not answer.
    """
    before = account.subscription(solution)
    after = renewed(before, local_date(now)) if before else None
    if before is None or after is None:
        return None
    subscribers = load_collaborations(services, [use.collaboration_id for use in before.subscribers])
    change = _end_due_before(services, subscribers, before.terms.renews_on, now)
    change = change or renewal(account, before, after, subscribers, now)
    commit(services.table, change)
    return change


def carried_out_first(services: Services, change: Change, now: datetime) -> bool:
    """Carry out an end that was due before a renewal that a change takes along; whether there was one.

    Whoever decides the change then decides anew: what is changed may have ended (`in-the-order-of-time`).

    Raises:
        ConflictError: something that the end changes has changed since it was read.
        TableUnavailableError: the table does not answer.
    """
    for before in filter(None, (step.renewed for step in change.subscriptions)):
        subscribers = load_collaborations(services, [use.collaboration_id for use in before.subscribers])
        if end := _end_due_before(services, subscribers, before.terms.renews_on, now):
            commit(services.table, end)
            return True
    return False


def _end_due_before(
    services: Services, subscribers: Iterable[Collaboration], renews_on: date, now: datetime
) -> Change | None:
    """The first arranged end of some collaborations that is due at a renewal, or before it; None for none."""
    due = [(end.on, found) for found in subscribers if ending.is_due(found, now) and (end := found.next_end)]
    for on, collaboration in sorted(due, key=lambda found: found[0]):
        if on > renews_on:
            break
        try:
            return ending.carry_out(load_end_context(services, collaboration), now)
        except UnreadableError:
            # The clean-up says so; the others' renewal does not wait for it.
            continue
    return None
