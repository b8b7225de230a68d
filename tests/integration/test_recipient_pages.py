"""The pages behind a mailed link: no decision by accident, nothing typed is lost, and a way on from every end."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from stack.demonstration import OFFICE
from support.accounts import register
from support.collaborations import done_at_revision, shown
from support.people import ANNA, BJORK, BO, CEDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.app import App, Response
    from support.people import Office

BIRGITTA = "birgitta@bjork-brown.example"
BENJAMIN = "benjamin@bjork-brown.example"
PAGE = {"Accept": "text/html"}
RIGHT = {"organisationNumberEnding": "4172"}
WRONG = {"organisationNumberEnding": "0000", "message": "Ring mig <först>\noch sedan"}

# What a customer should never have to read: words of the API, and names of fields.
NUMBER = str(OFFICE["organisationNumber"])
DEVELOPERS = re.compile(
    r"`|\bAPI\b|JSON|\bHTTP\b|\b(?:errors|decision|organisationNumberEnding|null|id|id:t|ID)\b|Retry-After|[Pp]roblem"
)


class PageReader(HTMLParser):
    """The forms of a page, and what a person reads there."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a form, or a field of one."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": found["action"], "fields": {}, "buttons": []})
        elif tag in {"input", "textarea"} and self.forms:
            self.forms[-1]["fields"][found["name"]] = found.get("value", "")
        elif tag == "button" and self.forms and found.get("type") != "button":
            self.forms[-1]["buttons"].append({found["name"]: found["value"]} if "name" in found else {})
        self._silent += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        """Read on after what nobody sees."""
        self._silent -= tag == "style"

    def handle_data(self, data: str) -> None:
        """Take what is read."""
        if not self._silent:
            self.words.append(data)


def read(page: Response) -> PageReader:
    """A page as a person or a scanner reads it."""
    assert page.headers["Content-Type"] == "text/html; charset=utf-8", page.text
    reader = PageReader()
    reader.feed(page.text)
    return reader


def words(page: Response) -> str:
    """What a person reads."""
    return " ".join(" ".join(read(page).words).split())


def opened(office: Office, email: str = BIRGITTA, language: str = "en") -> Response:
    """The page of somebody's link."""
    return office.nobody.get(f"{office.link_of(email)}?lang={language}", headers=PAGE)


def sent(office: Office, email: str = BIRGITTA, language: str = "en", **form: str) -> Response:
    """The page after somebody's form was sent."""
    return office.nobody.post(f"{office.link_of(email)}?lang={language}", form=form, headers=PAGE)


def status(office: Office) -> tuple[str, int]:
    """The state of the one invitation, and how often it changed."""
    [row] = office.anna.get("/invitations").json["items"]
    return row["status"], row["revision"]


def submissions(page: Response) -> Iterator[tuple[str, dict[str, str]]]:
    """Every way to send every form of a page as it stands: without a button, and with each."""
    for form in read(page).forms:
        for button in ({}, *form["buttons"]):
            yield page.resolved(form["action"]), {**form["fields"], **button}


def test_enter_decides_nothing(office: Office) -> None:
    """`review-before-the-decision`: what Enter sends is shown with two equal buttons, and only they decide."""
    office.invited()
    button: dict[str, str] = {"decision": "review"}
    for form in ({}, button):
        page = sent(office, **RIGHT, **form, message="Gärna")
        assert page.status == 200
        assert ("Nothing is decided yet" in words(page), "Gärna" in words(page)) == (True, True)
        [_, form_of_two] = read(page).forms
        assert [button["decision"] for button in form_of_two["buttons"]] == ["accept", "decline", "change"]
        assert form_of_two["fields"] == {**RIGHT, "message": "Gärna"}
        assert status(office) == ("pending", 1)
        assert len(re.findall(r'<button name="decision" value="(?:accept|decline)">', page.text)) == 2
    assert sent(office, **RIGHT, decision="accept", message="Gärna").status == 200
    assert status(office)[0] == "accepted"


def test_json_names_its_decision(office: Office) -> None:
    """A program has no review: without a decision, or with one of the form's steps, it is refused."""
    office.invited()
    for body in (RIGHT, {**RIGHT, "decision": "review"}, {**RIGHT, "decision": "change"}):
        refused = office.nobody.post(office.link_of(BIRGITTA), body)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "#/decision")
    accepted = office.decide(BIRGITTA)
    assert [step["href"] for step in accepted.json["next"]] == [None, "../my"]
    assert accepted.resolved(accepted.json["next"][1]["href"]) == "/my"


@pytest.mark.parametrize("state", ["pending", "wrong digits", "locked", "accepted"])
def test_a_scanner_changes_nothing(app: App, office: Office, state: str) -> None:
    """`opening-changes-nothing`: every link opened, every form sent as it stands, with each of its buttons."""
    invitation = office.invited()
    if state == "wrong digits":
        sent(office, **WRONG)
    elif state == "locked":
        for _ in range(5):
            sent(office, **WRONG)
    elif state == "accepted":
        office.decide(BENJAMIN)
    app.drain_events()
    before = status(office), len(app.mailbox)
    history = office.anna.get(f"/invitations/{invitation['id']}/history").text
    page = opened(office)
    ways = [*submissions(page)]
    assert bool(ways) is (state not in {"locked", "accepted"})
    for address, form in ways:
        answered = office.nobody.post(address, form=form, headers=PAGE)
        for further, again in submissions(answered):
            office.nobody.post(further, form=again, headers=PAGE)
    app.drain_events()
    assert office.anna.get(f"/invitations/{invitation['id']}/history").text == history
    assert (status(office), len(app.mailbox)) == before
    assert ("This link has 4 tries left" in words(opened(office))) is (state == "wrong digits")


def test_wrong_digits_lose_nothing(office: Office) -> None:
    """What was typed is there again, the fault stands beside the field with the tries left, and on the same page."""
    office.invited()
    page = sent(office, **WRONG)
    assert page.status == 403
    assert "4 tries are left" in words(page)
    assert "Ring mig &lt;först&gt;\noch sedan</textarea>" in page.text
    assert re.search(r'<input class="digits"[^>]* value="0000"[^>]* aria-invalid="true"[^>]*digits-fault', page.text)
    assert words(page).count("invites Björk & Brown Flowers AB to collaborate") >= 1
    missing = sent(office, message="Gärna")
    assert (missing.status, "Gärna</textarea>" in missing.text) == (422, True)
    assert "Enter the last four digits" in words(missing)
    long = sent(office, **RIGHT, message="a" * 2001)
    assert (long.status, f"{'a' * 2001}</textarea>" in long.text) == (422, True)
    assert "at most 2,000 characters" in words(long)
    assert "4172" in long.text
    assert status(office) == ("pending", 1)


def test_the_ends_of_lines_count_once(office: Office) -> None:
    """A browser sends two characters for each, and its reader was allowed 2 000."""
    office.invited()
    assert sent(office, **RIGHT, decision="decline", message="a\r\n" * 900).status == 200
    [row] = office.anna.get("/invitations").json["items"]
    assert row["decision"]["message"] == ("a\n" * 900).strip()


@pytest.mark.parametrize(
    "typed",
    [
        "556677-4172",
        "5566774172",
        " 4172 ",
        "16556677-4172",
        "556677 \u2013 4172",
        "SE556677417201",
        "se 5566774172 01",
    ],
)
def test_a_whole_number_ends_in_the_four(office: Office, typed: str) -> None:
    """Pasted as it stands on an invoice; it burns no try."""
    office.invited()
    assert "Nothing is decided yet" in words(sent(office, organisationNumberEnding=typed))
    assert "tries left" not in words(opened(office))


@pytest.mark.parametrize("typed", ["417", "41725", "fyra", "556677-417", "12345678901", "\uff14\uff11\uff17\uff12"])
def test_what_is_no_number_burns_no_try(office: Office, typed: str) -> None:
    """It is said beside the field, and what was typed stands there."""
    office.invited()
    page = sent(office, organisationNumberEnding=typed)
    assert (page.status, f'value="{typed}"' in page.text) == (422, True)
    assert "tries left" not in words(opened(office))


def test_a_closed_link_says_when_it_opens(app: App, office: Office) -> None:
    """It offers no form meanwhile; what had been written can be copied."""
    office.invited()
    fifth = [sent(office, **WRONG) for _ in range(5)][-1]
    assert "och sedan" in words(fifth)
    assert "<form" not in fifth.text
    for page in (opened(office), sent(office, **RIGHT)):
        assert "<form" not in page.text
        assert "It opens again on 24 November 2026 at 11:00" in words(page)
    assert "öppnas igen 24 november 2026 kl. 11.00" in words(opened(office, language="sv"))
    app.clock.pass_(hours=1)
    assert "Nothing is decided yet" in words(sent(office, **RIGHT))


def test_a_review_is_no_way_around_the_tries(app: App, office: Office) -> None:
    """The right digits, tried among many at once, are shown as right only if nobody typed wrong ones meanwhile."""
    office.invited()
    for _ in range(4):
        sent(office, **WRONG)
    app.client.faults.before("transact_write_items", lambda: sent(office, **WRONG))
    assert sent(office, **RIGHT).status == 429


def test_going_back_keeps_what_was_typed(office: Office) -> None:
    """From the review, and into the other language."""
    office.invited()
    review = sent(office, **RIGHT, message="Gärna")
    for form in read(review).forms:
        back = office.nobody.post(review.resolved(form["action"]), form={**form["fields"], "decision": "change"})
        assert back.status == 200
        assert re.search(r'<input class="digits"[^>]* value="4172"', back.text)
        assert "Gärna</textarea>" in back.text
    assert status(office) == ("pending", 1)


def test_a_late_answer_is_told_what_holds(office: Office) -> None:
    """The page of what was decided, with the status of the refusal; what was written is not lost."""
    office.invited()
    office.decide(BIRGITTA)
    late = sent(office, BENJAMIN, **RIGHT, decision="decline", message="Nej tack")
    assert late.status == 409
    assert ("has not been recorded" in words(late), "Nej tack" in words(late)) == (True, True)
    assert "Birgitta" not in words(late)


def test_the_page_promises_the_erasure_that_takes_place(app: App, office: Office) -> None:
    """What a request that dies holds of its reader is erased, what an accepted one holds is not: the page says both."""
    office.invited()
    assert "declined, withdrawn or expires, what it holds about you is erased after 30 days" in words(opened(office))
    assert "if it is accepted, it stays in the collaboration's history" in words(opened(office))
    office.decide(BIRGITTA)
    app.drain_events()
    app.clock.pass_(days=90)
    app.clean_up()
    assert "Birgitta Björk" in words(opened(office))


def test_the_receipt(office: Office) -> None:
    """Reference, time, by whom, what: to the one who decided; to others what was decided, not by whom."""
    office.invited()
    reference = office.decide(BIRGITTA, message="Gärna").json["collaborationId"]
    mine, other = words(opened(office)), words(opened(office, BENJAMIN))
    for part in (
        reference,
        "Birgitta Björk",
        "Gärna",
        "Scanner",
        "24 November 2026",
        "Bo Lind (in charge of the task)",
    ):
        assert part in mine
    assert [part for part in (reference, "Birgitta", "Gärna") if part in other] == []
    for page in (opened(office), opened(office, BENJAMIN)):
        [my] = re.findall(r'<a class="button primary" href="([^"]+)"', page.text)
        assert page.resolved(my) == "/my"


def test_the_receipt_says_what_was_accepted(app: App, office: Office) -> None:
    """`a-receipt-stays-true`: what is agreed later, and an end, change nothing in it."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    receipt, by_program = words(opened(office)), office.nobody.get(office.link_of(BIRGITTA)).json
    path = f"/collaborations/{collaboration['id']}"
    later = done_at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "customer"})
    assert (receipt, by_program) == (words(opened(office)), office.nobody.get(office.link_of(BIRGITTA)).json)
    app.clock.pass_(days=90)
    app.clean_up()
    app.drain_events()
    later = shown(office, later)
    assert (later["setup"]["invoiceRecipient"], words(opened(office))) == ("customer", receipt)
    done_at_revision(office.anna, "POST", f"{path}/end", later, {"outcome": "close"})
    app.drain_events()
    assert words(opened(office)) == receipt
    assert "or that the collaboration has ended" in receipt
    after = office.nobody.get(office.link_of(BIRGITTA)).json
    assert (after["setup"], after["terms"]) == (by_program["setup"], by_program["terms"])
    assert by_program["terms"]["text"][0] == "Björk & Brown Flowers AB gets Smart Office."


def test_who_asks_and_who_gets_in(office: Office) -> None:
    """The office with its address, the sender, the employees with their part in the task, and what they cannot do."""
    office.invited()
    text = words(opened(office))
    for part in ("Redovisningsbyrån Ek & Lind", "kontakt@ek-lind.example", "Anna Ek", "Bo Lind in charge of the task"):
        assert part in text
    assert f"The office's organisation number {NUMBER[:6]}-{NUMBER[6:]} The office's telephone 08-555 010 20" in text
    assert ("they can" in text, "They cannot" in text) == (True, True)


@pytest.mark.parametrize(
    ("solution", "setup", "said"),
    [
        ("scanner", {}, "Accepting costs nothing. Your subscription to Scanner goes on"),
        ("employee-payslip", {}, "What Employee, Payslip costs is in Spiris' price list"),
        ("smart-office", {"invoiceRecipient": "office"}, "Flowers AB is not charged for Smart Office"),
        ("smart-office", {"invoiceRecipient": "customer"}, "Flowers AB pays, but nothing is charged before you accept"),
        (
            "digital-invoices",
            {"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "customer"},
            "It says above who pays for what",
        ),
    ],
)
def test_where_the_price_stands(office: Office, solution: str, setup: dict[str, str], said: str) -> None:
    """In words, by who pays."""
    office.invited(BJORK, solution, **setup)
    assert said in words(opened(office))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_developers_words_reach_people(office: Office, language: str) -> None:
    """On no page, whatever was sent."""
    invitation = office.invited()
    link = office.link_of(BIRGITTA)
    strange: list[dict[str, str]] = [
        {},
        {**RIGHT, "decision": "perhaps"},
        {**RIGHT, "unknown": "x"},
        {**RIGHT, "message": "a\u202eb"},
        WRONG,
        {f"f{number}": "x" for number in range(30)},
        {"message": "a" * 300_000},
    ]
    pages = [sent(office, BIRGITTA, language, **form) for form in strange]
    pages.append(office.nobody.post(f"{link}/not-me?lang={language}", form={"email": "nobody"}))
    pages.append(office.nobody.get(f"/accept/v1.inv-x.r1.1.forged?lang={language}", headers=PAGE))
    pages += [sent(office, BIRGITTA, language, **WRONG) for _ in range(5)]
    office.anna.post(f"/invitations/{invitation['id']}/revoke")
    pages += [opened(office, language=language), sent(office, BIRGITTA, language, **RIGHT, decision="accept")]
    assert {page.status for page in pages} == {200, 400, 403, 404, 410, 413, 422, 429}
    for page in pages:
        found = DEVELOPERS.findall(words(page))
        assert found == [], (page.status, words(page))


def test_a_forged_link_says_what_to_do(office: Office) -> None:
    """In words for people: the whole link, a newer mail, or signing in."""
    page = office.nobody.get("/accept/v1.inv-x.r1.1.forged?lang=en", headers=PAGE)
    assert page.status == 404
    for part in ("This link does not work", "It may have been cut off", "newer email"):
        assert part in words(page)
    assert page.resolved(re.findall(r'<p><a href="([^"]+)"', page.text)[0]) == "/my"


def test_a_busy_service_keeps_the_answer(app: App, office: Office) -> None:
    """The page offers to send the same once more."""
    office.invited()
    link = office.link_of(BIRGITTA)
    app.client.faults.fail("batch_get_item", app.client.faults.throttled(), times=99)
    page = office.nobody.post(f"{link}?lang=en", form={**RIGHT, "message": "Gärna", "decision": "decline"})
    assert page.status == 503
    [form] = read(page).forms
    assert form["fields"] == {**RIGHT, "message": "Gärna", "decision": "decline"}
    app.client.faults.clear()
    assert office.nobody.post(page.resolved(form["action"]), form=form["fields"]).status == 200
    assert status(office)[0] == "declined"


def test_not_me_closes_the_link_and_is_history(app: App, office: Office) -> None:
    """`not-me`: that one link is dead, no reminder goes there; the others' still work, and a resend asks anew."""
    invitation = office.invited()
    link = office.link_of(BENJAMIN)
    done = office.nobody.post(f"{link}/not-me?lang=en", form={"email": BENJAMIN.upper()}, headers=PAGE)
    assert done.status == 200
    assert "Your link is closed" in words(done)
    assert office.nobody.get(link).status == 404
    assert office.nobody.post(link, {**RIGHT, "decision": "accept"}).status == 404
    rows = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]
    [reported] = [row for row in rows if row["kind"] == "recipient-reported"]
    assert reported["by"] == {"side": "customer", "name": "Benjamin Brown"}
    birgitta, benjamin = office.anna.get("/invitations").json["items"][0]["recipients"]
    assert ("reportedAt" in birgitta, benjamin["email"], benjamin["reportedAt"][:10]) == (False, BENJAMIN, "2026-11-24")
    app.drain_events()
    readers = [mail.to for mail in app.mailbox if mail.subject.startswith("Fel mottagare")]
    assert sorted(readers) == [ANNA.email, BO.email]
    before = len(app.mails(BENJAMIN))
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert len(app.mails(BENJAMIN)) == before
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.link_of(BENJAMIN) != link
    assert "reportedAt" not in office.anna.get("/invitations").json["items"][0]["recipients"][1]
    assert office.decide(BIRGITTA).status == 200


@pytest.mark.parametrize("typed", ["", "nobody", BIRGITTA])
def test_not_me_takes_the_address_of_the_mail(office: Office, typed: str) -> None:
    """What neither page nor scanner knows; else the page says so, and keeps what was typed."""
    office.invited()
    link = office.link_of(BENJAMIN)
    assert BENJAMIN not in opened(office, BENJAMIN).text
    page = office.nobody.post(f"{link}/not-me?lang=en", form={"email": typed} if typed else {}, headers=PAGE)
    assert (page.status, f'value="{typed}"' in page.text) == (422, True)
    assert "Enter the address the email came to" in words(page)
    assert "<details open>" in page.text
    assert office.nobody.post(f"{link}/not-me", {"email": typed}).json["errors"][0]["pointer"] == "#/email"
    assert office.nobody.get(link).status == 200
    assert status(office) == ("pending", 1)


def test_a_program_may_say_not_me(office: Office) -> None:
    """JSON is answered in JSON."""
    office.invited()
    answer = office.nobody.post(f"{office.link_of(BENJAMIN)}/not-me", {"email": BENJAMIN})
    assert (answer.status, answer.json["next"][0]["href"]) == (200, None)
    assert CEDER.id not in answer.text


def test_a_sole_traders_number_is_not_shown(office: Office) -> None:
    """An office may be one person's too: their personal identity number is for nobody else."""
    office.put(f"/platform/offices/{office.id}", {**OFFICE, "organisationNumber": "1212121212"})
    office.invited()
    text = words(opened(office))
    assert ("The office's organisation number" in text, "121212" in text) == (False, False)
    assert "The office's telephone" in text


@pytest.mark.parametrize("verb", ["ask-again", "not-me"])
def test_the_address_of_a_form_opens_the_request(office: Office, verb: str) -> None:
    """A browser that opens it again is led back, in its language, and nothing has changed."""
    office.invited()
    link = office.link_of(BIRGITTA)
    answer = office.nobody.get(f"{link}/{verb}?lang=sv", headers=PAGE)
    assert (answer.status, answer.location) == (302, f"{link}?lang=sv")
    assert office.nobody.get(f"/accept/v1.forged/{verb}", headers=PAGE).status == 404
    assert status(office) == ("pending", 1)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_what_nobody_can_accept_is_a_dead_end(app: App, office: Office, language: str) -> None:
    """The subscription has gone: the page says so and has one way on, and the office hears of it once a day."""
    account = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in account.items() if name not in {"id", "subscriptions"}}
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01"}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": [terms]})
    office.invited(BJORK, "bookkeeping-invoicing")
    assert "ask-again" not in opened(office, language=language).text
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": []})
    app.drain_events()
    page = opened(office, language=language)
    says = {"en": "no longer has the subscription", "sv": "har inte längre det abonnemang"}
    assert says[language] in words(page)
    paths = [form["action"].partition("?")[0].rpartition("/")[2] for form in read(page).forms]
    assert paths == ["ask-again", "not-me"]
    link = office.link_of(BIRGITTA)
    assert office.nobody.get(link).json["actions"] == ["ask-again", "decline"]
    assert says[language] in words(sent(office, language=language, decision="review", **RIGHT))
    accepted = sent(office, language=language, decision="accept", **RIGHT)
    assert (accepted.status, says[language] in words(accepted)) == (409, True)
    mails = len(app.mails("anna.ek@ek-lind.example"))
    for _ in range(2):
        assert office.nobody.post(f"{link}/ask-again").status == 202
        app.drain_events()
    assert len(app.mails("anna.ek@ek-lind.example")) == mails + 1


def test_closed_links_of_what_nobody_can_accept_are_a_dead_end(app: App, office: Office) -> None:
    """Signing in, which opens what wrong digits closed, would lead nowhere: the way on is a new invitation."""
    register(office, subscriptions=[{"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01"}])
    office.invited(BJORK, "bookkeeping-invoicing")
    for email in (BIRGITTA, BENJAMIN):
        for _ in range(5):
            office.decide(email, organisationNumberEnding="0000")
    register(office, subscriptions=[])
    app.drain_events()
    page = opened(office)
    assert "no longer has the subscription" in words(page)
    assert [form["action"].partition("?")[0].rpartition("/")[2] for form in read(page).forms] == ["ask-again"]


def test_who_would_notify_nobody_is_offered_no_button(app: App, office: Office) -> None:
    """A mail to the office is promised to present administrators only: theirs is the one that goes out."""
    office.invited()
    people = [{"email": BENJAMIN, "name": "Benjamin Brown", "role": "administrator"}]
    register(office, users=people, mainContact=BENJAMIN)
    app.drain_events()
    app.clock.pass_(days=14)
    assert "ask-again" not in opened(office).text
    assert office.nobody.get(office.link_of(BIRGITTA)).json["actions"] == []
    assert "ask-again" in opened(office, BENJAMIN).text


@pytest.mark.parametrize("kind", ["forged", "unknown", "killed"])
def test_a_link_that_opens_nothing_is_not_found_whatever_else_is_wrong(app: App, office: Office, kind: str) -> None:
    """404 comes before fields: whoever holds such a link has nothing to correct. Of a live one they are named."""
    invitation = office.invited()
    live = office.link_of(BIRGITTA)
    path = live[:-2] + ("A" if live[-2] != "A" else "B") + live[-1]
    if kind == "unknown":
        claims = app.signer.read(live.rpartition("/")[2])
        assert claims
        path = f"/accept/{app.signer.token(replace(claims, recipient='nobody'))}"
    elif kind == "killed":
        path, live = live, office.link_of(BENJAMIN)
        account = BJORK.account
        assert account
        body = account.body(BJORK)
        users = [user for user in body["users"] if user["email"] != BIRGITTA]
        office.put(f"/platform/accounts/{account.id}", {**body, "users": users, "mainContact": BENJAMIN})
        app.drain_events()
        assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    for sent in ({}, {"decision": "perhaps"}, {"decision": "accept", "colour": "red"}):
        assert office.nobody.post(path, sent).slug == "not-found"
        assert office.nobody.post(live, sent).slug == "validation-failed"
    json = {"Accept": "application/json"}
    assert office.nobody.get(f"{path}?lang=none", headers=json).slug == "not-found"
    assert office.nobody.get(f"{live}?lang=none", headers=json).slug == "validation-failed"
    assert office.nobody.call("POST", path, raw="{").slug == "malformed-request"
