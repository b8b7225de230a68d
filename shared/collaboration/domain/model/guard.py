"""One live request or collaboration per office, customer and solution: `one-live-per-solution`."""

from datetime import datetime

from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import CollaborationId, CustomerId, InvitationId, Moment, OfficeId, Value


class Guard(Value):
    """Who holds the place of (office, customer, solution). `until` is a request's expiry; None holds without end."""

    office_id: OfficeId
    customer_id: CustomerId
    solution: str
    owner: str
    until: Moment | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the place is taken at `now`. A request that has expired holds nothing, swept or not."""
        return self.until is None or now < self.until

    @property
    def invitation(self) -> InvitationId | None:
        """The request that holds it, if it is one."""
        return InvitationId(self.owner) if InvitationId(self.owner).agreement else None

    @property
    def collaboration(self) -> CollaborationId | None:
        """The collaboration that holds it, if it is one."""
        return CollaborationId(self.owner) if CollaborationId(self.owner).agreement else None


def conflict_fault(guard: Guard) -> Fault:
    """The fault that points to what holds a guard: `one-live-per-solution`."""
    if guard.invitation:
        return Fault(Slug.ALREADY_INVITED, location=f"invitations/{guard.invitation}")
    return Fault(Slug.ALREADY_COLLABORATING, location=f"collaborations/{guard.owner}")


def held(invitation: Invitation) -> Guard:
    """The place that a live request holds."""
    return Guard(
        office_id=invitation.office_id,
        customer_id=invitation.customer_id,
        solution=invitation.solution,
        owner=invitation.id,
        until=invitation.expires_at,
    )


def guard_of(collaboration: Collaboration) -> Guard | None:
    """The place an active collaboration holds; None while no customer or solution is known."""
    if collaboration.customer_id is None or collaboration.solution is None:
        return None
    return Guard(
        office_id=collaboration.office_id,
        customer_id=collaboration.customer_id,
        solution=collaboration.solution,
        owner=collaboration.id,
    )
