"""What the decision about an office's digest has to know."""

from datetime import date

from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.model.digest import Notice
from collaboration.domain.model.directory import Office
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import OfficeId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class DigestCandidate:
    """An invitation with notices that are due. `guard`: which agreement is live for its customer and solution now."""

    context: InvitationContext
    notices: tuple[Notice, ...]
    guard: Guard | None


@dataclass(frozen=True, kw_only=True)
class DigestContext:
    """An office, the day in Sweden of its latest digest, and what is due to be told, the earliest first.

    `beyond`: notices that are due and were not loaded, since no mail holds so many; `sent`: those that went out with
    the latest digest, whose run ended before it could note that.
    """

    office_id: OfficeId
    office: Office
    latest: date | None
    candidates: tuple[DigestCandidate, ...]
    beyond: tuple[Notice, ...] = ()
    sent: tuple[Notice, ...] = ()
