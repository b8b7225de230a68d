"""An account's right to a solution: joined where it exists, started where it does not, renewed in time."""

from calendar import monthrange
from datetime import date, datetime

from collaboration.domain.catalogue import SetUp
from collaboration.domain.directory import Resting, Subscription, Terms
from collaboration.domain.values import local_date


def with_collaboration(
    subscription: Subscription | None, solution: str, setup: SetUp, resting: Resting, now: datetime
) -> Subscription:
    """The subscription with one more collaboration resting on it: `subscribed-exactly-once`.

    The one there is keeps its terms; where there is none, one starts with `setup`.
    """
    if subscription is None:
        renews_on = next_renewal(local_date(now), setup.period_months)
        terms = Terms(solution=solution, renews_on=renews_on, **setup.model_dump())
        return Subscription(terms=terms, resting=(resting,), revision=1)
    return subscription.model_copy(
        update={"resting": (*subscription.resting, resting), "revision": subscription.revision + 1}
    )


def next_renewal(started: date, period_months: int | None) -> date:
    """The first renewal of a subscription that starts on `started`. Without a period: the first of the next month."""
    if period_months is None:
        return _months_later(started.replace(day=1), 1)
    return _months_later(started, period_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
