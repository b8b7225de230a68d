"""The catalogue is data: ten solutions, and no name of one in the code."""

from __future__ import annotations

import ast

import pytest
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.values import ReportRecipient
from support.template import PROJECT

# key: kind, what is asked beside the task, what may become of it
SOLUTIONS = {
    "bookkeeping-invoicing": ("shared", {"variant", "invoiceRecipient", "periodMonths"}, {"continue", "close"}),
    "financial-overview": ("shared", {"invoiceRecipient", "periodMonths"}, {"delete"}),
    "scanner": ("shared", set(), {"continue", "close"}),
    "tax-annual-accounts": ("office-tool", set(), {"close"}),
    "consolidated-accounts": ("office-tool", set(), {"close"}),
    "travel-expenses": ("shared", {"invoiceRecipient", "reportRecipient"}, {"continue", "delete"}),
    "digital-invoices": ("shared", {"sentInvoiceRecipient", "receivedInvoiceRecipient"}, {"continue", "close"}),
    "employee-payslip": ("shared", set(), {"delete"}),
    "payroll": (None, {"variant", "invoiceRecipient"}, {"continue", "close"}),
    "smart-office": ("shared", {"invoiceRecipient"}, {"continue", "close"}),
}


def test_there_are_these_ten() -> None:
    """Kinds, set-up and outcomes as agreed."""
    found = {
        solution.key: (solution.kind, set(solution.setup), set(solution.outcomes)) for solution in catalogue().solutions
    }
    assert found == SOLUTIONS


def test_payroll_is_what_its_variant_is() -> None:
    """`standard` is shared, `start` is run by the office, who always pays; without one nothing can be told."""
    payroll = catalogue().solution("payroll")
    assert payroll is not None
    assert [payroll.kind_of(variant) for variant in ("standard", "start", None)] == ["shared", "office-tool", None]
    start = payroll.variant("start")
    assert start is not None
    assert dict(start.fixed) == {"invoiceRecipient": "office"}


def test_what_is_lost_by_stepping_down() -> None:
    """Everything that the steps in between add; nothing by stepping up."""
    solution = catalogue().solution("bookkeeping-invoicing")
    assert solution is not None
    keys = [named.key for named in solution.lost("bookkeeping-invoicing-plus", "approval-invoicing")]
    assert keys == ["invoicing", "projects"]
    assert solution.lost("bookkeeping", "bookkeeping-invoicing-plus") == ()


def test_everything_is_named_in_both_languages() -> None:
    """Solutions, variants, checklists, to-dos."""
    for solution in catalogue().solutions:
        for named in (solution, *solution.variants, *solution.checklist, *solution.to_do):
            assert set(named.name) == {"sv", "en"}


SOURCES = [*PROJECT.glob("shared/collaboration/**/*.py"), *PROJECT.glob("functions/*/app.py")]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_code_names_a_solution(path: object) -> None:
    """A new one touches the catalogue and the wordings only."""
    allowed = set(ReportRecipient) if str(path).endswith("values.py") else set()
    tree = ast.parse(path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert strings & (set(SOLUTIONS) - allowed) == set()
