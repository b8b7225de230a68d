"""A page as a reader sees it: found by its texts in their language, used by clicks and keys, judged by axe."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect
from stack.people import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TEXTS = Path(__file__).resolve().parents[2] / "functions" / "console" / "pages"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


class Seen:
    """A page as one reader sees it: in their language, and judged for accessibility wherever `check` is called."""

    def __init__(self, page: Page, api_url: str, language: str) -> None:
        """Read the texts of the language."""
        self.page = page
        self.api_url = api_url
        lines = (TEXTS / f"{language}.js").read_text(encoding="utf-8").splitlines()
        pairs = [re.fullmatch(r'\s*("[\w.-]+"): (".*"),', line) for line in lines]
        self.texts = {json.loads(pair[1]): json.loads(pair[2]) for pair in pairs if pair}

    def t(self, key: str, **values: str) -> str:
        """A text of the page."""
        text: str = self.texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def sign_in(self, where: str, email: str) -> Seen:
        """Open a page and sign in there."""
        self.page.goto(f"{self.api_url}/{where}")
        self.page.get_by_label(self.t("sign-in.email")).fill(email)
        self.page.get_by_label(self.t("sign-in.password")).fill(PASSWORD)
        self.button("sign-in.do.sign-in").click()
        expect(self.button("sign-out")).to_be_visible()
        return self

    def button(self, key: str, **values: str) -> Locator:
        """A button by its text."""
        return self.page.get_by_role("button", name=self.t(key, **values), exact=True)

    def button_of(self, name: str) -> Locator:
        """A button that is called as something is, such as a customer."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, key: str, **values: str) -> Locator:
        """A link by its text."""
        return self.page.get_by_role("link", name=self.t(key, **values), exact=True)

    def field(self, key: str, **values: str) -> Locator:
        """A field by its label."""
        return self.page.get_by_label(self.t(key, **values))

    def text_box(self, key: str) -> Locator:
        """A field of one line by its whole label, where others begin with it too."""
        return self.page.get_by_role("textbox", name=self.t(key), exact=True)

    def says(self, key: str, **values: str) -> None:
        """A text is there, now or soon."""
        expect(self.page.get_by_text(self.t(key, **values)).filter(visible=True).first).to_be_visible()

    def go(self, fragment: str) -> None:
        """Another place on the page."""
        self.page.evaluate("fragment => { location.hash = fragment }", fragment)

    def check(self) -> None:
        """Nothing is there that WCAG 2.2 AA forbids, as far as a machine can tell; nothing sticks out sideways."""
        expect(self.page.get_by_role("status", name=self.t("loading"))).to_have_count(0)
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": RULES}})
        wrong = [(rule["id"], node["target"]) for rule in found.response["violations"] for node in rule["nodes"]]
        assert wrong == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def appears(seen: Seen, what: Locator, *, opening: bool = False) -> bool:
    """Whether something is on the page after it was opened anew."""
    if what.first.is_visible():
        return True
    seen.page.reload()
    expect(seen.page.get_by_role("heading", level=1)).to_be_visible()
    expect(seen.page.get_by_role("status", name=seen.t("loading"))).to_have_count(0)
    if opening:
        seen.page.get_by_text(seen.t("access.title")).first.click()
        expect(seen.page.get_by_role("status", name=seen.t("loading"))).to_have_count(0)
    return bool(what.first.is_visible())


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    naming = "e => e.labels?.[0]?.textContent ?? e.getAttribute('aria-label') ?? e.textContent"
    for _ in range(60):
        page.keyboard.press("Tab")
        if str(page.evaluate(f"({naming})(document.activeElement)")).strip() == name:
            return
    raise AssertionError(f"Tab does not reach {name}")
