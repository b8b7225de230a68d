"""When a subscription renews: after its period, or on the first of each month."""

from calendar import monthrange
from datetime import date


def next_renewal(started: date, period_months: int | None) -> date:
    """The first renewal of a subscription that starts on `started`. Without a period: the first of the next month."""
    if period_months is None:
        return _months_later(started.replace(day=1), 1)
    return _months_later(started, period_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
