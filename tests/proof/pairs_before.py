"""Every pair of commands until an invitation is decided: see `pairs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort, Row

SITUATIONS = (
    "nothing",
    "new-company",
    "two-accounts",
    "mail-waiting",
    "pending",
    "pending-more",
    "exhausted",
    "batches",
    "reminded",
    "customer-owned",
    "at-expiry",
    "expired",
    "expired-more",
    "reminder",
    "reminder-more",
)


def prove(effort: Effort) -> Iterator[Row]:
    """A row for each situation."""
    return pairs.rows("pairs-before", SITUATIONS, effort)


def again(what: str) -> Iterator[str]:
    """Go through an order of calls once more. `what`: as the row names it."""
    return pairs.again(what)
