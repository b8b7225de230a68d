"""The office reminds, resends and revokes."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from collaboration.commands.apply_change import apply_change, entity_after
from collaboration.domain.decisions import invitation_lifecycle
from collaboration.domain.model.change import Change
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import InvitationId
from collaboration.queries.caller import load_invitation
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import Caller, Services

Context = TypeVar("Context")


InvitationResult = tuple[Invitation, Employee, datetime]


def remind(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Remind every recipient of an invitation.

    Raises:
        RefusedError: the caller may not, it is not pending, it is too soon, or no reminders are left.
        TableUnavailableError: the table does not answer.
    """
    return _apply(
        services,
        caller,
        invitation_id,
        lambda invitation: load_invitation_context(services, invitation)[0],
        invitation_lifecycle.remind,
    )


def resend(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Invite whoever is administrator now; an expired invitation is pending again.

    Raises:
        RefusedError: the caller may not, it is decided or revoked, a later one is live, or there is nobody to invite.
        TableUnavailableError: the table does not answer.
    """
    return _apply(
        services,
        caller,
        invitation_id,
        lambda invitation: load_invitation_context(services, invitation),
        lambda loaded, actor, now: invitation_lifecycle.resend(
            loaded[0], invitation_lifecycle.OfficeActor(actor, loaded[1]), now
        ),
    )


def revoke(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Revoke an invitation; again changes nothing.

    Raises:
        RefusedError: the caller may not, or it is decided or expired.
        TableUnavailableError: the table does not answer.
    """
    return _apply(services, caller, invitation_id, lambda invitation: invitation, invitation_lifecycle.revoke)


def _apply(
    services: Services,
    caller: Caller,
    invitation_id: InvitationId,
    load: Callable[[Invitation], Context],
    decide: Callable[[Context, Actor, datetime], Change | None],
) -> InvitationResult:
    """The invitation after a decision of an employee; as it was, where nothing changes."""

    def load_all() -> tuple[Invitation, Employee, Actor, Context]:
        invitation, active_caller = load_invitation(services, caller, invitation_id, requires_decision_rights=True)
        return invitation, active_caller.caller, active_caller.actor, load(invitation)

    applied = apply_change(services, load_all, lambda loaded, now: decide(loaded[3], loaded[2], now))
    before, employee, _, _ = applied.context
    after = entity_after(applied.change.invitation if applied.change else None, before)
    return after, employee, applied.at
