"""Subscriptions: joined, started, changed, renewed, released, recorded."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

import pytest
from collaboration.domain.model import subscriptions
from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.setup import terms_faults
from collaboration.domain.model.subscriptions import (
    RenewalError,
    Subscription,
    SubscriptionStatus,
    SubscriptionUse,
    Terms,
    customer_pays_from,
    next_renewal,
    recorded,
    renewed,
    with_collaboration,
    with_set_up,
    with_use,
    without_collaboration,
)
from collaboration.domain.model.values import CollaborationId, InvoiceRecipient, OfficeId, Outcome

from .builders import (
    BOOKS,
    BOOKS_SETUP,
    COLLABORATION,
    NOW,
    OFFICE,
    OTHER_COLLABORATION,
    OTHER_OFFICE,
    PAYROLL,
    SCANNER,
    TODAY,
    subscription,
)

USE = SubscriptionUse(office_id=OFFICE, collaboration_id=COLLABORATION)


@pytest.mark.parametrize(
    ("first", "period_months", "days"),
    [
        ("2026-01-31", 3, ["2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]),
        ("2026-11-30", 3, ["2027-02-28", "2027-05-30"]),
        ("2028-02-29", 12, ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2026-12-15", 12, ["2027-12-15"]),
        ("2026-11-24", None, ["2026-12-01", "2027-01-01"]),
    ],
)
def test_a_renewal_keeps_its_day(first: str, period_months: int | None, days: list[str]) -> None:
    """The last day of a month that is shorter; without a period the first of each month."""
    day, found = date.fromisoformat(first), []
    anchor_day = day.day
    for _ in days:
        day = next_renewal(day, period_months, anchor_day)
        found.append(day.isoformat())
    assert found == days


def test_a_subscription_renews_on_its_day_for_ever() -> None:
    """Renewed one by one, as the clean-up does, the day does not drift; missed ones are caught up with."""
    terms = {"renews_on": date(2026, 1, 31), "period_months": 3}
    present, found = subscription(BOOKS, terms=terms), []
    for day in ("2026-01-31", "2026-04-30", "2026-07-31"):
        after = renewed(present, date.fromisoformat(day))
        assert after is not None
        present = after
        found.append(present.terms.renews_on.isoformat())
    assert found == ["2026-04-30", "2026-07-31", "2026-10-31"]
    caught_up = renewed(subscription(BOOKS, terms=terms), date(2026, 9, 1))
    assert caught_up is not None
    assert caught_up.terms.renews_on == date(2026, 10, 31)


def test_a_new_subscription_keeps_the_day_it_started_on() -> None:
    """Started on the last of November, renewed in February, it renews on the thirtieth of May."""
    setup = BOOKS_SETUP.replace(period_months=3)
    started = with_collaboration(None, BOOKS, setup, USE, NOW.replace(day=30))
    assert started.terms.renews_on == date(2027, 2, 28)
    after = renewed(started, date(2027, 2, 28))
    assert after is not None
    assert after.terms.renews_on == date(2027, 5, 30)


@pytest.mark.parametrize("period_months", [0, -3])
def test_a_renewal_that_leads_nowhere_is_reported(period_months: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a loop."""
    calls = count(1)

    def bounded(*arguments: Any) -> date:
        if next(calls) > 100:
            pytest.fail("it goes on for ever")
        return next_renewal(*arguments)

    monkeypatch.setattr(subscriptions, "next_renewal", bounded)
    with pytest.raises(RenewalError):
        renewed(subscription(terms={"period_months": period_months}), date(2026, 12, 1))


def test_what_was_agreed_holds_from_the_renewal() -> None:
    """Whether or not a collaboration still rests on it; not a day before."""
    coming = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
    present = subscription(BOOKS, terms=dict(BOOKS_SETUP), next_setup=coming)
    assert renewed(present, date(2026, 11, 30)) is None
    after = renewed(present, date(2026, 12, 1))
    assert after is not None
    assert (after.terms.setup(), after.next_setup, after.terms.renews_on) == (coming, None, date(2027, 12, 1))


@pytest.mark.parametrize("status", [SubscriptionStatus.CLOSED, SubscriptionStatus.UNRECORDED])
def test_what_is_not_open_does_not_renew(status: SubscriptionStatus) -> None:
    """Nothing is charged for it."""
    assert renewed(subscription(status=status), date(2030, 1, 1)) is None


def test_an_open_subscription_is_joined_on_its_terms() -> None:
    """Once, whatever set-up was asked for."""
    present = subscription(BOOKS, OTHER_COLLABORATION, terms=dict(BOOKS_SETUP))
    joined = with_collaboration(present, BOOKS, SetUp(variant="accountant-access"), USE, NOW)
    assert joined.terms == present.terms
    assert [use.collaboration_id for use in joined.subscribers] == [OTHER_COLLABORATION, COLLABORATION]


def test_a_joined_subscription_takes_the_variant_it_lacks() -> None:
    """The one that was chosen, since the register named none."""
    joined = with_collaboration(subscription(PAYROLL), PAYROLL, SetUp(variant="start"), USE, NOW)
    assert joined.terms.variant == "start"
    kept = with_collaboration(subscription(PAYROLL, terms={"variant": "standard"}), PAYROLL, SetUp(), USE, NOW)
    assert kept.terms.variant == "standard"


@pytest.mark.parametrize("status", [SubscriptionStatus.CLOSED, SubscriptionStatus.UNRECORDED])
def test_what_is_not_open_starts_anew_under_those_who_rest_on_it(status: SubscriptionStatus) -> None:
    """The next revision, and nobody is forgotten."""
    present = subscription(BOOKS, OTHER_COLLABORATION, status=status, revision=4)
    started = with_collaboration(present, BOOKS, BOOKS_SETUP, USE, NOW)
    assert (started.is_open, started.revision, started.terms.setup()) == (True, 5, BOOKS_SETUP)
    assert [use.collaboration_id for use in started.subscribers] == [OTHER_COLLABORATION, COLLABORATION]


def test_a_collaboration_rests_on_a_solution_that_no_register_knows() -> None:
    """Until it is recorded, nothing is known of it but who rests on it."""
    unrecorded = with_use(None, SCANNER, USE)
    assert (unrecorded.status, unrecorded.subscribers) == (SubscriptionStatus.UNRECORDED, (USE,))
    terms = Terms(solution=SCANNER, renews_on=date(2026, 12, 1))
    known = recorded(terms, unrecorded, TODAY)
    assert (known.is_open, known.terms, known.subscribers) == (True, terms, (USE,))
    assert without_collaboration(unrecorded, COLLABORATION, Outcome.CONTINUE) is None


def test_a_changed_setup_is_divided_between_now_and_the_renewal() -> None:
    """Where both are equal there is no coming one."""
    present = subscription(BOOKS, terms=dict(BOOKS_SETUP))
    later = BOOKS_SETUP.replace(period_months=3)
    assert with_set_up(present, BOOKS_SETUP, later, OFFICE).next_setup == later
    assert with_set_up(present, later, later, OFFICE).next_setup is None


@pytest.mark.parametrize(
    ("outcome", "others", "status", "coming"),
    [
        (Outcome.CONTINUE, False, "open", "customer"),
        (Outcome.CONTINUE, True, "open", None),
        (Outcome.CLOSE, False, "closed", None),
        (Outcome.DELETE, False, None, None),
    ],
)
def test_an_end_leaves_the_account_in_order(
    outcome: Outcome,
    others: bool,  # noqa: FBT001 - a column of the table
    status: str | None,
    coming: str | None,
) -> None:
    """It goes on with the customer as payer, or is closed, or is deleted; others keep their terms."""
    users = (COLLABORATION, OTHER_COLLABORATION) if others else (COLLABORATION,)
    after = without_collaboration(subscription(BOOKS, *users, terms=dict(BOOKS_SETUP)), COLLABORATION, outcome)
    assert (after and after.status) == status
    recipient = after.next_setup.invoice_recipient if after and after.next_setup else None
    assert recipient == coming


OTHER_USE = SubscriptionUse(office_id=OTHER_OFFICE, collaboration_id=OTHER_COLLABORATION)
PAYS = SetUpField.INVOICE_RECIPIENT


def shared(**changes: Any) -> Subscription:
    """A subscription of two offices, whose invoices go to one of them."""
    return subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP)).replace(subscribers=(USE, OTHER_USE), **changes)


@pytest.mark.parametrize(
    ("paying", "coming"),
    [({PAYS: OFFICE}, "customer"), ({PAYS: OTHER_OFFICE}, None), ({}, "customer")],
    ids=["the one that leaves", "the one that stays", "not known"],
)
def test_no_office_pays_what_another_agreed_to(paying: dict[SetUpField, OfficeId], coming: str | None) -> None:
    """`who-agreed-to-pay-pays`: the customer does, once the one has left that paid, or may have."""
    after = without_collaboration(shared(paying_offices=paying), COLLABORATION, Outcome.CONTINUE)
    assert after
    assert (after.next_setup and after.next_setup.invoice_recipient) == coming


def test_an_office_pays_until_its_last_collaboration_ends() -> None:
    """Another one of its own goes on."""
    others = (USE, OTHER_USE, SubscriptionUse(office_id=OFFICE, collaboration_id=CollaborationId("col-third")))
    present = shared(paying_offices={PAYS: OFFICE}).replace(subscribers=others)
    after = without_collaboration(present, COLLABORATION, Outcome.CONTINUE)
    assert after
    assert (after.next_setup, after.paying_office(PAYS)) == (None, OFFICE)


def test_who_pays_is_kept_with_the_terms() -> None:
    """From the start, beside others, and through a renewal; no longer than an office pays."""
    started = with_collaboration(None, BOOKS, BOOKS_SETUP, USE, NOW)
    joined = with_collaboration(started, BOOKS, SetUp(), OTHER_USE, NOW)
    assert (started.paying_offices, joined.paying_offices) == ({PAYS: OFFICE}, {PAYS: OFFICE})
    assert joined.paid_by_another(OTHER_OFFICE) >= {PAYS}
    assert PAYS not in joined.paid_by_another(OFFICE)
    customer = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
    given_up = with_set_up(joined, BOOKS_SETUP, customer, OFFICE)
    assert given_up.paying_offices == {PAYS: OFFICE}
    taken_over = with_set_up(given_up, BOOKS_SETUP, BOOKS_SETUP, OTHER_OFFICE)
    assert (taken_over.paying_offices, taken_over.next_paying_offices) == ({PAYS: OFFICE}, {PAYS: OTHER_OFFICE})
    later = renewed(taken_over, date(2027, 12, 1))
    assert later
    assert (later.paying_offices, later.next_paying_offices) == ({PAYS: OTHER_OFFICE}, {})
    paid = renewed(given_up, date(2027, 12, 1))
    assert paid
    assert (paid.terms.invoice_recipient, paid.paying_offices) == (InvoiceRecipient.CUSTOMER, {})


def test_what_the_register_lets_an_office_pay_is_the_only_ones() -> None:
    """Of two it is not known which; an office that joins later pays nothing."""
    customer = dict(BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER))
    terms = Terms(solution=BOOKS, renews_on=date(2026, 12, 1), **dict(BOOKS_SETUP))
    alone = subscription(BOOKS, COLLABORATION, terms=customer)
    assert recorded(terms, alone, TODAY).paying_offices == {PAYS: OFFICE}
    assert recorded(terms, alone.replace(subscribers=(USE, OTHER_USE)), TODAY).paying_offices == {}
    assert with_use(recorded(terms, None, TODAY), BOOKS, USE).paying_offices == {PAYS: OFFICE}
    # Written before who pays was kept.
    assert with_use(subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP)), BOOKS, OTHER_USE).paying_offices == {
        PAYS: OFFICE
    }


def test_another_office_is_told_from_ones_own() -> None:
    """By who rests on the subscription."""
    present = subscription(BOOKS, COLLABORATION)
    assert (present.other_offices(OFFICE), present.other_offices(OTHER_OFFICE)) == (False, True)


@pytest.mark.parametrize(
    ("renews_on", "anchor_day", "kept"),
    [("2027-02-28", 31, 31), ("2027-03-31", 31, 31), ("2027-03-30", 31, None), ("2027-03-30", None, None)],
)
def test_the_register_may_move_the_day(renews_on: str, anchor_day: int | None, kept: int | None) -> None:
    """A day that the anchor gives in its month is no move."""
    present = subscription(BOOKS, terms={"renews_on": date(2027, 1, 31)}, anchor_day=anchor_day)
    after = recorded(Terms(solution=BOOKS, renews_on=date.fromisoformat(renews_on)), present, TODAY)
    assert after.anchor_day == kept


@pytest.mark.parametrize(
    ("renews_on", "said", "expected"),
    [
        ("2027-01-01", "2026-11-01", "2027-01-01"),
        ("2026-12-01", "2026-11-24", "2026-11-24"),
        ("2027-11-24", "2026-11-24", "2027-11-24"),
        ("2027-01-01", "2026-12-01", "2026-12-01"),
        ("2026-11-20", "2026-11-22", "2026-11-22"),
    ],
    ids=["passed", "moved to today", "renewed today", "moved to a day to come", "missed here too"],
)
def test_a_renewal_moves_forward_whatever_comes_late(renews_on: str, said: str, expected: str) -> None:
    """`renewals-move-forward`: a day that has passed is not the next renewal, and puts nothing in force early."""
    coming = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
    terms = {**dict(BOOKS_SETUP), "renews_on": date.fromisoformat(renews_on)}
    present = subscription(BOOKS, COLLABORATION, terms=terms, next_setup=coming, was_used=True)
    late = present.terms.replace(renews_on=date.fromisoformat(said))
    after = recorded(late, present.replace(register_terms=present.terms), TODAY)
    assert (after.terms.renews_on.isoformat(), after.next_setup, after.register_terms) == (expected, coming, late)


@pytest.mark.parametrize(
    ("known", "said", "expected"),
    [
        ({}, "2027-11-24", "2027-02-24"),
        ({}, "2028-11-24", "2027-02-24"),
        ({}, "2027-12-24", "2027-12-24"),
        ({"renews_on": date(2027, 2, 24)}, "2028-02-24", "2028-02-24"),
        ({"renews_on": date(2026, 11, 30)}, "2027-11-30", "2027-02-24"),
        ({"renews_on": date(2026, 2, 28), "period_months": 3}, "2026-08-31", "2027-02-24"),
        ({"period_months": 0}, "2027-11-24", "2027-11-24"),
        ({"invoice_recipient": InvoiceRecipient.CUSTOMER}, "2027-11-24", "2027-11-24"),
    ],
    ids=[
        "as before",
        "twice",
        "moved",
        "renewed nowhere else",
        "the last of a month",
        "a shorter month",
        "a period of 0.1.0",
        "and something else",
    ],
)
def test_a_renewal_by_what_the_register_said_last_moves_no_day(known: dict[str, Any], said: str, expected: str) -> None:
    """`other-terms-at-renewal`: here it renewed with a period of which the register has not heard."""
    terms = {**dict(BOOKS_SETUP), "period_months": 3, "renews_on": date(2027, 2, 24)}
    present = subscription(BOOKS, COLLABORATION, terms=terms, was_used=True)
    before = Terms(solution=BOOKS, **{**dict(BOOKS_SETUP), "renews_on": TODAY, **known})
    renewed_there = Terms(solution=BOOKS, **dict(BOOKS_SETUP), renews_on=date.fromisoformat(said))
    if "period_months" in known:
        renewed_there = renewed_there.replace(period_months=known["period_months"])
    after = recorded(renewed_there, present.replace(register_terms=before), TODAY)
    assert (after.terms.renews_on.isoformat(), after.register_terms) == (expected, renewed_there)


def test_what_the_register_repeats_changes_nothing() -> None:
    """Neither a chosen variant that it does not name, nor what is agreed for the renewal."""
    coming = SetUp(variant="standard", invoice_recipient=InvoiceRecipient.OFFICE)
    present = subscription(PAYROLL, COLLABORATION, terms={"variant": "standard"}, next_setup=coming)
    said = present.terms.replace(variant=None)
    heard = recorded(said, present, TODAY)
    assert heard == present.replace(register_terms=said, revision=present.revision + 1)
    assert recorded(said, heard, TODAY) is heard
    moved = recorded(present.terms.replace(renews_on=date(2027, 1, 1)), present, TODAY)
    assert (moved.next_setup, moved.terms.variant) == (coming, "standard")
    known = recorded(present.terms.replace(invoice_recipient=InvoiceRecipient.OFFICE), present, TODAY)
    assert known.next_setup is None


def test_what_the_register_changes_stays_changed_at_the_renewal() -> None:
    """Beside what was agreed to change then."""
    coming = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
    present = subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP), next_setup=coming)
    after = recorded(present.terms.replace(variant="bookkeeping-invoicing"), present, TODAY)
    assert after.next_setup == coming.replace(variant="bookkeeping-invoicing")


@pytest.mark.parametrize(
    ("terms", "faults"),
    [
        ({"solution": BOOKS, **dict(BOOKS_SETUP)}, {}),
        ({"solution": "no-such"}, {"solution": "unknown"}),
        ({"solution": BOOKS, "period_months": 0}, {"periodMonths": "invalid"}),
        ({"solution": BOOKS, "variant": "no-such"}, {"variant": "invalid"}),
        ({"solution": SCANNER, "period_months": 3}, {"periodMonths": "not-asked"}),
        ({"solution": BOOKS, "report_recipient": "payroll"}, {"reportRecipient": "not-asked"}),
        (
            {"solution": PAYROLL, "variant": "start", "invoice_recipient": "customer"},
            {"invoiceRecipient": "not-available"},
        ),
    ],
)
def test_terms_are_checked_against_the_catalogue(terms: dict[str, Any], faults: dict[str, str]) -> None:
    """Each field that is wrong is named."""
    found = terms_faults(Terms(renews_on=date(2026, 12, 1), **terms), "#/subscriptions/2")
    named = {fault.pointer: str(fault.code) for fault in found}
    assert named == {f"#/subscriptions/2/{field}": code for field, code in faults.items()}


CUSTOMER_PAYS = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
BOTH_PAY = {"sent_invoice_recipient": InvoiceRecipient.OFFICE, "received_invoice_recipient": InvoiceRecipient.CUSTOMER}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"terms": dict(CUSTOMER_PAYS)}, TODAY),
        ({"terms": dict(BOOKS_SETUP), "next_setup": CUSTOMER_PAYS}, date(2026, 12, 1)),
        ({"terms": dict(BOOKS_SETUP)}, None),
        ({"terms": dict(BOOKS_SETUP), "next_setup": BOOKS_SETUP.replace(period_months=3)}, None),
        ({"terms": BOTH_PAY}, None),
        ({"terms": {}}, None),
        ({"terms": dict(CUSTOMER_PAYS), "status": SubscriptionStatus.CLOSED}, None),
        ({"terms": dict(CUSTOMER_PAYS), "status": SubscriptionStatus.UNRECORDED}, None),
    ],
)
def test_from_when_the_customer_pays(changes: dict[str, Any], expected: date | None) -> None:
    """All of it, and only where that is known: another change at the renewal says nothing of who pays."""
    assert customer_pays_from(subscription(BOOKS, **changes), TODAY) == expected
