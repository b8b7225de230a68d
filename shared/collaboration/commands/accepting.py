"""The holder of a mailed link looks, and decides."""

from dataclasses import dataclass, fields
from datetime import datetime

from collaboration.commands.context import load_context
from collaboration.commands.services import Services, not_found, until_settled
from collaboration.domain.deciding import Context, LinkDoor, Visit, WrongDigits, decide
from collaboration.domain.invitation import Addressee, Choice, Invitation
from collaboration.domain.reminding import ask_again as domain_ask_again
from collaboration.links import LinkHolder
from collaboration.storage import items, keys
from collaboration.storage.commit import ABSENT, commit


def look(services: Services, holder: LinkHolder) -> tuple[Visit, datetime]:
    """The request as the holder sees it; nothing changes but the mark that the link was fetched.

    Raises:
        Refused: the link is of no request, or a newer one took its place.
    """
    now = services.clock()
    visit = _visit(services, holder)
    if visit.holder.fetched_at is None:
        services.table.update(
            keys.invitation(holder.agreement),
            "SET #recipients.#recipient.#fetchedAt = if_not_exists(#recipients.#recipient.#fetchedAt, :now)",
            {"#recipients": "recipients", "#recipient": holder.recipient, "#fetchedAt": "fetchedAt"},
            {":now": items.milliseconds(now)},
        )
    return visit, now


@dataclass(frozen=True, slots=True)
class Decided:
    """A request after a decision, the customer's language known."""

    visit: Visit
    invitation: Invitation


def decide_by_link(
    services: Services, holder: LinkHolder, choice: Choice, ending: str | None, message: str | None
) -> Decided:
    """Accept or decline by link; the same again by the same person changes nothing.

    Raises:
        Refused: the request is decided or dead, the digits are wrong or missing, or the holder may not decide.
    """

    def attempt(now: datetime) -> Decided:
        visit = _visit(services, holder)
        try:
            change = decide(visit, choice, ending, message, now)
        except WrongDigits as wrong:
            _keep_wrong(services, holder, visit, wrong)
            raise
        if change is None:
            return Decided(visit, visit.invitation)
        commit(services.table, change)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("deciding changes the invitation")
        return Decided(visit, change.invitation.after)

    return until_settled(attempt, services.clock)


def ask_again(services: Services, holder: LinkHolder) -> Visit:
    """Tell the office that a new invitation is wanted, where the request is a dead end; once a day.

    Raises:
        Refused: the link is of no request, or a newer one took its place.
    """

    def attempt(now: datetime) -> Visit:
        visit = _visit(services, holder)
        change = domain_ask_again(visit, now)
        if change is not None:
            commit(services.table, change)
        return visit

    return until_settled(attempt, services.clock)


def _keep_wrong(services: Services, holder: LinkHolder, visit: Visit, wrong: WrongDigits) -> None:
    # On the count that was read: of many tries at once each has to be counted before it learns that it was wrong.
    counted = {":attempts": items.number(visit.door.attempts)} if visit.door.attempts else {}
    names = {"#data": "data", "#attempts": "attempts"}
    services.table.update(
        keys.link(holder.agreement, holder.recipient),
        "SET #data = :data, #attempts = :after",
        names if counted else {**names, "#pk": "pk"},
        {":data": items.data(wrong.door), ":after": items.number(wrong.door.attempts), **counted},
        "#attempts = :attempts" if counted else ABSENT,
    )


def _visit(services: Services, holder: LinkHolder) -> Visit:
    at_invitation, at_link = keys.invitation(holder.agreement), keys.link(holder.agreement, holder.recipient)
    found = services.table.get(at_invitation, at_link)
    if at_invitation not in found:
        raise not_found()
    invitation = items.invitation(found[at_invitation])
    person = invitation.recipients.get(holder.recipient)
    if person is None or person.gone or person.version != holder.version:
        raise not_found()
    context, _ = load_context(services, invitation)
    return visit_of(context, holder.recipient, person, items.link_door(found.get(at_link)))


def visit_of(context: Context, recipient: str, person: Addressee, door: LinkDoor) -> Visit:
    """An administrator in the context of an invitation."""
    around = {field.name: getattr(context, field.name) for field in fields(Context)}
    return Visit(**around, recipient=recipient, holder=person, door=door)
