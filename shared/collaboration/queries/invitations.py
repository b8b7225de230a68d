"""TODO queries.invitations."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AgreementId, CustomerId, EmployeeId, InvitationId
from collaboration.queries.caller import load_for_caller
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services, not_found
from collaboration.storage import items, keys


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFilter:
    """Filters of sent requests; None lets everything through."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: str | None = None
    sent_by: EmployeeId | None = None
    expiring_before: datetime | None = None

    def lets_through(self, invitation: Invitation, now: datetime) -> bool:
        """Whether all filters do: `filters-combine-with-and`."""
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
        )


def show_invitation(
    services: Services, caller: Caller, invitation_id: InvitationId
) -> tuple[Invitation, Employee, datetime]:
    """One request of the office.

    Raises:
        Refused: the caller is nobody here, or the request is not the office's.
    """
    now = services.clock()
    agreement = invitation_id.agreement
    employee, found = load_for_caller(services, caller, keys.invitation_keys(agreement) if agreement else ())
    invitation = items.invitation_at(found, agreement) if agreement else None
    if invitation is None or invitation.office_id != caller.office_id:
        raise not_found()
    return invitation, employee, now


def list_invitations(
    services: Services, caller: Caller, wanted: InvitationFilter, page: PageRequest
) -> Listed[Invitation]:
    """Sent requests, newest first.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    now = services.clock()
    return list_page(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#INVITATIONS",
        repr(wanted),
        items.invitation,
        lambda invitation: wanted.lets_through(invitation, now),
        lambda sort_key: keys.invitation(AgreementId(sort_key.partition("#")[2])),
        filtered=wanted != InvitationFilter(),
        items_per_row=2,
    )
