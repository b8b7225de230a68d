"""A collaboration and the world around it, loaded for whoever wants to edit, end or renew it."""

from collections.abc import Callable
from datetime import datetime

from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import CollaborationId, Side
from collaboration.queries.collaboration_context import load_for_office
from collaboration.services import Caller, Services, retry_on_conflict
from collaboration.storage.commit import commit

CollaborationResult = tuple[Collaboration, Employee]


Decide = Callable[[Collaboration, Employee, Actor, datetime], Change | None]


def apply_change(
    services: Services,
    caller: Caller,
    collaboration_id: CollaborationId,
    revision: int | None,
    decide: Decide,
    *,
    requires_decision_rights: bool,
) -> CollaborationResult:
    """A collaboration after an employee's step; as it was, where there was nothing to do.

    Raises:
        Refused: as `of_office`, or by the decision itself.
    """

    def attempt(now: datetime) -> CollaborationResult:
        before, employee = load_for_office(
            services, caller, collaboration_id, revision, requires_decision_rights=requires_decision_rights
        )
        actor = Actor(side=Side.OFFICE, name=employee.name, employee_id=caller.employee_id)
        change = decide(before, employee, actor, now)
        if change is None:
            return before, employee
        commit(services.table, change)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("a step of a collaboration leaves a collaboration")
        return change.collaboration.after, employee

    return retry_on_conflict(attempt, services.clock)
