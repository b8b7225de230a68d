"""Whatever the document allows, and what it does not, is answered as it says; `make proof` sends more of it."""

from __future__ import annotations

import pytest
from proof.inputs import Api, each_operation, sequences
from proof.valid_requests import ENVIRONMENT
from schemathesis import GenerationMode


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API, with what the template sets for the pages' function."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Api.in_process()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_operation_answers_as_described(api: Api, mode: GenerationMode) -> None:
    """No 5xx; status, media type, headers and shape as the document has them."""
    assert [failure for _, failure in each_operation(api, 3, mode) if failure] == []
    assert len(api.statuses) > 5


def test_sequences_of_operations(api: Api) -> None:
    """One after another, with what was answered before."""
    assert sequences(api, 8) is None
    assert api.statuses.total() > 30
