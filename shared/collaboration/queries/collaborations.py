"""Collaborations as employees of the office read them: one, its access, the list."""

from datetime import date

from collaboration.domain.model.access import Access
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import CollaborationId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_collaboration
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services
from collaboration.storage import grant_items, items, keys, lists


@dataclass(frozen=True, kw_only=True)
class CollaborationFilter:
    """Filters of the list of collaborations, combined with AND; None lets everything through.

    `ends_before` and `renews_before`: days in Sweden, which the arranged end or the next renewal comes before;
    `with_problem`: an arranged end could not be carried out.
    """

    customer_id: CustomerId | None = None
    solution: str | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: bool | None = None
    ends_before: date | None = None
    renews_before: date | None = None
    with_problem: bool | None = None

    def lets_through(self, collaboration: Collaboration) -> bool:
        """Whether all filters let a collaboration through: `filters-combine-with-and`."""
        return (
            self.customer_id in (None, collaboration.customer_id)
            and self.solution in (None, collaboration.solution)
            and self.task_id in (None, collaboration.task_id)
            and self.task_owner in (None, collaboration.list_row.task_owner)
            and self.account_manager in (None, collaboration.list_row.account_manager)
            and self.state in (None, collaboration.state)
            and self.linked in (None, collaboration.linked)
            and _is_before(collaboration.ends_on, self.ends_before)
            and _is_before(collaboration.renews_on, self.renews_before)
            and self.with_problem in (None, collaboration.has_problem)
        )


def _is_before(day: date | None, limit: date | None) -> bool:
    return limit is None or (day is not None and day < limit)


def show_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId
) -> tuple[Collaboration, Employee]:
    """One collaboration of the office, and the caller.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's.
        TableUnavailableError: the table does not answer.
    """
    collaboration, active_caller = load_collaboration(services, caller, collaboration_id)
    return collaboration, active_caller.caller


def show_access(
    services: Services, caller: Caller, collaboration_id: CollaborationId
) -> tuple[Collaboration, tuple[Access, ...]]:
    """A collaboration, and who may open what through it.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's.
        TableUnavailableError: the table does not answer.
    """
    (collaboration, _), grants = services.table.gather(
        lambda: load_collaboration(services, caller, collaboration_id), lambda: load_grants(services, collaboration_id)
    )
    return collaboration, grants


def load_grants(services: Services, collaboration_id: CollaborationId) -> tuple[Access, ...]:
    """The grants of a collaboration, whoever asks.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    agreement = collaboration_id.agreement
    if agreement is None:
        return ()
    grants = services.table.partition(keys.agreement_partition(agreement), keys.GRANTS)
    return tuple(grant_items.access(item) for item in grants)


def list_collaborations(
    services: Services, caller: Caller, wanted: CollaborationFilter, page: PageRequest
) -> Listed[Collaboration]:
    """The office's collaborations that a filter lets through, newest first.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            list.
        TableUnavailableError: the table does not answer.
    """
    return list_page(
        services,
        caller,
        page,
        lists.collaborations_of(caller.office_id),
        repr(wanted),
        items.collaboration,
        wanted.lets_through,
        filtered=wanted != CollaborationFilter(),
    )


def active_of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> tuple[Collaboration, ...]:
    """The active collaborations of a customer with the office.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    guards = services.table.partition(keys.customer(office_id, customer_id).pk, keys.GUARDS)
    holders = [holder for item in guards if (holder := items.guard(item).collaboration)]
    return load_collaborations(services, holders)
