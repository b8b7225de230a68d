"""An account's right to a solution: joined where it exists, started where it does not, changed, renewed, released."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import StrictBool

from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.values import (
    CollaborationId,
    InvoiceRecipient,
    Key,
    OfficeId,
    Outcome,
    PlainDate,
    Value,
    local_date,
)


class Terms(SetUp):
    """What a subscription is bound to, as the register knows it."""

    solution: Key
    renews_on: PlainDate
    customer_owned: StrictBool = False
    bank_integration_active: StrictBool = False

    def setup(self) -> SetUp:
        """The set-up fields alone."""
        return SetUp(**{name: getattr(self, name) for name in SetUp.model_fields})

    def with_fixed(self) -> Self:
        """The terms with what their variant fixes in place of other values."""
        return self.replace(**dict(_with_fixed(self.solution, self.setup())))


def _with_fixed(solution: str, setup: SetUp) -> SetUp:
    known = catalogue().solution(solution)
    return known.with_fixed(setup) if known else setup


class SubscriptionUse(Value):
    """An active collaboration that rests on a subscription."""

    office_id: OfficeId
    collaboration_id: CollaborationId


class SubscriptionStatus(StrEnum):
    """Whether anything may be written in the solution.

    Of an `unrecorded` one the register has said nothing, or nothing since it was deleted: only the collaborations that
    rest on it are known. A `deleted` one is kept until the register leaves it out, or says something new of it.
    """

    OPEN = "open"
    CLOSED = "closed"
    DELETED = "deleted"
    UNRECORDED = "unrecorded"


_NOT_THERE = frozenset({SubscriptionStatus.DELETED, SubscriptionStatus.UNRECORDED})
_OVER = frozenset({SubscriptionStatus.CLOSED, SubscriptionStatus.DELETED})


# Terms that move by themselves: the day passes, and a bank is connected or not.
_NOT_AGREED = ("renews_on", "bank_integration_active")


class RenewalError(ValueError):
    """The terms of a subscription give no renewal that is later than the present one."""


class ComingTerms(Value):
    """What changes when a subscription renews: the day in Sweden, and the set-up fields that change, as they will be.

    `paid_by_another`: the invoice recipients that mean another office from then on, where they are the office.
    """

    on: date
    setup: SetUp
    paid_by_another: tuple[SetUpField, ...] = ()


class Subscription(Value):
    """An account's right to a solution, with the active collaborations that rest on it.

    `next_setup`: what holds from `terms.renews_on` on, where that differs; `anchor_day`: the day of the month on which
    it renews, where the month has that day; None for the day of `terms.renews_on`; `was_used`: a collaboration has
    rested on it, so that it renews here even when none does any more; `register_terms`: what the register said last;
    `paying_offices`: which office pays, for each invoice recipient that is the office, where that is known;
    `next_paying_offices`: which pays from the next renewal on, where until then another does.
    """

    terms: Terms
    next_setup: SetUp | None = None
    subscribers: tuple[SubscriptionUse, ...] = ()
    status: SubscriptionStatus = SubscriptionStatus.OPEN
    anchor_day: int | None = None
    was_used: bool = False
    register_terms: Terms | None = None
    paying_offices: Mapping[SetUpField, OfficeId] = {}
    next_paying_offices: Mapping[SetUpField, OfficeId] = {}
    revision: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the account has the solution, as far as the register says."""
        return self.status is SubscriptionStatus.OPEN

    @property
    def is_there(self) -> bool:
        """Whether the account has it, open or closed, so that its terms say something."""
        return self.status not in _NOT_THERE

    @property
    def renews_here(self) -> bool:
        """Whether its renewals are carried out here; otherwise the register alone keeps its day."""
        return self.is_open and self.was_used

    def is_used_by(self, collaboration_id: CollaborationId) -> bool:
        """Whether the collaboration rests on it."""
        return any(use.collaboration_id == collaboration_id for use in self.subscribers)

    def others(self, collaboration_id: CollaborationId) -> tuple[SubscriptionUse, ...]:
        """The other active collaborations that rest on it."""
        return tuple(use for use in self.subscribers if use.collaboration_id != collaboration_id)

    def other_offices(self, office_id: OfficeId) -> bool:
        """Whether another office collaborates in this solution already."""
        return any(use.office_id != office_id for use in self.subscribers)

    def paying_office(self, field: SetUpField) -> OfficeId | None:
        """The office that pays where the recipient of these invoices is the office: `who-agreed-to-pay-pays`.

        Where none is known to have agreed, the only one that collaborates; None where that are none or several.
        """
        offices = {use.office_id for use in self.subscribers}
        return self.paying_offices.get(field) or (offices.pop() if len(offices) == 1 else None)

    def next_paying_office(self, field: SetUpField) -> OfficeId | None:
        """As `paying_office`, from the next renewal on."""
        return self.next_paying_offices.get(field) or self.paying_office(field)

    def paid_by_another(self, office_id: OfficeId) -> frozenset[SetUpField]:
        """The invoice recipients that mean another office than `office_id`, where they are the office."""
        return frozenset(field for field in self._paid if self.paying_office(field) != office_id)

    def next_paid_by_another(self, office_id: OfficeId) -> frozenset[SetUpField]:
        """As `paid_by_another`, from the next renewal on."""
        return frozenset(field for field in self._paid if self.next_paying_office(field) != office_id)

    @property
    def _paid(self) -> tuple[SetUpField, ...]:
        """The invoice recipients, where an office may be one of them."""
        anyone = self.subscribers or self.paying_offices
        return tuple(field for field in SetUpField if field.is_invoice_recipient) if anyone else ()

    @property
    def customer_pays(self) -> bool:
        """Whether the customer pays all of it, and has until now."""
        return self.is_open and _customer_pays(self.terms.setup())

    @property
    def coming_setup(self) -> SetUp:
        """The set-up that holds from the next renewal on."""
        return self.next_setup or self.terms.setup()

    def coming_terms(self, office_id: OfficeId) -> ComingTerms | None:
        """What changes at the next renewal for whoever reads `office_id` where the office pays; None for nothing."""
        present, next_paid_by_another = self.terms.setup().given(), self.next_paid_by_another(office_id)
        another = self.paid_by_another(office_id) ^ next_paid_by_another
        changes = {
            field: value
            for field, value in self.coming_setup.given().items()
            if present.get(field) != value or (field in another and value == InvoiceRecipient.OFFICE)
        }
        if not changes:
            return None
        return ComingTerms(
            on=self.terms.renews_on,
            setup=SetUp.model_validate(changes),
            paid_by_another=tuple(sorted(next_paid_by_another)),
        )


def with_collaboration(
    existing: Subscription | None, solution: str, setup: SetUp, use: SubscriptionUse, now: datetime
) -> Subscription:
    """The subscription with one more collaboration resting on it: `subscribed-exactly-once`.

    An open one keeps its terms, but takes the variant of `setup` where it names none; where there is none that is
    open, one starts with `setup`.

    Args:
        existing: the account's subscription to the solution, in whatever status.
        solution: the key of the solution.
        setup: the set-up of the collaboration.
        use: the collaboration.
        now: the time, in UTC.
    """
    if existing is None or not existing.is_open:
        started = local_date(now)
        terms = Terms(
            solution=solution, renews_on=next_renewal(started, setup.period_months, started.day), **dict(setup)
        )
        return Subscription(
            terms=terms,
            # What the register is told, and so will say: only what it says otherwise is its own.
            register_terms=(existing.register_terms if existing else None) or terms,
            subscribers=(*(existing.subscribers if existing else ()), use),
            anchor_day=None if setup.period_months is None else started.day,
            was_used=True,
            paying_offices=dict.fromkeys(setup.paid_by_office(), use.office_id),
            revision=existing.revision + 1 if existing else 1,
        )
    terms, coming, payers = existing.terms, existing.next_setup, existing.paying_offices
    if terms.variant is None:
        terms = terms.replace(variant=setup.variant).with_fixed()
        coming = _with_fixed(solution, coming.replace(variant=coming.variant or setup.variant)) if coming else None
        # Who chooses a variant that an office pays for agrees to that.
        agreed = terms.setup().paid_by_office() - existing.terms.setup().paid_by_office()
        payers = {**payers, **dict.fromkeys(agreed, use.office_id)}
    return with_use(existing.replace(terms=terms, next_setup=coming, paying_offices=payers), solution, use)


def with_use(existing: Subscription | None, solution: str, use: SubscriptionUse) -> Subscription:
    """The subscription with one more collaboration resting on it, and nothing else changed.

    Where the register has recorded none, what is known of it is that the collaboration rests on it.
    """
    if existing is not None:
        # Whoever pays now goes on paying beside the new one.
        present = _with_paying_offices(existing)
        subscribers = (*existing.subscribers, use)
        status = existing.status if existing.is_there else SubscriptionStatus.UNRECORDED
        return _with_paying_offices(
            present.replace(subscribers=subscribers, status=status, was_used=True, revision=existing.revision + 1)
        )
    return Subscription(
        terms=Terms(solution=solution, renews_on=date.max),
        subscribers=(use,),
        status=SubscriptionStatus.UNRECORDED,
        was_used=True,
        revision=1,
    )


def with_set_up(subscription: Subscription, at_once: SetUp, later: SetUp, office_id: OfficeId) -> Subscription:
    """The subscription with `at_once` as its set-up, and `later` from the next renewal on.

    `office_id`: the office that agrees to it, and to pay what it lets the office pay from then on. What another office
    pays until then, that one goes on paying.
    """
    agreed = later.paid_by_office() - subscription.coming_setup.paid_by_office()
    until_then = {
        field for field in agreed & at_once.paid_by_office() if subscription.paying_office(field) != office_id
    }
    return _with_paying_offices(
        subscription.replace(
            terms=subscription.terms.replace(**dict(at_once)),
            next_setup=later if later != at_once else None,
            paying_offices={**subscription.paying_offices, **dict.fromkeys(agreed - until_then, office_id)},
            next_paying_offices={**subscription.next_paying_offices, **dict.fromkeys(until_then, office_id)},
            revision=subscription.revision + 1,
        )
    )


def _with_paying_offices(subscription: Subscription) -> Subscription:
    """The subscription with the offices that pay, now or from the next renewal on, and no others."""
    present, coming = subscription.terms.setup().paid_by_office(), subscription.coming_setup.paid_by_office()
    found = {field: office_id for field in sorted(present | coming) if (office_id := subscription.paying_office(field))}
    following = {
        field: office_id
        for field, office_id in sorted(subscription.next_paying_offices.items())
        if field in present & coming and office_id != found.get(field)
    }
    if (found, following) == (subscription.paying_offices, subscription.next_paying_offices):
        return subscription
    return subscription.replace(paying_offices=found, next_paying_offices=following)


def released_by(subscription: Subscription, collaboration_id: CollaborationId) -> Subscription | None:
    """The subscription when a collaboration rests on it no longer, and goes on elsewhere: who pays stays as it is.

    None of one that the register has not recorded, once nothing rests on it.
    """
    others = subscription.others(collaboration_id)
    after = subscription.replace(subscribers=others, revision=subscription.revision + 1) if others else None
    return after or unused(subscription.replace(revision=subscription.revision + 1))


def unused(subscription: Subscription) -> Subscription | None:
    """The subscription when nothing rests on it; None of one that the register has never recorded."""
    after = subscription.replace(subscribers=(), paying_offices={}, next_paying_offices={})
    if subscription.is_there:
        return after
    return after.replace(status=SubscriptionStatus.DELETED) if subscription.register_terms else None


def without_collaboration(
    subscription: Subscription, collaboration_id: CollaborationId, outcome: Outcome, *, office_stays: bool = False
) -> Subscription | None:
    """The subscription after a collaboration has ended: `end-leaves-the-account-in-order`. None when none is left.

    It goes on, and the customer pays from the next renewal what an office paid that has left: `who-agreed-to-pay-pays`.
    Or it is closed: readable, and nothing in it writable. Or it is deleted, and what the register said of it is kept,
    since the register may say so again before it hears of that.

    `office_stays`: another collaboration of the same office comes to rest on it (`rests-on-its-accounts-solution`).
    """
    others = subscription.others(collaboration_id)
    released = released_by(subscription, collaboration_id)
    if released is None or not subscription.is_there:
        return released
    if outcome is Outcome.DELETE:
        return unused(released.replace(status=SubscriptionStatus.DELETED, next_setup=None))
    if outcome is Outcome.CLOSE or not subscription.is_open:
        return released.replace(status=SubscriptionStatus.CLOSED, next_setup=None)
    coming = subscription.coming_setup
    left = {use.office_id for use in subscription.subscribers} - {use.office_id for use in others}
    customer_pays = {
        field: InvoiceRecipient.CUSTOMER
        for field in coming.paid_by_office()
        # Of several of which none is known to pay, any may be the one that leaves.
        if not subscription.terms.customer_owned
        and not office_stays
        and (not others or (left and subscription.next_paying_office(field) in {None, *left}))
    }
    next_setup = _with_fixed(subscription.terms.solution, SetUp.model_validate({**coming.given(), **customer_pays}))
    # Until the renewal whoever pays goes on; of what the variant leaves to an office, whichever is there.
    stays = next_setup.paid_by_office() & customer_pays.keys()
    paying_offices = {field: office for field, office in subscription.paying_offices.items() if field not in stays}
    following = {
        field: office for field, office in subscription.next_paying_offices.items() if field not in customer_pays
    }
    if next_setup == coming:
        return released.replace(paying_offices=paying_offices if others else {}, next_paying_offices=following)
    # Where the same was agreed for the renewal as holds now, there is nothing to come.
    changes = next_setup if next_setup != subscription.terms.setup() else None
    return released.replace(next_setup=changes, paying_offices=paying_offices, next_paying_offices=following)


def customer_pays_from(subscription: Subscription, today: date) -> date | None:
    """The day from which the customer pays all of the subscription, `today` where it does; None where it will not.

    None too where nothing is paid any more, or where it is not known who pays.

    Args:
        subscription: the subscription.
        today: the date in Sweden.
    """
    if not subscription.is_open:
        return None
    if subscription.customer_pays:
        return today
    following = subscription.next_setup
    return subscription.terms.renews_on if following and _customer_pays(following) else None


def _customer_pays(setup: SetUp) -> bool:
    payers = [value for field, value in setup.given().items() if field.is_invoice_recipient]
    return bool(payers) and all(value == InvoiceRecipient.CUSTOMER for value in payers)


def recorded(terms: Terms, before: Subscription | None, today: date) -> Subscription:
    """The subscription as the register records it; `before` itself where nothing changes.

    What was agreed for the next renewal stays agreed, unless the register knows of it by now. A variant that was
    chosen here, since the register named none, stays while a collaboration rests on it. Only what the register says
    otherwise than last time is new: what was edited, renewed, closed or deleted here since stays:
    `renewals-move-forward`. What was closed or deleted stays so while only the day of its renewal moves, and whether a
    bank integration is active: nobody agreed to anything. A renewal that was carried out here is none to come, whatever
    the register says late; and one that the register has carried out by what it said last moves no day that follows
    from what was agreed here since.

    Args:
        terms: what the register says.
        before: the account's subscription to the solution, if it has one.
        today: the date in Sweden.
    """
    if before is None:
        return Subscription(terms=terms, register_terms=terms, revision=1)
    said = terms
    if before.register_terms == said:
        return before
    if before.status in _OVER and before.register_terms is not None:
        moved = {name: getattr(said, name) for name in _NOT_AGREED}
        if before.register_terms.replace(**moved) == said:
            return before.replace(
                terms=before.terms.replace(**moved), register_terms=said, revision=before.revision + 1
            )
    if before.is_open and before.register_terms is not None:
        former = dict(before.register_terms)
        terms = before.terms.replace(**{name: value for name, value in said if former[name] != value})
    if terms.variant is None and before.is_open and before.subscribers:
        terms = terms.replace(variant=before.terms.variant)
    if _is_carried_out(terms.renews_on, before, today) or _is_renewed_unchanged(said, before):
        terms = terms.replace(renews_on=before.terms.renews_on)
    terms = terms.with_fixed()
    if before.terms == terms and before.is_open:
        return before.replace(register_terms=said, revision=before.revision + 1)
    return _with_paying_offices(
        Subscription(
            terms=terms,
            register_terms=said,
            # Of a subscription that is the customer's own nobody else changes the terms.
            next_setup=None if terms.customer_owned else _coming_setup(before, terms.setup()),
            subscribers=before.subscribers,
            was_used=before.was_used and (before.is_there or bool(before.subscribers)),
            anchor_day=before.anchor_day if _keeps_anchor(terms.renews_on, before.anchor_day) else None,
            paying_offices=before.paying_offices if before.is_open else {},
            next_paying_offices=before.next_paying_offices if before.is_open and not terms.customer_owned else {},
            revision=before.revision + 1,
        )
    )


def _is_carried_out(renewal: date, before: Subscription, today: date) -> bool:
    """Whether a renewal on that day lies behind: `renewals-move-forward`.

    One on `today` does where it has led to the next one that is known.
    """
    if not before.renews_here or not renewal <= today < before.terms.renews_on:
        return False
    following = next_renewal(renewal, before.terms.period_months, before.anchor_day or renewal.day)
    return renewal < today or following == before.terms.renews_on


def _is_renewed_unchanged(said: Terms, before: Subscription) -> bool:
    """Whether the register has renewed what it said last, and has not heard of what holds here since that day.

    Here it has renewed with another period, or was started anew: it renews on the day which follows from that
    (`other-terms-at-renewal`).
    """
    known = before.register_terms
    if known is None or not before.is_open or before.terms.renews_on == known.renews_on:
        return False
    if known.replace(**{name: getattr(said, name) for name in _NOT_AGREED}) != said:
        return False
    # The last day of a month may be any later one's that the month has not: 28 February comes before 30 or 31 May.
    anchors = (anchor for anchor in range(known.renews_on.day, 32) if _keeps_anchor(known.renews_on, anchor))
    return said.renews_on > known.renews_on and any(_leads_to(known, said.renews_on, anchor) for anchor in anchors)


def _leads_to(terms: Terms, renewal: date, anchor_day: int) -> bool:
    """Whether terms that nobody changes renew on `renewal` as well, which is later."""
    day = terms.renews_on
    # Version 0.1.0 took a period that leads nowhere.
    while day < renewal and (following := next_renewal(day, terms.period_months, anchor_day)) > day:
        day = following
    return day == renewal


def left_out(subscription: Subscription) -> Subscription:
    """A subscription that the register leaves out while collaborations rest on it: it stays as it is.

    Of one that is not open, what the register said before is forgotten: when it says the same again, that is new.
    """
    if subscription.is_open or subscription.register_terms is None:
        return subscription
    return subscription.replace(register_terms=None, revision=subscription.revision + 1)


def _coming_setup(before: Subscription, present: SetUp) -> SetUp | None:
    """`present` with what was agreed to change at the renewal; None where that leaves nothing to change."""
    if before.next_setup is None:
        return None
    former = before.terms.setup().given()
    agreed = {field: value for field, value in before.next_setup.given().items() if former.get(field) != value}
    coming = _with_fixed(before.terms.solution, SetUp.model_validate({**present.given(), **agreed}))
    return coming if coming != present else None


def renewed(subscription: Subscription, today: date) -> Subscription | None:
    """The subscription after the renewal that is due on `today` or was missed before; None when none is due.

    What was agreed for the next renewal holds from then on.

    Args:
        subscription: the subscription.
        today: the date in Sweden.

    Raises:
        RenewalError: its period leads to no later day.
    """
    if subscription.terms.renews_on > today or not subscription.is_open:
        return None
    setup = subscription.coming_setup
    renews_on = subscription.terms.renews_on
    # Without a period it renews on the first: a period that is chosen then counts from there.
    had_period = subscription.terms.period_months is not None
    anchor_day = ((subscription.anchor_day if had_period else None) or renews_on.day) if setup.period_months else None
    while renews_on <= today:
        following = next_renewal(renews_on, setup.period_months, anchor_day or 1)
        if following <= renews_on:
            raise RenewalError(f"a period of {setup.period_months} months")
        renews_on = following
    terms = subscription.terms.replace(**dict(setup), renews_on=renews_on).with_fixed()
    return _with_paying_offices(
        subscription.replace(
            terms=terms,
            next_setup=None,
            paying_offices={**subscription.paying_offices, **subscription.next_paying_offices},
            next_paying_offices={},
            anchor_day=anchor_day,
            revision=subscription.revision + 1,
        )
    )


def with_missed_renewals(subscription: Subscription, today: date) -> Subscription | None:
    """As `renewed`, for whoever decides something else; None too where its period leads to no later day.

    Version 0.1.0 took such a period. The clean-up reports it, and nothing else waits until it is put right.
    """
    try:
        return renewed(subscription, today)
    except RenewalError:
        return None


def next_renewal(day: date, period_months: int | None, anchor_day: int) -> date:
    """The first renewal after `day`, which is a renewal or the start: `renewal-keeps-its-day`.

    Args:
        day: the date in Sweden.
        period_months: the period in months; None for a renewal on the first of each month.
        anchor_day: the day of the month to renew on; the last one of a month that is shorter.
    """
    months = 1 if period_months is None else period_months
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, 1 if period_months is None else min(anchor_day, monthrange(year, month)[1]))


def _keeps_anchor(renews_on: date, anchor_day: int | None) -> bool:
    """Whether `renews_on` is the day that `anchor_day` gives in its month."""
    return anchor_day is not None and renews_on.day == min(anchor_day, monthrange(renews_on.year, renews_on.month)[1])
