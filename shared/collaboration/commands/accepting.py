"""The holder of a mailed link looks, and decides."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.commands.services import Services, not_found, until_settled
from collaboration.domain.deciding import Visit, WrongDigits, decide
from collaboration.domain.directory import Customer, Office, Task
from collaboration.domain.invitation import Choice, Invitation
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
    office_id, customer_id = invitation.office_id, invitation.customer_id
    at_customer = keys.customer(office_id, customer_id)
    at_task = keys.task(office_id, customer_id, invitation.task_id)
    at_office, directory, under_number = services.table.together(
        lambda: services.table.partition(keys.office(office_id).pk),
        lambda: services.table.get(at_customer, at_task),
        lambda: services.table.partition(keys.organisation(invitation.organisation_number)),
    )
    office = items.only(Office, at_office, "OFFICE")
    if office is None:
        raise not_found()
    return Visit(
        invitation=invitation,
        recipient=holder.recipient,
        holder=person,
        door=items.link_door(found.get(at_link)),
        office=office,
        employees=items.employees(at_office),
        customer=items.at(Customer, directory, at_customer),
        task=items.at(Task, directory, at_task),
        account=next(
            (account for account in items.accounts(under_number) if account.id == invitation.account_id), None
        ),
    )
