"""When a mail is tried, and when it is given up: `mail-never-lost`."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)


LONGEST_PAUSE = timedelta(hours=4)


GIVEN_UP_AFTER = timedelta(days=3)


# Who claims a mail has this long to send it. A crash costs the wait, and perhaps a second copy, never the mail.
LEASE = timedelta(minutes=2)


def next_try(attempts: int, first_at: datetime, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures: pauses double from a minute to four hours; None after three days."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 16), LONGEST_PAUSE)
    return now + pause if now + pause < first_at + GIVEN_UP_AFTER else None
