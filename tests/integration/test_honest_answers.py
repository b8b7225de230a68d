"""Mails, timelines and answers say what is so, also of what went otherwise than planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.accounts import register
from support.collaborations import at_revision, done_at_revision, shown
from support.people import ANNA, BJORK, BO, CEDER, DAHL, DAVID, Office

if TYPE_CHECKING:
    from support.app import App

BIRGITTA = BJORK.contact.email
LATER = "2026-12-10"


def days(app: App, count: int) -> None:
    """Days that pass, with a run of the clean-up on each."""
    for _ in range(count):
        app.clock.pass_(days=1)
        app.clean_up()
        app.drain_events()


def last_mail(app: App, to: str) -> str:
    """The latest mail to somebody, in one line."""
    return " ".join(app.mails(to)[-1].text.split())


def kinds(rows: Any) -> list[str]:
    """The kinds of the lines of a timeline."""
    return [row["kind"] for row in rows.json["items"]]


def smart_office(office: Office) -> dict[str, Any]:
    """A collaboration for which the office pays, as it is after the platform has heard of it."""
    register(office, subscriptions=[])
    return shown(office, office.collaborating(BJORK, "smart-office", invoiceRecipient="office"))


# Ends that fail


def test_an_end_that_fails_says_why(app: App, office: Office) -> None:
    """No other collaboration is to blame where the company manages the subscription itself by now."""
    running = smart_office(office)
    done_at_revision(
        office.anna, "POST", f"/collaborations/{running['id']}/end", running, {"on": LATER, "outcome": "close"}
    )
    owned = {"solution": "smart-office", "renewsOn": "2027-01-01", "customerOwned": True}
    register(office, subscriptions=[owned])
    days(app, 18)
    failed = office.anna.get(f"/collaborations/{running['id']}/history").json["items"][0]
    assert failed["person"] == {"side": "office", "name": ANNA.name, "employeeId": ANNA.id}
    assert "or the company manages it itself by now" in shown(office, running)["endProblem"]["detail"]
    assert "eller så sköter företaget det numera självt" in last_mail(app, BO.email)


def test_the_companys_own_end_that_fails_is_on_its_timeline(app: App, office: Office) -> None:
    """And the office is told whose end it was, and not to end it again in the company's place."""
    running = smart_office(office)
    birgitta = office.user(BIRGITTA)
    path = f"/my/collaborations/{running['id']}"
    done_at_revision(birgitta, "POST", f"{path}/end", running, {"on": LATER, "outcome": "close"})
    register(office, mainContact=None)
    days(app, 18)
    failed = birgitta.get(f"{path}/history").json["items"][0]
    assert (failed["kind"], failed["by"]) == ("end-failed", {"side": "system"})
    assert failed["person"] == {"side": "customer", "name": BJORK.contact.name}
    [mine] = birgitta.get("/my/collaborations").json["items"]
    refused = at_revision(birgitta, "POST", f"{path}/end", mine, {"outcome": "close"})
    for said in (mine["endProblem"], refused.json):
        assert "Choose one in the account" in said["detail"]
    assert "Ask the company" in shown(office, running)["endProblem"]["detail"]
    mail = last_mail(app, BO.email)
    assert f"{BJORK.name} hade planerat att avsluta samarbetet" in mail
    assert "Mitt Spiris om det fortfarande vill det" in mail


def test_an_end_that_failed_stays_with_its_account(app: App, office: Office) -> None:
    """An import that is linked to another account takes nothing along that was arranged for the former."""
    imported = office.imported()
    link = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = done_at_revision(office.anna, "PUT", f"/collaborations/{imported['id']}/link", imported, link)
    arranged = {"on": LATER, "outcome": "continue"}
    done_at_revision(
        office.user(DAHL.contact.email), "POST", f"/my/collaborations/{imported['id']}/end", linked, arranged
    )
    fed = office.platform.get("/platform/accounts/account-dahl").json
    register(office, "account-dahl", mainContact=None)
    days(app, 18)
    failed = shown(office, imported)
    assert failed["endProblem"] is not None
    office.put("/platform/accounts/account-two", {name: fed[name] for name in fed if name != "id"})
    moved = done_at_revision(
        office.anna, "PUT", f"/collaborations/{imported['id']}/link", failed, {**link, "accountId": "account-two"}
    )
    assert (moved["arrangedEnds"], moved["endProblem"]) == ([], None)


# Ends of what rests on no open subscription


def test_nobody_keeps_what_is_closed(app: App, office: Office) -> None:
    """An import that rests on what was closed: it renews no more, and its end says that the solution is closed."""
    running = smart_office(office)
    done_at_revision(office.anna, "POST", f"/collaborations/{running['id']}/end", running, {"outcome": "close"})
    app.drain_events()
    imported = office.imported(organisationNumber=BJORK.organisation_number, solution="smart-office")
    assert imported["renewsOn"] is None
    done_at_revision(office.anna, "POST", f"/collaborations/{imported['id']}/end", imported, {"outcome": "continue"})
    app.drain_events()
    mail = last_mail(app, BIRGITTA)
    assert ("Smarta byrån är stängt" in mail, "behåller" in mail) == (True, False)


def test_nobody_keeps_what_is_not_known(app: App, office: Office) -> None:
    """The register has recorded no subscription: whether the company has one is not said."""
    imported = office.imported(organisationNumber=BJORK.organisation_number, solution="smart-office")
    done_at_revision(office.anna, "POST", f"/collaborations/{imported['id']}/end", imported, {"outcome": "continue"})
    app.drain_events()
    mail = last_mail(app, BIRGITTA)
    assert (f"I övrigt ändras ingenting för {BJORK.name}" in mail, "behåller" in mail) == (True, False)


# The login instructions


def test_login_instructions_say_of_each_what_is_so(app: App, office: Office) -> None:
    """Sent again, when the register has others by now: who is main contact, and who gave their address."""
    activated = office.activate().json
    app.drain_events()
    first = last_mail(app, CEDER.contact.email)
    carl = {"email": CEDER.contact.email, "name": CEDER.contact.name, "role": "administrator"}
    disa = {"email": "disa@cederlunds-cykel.example", "name": "Disa Dal", "role": "administrator"}
    register(office, activated["accountId"], users=[carl, disa], mainContact=disa["email"])
    assert office.anna.post(f"/collaborations/{activated['id']}/resend-login").status == 202
    app.drain_events()
    to_carl, to_disa = last_mail(app, carl["email"]), last_mail(app, disa["email"])
    main_contact, named = "administratör och huvudkontakt", "har angett dig som kontaktperson"
    assert [(main_contact in mail, named in mail) for mail in (first, to_carl, to_disa)] == [
        (True, True),
        (False, True),
        (True, False),
    ]
    assert "Adressen kommer från Spiris register" in to_disa


def test_who_sends_the_login_instructions_again_is_on_the_timeline(app: App, office: Office) -> None:
    """For both sides."""
    activated = office.activate().json
    assert office.anna.post(f"/collaborations/{activated['id']}/resend-login").status == 202
    app.drain_events()
    entry = next(
        row
        for row in office.anna.get(f"/collaborations/{activated['id']}/history").json["items"]
        if row["kind"] == "login-resent"
    )
    assert (entry["by"]["employeeId"], "changes" in entry) == (ANNA.id, False)
    mine = office.user(CEDER.contact.email).get(f"/my/collaborations/{activated['id']}/history")
    assert "login-resent" in kinds(mine)


# Invitations


def test_who_asks_for_a_new_invitation_is_on_the_timeline(app: App, office: Office) -> None:
    """After the expiry, which nobody may have marked before; once a day, like the mail."""
    invitation = office.invited()
    app.clock.pass_(days=15)
    link = office.link_of(BIRGITTA)
    for _ in range(2):
        assert office.nobody.post(f"{link}/ask-again").status == 202
    app.drain_events()
    rows = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"][:2]
    assert [(row["kind"], row["by"]["side"]) for row in rows] == [
        ("new-invitation-asked-for", "customer"),
        ("invitation-expired", "system"),
    ]
    assert rows[0]["by"]["name"] == BJORK.contact.name


def test_a_reminder_that_waited_counts_the_days_that_are_left(app: App, office: Office) -> None:
    """`mails-say-what-holds`: not those that were left when it was written."""
    invitation = office.invited()
    app.refusing_mail = True
    app.clock.pass_(days=9)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(days=2)
    app.send_due_mail()
    assert "You have 3 days left to answer" in last_mail(app, BIRGITTA)


def test_the_companys_timeline_has_no_empty_lines(app: App, office: Office) -> None:
    """What the office changes of its own task is its own affair, by an edit as by a link."""
    running = smart_office(office)
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other", BJORK.task())
    path = f"/collaborations/{running['id']}"
    edited = done_at_revision(office.anna, "PATCH", path, running, {"taskId": "other"})
    birgitta = office.user(BIRGITTA)
    assert "collaboration-changed" not in kinds(birgitta.get(f"/my{path}/history"))
    app.drain_events()
    done_at_revision(office.anna, "PATCH", path, edited, {"taskId": BJORK.task_id, "invoiceRecipient": "customer"})
    row = next(
        row for row in birgitta.get(f"/my{path}/history").json["items"] if row["kind"] == "collaboration-changed"
    )
    assert [change["field"] for change in row["changes"]] == ["invoiceRecipient"]
    assert kinds(office.anna.get(f"{path}/history")).count("collaboration-changed") == 2


def test_the_company_reads_what_is_agreed_beside_a_link(app: App, office: Office) -> None:
    """Who pays is the company's affair too, though the office links its task in the same request."""
    running = smart_office(office)
    path = f"/collaborations/{running['id']}"
    unlinked = done_at_revision(office.anna, "DELETE", f"{path}/link", running)
    body = {"taskId": BJORK.task_id, "invoiceRecipient": "customer"}
    done_at_revision(office.anna, "PATCH", path, unlinked, body)
    birgitta = office.user(BIRGITTA)
    mine, whole = (who.get(f"{of}{path}/history").json["items"] for who, of in ((birgitta, "/my"), (office.anna, "")))
    agreed = [{"field": "invoiceRecipient", "from": "office", "to": "customer"}]
    assert [row["changes"] for row in mine if row["kind"] == "collaboration-changed"] == [agreed]
    of_link = next(row for row in whole if row["kind"] == "collaboration-linked")
    assert of_link["changes"] == [{"field": "taskId", "from": None, "to": BJORK.task_id}]


# Lists


def test_an_end_lists_what_is_unlinked_too(app: App, office: Office) -> None:
    """The most easily forgotten: after an end of the customer's, and after that of another unlinked one."""
    first, second = office.imported(), office.imported(solution="payroll", reference="desktop-0418")
    office.imported(organisationNumber=BJORK.organisation_number, reference="desktop-0419")
    linked = office.collaborating(DAHL, "smart-office", invoiceRecipient="office")
    remaining = []
    for one in (first, linked):
        ended = done_at_revision(
            office.anna, "POST", f"/collaborations/{one['id']}/end", shown(office, one), {"outcome": "continue"}
        )
        remaining.append({row["id"] for row in ended["remaining"]})
        app.drain_events()
    assert remaining == [{second["id"], linked["id"]}, {second["id"]}]


def test_what_has_ended_renews_no_more(office: Office) -> None:
    """It is in no list of what renews before a day."""
    running = office.collaborating(BJORK, "scanner")
    done_at_revision(
        office.anna, "POST", f"/collaborations/{running['id']}/end", shown(office, running), {"outcome": "continue"}
    )
    assert office.anna.get("/collaborations?renewsBefore=2028-01-01").json["items"] == []
    assert office.anna.get("/collaborations?renewsBefore=2028-01-01&state=ended").json["items"] == []


# What a preview promises


@pytest.mark.parametrize("has_administrators", [True, False])
def test_an_account_without_administrators_is_sent_nothing(office: Office, *, has_administrators: bool) -> None:
    """And a preview does not say so: of an office tool, which asks for no approval."""
    if not has_administrators:
        register(office, users=[], mainContact=None)
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "consolidated-accounts")).json
    effects = [effect["kind"] for effect in preview["effects"]]
    assert ("administrators-told" in effects, bool(preview["mails"])) == (has_administrators, has_administrators)
    # The terms are the same for every company, and their version is agreed to.
    mailed = [line for line in preview["terms"]["text"] if "email" in line]
    assert mailed == [f"Whoever is an administrator of {BJORK.name} is told by email at once."]


# What an end does with the subscription


def test_an_end_that_must_go_on_fails_for_its_own_reason(app: App, office: Office) -> None:
    """Of two offices that leave one after the other the second cannot: nothing depends on the subscription any more.

    Nor does the company's own end, which it had arranged when that was so.
    """
    register(office, subscriptions=[])
    ours = office.collaborating(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=12)
    another = Office(app, "office-two")
    another.feed_office_only()
    theirs = another.collaborating(BJORK, "financial-overview")
    birgitta, going_on = office.user(BIRGITTA), {"on": LATER, "outcome": "continue"}
    ours = done_at_revision(office.anna, "POST", f"/collaborations/{ours['id']}/end", shown(office, ours), going_on)
    path = f"/my/collaborations/{theirs['id']}/end"
    done_at_revision(birgitta, "POST", path, theirs, {**going_on, "on": "2026-12-09"})
    path = f"/my/collaborations/{ours['collaboration']['id']}/end"
    done_at_revision(birgitta, "POST", path, ours["collaboration"], {**going_on, "on": "2026-12-11"})
    days(app, 16)
    failed = shown(office, ours["collaboration"])
    assert (failed["state"], failed["outcomes"]) == ("active", ["delete"])
    assert failed["endProblem"]["detail"].startswith("The subscription was to go on")
    assert "Abonnemanget skulle fortsätta" in last_mail(app, BO.email)
    days(app, 1)
    assert "Företaget hade valt att abonnemanget fortsätter" in last_mail(app, BO.email)


def test_who_accepts_a_task_of_nobody_gives_nobody_access(app: App, office: Office) -> None:
    """Its only employee has left since: the sender is not told that somebody has access."""
    register(office, subscriptions=[])
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    task = {**BJORK.task(), "owner": DAVID.id, "participants": []}
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}", task)
    office.put(f"/platform/offices/{office.id}/employees/{DAVID.id}", {**DAVID.body(), "active": False})
    assert office.decide(BIRGITTA).status == 200
    app.drain_events()
    assert "ingen på byrån har tillgång" in last_mail(app, ANNA.email)


def test_the_timeline_says_what_an_end_does(office: Office) -> None:
    """What was arranged, what it was changed to on the same day, what was cancelled, and what happened."""
    running = smart_office(office)
    path = f"/collaborations/{running['id']}"
    for outcome in ("continue", "close"):
        arranged = {"on": LATER, "outcome": outcome}
        running = done_at_revision(office.anna, "POST", f"{path}/end", running, arranged)["collaboration"]
    running = done_at_revision(office.anna, "DELETE", f"{path}/scheduled-end", running)
    done_at_revision(office.anna, "POST", f"{path}/end", running, {"outcome": "continue"})
    lines = office.anna.get(f"{path}/history").json["items"]
    said = {
        (line["kind"], change["field"], change["from"], change["to"])
        for line in lines
        if "end" in line["kind"]
        for change in line.get("changes", [])
    }
    assert said == {
        ("end-scheduled", "endsOn", None, LATER),
        ("end-scheduled", "outcome", None, "continue"),
        ("end-scheduled", "outcome", "continue", "close"),
        ("end-cancelled", "endsOn", LATER, None),
        ("end-cancelled", "outcome", "close", None),
        ("collaboration-ended", "outcome", None, "continue"),
    }


def test_a_change_leaves_what_nobody_has_said_as_it_is(app: App, office: Office) -> None:
    """What the register leaves out holds as the catalogue has it, also from the renewal on."""
    books = "bookkeeping-invoicing"
    terms = {"solution": "travel-expenses", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}
    register(office, subscriptions=[terms])
    running = office.collaborating(BJORK, "travel-expenses")
    changed = done_at_revision(
        office.anna, "PATCH", f"/collaborations/{running['id']}", running, {"invoiceRecipient": "customer"}
    )
    coming = {"taskId": BJORK.task_id, "invoiceRecipient": "customer", "reportRecipient": books}
    assert (changed["setup"]["reportRecipient"], changed["nextSetup"]) == (books, coming)
    days(app, 10)
    assert (shown(office, running)["setup"], shown(office, running)["nextSetup"]) == (coming, None)
    lines = office.anna.get(f"/collaborations/{running['id']}/history").json["items"]
    assert {change["field"] for line in lines for change in line.get("changes", [])} == {"invoiceRecipient"}


# Login instructions that do not arrive


def activated(app: App, office: Office) -> dict[str, Any]:
    """A collaboration with a company that is new."""
    found: dict[str, Any] = office.activate(CEDER, "smart-office", invoiceRecipient="office").json
    app.drain_events()
    return found


def test_who_activated_hears_that_the_login_instructions_went_to_nobody(app: App, office: Office) -> None:
    """They waited, and the register has another administrator meanwhile."""
    app.refusing_mail = True
    started = activated(app, office)
    right = {"email": "right@cederlunds-cykel.example", "name": "Rita Ring", "role": "administrator"}
    register(office, started["accountId"], users=[right], mainContact=right["email"])
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    app.drain_events()
    assert [mail["delivery"] for mail in shown(office, started)["mails"]] == ["failed"]
    assert "skicka inloggningsmejlet igen" in last_mail(app, ANNA.email)
    assert office.anna.post(f"/collaborations/{started['id']}/resend-login").status == 202
    app.drain_events()
    assert len(app.mails(right["email"])) == 1


def test_who_activated_hears_that_the_login_instructions_were_given_up(app: App, office: Office) -> None:
    """Nobody takes them for three days."""
    app.refusing_mail = True
    started = activated(app, office)
    for _ in range(19):
        app.clock.pass_(hours=4)
        app.send_due_mail()
    app.refusing_mail = False
    app.clock.pass_(hours=4)
    app.send_due_mail()
    app.drain_events()
    assert [mail["delivery"] for mail in shown(office, started)["mails"]] == ["failed"]
    assert "kunde inte levereras" in last_mail(app, ANNA.email)


def test_who_activated_hears_that_the_provider_rejected_the_login_instructions(app: App, office: Office) -> None:
    """It has taken them, and then sends them to nobody."""
    activated(app, office)
    [mail] = app.mails(CEDER.contact.email)
    for event_type in ("Send", "Reject"):
        office.mail_event(event_type, tags={name: [value] for name, value in mail.tags.items()})
    app.drain_events()
    assert "kunde inte levereras" in last_mail(app, ANNA.email)


def test_who_has_signed_in_needs_no_login_instructions(app: App, office: Office) -> None:
    """A late bounce: they cannot be sent again, and the company is not said to know nothing."""
    activated(app, office)
    [mail] = app.mails(CEDER.contact.email)
    assert office.user(CEDER.contact.email).get("/my/collaborations").status == 200
    office.mail_event("Bounce", tags={name: [value] for name, value in mail.tags.items()})
    app.drain_events()
    note = app.mails(ANNA.email)[-1]
    assert "kan inte skickas igen" in last_mail(app, ANNA.email)
    assert "Ingen på" not in note.html


def test_who_has_a_login_is_not_told_to_create_one(app: App, office: Office) -> None:
    """The contact person is an administrator of another company already."""
    other = {"email": CEDER.contact.email, "name": CEDER.contact.name, "role": "administrator"}
    assert register(office, users=[other], mainContact=other["email"]).status == 200
    assert office.user(CEDER.contact.email).get("/my/collaborations").status == 200
    activated(app, office)
    assert "eller logga in om du redan har en" in last_mail(app, CEDER.contact.email)
