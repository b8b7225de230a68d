"""TODO queries.collaborations."""

from collections.abc import Iterator
from dataclasses import dataclass

from collaboration.domain.model.access import Access
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    EmployeeId,
    OfficeId,
    TaskId,
)
from collaboration.queries.caller import load_for_caller
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services, not_found
from collaboration.storage import items, keys


@dataclass(frozen=True, slots=True, kw_only=True)
class CollaborationFilter:
    """Filters of collaborations; None lets everything through."""

    customer_id: CustomerId | None = None
    solution: str | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: bool | None = None

    def lets_through(self, collaboration: Collaboration) -> bool:
        """Whether all filters do: `filters-combine-with-and`."""
        return (
            self.customer_id in (None, collaboration.customer_id)
            and self.solution in (None, collaboration.solution)
            and self.task_id in (None, collaboration.task_id)
            and self.task_owner in (None, collaboration.list_row.task_owner)
            and self.account_manager in (None, collaboration.list_row.account_manager)
            and self.state in (None, collaboration.state)
            and self.linked in (None, collaboration.linked)
        )


def show_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId
) -> tuple[Collaboration, Employee]:
    """One collaboration of the office.

    Raises:
        Refused: the caller is nobody here, or the collaboration is not the office's.
    """
    agreement = collaboration_id.agreement
    employee, found = load_for_caller(services, caller, keys.collaboration_keys(agreement) if agreement else ())
    collaboration = items.collaboration_at(found, agreement) if agreement else None
    if collaboration is None or collaboration.office_id != caller.office_id:
        raise not_found()
    return collaboration, employee


def show_access(services: Services, caller: Caller, collaboration_id: CollaborationId) -> tuple[Access, ...]:
    """Who may open what through a collaboration.

    Raises:
        Refused: the caller is nobody here, or the collaboration is not the office's.
    """
    partition = f"AGREEMENT#{collaboration_id.agreement}"
    _, grants = services.table.gather(
        lambda: show_collaboration(services, caller, collaboration_id),
        lambda: services.table.partition(partition, "GRANT#"),
    )
    return tuple(items.access(item) for item in grants)


def rows_of_account(services: Services, account_id: AccountId, prefix: str) -> Iterator[items.Item]:
    """Everything of a kind (`INVITATION#`, `COLLABORATION#`) that an account has, oldest first."""
    after = None
    while True:
        rows, after = services.table.page(f"ACCOUNT#{account_id}", index=keys.ACCOUNTS, prefix=prefix, after=after)
        yield from rows
        if after is None:
            return


def list_collaborations(
    services: Services, caller: Caller, wanted: CollaborationFilter, page: PageRequest
) -> Listed[Collaboration]:
    """The office's collaborations, newest first.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    return list_page(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#COLLABORATIONS",
        repr(wanted),
        items.collaboration,
        wanted.lets_through,
        lambda sort_key: keys.collaboration(AgreementId(sort_key.partition("#")[2])),
        filtered=wanted != CollaborationFilter(),
        items_per_row=2,
    )


def active_of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> tuple[Collaboration, ...]:
    """The active collaborations of a customer with the office."""
    guards = services.table.partition(keys.customer(office_id, customer_id).pk, "GUARD#")
    holders = [items.guard(item).collaboration for item in guards]
    agreements = [holder.agreement for holder in holders if holder and holder.agreement]
    found = services.table.get(*(key for agreement in agreements for key in keys.collaboration_keys(agreement)))
    return tuple(items.collaborations(found))
