"""TODO domain.model.attempt_limit."""

from datetime import datetime, timedelta

from collaboration.domain.model.values import Moment, Value

ATTEMPTS_ALLOWED = 5


LOCKED_FOR = timedelta(hours=1)


class AttemptLimit(Value):
    """The wrong digits typed on one link: five within an hour close its door for an hour."""

    failed_at: tuple[Moment, ...] = ()
    attempts: int = 0

    def locked_until(self, now: datetime) -> datetime | None:
        """When the door opens again; None while it is open."""
        if len(self.failed_at) < ATTEMPTS_ALLOWED:
            return None
        unlocks_at = self.failed_at[-1] + LOCKED_FOR
        return unlocks_at if now < unlocks_at else None

    def after_failed_attempt(self, now: datetime) -> "AttemptLimit":
        """The door after one more wrong try."""
        recent = tuple(moment for moment in self.failed_at if now - moment < LOCKED_FOR)
        return AttemptLimit(failed_at=(*recent, now)[-ATTEMPTS_ALLOWED:], attempts=self.attempts + 1)
