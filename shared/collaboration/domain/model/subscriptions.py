"""An account's right to a solution: joined where it exists, started where it does not, changed, renewed, left."""

from calendar import monthrange
from datetime import date, datetime
from enum import StrEnum

from pydantic import StrictBool

from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.values import CollaborationId, InvoiceRecipient, OfficeId, Outcome, Value, local_date


class Terms(SetUp):
    """What a subscription is bound to, as the register knows it."""

    solution: str
    renews_on: date
    customer_owned: StrictBool = False
    bank_integration_active: StrictBool = False

    def setup(self) -> SetUp:
        """The set-up fields alone."""
        return SetUp(**{name: getattr(self, name) for name in SetUp.model_fields})


class SubscriptionUse(Value):
    """A collaboration that rests on a subscription."""

    office_id: OfficeId
    collaboration_id: CollaborationId


class SubscriptionStatus(StrEnum):
    """Whether anything may be written in the solution."""

    OPEN = "open"
    CLOSED = "closed"


class Subscription(Value):
    """An account's right to a solution, with the active collaborations that rest on it.

    `next_setup`: what holds from `terms.renews_on` on, where that differs.
    """

    terms: Terms
    next_setup: SetUp | None = None
    subscribers: tuple[SubscriptionUse, ...] = ()
    status: SubscriptionStatus = SubscriptionStatus.OPEN
    revision: int = 0

    def others(self, collaboration_id: CollaborationId) -> tuple[SubscriptionUse, ...]:
        """The other active collaborations that rest on it."""
        return tuple(use for use in self.subscribers if use.collaboration_id != collaboration_id)

    def other_offices(self, office_id: OfficeId) -> bool:
        """Whether another office collaborates in this solution already."""
        return any(use.office_id != office_id for use in self.subscribers)


def with_collaboration(
    kept: Subscription | None, solution: str, setup: SetUp, subscribers: SubscriptionUse, now: datetime
) -> Subscription:
    """The subscription with one more collaboration resting on it: `subscribed-exactly-once`.

    An open one keeps its terms; where there is none, or one that was closed, it starts with `setup`.
    """
    if kept is None or kept.status is SubscriptionStatus.CLOSED:
        renews_on = next_renewal(local_date(now), setup.period_months)
        terms = Terms(solution=solution, renews_on=renews_on, **setup.model_dump())
        return Subscription(terms=terms, subscribers=(subscribers,), revision=kept.revision + 1 if kept else 1)
    return kept.replace(subscribers=(*kept.subscribers, subscribers), revision=kept.revision + 1)


def with_set_up(subscription: Subscription, at_once: SetUp, later: SetUp) -> Subscription:
    """The subscription with `at_once` as its set-up, and `later` from the next renewal on."""
    terms = subscription.terms.replace(**dict(at_once))
    next_setup = later if later != at_once else None
    return subscription.replace(terms=terms, next_setup=next_setup, revision=subscription.revision + 1)


def without_collaboration(
    subscription: Subscription, collaboration_id: CollaborationId, outcome: Outcome
) -> Subscription | None:
    """The subscription after a collaboration has ended: `end-leaves-the-account-in-order`. None when it is deleted.

    It goes on with the customer as the recipient of its invoices from the next renewal, or is closed: readable, and
    nothing in it writable.
    """
    if outcome is Outcome.DELETE:
        return None
    remaining: dict[str, object] = {
        "subscribers": subscription.others(collaboration_id),
        "revision": subscription.revision + 1,
    }
    if outcome is Outcome.CLOSE:
        return subscription.replace(**remaining, status=SubscriptionStatus.CLOSED, next_setup=None)
    if subscription.others(collaboration_id):
        # Somebody else still collaborates here, on terms of their own.
        return subscription.replace(**remaining)
    coming = subscription.next_setup or subscription.terms.setup()
    customer_pays = {
        field: InvoiceRecipient.CUSTOMER
        for field, value in coming.given().items()
        if field.is_invoice_recipient and value != InvoiceRecipient.CUSTOMER
    }
    if customer_pays:
        remaining["next_setup"] = SetUp.model_validate({**coming.given(), **customer_pays})
    return subscription.replace(**remaining)


def renewed(subscription: Subscription, today: date) -> Subscription | None:
    """The subscription after the renewal that is due on `today` or was missed before; None when none is.

    What was agreed for the next renewal holds from then on.
    """
    if subscription.terms.renews_on > today or subscription.status is SubscriptionStatus.CLOSED:
        return None
    setup = subscription.next_setup or subscription.terms.setup()
    renews_on = subscription.terms.renews_on
    while renews_on <= today:
        renews_on = next_renewal(renews_on, setup.period_months)
    terms = subscription.terms.replace(**dict(setup), renews_on=renews_on)
    return subscription.replace(terms=terms, next_setup=None, revision=subscription.revision + 1)


def next_renewal(started: date, period_months: int | None) -> date:
    """The first renewal of a subscription that starts on `started`. Without a period: the first of the next month."""
    if period_months is None:
        return _months_later(started.replace(day=1), 1)
    return _months_later(started, period_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
