"""The office reminds, resends and revokes; the schedule reminds by itself."""

from collections.abc import Callable
from datetime import datetime

from collaboration.domain.decisions import invitation_lifecycle
from collaboration.domain.model.change import Change
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import InvitationId, Side
from collaboration.queries.invitation_context import load_invitation_context
from collaboration.services import Caller, Services, active, not_found, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.commit import commit

InvitationResult = tuple[Invitation, Employee, datetime]


def remind(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Remind everybody who was asked.

    Raises:
        Refused: the caller may not, the request is not pending, it is too soon, or no reminders are left.
    """

    def decide(invitation: Invitation, actor: Actor, now: datetime) -> Change:
        context, _ = load_invitation_context(services, invitation)
        return invitation_lifecycle.remind(context, actor, now)

    return _apply_change(services, caller, invitation_id, decide)


def resend(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Ask whoever is administrator now; an expired request lives anew.

    Raises:
        Refused: the caller may not, the request is decided or revoked, a later one is live, or there is nobody to ask.
    """

    def decide(invitation: Invitation, actor: Actor, now: datetime) -> Change:
        context, guard = load_invitation_context(services, invitation)
        return invitation_lifecycle.resend(context, invitation_lifecycle.OfficeActor(actor, guard), now)

    return _apply_change(services, caller, invitation_id, decide)


def revoke(services: Services, caller: Caller, invitation_id: InvitationId) -> InvitationResult:
    """Take the request back; again changes nothing.

    Raises:
        Refused: the caller may not, or the request is decided or expired.
    """
    return _apply_change(services, caller, invitation_id, invitation_lifecycle.revoke)


def _apply_change(
    services: Services,
    caller: Caller,
    invitation_id: InvitationId,
    decide: Callable[[Invitation, Actor, datetime], Change | None],
) -> InvitationResult:
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    agreement = invitation_id.agreement

    def attempt(now: datetime) -> InvitationResult:
        found = services.table.get(at_caller, *(keys.invitation_keys(agreement) if agreement else ()))
        employee = active(items.at(Employee, found, at_caller))
        if not employee.may_decide:
            raise refused(Slug.NOT_ALLOWED, hint="rights")
        invitation = items.invitation_at(found, agreement) if agreement else None
        if invitation is None or invitation.office_id != caller.office_id:
            raise not_found()
        actor = Actor(side=Side.OFFICE, name=employee.name, employee_id=caller.employee_id)
        change = decide(invitation, actor, now)
        if change is None:
            return invitation, employee, now
        commit(services.table, change)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("a step of a request leaves a request")
        return change.invitation.after, employee, now

    return retry_on_conflict(attempt, services.clock)
