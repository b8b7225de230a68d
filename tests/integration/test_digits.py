"""The four digits: how many wrong tries there are, on a link and on an invitation, and what closes and opens it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from collaboration import publishing
from collaboration.domain.model.values import AgreementId
from collaboration.storage import keys
from collaboration.telemetry import Metric
from stack.demonstration import OFFICE
from support.accounts import register
from support.collaborations import done_at_revision
from support.people import BJORK, CEDER, LINK

if TYPE_CHECKING:
    from support.app import App, Response
    from support.people import Office

BIRGITTA = "birgitta@bjork-brown.example"
BENJAMIN = "benjamin@bjork-brown.example"
BOOKS = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01"}
WRONG = {"decision": "accept", "organisationNumberEnding": "0000"}
LOCKED, EXHAUSTED = (429, "too-many-requests"), (403, "digits-exhausted")


def wrong(office: Office, email: str, times: int = 1) -> list[Response]:
    """Wrong digits on somebody's latest link, so many times."""
    return [office.nobody.post(office.link_of(email), WRONG) for _ in range(times)]


def said(response: Response) -> tuple[int, str]:
    """The status and the reason of a refusal."""
    return response.status, response.slug


def kinds(office: Office, invitation: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What the office's timeline says of digits, oldest first, each with the name it gives."""
    rows = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]
    return [(row["kind"], row["by"].get("name")) for row in reversed(rows) if row["kind"].startswith("digits-")]


def sole_trader(office: Office, company_type: str = "sole-trader") -> None:
    """Björk is a person in the eyes of the law from now on."""
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "companyType": company_type})


def counted(app: App, metric: Metric) -> float:
    """What the records of the table's stream add to a metric."""
    return dict(publishing.measured(publishing.entries(app._stream.all()))).get(metric, 0)


def forget_closing(app: App) -> None:
    """What 0.1.0 stored of the wrong tries: not that one of them had closed the invitation."""
    [item] = [item for item in app.client.items.values() if item["sk"]["S"] == "ATTEMPTS"]
    item.pop("closed", None)
    data = json.loads(item["data"]["S"])
    assert data.pop("closed") is True
    item["data"] = {"S": json.dumps(data)}


def test_a_wrong_try_says_how_many_are_left(office: Office) -> None:
    """`five-wrong-close-the-door`: five within an hour on one link lock that link for an hour, and no other."""
    office.invited()
    tries = wrong(office, BIRGITTA, 5)
    assert {said(one) for one in tries} == {(403, "organisation-number-mismatch")}
    assert [one.json["triesLeft"] for one in tries] == [4, 3, 2, 1, 0]
    locked = office.decide(BIRGITTA)
    assert said(locked) == LOCKED
    assert 3000 < int(locked.headers["Retry-After"]) <= 3600
    assert "triesLeft" not in locked.json
    assert wrong(office, BENJAMIN)[0].json["triesLeft"] == 4
    assert office.decide(BENJAMIN).status == 200


def test_ten_wrong_close_the_invitation_for_good(app: App, office: Office) -> None:
    """`ten-wrong-close-the-invitation`: every link of it, however long one waits; signing in still works."""
    invitation = office.invited()
    wrong(office, BIRGITTA, 5)
    app.clock.pass_(hours=1)
    left = [one.json["triesLeft"] for one in (*wrong(office, BIRGITTA, 3), *wrong(office, BENJAMIN, 2))]
    assert left == [4, 3, 2, 1, 0]
    for days in (0, 1, 5):
        app.clock.pass_(days=days)
        assert said(office.decide(BIRGITTA)) == EXHAUSTED
        assert said(office.decide(BENJAMIN, "decline")) == EXHAUSTED
    assert wrong(office, BENJAMIN)[0].slug == "digits-exhausted"
    path = f"/my/requests/{invitation['id']}/decision"
    assert office.user(BIRGITTA).post(path, {"decision": "accept"}).status == 200


def test_patience_gets_nobody_past_ten(app: App, office: Office) -> None:
    """An hour between any two tries: the eleventh is not judged."""
    office.invited()
    slugs = []
    for _ in range(12):
        app.clock.pass_(hours=2)
        slugs.append(wrong(office, BIRGITTA)[0].slug)
    assert slugs == ["organisation-number-mismatch"] * 10 + ["digits-exhausted"] * 2


def test_a_resend_by_the_office_starts_anew(app: App, office: Office) -> None:
    """New links for everybody, all tries again; a link of before is dead, whoever still holds it."""
    invitation = office.invited()
    old = {email: office.link_of(email) for email in (BIRGITTA, BENJAMIN)}
    wrong(office, BIRGITTA, 5)
    wrong(office, BENJAMIN, 5)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    for email, link in old.items():
        assert office.link_of(email) != link
        assert office.nobody.get(link).status == 404
        assert office.nobody.post(link, WRONG).status == 404
    assert wrong(office, BIRGITTA)[0].json["triesLeft"] == 4
    assert office.decide(BIRGITTA).status == 200


def test_what_became_of_dead_links_is_dropped(app: App, office: Office) -> None:
    """Each new link has an entry of its own: kept for ever, they would fill the item in which they stand."""
    invitation = office.invited(BJORK, "scanner")
    agreement = AgreementId(invitation["id"].removeprefix("inv-"))
    for _ in range(3):
        office.nobody.get(office.link_of(BIRGITTA))
        wrong(office, BIRGITTA)
        assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
        app.drain_events()
        for queued in app.services.table.partition(keys.agreement_partition(agreement), keys.OUTBOX):
            mail = keys.mail_of(queued["sk"]["S"])
            for recipient in ("r1", "r2"):
                office.mail_event("Delivery", tags={"agreement": [agreement], "mail": [mail], "recipient": [recipient]})
        app.clock.pass_(days=1)
    item_key = keys.invitation_delivery(agreement)
    item = app.services.table.get(item_key)[item_key]
    assert item["delivery"]["M"].keys() == {"r1.4", "r2.4"}
    assert not item["fetched"]["M"]
    assert not [name for name in item if name.startswith("fetches#")]


def test_a_resend_after_expiry_starts_anew(app: App, office: Office) -> None:
    """The revived invitation has all its tries, and new links."""
    invitation = office.invited()
    wrong(office, BIRGITTA, 5)
    wrong(office, BENJAMIN, 5)
    app.clock.pass_(days=14)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.decide(BENJAMIN).status == 200


def test_a_resend_without_wrong_tries_keeps_the_links(app: App, office: Office) -> None:
    """Somebody may have the first mail open: it stays good."""
    invitation = office.invited()
    link = office.link_of(BIRGITTA)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.link_of(BIRGITTA) == link


def test_links_that_are_closed_are_not_reminded_of(app: App, office: Office) -> None:
    """Neither by itself nor by the office, which is told what helps; once it has resent, reminders go out again."""
    invitation = office.invited()
    for email in (BIRGITTA, BENJAMIN):
        wrong(office, email, 5)
    app.drain_events()
    sent_before = len(app.mails(BIRGITTA))
    refused = office.anna.post(f"/invitations/{invitation['id']}/remind")
    assert said(refused) == EXHAUSTED
    assert "Resend" in refused.json["detail"]
    app.clock.pass_(days=11)
    assert app.clean_up() == {}
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == sent_before
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    app.clock.pass_(days=1)
    assert app.clean_up() == {"reminded": 1}
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == sent_before + 2
    assert office.decide(BIRGITTA).status == 200


def test_closed_links_are_replaced_when_no_reminders_are_left(app: App, office: Office) -> None:
    """`no-reminders-left` is no reason to leave everybody without a link; a day has to pass even so."""
    path = f"/invitations/{office.invited()['id']}"
    for _ in range(3):
        assert office.anna.post(f"{path}/remind").status == 202
        app.drain_events()
        app.clock.pass_(hours=24)
    assert said(office.anna.post(f"{path}/resend")) == (409, "no-reminders-left")
    wrong(office, BIRGITTA, 5)
    assert said(office.anna.post(f"{path}/resend")) == (409, "no-reminders-left")
    wrong(office, BENJAMIN, 5)
    resent = office.anna.post(f"{path}/resend")
    assert (resent.status, resent.json["reminders"]) == (202, 3)
    app.drain_events()
    for email in (BIRGITTA, BENJAMIN):
        wrong(office, email, 5)
    assert said(office.anna.post(f"{path}/resend")) == (429, "reminder-too-soon")
    app.clock.pass_(hours=24)
    assert office.anna.post(f"{path}/resend").status == 202
    app.drain_events()
    assert office.decide(BIRGITTA).status == 200


def test_no_link_that_was_closed_while_its_mail_waited_goes_out(app: App, office: Office) -> None:
    """`no-mail-in-vain`: as no reminder does. The office's resend opens all of them, by a mail of its own."""
    office.invited()
    before = len(app.mailbox)
    app.refusing_mail = True
    app.clock.pass_(days=1)
    [invitation] = office.anna.get("/invitations").json["items"]
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    for email in (BIRGITTA, BENJAMIN):
        wrong(office, email, 5)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert [mail.subject for mail in app.mailbox[before:] if mail.to in {BIRGITTA, BENJAMIN}] == []
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.decide(BIRGITTA).status == 200


def test_a_corrected_address_gets_no_link_that_is_closed(app: App, office: Office) -> None:
    """It waits for the office's resend, which opens all of them."""
    invitation = office.invited()
    assert office.mail_event("Bounce", messageId="message-2")
    for times, email in ((5, BIRGITTA), (5, BENJAMIN)):
        wrong(office, email, times)
    app.drain_events()
    account = BJORK.account
    assert account is not None
    corrected = "b.b@bjork-brown.example"
    users = [{"email": email, "name": email, "role": "administrator"} for email in (BIRGITTA, corrected)]
    office.put(f"/platform/accounts/{account.id}", {**account.body(BJORK), "users": users, "mainContact": BIRGITTA})
    app.drain_events()
    assert app.mails(corrected) == []
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.decide(corrected).status == 200


@pytest.mark.parametrize(
    "ending", [None, "", "123", "12345", "41x2", "41 72", "-172", "\uff14\uff11\uff17\uff12", "\xb2\xb3\xb9\xb2"]
)
def test_what_is_no_four_digits_counts_for_nothing(office: Office, ending: str | None) -> None:
    """422 that names the field, more often than there are tries."""
    office.invited()
    for _ in range(11):
        refused = office.nobody.post(
            office.link_of(BIRGITTA), {"decision": "accept", "organisationNumberEnding": ending}
        )
        assert said(refused) == (422, "validation-failed")
        [error] = refused.json["errors"]
        assert error["pointer"] == "#/organisationNumberEnding"
        assert error["code"] == ("invalid" if ending else "missing")
    assert office.decide(BIRGITTA).status == 200


def test_the_state_and_the_holder_are_judged_before_the_digits(app: App, office: Office) -> None:
    """A dead invitation says so; who may not decide learns nothing of the digits and burns no try."""
    invitation = office.invited()
    account = office.platform.get(f"/platform/accounts/{BJORK.account.id if BJORK.account else ''}").json
    path, body = f"/platform/accounts/{account.pop('id')}", account
    users = [user for user in body["users"] if user["email"] != BENJAMIN]
    office.put(path, {**body, "users": users})
    assert {said(one) for one in wrong(office, BENJAMIN, 11)} == {(403, "not-allowed")}
    office.put(path, body)
    assert wrong(office, BENJAMIN)[0].json["triesLeft"] == 4
    wrong(office, BENJAMIN, 4)
    assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
    assert said(wrong(office, BENJAMIN)[0]) == (410, "invitation-revoked")
    assert office.nobody.post(office.link_of(BIRGITTA), {"decision": "accept"}).slug == "invitation-revoked"


def test_each_closing_is_history_and_a_metric(app: App, office: Office) -> None:
    """The office sees whose link it was; the customer's part of the timeline is without it; nobody is told twice."""
    invitation = office.invited()
    wrong(office, BIRGITTA, 7)
    assert kinds(office, invitation) == [("digits-locked", "Birgitta Björk")]
    app.clock.pass_(hours=1)
    wrong(office, BIRGITTA, 6)
    wrong(office, BENJAMIN, 2)
    expected = [("digits-locked", "Birgitta Björk"), ("digits-exhausted", "Birgitta Björk")]
    assert kinds(office, invitation) == expected
    app.drain_events()
    assert [counted(app, metric) for metric in (Metric.DIGITS_LOCKED, Metric.DIGITS_EXHAUSTED)] == [1, 1]
    assert not [message for message in app.pending_messages if message.name.startswith("Digits")]


@pytest.mark.parametrize("company_type", ["sole-trader", "private-individual"])
def test_a_personal_identity_number_has_three_tries(app: App, office: Office, company_type: str) -> None:
    """`three-tries-at-a-persons-number`: with a date of birth there are but a thousand endings."""
    sole_trader(office, company_type)
    invitation = office.invited()
    assert [one.json["triesLeft"] for one in wrong(office, BIRGITTA, 2)] == [2, 1]
    assert wrong(office, BENJAMIN)[0].json["triesLeft"] == 0
    app.clock.pass_(days=1)
    assert said(office.decide(BIRGITTA)) == EXHAUSTED
    assert kinds(office, invitation) == [("digits-exhausted", "Benjamin Brown")]
    assert office.user(BIRGITTA).post(f"/my/requests/{invitation['id']}/decision", {"decision": "accept"}).status == 200


def test_what_three_tries_closed_stays_closed(app: App, office: Office) -> None:
    """`three-tries-at-a-persons-number`: the office corrects the company type; only new links open it again."""
    sole_trader(office)
    invitation = office.invited()
    wrong(office, BIRGITTA, 3)
    sole_trader(office, BJORK.body()["companyType"])
    app.drain_events()
    assert said(office.decide(BIRGITTA)) == said(wrong(office, BENJAMIN)[0]) == EXHAUSTED
    reminder = office.anna.post(f"/invitations/{invitation['id']}/remind")
    assert said(reminder) == EXHAUSTED
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert wrong(office, BIRGITTA)[0].json["triesLeft"] == 4


@pytest.mark.parametrize("recorded", [True, False])
def test_a_change_of_the_company_type_that_closes_the_links_is_history(
    app: App, office: Office, *, recorded: bool
) -> None:
    """`three-tries-at-a-persons-number`: the change closes, once, and for good; the list says so, and the metric.

    `recorded`: as 0.1.0 stored what a try had closed, which the timeline has already.
    """
    if recorded:
        sole_trader(office)
    invitation = office.invited()
    path = f"/invitations/{invitation['id']}"
    wrong(office, BIRGITTA, 3)
    if recorded:
        forget_closing(app)
    else:
        sole_trader(office)
        app.drain_events()
    by = ("digits-exhausted", "Birgitta Björk" if recorded else None)
    for body in ({"name": "Björk & Ask AB"}, {"companyType": "sole-trader"}, {"companyType": "private-individual"}):
        customer = {**BJORK.body(), "companyType": "sole-trader", **body}
        office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", customer)
        app.drain_events()
        assert kinds(office, invitation) == [by]
    assert office.anna.get(path).json["obstacle"] == "links-closed"
    assert counted(app, Metric.DIGITS_EXHAUSTED) == 1
    sole_trader(office, BJORK.body()["companyType"])
    app.drain_events()
    assert said(office.decide(BIRGITTA)) == EXHAUSTED
    assert office.anna.post(f"{path}/resend").status == 202
    app.drain_events()
    assert office.anna.get(path).json["obstacle"] is None
    assert wrong(office, BENJAMIN)[0].json["triesLeft"] == 4


def test_three_wrong_tries_on_what_has_expired_close_nothing(app: App, office: Office) -> None:
    """Nobody can be kept out by links that are dead; a resend has new ones."""
    invitation = office.invited()
    wrong(office, BIRGITTA, 3)
    app.clock.pass_(days=14, minutes=1)
    sole_trader(office)
    app.drain_events()
    assert kinds(office, invitation) == []


def test_many_at_once_are_each_counted(office: Office) -> None:
    """Nobody is told that digits were wrong before that try was counted, and none is counted as another's."""
    office.invited()
    link = office.link_of(BIRGITTA)
    with ThreadPoolExecutor(max_workers=8) as threads:
        tries = list(threads.map(lambda _: office.nobody.post(link, WRONG), range(24)))
    answered = sorted(one.json["triesLeft"] for one in tries if one.status == 403)
    assert len(set(answered)) == len(answered) <= 5
    assert {one.status for one in tries} <= {403, 429, 503}
    more = wrong(office, BIRGITTA, 5 - len(answered))
    assert [one.json["triesLeft"] for one in more] == list(range(5 - len(answered)))[::-1]
    assert said(office.decide(BIRGITTA)) == LOCKED


def test_the_right_digits_lose_to_the_fifth_wrong_ones(app: App, office: Office) -> None:
    """A try that was judged before the link was locked is judged again before it is committed."""
    office.invited()
    wrong(office, BIRGITTA, 4)
    write = app.client.transact_write_items

    def late(**arguments: Any) -> Any:
        app.client.transact_write_items = write
        wrong(office, BIRGITTA)
        return write(**arguments)

    app.client.transact_write_items = late
    assert said(office.decide(BIRGITTA)) == LOCKED


def test_neither_mail_nor_page_holds_the_digits(app: App, office: Office) -> None:
    """Whatever the office writes, and the register calls the company; the office itself sees what it wrote."""
    number, ending = BJORK.organisation_number, BJORK.organisation_number[-4:]
    register(office, name=f"Bolaget {number} AB")
    invitation = office.invited(message=f"Det gäller 556823-{ending}.")
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    link = office.link_of(BIRGITTA)
    read = [mail.subject + mail.text + mail.html for mail in app.mails(BIRGITTA)]
    read += [office.nobody.get(link, headers={"Accept": kind}).text for kind in ("text/html", "application/json")]
    read.append(office.nobody.post(link, form={"decision": "accept", "organisationNumberEnding": ending}).text)
    assert len(read) == 5
    assert not [text for text in read if f"556823{ending}" in text or f"556823-{ending}" in text]
    assert "Det gäller 556823-••••." in read[0]
    assert office.anna.get(f"/invitations/{invitation['id']}").json["message"].endswith(f"-{ending}.")


def test_no_mail_about_a_collaboration_holds_the_digits(app: App, office: Office) -> None:
    """Another request to the company may wait for them, whatever the company calls itself."""
    register(office, name="Firma 556823-4172")
    started = office.collaborating()
    done_at_revision(office.anna, "POST", f"/collaborations/{started['id']}/end", started, {"outcome": "continue"})
    app.drain_events()
    customer = {**CEDER.body(), "name": f"Cykel {CEDER.organisation_number}"}
    office.put(f"/platform/offices/{office.id}/customers/{CEDER.id}", customer)
    assert office.activate().status == 201
    app.drain_events()
    found = [mail for mail in app.mailbox if "ek-lind" not in mail.to]
    kinds_of_mail = {mail.tags["kind"] for mail in found}
    assert kinds_of_mail == {"invitation", "information", "ended", "login-instructions"}
    digits = (BJORK.organisation_number[-4:], CEDER.organisation_number[-4:])
    assert [mail.subject for mail in found for part in digits if part in mail.subject + LINK.sub("", mail.text)] == []


def test_an_office_that_invites_itself_shows_no_number(office: Office) -> None:
    """By which others can look it up."""
    own = replace(BJORK, id="own", organisation_number=OFFICE["organisationNumber"])
    office.feed_customer(own)
    office.put("/platform/accounts/account-own", BJORK.account.body(own) if BJORK.account else {})
    office.invited(own)
    page = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "text/html"}).text
    assert OFFICE["phone"] in page
    assert OFFICE["organisationNumber"][-4:] not in page


@pytest.mark.parametrize("decision", ["accept", "decline", "review"])
def test_a_repeated_decision_does_not_give_the_digits_away(app: App, office: Office, decision: str) -> None:
    """Who holds the link of a decided request and tries many endings at once learns no more than one by one."""
    office.invited()
    first = "decline" if decision == "decline" else "accept"
    assert office.decide(BIRGITTA, first).status == 200
    link, form = office.link_of(BIRGITTA), decision == "review"
    body = {"decision": decision, "organisationNumberEnding": BJORK.organisation_number[-4:]}
    repeated: Any = {"form": body} if form else {"body": body}
    assert office.nobody.post(link, **repeated).status == 200
    tried = {"decision": first, "organisationNumberEnding": "0000"}
    # While the right ones are judged, the last of the wrong ones are counted.
    app.client.faults.after("query", lambda: [office.nobody.post(link, tried) for _ in range(5)])
    assert office.nobody.post(link, **repeated).status == LOCKED[0]


def test_what_nobody_can_accept_does_not_give_the_digits_away(app: App, office: Office) -> None:
    """It is refused before the digits are judged: wrong ones and right ones get the same answer."""
    register(office, subscriptions=[BOOKS])
    office.invited(solution=BOOKS["solution"])
    register(office, subscriptions=[])
    app.drain_events()
    for ending in ("0000", BJORK.organisation_number[-4:]):
        body = {"decision": "accept", "organisationNumberEnding": ending}
        assert said(office.nobody.post(office.link_of(BIRGITTA), body)) == (409, "situation-changed")


def test_the_page_says_that_no_tries_are_left(office: Office) -> None:
    """And shows no form; nor does the JSON offer to decide. What to do instead is said in both languages."""
    office.invited()
    wrong(office, BIRGITTA, 5)
    last = [office.nobody.post(office.link_of(BENJAMIN), form=WRONG) for _ in range(5)][-1]
    assert last.status == 403
    assert "<form" not in last.text
    link = office.link_of(BIRGITTA)
    assert office.nobody.get(link, headers={"Accept": "application/json"}).json["actions"] == []
    for language, words in (("en", "Sign in"), ("sv", "Logga in")):
        page = office.nobody.get(f"{link}?lang={language}", headers={"Accept": "text/html"})
        assert page.status == 200
        assert words in page.text
        assert "organisationNumberEnding" not in page.text
    mine = office.user(BIRGITTA).get("/my/requests").json["items"][0]
    assert mine["actions"] == ["accept", "decline"]


def test_the_wrong_try_says_in_words_how_many_are_left(office: Office) -> None:
    """A person reads it on the page, in the language of the page."""
    office.invited()
    link = office.link_of(BIRGITTA)
    pages = [office.nobody.post(f"{link}?lang=en", form=WRONG).text for _ in range(5)]
    assert "4 tries are left" in pages[0]
    assert "closed for an hour" in pages[4]
    swedish = office.nobody.post(f"{office.link_of(BENJAMIN)}?lang=sv", form=WRONG).text
    assert "4 försök kvar" in swedish
