"""An invitation whose links a change of the customer has closed, since it takes fewer wrong tries than were made."""

from datetime import datetime

from collaboration.domain.contexts.invitation import SendingContext
from collaboration.domain.model.change import AttemptsTransition, Change
from collaboration.domain.model.history import SYSTEM, EntryKind, history_entries
from collaboration.domain.model.invitation import InvitationState


def close_links(context: SendingContext, now: datetime) -> Change | None:
    """Close the links of an invitation for good where no tries are left: `three-tries-at-a-persons-number`.

    None where some are, where a try or an earlier change has closed them, and where the invitation is dead.
    """
    before, invitation = context.attempt_limit, context.invitation
    if before.closed or not context.digits_exhausted or invitation.state_at(now) is not InvitationState.PENDING:
        return None
    return Change(
        at=now,
        attempts=AttemptsTransition(invitation.agreement, before, before.replace(closed=True)),
        history=history_entries(invitation.subject, SYSTEM, now, EntryKind.DIGITS_EXHAUSTED),
    )
