"""What keeps an invitation from being accepted or sent is noted on it, so that lists say what may be done with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from collaboration.domain.contexts.invitation import SendingContext
from collaboration.domain.decisions.closing import close_links
from collaboration.domain.model.history import EntryKind
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AgreementId
from collaboration.queries.invitation_context import load_sending_context
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.actions import Action
from collaboration.storage.commit import change_actions
from collaboration.storage.markers import Marker, obstacle_actions
from collaboration.storage.marking import make_delivery_item
from collaboration.storage.unreadable import readable

# What may still be accepted, or sent again.
CONCERNED = frozenset({InvitationState.PENDING, InvitationState.EXPIRED})


def is_concerned(invitation: Invitation, now: datetime) -> bool:
    """Whether an obstacle makes a difference to an invitation: it may still be accepted, or sent again."""
    return invitation.erased_at is None and invitation.state_at(now) in CONCERNED


def note_obstacle(services: Services, agreement: AgreementId) -> bool:
    """Note what keeps an invitation from being accepted or sent, or that nothing does any more; whether that is news.

    What closes its links without a try of anybody is history. A marker that is lost, or left over, is put right.

    Raises:
        UnreadableError: what is stored of the invitation, its account or its subscription cannot be read.
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """

    def attempt(now: datetime) -> bool:
        marker_key = keys.marker(agreement, Marker.OBSTRUCTED)
        found = services.table.get(*keys.invitation_keys(agreement), marker_key)
        invitation = items.invitation_at(found, agreement)
        if invitation is None or not is_concerned(invitation, now):
            return False
        context = load_sending_context(services, invitation)
        obstacle, closing = context.any_obstacle, [*_closing_actions(services, context, now)]
        is_marked = obstacle is not None and invitation.state_at(now) is InvitationState.PENDING
        if obstacle is invitation.obstacle and (marker_key in found) == is_marked and not closing:
            return False
        if keys.invitation_delivery(agreement) not in found:
            make_delivery_item(services.table, keys.invitation_delivery(agreement))
        services.table.write([*obstacle_actions(invitation, obstacle, now), *closing])
        return True

    return retry_on_conflict(attempt, services)


def _closing_actions(services: Services, context: SendingContext, now: datetime) -> Iterator[Action]:
    change = close_links(context, now)
    if change is None:
        return
    # Of what a try had closed, 0.1.0 stored that in the timeline alone.
    if _closing_recorded(services, context.invitation.agreement, context.attempt_limit.failed[-1].at):
        change = replace(change, history=())
    yield from change_actions(change)


def _closing_recorded(services: Services, agreement: AgreementId, since: datetime) -> bool:
    """Whether the timeline says that wrong digits have closed the links at `since` (UTC) or later."""
    rows = services.table.partition(keys.agreement_partition(agreement), keys.HISTORY)
    entries = (entry for _, entry in readable(rows, items.entry))
    return any(entry.what is EntryKind.DIGITS_EXHAUSTED and entry.at >= since for entry in entries)
