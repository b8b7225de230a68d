"""An account's right to a solution: joined where it exists, started where it does not, changed, renewed, left."""

from calendar import monthrange
from datetime import date, datetime

from collaboration.domain.catalogue import SetUp, catalogue
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import SubscriptionUse, Subscription, SubscriptionStatus, Terms
from collaboration.domain.preview import resolve_setup
from collaboration.domain.values import CollaborationId, Outcome, InvoiceRecipient, local_date


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
    return kept.model_copy(update={"resting": (*kept.subscribers, subscribers), "revision": kept.revision + 1})


def with_set_up(subscription: Subscription, at_once: SetUp, later: SetUp) -> Subscription:
    """The subscription with `at_once` as its set-up, and `later` from the next renewal on."""
    terms = subscription.terms.model_copy(update=dict(at_once))
    next_setup = later if later != at_once else None
    return subscription.model_copy(
        update={"terms": terms, "next_setup": next_setup, "revision": subscription.revision + 1}
    )


def without_collaboration(
    subscription: Subscription, collaboration_id: CollaborationId, outcome: Outcome
) -> Subscription | None:
    """The subscription after a collaboration has ended: `end-leaves-the-account-in-order`. None when it is deleted.

    It goes on with the customer as the recipient of its invoices from the next renewal, or is closed: readable, and
    nothing in it writable.
    """
    if outcome is Outcome.DELETE:
        return None
    left = {"resting": subscription.others(collaboration_id), "revision": subscription.revision + 1}
    if outcome is Outcome.CLOSE:
        return subscription.model_copy(update={**left, "status": SubscriptionStatus.CLOSED, "next_setup": None})
    if left["resting"]:
        # Somebody else still collaborates here, on terms of their own.
        return subscription.model_copy(update=left)
    coming = subscription.next_setup or subscription.terms.setup()
    customer_pays = {
        field: InvoiceRecipient.CUSTOMER
        for field, value in coming.given().items()
        if field.is_invoice_recipient and value != InvoiceRecipient.CUSTOMER
    }
    if customer_pays:
        left["next_setup"] = SetUp.model_validate({**coming.given(), **customer_pays})
    return subscription.model_copy(update=left)


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
    terms = subscription.terms.model_copy(update={**dict(setup), "renews_on": renews_on})
    return subscription.model_copy(update={"terms": terms, "next_setup": None, "revision": subscription.revision + 1})


def with_terms(collaboration: Collaboration, subscription: Subscription) -> Collaboration:
    """The collaboration with its copy of the terms of the subscription it rests on; itself when nothing differs."""
    solution = catalogue().solution(subscription.terms.solution)
    terms_copy = {
        "setup": resolve_setup(solution, subscription, SetUp())[0] if solution else subscription.terms.setup(),
        "next_setup": subscription.next_setup,
        "customer_owned": subscription.terms.customer_owned,
    }
    moved = any(getattr(collaboration, name) != value for name, value in terms_copy.items())
    if not moved and collaboration.renews_on == subscription.terms.renews_on:
        return collaboration
    revision = collaboration.revision + 1
    return collaboration.model_copy(update={**terms_copy, "renews_on": subscription.terms.renews_on, "revision": revision})


def next_renewal(started: date, period_months: int | None) -> date:
    """The first renewal of a subscription that starts on `started`. Without a period: the first of the next month."""
    if period_months is None:
        return _months_later(started.replace(day=1), 1)
    return _months_later(started, period_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
