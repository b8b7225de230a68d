"""Whether the guard of a customer and solution is what it should be."""

from datetime import datetime

from collaboration.domain.model.change import Transition
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.values import AgreementId, CollaborationId, InvitationId
from collaboration.frozen import dataclass


@dataclass(frozen=True)
class GuardDrift:
    """A guard that is not what it should be. `repair`: what puts it right; None where another agreement holds it."""

    repair: Transition[Guard] | None


def guard_drift(stored: Guard | None, live: Guard | None, agreement: AgreementId, now: datetime) -> GuardDrift | None:
    """How a guard differs from what an agreement makes of it; None where it does not: `guards-what-is-live`.

    Args:
        stored: the guard of the agreement's customer and solution.
        live: what it should be; None where the agreement is not live.
        agreement: the agreement.
        now: the time, in UTC.
    """
    held = stored if stored and stored.holds(now) else None
    own = held is not None and held.owner in {InvitationId.of(agreement), CollaborationId.of(agreement)}
    if live is None:
        return GuardDrift(Transition(held, None)) if own else None
    if held == live:
        return None
    return GuardDrift(Transition(held, live) if own or held is None else None)
