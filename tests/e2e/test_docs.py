"""The page that explains the API, in a real browser over the deployed stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from e2e.conftest import PATIENCE_MILLISECONDS
from e2e.offices import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from stack.client import Client

pytestmark = pytest.mark.browser

# What Swagger UI's own elements get wrong, and no style sheet mends: a button that holds links, selects and a text
# field without a label, examples that scroll and take no focus.
THEIRS = {"nested-interactive", "select-name", "label", "scrollable-region-focusable"}
LEVELS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (375, "dark")])
def test_the_first_call_is_made_from_the_page(client: Client, browser: Browser, width: int, scheme: Any) -> None:
    """Addresses are filled in, the reference folds out, a call is answered; nothing is stopped, nothing foreign."""
    office = Office(client)
    company = office.customer()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{client.stack['apiUrl']}/docs")
    expect(page.get_by_text(f"API={client.stack['apiUrl']}", exact=True)).to_be_visible()
    expect(page.get_by_text(client.stack["userPoolClientId"])).to_be_visible()
    page.get_by_role("link", name="What may be done in which state").click()
    expect(page.get_by_role("columnheader", name="pending")).to_be_in_viewport()

    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(str(office.decides.token))
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close", exact=True).click()
    operation = page.locator("#operations-employee-showCustomer")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("customerId").fill(company.id)
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    expect(operation.locator(".live-responses-table")).to_contain_text(company.id)

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}})
    wrong = [(rule["id"], node["target"]) for rule in found.response["violations"] for node in rule["nodes"]]
    ours = Axe().run(
        page, context={"exclude": [["#swagger-ui"]]}, options={"runOnly": {"type": "tag", "values": LEVELS}}
    )
    assert ours.response["violations"] == []
    assert [(rule, target) for rule, target in wrong if rule not in THEIRS] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark))) < 200) is (scheme == "dark")
    context.close()
    assert complaints == []
    assert all(url.startswith((client.stack["endpointUrl"], "data:")) for url in asked)


def test_without_javascript_the_page_still_helps(client: Client, browser: Browser) -> None:
    """How to make a first call, the table, and the document for another viewer."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{client.stack['apiUrl']}/docs")
    expect(page.get_by_role("heading", name="First call")).to_be_visible()
    expect(page.get_by_role("columnheader", name="pending")).to_be_visible()
    expect(page.get_by_text("The reference needs JavaScript")).to_be_visible()
    context.close()
