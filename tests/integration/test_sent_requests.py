"""The whole life of a request: reminders, resending, revoking, asking again, deciding signed in, batches, lists."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from support.people import ALMBERG, ANNA, BJORK, BO, CEDER, DAHL, Office

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.app import App

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
ACCOUNT = "/platform/accounts/account-bjork"


def appoint(office: Office, *names: str) -> None:
    """Make exactly these the administrators of Björk's account."""
    account = office.platform.get(ACCOUNT).json
    users = [{"email": email, "name": email.partition("@")[0].title(), "role": "administrator"} for email in names]
    body = {name: account[name] for name in ("organisationNumber", "name", "subscriptions")}
    office.put(ACCOUNT, {**body, "users": users, "mainContact": names[0] if names else None})


# Reminding


def test_reminders_one_a_day_and_three_in_all(app: App, office: Office) -> None:
    """`one-reminder-a-day-three-in-all`: the first at once; too soon says when; none left says so."""
    path = f"/invitations/{office.invited()['id']}/remind"
    first = office.anna.post(path)
    assert (first.status, first.json["reminders"]) == (202, 1)
    soon = office.anna.post(path)
    assert (soon.status, soon.slug) == (429, "reminder-too-soon")
    assert 86_000 < int(soon.headers["Retry-After"]) <= 86_400
    for count in (2, 3):
        app.clock.pass_(hours=24)
        assert office.anna.post(path).json["reminders"] == count
    app.clock.pass_(hours=24)
    last = office.anna.post(path)
    assert (last.status, last.slug) == (409, "no-reminders-left")
    app.drain_events()
    assert [mail.subject.startswith("Reminder") for mail in app.mails(BIRGITTA)] == [False, True, True, True]
    kinds = [row["kind"] for row in office.anna.get(path.replace("remind", "history")).json["items"]]
    assert kinds.count("invitation-reminded") == 3


def test_a_reminder_holds_the_same_link(app: App, office: Office) -> None:
    """The first mail's link stays good: a reminder is no new request."""
    invitation = office.invited()
    link = office.link_of(BIRGITTA)
    office.anna.post(f"/invitations/{invitation['id']}/remind")
    app.drain_events()
    assert office.link_of(BIRGITTA) == link
    assert app.mails(BIRGITTA)[-1].text.count("/accept/") == 1


def test_one_automatic_reminder_three_days_before_expiry(app: App, office: Office) -> None:
    """`one-automatic-reminder`: shown in advance, sent by the schedule, once, and counted."""
    invitation = office.invited()
    assert invitation["nextReminderAt"] == "2026-12-05T09:00:00Z"
    app.clock.pass_(days=11, minutes=-1)
    assert app.clean_up() == {}
    app.clock.pass_(minutes=1)
    assert app.clean_up() == {"reminded": 1}
    assert app.clean_up() == {}
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == 2
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    assert (shown["reminders"], shown["nextReminderAt"]) == (1, None)
    newest = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"][0]
    assert (newest["kind"], newest["by"]["side"]) == ("invitation-reminded", "system")
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").slug == "reminder-too-soon"
    app.clock.pass_(days=3)
    assert app.clean_up() == {"expired": 1}


def test_no_automatic_reminder_in_a_short_life(app: App, office: Office) -> None:
    """A life of three days or less has none."""
    body = office.platform.get(f"/platform/offices/{office.id}").json
    office.put(
        f"/platform/offices/{office.id}",
        {name: body[name] for name in ("name", "email", "locale")} | {"invitationDays": 3},
    )
    assert office.invited()["nextReminderAt"] is None
    app.clock.pass_(days=2, hours=23)
    assert app.clean_up() == {}


def test_no_automatic_reminder_after_a_bounce(app: App, office: Office) -> None:
    """A mail that bounced will not get better by a second one; the expiry is still marked."""
    invitation = office.invited()
    assert office.mail_event("Bounce", messageId="message-1")
    assert office.anna.get(f"/invitations/{invitation['id']}").json["nextReminderAt"] is None
    app.clock.pass_(days=11)
    assert app.clean_up() == {}
    app.clock.pass_(days=3)
    assert app.clean_up() == {"expired": 1}


def test_the_automatic_reminder_waits_for_an_administrator(app: App, office: Office) -> None:
    """It is tried every day until one is there; what the answer announces lies ahead, and comes."""
    path = f"/invitations/{office.invited()['id']}"
    app.clock.pass_(days=10)
    appoint(office)
    app.clock.pass_(days=1)
    assert app.clean_up() == {}
    app.clock.pass_(hours=2)
    appoint(office, BIRGITTA)
    assert office.anna.get(path).json["nextReminderAt"] == "2026-12-06T09:00:00Z"
    assert app.clean_up() == {}
    app.clock.pass_(hours=22)
    assert app.clean_up() == {"reminded": 1}
    app.drain_events()
    assert [mail.subject.startswith("Reminder") for mail in app.mails(BIRGITTA)] == [False, True]
    assert office.anna.get(path).json["nextReminderAt"] is None


def test_no_automatic_reminder_is_announced_where_nobody_comes(app: App, office: Office) -> None:
    """The last try is a day before the expiry: after it none is announced, and the expiry is marked."""
    path = f"/invitations/{office.invited()['id']}"
    appoint(office)
    for expected in ("2026-12-06T09:00:00Z", "2026-12-07T09:00:00Z", None):
        app.clock.pass_(days=11 if expected == "2026-12-06T09:00:00Z" else 1)
        assert app.clean_up() == {}
        app.clock.pass_(hours=2)
        assert office.anna.get(path).json["nextReminderAt"] == expected
        app.clock.pass_(hours=-2)
    app.clock.pass_(days=1)
    assert app.clean_up() == {"expired": 1}


def test_no_automatic_reminder_where_nobody_holds_a_link(app: App, office: Office) -> None:
    """The only one who was asked has said that it is not for them."""
    appoint(office, BIRGITTA)
    path = f"/invitations/{office.invited()['id']}"
    assert office.nobody.post(f"{office.link_of(BIRGITTA)}/not-me", {"email": BIRGITTA}).status == 200
    app.drain_events()
    assert office.anna.get(path).json["nextReminderAt"] is None
    app.clock.pass_(days=11)
    assert app.clean_up() == {}


# Resending and revoking


def test_resending_asks_the_register_anew(app: App, office: Office) -> None:
    """`register-asked-anew`: a new administrator gets a link, one who is gone loses theirs, who stays keeps theirs."""
    invitation = office.invited()
    of_benjamin, of_birgitta = office.link_of(BENJAMIN), office.link_of(BIRGITTA)
    appoint(office, BIRGITTA, "nina@bjork-brown.example")
    answer = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert (answer.status, answer.json["reminders"]) == (202, 1)
    assert [row["email"] for row in answer.json["recipients"]] == [BIRGITTA, "nina@bjork-brown.example"]
    app.drain_events()
    assert office.nobody.get(of_benjamin).slug == "not-found"
    assert office.link_of(BIRGITTA) == of_birgitta
    assert office.nobody.get(office.link_of("nina@bjork-brown.example")).status == 200
    assert len(app.mails(BENJAMIN)) == 1
    assert office.decide("nina@bjork-brown.example").status == 200


def test_a_link_that_was_lost_stays_dead_when_its_holder_returns(app: App, office: Office) -> None:
    """Somebody who is administrator again gets a new link; the old one is not revived."""
    invitation = office.invited()
    old = office.link_of(BENJAMIN)
    appoint(office, BIRGITTA)
    office.anna.post(f"/invitations/{invitation['id']}/resend")
    appoint(office, BIRGITTA, BENJAMIN)
    app.clock.pass_(hours=24)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.link_of(BENJAMIN) != old
    assert office.nobody.get(old).slug == "not-found"
    assert office.nobody.get(office.link_of(BENJAMIN)).status == 200


def test_resending_needs_somebody_to_ask(office: Office) -> None:
    """An account without an administrator cannot be asked again either."""
    invitation = office.invited()
    appoint(office)
    answer = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert (answer.status, answer.slug) == (409, "no-administrator")


def test_a_reminder_that_would_reach_nobody_says_why(office: Office) -> None:
    """Whether the account has no administrator, or others than were asked, whom a resend asks."""
    invitation = office.invited()
    appoint(office)
    refusal = office.anna.post(f"/invitations/{invitation['id']}/remind")
    assert (refusal.slug, "appoint one" in refusal.json["detail"]) == ("no-administrator", True)
    appoint(office, "nina@bjork-brown.example")
    refusal = office.anna.post(f"/invitations/{invitation['id']}/remind")
    assert (refusal.slug, "Resend the request" in refusal.json["detail"]) == ("no-administrator", True)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202


def test_a_revived_request_has_a_new_life(app: App, office: Office) -> None:
    """The same id and link, a new expiry, a new count, its own automatic reminder; it can be accepted."""
    invitation = office.invited()
    office.anna.post(f"/invitations/{invitation['id']}/remind")
    app.clock.pass_(days=20)
    app.clean_up()
    revived = office.anna.post(f"/invitations/{invitation['id']}/resend").json
    assert (revived["id"], revived["status"], revived["reminders"]) == (invitation["id"], "pending", 0)
    assert revived["expiresAt"].startswith("2026-12-28T09:00")
    assert revived["nextReminderAt"].startswith("2026-12-25T09:00")
    app.drain_events()
    assert office.decide(BIRGITTA).status == 200


@pytest.mark.parametrize("how", ["revoked", "expired", "accepted"])
def test_an_expired_request_is_offered_to_be_sent_again_while_nothing_has_replaced_it(
    app: App, office: Office, how: str
) -> None:
    """`actions-are-accepted`: not while a later one is live, nor a collaboration; each list says the same."""
    path = f"/invitations/{office.invited()['id']}"
    app.clock.pass_(days=14, minutes=1)

    def offered() -> bool:
        one = office.anna.get(path).json
        listed = {row["id"]: row for row in office.anna.get("/invitations").json["items"]}
        expired = {row["id"]: row for row in office.anna.get("/invitations?status=expired").json["items"]}
        assert listed[one["id"]] == expired[one["id"]] == one
        return "resend" in one["actions"]

    assert offered()
    later = office.invited()
    assert not offered()
    refusal = office.anna.post(f"{path}/resend")
    assert (refusal.status, refusal.slug) == (409, "already-invited")
    match how:
        case "revoked":
            assert office.anna.post(f"/invitations/{later['id']}/revoke").status == 200
        case "expired":
            app.clock.pass_(days=14, minutes=1)
        case "accepted":
            assert office.decide(BIRGITTA).status == 200
    assert offered() == (how != "accepted")
    assert office.anna.post(f"{path}/resend").status == (409 if how == "accepted" else 202)


def test_revoke_against_accept_has_one_outcome(app: App, office: Office) -> None:
    """Two at once: exactly one happens, and the history agrees."""
    invitation = office.invited()
    link = office.link_of(BIRGITTA)
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    with ThreadPoolExecutor() as threads:
        accepting = threads.submit(office.nobody.post, link, body)
        revoking = threads.submit(office.anna.post, f"/invitations/{invitation['id']}/revoke")
        outcomes = accepting.result().status, revoking.result().status
    assert outcomes in {(200, 409), (410, 200)}
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    assert shown["status"] == ("accepted" if outcomes[0] == 200 else "revoked")
    kinds = [row["kind"] for row in office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]]
    assert ("invitation-accepted" in kinds, "invitation-revoked" in kinds) == (outcomes[0] == 200, outcomes[1] == 200)


@pytest.mark.parametrize("verb", ["remind", "resend", "revoke"])
def test_what_changes_a_request_needs_both_rights(office: Office, verb: str) -> None:
    """Full user rights and administrator, both; whoever lacks one is shown no actions either."""
    invitation = office.invited()
    for employee in ("bo", "cecilia"):
        person = office.employee(employee)
        assert person.post(f"/invitations/{invitation['id']}/{verb}").slug == "not-allowed"
        assert person.get(f"/invitations/{invitation['id']}").json["actions"] == []


# Asking again


def test_asking_again_tells_the_office_once_a_day(app: App, office: Office) -> None:
    """`ask-again-once-a-day`: a mail to the sender and the task's owner, always the same answer."""
    office.invited()
    link = f"{office.link_of(BIRGITTA)}/ask-again"
    live = office.nobody.post(link)
    app.clock.pass_(days=14)
    first, second = office.nobody.post(link), office.nobody.post(link)
    assert live.text == first.text == second.text
    app.drain_events()
    wishes = [mail for mail in app.mailbox if "ny inbjudan" in mail.subject]
    assert sorted(mail.to for mail in wishes) == [ANNA.email, BO.email]
    app.clock.pass_(days=1)
    office.nobody.post(link)
    app.drain_events()
    assert len([mail for mail in app.mailbox if "ny inbjudan" in mail.subject]) == 4
    assert office.nobody.post("/accept/v1.inv-x.r1.1.forged/ask-again").slug == "not-found"


def test_a_dead_end_offers_one_button(app: App, office: Office) -> None:
    """The page of an expired request has a form that asks again, and no other."""
    office.invited()
    link = office.link_of(BIRGITTA)
    app.clock.pass_(days=14)
    page = office.nobody.get(link, headers={"Accept": "text/html"})
    assert page.text.count("<form") == 1
    [action] = re.findall(r'action="([^"]+)"', page.text)
    assert page.resolved(action).partition("?")[0] == f"{link}/ask-again"
    answer = office.nobody.post(f"{link}/ask-again", headers={"Accept": "text/html"}, form={})
    assert (answer.status, answer.headers["Content-Type"]) == (202, "text/html; charset=utf-8")


# Account users


def test_an_account_user_decides_signed_in(app: App, office: Office) -> None:
    """The same decision as by link, without the digits; the later visitor is told what was decided."""
    invitation = office.invited()
    birgitta = office.user(BIRGITTA.upper())
    [mine] = birgitta.get("/my/requests").json["items"]
    by_link = office.nobody.get(office.link_of(BIRGITTA)).json
    assert mine == {**by_link, "id": invitation["id"], "accountId": "account-bjork"}
    path = f"/my/requests/{invitation['id']}/decision"
    decided = birgitta.post(path, {"decision": "accept", "message": "Gärna"})
    assert (decided.status, decided.json["status"]) == (200, "accepted")
    assert birgitta.post(path, {"decision": "accept"}).json == decided.json
    assert office.decide(BIRGITTA).json["collaborationId"] == decided.json["collaborationId"]
    assert office.user(BENJAMIN).post(path, {"decision": "decline"}).slug == "invitation-accepted"
    seen = office.user(BENJAMIN).get("/my/requests").json["items"][0]
    assert (seen["status"], seen["decision"]["decision"], seen["actions"]) == ("accepted", "accept", [])


def test_only_verified_administrators_see_requests(office: Office) -> None:
    """Users, strangers, employees and unverified addresses: 403; another company's request: 404."""
    invitation = office.invited()
    path = f"/my/requests/{invitation['id']}/decision"
    refused = [
        office.user("berit@bjork-brown.example"),
        office.user("stranger@elsewhere.example"),
        office.user(BIRGITTA, verified=False),
        office.anna,
        office.platform,
    ]
    for person in refused:
        assert person.get("/my/requests").slug == "not-allowed"
        assert person.post(path, {"decision": "accept"}).slug == "not-allowed"
    alva = office.user(ALMBERG.contact.email)
    assert alva.get("/my/requests").json["items"] == []
    assert alva.post(path, {"decision": "accept"}).slug == "not-found"
    assert office.nobody.get("/my/requests").slug == "unauthenticated"


def test_a_user_of_several_companies_sees_each(app: App, office: Office) -> None:
    """One person, two companies: each request separately, newest first, in pages."""
    account = office.platform.get("/platform/accounts/account-dahl").json
    kept = {name: account[name] for name in ("organisationNumber", "name", "subscriptions", "mainContact")}
    office.put(
        "/platform/accounts/account-dahl",
        {**kept, "users": [*account["users"], {"email": BIRGITTA, "name": "Birgitta Björk", "role": "administrator"}]},
    )
    older = office.invited(BJORK)
    app.clock.pass_(hours=1)
    newer = office.invited(DAHL)
    birgitta = office.user(BIRGITTA)
    page = birgitta.get("/my/requests?limit=1").json
    assert [item["id"] for item in page["items"]] == [newer["id"]]
    use = birgitta.get(f"/my/requests?limit=1&cursor={page['next']}").json
    assert ([item["id"] for item in use["items"]], use["next"]) == ([older["id"]], None)


def test_an_administrator_who_came_later_may_decide_signed_in(app: App, office: Office) -> None:
    """The register decides who approves: no link is needed for that, and one who left may not."""
    invitation = office.invited()
    appoint(office, "nina@bjork-brown.example")
    path = f"/my/requests/{invitation['id']}/decision"
    assert office.user(BIRGITTA).post(path, {"decision": "accept"}).slug == "not-allowed"
    assert office.decide(BIRGITTA).slug == "not-allowed"
    assert office.user("nina@bjork-brown.example").post(path, {"decision": "decline"}).json["status"] == "declined"


# Batches


def test_a_refused_row_says_where_in_the_batch_it_is_wrong(office: Office) -> None:
    """Whether it cannot be read or something is in the way."""
    rows = [batch_row(office, f"batch-row-{nth}") for nth in range(4)]
    rows[1] |= {"taskId": 7}
    rows[2] |= {"taskId": "none-such"}
    rows[3] |= {"invoiceRecipient": "office"}
    answer = office.anna.post("/invitations/batch", {"rows": rows})
    problems = [row.get("problem", {}).get("errors", []) for row in answer.json["rows"]]
    pointers = [[(error["pointer"], error["detail"].split()[0]) for error in errors] for errors in problems]
    assert pointers[1:] == [
        [("#/rows/1/taskId", "taskId")],
        [("#/rows/2/taskId", "taskId")],
        [("#/rows/3/invoiceRecipient", "invoiceRecipient")],
    ]


def batch_row(office: Office, key: str, *proposal: Any, **more: Any) -> dict[str, Any]:
    """A row of a batch."""
    return {**office.confirmed(office.proposal(*proposal, **more)), "key": key}


def test_a_batch_finishes_what_is_left_and_repeats_nothing(app: App, office: Office) -> None:
    """Each row stands alone; the whole can be sent again, also after half of it was made."""
    rows = [batch_row(office, "batch-row-1", BJORK), batch_row(office, "batch-row-2", DAHL)]
    rows += [{**batch_row(office, "batch-row-3", CEDER)}, {"key": "batch-row-4", "customerId": BJORK.id}]
    assert office.anna.post("/invitations/batch", {"rows": rows[:1]}).json["rows"][0]["status"] == "created"
    answer = office.anna.post("/invitations/batch", {"rows": rows})
    assert answer.status == 200, answer.text
    result = answer.json["rows"]
    assert [row["key"] for row in result] == ["batch-row-1", "batch-row-2", "batch-row-3", "batch-row-4"]
    assert [row["status"] for row in result] == ["replayed", "created", "refused", "refused"]
    assert result[2]["problem"]["type"].endswith("customer-not-registered")
    assert result[2]["problem"]["preview"]["door"] == "activate"
    assert "instance" not in result[2]["problem"]
    pointers = {error["pointer"] for error in result[3]["problem"]["errors"]}
    assert pointers == {"#/rows/3/solution", "#/rows/3/scenario", "#/rows/3/termsVersion"}
    again = office.anna.post("/invitations/batch", {"rows": rows}).json["rows"]
    assert [row["status"] for row in again] == ["replayed", "replayed", "refused", "refused"]
    assert again[1]["invitation"] == result[1]["invitation"]
    assert len(office.anna.get("/invitations").json["items"]) == 2


def test_a_row_and_a_single_invitation_are_the_same_request(office: Office) -> None:
    """The key counts over batches and single calls alike."""
    row = batch_row(office, "the-same-key-1", BJORK)
    [made] = office.anna.post("/invitations/batch", {"rows": [row]}).json["rows"]
    body = {name: value for name, value in row.items() if name != "key"}
    single = office.anna.post("/invitations", body, headers={"Idempotency-Key": "the-same-key-1"})
    assert (single.status, single.headers["Idempotency-Replayed"]) == (201, "true")
    assert single.json == made["invitation"]


def test_a_batch_has_its_limits(office: Office) -> None:
    """One to fifty rows, of somebody who may invite; the same key twice makes one."""
    row = batch_row(office, "only-one-key", BJORK)
    assert office.anna.post("/invitations/batch", {"rows": []}).slug == "validation-failed"
    assert office.anna.post("/invitations/batch", {"rows": [row] * 51}).slug == "validation-failed"
    assert office.bo.post("/invitations/batch", {"rows": [row]}).slug == "not-allowed"
    answer = office.anna.post("/invitations/batch", {"rows": [row, row]}).json["rows"]
    assert [made["status"] for made in answer] == ["created", "replayed"]


@pytest.mark.parametrize("attempt", range(5))
def test_rows_about_the_same_thing_are_taken_in_their_order(office: Office, attempt: int) -> None:
    """The first of two with one key, or for one customer and solution, is made: as if they had come one by one."""
    del attempt
    bjork, dahl = batch_row(office, "in-order-1", BJORK), batch_row(office, "in-order-2", DAHL)
    almberg = batch_row(office, "in-order-2", ALMBERG)
    rows = [bjork, {**bjork, "key": "in-order-3"}, dahl, almberg, {**almberg, "key": "in-order-4"}, dahl]
    response = office.anna.post("/invitations/batch", {"rows": rows})
    answer = response.json["rows"]
    said = [row["problem"]["type"].rpartition("/")[2] if "problem" in row else row["status"] for row in answer]
    wanted = ["created", "already-invited", "created", "idempotency-key-reused", "created", "replayed"]
    assert said == wanted
    # A row has no headers: what is in the way stands in the problem.
    in_the_way = response.resolved(answer[1]["problem"]["location"])
    assert in_the_way == f"/invitations/{answer[0]['invitation']['id']}"


# Lists

FILTERS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "status": ("pending", lambda row: row["status"] == "pending"),
    "customerId": ("bjork", lambda row: row["customerId"] == "bjork"),
    "solution": ("scanner", lambda row: row["solution"] == "scanner"),
    "sentBy": ("anna", lambda row: row["sentBy"]["employeeId"] == "anna"),
    "expiringBefore": (
        "2026-12-08T10:30:00Z",
        lambda row: row["status"] == "pending" and row["expiresAt"] < "2026-12-08T10:30:00Z",
    ),
}


@pytest.fixture
def many(app: App, office: Office) -> Office:
    """Requests that differ in everything that can be filtered by."""
    second = {"name": "Eva Nord", "email": "eva@ek-lind.example", "fullUserRights": True, "administrator": True}
    office.put(f"/platform/offices/{office.id}/employees/eva", {**second, "active": True})
    for customer, solution in itertools.product((BJORK, DAHL), ("scanner", "employee-payslip")):
        senders = ("anna", "eva") if solution == "scanner" else ("eva", "anna")
        for sender in senders:
            invitation = office.invite(customer, solution, person=office.employee(sender)).json
            if sender == senders[0]:
                assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
            app.clock.pass_(minutes=15)
    return office


@pytest.mark.parametrize("pair", [*itertools.combinations(FILTERS, 2)], ids="+".join)
def test_filters_combine_with_and(many: Office, pair: tuple[str, str]) -> None:
    """`filters-combine-with-and`: every pair gives exactly what both let through, newest first; by expiry, soonest."""
    everything = many.anna.get("/invitations?limit=100").json["items"]
    wanted = [row["id"] for row in everything if all(FILTERS[name][1](row) for name in pair)]
    if "expiringBefore" in pair and "customerId" not in pair:
        wanted.reverse()
    query = "&".join(f"{name}={FILTERS[name][0]}" for name in pair)
    found = many.anna.get(f"/invitations?{query}&limit=100").json["items"]
    assert [row["id"] for row in found] == wanted
    assert wanted, "the pair must let something through to prove anything"
    assert len(wanted) < len(everything)


def test_pages_survive_inserts(many: Office) -> None:
    """A request that is sent while somebody turns pages neither repeats nor hides one."""
    before = [row["id"] for row in many.anna.get("/invitations?limit=100").json["items"]]
    first = many.anna.get("/invitations?limit=3").json
    many.invited(ALMBERG, "employee-payslip")
    seen, cursor = [row["id"] for row in first["items"]], first["next"]
    while cursor:
        page = many.anna.get(f"/invitations?limit=3&cursor={cursor}").json
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert seen == before
    assert many.anna.get(f"/invitations?status=pending&cursor={first['next']}").slug == "malformed-request"
    assert many.anna.get("/invitations?cursor=nonsense").slug == "malformed-request"


# The world changes between asking and accepting


def feed_task(office: Office, **changes: Any) -> None:
    """Change Björk's task."""
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}", {**BJORK.task(), **changes})


def subscribe(office: Office, **terms: Any) -> None:
    """Give Björk's account a subscription to Smart Office."""
    account = office.platform.get(ACCOUNT).json
    body = {name: account[name] for name in ("organisationNumber", "name", "users", "mainContact")}
    new = {"solution": "smart-office", "renewsOn": "2027-03-01", **terms}
    office.put(ACCOUNT, {**body, "subscriptions": [*account["subscriptions"], new]})


def test_a_subscription_that_came_meanwhile_is_joined(app: App, office: Office) -> None:
    """B became A: no second subscription, and the terms are the ones there are."""
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    subscribe(office, invoiceRecipient="customer")
    seen = office.nobody.get(office.link_of(BIRGITTA)).json
    assert seen["setup"]["invoiceRecipient"] == "customer"
    collaboration = office.anna.get(f"/collaborations/{office.decide(BIRGITTA).json['collaborationId']}").json
    assert (collaboration["setup"]["invoiceRecipient"], collaboration["renewsOn"]) == ("customer", "2027-03-01")
    terms = office.platform.get(ACCOUNT).json["subscriptions"]
    assert [row["solution"] for row in terms].count("smart-office") == 1


def test_a_customer_owned_subscription_that_came_meanwhile_is_joined_without_set_up(office: Office) -> None:
    """Its terms are the customer's: none are agreed."""
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    subscribe(office, customerOwned=True)
    collaboration = office.anna.get(f"/collaborations/{office.decide(BIRGITTA).json['collaborationId']}").json
    assert collaboration["customerOwned"] is True
    assert "invoiceRecipient" not in collaboration["setup"]


@pytest.mark.parametrize("what", ["task", "customer"])
def test_without_an_active_task_it_is_accepted_unlinked(app: App, office: Office, what: str) -> None:
    """Task or customer inactive: accepted, unlinked, and no employee gets access; the office is told."""
    office.invited()
    if what == "task":
        feed_task(office, active=False)
    else:
        office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "active": False})
    assert office.nobody.get(office.link_of(BIRGITTA)).json["access"] == []
    collaboration_id = office.decide(BIRGITTA).json["collaborationId"]
    app.drain_events()
    assert office.anna.get(f"/collaborations/{collaboration_id}").json["linked"] is False
    assert set(office.access(collaboration_id)) == {BIRGITTA, BENJAMIN}
    assert any("inget aktivt uppdrag" in mail.text for mail in app.mails(ANNA.email))


def test_a_sender_who_left_does_not_matter(app: App, office: Office) -> None:
    """Accepted all the same; the answer goes to the task's owner."""
    office.invited()
    office.put(f"/platform/offices/{office.id}/employees/anna", {**ANNA.body(), "active": False})
    assert office.decide(BIRGITTA).status == 200
    app.drain_events()
    assert app.mails(ANNA.email) == []
    assert len(app.mails(BO.email)) == 1


def test_an_employee_of_the_office_may_not_decide(office: Office) -> None:
    """Somebody who has begun to work at the inviting office decides nothing for the customer."""
    office.invited()
    link = office.link_of(BIRGITTA)
    spy = {"name": "Birgitta", "email": BIRGITTA, "fullUserRights": False, "administrator": False, "active": True}
    office.put(f"/platform/offices/{office.id}/employees/birgitta", spy)
    assert office.nobody.get(link).json["actions"] == []
    assert office.decide(BIRGITTA).slug == "not-allowed"


def test_another_office_in_the_solution_is_shown_and_allowed(app: App, office: Office) -> None:
    """`other-office-shown`: the page says so, and both may collaborate."""
    other = Office(app, "another-office")
    other.feed_office_only()
    other.invited(BJORK)
    assert other.decide(BIRGITTA).status == 200
    app.drain_events()
    office.invited(BJORK)
    assert office.nobody.get(office.link_of(BIRGITTA)).json["otherOffice"] is True
    assert office.decide(BIRGITTA).status == 200


def test_five_wrong_digits_close_the_door_for_an_hour(app: App, office: Office) -> None:
    """`five-wrong-close-the-door`: of this link only, and for the right digits too, until the hour has passed."""
    office.invited()
    for _ in range(5):
        wrong = office.decide(BIRGITTA, organisationNumberEnding="0000")
        assert (wrong.status, wrong.slug) == (403, "organisation-number-mismatch")
    closed = office.decide(BIRGITTA)
    assert (closed.status, closed.slug) == (429, "too-many-requests")
    assert 3000 < int(closed.headers["Retry-After"]) <= 3600
    assert office.nobody.get(office.link_of(BIRGITTA)).status == 200
    app.clock.pass_(hours=1)
    assert office.decide(BIRGITTA).status == 200


def test_digits_are_judged_after_the_state(app: App, office: Office) -> None:
    """Missing digits name the field; a dead request says so whatever was typed."""
    office.invited()
    missing = office.nobody.post(office.link_of(BIRGITTA), {"decision": "accept"})
    assert (missing.status, missing.json["errors"][0]["pointer"]) == (422, "#/organisationNumberEnding")
    app.clock.pass_(days=14)
    assert office.nobody.post(office.link_of(BIRGITTA), {"decision": "accept"}).slug == "invitation-expired"


def test_both_sides_messages_are_plain_text(app: App, office: Office) -> None:
    """Shown on page and in mail as they were written, never as markup."""
    office.invited(message="<b>Hej</b>")
    link = office.link_of(BIRGITTA)
    page = office.nobody.get(link, headers={"Accept": "text/html"}).text
    assert "&lt;b&gt;Hej&lt;/b&gt;" in page
    assert "<b>" not in page
    mail = app.mails(BIRGITTA)[0]
    assert ("<b>Hej</b>" in mail.text, "<b>" in mail.html) == (True, False)
    assert office.decide(BIRGITTA, message="<i>Ja</i>").status == 200
    app.drain_events()
    pending_messages = app.mails(ANNA.email)[-1]
    assert ("<i>Ja</i>" in pending_messages.text, "<i>" in pending_messages.html) == (True, False)
    invitation = office.anna.get("/invitations").json["items"][0]
    assert invitation["decision"]["message"] == "<i>Ja</i>"


def test_a_form_is_answered_with_a_page(app: App, office: Office) -> None:
    """A person in a browser: the page, the wrong digits, the right ones, each as HTML with the JSON's status."""
    office.invited()
    link = office.link_of(BIRGITTA)
    wrong = office.nobody.post(link, form={"decision": "accept", "organisationNumberEnding": "0000"})
    assert (wrong.status, wrong.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    scanner = office.nobody.post(link, form={})
    assert scanner.status == 422
    assert office.anna.get("/invitations").json["items"][0]["status"] == "pending"
    right = office.nobody.post(link, form={"decision": "accept", "organisationNumberEnding": "4172", "message": ""})
    assert right.status == 200
    assert "has accepted" in right.text
