"""The company's page, in a real browser over the deployed stack: clicks and keys only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from stack.client import until
from stack.people import PASSWORD, Person

from e2e.seen import appears, tab_to

if TYPE_CHECKING:
    from e2e.conftest import Open
    from e2e.offices import Office

pytestmark = pytest.mark.browser


def test_by_keyboard_alone(office: Office, open_page: Open) -> None:
    """The company declines without a mouse: everything is reached by Tab, and what has the focus is seen."""
    company = office.customer()
    office.invite(company)
    boss = open_page()
    page = boss.page
    company.user()
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
    boss.check()
    tab_to(page, boss.t("my.request.decline.do"))
    page.keyboard.press("Enter")
    boss.says("my.request.declined", office=f"Byrå {office.id}")


def test_the_company_ends_and_changes_its_mind(office: Office, open_page: Open) -> None:
    """On a date, moved, taken back; then at once, with what happens afterwards and what remains."""
    company = office.customer(account=False)
    body = {**company.proposal("financial-overview"), "invoiceRecipient": "customer", "periodMonths": 3}
    office.decides.post("/activations", office.confirmed(body), {"Idempotency-Key": f"ending-{company.id}"})
    assert office.invite(company).status == 201
    assert company.decide().status == 200
    boss = open_page("en", 375, "dark").sign_in("my", company.user())
    bureau, solution = f"Byrå {office.id}", "Financial overview, Budget & Forecast"
    card = boss.page.get_by_role("article", name=boss.t("my.collaboration.title", solution=solution, office=bureau))
    until(lambda: appears(boss, card), "the collaboration on the company's page")
    card.get_by_role("button", name=boss.t("do.end"), exact=True).click()
    boss.field("end.later").check()
    boss.text_box("end.date").fill("2099-12-31")
    boss.field("outcome.delete.choice").check()
    go = boss.button("end.do-later", solution=solution, date="31 Dec 2099")
    expect(go).to_be_disabled()
    boss.field("end.name", solution=solution).fill(solution.lower())
    boss.check()
    go.click()
    boss.says("end.arranged", date="31 Dec 2099")
    boss.check()
    boss.button("do.move-end").click()
    expect(boss.text_box("end.date")).to_have_value("2099-12-31")
    boss.text_box("end.date").fill("2100-01-31")
    boss.field("end.name", solution=solution).fill(solution)
    boss.button("end.do-later", solution=solution, date="31 Jan 2100").click()
    boss.says("end.arranged", date="31 Jan 2100")
    boss.button("do.cancel-end").click()
    boss.says("end.cancelled")
    card.get_by_role("button", name=boss.t("do.end"), exact=True).click()
    boss.field("outcome.delete.choice").check()
    boss.field("end.name", solution=solution).fill(solution)
    boss.button("end.do", solution=solution).click()
    boss.says("end.done")
    boss.says("end.remaining")
    expect(card.get_by_role("listitem").filter(has_text="Scanner")).to_be_visible()
    boss.check()
    path = f"/collaborations?customerId={company.id}&state=ended"
    until(lambda: len(office.decides.get(path).json["items"]) == 1, "the end on the office's side")


def test_one_person_of_several_companies(office: Office, open_page: Open) -> None:
    """Each company has a part of its own, with its requests said by name; what was answered is found again."""
    first, second = office.customer(), office.customer()
    users = [{"email": first.administrator, "name": "Karin Chef", "role": "administrator"}]
    second.feed_account(users=users, mainContact=first.administrator)
    office.invite(first)
    office.invite(second)
    boss = open_page().sign_in("my", first.user())
    bureau = f"Byrå {office.id}"
    for company in (first, second):
        title = boss.t("my.request.title", office=bureau, company=company.name, solution="Scanner")
        expect(boss.page.get_by_role("article", name=title)).to_be_visible()
    boss.check()
    title = boss.t("my.request.title", office=bureau, company=second.name, solution="Scanner")
    card = boss.page.get_by_role("article", name=title)
    card.get_by_role("button", name=boss.t("my.request.accept"), exact=True).click()
    boss.field("my.request.message", office=bureau).fill("Välkomna")
    boss.page.reload()
    expect(boss.field("my.request.message", office=bureau)).to_have_value("Välkomna")
    boss.button("my.request.accept.do").click()
    boss.button("my.request.see").click()
    part = boss.page.get_by_role("region", name=second.name)
    expect(part.get_by_role("article")).to_have_count(1)
    expect(boss.page.get_by_role("region", name=first.name).get_by_role("article")).to_have_count(0)
    boss.button("my.answered.show", count="1").click()
    boss.says("status.accepted")
    boss.check()


def test_an_address_that_belongs_to_no_company(office: Office, open_page: Open) -> None:
    """It is told why there is nothing, and what to do."""
    email = f"somebody@{office.id}.example"
    office.sign_in(Person(email, "account-user"))
    seen = open_page().sign_in("my", email)
    seen.says("my.no-company")
    seen.check()


def test_a_request_that_cannot_be_accepted_any_more_is_declined(office: Office, open_page: Open) -> None:
    """The subscription that the company had is gone: the page says so, among what waits, and lets it say no."""
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2099-01-01", "customerOwned": True}
    company = office.customer(subscriptions=(terms,))
    office.invite(company, "bookkeeping-invoicing")
    company.feed_account(subscriptions=[])
    boss = open_page().sign_in("my", company.user())
    boss.says("my.waiting")
    [row] = office.client.sign_in(company.administrator, PASSWORD).get("/my/requests").json["items"]
    assert row["actions"] == ["decline"]
    expect(boss.button("my.request.accept")).to_have_count(0)
    boss.check()
    boss.button("my.request.decline").click()
    boss.button("my.request.decline.do").click()
    boss.says("my.request.declined", office=f"Byrå {office.id}")
