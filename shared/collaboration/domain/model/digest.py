"""The digest: what an office is told once a day of invitations that nobody has decided."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from collaboration.domain.model.values import AgreementId, Moment, Value, local_date, local_midnight

# A day after a digest the next one waits for the morning, by the clocks of Sweden.
MORNING = timedelta(hours=6)

# For as long as a digest may still be sent, and a day for its delivery: then it is deleted.
DIGEST_KEPT = timedelta(days=4)


_MAIL = "digest-"


class DigestReason(StrEnum):
    """Why an invitation stands in the office's digest, in the order in which a mail has them.

    Each says what the office can do about it on the day of the digest.
    """

    CANNOT_BE_ACCEPTED = "cannot-be-accepted"
    """Nobody can accept a pending one, and nothing is sent."""
    LINKS_CLOSED = "links-closed"
    """Wrong digits closed the links of one that expires soon, or of which a mail bounced."""
    BOUNCED = "bounced"
    EXPIRING = "expiring"
    UNREMINDED = "expiring-without-reminder"
    """It expires soon, and no reminder is left before that."""
    EXPIRED = "expired"
    EXPIRED_FOR_GOOD = "expired-for-good"
    """It has expired, and cannot be sent again."""
    ASKED_AGAIN = "asked-again"
    ASKED_ANEW = "asked-again-for-good"
    """A new one is asked for in place of one that cannot be sent again."""


class Notice(Value):
    """Something about an invitation that the office is to be told.

    `at`: when it happened or is to happen; `due_at`: when it is to be told; `digest_id`: the digest that tells it,
    if that one went out.
    """

    agreement: AgreementId
    reason: DigestReason
    at: Moment
    due_at: Moment
    digest_id: str | None = None


class LatestDigest(Value):
    """The digest that an office had last: its day in Sweden, and the id that notices name it by, where any did."""

    day: date
    id: str | None = None


def digest_mail_id(day: date) -> str:
    """The mail of a day's digest: there is only one."""
    return f"{_MAIL}{day.isoformat()}"


def digest_day(mail_id: str) -> date:
    """The day in Sweden of the digest that a mail is."""
    return date.fromisoformat(mail_id.removeprefix(_MAIL))


def next_digest_at(latest: date | None, now: datetime) -> datetime:
    """When the next digest may go out: `one-digest-a-day`.

    Args:
        latest: the day in Sweden of the office's latest digest; None when there has been none.
        now: the time (UTC).

    Returns:
        `now` when it is the first of this day. What a digest came too early for waits for the next morning, and so does
        what happens in the night between.
    """
    if latest is None or (local_date(now) - latest).days > 1:
        return now
    return max(now, next_morning(latest))


def next_morning(day: date) -> datetime:
    """The morning after a day in Sweden, in UTC."""
    return local_midnight(day + timedelta(days=1)) + MORNING
