"""The holder of a mailed link views an invitation, decides it, or asks for a new one."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from collaboration.commands.apply_change import Applied, apply_change, entity_after
from collaboration.commands.obstacle_notes import note_obstacle
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions import invitation_lifecycle
from collaboration.domain.decisions.deciding import WrongDigitsError, check_decider, decide
from collaboration.domain.model.change import Change
from collaboration.domain.model.faults import RefusedError, UnreadableError
from collaboration.domain.model.history import EntryKind
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.values import Email
from collaboration.link_tokens import TokenClaims
from collaboration.queries.invitation_context import load_recipient_context
from collaboration.services import Services, retry_on_conflict
from collaboration.storage.commit import commit
from collaboration.storage.markers import missing_bounced_marker
from collaboration.storage.marking import mark_fetched
from collaboration.storage.table import TableUnavailableError

# What keeps something beside a command from being noted, and fails no command: the audit notes it.
_LEFT_TO_AUDIT = (RefusedError, TableUnavailableError, UnreadableError)


def view_invitation(services: Services, holder: TokenClaims) -> tuple[RecipientContext, datetime]:
    """The invitation as the holder of a link sees it, and the time (UTC). Counts that the link was fetched.

    Raises:
        RefusedError: `not-found`, the link is of no invitation, or a newer one took its place.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    context = load_recipient_context(services, holder)
    if context.holder:
        mark_fetched(services.table, holder.agreement, holder.recipient, holder.version, now)
    return context, now


def check_by_link(services: Services, holder: TokenClaims, ending: str | None) -> RecipientContext:
    """The invitation for a holder who may decide and knows the digits; nothing is decided, wrong digits count.

    Args:
        services: the application's services.
        holder: whose link it is.
        ending: the last four digits of the organisation number, as they were typed.

    Raises:
        RefusedError: as `decide_by_link`.
        WrongDigitsError: the digits are wrong; the try has been counted.
        TableUnavailableError: the table does not answer.
    """

    def check(context: RecipientContext, now: datetime) -> Change | None:
        return _counted(services, holder, lambda: check_decider(context, ending, now))

    return apply_change(services, lambda: load_recipient_context(services, holder), check).context


def decide_by_link(
    services: Services, holder: TokenClaims, choice: Choice, ending: str | None, message: str | None
) -> RecipientContext:
    """The invitation after it was accepted or declined by link; the same again by the same person changes nothing.

    Args:
        services: the application's services.
        holder: whose link it is.
        choice: what is decided.
        ending: the last four digits of the organisation number, as they were typed.
        message: to the office.

    Raises:
        RefusedError: it is decided or dead, the holder may not decide, the digits are missing, or the link or the
            invitation takes no more tries.
        WrongDigitsError: the digits are wrong; the try has been counted.
        TableUnavailableError: the table does not answer.
    """

    def choose(context: RecipientContext, now: datetime) -> Change | None:
        return _counted(services, holder, lambda: decide(context, choice, ending, message, now))

    applied = apply_change(services, lambda: load_recipient_context(services, holder), choose)
    return _after(applied)


def _after(applied: Applied[RecipientContext]) -> RecipientContext:
    transition = applied.change.invitation if applied.change else None
    return replace(applied.context, invitation=entity_after(transition, applied.context.invitation))


def _counted(services: Services, holder: TokenClaims, check: Callable[[], Change | None]) -> Change | None:
    try:
        return check()
    except WrongDigitsError as wrong:
        # On the count that was read: of many tries at once each is counted before it learns that it was wrong.
        commit(services.table, wrong.change)
        if wrong.closing is EntryKind.DIGITS_EXHAUSTED:
            # The try is counted and answered, whether or not lists say at once what the office can do about it.
            with suppress(*_LEFT_TO_AUDIT):
                note_obstacle(services, holder.agreement)
        raise


def ask_again(services: Services, holder: TokenClaims) -> RecipientContext:
    """Tell the office that a new invitation is wanted, where this one is dead; once a day.

    Raises:
        RefusedError: `not-found`, the link is of no invitation, or a newer one took its place.
        TableUnavailableError: the table does not answer.
    """
    applied = apply_change(services, lambda: load_recipient_context(services, holder), invitation_lifecycle.ask_again)
    return applied.context


def report_wrong_recipient(services: Services, holder: TokenClaims, address: Email) -> RecipientContext:
    """Close the link of a holder who says that the invitation is not for them, and tell the office.

    Raises:
        RefusedError: the invitation is decided or dead, or the mail came to another address.
        TableUnavailableError: the table does not answer.
    """

    def report(context: RecipientContext, now: datetime) -> Change:
        return invitation_lifecycle.report_wrong_recipient(context, address, now)

    applied = apply_change(services, lambda: load_recipient_context(services, holder), report)
    # What is neither noted nor counted here, the audit does.
    with suppress(*_LEFT_TO_AUDIT):
        after = _after(applied)
        if after.any_obstacle is not after.invitation.obstacle:
            # Nobody else has a link, or is administrator still.
            note_obstacle(services, holder.agreement)
        # Another's mail may have come back since the invitation was read.
        retry_on_conflict(lambda now: _count_bounced(services, holder, now), services)
    return applied.context


def _count_bounced(services: Services, holder: TokenClaims, now: datetime) -> None:
    if found := [*missing_bounced_marker(services.table, holder.agreement, now)]:
        services.table.write(found)
