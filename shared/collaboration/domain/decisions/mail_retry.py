"""When a mail is tried, and when it is given up: `mail-never-lost`."""

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)


LONGEST_PAUSE = timedelta(hours=4)


GIVEN_UP_AFTER = timedelta(days=3)


# Who claims a mail has this long to send it. A crash costs the wait, and perhaps a second copy, never the mail.
LEASE = timedelta(minutes=2)


class Refusal(StrEnum):
    """Why the provider did not take a mail, as far as it matters for what happens next."""

    THROTTLED = "throttled"
    """It takes no more at the moment: the sending rate, or the day's quota, is used up."""
    UNAVAILABLE = "unavailable"
    """It failed, or gave no answer: it may have taken the mail all the same."""
    SUSPENDED = "suspended"
    """It takes nothing from this sender until somebody acts: the account is paused, or the address not verified."""
    REJECTED = "rejected"
    """It will never take this mail."""


def next_try(refusal: Refusal, attempts: int, first_at: datetime, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures, the last for this reason: pauses double from a minute to four hours.

    None when the mail is given up: at once when it was rejected, else after three days.
    """
    if refusal is Refusal.REJECTED:
        return None
    return _unless_given_up(now + min(FIRST_PAUSE * 2 ** min(attempts - 1, 16), LONGEST_PAUSE), first_at)


# A mail of an invitation that nobody can accept at the moment is looked at again after so long.
HELD_FOR = timedelta(hours=1)


def held_until(first_at: datetime, now: datetime) -> datetime | None:
    """When to look again at a mail that would be in vain now; None when it has waited for three days."""
    return _unless_given_up(now + HELD_FOR, first_at)


def _unless_given_up(at: datetime, first_at: datetime) -> datetime | None:
    return at if at < first_at + GIVEN_UP_AFTER else None
