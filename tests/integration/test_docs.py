"""The page that explains the API to people."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from collaboration.http.contract.operations import OPERATIONS

if TYPE_CHECKING:
    from support.app import App


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_page_names_every_operation(app: App, language: str) -> None:
    """Method, path and summary, and what each role may do when."""
    answer = app.call("GET", f"/docs?lang={language}", headers={"Accept": "text/html"})
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    text = unescape(answer.text)
    for operation in OPERATIONS:
        assert operation.path in text
        assert operation.summary in text
    assert text.count("<table") >= 1
