"""The pages behind a mailed link as readers see them: opened, found by their words, judged by axe."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from collaboration.domain.model.values import Locale
from collaboration.wording import text
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from e2e.offices import Company, Office

    Open = Callable[..., Page]

# Language, width, colours: each is read once.
VIEWS = [("sv", 375, "dark"), ("en", 375, "light"), ("sv", 1200, "light"), ("en", 1200, "dark")]
# A refused form is an answer like any other, and the browser writes a line about each.
EXPECTED = "Failed to load resource"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
# For whoever wants to look at the pages: a folder to write pictures to.
SHOTS = os.environ.get("SHOTS")


@contextmanager
def opening(browser: Browser, api_url: str) -> Iterator[Open]:
    """Opens pages, each for a reader of their own. What the policy stops, breaks, or goes elsewhere fails the test."""
    complaints: list[str] = []
    asked: list[str] = []
    contexts = []
    expect.set_options(timeout=60_000)

    def opened(language: str = "sv", width: int = 1200, scheme: Any = "light", *, script: bool = True) -> Page:
        context = browser.new_context(
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if EXPECTED not in complaint] == []
    assert [url for url in asked if not url.startswith(api_url)] == []


class Words:
    """What a page says in one language."""

    def __init__(self, language: str, office: Office, company: Company) -> None:
        """The names that occur in the words."""
        self.locale = Locale(language)
        self.names = {"office": f"Byrå {office.id}", "company": f"Bolaget {company.id}", "solution": "Scanner"}

    def __call__(self, key: str, **more: str) -> str:
        """A text of the pages."""
        return text(self.locale, f"page.{key}", **{**self.names, "sender": "Decides", **more})


def check(page: Page, name: str) -> None:
    """Nothing is there that WCAG 2.2 AA forbids, as far as a machine can tell; nothing sticks out sideways."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    found = Axe().run(page, options=WCAG)
    wrong = [(rule["id"], node["target"]) for rule in found.response["violations"] for node in rule["nodes"]]
    assert wrong == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
