"""Every pair of commands once something is agreed, has bounced or is dead: see `pairs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort, Row

SITUATIONS = (
    "bounced",
    "bounced-more",
    "revoked",
    "declined",
    "erasure",
    "erasure-more",
    "collaborating",
    "collaborating-more",
    "terms-change",
    "end-arranged",
    "end-due",
    "end-due-more",
    "ended",
    "shared",
    "unlinked",
    "activated",
    "access-runs",
    "end-fails",
    "end-fails-more",
    "login-sent",
    "login-sent-more",
    "older",
)


def prove(effort: Effort) -> Iterator[Row]:
    """A row for each situation."""
    return pairs.rows("pairs-after", SITUATIONS, effort)


def again(what: str) -> Iterator[str]:
    """Go through an order of calls once more. `what`: as the row names it."""
    return pairs.again(what)
