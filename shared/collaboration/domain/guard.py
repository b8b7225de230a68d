"""One live request or collaboration per office, customer and solution: `one-live-per-solution`."""

from datetime import datetime

from collaboration.domain.values import CollaborationId, CustomerId, InvitationId, Moment, OfficeId, Value


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
