"""Marking what the clock has already decided: an expired request is right without it, and tidier with it."""

from datetime import datetime

from collaboration.domain.change import Change, Transition
from collaboration.domain.history import SYSTEM, EntryKind, history_entries
from collaboration.domain.invitation import Invitation, InvitationState


def expire(invitation: Invitation, now: datetime) -> Change | None:
    """What marking the request changes; None when it has not expired, or was marked or decided before."""
    if invitation.state is not InvitationState.PENDING or invitation.state_at(now) is not InvitationState.EXPIRED:
        return None
    marked = invitation.model_copy(update={"state": InvitationState.EXPIRED, "revision": invitation.revision + 1})
    return Change(
        at=now,
        invitation=Transition(invitation, marked),
        history=history_entries(marked.subject, SYSTEM, now, EntryKind.INVITATION_EXPIRED),
    )
