"""A small part of what hangs, with each commit."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from proof.hung import hung_secrets, hung_secrets_warm, hung_ses, hung_table
from proof.report import Effort
from proof.valid_requests import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from proof.hung import HungCase


@pytest.mark.parametrize("trial", [hung_table, hung_ses, hung_secrets, hung_secrets_warm])
def test_some_of_what_hangs(trial: Callable[[Effort], Iterator[HungCase]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cases of a fifth of the operations; not the invitation of as many as there can be."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    cases = [*islice(trial(Effort(share=0.2)), 4)]
    assert cases
    assert [str(case) for case in cases if case.faults] == []
