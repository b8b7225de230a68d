"""Import collaborations of the older desktop program, unlinked; and keep them with the account of their company."""

from datetime import datetime

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import (
    Collaboration,
    CollaborationState,
    ListRow,
    Origin,
    binds_account,
    missing_unlinked,
)
from collaboration.domain.model.faults import Code, Fault, FieldFault, Slug
from collaboration.domain.model.history import PLATFORM, EntryKind, history_entries
from collaboration.domain.model.import_account import account_name, ends_left_behind, with_only_account
from collaboration.domain.model.setup import solution_asked
from collaboration.domain.model.values import AgreementId, OfficeId, OrganisationNumber, Value


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
    assigned, _ = with_only_account(unassigned, accounts)
    # Whether the number is a customer's is known to the access service, which follows at once.
    missing = missing_unlinked(has_account=assigned.account_id is not None)
    row_at_once = ListRow(account_name=account_name(assigned, accounts), missing=missing)
    collaboration = assigned.replace(list_row=row_at_once)
    return Change(
        at=now,
        collaboration=Transition(None, collaboration),
        history=history_entries(collaboration.subject, PLATFORM, now, EntryKind.COLLABORATION_IMPORTED),
    )


def import_fault(present: Collaboration, row: ImportedRow) -> Fault | None:
    """How a row that comes again differs from what was imported under its reference; None when it is the same.

    What was imported stays as it is: others may know of it by now, and rest on it.
    """
    differing = {
        "organisationNumber": present.organisation_number != row.organisation_number,
        "solution": present.imported_solution != row.solution,
    }
    fields = tuple(
        FieldFault(f"#/{name}", Code.NOT_AVAILABLE, hint="import") for name, differs in differing.items() if differs
    )
    return Fault(Slug.VALIDATION_FAILED, hint="import", fields=fields) if fields else None


def assign_account(collaboration: Collaboration, accounts: tuple[Account, ...], now: datetime) -> Change | None:
    """Keep an unlinked import with the only account of its organisation number: `import-belongs-to-only-account`.

    None when it is with the right one, or is none of these. The revision stays where nothing that was agreed changes.

    Args:
        collaboration: a collaboration.
        accounts: the accounts with its organisation number.
        now: the time, in UTC.
    """
    if collaboration.state is CollaborationState.ENDED or binds_account(collaboration):
        return None
    after, subscriptions = with_only_account(collaboration, accounts)
    if after == collaboration and not subscriptions:
        return None
    return Change(
        at=now,
        collaboration=Transition(collaboration, after),
        subscriptions=subscriptions,
        history=ends_left_behind(collaboration, after, now),
    )
