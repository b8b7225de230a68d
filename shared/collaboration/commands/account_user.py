"""TODO commands.account_user."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions import ending
from collaboration.domain.decisions.deciding import decide
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.values import CollaborationId, Email, InvitationId, Side
from collaboration.queries.account_user import find_collaboration, find_invitation, newest
from collaboration.queries.collaboration_context import load_account, load_end_context
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import items
from collaboration.storage.commit import commit


def end_collaboration(
    services: Services, email: Email, collaboration_id: CollaborationId, revision: int, command: ending.End
) -> tuple[Collaboration, tuple[Collaboration, ...]]:
    """End a collaboration of one of somebody's companies, or arrange its end; and the company's others that go on.

    Raises:
        Refused: it is none of theirs, somebody changed it since `revision`, or it cannot be ended so.
    """

    def decide(collaboration: Collaboration, actor: Actor, now: datetime) -> Change | None:
        return ending.end(load_end_context(services, collaboration), command, actor, now)

    after = _apply(services, email, collaboration_id, revision, decide)
    rows = newest(services, [after.account_id] if after.account_id else [], "COLLABORATION#")
    others = (items.collaboration(row) for row in rows)
    going_on = tuple(other for other in others if other.id != after.id and other.state is CollaborationState.ACTIVE)
    return after, going_on


def cancel_end(services: Services, email: Email, collaboration_id: CollaborationId, revision: int) -> Collaboration:
    """Call an arranged end off.

    Raises:
        Refused: it is none of theirs, somebody changed it since `revision`, or the end is the office's.
    """
    return _apply(services, email, collaboration_id, revision, ending.cancel)


def _apply(
    services: Services,
    email: Email,
    collaboration_id: CollaborationId,
    revision: int,
    decide: Callable[[Collaboration, Actor, datetime], Change | None],
) -> Collaboration:
    def attempt(now: datetime) -> Collaboration:
        before = find_collaboration(services, email, collaboration_id)
        if before.revision != revision:
            raise refused(Slug.REVISION_CONFLICT)
        change = decide(before, Actor(side=Side.CUSTOMER, name=name_of(services, before, email)), now)
        if change is None:
            return before
        commit(services.table, change)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("a step of a collaboration leaves a collaboration")
        return change.collaboration.after

    return retry_on_conflict(attempt, services.clock)


def name_of(services: Services, collaboration: Collaboration, email: Email) -> str | None:
    """What the register calls somebody."""
    account = load_account(services, collaboration)
    user = account.administrator(email) if account else None
    return user.name if user else None


def decide_invitation(
    services: Services, email: Email, invitation_id: InvitationId, choice: Choice, message: str | None
) -> RecipientContext:
    """Accept or decline, signed in: the same decision as by link, without the digits.

    Raises:
        Refused: the request is none of theirs, is decided or dead, or they may not decide.
    """

    def attempt(now: datetime) -> RecipientContext:
        context = find_invitation(services, email, invitation_id)
        change = decide(context, choice, None, message, now, by_link=False)
        if change is None:
            return context
        commit(services.table, change)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("deciding changes the invitation")
        return replace(context, invitation=change.invitation.after)

    return retry_on_conflict(attempt, services.clock)
