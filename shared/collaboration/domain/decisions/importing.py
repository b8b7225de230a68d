"""Import collaborations of the older desktop program, unlinked; and keep them with the account of their company."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.change import Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import (
    Collaboration,
    CollaborationState,
    Origin,
    binds_account,
    copied_terms,
)
from collaboration.domain.model.history import PLATFORM, EntryKind, history_entries
from collaboration.domain.model.setup import solution_asked
from collaboration.domain.model.subscriptions import SubscriptionUse, with_use, without_collaboration
from collaboration.domain.model.values import AgreementId, OfficeId, OrganisationNumber, Outcome, Value


class ImportedRow(Value):
    """A collaboration of the older program. Its reference names it among those of the office."""

    organisation_number: OrganisationNumber
    solution: str | None = None
    reference: str


def imported(
    office_id: OfficeId, agreement: AgreementId, row: ImportedRow, accounts: tuple[Account, ...], now: datetime
) -> Change:
    """An unlinked collaboration: kept whether or not the company is a customer or has an account.

    It is with the only account of its number at once; `assign_account` makes it rest on that account's solution.

    Args:
        office_id: the office whose collaboration it is.
        agreement: the id of its agreement.
        row: what the older program knows of it.
        accounts: the accounts with its organisation number.
        now: the time, in UTC.

    Raises:
        RefusedError: the solution is not in the catalogue.
    """
    if row.solution is not None:
        solution_asked(row.solution)
    unassigned = Collaboration(
        agreement=agreement,
        office_id=office_id,
        organisation_number=row.organisation_number,
        origin=Origin.IMPORT,
        started_at=now,
        solution=row.solution,
        imported_solution=row.solution,
        reference=row.reference,
    )
    collaboration = _assigned(unassigned, choose_account(accounts, None))
    return Change(
        at=now,
        collaboration=Transition(None, collaboration),
        history=history_entries(collaboration.subject, PLATFORM, now, EntryKind.COLLABORATION_IMPORTED),
    )


def assign_account(collaboration: Collaboration, accounts: tuple[Account, ...], now: datetime) -> Change | None:
    """Keep an unlinked import with the only account of its organisation number: `import-belongs-to-only-account`.

    None when it is with the right one, or is none of these. The revision stays, since nothing that was agreed changes.

    Args:
        collaboration: a collaboration.
        accounts: the accounts with its organisation number.
        now: the time, in UTC.
    """
    if collaboration.state is CollaborationState.ENDED or binds_account(collaboration):
        return None
    after = _assigned(collaboration, choose_account(accounts, None))
    subscriptions = tuple(_subscriptions(collaboration, after, accounts))
    if after == collaboration and not subscriptions:
        return None
    return Change(at=now, collaboration=Transition(collaboration, after), subscriptions=subscriptions)


def _assigned(collaboration: Collaboration, account: Account | None) -> Collaboration:
    solution = collaboration.imported_solution
    existing = account.any_subscription(solution) if account and solution else None
    terms: dict[str, object] = {"setup": SetUp(), "next_setup": None, "renews_on": None, "customer_owned": False}
    if existing is not None:
        terms |= copied_terms(existing)
    return collaboration.replace(account_id=account.id if account else None, solution=solution, **terms)


def _subscriptions(
    before: Collaboration, after: Collaboration, accounts: tuple[Account, ...]
) -> Iterator[SubscriptionTransition]:
    if before.solution is not None and before.solution != after.solution:
        # It was linked to a solution that the older program did not name, and is so no longer.
        yield from _released(before, accounts)
    if after.solution is None:
        return
    for account in accounts:
        if account.id not in {before.account_id, after.account_id}:
            continue
        existing = account.any_subscription(after.solution)
        if account.id == after.account_id and not (existing and existing.is_used_by(after.id)):
            use = SubscriptionUse(office_id=after.office_id, collaboration_id=after.id)
            joined = with_use(existing, after.solution, use)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, joined))
        elif account.id != after.account_id and existing and before.solution == after.solution:
            released = without_collaboration(existing, after.id, Outcome.CONTINUE)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, released))


def _released(before: Collaboration, accounts: tuple[Account, ...]) -> Iterator[SubscriptionTransition]:
    for account in accounts:
        if account.id != before.account_id or before.solution is None:
            continue
        existing = account.any_subscription(before.solution)
        if existing and existing.is_used_by(before.id):
            released = without_collaboration(existing, before.id, Outcome.CONTINUE)
            yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, released))
