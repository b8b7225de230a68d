"""What keeps an invitation from being accepted or sent is noted on it, so that lists say what may be done with it."""

from datetime import datetime

from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AgreementId
from collaboration.queries.invitation_context import load_obstacle
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.markers import obstacle_actions
from collaboration.storage.marking import make_delivery_item

# What may still be accepted, or sent again.
CONCERNED = frozenset({InvitationState.PENDING, InvitationState.EXPIRED})


def is_concerned(invitation: Invitation, now: datetime) -> bool:
    """Whether an obstacle makes a difference to an invitation: it may still be accepted, or sent again."""
    return invitation.erased_at is None and invitation.state_at(now) in CONCERNED


def note_obstacle(services: Services, agreement: AgreementId) -> bool:
    """Note what keeps an invitation from being accepted or sent, or that nothing does any more; whether that is news.

    Raises:
        UnreadableError: what is stored of the invitation, its account or its subscription cannot be read.
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """

    def attempt(now: datetime) -> bool:
        found = services.table.get(*keys.invitation_keys(agreement))
        invitation = items.invitation_at(found, agreement)
        if invitation is None or not is_concerned(invitation, now):
            return False
        obstacle = load_obstacle(services, invitation)
        if obstacle is invitation.obstacle:
            return False
        if keys.invitation_delivery(agreement) not in found:
            make_delivery_item(services.table, keys.invitation_delivery(agreement))
        services.table.write([*obstacle_actions(invitation, obstacle, now)])
        return True

    return retry_on_conflict(attempt, services)
