"""The uniqueness guard: one live invitation or collaboration per customer and solution, `one-live-per-solution`."""

from datetime import datetime
from typing import Self

from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import CollaborationId, CustomerId, InvitationId, Moment, OfficeId, Value


class Guard(Value):
    """Which agreement is the live one of (office, customer, solution).

    `owner` is the id of an invitation or of a collaboration; `until` is the expiry of an invitation, None for a
    collaboration.
    """

    office_id: OfficeId
    customer_id: CustomerId
    solution: str
    owner: str
    until: Moment | None = None

    @classmethod
    def for_invitation(cls, invitation: Invitation) -> Self:
        """The guard of a pending invitation."""
        return cls(
            office_id=invitation.office_id,
            customer_id=invitation.customer_id,
            solution=invitation.solution,
            owner=invitation.id,
            until=invitation.expires_at,
        )

    @classmethod
    def for_collaboration(cls, collaboration: Collaboration) -> Self | None:
        """The guard of an active collaboration; None while its customer or its solution is not known."""
        if collaboration.customer_id is None or collaboration.solution is None:
            return None
        return cls(
            office_id=collaboration.office_id,
            customer_id=collaboration.customer_id,
            solution=collaboration.solution,
            owner=collaboration.id,
        )

    def holds(self, now: datetime) -> bool:
        """Whether the owner is still live at `now`. An expired invitation is not, whether or not it was marked."""
        return self.until is None or now < self.until

    def excludes(self, owner: str, now: datetime) -> bool:
        """Whether another agreement than `owner` is the live one at `now`."""
        return self.holds(now) and self.owner != owner

    @property
    def invitation(self) -> InvitationId | None:
        """The invitation that owns it; None when a collaboration does."""
        return InvitationId(self.owner) if InvitationId(self.owner).agreement else None

    @property
    def collaboration(self) -> CollaborationId | None:
        """The collaboration that owns it; None when an invitation does."""
        return CollaborationId(self.owner) if CollaborationId(self.owner).agreement else None


def conflict_fault(guard: Guard) -> Fault:
    """The fault that points to the owner of a guard: `one-live-per-solution`."""
    if guard.invitation:
        return Fault(Slug.ALREADY_INVITED, location=f"invitations/{guard.invitation}")
    return Fault(Slug.ALREADY_COLLABORATING, location=f"collaborations/{guard.owner}")
