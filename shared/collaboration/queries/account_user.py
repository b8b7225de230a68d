"""What a signed-in administrator of accounts reads: their companies' invitations and collaborations."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.catalogue import Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import Slug, UnreadableError, refused
from collaboration.domain.model.history import Entry, for_customer
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.domain.model.values import AccountId, CollaborationId, Email, InvitationId, Side
from collaboration.frozen import dataclass
from collaboration.queries.collaboration_context import find_collaboration as find_any_collaboration
from collaboration.queries.collaborations import list_grants
from collaboration.queries.history import timeline
from collaboration.queries.invitation_context import load_invitation_context, recipient_context
from collaboration.queries.paging import PageRequest, Part, cursor_of, fitting, part_of, position_of
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys, lists
from collaboration.storage.table import Table
from collaboration.storage.unreadable import readable

RowsOfAccount = Callable[[Table, AccountId], Iterator[items.Item]]


def administered(services: Services, email: Email) -> dict[AccountId, Account]:
    """The accounts that somebody is an administrator of, by id, as the register has them now.

    Raises:
        RefusedError: `not-allowed`, they are administrator of none.
        UnreadableError: what is stored of the only account they may be administrator of cannot be read.
        TableUnavailableError: the table does not answer.
    """
    index_entries = services.table.partition(keys.people(email))
    named = {items.account_of_person(entry) for entry in index_entries}
    accounts = [
        account
        for number in sorted({number for number, _ in named})
        for account in account_items.accounts(services.table.partition(keys.organisation(number)))
    ]
    found = {account.id: account for account in accounts if account.administrator(email) is not None}
    if not found:
        # Whether they are administrator of one that cannot be read is not known.
        if any(account.unreadable and (account.organisation_number, account.id) in named for account in accounts):
            raise UnreadableError("account")
        raise refused(Slug.NOT_ALLOWED, hint="not-an-administrator")
    return found


@dataclass(frozen=True)
class MyCollaborations:
    """Collaborations of somebody's companies, and the cursor of the rest (None at the end)."""

    rows: tuple[Collaboration, ...]
    cursor: str | None


def list_collaborations(services: Services, email: Email, page: PageRequest) -> MyCollaborations:
    """The collaborations of somebody's companies, newest first.

    Raises:
        RefusedError: `not-allowed`, they are administrator of no account; `malformed-request`, the cursor is of
            another list.
        TableUnavailableError: the table does not answer.
    """
    rows = newest(services, administered(services, email), lists.collaborations_of_account)
    shown, cursor = _slice(rows, f"collaborations of {email.folded}", page)
    agreements = [items.agreement_of(row) for row in shown]
    mails = services.table.get(*(keys.collaboration_delivery(agreement) for agreement in agreements))
    collaborations = readable(
        shown, lambda row: items.collaboration(row, mails.get(keys.collaboration_delivery(items.agreement_of(row))))
    )
    return MyCollaborations(as_company_sees(services, (collaboration for _, collaboration in collaborations)), cursor)


def as_company_sees(services: Services, collaborations: Iterable[Collaboration]) -> tuple[Collaboration, ...]:
    """Collaborations with the names of their offices, and the language of their customers, as these are now.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    rows = tuple(collaborations)
    offices = {row.agreement: keys.office(row.office_id) for row in rows}
    customers = {row.agreement: keys.customer(row.office_id, row.customer_id) for row in rows if row.customer_id}
    found = services.table.get(*offices.values(), *customers.values())
    office_items = (found[key] for key in {*offices.values()} & found.keys())
    named = {items.key_of(item): office.name for item, office in readable(office_items, items.office)}
    customer_items = (found[key] for key in {*customers.values()} & found.keys())
    spoken = {items.key_of(item): customer.locale for item, customer in readable(customer_items, items.customer)}
    return tuple(
        row.replace(
            list_row=row.list_row.replace(
                office_name=named.get(offices[row.agreement]),
                customer_locale=spoken.get(customers[row.agreement]) if row.agreement in customers else None,
            )
        )
        for row in rows
    )


def find_collaboration(services: Services, email: Email, collaboration_id: CollaborationId) -> Collaboration:
    """A collaboration of one of somebody's companies.

    Raises:
        RefusedError: `not-allowed`, they are administrator of no account; `not-found`, it is none of theirs.
        TableUnavailableError: the table does not answer.
    """
    accounts = administered(services, email)
    agreement = collaboration_id.agreement
    collaboration = find_any_collaboration(services, agreement) if agreement else None
    if collaboration is None or collaboration.account_id not in accounts:
        raise not_found()
    return collaboration


def show_access(
    services: Services, email: Email, collaboration_id: CollaborationId, page: PageRequest
) -> tuple[Collaboration, Part[Access]]:
    """A collaboration of one of somebody's companies, and part of who may open what through it.

    Raises:
        RefusedError: as `find_collaboration`; `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    collaboration = find_collaboration(services, email, collaboration_id)
    return collaboration, list_grants(services, collaboration_id, page)


def show_history(
    services: Services, email: Email, collaboration_id: CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """The customer's part of a timeline, newest first, and the cursor of the rest.

    Raises:
        RefusedError: as `find_collaboration`; `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    collaboration = find_collaboration(services, email, collaboration_id)
    entries, cursor = timeline(services, collaboration_id, page)
    # Of the time when it was with another company's account, that company's people are nobody's business here.
    shown = (for_customer(entry) for entry in entries if _is_of(entry, collaboration.account_id))
    return tuple(entry for entry in shown if entry is not None), cursor


def _is_of(entry: Entry, account_id: AccountId | None) -> bool:
    """Whether an entry is of the account, or of a time without account and about nobody at a company."""
    if entry.subject.account_id is None:
        return entry.by.side is not Side.CUSTOMER and not (entry.person and entry.person.side is Side.CUSTOMER)
    return entry.subject.account_id == account_id


def list_invitations(
    services: Services, email: Email, page: PageRequest
) -> tuple[list[RecipientContext], str | None, datetime]:
    """The invitations to somebody's companies, newest first, each as they would see it by link; the time (UTC).

    Raises:
        RefusedError: `not-allowed`, they are administrator of no account; `malformed-request`, the cursor is of
            another list.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    accounts = administered(services, email)
    rows = newest(services, accounts, lists.invitations_of_account)
    query = f"requests of {email.folded}"
    shown, cursor = _slice(rows, query, page)
    contexts = _readable_contexts(services, readable(shown, items.invitation), accounts, email)
    # Each names everybody who would get access.
    fit, cut = fitting(contexts, lambda found: sum(len(name.encode()) for name in found[1].office_names))
    if cut:
        cursor = cursor_of(query, lists.account_position_of(fit[-1][0]))
    return [context for _, context in fit], cursor, now


def _readable_contexts(
    services: Services,
    rows: Iterable[tuple[items.Item, Invitation]],
    accounts: dict[AccountId, Account],
    email: Email,
) -> Iterator[tuple[items.Item, RecipientContext]]:
    """The invitations as they would be seen by link, without those around which something cannot be read."""
    for row, invitation in rows:
        with suppress(UnreadableError):
            yield row, _load_recipient_context(services, invitation, accounts, email)


def _slice(rows: list[items.Item], query: str, page: PageRequest) -> tuple[list[items.Item], str | None]:
    """The rows of a page, and the cursor of the rest."""
    before = position_of(query, page.cursor)
    remaining = [row for row in rows if before is None or lists.account_position_of(row) < before]
    shown, _ = fitting(remaining[: page.limit], items.size_of_data)
    more = len(remaining) > len(shown)
    return shown, cursor_of(query, lists.account_position_of(shown[-1])) if more else None


def newest(services: Services, accounts: Iterable[AccountId], rows_of: RowsOfAccount) -> list[items.Item]:
    """The rows of some accounts that `rows_of` reads, newest first.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    rows = (row for account_id in accounts for row in rows_of(services.table, account_id))
    return sorted(rows, key=lists.account_position_of, reverse=True)


def list_solutions(services: Services, email: Email, page: PageRequest) -> Part[Solution]:
    """Part of the solutions that occur in the invitations to somebody's companies and in their collaborations.

    Raises:
        RefusedError: `not-allowed`, they are administrator of no account; `malformed-request`, the cursor is of
            another list.
        TableUnavailableError: the table does not answer.
    """
    accounts = administered(services, email)
    invitations = readable(newest(services, accounts, lists.invitations_of_account), items.invitation)
    collaborations = readable(newest(services, accounts, lists.collaborations_of_account), items.collaboration)
    occurring = {invitation.solution for _, invitation in invitations}
    occurring |= {collaboration.solution for _, collaboration in collaborations if collaboration.solution}
    found = [solution for solution in catalogue().solutions if solution.key in occurring]
    return part_of(found, f"solutions of {email.folded}", page, lambda solution: solution.key)


def find_invitation(services: Services, email: Email, invitation_id: InvitationId) -> RecipientContext:
    """An invitation to one of somebody's companies, as they would see it by link.

    Raises:
        RefusedError: `not-allowed`, they are administrator of no account; `not-found`, it is none of theirs.
        TableUnavailableError: the table does not answer.
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
    loaded, _ = load_invitation_context(services, invitation, email)
    # Signing in takes the place of the digits, so what was typed on links closes nothing here.
    context = replace(loaded, attempt_limit=AttemptLimit())
    # Who has a link as well is the same person there and here.
    for key, person in invitation.recipients.items():
        if person.email.folded == email.folded and not person.removed:
            return recipient_context(context, key, person)
    user = accounts[invitation.account_id].administrator(email)
    if user is None:
        raise not_found()
    key = f"u-{sha256(email.folded.encode()).hexdigest()[:16]}"
    return recipient_context(context, key, InvitationRecipient(email=user.email, name=user.name))
