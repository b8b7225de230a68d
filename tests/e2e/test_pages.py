"""The pages behind a mailed link, in a real browser: read, answered, and quiet about it, with a script and without."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from collaboration.wording import text
from playwright.sync_api import expect

from e2e.offices import Company, Office
from e2e.reading import VIEWS, Words, check, opening
from e2e.seen import tab_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from stack.client import Client

    from e2e.reading import Open

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(browser: Browser, client: Client) -> Iterator[Open]:
    """Opens pages for one test."""
    with opening(browser, client.stack["apiUrl"]) as opened:
        yield opened


def wrong_digits(company: Company) -> str:
    """Four digits that are not the company's."""
    return "0000" if not company.number.endswith("0000") else "1111"


class States:
    """One link for each state that a request can be in."""

    def __init__(self, client: Client) -> None:
        """Invite, and bring every request to its state."""
        self.office = office = Office(client)
        made = [office.customer() for _ in range(4)]
        self.waiting, self.decided, self.declined, self.dead = made
        invitations = {company: office.invite(company, message="Välkommen!\nVi hörs.").json["id"] for company in made}
        self.closed = office.customer()
        office.invite(self.closed)
        self.links = {
            "open": self.waiting.link(),
            "revoked": self.dead.link(),
            "receipt": self.decided.link(),
            "decided by another": self.decided.link(self.decided.colleague),
            "declined": self.declined.link(),
            "locked": self.closed.link(),
            "forged": f"{client.stack['apiUrl']}/accept/v1.inv-x.r1.1.forged",
        }
        assert self.decided.decide("accept", message="Gärna").status == 200
        assert self.declined.decide("decline").status == 200
        assert office.decides.post(f"/invitations/{invitations[self.dead]}/revoke").status == 200
        for _ in range(5):
            self.guess(self.closed, self.closed.administrator)

    def guess(self, company: Company, email: str) -> None:
        """A try with wrong digits."""
        body = {"decision": "accept", "organisationNumberEnding": wrong_digits(company)}
        assert self.office.client.anyone.post(company.link(email), body).status == 403

    def status(self, company: Company) -> str:
        """The state of a company's request."""
        [row] = self.office.decides.get(f"/invitations?customerId={company.id}").json["items"]
        return str(row["status"])


@pytest.fixture(scope="module")
def states(client: Client) -> States:
    """Requests in every state, looked at by several tests and changed by none."""
    return States(client)


@pytest.mark.parametrize(("language", "width", "scheme"), VIEWS)
def test_every_state_can_be_read_by_everybody(
    states: States, open_page: Open, language: str, width: int, scheme: str
) -> None:
    """Each in both languages, both widths and both schemes: judged by axe, never wider than the screen."""
    page = open_page(language, width, scheme)
    words = Words(language, states.office, states.waiting)
    seen = f"{language}-{width}-{scheme}"
    titles = {
        "open": "request.title",
        "revoked": "revoked.title",
        "receipt": "accepted.title",
        "decided by another": "accepted.title",
        "declined": "declined.title",
        "locked": "request.title",
        "forged": "fault.not-found.title",
    }
    companies = {"revoked": states.dead, "declined": states.declined, "locked": states.closed}
    for state, title in titles.items():
        company = companies.get(state, states.waiting if state == "open" else states.decided)
        page.goto(states.links[state])
        expected = Words(language, states.office, company)(title)
        expect(page.get_by_role("heading", level=1)).to_have_text(expected)
        expect(page.locator("form")).to_have_count({"open": 2, "revoked": 1}.get(state, 0))
        check(page, f"{state}-{seen}")
        if state == "revoked":
            page.get_by_role("button").click()
            expect(page.get_by_text(words("ask-again.sent"))).to_be_visible()
            check(page, f"asked-again-{seen}")

    # Each combination has tries of its own: a wrong one here is one of five on this link.
    page.goto(states.waiting.link(states.waiting.colleague if width == 375 else states.waiting.administrator))
    page.get_by_label(words("request.own-message")).fill("Hej <b>du</b>")
    page.get_by_label(words("request.digits")).fill(wrong_digits(states.waiting))
    page.get_by_role("button", name=words("request.review")).click()
    expect(page.get_by_role("alert")).to_contain_text(text(words.locale, "problem.organisation-number-mismatch.title"))
    expect(page.get_by_label(words("request.digits"))).to_be_focused()
    expect(page.get_by_label(words("request.own-message"))).to_have_value("Hej <b>du</b>")
    check(page, f"wrong-digits-{seen}")
    page.get_by_label(words("request.digits")).fill(states.waiting.number)
    page.get_by_role("button", name=words("request.review")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words("review.title"))
    expect(page.get_by_text("Hej <b>du</b>")).to_be_visible()
    boxes = [
        page.get_by_role("button", name=words(f"review.{choice}")).bounding_box() for choice in ("accept", "decline")
    ]
    assert boxes[0]
    assert boxes[1]
    assert (boxes[0]["width"], boxes[0]["height"]) == (boxes[1]["width"], boxes[1]["height"])
    check(page, f"review-{seen}")
    page.get_by_role("button", name=words("review.change")).click()
    page.get_by_text(words("not-me"), exact=True).click()
    page.get_by_label(words("not-me.email")).fill("nobody@nowhere.example")
    page.get_by_role("button", name=words("not-me.do")).click()
    expect(page.get_by_label(words("not-me.email"))).to_be_focused()
    check(page, f"not-me-refused-{seen}")
    assert states.status(states.waiting) == "pending"


def test_without_a_script(states: States, open_page: Open) -> None:
    """Read, mistyped, pasted whole, seen in the other language, accepted: nothing typed is lost on the way."""
    company = states.office.customer()
    states.office.invite(company)
    words, swedish = Words("en", states.office, company), Words("sv", states.office, company)
    page = open_page("en", script=False)
    page.goto(company.link())
    page.get_by_label(words("request.own-message")).fill("Gärna")
    page.get_by_label(words("request.digits")).fill(wrong_digits(company))
    page.get_by_label(words("request.digits")).press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name=words("language")).click()
    expect(page.get_by_label(swedish("request.own-message"))).to_have_value("Gärna")
    page.get_by_label(swedish("request.digits")).fill(f"{company.number[:6]}-{company.number[6:]}")
    page.get_by_label(swedish("request.digits")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(swedish("review.title"))
    assert states.status(company) == "pending"
    page.get_by_role("button", name=swedish("review.accept"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(swedish("accepted.title"))
    expect(page.get_by_role("button")).to_have_count(0)
    mail = states.office.client.mail(states.office.address("decides"), company.id)
    assert "Gärna" in mail.text


def test_by_keyboard_alone(states: States, open_page: Open) -> None:
    """Everything is reached by Tab, what has the focus is seen, Enter in a field decides nothing."""
    company = states.office.customer()
    states.office.invite(company)
    words = Words("sv", states.office, company)
    page = open_page("sv")
    page.goto(company.link())
    tab_to(page, words("request.digits"))
    page.keyboard.type(company.number[-4:])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("review.title"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("review.title"))
    assert states.status(company) == "pending"
    tab_to(page, words("review.decline"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("declined.title"))
    assert states.status(company) == "declined"


def test_with_a_script_it_is_nicer(states: States, open_page: Open) -> None:
    """A pasted number shows its last four, a message outlives a change of language, the receipt can be printed."""
    words, swedish = (Words(language, states.office, states.waiting) for language in ("en", "sv"))
    page = open_page("sv")
    page.goto(states.links["open"])
    page.get_by_label(swedish("request.digits")).focus()
    page.evaluate(
        """number => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text", number);
            const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
        }""",
        f"{states.waiting.number[:6]}-{states.waiting.number[6:]}",
    )
    expect(page.get_by_label(swedish("request.digits"))).to_have_value(states.waiting.number[-4:])
    page.get_by_label(swedish("request.own-message")).fill("Gärna")
    page.get_by_role("link", name=swedish("language")).click()
    expect(page.get_by_label(words("request.own-message"))).to_have_value("Gärna")
    page.goto(states.links["receipt"])
    expect(page.get_by_role("button", name=swedish("receipt.print"))).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_text("col-")).to_be_visible()
    for pressed in ("button", "link"):
        expect(
            page.get_by_role(pressed, name=swedish("receipt.print" if pressed == "button" else "next.my"))
        ).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 32, 36)"


def test_not_me(states: States, open_page: Open) -> None:
    """The address that the mail came to closes the link; the colleague's still opens, and the office can read it."""
    company = states.office.customer()
    invitation = states.office.invite(company).json["id"]
    words = Words("sv", states.office, company)
    page = open_page("sv", 375)
    page.goto(company.link())
    page.get_by_text(words("not-me"), exact=True).click()
    page.get_by_label(words("not-me.email")).fill(company.administrator)
    page.get_by_role("button", name=words("not-me.do")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words("not-me.done"))
    check(page, "not-me")
    page.goto(company.link())
    expect(page.get_by_role("heading", level=1)).to_have_text(words("fault.not-found.title"))
    assert states.office.client.anyone.get(company.link(company.colleague)).json["status"] == "pending"
    history = states.office.decides.get(f"/invitations/{invitation}/history").json["items"]
    assert "recipient-reported" in [row["kind"] for row in history]


def test_a_scanner_decides_nothing(states: States, open_page: Open) -> None:
    """It opens every link of a page and sends every form as it stands, with each of its buttons, and again there."""
    page = open_page("en")
    reads = "forms => forms.map(f => [...f.querySelectorAll('button:not([type])')].length)"
    page.goto(states.links["open"])
    counts: list[int] = page.locator("form").evaluate_all(reads)
    assert counts == [1, 1]
    for form, count in enumerate(counts):
        for button in range(count):
            page.goto(states.links["open"])
            # Past what the browser would ask for.
            page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true })")
            page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
            page.locator("form").nth(form).locator("button:not([type])").nth(button).click()
            expect(page.get_by_role("alert")).to_be_visible()
    page.goto(states.links["open"])
    addresses: list[str] = page.locator("a[href]").evaluate_all("all => all.map(one => one.href)")
    for address in itertools.chain([states.links["open"]], addresses):
        if address.startswith("http"):
            page.goto(address)
    assert states.status(states.waiting) == "pending"
