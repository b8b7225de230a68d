"""The holder of a mailed link looks, and decides."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions.deciding import WrongDigitsError, decide
from collaboration.domain.decisions.invitation_lifecycle import ask_again as domain_ask_again
from collaboration.domain.model.invitation import Choice, Invitation
from collaboration.link_tokens import TokenClaims
from collaboration.queries.invitation_context import load_recipient_context
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import items, keys
from collaboration.storage.actions import ABSENT
from collaboration.storage.commit import commit
from collaboration.storage.marking import mark_fetched


def view_invitation(services: Services, holder: TokenClaims) -> tuple[RecipientContext, datetime]:
    """The request as the holder sees it; nothing changes but the mark that the link was fetched.

    Raises:
        Refused: the link is of no request, or a newer one took its place.
    """
    now = services.clock()
    context = load_recipient_context(services, holder)
    if context.holder.fetched_at is None:
        mark_fetched(services.table, holder.agreement, holder.recipient, holder.version, now)
    return context, now


@dataclass(frozen=True, slots=True)
class Decided:
    """A request after a decision, the customer's language known."""

    context: RecipientContext
    invitation: Invitation


def decide_by_link(
    services: Services, holder: TokenClaims, choice: Choice, ending: str | None, message: str | None
) -> Decided:
    """Accept or decline by link; the same again by the same person changes nothing.

    Raises:
        Refused: the request is decided or dead, the digits are wrong or missing, or the holder may not decide.
    """

    def attempt(now: datetime) -> Decided:
        context = load_recipient_context(services, holder)
        try:
            change = decide(context, choice, ending, message, now)
        except WrongDigitsError as wrong:
            _record_failed_attempt(services, holder, context, wrong)
            raise
        if change is None:
            return Decided(context, context.invitation)
        commit(services.table, change)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("deciding changes the invitation")
        return Decided(context, change.invitation.after)

    return retry_on_conflict(attempt, services.clock)


def ask_again(services: Services, holder: TokenClaims) -> RecipientContext:
    """Tell the office that a new invitation is wanted, where the request is a dead end; once a day.

    Raises:
        Refused: the link is of no request, or a newer one took its place.
    """

    def attempt(now: datetime) -> RecipientContext:
        context = load_recipient_context(services, holder)
        change = domain_ask_again(context, now)
        if change is not None:
            commit(services.table, change)
        return context

    return retry_on_conflict(attempt, services.clock)


def _record_failed_attempt(
    services: Services, holder: TokenClaims, context: RecipientContext, wrong: WrongDigitsError
) -> None:
    # On the count that was read: of many tries at once each has to be counted before it learns that it was wrong.
    counted = {":attempts": items.number(context.attempt_limit.attempts)} if context.attempt_limit.attempts else {}
    names = {"#data": "data", "#attempts": "attempts"}
    services.table.update(
        keys.link(holder.agreement, holder.recipient),
        "SET #data = :data, #attempts = :after",
        names if counted else {**names, "#pk": "pk"},
        {":data": items.data(wrong.attempt_limit), ":after": items.number(wrong.attempt_limit.attempts), **counted},
        "#attempts = :attempts" if counted else ABSENT,
    )
