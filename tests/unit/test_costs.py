"""The cost table of README.md is what the counted units come to."""

from __future__ import annotations

import pytest
from bench import costs
from support.alarms import alarms
from support.pages import page_files
from support.template import PROJECT, template


def test_the_table_is_made_from_the_counts() -> None:
    """Changed counts, use or prices change the table: `make bench ARGS=costs` prints it."""
    assert costs.table() in (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({*costs.USE, *costs.SHOWN, *costs.RUNS, f"{costs.AUDIT} > access"}))
def test_what_is_used_is_counted(name: str) -> None:
    """An operation that is called otherwise today would cost nothing."""
    assert name in costs.counted()


def test_a_hundred_times_as_many_offices_cost_at_most_a_hundred_times_as_much() -> None:
    """But for Cognito, of which the first ten thousand are free."""
    few, many = costs.month(1000), costs.month(100_000)
    assert all(many[name] <= dollars * 100 + 0.001 for name, dollars in few.items() if name != "Cognito")


def test_a_load_of_a_page_is_all_that_a_browser_asks_for() -> None:
    """The page itself, and each of its files."""
    assert len({"console.html"} | page_files("console.html")) == costs.FILES_OF_A_PAGE


def test_what_does_not_grow_is_as_in_the_template() -> None:
    """Alarms, keys and secrets, and the functions that are traced."""
    kinds = [resource["Type"] for resource in template()["Resources"].values()]
    assert len(alarms()) == costs.ALARMS
    said = f"The {costs.ALARMS} alarms cost {costs.ALARMS * costs.PRICES['alarm']:.2f} USD a month"
    assert said in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert kinds.count("AWS::Serverless::Function") == costs.FUNCTIONS
    assert template()["Globals"]["Function"]["Tracing"] == "Active"
    assert kinds.count("AWS::CloudWatch::Dashboard") == costs.DASHBOARDS
    assert kinds.count("AWS::KMS::Key") == costs.KEYS
    assert kinds.count("AWS::SecretsManager::Secret") == costs.SECRETS
