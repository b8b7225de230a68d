"""A signed-in administrator of an account decides invitations and ends collaborations."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from collaboration.commands.apply_change import apply_change, entity_after
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions import ending
from collaboration.domain.decisions.deciding import decide
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.values import CollaborationId, Email, InvitationId, Side
from collaboration.queries.account_user import (
    as_company_sees,
    find_collaboration,
    find_invitation,
    newest,
)
from collaboration.queries.caller import require_revision
from collaboration.queries.collaboration_context import MOST_REMAINING, load_account, load_end_context
from collaboration.services import Revisions, Services, not_found
from collaboration.storage import items, lists
from collaboration.storage.unreadable import readable

Context = TypeVar("Context")


def end_collaboration(
    services: Services, email: Email, collaboration_id: CollaborationId, revisions: Revisions, command: ending.End
) -> tuple[Collaboration, tuple[Collaboration, ...]]:
    """End a collaboration of one of somebody's companies, or arrange its end; and the company's others that go on.

    Raises:
        RefusedError: it is none of theirs, it has another revision, or it cannot be ended so.
        TableUnavailableError: the table does not answer.
    """
    after = _apply(
        services,
        email,
        collaboration_id,
        revisions,
        lambda collaboration: load_end_context(services, collaboration),
        lambda context, actor, now: ending.end(context, command, actor, now),
    )
    rows = newest(services, [after.account_id] if after.account_id else [], lists.collaborations_of_account)
    others = (collaboration for _, collaboration in readable(rows, items.collaboration))
    going_on = (other for other in others if other.id != after.id and other.state is CollaborationState.ACTIVE)
    shown, *others_shown = as_company_sees(services, (after, *islice(going_on, MOST_REMAINING)))
    return shown, tuple(others_shown)


def cancel_end(
    services: Services, email: Email, collaboration_id: CollaborationId, revisions: Revisions
) -> Collaboration:
    """Cancel the arranged end of a collaboration of one of somebody's companies.

    Raises:
        RefusedError: it is none of theirs, it has another revision, or the end is the office's.
        TableUnavailableError: the table does not answer.
    """
    after = _apply(services, email, collaboration_id, revisions, lambda collaboration: collaboration, ending.cancel)
    return as_company_sees(services, (after,))[0]


def _apply(
    services: Services,
    email: Email,
    collaboration_id: CollaborationId,
    revisions: Revisions,
    load: Callable[[Collaboration], Context],
    decide: Callable[[Context, Actor, datetime], Change | None],
) -> Collaboration:
    """The collaboration after a decision of an administrator; as it was, where nothing changes."""

    def load_all() -> tuple[Collaboration, Actor, Context]:
        collaboration = find_collaboration(services, email, collaboration_id)
        require_revision(collaboration, revisions)
        return collaboration, _actor(services, collaboration, email), load(collaboration)

    applied = apply_change(services, load_all, lambda loaded, now: decide(loaded[2], loaded[1], now))
    return entity_after(applied.change.collaboration if applied.change else None, applied.context[0])


def _actor(services: Services, collaboration: Collaboration, email: Email) -> Actor:
    """An administrator of the collaboration's account, by the name that the register has.

    Raises:
        RefusedError: `not-found`, an unlinked import is with another account by now, or with none.
    """
    account = load_account(services, collaboration)
    user = account.administrator(email) if account and account.id == collaboration.account_id else None
    if user is None:
        raise not_found()
    return Actor(side=Side.CUSTOMER, name=user.name)


def decide_invitation(
    services: Services, email: Email, invitation_id: InvitationId, choice: Choice, message: str | None
) -> RecipientContext:
    """Accept or decline, signed in: the same decision as by link, without the digits.

    Raises:
        RefusedError: the invitation is none of theirs, is decided or dead, or they may not decide.
        TableUnavailableError: the table does not answer.
    """
    applied = apply_change(
        services,
        lambda: find_invitation(services, email, invitation_id),
        lambda context, now: decide(context, choice, None, message, now, by_link=False),
    )
    transition = applied.change.invitation if applied.change else None
    return replace(applied.context, invitation=entity_after(transition, applied.context.invitation))
