"""The office's page, in a real browser over the deployed stack: clicks and keys only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from stack.client import until
from stack.people import PASSWORD

from e2e.offices import fresh_key
from e2e.seen import appears, tab_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from e2e.conftest import Open
    from e2e.offices import Office

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "solution", "width", "scheme"),
    [("sv", "Smarta byrån", 1200, "light"), ("en", "Smart Office", 375, "dark")],
)
def test_the_main_job_by_clicks(  # noqa: PLR0915 - one story, told in order
    office: Office, open_page: Open, language: str, solution: str, width: int, scheme: str
) -> None:
    """From a customer's name to an end: invite, accept, see the access, change the payer, end, and what remains."""
    company = office.customer()
    name, bureau = company.name, f"Byrå {office.id}"

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

    boss = open_page(language, width, scheme).sign_in("my", company.user())
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
    employee.says("outcome.continue.means", customer=name, solution=solution)
    # The company pays still: the office does from the renewal on.
    expect(employee.page.get_by_text(employee.t("outcome.continue.pays", customer=name))).to_have_count(0)
    employee.field("outcome.continue.choice").check()
    employee.field("end.sure", solution=solution, other=name).check()
    employee.check()
    employee.button("end.do", solution=solution).click()
    employee.says("end.done")
    employee.says("end.nothing-remains")
    employee.page.get_by_text(employee.t("timeline.title")).click()
    employee.says("history.collaboration-ended")
    employee.says("timeline.from-renewal")
    employee.check()


def test_the_form_of_an_end_says_who_pays_afterwards(office: Office, open_page: Open) -> None:
    """Where an office pays now: the customer does once none does any more."""
    company = office.customer(account=False)
    proposal = {**company.proposal("smart-office"), "invoiceRecipient": "office"}
    started = office.decides.post("/activations", office.confirmed(proposal), fresh_key())
    assert started.status == 201, started.text
    employee = open_page().sign_in("console", office.address("decides"))
    employee.page.get_by_role("link", name=company.name).click()
    employee.button("do.end").click()
    employee.says("outcome.continue.pays", customer=company.name)
    employee.check()


@pytest.mark.parametrize("pages", [40, 41])
def test_an_office_with_more_employees_than_are_listed_is_told(office: Office, open_page: Open, pages: int) -> None:
    """The filters name as many as the largest office has; where there are more, they say so."""
    employee = open_page().sign_in("console", office.address("works"))
    expect(employee.field("task-owner")).to_be_visible()
    asked: list[str] = []

    def one_each(route: Route) -> None:
        asked.append(route.request.url)
        number = f"e{len(asked)}"
        following = number if len(asked) < pages else None
        route.fulfill(json={"items": [{"id": number, "name": number, "active": True}], "next": following})

    employee.page.route("**/employees?*", one_each)
    employee.page.reload()
    expect(employee.field("task-owner").locator("option")).to_have_count(41)
    hint = employee.page.get_by_text(employee.t("employees.more", count="40"))
    expect(hint).to_have_count(2 if pages > 40 else 0)


@pytest.mark.parametrize("found", [1, 0])
def test_a_filter_that_matches_little_goes_on_to_the_end(office: Office, open_page: Open, found: int) -> None:
    """By itself, over empty parts too, and shows meanwhile what it has; only then does it say that there is none."""
    started = office.activate(office.customer(account=False))
    assert started.status == 201, started.text
    employee = open_page().sign_in("console", office.address("decides"))
    rows = employee.page.locator("table.rows tbody tr")
    expect(rows).to_have_count(1)
    last: list[Route] = []

    def in_parts(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query).get("cursor")
        if asked is None:
            items = route.fetch().json()["items"][:found]
            route.fulfill(json={"items": items, "next": "second"})
        elif asked == ["second"]:
            route.fulfill(json={"items": [], "next": "last"})
        else:
            last.append(route)

    employee.page.route("**/collaborations?*taskOwner=*", in_parts)
    with employee.page.expect_request(lambda request: "cursor=last" in request.url):
        employee.field("task-owner").select_option(label="Works")
    expect(rows).to_have_count(found)
    expect(employee.button("more")).to_have_count(0)
    expect(employee.page.get_by_text(employee.t("collaborations.none-filtered"))).to_have_count(0)
    last.pop().fulfill(json={"items": [], "next": None})
    if not found:
        employee.says("collaborations.none-filtered")
    expect(rows).to_have_count(found)
    expect(employee.button("more")).to_have_count(0)


def test_an_invitation_by_keyboard_alone(office: Office, open_page: Open) -> None:
    """From signing in to the sent request: all is reached by Tab, and what opens takes the keyboard with it."""
    company = office.customer()
    employee = open_page("en")
    page = employee.page
    page.goto(f"{employee.api_url}/console")
    tab_to(page, employee.t("sign-in.email"))
    page.keyboard.type(office.address("decides"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    employee.says("collaborations.none")
    tab_to(page, employee.t("collaborations.none.go"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=company.name)).to_be_visible()
    tab_to(page, company.name)
    page.keyboard.press("Enter")
    expect(employee.link("tile.start.label", solution="Scanner")).to_be_visible()
    tab_to(page, employee.t("tile.start.label", solution="Scanner"))
    page.keyboard.press("Enter")
    invite = employee.button("proposal.do.invite", customer=company.name)
    expect(invite).to_be_enabled()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    tab_to(page, employee.t("proposal.do.invite", customer=company.name))
    page.keyboard.press("Enter")
    employee.says("proposal.invited", solution="Scanner", customer=company.name)


def test_a_company_that_is_new_is_activated(office: Office, open_page: Open) -> None:
    """The same tile leads through the other door."""
    company = office.customer(account=False)
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.says("scenario.not-a-customer")
    employee.check()
    employee.button("proposal.do.activate", customer=company.name).click()
    employee.says("proposal.activated", solution="Scanner", customer=company.name)
    employee.says("tile.active")


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
    unlinked = employee.page.get_by_role("link", name=f"1 {employee.t('count.unlinked.one')}")
    expect(unlinked).to_be_visible()
    employee.button("do.link").click()
    employee.button("link.to", task="Löpande", customer=company.name).click()
    employee.says("link.done")
    # What stands above the list follows what is done beside it.
    expect(unlinked).to_have_count(0)
    employee.check()
    employee.button("undo").click()
    employee.says("link.undone")
    expect(unlinked).to_be_visible()
    assert office.decides.get(f"/collaborations/{collaboration}").json["linked"] is False


def test_many_customers_at_once(office: Office, open_page: Open) -> None:
    """Each is judged on its own, and what can be sent is sent."""
    companies = [office.customer(), office.customer(), office.customer(account=False)]
    employee = open_page().sign_in("console#/requests/new", office.address("decides"))
    employee.field("solution").select_option("scanner")
    for company in companies:
        employee.page.get_by_label(company.name).check()
    employee.button("batch.check", count="3").click()
    expect(employee.page.get_by_text(employee.t("batch.ready"))).to_have_count(2)
    employee.says("scenario.not-a-customer")
    employee.check()
    employee.button("batch.send.other", count="2").click()
    employee.says("batch.sent.other", count="2")
    expect(employee.page.get_by_text(employee.t("batch.created"), exact=True)).to_have_count(2)


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


def test_a_smaller_variant_says_what_is_lost(office: Office, open_page: Open) -> None:
    """And is saved only once that has been read."""
    company = office.customer(account=False)
    body = {
        **company.proposal("bookkeeping-invoicing"),
        "variant": "bookkeeping-invoicing",
        "invoiceRecipient": "customer",
        "periodMonths": 12,
    }
    started = office.decides.post("/activations", office.confirmed(body), fresh_key())
    path = f"/collaborations/{started.json['id']}"
    employee = open_page("en").sign_in(f"console#{path.replace('s/', 's?open=')}", office.address("decides"))
    employee.button("do.edit").click()
    employee.field("setup.variant").select_option("bookkeeping")
    employee.button("save").click()
    employee.says("edit.lost")
    employee.says("lost.invoicing")
    employee.check()
    assert office.decides.get(path).json["setup"]["variant"] == "bookkeeping-invoicing"
    employee.button("edit.lost.do").click()
    employee.says("edit.done")
    assert office.decides.get(path).json["setup"]["variant"] == "bookkeeping"


def test_an_end_is_arranged_moved_and_taken_back(office: Office, open_page: Open) -> None:
    """A solution with a checklist and nothing but `delete` afterwards: each point, and the name, before the button."""
    company = office.customer(account=False)
    collaboration = office.activate(company, "employee-payslip").json["id"]
    solution = "Anställd, Min Lön"
    employee = open_page("sv", 375).sign_in(f"console/collaborations/{collaboration}", office.address("decides"))
    employee.button("do.end").click()
    employee.field("end.later").check()
    employee.text_box("end.date").fill("2099-12-31")
    go = employee.button("end.do-later", solution=solution, date="31 dec. 2099")
    for key in ("customer-added-as-payroll-user", "data-synchronised", "backup-handed-over"):
        expect(go).to_be_disabled()
        employee.field(f"checklist.{key}").check()
    employee.field("end.name", solution=solution).fill("Min lön")
    expect(go).to_be_disabled()
    employee.field("end.name", solution=solution).fill(solution)
    employee.check()
    go.click()
    employee.says("end.arranged", date="31 dec. 2099")
    employee.check()
    employee.button("do.move-end").click()
    employee.text_box("end.date").fill("2100-01-31")
    # What was chosen outlives the page; the confirmation by name does not.
    employee.page.reload()
    employee.button("do.move-end").click()
    expect(employee.text_box("end.date")).to_have_value("2100-01-31")
    for key in ("customer-added-as-payroll-user", "data-synchronised", "backup-handed-over"):
        employee.field(f"checklist.{key}").check()
    employee.field("end.name", solution=solution).fill(solution)
    employee.button("end.do-later", solution=solution, date="31 jan. 2100").click()
    employee.says("end.arranged", date="31 jan. 2100")
    employee.button("do.cancel-end").click()
    employee.says("end.cancelled")
    assert office.decides.get(f"/collaborations/{collaboration}").json["arrangedEnds"] == []


def test_what_would_stop_is_confirmed_before_it_is_closed(office: Office, open_page: Open) -> None:
    """An active bank integration stands in no catalogue: the API names it, and the form asks for it."""
    company = office.customer()
    setup = {"variant": "bookkeeping-invoicing", "invoiceRecipient": "office", "periodMonths": 12}
    office.invite(company, "bookkeeping-invoicing", **setup)
    collaboration = company.decide().json["collaborationId"]
    account = f"/platform/accounts/{company.account_id}"
    [subscription] = office.platform.get(account).json["subscriptions"]
    company.feed_account(subscriptions=[{**subscription, "bankIntegrationActive": True}])
    employee = open_page().sign_in(f"console/collaborations/{collaboration}", office.address("decides"))
    solution = "Bokföring & Fakturering"
    employee.button("do.end").click()
    employee.field("outcome.close.choice").check()
    employee.field("end.sure", solution=solution, other=company.name).check()
    employee.button("end.do", solution=solution).click()
    employee.field("checklist.bank-integration").check()
    employee.field("end.name", solution=solution).fill(solution)
    employee.check()
    employee.button("end.do", solution=solution).click()
    employee.says("end.done")


def test_what_the_terms_of_a_company_lack_is_asked(office: Office, open_page: Open) -> None:
    """The register names no variant: it is chosen here, and nothing else is asked of who has the solution already."""
    terms = {"solution": "payroll", "renewsOn": "2099-01-01", "invoiceRecipient": "customer"}
    company = office.customer(subscriptions=(terms,))
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=payroll", office.address("decides"))
    employee.says("scenario.has-solution")
    expect(employee.field("setup.invoiceRecipient")).to_have_count(0)
    expect(employee.button("proposal.do.none", customer=company.name)).to_be_disabled()
    employee.field("setup.variant").select_option("standard")
    employee.check()
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("tile.request")


def test_a_set_up_that_was_written_before_is_not_sent_to_who_has_the_solution(office: Office, open_page: Open) -> None:
    """The company starts by itself meanwhile: its own terms hold, and what was written stands in nobody's way."""
    company = office.customer()
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=smart-office", office.address("decides"))
    employee.field("setup.invoiceRecipient").select_option("office")
    expect(employee.button("proposal.do.invite", customer=company.name)).to_be_enabled()
    terms = {"solution": "smart-office", "renewsOn": "2099-01-01", "invoiceRecipient": "customer"}
    company.feed_account(subscriptions=[terms])
    employee.page.reload()
    employee.says("scenario.has-solution")
    expect(employee.field("setup.invoiceRecipient")).to_have_count(0)
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("tile.request")


def test_another_account_is_chosen_after_all(office: Office, open_page: Open) -> None:
    """A company with two accounts: all stand there after one was chosen, and after the page was opened anew."""
    company = office.customer()
    first = company.account_id
    company.account_id = f"{first}-2"
    company.feed_account(name="Andra kontot")
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.page.get_by_label("Andra kontot").check()
    expect(employee.button("proposal.do.invite", customer=company.name)).to_be_enabled()
    employee.page.reload()
    expect(employee.page.get_by_label("Andra kontot")).to_be_checked()
    # What was chosen stands there before the preview does.
    expect(employee.button("proposal.do.invite", customer=company.name)).to_be_enabled()
    with employee.page.expect_response("**/collaborations/preview"):
        employee.page.locator(f'input[value="{first}"]').check()
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("tile.request")


def test_a_moved_link_moves_back(office: Office, open_page: Open) -> None:
    """One click takes a moved link to where it was, and not to nowhere."""
    company = office.customer()
    office.put(f"{office.base}/customers/{company.id}/tasks/other", {**company.task(), "name": "Bokslut"})
    row = {"organisationNumber": company.number, "solution": "scanner", "reference": "desktop-2"}
    imported = office.platform.post(f"{office.base}/collaborations/import", {"rows": [row]})
    path = f"/collaborations/{imported.json['rows'][0]['collaborationId']}"
    linked = {"customerId": company.id, "taskId": "task", "solution": "scanner"}
    office.decides.call("PUT", f"{path}/link", linked, {"If-Match": str(office.decides.get(path).headers["ETag"])})
    employee = open_page().sign_in(f"console{path}", office.address("decides"))
    employee.button("do.move-link").click()
    employee.says("link.here")
    employee.check()
    employee.button("link.to", task="Bokslut", customer=company.name).click()
    employee.says("link.moved")
    assert office.decides.get(path).json["task"]["id"] == "other"
    employee.button("undo").click()
    employee.says("link.moved-back")
    assert office.decides.get(path).json["task"]["id"] == "task"


def test_a_company_with_several_accounts(office: Office, open_page: Open) -> None:
    """The page asks which one, and goes on when it is told."""
    company = office.customer()
    body = {
        "organisationNumber": company.number,
        "name": "Andra kontot",
        "users": [{"email": company.colleague, "name": "Vera Vice", "role": "administrator"}],
        "mainContact": company.colleague,
        "subscriptions": [],
    }
    office.put(f"/platform/accounts/{company.account_id}-2", body)
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.says("account.which")
    employee.check()
    employee.page.get_by_label("Andra kontot").check()
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("proposal.invited", solution="Scanner", customer=company.name)
    [sent] = office.decides.get("/invitations").json["items"]
    assert sent["accountId"] == f"{company.account_id}-2"


def test_a_sent_request_is_followed_and_revoked(office: Office, open_page: Open) -> None:
    """What became of each mail; what bounced is found by its count; a revocation is asked about first."""
    company = office.customer()
    sent = office.invite(company).json
    office.client.invitation_mail(company.administrator)
    event = {
        "version": "0",
        "source": "aws.ses",
        "detail-type": "Email Bounced",
        "detail": {
            "eventType": "Bounce",
            "mail": {
                "messageId": "none-of-ours",
                "tags": {"agreement": [sent["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]},
            },
            "bounce": {"bounceType": "Permanent"},
        },
    }
    assert office.platform.post("/platform/mail-events", event).status == 202
    employee = open_page().sign_in("console", office.address("decides"))
    count = employee.page.get_by_role("link", name=f"1 {employee.t('count.bounced.one')}")
    until(lambda: appears(employee, count), "the count of what bounced")
    count.click()
    employee.says("filter.bounced")
    employee.page.get_by_role("link", name=company.name).click()
    employee.says("delivery.bounced")
    employee.check()
    employee.button("do.resend").click()
    employee.says("request.resend.done")
    until(lambda: len(office.client.mails(company.administrator)) > 1, "the invitation once more")
    employee.button("do.revoke").click()
    employee.says("revoke.sure", customer=company.name, solution="Scanner")
    employee.check()
    employee.button("do.revoke").last.click()
    employee.says("request.revoke.done")
    employee.page.get_by_text(employee.t("timeline.title")).click()
    employee.says("history.invitation-revoked")


def held_in(routes: list[Route]) -> Callable[[Route], None]:
    """A handler that keeps calls until somebody lets them go on."""

    def hold(route: Route) -> None:
        routes.append(route)

    return hold


def test_on_a_slow_network(office: Office, open_page: Open) -> None:
    """The room is there before the rows; a button pressed twice acts once; what is written meanwhile stays."""
    company = office.customer()
    employee = open_page().sign_in("console#/customers", office.address("decides"))
    delayed: list[Route] = []
    preview = f"{employee.api_url}/collaborations/preview"
    employee.page.route(preview, held_in(delayed))
    with employee.page.expect_request(preview):
        employee.go(f"#/customers/{company.id}?start=scanner")
    expect(employee.page.get_by_role("status", name=employee.t("loading"))).to_be_visible()
    # Whatever waits goes on with this.
    employee.page.unroute(preview)
    employee.field("proposal.message").fill("Medan det laddar")
    sent: list[Route] = []
    employee.page.route(f"{employee.api_url}/invitations", held_in(sent))
    button = employee.button("proposal.do.invite", customer=company.name)
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.dispatch_event("click")
    assert len(sent) == 1
    expect(employee.field("proposal.message")).to_have_value("Medan det laddar")
    sent.pop().continue_()
    employee.says("proposal.invited", solution="Scanner", customer=company.name)
    assert len(office.decides.get("/invitations").json["items"]) == 1


def test_without_an_answer_nothing_is_lost(office: Office, open_page: Open) -> None:
    """The connection breaks: it is said in place, the text stays, and sending again sends once."""
    company = office.customer()
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.field("proposal.message").fill("Kvar")
    answered: list[int] = []

    def lose_the_answer(route: Route) -> None:
        answered.append(route.fetch().status)
        route.abort()

    employee.page.route(f"{employee.api_url}/invitations", lose_the_answer, times=1)
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("fault.unreachable")
    employee.check()
    assert answered == [201]
    expect(employee.field("proposal.message")).to_have_value("Kvar")
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("proposal.invited", solution="Scanner", customer=company.name)
    assert len(office.decides.get("/invitations").json["items"]) == 1
