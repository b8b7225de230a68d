"""Somebody at a company, signed in: their companies' requests, and deciding there as by link."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from collaboration.commands.accepting import visit_of
from collaboration.commands.context import load_context
from collaboration.commands.reading import Page, cursor_of, position_of
from collaboration.commands.services import Services, not_found, until_settled
from collaboration.domain.deciding import LinkDoor, Visit, decide
from collaboration.domain.directory import Account
from collaboration.domain.faults import Slug, refused
from collaboration.domain.invitation import Addressee, Choice, Invitation
from collaboration.domain.values import AccountId, Email, InvitationId, OrganisationNumber
from collaboration.storage import items, keys
from collaboration.storage.commit import commit


def administered(services: Services, email: Email) -> dict[AccountId, Account]:
    """The accounts that somebody is an administrator of, by id, as the register has them now.

    Raises:
        Refused: of none.
    """
    hints = services.table.partition(keys.people(email))
    numbers = {items.string(hint, "sk").split("#")[1] for hint in hints}
    found = {
        account.id: account
        for number in sorted(numbers)
        for account in items.accounts(services.table.partition(keys.organisation(OrganisationNumber(number))))
        if account.administrator(email) is not None
    }
    if not found:
        raise refused(Slug.NOT_ALLOWED, hint="not-an-administrator")
    return found


def list_requests(services: Services, email: Email, page: Page) -> tuple[list[Visit], str | None, datetime]:
    """The requests to somebody's companies, newest first, each as they would see it by link.

    Raises:
        Refused: they are administrator of no account, or the cursor is of another list.
    """
    now = services.clock()
    accounts = administered(services, email)
    query = f"requests of {email.folded}"
    before = position_of(query, page.cursor)
    rows = sorted(
        (row for account_id in accounts for row in _requests(services, account_id)),
        key=lambda row: items.string(row, "accountSk"),
        reverse=True,
    )
    rest = [row for row in rows if before is None or items.string(row, "accountSk") < before]
    shown = rest[: page.limit]
    cursor = cursor_of(query, items.string(shown[-1], "accountSk")) if len(rest) > len(shown) else None
    return [_visit(services, items.invitation(row), accounts, email) for row in shown], cursor, now


def _requests(services: Services, account_id: str) -> list[items.Item]:
    found: list[items.Item] = []
    after = None
    while True:
        rows, after = services.table.page(
            f"ACCOUNT#{account_id}", index=keys.ACCOUNTS, prefix="INVITATION#", after=after
        )
        found += rows
        if after is None:
            return found


def decide_request(
    services: Services, email: Email, invitation_id: InvitationId, choice: Choice, message: str | None
) -> Visit:
    """Accept or decline, signed in: the same decision as by link, without the digits.

    Raises:
        Refused: the request is none of theirs, is decided or dead, or they may not decide.
    """

    def attempt(now: datetime) -> Visit:
        visit = find_request(services, email, invitation_id)
        change = decide(visit, choice, None, message, now, by_link=False)
        if change is None:
            return visit
        commit(services.table, change)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("deciding changes the invitation")
        return replace(visit, invitation=change.invitation.after)

    return until_settled(attempt, services.clock)


def find_request(services: Services, email: Email, invitation_id: InvitationId) -> Visit:
    """A request to one of somebody's companies.

    Raises:
        Refused: they are administrator of no account, or it is none of theirs.
    """
    accounts = administered(services, email)
    place = keys.invitation(invitation_id.agreement) if invitation_id.agreement else None
    found = services.table.get(place) if place else {}
    if place is None or place not in found:
        raise not_found()
    invitation = items.invitation(found[place])
    if invitation.account_id not in accounts:
        raise not_found()
    return _visit(services, invitation, accounts, email)


def _visit(services: Services, invitation: Invitation, accounts: dict[AccountId, Account], email: Email) -> Visit:
    context, _ = load_context(services, invitation)
    # Who has a link as well is the same person there and here.
    for key, person in invitation.recipients.items():
        if person.email.folded == email.folded and not person.gone:
            return visit_of(context, key, person, LinkDoor())
    user = accounts[invitation.account_id].administrator(email)
    if user is None:
        raise not_found()
    key = f"u-{sha256(email.folded.encode()).hexdigest()[:16]}"
    return visit_of(context, key, Addressee(email=user.email, name=user.name), LinkDoor())
