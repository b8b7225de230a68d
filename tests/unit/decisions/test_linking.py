"""Link, move the link, undo it; an unlinked import and its account."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from collaboration.domain.decisions.importing import ImportedRow, assign_account
from collaboration.domain.decisions.importing import imported as imported_by
from collaboration.domain.decisions.linking import Link, link, unlink
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import ArrangedEnd, Collaboration, CollaborationState, Origin, account_of
from collaboration.domain.model.faults import RefusedError, Slug
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.subscriptions import SubscriptionStatus
from collaboration.domain.model.values import AccountId, Outcome, TaskId

from .builders import (
    ACCOUNT,
    AGREEMENT,
    AT_CUSTOMER,
    AT_OFFICE,
    BOOKS,
    BOOKS_SETUP,
    COLLABORATION,
    CUSTOMER,
    NOW,
    NUMBER,
    OFFICE,
    OTHER_ACCOUNT,
    OTHER_AGREEMENT,
    OTHER_NUMBER,
    OTHER_TASK,
    SCANNER,
    TASK,
    account,
    collaboration,
    customer,
    imported,
    link_context,
    subscription,
    task,
)

OTHER = account(id=OTHER_ACCOUNT)


def to(**changes: Any) -> Link:
    """Link to the task in bookkeeping, without naming an account."""
    return Link(**{"customer_id": CUSTOMER, "task_id": TASK, "solution": BOOKS, "account_id": None, **changes})


def linked(change: Any) -> Collaboration:
    """The collaboration after the change."""
    after = change.collaboration.after
    assert isinstance(after, Collaboration)
    return after


def test_an_import_is_linked_to_the_only_account() -> None:
    """The customer, the task and the account are its own from now."""
    change = link(link_context(), to(), NOW)
    after = linked(change)
    assert (after.customer_id, after.task_id, after.account_id) == (CUSTOMER, TASK, ACCOUNT)
    assert change is not None
    assert change.guards[0].after == Guard.for_collaboration(after)


def test_an_import_has_its_account_chosen() -> None:
    """Of several, and to another one later: that is a change, not nothing."""
    context = link_context(accounts=(account(), OTHER))
    with pytest.raises(RefusedError) as refusal:
        link(context, to(), NOW)
    assert refusal.value.fault.slug == "account-ambiguous"
    first = linked(link(context, to(account_id=ACCOUNT), NOW))
    again = link_context(accounts=(account(), OTHER), collaboration=first)
    assert link(again, to(account_id=ACCOUNT), NOW) is None
    moved = link(again, to(account_id=OTHER_ACCOUNT), NOW)
    assert linked(moved).account_id == OTHER_ACCOUNT
    assert moved is not None
    assert [(change.field, change.after) for change in moved.history[0].changes] == [("accountId", OTHER_ACCOUNT)]


@pytest.mark.parametrize("origin", [Origin.INVITATION, Origin.ACTIVATION])
def test_what_was_approved_or_activated_keeps_its_account(origin: Origin) -> None:
    """Another account is refused by name; the task is moved, and its own account needs no naming."""
    context = link_context(accounts=(account(), OTHER), collaboration=collaboration(origin=origin))
    for task_id in (TASK, OTHER_TASK):
        with pytest.raises(RefusedError) as refusal:
            link(context, to(account_id=OTHER_ACCOUNT, task_id=task_id), NOW)
        named = [(field.pointer, str(field.code)) for field in refusal.value.fault.fields]
        assert (refusal.value.fault.slug, named) == ("validation-failed", [("#/accountId", "not-available")])
    for named_account in (None, ACCOUNT):
        after = linked(link(context, to(account_id=named_account, task_id=OTHER_TASK), NOW))
        assert (after.task_id, after.account_id) == (OTHER_TASK, ACCOUNT)


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str, list[str]]] = {
    "an ended one": ({"collaboration": imported(state=CollaborationState.ENDED)}, {}, "collaboration-ended", []),
    "another solution": ({}, {"solution": SCANNER}, "validation-failed", ["#/solution"]),
    "another company": (
        {"customer": customer(organisation_number=OTHER_NUMBER)},
        {},
        "validation-failed",
        ["#/customerId"],
    ),
    "an unknown account": ({}, {"account_id": AccountId("x")}, "validation-failed", ["#/accountId"]),
    "a live one": (
        {"guard": Guard.for_collaboration(collaboration(agreement=OTHER_AGREEMENT))},
        {},
        "already-collaborating",
        [],
    ),
    "no account": ({"accounts": ()}, {}, "customer-not-registered", []),
    "an unknown task": ({}, {"task_id": TaskId("x")}, "task-not-selectable", ["#/taskId"]),
    "an inactive task": ({"tasks": {TASK: task(active=False)}}, {}, "task-not-selectable", ["#/taskId"]),
    "an inactive customer": ({"customer": customer(active=False)}, {}, "task-not-selectable", ["#/taskId"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_link_is_refused_with_its_reason(what: str) -> None:
    """Each field that is wrong is named."""
    context, command, slug, fields = REFUSED[what]
    with pytest.raises(RefusedError) as refusal:
        link(link_context(**context), to(**command), NOW)
    assert refusal.value.fault.slug == slug
    assert [field.pointer for field in refusal.value.fault.fields] == fields


def test_a_linked_one_rests_on_its_accounts_solution() -> None:
    """Recorded or not; where it is recorded, it takes the terms that hold and those that will."""
    unrecorded = link(link_context(), to(), NOW)
    assert unrecorded is not None
    [transition] = unrecorded.subscriptions
    assert transition.transition.after is not None
    assert transition.transition.after.status is SubscriptionStatus.UNRECORDED
    assert transition.transition.after.is_used_by(COLLABORATION)
    coming = BOOKS_SETUP.replace(period_months=3)
    known = subscription(BOOKS, terms=dict(BOOKS_SETUP), next_setup=coming)
    after = linked(link(link_context(accounts=(account(known),)), to(), NOW))
    assert (after.setup, after.next_setup, after.renews_on) == (BOOKS_SETUP, coming, date(2026, 12, 1))


def test_a_moved_link_rests_on_one_subscription_only() -> None:
    """The one of the account it left is released."""
    first, second = account(subscription(BOOKS, COLLABORATION)), account(subscription(BOOKS), id=OTHER_ACCOUNT)
    present = imported(customer_id=CUSTOMER, task_id=TASK, account_id=ACCOUNT)
    change = link(link_context(collaboration=present, accounts=(first, second)), to(account_id=OTHER_ACCOUNT), NOW)
    assert change is not None
    used = {
        moved.account_id: moved.transition.after and len(moved.transition.after.subscribers)
        for moved in change.subscriptions
    }
    assert used == {ACCOUNT: 0, OTHER_ACCOUNT: 1}


def test_undoing_a_link_leaves_an_import_as_it_was() -> None:
    """It belongs to the only account of its number still, and rests on its solution."""
    known = subscription(BOOKS, COLLABORATION, terms=dict(BOOKS_SETUP))
    present = imported(customer_id=CUSTOMER, task_id=TASK, account_id=ACCOUNT, setup=BOOKS_SETUP)
    change = unlink(present, (account(known),), AT_OFFICE, NOW)
    after = linked(change)
    assert (after.customer_id, after.task_id, after.account_id, after.solution) == (None, None, ACCOUNT, BOOKS)
    assert change is not None
    assert change.subscriptions == ()


def test_undoing_a_link_forgets_an_account_that_was_chosen() -> None:
    """With several, an unlinked one belongs to none."""
    present = imported(customer_id=CUSTOMER, task_id=TASK, account_id=ACCOUNT, setup=BOOKS_SETUP)
    change = unlink(present, (account(subscription(BOOKS, COLLABORATION)), OTHER), AT_OFFICE, NOW)
    assert (linked(change).account_id, linked(change).setup) == (None, SetUp())
    assert change is not None
    [released] = change.subscriptions
    assert released.transition.after is not None
    assert released.transition.after.subscribers == ()


def test_undoing_a_link_does_not_undo_an_arranged_end() -> None:
    """The company sees it still, and it happens as arranged."""
    ends = (ArrangedEnd(on=date(2026, 12, 24), outcome=Outcome.CLOSE, by=AT_CUSTOMER),)
    known = account(subscription(BOOKS, COLLABORATION))
    present = imported(customer_id=CUSTOMER, task_id=TASK, account_id=ACCOUNT, arranged_ends=ends)
    after = linked(unlink(present, (known, OTHER), AT_OFFICE, NOW))
    assert (after.task_id, after.customer_id) == (None, None)
    assert (after.account_id, after.solution, after.arranged_ends) == (ACCOUNT, BOOKS, ends)
    assert account_of(after, (known, OTHER)) == known
    assert assign_account(after, (known, OTHER), NOW) is None


def test_what_was_approved_stays_with_its_customer_and_account() -> None:
    """Only the task goes."""
    after = linked(unlink(collaboration(), (account(),), AT_OFFICE, NOW))
    assert (after.task_id, after.customer_id, after.account_id, after.setup) == (None, CUSTOMER, ACCOUNT, BOOKS_SETUP)
    assert unlink(after, (account(),), AT_OFFICE, NOW) is None


@pytest.mark.parametrize(("accounts", "expected"), [((), None), ((account(),), ACCOUNT), ((account(), OTHER), None)])
def test_an_import_belongs_to_the_only_account_of_its_number(
    accounts: tuple[Any, ...], expected: AccountId | None
) -> None:
    """When it is imported, when an account appears, and when a second one does."""
    row = ImportedRow(organisation_number=NUMBER, solution=BOOKS, reference="old-1")
    assert linked(imported_by(OFFICE, AGREEMENT, row, accounts, NOW)).account_id == expected
    for present in (None, ACCOUNT):
        before = imported(account_id=present)
        change = assign_account(before, accounts, NOW)
        assert (linked(change) if change else before).account_id == expected
        found = account_of(before, accounts)
        assert (found.id if found else None) == expected


def test_an_assigned_import_rests_on_its_accounts_solution() -> None:
    """And is let go when its company gets a second account; its revision stays."""
    change = assign_account(imported(), (account(),), NOW)
    assert change is not None
    [joined] = change.subscriptions
    assert joined.transition.after is not None
    assert joined.transition.after.is_used_by(COLLABORATION)
    assert linked(change).revision == imported().revision
    assert assign_account(linked(change), (account(joined.transition.after),), NOW) is None
    left = assign_account(linked(change), (account(joined.transition.after), OTHER), NOW)
    assert left is not None
    assert [released.transition.after for released in left.subscriptions] == [None]


IN_A_MONTH = date(2026, 12, 24)


@pytest.mark.parametrize(
    ("by", "problem", "stays"),
    [(AT_OFFICE, None, True), (AT_CUSTOMER, None, False), (AT_OFFICE, Slug.MAIN_CONTACT_MISSING, False)],
)
def test_an_end_that_another_company_arranged_stays_behind(by: Any, problem: Slug | None, *, stays: bool) -> None:
    """`no-end-by-another-company`: nor does one that failed there come along; what the office has arranged does."""
    arranged = ArrangedEnd(on=IN_A_MONTH, outcome=Outcome.CONTINUE, by=by, problem=problem)
    # One whose solution is known stays with its account until an end that has not failed is carried out.
    before = imported(account_id=ACCOUNT, arranged_ends=(arranged,), solution=None, imported_solution=None)
    change = assign_account(before, (OTHER,), NOW)
    assert change is not None
    assert (linked(change).account_id, bool(linked(change).arranged_ends)) == (OTHER_ACCOUNT, stays)
    assert linked(change).revision == before.revision + (not stays)
    lines = [(str(entry.what), entry.subject.account_id) for entry in change.history]
    assert lines == ([] if stays or problem else [("end-cancelled", ACCOUNT)])


def test_an_end_that_failed_goes_with_the_link() -> None:
    """It failed at the account that was chosen, which an unlinked import is with no longer."""
    failed = ArrangedEnd(on=IN_A_MONTH, outcome=Outcome.CONTINUE, by=AT_CUSTOMER, problem=Slug.MAIN_CONTACT_MISSING)
    before = imported(solution=BOOKS, task_id=TASK, customer_id=CUSTOMER, account_id=ACCOUNT, arranged_ends=(failed,))
    assert linked(unlink(before, (account(), OTHER), AT_OFFICE, NOW)).arranged_ends == ()


@pytest.mark.parametrize(
    "other", [collaboration(), collaboration(task_id=None), imported(state=CollaborationState.ENDED)]
)
def test_nothing_else_is_assigned_an_account(other: Collaboration) -> None:
    """What was approved, what is linked and what has ended keep theirs."""
    assert assign_account(other, (account(), OTHER), NOW) is None
