"""Somebody at a company, signed in: their companies' requests, and deciding there as by link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.history import OFFICE_ONLY, Entry, for_customer
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.domain.model.values import AccountId, CollaborationId, Email, InvitationId, OrganisationNumber
from collaboration.queries.collaborations import rows_of_account
from collaboration.queries.history import timeline
from collaboration.queries.invitation_context import load_invitation_context, recipient_context
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Services, not_found
from collaboration.storage import items, keys


def administered(services: Services, email: Email) -> dict[AccountId, Account]:
    """The accounts that somebody is an administrator of, by id, as the register has them now.

    Raises:
        Refused: of none.
    """
    index_entries = services.table.partition(keys.people(email))
    numbers = {items.string(hint, "sk").split("#")[1] for hint in index_entries}
    found = {
        account.id: account
        for number in sorted(numbers)
        for account in items.accounts(services.table.partition(keys.organisation(OrganisationNumber(number))))
        if account.administrator(email) is not None
    }
    if not found:
        raise refused(Slug.NOT_ALLOWED, hint="not-an-administrator")
    for account in found.values():
        if not account.signed_in:
            _mark_signed_in(services, account)
    return found


def _mark_signed_in(services: Services, account: Account) -> None:
    # Once per account: from now on nobody needs to be told how to sign in.
    place = keys.account(account.organisation_number, account.id)
    services.table.update(place, "SET #signedIn = :yes", {"#signedIn": "signedIn"}, {":yes": {"BOOL": True}})


@dataclass(frozen=True, slots=True)
class MyCollaborations:
    """Collaborations of somebody's companies, and the cursor of the rest."""

    rows: tuple[Collaboration, ...]
    cursor: str | None


def list_collaborations(services: Services, email: Email, page: PageRequest) -> MyCollaborations:
    """The collaborations of somebody's companies, newest first.

    Raises:
        Refused: they are administrator of no account, or the cursor is of another list.
    """
    accounts = administered(services, email)
    query = f"collaborations of {email.folded}"
    shown, cursor = _slice(newest(services, accounts, "COLLABORATION#"), query, page)
    agreements = [items.agreement_of(row) for row in shown]
    mails = services.table.get(*(keys.collaboration_delivery(agreement) for agreement in agreements))
    rows = (
        items.collaboration(row, mails.get(keys.collaboration_delivery(agreement)))
        for row, agreement in zip(shown, agreements, strict=True)
    )
    return MyCollaborations(tuple(rows), cursor)


def find_collaboration(services: Services, email: Email, collaboration_id: CollaborationId) -> Collaboration:
    """A collaboration of one of somebody's companies.

    Raises:
        Refused: they are administrator of no account, or it is none of theirs.
    """
    accounts = administered(services, email)
    agreement = collaboration_id.agreement
    found = services.table.get(*keys.collaboration_keys(agreement)) if agreement else {}
    collaboration = items.collaboration_at(found, agreement) if agreement else None
    if collaboration is None or collaboration.account_id not in accounts:
        raise not_found()
    return collaboration


def show_access(services: Services, email: Email, collaboration_id: CollaborationId) -> tuple[Access, ...]:
    """Who may open what through a collaboration of one of somebody's companies.

    Raises:
        Refused: as `find_collaboration`.
    """
    find_collaboration(services, email, collaboration_id)
    grants = services.table.partition(f"AGREEMENT#{collaboration_id.agreement}", "GRANT#")
    return tuple(items.access(item) for item in grants)


def show_history(
    services: Services, email: Email, collaboration_id: CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """The customer's part of a timeline, newest first.

    Raises:
        Refused: as `find_collaboration`, or the cursor is of another list.
    """
    find_collaboration(services, email, collaboration_id)
    entries, cursor = timeline(services, collaboration_id, page)
    return tuple(for_customer(entry) for entry in entries if entry.what not in OFFICE_ONLY), cursor


def list_invitations(
    services: Services, email: Email, page: PageRequest
) -> tuple[list[RecipientContext], str | None, datetime]:
    """The requests to somebody's companies, newest first, each as they would see it by link.

    Raises:
        Refused: they are administrator of no account, or the cursor is of another list.
    """
    now = services.clock()
    accounts = administered(services, email)
    query = f"requests of {email.folded}"
    shown, cursor = _slice(newest(services, accounts, "INVITATION#"), query, page)
    return [_load_recipient_context(services, items.invitation(row), accounts, email) for row in shown], cursor, now


def _slice(rows: list[items.Item], query: str, page: PageRequest) -> tuple[list[items.Item], str | None]:
    """The rows of a page, and the cursor of the rest."""
    before = position_of(query, page.cursor)
    use = [row for row in rows if before is None or items.string(row, "accountSk") < before]
    shown = use[: page.limit]
    return shown, cursor_of(query, items.string(shown[-1], "accountSk")) if len(use) > len(shown) else None


def newest(services: Services, accounts: Iterable[AccountId], prefix: str) -> list[items.Item]:
    """Everything of a kind of some accounts, newest first."""
    rows = (row for account_id in accounts for row in rows_of_account(services, account_id, prefix))
    return sorted(rows, key=lambda row: items.string(row, "accountSk"), reverse=True)


def find_invitation(services: Services, email: Email, invitation_id: InvitationId) -> RecipientContext:
    """A request to one of somebody's companies.

    Raises:
        Refused: they are administrator of no account, or it is none of theirs.
    """
    accounts = administered(services, email)
    agreement = invitation_id.agreement
    found = services.table.get(*keys.invitation_keys(agreement)) if agreement else {}
    invitation = items.invitation_at(found, agreement) if agreement else None
    if invitation is None or invitation.account_id not in accounts:
        raise not_found()
    return _load_recipient_context(services, invitation, accounts, email)


def _load_recipient_context(
    services: Services, invitation: Invitation, accounts: dict[AccountId, Account], email: Email
) -> RecipientContext:
    context, _ = load_invitation_context(services, invitation)
    # Who has a link as well is the same person there and here.
    for key, person in invitation.recipients.items():
        if person.email.folded == email.folded and not person.removed:
            return recipient_context(context, key, person, AttemptLimit())
    user = accounts[invitation.account_id].administrator(email)
    if user is None:
        raise not_found()
    key = f"u-{sha256(email.folded.encode()).hexdigest()[:16]}"
    return recipient_context(context, key, InvitationRecipient(email=user.email, name=user.name), AttemptLimit())
