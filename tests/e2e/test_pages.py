"""The page behind a mailed link, in a real browser: read, answered, and quiet about it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from e2e.offices import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from stack.client import Client

pytestmark = pytest.mark.browser

QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "install Chromium for this test, or run `make test`, which leaves it out"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page in Swedish; whatever the browser complains of fails the test."""
    context = browser.new_context(locale="sv-SE")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [complaint for complaint in complaints if "403" not in complaint] == []


def test_a_person_reads_and_accepts(client: Client, page: Page) -> None:
    """Who asks, for what, who gets in; wrong digits lead back; the right ones end it; the style is let through."""
    office = Office(client)
    company = office.customer()
    office.invite(company, message="Välkommen!")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(company.link())
    expect(page.get_by_role("heading", level=1)).to_contain_text("vill samarbeta")
    expect(page.get_by_text("Välkommen!")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Works")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('section')).borderRadius") == "8px"
    page.get_by_role("link", name="In English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("asks")

    digits = page.get_by_label("The last four digits")
    digits.fill("0000" if not company.number.endswith("0000") else "1111")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The digits are not right")
    page.get_by_role("link", name="Back to the request").click()
    page.get_by_label("The last four digits").fill(company.number[-4:])
    page.get_by_label("A message to").fill("Gärna")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("has accepted")
    page.reload()
    assert "Gärna" in client.mail(office.address("decides"), "Gärna").text
    assert all(url.startswith(client.stack["apiUrl"]) for url in asked)


def test_the_description_is_readable(client: Client, page: Page) -> None:
    """/docs opens, folds out, and holds the table of states."""
    page.goto(f"{client.stack['apiUrl']}/docs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Collaborations: the API")
    page.get_by_text("Fields and answers").first.click()
    page.get_by_role("link", name="what may be done in which state").click()
    expect(page.get_by_role("heading", name="What may be done in which state")).to_be_in_viewport()
