"""The set-up that will hold, and what is wrong with the one given: `asked-set-up-only`, `terms-inherited`."""

from __future__ import annotations

from typing import Any

import pytest
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.setup import resolve_setup

from .builders import BOOKS, BOOKS_SETUP, PAYROLL, SCANNER, TRAVEL, solution, subscription

FULL = {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12}


@pytest.mark.parametrize(
    ("key", "given", "expected", "faults"),
    [
        (BOOKS, FULL, FULL, {}),
        (BOOKS, {}, {}, {"variant": "missing", "periodMonths": "missing", "invoiceRecipient": "missing"}),
        (
            BOOKS,
            {**FULL, "variant": "no-such"},
            {"invoiceRecipient": "office", "periodMonths": 12},
            {"variant": "invalid"},
        ),
        (
            BOOKS,
            {**FULL, "periodMonths": 6},
            {"variant": "bookkeeping", "invoiceRecipient": "office"},
            {"periodMonths": "invalid"},
        ),
        (BOOKS, {**FULL, "reportRecipient": "payroll"}, FULL, {"reportRecipient": "not-asked"}),
        (SCANNER, {}, {}, {}),
        (SCANNER, {"periodMonths": 12}, {}, {"periodMonths": "not-asked"}),
        (
            TRAVEL,
            {"invoiceRecipient": "customer"},
            {"invoiceRecipient": "customer", "reportRecipient": "bookkeeping-invoicing"},
            {},
        ),
        (PAYROLL, {"variant": "start"}, {"variant": "start", "invoiceRecipient": "office"}, {}),
        (
            PAYROLL,
            {"variant": "start", "invoiceRecipient": "customer"},
            {"variant": "start", "invoiceRecipient": "office"},
            {"invoiceRecipient": "not-available"},
        ),
        (PAYROLL, {"variant": "standard"}, {"variant": "standard"}, {"invoiceRecipient": "missing"}),
    ],
)
def test_a_new_subscription_asks_what_the_catalogue_says(
    key: str, given: dict[str, Any], expected: dict[str, Any], faults: dict[str, str]
) -> None:
    """Mandatory when asked, refused when not; defaults and fixed values filled in."""
    setup, found = resolve_setup(solution(key), None, SetUp.model_validate(given))
    assert setup.as_fields() == expected
    assert {fault.pointer.removeprefix("#/"): str(fault.code) for fault in found} == faults


@pytest.mark.parametrize(
    ("terms", "given", "expected", "faults"),
    [
        (dict(BOOKS_SETUP), {}, FULL, {}),
        (dict(BOOKS_SETUP), FULL, FULL, {}),
        (dict(BOOKS_SETUP), {"periodMonths": 3}, FULL, {"periodMonths": "inherited"}),
        (dict(BOOKS_SETUP), {"reportRecipient": "payroll"}, FULL, {"reportRecipient": "not-asked"}),
        ({"variant": "bookkeeping"}, {}, {"variant": "bookkeeping", "invoiceRecipient": "customer"}, {}),
        ({"customer_owned": True}, {}, {}, {}),
        ({"customer_owned": True}, {"variant": "bookkeeping"}, {}, {"variant": "not-asked"}),
    ],
)
def test_an_existing_subscription_hands_its_terms_down(
    terms: dict[str, Any], given: dict[str, Any], expected: dict[str, Any], faults: dict[str, str]
) -> None:
    """Equal values are accepted; the customer pays where the register names nobody."""
    setup, found = resolve_setup(solution(BOOKS), subscription(terms=terms), SetUp.model_validate(given))
    assert setup.as_fields() == expected
    assert {fault.pointer.removeprefix("#/"): str(fault.code) for fault in found} == faults


@pytest.mark.parametrize("owned", ["customer_owned", "office_owned"])
def test_a_variant_that_the_register_does_not_name_may_be_chosen(owned: str) -> None:
    """Where the kind depends on it: nothing could be decided otherwise."""
    known = subscription(PAYROLL, terms={"customer_owned": owned == "customer_owned"})
    setup, found = resolve_setup(solution(PAYROLL), known, SetUp(variant="standard"))
    assert (setup.variant, found) == ("standard", ())
    _, missing = resolve_setup(solution(PAYROLL), known, SetUp())
    assert [(fault.pointer, str(fault.code)) for fault in missing] == [("#/variant", "missing")]
    _, invalid = resolve_setup(solution(PAYROLL), known, SetUp(variant="no-such"))
    assert [(fault.pointer, str(fault.code)) for fault in invalid] == [("#/variant", "invalid")]


def test_no_variant_keeps_the_customers_own_subscription_from_its_approval() -> None:
    """An office cannot choose the variant that it would run by itself, without asking whose subscription it is."""
    known = subscription(PAYROLL, terms={"customer_owned": True})
    setup, found = resolve_setup(solution(PAYROLL), known, SetUp(variant="start"))
    assert (setup.variant, [(fault.pointer, str(fault.code)) for fault in found]) == (
        None,
        [("#/variant", "not-available")],
    )


def test_a_variant_that_the_register_names_is_inherited() -> None:
    """Also where the kind depends on it."""
    known = subscription(PAYROLL, terms={"variant": "start"})
    setup, found = resolve_setup(solution(PAYROLL), known, SetUp(variant="standard"))
    assert setup.variant == "start"
    assert [(fault.pointer, str(fault.code)) for fault in found] == [("#/variant", "inherited")]
