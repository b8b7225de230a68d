"""The laptop stack's own refusals: each says what is wrong at once, and leaves everything as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stack import later, stack_file
from stack.client import Client, NoMailError

if TYPE_CHECKING:
    from pathlib import Path

STACK: dict[str, Any] = {
    "endpointUrl": "http://127.0.0.1:1",
    "apiUrl": "http://127.0.0.1:1",
    "functions": {"cleanup": "cleanup"},
    "people": [{"username": "anna@ek-lind.example", "email": "anna@ek-lind.example"}],
}


@pytest.mark.parametrize("days", [0, -3, 1e9, float("nan"), float("inf")])
def test_a_clock_that_cannot_be_moved_is_not_touched(days: float) -> None:
    """Backwards, nowhere, or beyond ten years: refused before any function hears of it; there is no socket here."""
    with pytest.raises(later.InvalidDaysError, match="DAYS"):
        later.move(STACK, days)


def test_mail_to_an_unknown_address_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names who has mail, and waits for nobody."""
    client = Client(STACK)
    monkeypatch.setattr(client, "mails", lambda *_: [])
    with pytest.raises(NoMailError, match=r"anna@ek-lind\.example"):
        client.latest_mail("nobody@nowhere.example")


def test_only_one_stack_serves_from_a_checkout(tmp_path: Path) -> None:
    """The second one is told so, and the lock is free again afterwards."""
    with stack_file.only_one(tmp_path), pytest.raises(stack_file.NoStackError), stack_file.only_one(tmp_path):
        pass
    with stack_file.only_one(tmp_path):
        pass
