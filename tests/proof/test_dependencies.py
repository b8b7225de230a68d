"""What is known against the pinned packages, told by a database that a test stands in for."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from proof import dependencies

if TYPE_CHECKING:
    import urllib.request

    import pytest


def test_a_known_vulnerability_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pinned package is asked for, and the one that something is known against is named."""
    asked: list[Any] = []

    def answer(request: urllib.request.Request, *, timeout: float) -> io.BytesIO:
        assert timeout
        assert isinstance(request.data, bytes)
        asked.extend(json.loads(request.data)["queries"])
        found = [{"vulns": [{"id": "GHSA-1"}]} if each["package"]["name"] == "boto3" else {} for each in asked]
        return io.BytesIO(json.dumps({"results": found}).encode())

    monkeypatch.setattr("urllib.request.urlopen", answer)
    row = dependencies.known_vulnerabilities()
    assert (row.tried, row.holds) == (len(asked), False)
    assert row.detail.startswith("boto3 ")
    assert row.detail.endswith(": GHSA-1")


def test_a_database_that_cannot_be_reached_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row says why, and is none that holds by having tried."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("no way there")

    monkeypatch.setattr("urllib.request.urlopen", fail)
    row = dependencies.known_vulnerabilities()
    assert (row.tried, row.skipped) == (0, True)
    assert "no way there" in row.detail
