"""An employee edits, ends and calls off: one collaboration at a time, at the revision they have seen."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.commands.agreement import CollaborationResult, apply_change, load_edit_context, load_end_context
from collaboration.commands.reading import active_of_customer
from collaboration.commands.services import Caller, Services
from collaboration.domain import ending
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Employee
from collaboration.domain.editing import Edit, edit
from collaboration.domain.history import Actor
from collaboration.domain.login_mail import resend_login as domain_resend_login
from collaboration.domain.values import CollaborationId


def edit_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int, command: Edit
) -> CollaborationResult:
    """Change the task, what is to do, or the set-up.

    Raises:
        Refused: it is not the office's, somebody changed it since `revision`, or it cannot be changed so.
    """

    def decide(collaboration: Collaboration, employee: Employee, _: Actor, now: datetime) -> Change | None:
        return edit(load_edit_context(services, collaboration, caller, employee), command, now)

    return apply_change(services, caller, collaboration_id, revision, decide, requires_decision_rights=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """A collaboration after an end was decided, and the customer's others that go on."""

    collaboration: Collaboration
    caller: Employee
    remaining: tuple[Collaboration, ...]


def end_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int, command: ending.End
) -> Ended:
    """End it now, or arrange its end.

    Raises:
        Refused: it is not the office's, somebody changed it since `revision`, or it cannot be ended so.
    """

    def decide(collaboration: Collaboration, _: Employee, actor: Actor, now: datetime) -> Change | None:
        return ending.end(load_end_context(services, collaboration), command, actor, now)

    after, employee = apply_change(services, caller, collaboration_id, revision, decide, requires_decision_rights=True)
    remaining = active_of_customer(services, after.office_id, after.customer_id) if after.customer_id else ()
    return Ended(after, employee, tuple(other for other in remaining if other.id != after.id))


def cancel_end(services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int) -> CollaborationResult:
    """Call an arranged end off.

    Raises:
        Refused: it is not the office's, somebody changed it since `revision`, or the end is the other side's.
    """

    def decide(collaboration: Collaboration, _: Employee, actor: Actor, now: datetime) -> Change | None:
        return ending.cancel(collaboration, actor, now)

    return apply_change(services, caller, collaboration_id, revision, decide, requires_decision_rights=True)


def resend_login(services: Services, caller: Caller, collaboration_id: CollaborationId) -> CollaborationResult:
    """Send the login instructions again.

    Raises:
        Refused: it is not the office's, there were none, somebody has signed in, it is too soon, or none are left.
    """

    def decide(collaboration: Collaboration, _employee: Employee, _actor: Actor, now: datetime) -> Change | None:
        return domain_resend_login(load_end_context(services, collaboration), now)

    return apply_change(services, caller, collaboration_id, None, decide, requires_decision_rights=True)
