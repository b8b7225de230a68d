"""Editing: the task, what is to do, and the set-up: `variant-at-once`, `other-terms-at-renewal`."""

from __future__ import annotations

from typing import Any

import pytest
from collaboration.domain.decisions.editing import Edit, edit
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, Origin
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import InvoiceRecipient, TaskId

from .builders import (
    BOOKS,
    BOOKS_SETUP,
    COLLABORATION,
    NOW,
    OTHER_AGREEMENT,
    OTHER_COLLABORATION,
    OTHER_TASK,
    PAYROLL,
    SCANNER,
    TASK,
    account,
    collaboration,
    customer,
    edit_context,
    employee,
    imported,
    subscription,
    task,
)

CUSTOMER_PAYS = SetUp(invoice_recipient=InvoiceRecipient.CUSTOMER)


def changing(**changes: Any) -> Edit:
    """Nothing, but for what is named."""
    return Edit(**{"task_id": None, "setup": SetUp(), "to_do_done": (), "confirm": (), **changes})


def edited(change: Any) -> Collaboration:
    """The collaboration after the change."""
    after = change.collaboration.after
    assert isinstance(after, Collaboration)
    return after


@pytest.mark.parametrize(
    ("given", "now", "coming"),
    [
        (CUSTOMER_PAYS, BOOKS_SETUP, BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)),
        (SetUp(period_months=3), BOOKS_SETUP, BOOKS_SETUP.replace(period_months=3)),
        (SetUp(variant="bookkeeping-invoicing"), BOOKS_SETUP.replace(variant="bookkeeping-invoicing"), None),
        (
            SetUp(variant="bookkeeping-invoicing", period_months=3),
            BOOKS_SETUP.replace(variant="bookkeeping-invoicing"),
            BOOKS_SETUP.replace(variant="bookkeeping-invoicing", period_months=3),
        ),
    ],
)
def test_the_variant_changes_at_once_and_the_rest_at_the_renewal(
    given: SetUp, now: SetUp, coming: SetUp | None
) -> None:
    """In the collaboration as in its subscription."""
    change = edit(edit_context(), changing(setup=given), NOW)
    assert (edited(change).setup, edited(change).next_setup) == (now, coming)
    assert change is not None
    [transition] = change.subscriptions
    assert transition.transition.after is not None
    assert (transition.transition.after.terms.setup(), transition.transition.after.next_setup) == (now, coming)


def test_what_is_so_already_changes_nothing() -> None:
    """Neither the revision nor history."""
    assert edit(edit_context(), changing(setup=BOOKS_SETUP, task_id=TASK), NOW) is None


def test_siblings_share_the_terms() -> None:
    """Each has history of its own."""
    sibling = collaboration(agreement=OTHER_AGREEMENT)
    terms = dict(BOOKS_SETUP)
    shared = account(subscription(BOOKS, COLLABORATION, OTHER_COLLABORATION, terms=terms))
    change = edit(edit_context(siblings=(sibling,), account=shared), changing(setup=CUSTOMER_PAYS), NOW)
    assert change is not None
    [moved] = change.siblings
    assert moved.after is not None
    assert moved.after.next_setup == edited(change).next_setup
    assert {entry.subject.agreement for entry in change.history} == {sibling.agreement, edited(change).agreement}


def test_everybody_may_change_the_task() -> None:
    """With no rights at all; the list shows its owner."""
    context = edit_context(caller=employee(full_user_rights=False, administrator=False))
    after = edited(edit(context, changing(task_id=OTHER_TASK), NOW))
    assert (after.task_id, after.list_row.task_owner) == (OTHER_TASK, "bo")


def test_a_downgrade_says_what_is_lost() -> None:
    """And wants it confirmed, item by item."""
    down = SetUp(variant="accountant-access")
    with pytest.raises(RefusedError) as refusal:
        edit(edit_context(), changing(setup=down), NOW)
    assert (refusal.value.fault.slug, refusal.value.fault.confirm) == ("confirmation-needed", ("own-bookkeeping",))
    confirmed = edit(edit_context(), changing(setup=down, confirm=("own-bookkeeping",)), NOW)
    assert edited(confirmed).setup.variant == "accountant-access"


def test_a_variant_of_the_other_kind_is_a_new_agreement() -> None:
    """Payroll `standard` is shared, `start` an office tool."""
    terms = {"variant": "standard", "invoice_recipient": "office"}
    context = edit_context(
        collaboration=collaboration(solution=PAYROLL, setup=SetUp.model_validate(terms)),
        account=account(subscription(PAYROLL, COLLABORATION, terms=terms)),
    )
    with pytest.raises(RefusedError) as refusal:
        edit(context, changing(setup=SetUp(variant="start")), NOW)
    assert (refusal.value.fault.slug, refusal.value.fault.hint) == ("kind-differs", None)


@pytest.mark.parametrize("variant", ["standard", "start"])
def test_a_variant_is_not_chosen_for_what_is_of_no_known_kind(variant: str) -> None:
    """The register names none of an import's: it would decide afterwards whether the company works in it too."""
    context = edit_context(
        collaboration=collaboration(origin=Origin.IMPORT, solution=PAYROLL, setup=SetUp()),
        account=account(subscription(PAYROLL, COLLABORATION)),
    )
    with pytest.raises(RefusedError) as refusal:
        edit(context, changing(setup=SetUp.model_validate({"variant": variant})), NOW)
    assert (refusal.value.fault.slug, refusal.value.fault.hint) == ("kind-differs", "unknown")


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str, list[str]]] = {
    "no full rights": ({"caller": employee(full_user_rights=False)}, {"setup": CUSTOMER_PAYS}, "not-allowed", []),
    "no administrator": ({"caller": employee(administrator=False)}, {"setup": CUSTOMER_PAYS}, "not-allowed", []),
    "an ended one": ({"collaboration": collaboration(state=CollaborationState.ENDED)}, {}, "collaboration-ended", []),
    "an unknown task": ({}, {"task_id": TaskId("x")}, "task-not-selectable", ["#/taskId"]),
    "an inactive task": (
        {"tasks": {OTHER_TASK: task(active=False)}},
        {"task_id": OTHER_TASK},
        "task-not-selectable",
        ["#/taskId"],
    ),
    "an inactive customer": (
        {"customer": customer(active=False)},
        {"task_id": OTHER_TASK},
        "task-not-selectable",
        ["#/taskId"],
    ),
    "a field that is not asked": (
        {"collaboration": collaboration(solution=SCANNER), "account": account(subscription(SCANNER))},
        {"setup": CUSTOMER_PAYS},
        "validation-failed",
        ["#/invoiceRecipient"],
    ),
    "a value that is none": ({}, {"setup": SetUp(period_months=6)}, "validation-failed", ["#/periodMonths"]),
    "no subscription": ({"account": account()}, {"setup": CUSTOMER_PAYS}, "validation-failed", ["#/invoiceRecipient"]),
    "an unlinked import": (
        {"collaboration": imported(account_id="account")},
        {"setup": CUSTOMER_PAYS},
        "validation-failed",
        ["#/invoiceRecipient"],
    ),
    "a customer's own": (
        {"account": account(subscription(BOOKS, COLLABORATION, terms={"customer_owned": True}))},
        {"setup": CUSTOMER_PAYS},
        "customer-owned-subscription",
        [],
    ),
    "a customer's own that is closed": (
        {"collaboration": collaboration(customer_owned=True), "account": account()},
        {"setup": CUSTOMER_PAYS},
        "customer-owned-subscription",
        [],
    ),
    "an unknown to-do": ({}, {"to_do_done": ("no-such",)}, "validation-failed", ["#/toDoDone/0"]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_edit_is_refused_with_its_reason(what: str) -> None:
    """Each field that is wrong is named."""
    context, command, slug, fields = REFUSED[what]
    with pytest.raises(RefusedError) as refusal:
        edit(edit_context(**context), changing(**command), NOW)
    assert refusal.value.fault.slug == slug
    assert [field.pointer for field in refusal.value.fault.fields] == fields


def test_what_was_to_do_is_ticked_off() -> None:
    """Once."""
    digital = collaboration(solution="digital-invoices", to_do=("choose-send-receive",))
    done = changing(to_do_done=("choose-send-receive",))
    after = edited(edit(edit_context(collaboration=digital), done, NOW))
    assert after.to_do == ()
    assert edit(edit_context(collaboration=after), done, NOW) is None
