"""What functions say of themselves: lines of the log, and metrics that alarms and the dashboard read.

RUNBOOK.md says what each metric means.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class Metric(StrEnum):
    """The metrics. Each counts, unless it is in `SECONDS`."""

    INVITATIONS_SENT = "InvitationsSent"
    INVITATIONS_ACCEPTED = "InvitationsAccepted"
    INVITATIONS_DECLINED = "InvitationsDeclined"
    INVITATIONS_EXPIRED = "InvitationsExpired"
    INVITATIONS_REVOKED = "InvitationsRevoked"
    INVITATIONS_BOUNCED = "InvitationsBounced"
    TIME_TO_DECISION = "TimeToDecision"
    COLLABORATIONS_STARTED = "CollaborationsStarted"
    COLLABORATIONS_ENDED = "CollaborationsEnded"
    REFUSALS = "Refusals"
    CONFLICTS = "Conflicts"
    TABLE_UNAVAILABLE = "TableUnavailable"
    UNEXPECTED_ERRORS = "UnexpectedErrors"
    WRONG_DIGITS = "WrongDigits"
    DIGITS_LOCKED = "DigitsLocked"
    DIGITS_EXHAUSTED = "DigitsExhausted"
    MAILS_SENT = "MailsSent"
    MAILS_POSTPONED = "MailsPostponed"
    MAIL_THROTTLED = "MailThrottled"
    MAIL_UNAVAILABLE = "MailUnavailable"
    MAIL_SUSPENDED = "MailSuspended"
    MAIL_REJECTED = "MailRejected"
    MAIL_FAILED = "MailFailed"
    MAILS_LEFT = "MailsLeft"
    OLDEST_MAIL_AGE = "OldestMailAge"
    DRIFT = "Drift"
    DUE_WORK_DONE = "DueWorkDone"
    DUE_WORK_FAILED = "DueWorkFailed"
    DUE_WORK_LAG = "DueWorkLag"
    LOGINS_PURGED = "LoginsPurged"


SECONDS = frozenset({Metric.TIME_TO_DECISION, Metric.OLDEST_MAIL_AGE, Metric.DUE_WORK_LAG})


# Each metric is recorded for the stage, and for each operation in it; these also for each value of one thing more.
MORE_DIMENSIONS = {Metric.REFUSALS: "slug", Metric.DUE_WORK_DONE: "work"}

NAMESPACE = "Collaborations"


class Metrics(Protocol):
    """Takes what alarms and the dashboard read."""

    def record(self, metric: Metric, value: float, dimension: str | None = None) -> None:
        """Record a value of a metric.

        Args:
            metric: the metric.
            value: a count, or seconds.
            dimension: the value of the further dimension, of a metric in `MORE_DIMENSIONS`.
        """


class Level(StrEnum):
    """How much a line of the log matters."""

    DEBUG = "DEBUG"
    """It helps to follow a call, and is written only where that was asked for."""
    INFO = "INFO"
    """It happened."""
    WARNING = "WARNING"
    """It went wrong, and puts itself right."""
    ERROR = "ERROR"
    """A person may have to look at it."""


class Log(Protocol):
    """Writes lines of the log."""

    def write(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """Write a line.

        Args:
            level: how much it matters.
            message: what happened: the same words whenever it does.
            facts: ids and outcomes by name, never what was sent or stored.
        """
