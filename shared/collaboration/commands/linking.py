"""Import unlinked collaborations, and link them."""

from datetime import datetime

from collaboration.commands.apply_change import apply_change
from collaboration.domain.decisions.linking import Link, link, unlink
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import CollaborationId
from collaboration.queries.collaboration_context import load_link_context
from collaboration.services import Caller, Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.commit import commit


def link_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int, command: Link
) -> tuple[Collaboration, Employee]:
    """Link a collaboration to a task, or move its link.

    Raises:
        Refused: it is not there, somebody changed it since `revision`, or it cannot be linked so.
    """

    def attempt(now: datetime) -> tuple[Collaboration, Employee]:
        context = load_link_context(services, caller, collaboration_id, command)
        if context.collaboration.revision != revision:
            raise refused(Slug.REVISION_CONFLICT)
        change = link(context, command, now)
        if change is None:
            return context.collaboration, context.caller
        commit(services.table, change)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("linking changes the collaboration")
        return change.collaboration.after, context.caller

    return retry_on_conflict(attempt, services.clock)


def unlink_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int
) -> tuple[Collaboration, Employee]:
    """Undo the link.

    Raises:
        Refused: it is not the office's, somebody changed it since `revision`, or it has ended.
    """

    def decide(before: Collaboration, _: Employee, actor: Actor, now: datetime) -> Change | None:
        under_number = services.table.partition(keys.organisation(before.organisation_number))
        return unlink(before, items.accounts(under_number), actor, now)

    return apply_change(services, caller, collaboration_id, revision, decide, requires_decision_rights=False)
