"""Invitations as employees of the office read them: one, and the list that they know as *Sent requests*."""

from collections.abc import Iterable
from datetime import datetime

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import CustomerId, EmployeeId, InvitationId, OfficeId
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_invitation
from collaboration.queries.paging import Listed, Narrowed, PageRequest, list_narrowed, list_page
from collaboration.services import Caller, Services
from collaboration.storage import items, keys, lists
from collaboration.storage.markers import Marker


@dataclass(frozen=True, kw_only=True)
class InvitationFilter:
    """Filters of the list of invitations, combined with AND; None lets everything through."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: str | None = None
    sent_by: EmployeeId | None = None
    expiring_before: datetime | None = None
    bounced: bool | None = None
    with_obstacle: bool | None = None

    def lets_through(self, invitation: Invitation, now: datetime) -> bool:
        """Whether all filters let an invitation through at `now`: `filters-combine-with-and`."""
        state = invitation.state_at(now)
        expiring = self.expiring_before is None or (
            state is InvitationState.PENDING and invitation.expires_at < self.expiring_before
        )
        return (
            expiring
            and self.status in (None, state)
            and self.customer_id in (None, invitation.customer_id)
            and self.solution in (None, invitation.solution)
            and self.sent_by in (None, invitation.sent_by.employee_id)
            and self.bounced in (None, bool(invitation.bounced))
            and self.with_obstacle in (None, invitation.obstacle_at(now) is not None)
        )


def show_invitation(
    services: Services, caller: Caller, invitation_id: InvitationId
) -> tuple[Invitation, Employee, datetime]:
    """One invitation of the office, the caller, and the time at which it was read (UTC).

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    invitation, active_caller = load_invitation(services, caller, invitation_id)
    return invitation, active_caller.caller, now


def list_invitations(
    services: Services, caller: Caller, wanted: InvitationFilter, page: PageRequest
) -> Listed[Invitation]:
    """The office's invitations that a filter lets through, newest first.

    Pending ones by their expiry, the latest first; those that expire before a time by it as well, the soonest first.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            list.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()

    def lets_through(invitation: Invitation) -> bool:
        return wanted.lets_through(invitation, now)

    def whole_list() -> Listed[Invitation]:
        return list_page(
            services,
            caller,
            page,
            lists.invitations_of(caller.office_id),
            repr(wanted),
            items.invitation,
            lets_through,
            filtered=wanted != InvitationFilter(),
        )

    narrowed = _narrowed(caller.office_id, wanted)
    if narrowed is None:
        return whole_list()
    return list_narrowed(services, caller, page, narrowed, repr(wanted), items.invitation, lets_through, whole_list)


def replaced_among(services: Services, invitations: Iterable[Invitation], now: datetime) -> frozenset[InvitationId]:
    """Those that have expired, and in whose place a later one, or a collaboration, is live: `actions-are-accepted`.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    guard_keys = {
        invitation.id: keys.guard(invitation.office_id, invitation.customer_id, invitation.solution)
        for invitation in invitations
        if invitation.state_at(now) is InvitationState.EXPIRED and not invitation.erased_at
    }
    if not guard_keys:
        return frozenset()
    found = services.table.get(*guard_keys.values())
    return frozenset(
        invitation_id
        for invitation_id, guard_key in guard_keys.items()
        if guard_key in found and items.guard(found[guard_key]).excludes(invitation_id, now)
    )


def _narrowed(office_id: OfficeId, wanted: InvitationFilter) -> Narrowed | None:
    """The markers among which everything is that the filter lets through; None where there are none."""
    # A key holds milliseconds: the filter itself judges the last of them.
    until = keys.sortable_after(wanted.expiring_before) if wanted.expiring_before else None
    if wanted.customer_id:
        return Narrowed(lists.invitations_of_customer(office_id, wanted.customer_id), keys.invitation_keys)
    if wanted.status is not InvitationState.PENDING and until is None:
        return None
    marker = Marker.BOUNCED if wanted.bounced else Marker.OBSTRUCTED if wanted.with_obstacle else Marker.PENDING
    return Narrowed(lists.marked(office_id, marker), keys.invitation_keys, until)
