"""How many wrong tries there are at the last four digits of a company's number."""

from datetime import datetime, timedelta

from collaboration.domain.model.values import Moment, Value

TRIES_PER_LINK = 5


LOCKED_FOR = timedelta(hours=1)


TRIES_PER_INVITATION = 10


# A sole trader's number is a personal identity number. With a date of birth only a thousand endings are possible, and
# the digits would complete the number itself.
TRIES_AT_PERSONAL_NUMBER = 3


class FailedAttempt(Value):
    """One wrong try: on the link of which recipient, and when (UTC)."""

    recipient: str
    at: Moment


class AttemptLimit(Value):
    """The wrong tries on all links of one invitation since the office last renewed them.

    Five within an hour on one link lock that link for an hour: `five-wrong-close-the-door`. `allowed` in all close the
    invitation for good: `ten-wrong-close-the-invitation`, `three-tries-at-a-persons-number`. There are never more than
    `allowed` of them, however many recipients there are.

    `closed`: a try, or a change of the customer, has closed the invitation. It stays so, however many tries another
    company type would allow.
    """

    failed: tuple[FailedAttempt, ...] = ()
    closed: bool = False

    @property
    def count(self) -> int:
        """The number of wrong tries."""
        return len(self.failed)

    def is_exhausted(self, allowed: int) -> bool:
        """Whether no tries are left on any link, out of `allowed`."""
        return self.closed or self.count >= allowed

    def locked_until(self, recipient: str, now: datetime) -> datetime | None:
        """When the recipient's link opens again, in UTC; None while it is open."""
        latest = self._of_link(recipient)[-TRIES_PER_LINK:]
        if len(latest) < TRIES_PER_LINK or latest[-1] - latest[0] >= LOCKED_FOR:
            return None
        unlocks_at = latest[-1] + LOCKED_FOR
        return unlocks_at if now < unlocks_at else None

    def tries_left(self, recipient: str, allowed: int, now: datetime) -> int:
        """How many wrong tries the recipient's link takes before it is locked or, out of `allowed`, closed for good."""
        if self.closed or self.locked_until(recipient, now):
            return 0
        recent = [at for at in self._of_link(recipient) if now - at < LOCKED_FOR]
        return max(0, min(TRIES_PER_LINK - len(recent), allowed - self.count))

    def after_failed_attempt(self, recipient: str, allowed: int, now: datetime) -> "AttemptLimit":
        """The limit after one more wrong try on the recipient's link, out of `allowed` in all."""
        failed = (*self.failed, FailedAttempt(recipient=recipient, at=now))
        return AttemptLimit(failed=failed, closed=self.closed or len(failed) >= allowed)

    def _of_link(self, recipient: str) -> list[datetime]:
        return [attempt.at for attempt in self.failed if attempt.recipient == recipient]
