"""Collaborations as employees of the office read them: one, its access, the list."""

from datetime import date

from collaboration.domain.model.access import Access
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import CollaborationId, CustomerId, EmployeeId, OfficeId, TaskId, local_midnight
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_collaboration
from collaboration.queries.paging import Listed, Narrowed, PageRequest, Part, list_narrowed, list_page, part_of
from collaboration.services import Caller, Services
from collaboration.storage import grant_items, items, keys, lists
from collaboration.storage.markers import Marker


@dataclass(frozen=True, kw_only=True)
class CollaborationFilter:
    """Filters of the list of collaborations, combined with AND; None lets everything through.

    `ends_before` and `renews_before`: days in Sweden, which the arranged end or the next renewal comes before; an end
    that has failed and what has ended are left out; `with_problem`: an arranged end could not be carried out.
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
        following = collaboration.next_end
        active = collaboration.state is CollaborationState.ACTIVE
        return (
            self.customer_id in (None, collaboration.customer_id)
            and self.solution in (None, collaboration.solution)
            and self.task_id in (None, collaboration.task_id)
            and self.task_owner in (None, collaboration.list_row.task_owner)
            and self.account_manager in (None, collaboration.list_row.account_manager)
            and self.state in (None, collaboration.state)
            and self.linked in (None, collaboration.linked)
            and _is_before(following.on if following else None, self.ends_before)
            and _is_before(collaboration.renews_on if active else None, self.renews_before)
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
    services: Services, caller: Caller, collaboration_id: CollaborationId, page: PageRequest
) -> tuple[Collaboration, Part[Access]]:
    """A collaboration, and part of who may open what through it.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's;
            `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    (collaboration, _), grants = services.table.gather(
        lambda: load_collaboration(services, caller, collaboration_id),
        lambda: list_grants(services, collaboration_id, page),
    )
    return collaboration, grants


def list_grants(services: Services, collaboration_id: CollaborationId, page: PageRequest) -> Part[Access]:
    """Part of the grants of a collaboration, whoever asks.

    Raises:
        RefusedError: `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    agreement = collaboration_id.agreement
    grants = services.table.partition(keys.agreement_partition(agreement), keys.GRANTS) if agreement else []
    accesses = [grant_items.access(item) for item in grants]
    return part_of(accesses, f"access of {collaboration_id}", page, lambda access: access.key)


def list_collaborations(
    services: Services, caller: Caller, wanted: CollaborationFilter, page: PageRequest
) -> Listed[Collaboration]:
    """The office's collaborations that a filter lets through, newest first.

    Active ones by the day before which they end or renew: by that day, the soonest first.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            list.
        TableUnavailableError: the table does not answer.
    """

    def whole_list() -> Listed[Collaboration]:
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

    narrowed = _narrowed(caller.office_id, wanted)
    if narrowed is None:
        return whole_list()
    return list_narrowed(
        services, caller, page, narrowed, repr(wanted), items.collaboration, wanted.lets_through, whole_list
    )


def _narrowed(office_id: OfficeId, wanted: CollaborationFilter) -> Narrowed | None:
    """The markers among which everything is that the filter lets through; None where there are none."""
    until = None
    if wanted.customer_id:
        markers = lists.collaborations_of_customer(office_id, wanted.customer_id)
    elif wanted.state is not CollaborationState.ACTIVE:
        return None
    elif wanted.with_problem:
        markers = lists.marked(office_id, Marker.PROBLEM)
    elif wanted.linked is False:
        markers = lists.marked(office_id, Marker.UNLINKED)
    elif wanted.ends_before:
        markers, until = lists.marked(office_id, Marker.ENDING), _start_of(wanted.ends_before)
    elif wanted.renews_before:
        markers, until = lists.marked(office_id, Marker.RENEWING), _start_of(wanted.renews_before)
    else:
        return None
    return Narrowed(markers, keys.collaboration_keys, until)


def _start_of(day: date) -> str:
    return keys.sortable(local_midnight(day))
