"""Bounced invitations go out again by themselves, once the account register has another address."""

from datetime import datetime

from collaboration.commands.apply_change import apply_change
from collaboration.commands.invitation_rows import count_rows
from collaboration.commands.obstacle_notes import CONCERNED, note_obstacle
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.decisions.invitation_lifecycle import readdress
from collaboration.domain.model.change import Change
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import Services
from collaboration.storage import items, keys, lists


def readdress_of_account(services: Services, account_id: AccountId) -> int:
    """Look at every invitation to an account whose number or administrators may have changed.

    What keeps it from being sent is noted.

    Returns:
        How many went out again.

    Raises:
        PartialFailureError: some could not be looked at, after all others were.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()

    def readdressed(row: items.Item) -> bool:
        if items.string(row, "state") not in CONCERNED:
            return False
        agreement = items.agreement_of(row)
        note_obstacle(services, agreement)
        return items.is_pending(row, now) and readdress_one(services, agreement)

    return count_rows(lists.invitations_of_account(services.table, account_id), readdressed)


def readdress_one(services: Services, agreement: AgreementId) -> bool:
    """Send an invitation again if a mail of it bounced and the register has another address; whether it did.

    Raises:
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """

    def load() -> InvitationContext | None:
        found = services.table.get(*keys.invitation_keys(agreement))
        invitation = items.invitation_at(found, agreement)
        if invitation is None or not invitation.bounced:
            return None
        return load_invitation_context(services, invitation)[0]

    def decide(context: InvitationContext | None, now: datetime) -> Change | None:
        return readdress(context, now) if context else None

    return apply_change(services, load, decide).change is not None
