"""What keeps everybody from accepting an invitation is noted on it when it comes, and when it has gone again."""

from datetime import datetime

from collaboration.commands.account_invitations import count_invitations
from collaboration.commands.readdressing import readdress_one
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.queries.invitation_context import load_invitation_terms
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.markers import obstacle_actions
from collaboration.storage.marking import make_delivery_item

# What may still be accepted, or sent again.
_CONCERNED = frozenset({InvitationState.PENDING, InvitationState.EXPIRED})


def follow_offer(services: Services, account_id: AccountId, solution: str) -> int:
    """Look at every invitation to an account whose subscription to a solution was opened, closed or changed.

    What nobody can accept is noted; what can be accepted again, and bounced, goes out where another address is known.

    Returns:
        Of how many something else is noted than before.

    Raises:
        PartialFailureError: some could not be looked at, after all others were.
        TableUnavailableError: the table does not answer.
    """

    def noted(row: items.Item) -> bool:
        if items.string(row, "state") not in _CONCERNED or items.invitation(row).solution != solution:
            return False
        agreement = items.agreement_of(row)
        if not note_obstacle(services, agreement):
            return False
        readdress_one(services, agreement)
        return True

    return count_invitations(services, account_id, noted)


def is_concerned(invitation: Invitation, now: datetime) -> bool:
    """Whether an obstacle makes a difference to an invitation: it may still be accepted, or sent again."""
    return invitation.erased_at is None and invitation.state_at(now) in _CONCERNED


def note_obstacle(services: Services, agreement: AgreementId) -> bool:
    """Note what keeps everybody from accepting an invitation, or that nothing does any more; whether that is news.

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
        obstacle = load_invitation_terms(services, invitation).sending_obstacle
        if obstacle is invitation.obstacle:
            return False
        if keys.invitation_delivery(agreement) not in found:
            make_delivery_item(services.table, keys.invitation_delivery(agreement))
        services.table.write([*obstacle_actions(invitation, obstacle, now)])
        return True

    return retry_on_conflict(attempt, services)
