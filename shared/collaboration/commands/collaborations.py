"""An employee edits or ends a collaboration, links it, or has the login instructions sent again."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from collaboration.commands.apply_change import apply_change, entity_after
from collaboration.domain.decisions import ending
from collaboration.domain.decisions.editing import Edit, edit
from collaboration.domain.decisions.linking import Link, link, unlink
from collaboration.domain.decisions.login_instructions import resend_login as decide_resend_login
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.history import Actor
from collaboration.domain.model.values import CollaborationId
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_collaboration
from collaboration.queries.collaboration_context import (
    active_beside,
    load_edit_context,
    load_end_context,
    load_link_context,
)
from collaboration.services import Caller, Revisions, Services
from collaboration.storage import account_items, keys

Context = TypeVar("Context")


CollaborationResult = tuple[Collaboration, Employee]


@dataclass(frozen=True)
class Ended:
    """A collaboration after an end was decided, who decided it, and the customer's others that go on."""

    collaboration: Collaboration
    caller: Employee
    remaining: tuple[Collaboration, ...]


def edit_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions, command: Edit
) -> CollaborationResult:
    """Change the task, what is to do, or the set-up of a collaboration at one of `revisions`.

    Raises:
        RefusedError: it is not the office's, it has another revision, or it cannot be changed so.
        TableUnavailableError: the table does not answer.
    """
    applied = apply_change(
        services,
        lambda: load_edit_context(
            services, *load_collaboration(services, caller, collaboration_id, revisions), command.task_id
        ),
        lambda context, now: edit(context, command, now),
    )
    transition = applied.change.collaboration if applied.change else None
    return entity_after(transition, applied.context.collaboration), applied.context.caller


def end_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions, command: ending.End
) -> Ended:
    """End a collaboration at one of `revisions` now, or arrange its end.

    Raises:
        RefusedError: it is not the office's, it has another revision, or it cannot be ended so.
        TableUnavailableError: the table does not answer.
    """
    after, employee = _apply(
        services,
        caller,
        collaboration_id,
        revisions,
        lambda collaboration: load_end_context(services, collaboration),
        lambda context, actor, now: ending.end(context, command, actor, now),
        requires_decision_rights=True,
    )
    return Ended(after, employee, active_beside(services, after))


def cancel_end(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions
) -> CollaborationResult:
    """Cancel the arranged end of a collaboration at one of `revisions`.

    Raises:
        RefusedError: it is not the office's, it has another revision, or the end is the other side's.
        TableUnavailableError: the table does not answer.
    """
    return _apply(
        services,
        caller,
        collaboration_id,
        revisions,
        lambda collaboration: collaboration,
        ending.cancel,
        requires_decision_rights=True,
    )


def resend_login(services: Services, caller: Caller, collaboration_id: CollaborationId) -> CollaborationResult:
    """Send the login instructions again.

    Raises:
        RefusedError: it is not the office's, there were none, somebody has signed in, it is too soon, none are left, or
            nobody would get one.
        TableUnavailableError: the table does not answer.
    """
    return _apply(
        services,
        caller,
        collaboration_id,
        None,
        lambda collaboration: load_end_context(services, collaboration),
        decide_resend_login,
        requires_decision_rights=True,
    )


def link_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions, command: Link
) -> CollaborationResult:
    """Link a collaboration at one of `revisions` to a task, or move its link.

    Raises:
        RefusedError: it or the customer is not the office's, it has another revision, or it cannot be linked so.
        TableUnavailableError: the table does not answer.
    """
    applied = apply_change(
        services,
        lambda: load_link_context(services, caller, collaboration_id, revisions, command),
        lambda context, now: link(context, command, now),
    )
    transition = applied.change.collaboration if applied.change else None
    return entity_after(transition, applied.context.collaboration), applied.context.caller


def unlink_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions
) -> CollaborationResult:
    """Undo the link of a collaboration at one of `revisions`.

    Raises:
        RefusedError: it is not the office's, it has another revision, or it has ended.
        TableUnavailableError: the table does not answer.
    """
    return _apply(
        services,
        caller,
        collaboration_id,
        revisions,
        lambda before: (
            before,
            account_items.accounts(services.table.partition(keys.organisation(before.organisation_number))),
        ),
        lambda context, actor, now: unlink(*context, actor, now),
        requires_decision_rights=False,
    )


def _apply(
    services: Services,
    caller: Caller,
    collaboration_id: CollaborationId,
    revisions: Revisions,
    load: Callable[[Collaboration], Context],
    decide: Callable[[Context, Actor, datetime], Change | None],
    *,
    requires_decision_rights: bool,
) -> CollaborationResult:
    """The collaboration after a decision of an employee; as it was, where nothing changes."""

    def load_all() -> tuple[Collaboration, Employee, Actor, Context]:
        collaboration, active_caller = load_collaboration(
            services, caller, collaboration_id, revisions, requires_decision_rights=requires_decision_rights
        )
        return collaboration, active_caller.caller, active_caller.actor, load(collaboration)

    applied = apply_change(services, load_all, lambda loaded, now: decide(loaded[3], loaded[2], now))
    before, employee, _, _ = applied.context
    return entity_after(applied.change.collaboration if applied.change else None, before), employee
