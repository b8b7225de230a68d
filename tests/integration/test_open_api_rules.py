"""The OpenAPI document keeps the recommended rules of Spectral and of Redocly, as pinned in tests/clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from clients.generate import HERE, NPM, NPM_MISSING, program, run, write_document
from collaboration.http.contract.operations import OPERATIONS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.npm, pytest.mark.skipif(NPM is None, reason=NPM_MISSING)]


def test_spectral_finds_nothing(tmp_path: Path) -> None:
    """No error, and no warning either."""
    document = write_document(tmp_path)
    printed = run(
        *(program("spectral"), "lint", document, "--ruleset", HERE / "spectral.yaml"),
        *("--fail-severity", "hint", "--format", "json", "--quiet"),
        folder=tmp_path,
    )
    assert json.loads(printed) == []


def test_redocly_finds_nothing(tmp_path: Path) -> None:
    """But that three addresses answer a redirect and nothing else, which is what they are for."""
    document = write_document(tmp_path)
    printed = run(
        *(program("redocly"), "lint", document, "--config", HERE / "redocly.yaml", "--format", "json"),
        folder=tmp_path,
        REDOCLY_TELEMETRY="off",
        REDOCLY_SUPPRESS_UPDATE_NOTICE="true",
    )
    redirects = {operation.path for operation in OPERATIONS if min(operation.answers) >= 300}
    found = {
        (problem["ruleId"], problem["location"][0]["pointer"].split("/")[2].replace("~1", "/"))
        for problem in json.loads(printed)["problems"]
    }
    assert found == {("operation-2xx-response", path) for path in redirects}
