"""The pages for offices and companies, in a real browser over the deployed stack: clicks and keys only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect
from stack.client import until
from stack.people import PASSWORD, Person
from support.chromium import chromium

from e2e.offices import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, Route
    from stack.client import Client

    from e2e.offices import Company

    Open = Callable[..., "Seen"]

pytestmark = pytest.mark.browser

TEXTS = Path(__file__).resolve().parents[2] / "functions" / "console" / "pages"
# A refused call is an answer like any other, and the browser writes a line about each.
EXPECTED = "Failed to load resource"
PATIENCE_MILLISECONDS = 60_000


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

    def link(self, key: str, **values: str) -> Locator:
        """A link by its text."""
        return self.page.get_by_role("link", name=self.t(key, **values), exact=True)

    def field(self, key: str, **values: str) -> Locator:
        """A field by its label."""
        return self.page.get_by_label(self.t(key, **values))

    def says(self, key: str, **values: str) -> None:
        """A text is there, now or soon."""
        expect(self.page.get_by_text(self.t(key, **values)).filter(visible=True).first).to_be_visible()

    def go(self, fragment: str) -> None:
        """Another place on the page."""
        self.page.evaluate("fragment => { location.hash = fragment }", fragment)

    def check(self) -> None:
        """Nothing is there that WCAG 2.2 AA forbids, as far as a machine can tell; nothing sticks out sideways."""
        expect(self.page.get_by_role("status", name=self.t("loading"))).to_have_count(0)
        found = Axe().run(
            self.page, options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
        )
        wrong = [(rule["id"], node["target"]) for rule in found.response["violations"] for node in rule["nodes"]]
        assert wrong == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it."""
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, client: Client) -> Iterator[Open]:
    """Opens pages, each for a reader of their own. What the policy stops, breaks, or goes elsewhere fails the test."""
    complaints: list[str] = []
    asked: list[str] = []
    contexts = []
    endpoint = client.stack["endpointUrl"]

    def opened(language: str = "sv", width: int = 1200, scheme: Any = "light") -> Seen:
        context = browser.new_context(
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.add_init_script(f"localStorage.setItem('language', localStorage.getItem('language') ?? '{language}')")
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        return Seen(page, client.stack["apiUrl"], language)

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield opened
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if EXPECTED not in complaint] == []
    assert all(url.startswith(endpoint) for url in asked)
    assert not any("eyJ" in url or "@" in url or "%40" in url for url in asked), "a token or an address in a URL"


@pytest.fixture
def office(client: Client) -> Office:
    """An office of the test's own."""
    return Office(client)


def account_user(office: Office, company: Company) -> str:
    """The company's administrator, who can sign in."""
    office.sign_in(Person(company.administrator, "account-user"))
    return company.administrator


def name_of(company: Company) -> str:
    """What the company is called."""
    return f"Bolaget {company.id}"


@pytest.mark.parametrize(
    ("language", "solution", "width", "scheme"),
    [("sv", "Smarta byrån", 1200, "light"), ("en", "Smart Office", 375, "dark")],
)
def test_the_main_job_by_clicks(  # noqa: PLR0915 - one story, told in order
    office: Office, open_page: Open, language: str, solution: str, width: int, scheme: str
) -> None:
    """From a customer's name to an end: invite, accept, see the access, change the payer, end, and what remains."""
    company = office.customer()
    name, bureau = name_of(company), f"Byrå {office.id}"

    employee = open_page(language, width, scheme).sign_in("console", office.address("decides"))
    employee.says("collaborations.none")
    employee.check()
    employee.link("collaborations.none.go").click()
    employee.field("customers.find").fill(company.id)
    employee.page.get_by_role("link", name=name).click()
    employee.check()
    employee.link("tile.start.label", solution=solution).click()
    employee.says("scenario.without-solution")
    expect(employee.button("proposal.do.invite", customer=name)).to_be_disabled()
    employee.field("setup.invoiceRecipient").select_option(label=name)
    employee.field("proposal.message").fill("Hej <b>du</b>")
    employee.check()
    employee.button("proposal.do.invite", customer=name).click()
    employee.says("proposal.invited", solution=solution, customer=name)
    employee.page.get_by_role("region").get_by_role("link", name=employee.t("tile.request"), exact=True).click()
    employee.says("status.pending")
    employee.button("do.remind").click()
    employee.says("request.remind.done")
    expect(employee.button("do.remind")).to_be_disabled()
    expect(employee.page.get_by_text(employee.t("remind.until").partition("{")[0])).to_be_visible()
    employee.check()

    boss = open_page(language, width, scheme).sign_in("my", account_user(office, company))
    boss.says("my.waiting")
    expect(boss.page.get_by_text("Hej <b>du</b>")).to_be_visible()
    boss.check()
    boss.button("my.request.accept").click()
    boss.check()
    boss.button("my.request.accept.do").click()
    boss.says("my.request.accepted", office=bureau, solution=solution)
    boss.button("my.request.see").click()
    card = boss.page.get_by_role("article", name=boss.t("my.collaboration.title", solution=solution, office=bureau))
    until(lambda: appears(boss, card), "the collaboration on the company's page")
    boss.page.get_by_text(boss.t("access.title")).click()
    until(lambda: appears(boss, boss.page.get_by_text("Works"), opening=True), "the employees who have access")
    boss.check()

    employee.link("nav.collaborations").click()
    employee.page.get_by_role("link", name=name).click()
    employee.says("access.side.office")
    employee.check()
    employee.button("do.edit").click()
    employee.field("setup.invoiceRecipient").select_option(label=bureau)
    employee.check()
    employee.button("save").click()
    employee.says("edit.done")
    employee.button("do.end").click()
    expect(employee.button("end.do", solution=solution)).to_be_disabled()
    employee.field("outcome.continue.choice").check()
    employee.field("end.sure", solution=solution, other=name).check()
    employee.check()
    employee.button("end.do", solution=solution).click()
    employee.says("end.done")
    employee.says("end.nothing-remains")
    employee.page.get_by_text(employee.t("timeline.title")).click()
    employee.says("history.collaboration-ended")
    employee.check()


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


def test_a_company_that_is_new_is_activated(office: Office, open_page: Open) -> None:
    """The same tile leads through the other door."""
    company = office.customer(account=False)
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.says("scenario.not-a-customer")
    employee.check()
    employee.button("proposal.do.activate", customer=name_of(company)).click()
    employee.says("proposal.activated", solution="Scanner", customer=name_of(company))
    employee.says("tile.active")


def test_by_keyboard_alone(office: Office, open_page: Open) -> None:
    """The company declines without a mouse: everything is reached by Tab, and what has the focus is seen."""
    company = office.customer()
    office.invite(company)
    boss = open_page()
    page = boss.page
    account_user(office, company)
    page.goto(f"{boss.api_url}/my")
    tab_to(page, boss.t("sign-in.email"))
    page.keyboard.type(company.administrator)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    boss.says("my.waiting")
    tab_to(page, boss.t("my.request.decline"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    tab_to(page, boss.t("my.request.message", office=f"Byrå {office.id}"))
    page.keyboard.type("Inte just nu")
    # Enter in a field of several lines is a line of its own, and decides nothing.
    page.keyboard.press("Enter")
    tab_to(page, boss.t("my.request.decline.do"))
    page.keyboard.press("Enter")
    boss.says("my.request.declined", office=f"Byrå {office.id}")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    naming = "e => e.labels?.[0]?.textContent ?? e.getAttribute('aria-label') ?? e.textContent"
    for _ in range(60):
        page.keyboard.press("Tab")
        if str(page.evaluate(f"({naming})(document.activeElement)")).strip() == name:
            return
    raise AssertionError(f"Tab does not reach {name}")


def test_an_administrator_signs_up_and_finds_it_all(office: Office, open_page: Open) -> None:
    """Who has the address of an administrator makes a login of their own, and sees what waits."""
    company = office.customer()
    office.invite(company)
    boss = open_page()
    boss.page.goto(f"{boss.api_url}/my")
    boss.button("sign-in.join").click()
    boss.check()
    boss.field("sign-in.email").fill(company.administrator)
    boss.field("sign-in.new-password").fill(PASSWORD)
    boss.button("sign-in.do.join").click()
    boss.says("sign-in.code-sent", email=company.administrator)
    code = re.search(r"\d{6}", office.client.mail(company.administrator, "verification code").text)
    assert code is not None
    boss.field("sign-in.code").fill(code[0])
    boss.button("sign-in.do.confirm").click()
    boss.says("my.waiting")


def test_a_stale_edit_shows_both_values(office: Office, open_page: Open) -> None:
    """Whoever comes second sees what the first one chose, keeps what they chose, and decides."""
    company = office.customer(account=False)
    body = {**company.proposal("financial-overview"), "invoiceRecipient": "customer", "periodMonths": 3}
    started = office.decides.post("/activations", office.confirmed(body), {"Idempotency-Key": f"stale-{company.id}"})
    collaboration = started.json["id"]
    employee = open_page().sign_in(f"console#/collaborations?open={collaboration}", office.address("decides"))
    employee.button("do.edit").click()
    employee.field("setup.periodMonths").select_option("12")
    tag = office.decides.get(f"/collaborations/{collaboration}").headers["ETag"]
    path = f"/collaborations/{collaboration}"
    office.decides.call("PATCH", path, {"invoiceRecipient": "office"}, {"If-Match": str(tag)})
    employee.button("save").click()
    employee.says("conflict.title")
    expect(employee.field("conflict.mine", value=employee.t("setup.months", months="12"))).to_be_checked()
    employee.says("conflict.theirs", value=employee.t("setup.months", months="3"))
    expect(employee.page.get_by_role("alert").get_by_text(f"Byrå {office.id}")).to_be_visible()
    employee.check()
    employee.button("edit.save-again").click()
    employee.says("edit.done")
    coming = office.decides.get(path).json["nextSetup"]
    assert (coming["periodMonths"], coming["invoiceRecipient"]) == (12, "office")


def test_a_link_and_its_undoing_are_one_click_each(office: Office, open_page: Open) -> None:
    """What the older program knew finds its task by a suggestion."""
    company = office.customer()
    row = {"organisationNumber": company.number, "solution": "scanner", "reference": "desktop-1"}
    imported = office.platform.post(f"{office.base}/collaborations/import", {"rows": [row]})
    collaboration = imported.json["rows"][0]["collaborationId"]
    employee = open_page().sign_in(f"console#/collaborations?open={collaboration}", office.address("decides"))
    employee.button("do.link").click()
    employee.button("link.to", task="Löpande", customer=name_of(company)).click()
    employee.says("link.done")
    employee.check()
    employee.button("undo").click()
    employee.says("link.undone")
    assert office.decides.get(f"/collaborations/{collaboration}").json["linked"] is False


def test_many_customers_at_once(office: Office, open_page: Open) -> None:
    """Each is judged on its own, and what can be sent is sent."""
    companies = [office.customer(), office.customer(), office.customer(account=False)]
    employee = open_page().sign_in("console#/requests/new", office.address("decides"))
    employee.field("solution").select_option("scanner")
    for company in companies:
        employee.page.get_by_label(name_of(company)).check()
    employee.button("batch.check", count="3").click()
    expect(employee.page.get_by_text(employee.t("batch.ready"))).to_have_count(2)
    employee.says("scenario.not-a-customer")
    employee.check()
    employee.button("batch.send.other", count="2").click()
    employee.says("batch.sent.other", count="2")
    expect(employee.page.get_by_text(employee.t("batch.created"), exact=True)).to_have_count(2)


def test_an_expired_session_loses_nothing(office: Office, open_page: Open) -> None:
    """The password is asked for over the page; what was written is still there, and is sent."""
    company = office.customer()
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.field("proposal.message").fill("Skrivet innan")
    refused: list[str] = []

    def once(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) == 1:
            route.fulfill(
                status=401, content_type="application/problem+json", body='{"title": "Nobody", "status": 401}'
            )
        else:
            route.continue_()

    employee.page.route(f"{employee.api_url}/invitations", once)
    employee.button("proposal.do.invite", customer=name_of(company)).click()
    dialog = employee.page.get_by_role("dialog", name=employee.t("sign-in.again"))
    expect(dialog).to_be_visible()
    employee.check()
    dialog.get_by_label(employee.t("sign-in.password")).fill(PASSWORD)
    dialog.get_by_role("button", name=employee.t("sign-in.do.sign-in")).click()
    employee.says("proposal.invited", solution="Scanner", customer=name_of(company))
    assert office.decides.get("/invitations").json["items"][0]["message"] == "Skrivet innan"


def test_filters_are_kept_in_the_address(office: Office, open_page: Open) -> None:
    """A list can be bookmarked, and no server learns of it."""
    employee = open_page().sign_in("console", office.address("works"))
    employee.field("solution").select_option("scanner")
    employee.field("linked").select_option("false")
    expect(employee.page).to_have_url(f"{employee.api_url}/console#/collaborations?solution=scanner&linked=false")
    employee.page.reload()
    expect(employee.field("solution")).to_have_value("scanner")
    employee.says("collaborations.none-filtered")
    employee.link("filter.clear").first.click()
    expect(employee.field("solution")).to_have_value("")
    employee.button("language.other").click()
    expect(employee.page.get_by_role("heading", level=1)).to_have_text("Collaborations")


def test_the_wrong_page_says_where_to_go(office: Office, open_page: Open) -> None:
    """An employee on the company's page, and the front page between them."""
    seen = open_page()
    seen.page.goto(f"{seen.api_url}/")
    seen.check()
    seen.page.get_by_role("link", name=seen.t("front.company")).click()
    seen.check()
    employee = seen.sign_in("my", office.address("works"))
    employee.says("elsewhere.title")
    employee.link("elsewhere.go.employee").click()
    expect(employee.page.get_by_role("heading", level=1)).to_have_text(employee.t("nav.collaborations"))
