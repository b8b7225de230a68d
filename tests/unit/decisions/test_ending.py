"""Ending: now or on a day, from either side, and what may become of the subscription."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.decisions.ending import End, cancel, carry_out, end, is_due, outcomes_now
from collaboration.domain.model.collaboration import ArrangedEnd, Collaboration, CollaborationState, Origin
from collaboration.domain.model.faults import RefusedError, Slug
from collaboration.domain.model.history import SYSTEM, EntryKind
from collaboration.domain.model.subscriptions import SubscriptionStatus
from collaboration.domain.model.values import Email, InvoiceRecipient, Outcome, Side

from .builders import (
    AT_CUSTOMER,
    AT_OFFICE,
    BOOKS,
    BOOKS_SETUP,
    COLLABORATION,
    NOW,
    OTHER_COLLABORATION,
    TODAY,
    TRAVEL,
    account,
    collaboration,
    end_context,
    imported,
    subscription,
)

if TYPE_CHECKING:
    from collaboration.domain.model.history import Actor

CONTINUE, CLOSE, DELETE = Outcome.CONTINUE, Outcome.CLOSE, Outcome.DELETE


def how(outcome: Outcome = CONTINUE, **changes: Any) -> End:
    """An end now."""
    return End(**{"on": None, "outcome": outcome, "confirm_solution": None, "checklist": (), **changes})


def ended(change: Any) -> Collaboration:
    """The collaboration after the change."""
    after = change.collaboration.after
    assert isinstance(after, Collaboration)
    return after


def arranged(by: Actor, days: int, outcome: Outcome = CONTINUE, problem: Slug | None = None) -> ArrangedEnd:
    """An end in some days."""
    return ArrangedEnd(on=TODAY + timedelta(days=days), outcome=outcome, by=by, problem=problem)


@pytest.mark.parametrize(
    ("changes", "shared", "side", "expected"),
    [
        ({}, False, Side.OFFICE, (CONTINUE, CLOSE)),
        ({}, False, Side.CUSTOMER, (CONTINUE, CLOSE)),
        ({"had_subscription": True}, False, Side.OFFICE, (CONTINUE,)),
        ({"had_subscription": True}, False, Side.CUSTOMER, (CONTINUE, CLOSE)),
        ({"customer_owned": True}, False, Side.OFFICE, (CONTINUE,)),
        ({"customer_owned": True}, False, Side.CUSTOMER, (CONTINUE, CLOSE)),
        ({"origin": Origin.IMPORT}, False, Side.OFFICE, (CONTINUE,)),
        ({}, True, Side.OFFICE, (CONTINUE,)),
        ({}, True, Side.CUSTOMER, (CONTINUE,)),
        ({"account_id": None}, False, Side.CUSTOMER, (CONTINUE,)),
        ({"solution": None}, False, Side.CUSTOMER, (CONTINUE,)),
        ({"state": CollaborationState.ENDED}, False, Side.OFFICE, ()),
    ],
)
@pytest.mark.parametrize("status", [SubscriptionStatus.OPEN, SubscriptionStatus.UNRECORDED])
def test_nobody_deletes_what_is_not_theirs(
    status: SubscriptionStatus,
    changes: dict[str, Any],
    shared: bool,  # noqa: FBT001 - a column of the table
    side: Side,
    expected: tuple[Outcome, ...],
) -> None:
    """Whether or not the register has recorded the subscription."""
    users = (COLLABORATION, OTHER_COLLABORATION) if shared else (COLLABORATION,)
    owner = account(subscription(BOOKS, *users, status=status))
    context = end_context(collaboration=collaboration(**changes), account=owner)
    assert outcomes_now(context, side) == expected


@pytest.mark.parametrize("by", [AT_OFFICE, AT_CUSTOMER])
def test_either_side_ends_at_once_whatever_is_arranged(by: Actor) -> None:
    """Without the other's approval."""
    ends = (arranged(AT_OFFICE, 3), arranged(AT_CUSTOMER, 5))
    after = ended(end(end_context(collaboration=collaboration(arranged_ends=ends)), how(), by, NOW))
    assert (after.state, after.ended_by, after.arranged_ends) == (CollaborationState.ENDED, by, ())


@pytest.mark.parametrize("days", [10, 40])
def test_each_side_has_an_end_of_its_own(days: int) -> None:
    """An earlier or later one of the office leaves the customer's alone; the earlier one comes first."""
    before = collaboration(arranged_ends=(arranged(AT_CUSTOMER, 20),))
    on = TODAY + timedelta(days=days)
    after = ended(end(end_context(collaboration=before), how(on=on), AT_OFFICE, NOW))
    assert after.arranged_end(Side.CUSTOMER) == arranged(AT_CUSTOMER, 20)
    assert after.arranged_end(Side.OFFICE) == arranged(AT_OFFICE, days)
    assert after.ends_on == min(on, TODAY + timedelta(days=20))
    cancelled = cancel(after, AT_OFFICE, NOW)
    assert cancelled is not None
    assert ended(cancelled).arranged_ends == before.arranged_ends


def test_a_side_cancels_its_own_end_only() -> None:
    """There is nothing for the other to cancel."""
    before = collaboration(arranged_ends=(arranged(AT_CUSTOMER, 20),))
    assert cancel(before, AT_OFFICE, NOW) is None
    assert cancel(before, AT_CUSTOMER, NOW) is not None


def test_a_side_moves_its_own_end() -> None:
    """To another day, told from the day it was."""
    before = collaboration(arranged_ends=(arranged(AT_OFFICE, 5), arranged(AT_CUSTOMER, 20)))
    change = end(end_context(collaboration=before), how(on=TODAY + timedelta(days=30)), AT_OFFICE, NOW)
    assert ended(change).arranged_end(Side.OFFICE) == arranged(AT_OFFICE, 30)
    assert [(moved.before, moved.after) for moved in change.history[0].changes] == [("2026-11-29", "2026-12-24")]


def test_an_arranged_end_happens_on_its_day_in_sweden() -> None:
    """Not before midnight there, which is an hour earlier in UTC in winter."""
    before = collaboration(arranged_ends=(arranged(AT_OFFICE, 1), arranged(AT_CUSTOMER, 0, problem=Slug.IN_USE)))
    assert not is_due(before, NOW.replace(hour=22, minute=59))
    assert is_due(before, NOW.replace(hour=23))
    assert not is_due(before.replace(state=CollaborationState.ENDED), NOW + timedelta(days=9))


def test_the_earlier_of_two_ends_happens() -> None:
    """With its own outcome, by its own side."""
    ends = (arranged(AT_OFFICE, 3), arranged(AT_CUSTOMER, 2, CLOSE))
    later = NOW + timedelta(days=9)
    after = ended(carry_out(end_context(collaboration=collaboration(arranged_ends=ends)), later))
    assert (after.state, after.ended_by, after.outcome) == (CollaborationState.ENDED, AT_CUSTOMER, CLOSE)


def test_a_failed_end_stands_in_nobodys_way() -> None:
    """It is kept with its problem; the other side's is due next, and either side can arrange a new one."""
    ends = (arranged(AT_OFFICE, 2, CLOSE), arranged(AT_CUSTOMER, 3))
    owner = account(subscription(BOOKS, COLLABORATION, OTHER_COLLABORATION))
    context = end_context(collaboration=collaboration(arranged_ends=ends), account=owner)
    later = NOW + timedelta(days=9)
    failed = ended(carry_out(context, later))
    assert failed.state is CollaborationState.ACTIVE
    assert failed.arranged_end(Side.OFFICE) == arranged(AT_OFFICE, 2, CLOSE, Slug.VALIDATION_FAILED)
    assert failed.ends_on == TODAY + timedelta(days=3)
    assert is_due(failed, later)
    again = end_context(collaboration=failed, account=owner)
    assert ended(carry_out(again, later)).ended_by == AT_CUSTOMER
    anew = ended(end(again, how(on=TODAY + timedelta(days=20)), AT_OFFICE, NOW))
    assert anew.arranged_end(Side.OFFICE) == arranged(AT_OFFICE, 20)


def test_a_dated_end_that_leaves_nobody_in_charge_fails() -> None:
    """It is reported to the task's owner, and not tried again."""
    context = end_context(
        collaboration=collaboration(arranged_ends=(arranged(AT_OFFICE, 0),)),
        account=account(subscription(BOOKS, COLLABORATION), main_contact=None),
    )
    change = carry_out(context, NOW)
    assert [end.problem for end in ended(change).arranged_ends] == [Slug.MAIN_CONTACT_MISSING]
    assert [recipient.key for recipient in change.mails[0].recipients] == ["e-anna"]
    assert not is_due(ended(change), NOW + timedelta(days=9))


REFUSED: dict[str, tuple[dict[str, Any], End, str]] = {
    "an ended one": ({"collaboration": collaboration(state=CollaborationState.ENDED)}, how(), "collaboration-ended"),
    "a day that is past": ({}, how(on=date(2026, 11, 23)), "validation-failed"),
    "an outcome of another solution": ({}, how(DELETE), "validation-failed"),
    "an unknown item": ({}, how(checklist=("no-such",)), "validation-failed"),
    "another solution's name": ({}, how(confirm_solution="scanner"), "validation-failed"),
    "no main contact": ({"account": account(main_contact=None)}, how(), "main-contact-missing"),
    "a main contact who is no user": (
        {"account": account(main_contact=Email("former@ceder.example"))},
        how(),
        "main-contact-missing",
    ),
    "no confirmation": ({"collaboration": collaboration(solution=TRAVEL)}, how(DELETE), "confirmation-needed"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_end_is_refused_with_its_reason(what: str) -> None:
    """Now as on a day."""
    context, command, slug = REFUSED[what]
    with pytest.raises(RefusedError) as refusal:
        end(end_context(**context), command, AT_OFFICE, NOW)
    assert refusal.value.fault.slug == slug


def test_what_cannot_be_undone_is_named() -> None:
    """The items of the list and the solution itself."""
    context = end_context(collaboration=collaboration(solution=TRAVEL))
    with pytest.raises(RefusedError) as refusal:
        end(context, how(DELETE, checklist=("reports-submitted",)), AT_OFFICE, NOW)
    assert refusal.value.fault.confirm == ("outlays-sent-in", TRAVEL)
    confirmed = how(DELETE, checklist=("reports-submitted", "outlays-sent-in"), confirm_solution=TRAVEL)
    assert ended(end(context, confirmed, AT_OFFICE, NOW)).outcome is DELETE


def test_an_end_without_a_record_changes_no_subscription_of_the_register() -> None:
    """What rested on nothing recorded is let go."""
    unrecorded = subscription(BOOKS, COLLABORATION, status=SubscriptionStatus.UNRECORDED)
    change = end(end_context(account=account(unrecorded)), how(), AT_OFFICE, NOW)
    assert [(moved.transition.before, moved.transition.after) for moved in change.subscriptions] == [(unrecorded, None)]
    assert [entry.what for entry in change.history] == ["collaboration-ended"]


def test_an_import_without_account_ends_by_itself() -> None:
    """There is nothing to leave in order and nobody to tell."""
    change = end(end_context(collaboration=imported(), account=None), how(), AT_OFFICE, NOW)
    assert (ended(change).state, change.subscriptions, change.mails) == (CollaborationState.ENDED, (), ())


@pytest.mark.parametrize(
    ("arranged_for", "now", "pays_from"),
    [
        (None, NOW, "2026-12-01"),
        (None, NOW + timedelta(days=7), "2027-12-01"),
        (None, NOW + timedelta(days=20), "2027-12-01"),
        (1, NOW + timedelta(days=20), "2026-12-01"),
        (7, NOW + timedelta(days=20), "2026-12-01"),
        (8, NOW + timedelta(days=20), "2027-12-01"),
    ],
    ids=["before", "on the day", "after", "arranged before", "arranged for the day", "arranged after"],
)
def test_a_renewal_that_was_missed_comes_before_a_later_end(
    arranged_for: int | None, now: datetime, pays_from: str
) -> None:
    """`in-the-order-of-time`: the office pays what was due before it left, however late the run is."""
    books = subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP), was_used=True)
    ends = () if arranged_for is None else (arranged(AT_OFFICE, arranged_for),)
    context = end_context(collaboration=collaboration(arranged_ends=ends), account=account(books))
    change = end(context, how(), AT_OFFICE, now) if arranged_for is None else carry_out(context, now)
    after = change.subscriptions[0].transition.after
    assert after
    assert (after.terms.renews_on.isoformat(), after.next_setup and after.next_setup.invoice_recipient) == (
        pays_from,
        "customer",
    )


@pytest.mark.parametrize(("arranged_for", "pays_from"), [(7, "2026-12-01"), (9, "2027-12-01")])
def test_an_end_in_place_of_one_that_is_due_costs_no_more(arranged_for: int, pays_from: str) -> None:
    """`in-the-order-of-time`: somebody ends it on the day of the renewal, for which an end was arranged."""
    books = subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP), was_used=True)
    given = collaboration(arranged_ends=(arranged(AT_CUSTOMER, arranged_for),))
    change = end(end_context(collaboration=given, account=account(books)), how(), AT_OFFICE, NOW + timedelta(days=7))
    after = change.subscriptions[0].transition.after
    assert after
    assert (after.terms.renews_on.isoformat(), after.next_setup and after.next_setup.invoice_recipient) == (
        pays_from,
        "customer",
    )


def test_what_was_agreed_for_a_missed_renewal_is_told_before_the_end() -> None:
    """It held when the collaboration ended, and history says since when."""
    customer = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
    books = subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP), next_setup=customer, was_used=True)
    before = collaboration(setup=BOOKS_SETUP, next_setup=customer)
    context = end_context(collaboration=before, account=account(books))
    change = end(context, how(), AT_OFFICE, NOW + timedelta(days=20))
    assert ended(change).setup == customer
    renewal, *rest = change.history
    assert (renewal.what, renewal.by, [difference.field for difference in renewal.changes]) == (
        EntryKind.SUBSCRIPTION_RENEWED,
        SYSTEM,
        ["invoiceRecipient"],
    )
    assert (rest[0].what, rest[0].by) == (EntryKind.COLLABORATION_ENDED, AT_OFFICE)
