"""An employee edits, ends and calls off: one collaboration at a time, at the revision they have seen."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.commands.apply_change import CollaborationResult, apply_change
from collaboration.domain.decisions import ending
from collaboration.domain.decisions.editing import Edit, edit
from collaboration.domain.decisions.login_instructions import resend_login as domain_resend_login
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import CollaborationId
from collaboration.queries.collaboration_context import load_edit_context, load_end_context
from collaboration.queries.collaborations import active_of_customer
from collaboration.services import Caller, Services


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


def cancel_end(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int
) -> CollaborationResult:
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
