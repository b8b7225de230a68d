"""Ways to a wrong state that would last: each was reproduced once, and is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.storage import lists
from support.accounts import SMART, register, subscription
from support.collaborations import at_revision, shown
from support.people import BJORK, CEDER, Office
from support.samples import sample

if TYPE_CHECKING:
    from support.app import App, Response

NUMBER = BJORK.organisation_number
BIRGITTA = BJORK.contact.email
BOOKKEEPING = {
    "solution": "bookkeeping-invoicing",
    "renewsOn": "2026-12-01",
    "variant": "bookkeeping",
    "invoiceRecipient": "customer",
    "periodMonths": 12,
}


def imported(app: App, office: Office, **row: Any) -> dict[str, Any]:
    """An unlinked collaboration of Björk's number."""
    collaboration_id = imported_only(office, **row)
    app.drain_events()
    return shown(office, {"id": collaboration_id})


def imported_only(office: Office, **row: Any) -> str:
    """The id of an unlinked collaboration of Björk's number of which nobody has heard yet."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    answer = office.platform.post(path, {"rows": [{"organisationNumber": NUMBER, "reference": "old-1", **row}]})
    found: str = answer.json["rows"][0]["collaborationId"]
    return found


def my_collaboration(office: Office, collaboration_id: str) -> dict[str, Any]:
    """A collaboration as Björk's administrator sees it."""
    rows = office.user(BIRGITTA).get("/my/collaborations").json["items"]
    found: dict[str, Any] = next(row for row in rows if row["id"] == collaboration_id)
    return found


def linked(app: App, office: Office, collaboration: dict[str, Any], solution: str) -> Response:
    """Linked to Björk's task, by an employee who may not decide."""
    body = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": solution}
    answer = at_revision(office.bo, "PUT", f"/collaborations/{collaboration['id']}/link", collaboration, body)
    app.drain_events()
    return answer


def test_an_arranged_end_stays_where_it_was_confirmed(app: App, office: Office) -> None:
    """`arranged-end-stays-where-confirmed`: a delete of one solution never reaches another by moving the link."""
    overview = {
        "solution": "financial-overview",
        "renewsOn": "2027-01-01",
        "invoiceRecipient": "customer",
        "periodMonths": 12,
    }
    register(office, subscriptions=[overview, {"solution": "employee-payslip", "renewsOn": "2027-01-01"}])
    app.drain_events()
    collaboration = linked(app, office, imported(app, office), "financial-overview").json
    body = {"on": "2026-12-10", "outcome": "delete", "confirmSolution": "financial-overview"}
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, collaboration, body).status == 200
    moved = linked(app, office, shown(office, collaboration), "employee-payslip")
    assert (moved.status, moved.slug) == (409, "in-use")
    assert not any("number" in said for said in (moved.json["title"], moved.json["detail"]))
    app.clock.pass_(days=20)
    app.clean_up()
    left = office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
    assert [subscription["solution"] for subscription in left] == ["employee-payslip"]


@pytest.mark.parametrize("by_office", [True, False])
def test_only_an_end_of_its_own_is_offered_to_be_cancelled(app: App, office: Office, *, by_office: bool) -> None:
    """`each-side-its-own-end`: an offer to cancel the company's would change nothing."""
    register(office, subscriptions=[])
    collaboration = imported(app, office, solution="smart-office")
    person, prefix = (office.anna, "") if by_office else (office.user(BIRGITTA), "/my")
    path = f"/collaborations/{collaboration['id']}"
    arranged = at_revision(
        person, "POST", f"{prefix}{path}/end", collaboration, {"on": "2027-01-01", "outcome": "continue"}
    )
    assert arranged.status == 200
    fed = office.platform.get("/platform/accounts/account-bjork").json
    office.put("/platform/accounts/account-two", {name: fed[name] for name in fed if name != "id"})
    app.drain_events()
    body = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": "smart-office", "accountId": "account-two"}
    refused = at_revision(office.anna, "PUT", f"{path}/link", shown(office, collaboration), body)
    assert (refused.status, refused.slug) == (409, "in-use")
    assert refused.json.get("actions", []) == (["cancel-end"] if by_office else [])


def test_cancelling_the_end_of_an_unlinked_import_restores_what_it_was(app: App, office: Office) -> None:
    """The older program named no solution: without link and end, neither does the collaboration."""
    collaboration = linked(app, office, imported(app, office), "scanner").json
    path = f"/collaborations/{collaboration['id']}"
    body = {"on": "2026-12-10", "outcome": "continue"}
    assert at_revision(office.anna, "POST", f"{path}/end", shown(office, collaboration), body).status == 200
    assert at_revision(office.bo, "DELETE", f"{path}/link", shown(office, collaboration)).status == 200
    assert at_revision(office.anna, "DELETE", f"{path}/scheduled-end", shown(office, collaboration)).status == 200
    app.drain_events()
    app.audit_access()
    after = shown(office, collaboration)
    assert (after["solution"], after["linked"]) == (None, False)
    assert office.access(collaboration["id"]) == {}


@pytest.mark.parametrize("how_many", [1, 19, 25, 60])
def test_any_number_may_rest_on_one_subscription(app: App, office: Office, how_many: int) -> None:
    """A register's PUT, an edit and a renewal reach all of them, however many there are."""
    register(office, subscriptions=[BOOKKEEPING])
    app.drain_events()
    rows = [
        {"organisationNumber": NUMBER, "solution": "bookkeeping-invoicing", "reference": f"old-{nth}"}
        for nth in range(how_many)
    ]
    path = f"/platform/offices/{office.id}/collaborations/import"
    ids = [row["collaborationId"] for row in office.platform.post(path, {"rows": rows}).json["rows"]]
    app.drain_events()
    bigger = {**BOOKKEEPING, "variant": "bookkeeping-invoicing"}
    assert register(office, subscriptions=[bigger]).status == 200
    app.drain_events()
    assert {shown(office, {"id": name})["setup"]["variant"] for name in ids} == {"bookkeeping-invoicing"}
    first = linked(app, office, shown(office, {"id": ids[0]}), "bookkeeping-invoicing").json
    edited = at_revision(office.anna, "PATCH", f"/collaborations/{ids[0]}", first, {"invoiceRecipient": "office"})
    assert edited.status == 200, edited.text
    app.drain_events()
    assert {shown(office, {"id": name})["nextSetup"]["invoiceRecipient"] for name in ids} == {"office"}
    app.clock.pass_(days=20)
    assert app.clean_up() == {"renewed": 1}
    app.drain_events()
    after = [shown(office, {"id": name}) for name in ids]
    assert {row["renewsOn"] for row in after} == {"2027-12-01"}
    assert {row["setup"]["invoiceRecipient"] for row in after} == {"office"}


def test_an_account_does_not_move_away_under_an_invitation(
    app: App, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index may not know of it yet: what is live is found by the guards, which are read consistently."""
    office.invited(BJORK, "scanner")
    monkeypatch.setattr(lists, "invitations_of_account", lambda *_: iter(()))
    assert register(office, organisationNumber="5560000001").slug == "in-use"
    assert office.decide(BIRGITTA).status == 200


def test_a_register_that_repeats_itself_takes_nothing_back(app: App, office: Office) -> None:
    """`renewals-move-forward`: what was renewed and agreed here since stays."""
    subscriptions = [{"solution": "smart-office", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}]
    register(office, subscriptions=subscriptions)
    app.drain_events()
    collaboration = office.collaborating(BJORK, "smart-office")
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "customer"}).status == 200
    app.clock.pass_(days=10)
    assert app.clean_up() == {"renewed": 1}
    assert register(office, subscriptions=subscriptions, name="Björk & Brown AB").status == 200
    app.drain_events()
    after = shown(office, collaboration)
    assert (after["renewsOn"], after["setup"]["invoiceRecipient"]) == ("2027-01-01", "customer")
    assert app.clean_up() == {}


def test_an_import_goes_to_the_account_that_stays(app: App, office: Office) -> None:
    """The other account leaves the number: within seconds the import belongs to the only one left."""
    second = {
        "organisationNumber": NUMBER,
        "name": "Second",
        "users": [{"email": "sec@second.example", "name": "Sec", "role": "administrator"}],
        "mainContact": "sec@second.example",
        "subscriptions": [],
    }
    office.put("/platform/accounts/second", second)
    app.drain_events()
    collaboration = imported(app, office, solution="scanner")
    assert collaboration["accountId"] is None
    office.put("/platform/accounts/second", {**second, "organisationNumber": "5560000001"})
    app.drain_events()
    assert shown(office, collaboration)["accountId"] == "account-bjork"
    assert BIRGITTA in office.access(collaboration["id"])


def bounce(office: Office, **kinds: str) -> Response:
    """The provider's event about the first mail."""
    detail = {"eventType": "Bounce", "bounce": kinds, "mail": {"messageId": "message-1"}}
    return office.platform.post("/platform/mail-events", {"detail": detail})


@pytest.mark.parametrize(("subtype", "delivery", "mails"), [("MailboxFull", "bounced", 2), ("General", "delayed", 1)])
def test_a_mail_that_the_provider_gave_up_is_told(
    app: App, office: Office, subtype: str, delivery: str, mails: int
) -> None:
    """A full mailbox after many attempts is a bounce, and whoever activated hears of it; an absence is none."""
    collaboration = office.activate(CEDER, "scanner").json
    app.drain_events()
    bounce(office, bounceType="Transient", bounceSubType=subtype)
    app.drain_events()
    assert shown(office, collaboration)["mails"][0]["delivery"] == delivery
    assert len(app.mailbox) == mails


@pytest.mark.parametrize("message_id", ["x" * 257, "x" * 70_000])
def test_a_mail_event_of_an_impossible_id_is_none(app: App, office: Office, message_id: str) -> None:
    """It is of no mail of ours, and the table is never asked for it: by the bus nothing, by the API a wrong field."""
    detail = {"eventType": "Bounce", "mail": {"messageId": message_id}}
    answer = office.platform.post("/platform/mail-events", {"detail": detail})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/detail/mail/messageId")
    event = {**sample("mail_events-bounce"), "detail": detail}
    assert app.functions["mail_events"].handler(event, None) == {"kept": 0}


def test_who_accepts_at_the_last_moment_is_the_company_that_was_asked(app: App, office: Office) -> None:
    """Another clock may say that it has expired, and let the customer become another company."""
    invitation = office.invited()
    app.clock.pass_(days=14, seconds=-5)
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"

    def expired_meanwhile() -> None:
        app.clock.pass_(seconds=10)
        office.put(path, {**BJORK.body(), "organisationNumber": CEDER.organisation_number})
        app.clock.pass_(seconds=-10)

    app.client.faults.before("transact_write_items", expired_meanwhile)
    answer = office.decide(BIRGITTA)
    assert (answer.status, answer.slug) == (410, "invitation-expired")
    app.clock.pass_(seconds=10)
    assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "expired"
    assert office.anna.get(f"/customers/{BJORK.id}").json["collaborations"] == []


def test_the_customers_own_payroll_is_not_activated_without_asking(app: App, office: Office) -> None:
    """`right-door-only`: what the register leaves open, the office does not choose so that nobody is asked."""
    payroll = {"solution": "payroll", "renewsOn": "2027-01-01", "customerOwned": True}
    register(office, subscriptions=[payroll])
    answer = office.activate(BJORK, "payroll", variant="start")
    assert (answer.status, answer.slug) == (422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [("#/variant", "not-available")]
    assert office.collaborating(solution="payroll", variant="standard")["customerOwned"]


# Imports before and after the access service has looked at them


@pytest.mark.parametrize("runs_first", [True, False])
def test_an_end_of_an_import_closes_what_it_rests_on(app: App, office: Office, *, runs_first: bool) -> None:
    """`rests-on-its-accounts-solution`: also where the access service has been down since it was imported."""
    register(office, subscriptions=[SMART])
    collaboration_id = imported_only(office, solution="smart-office")
    if runs_first:
        app.drain_events()
    mine = my_collaboration(office, collaboration_id)
    path = f"/my/collaborations/{collaboration_id}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, mine, {"outcome": "close"}).status == 200
    app.drain_events()
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "smart-office")).json
    assert preview["scenario"] == "without-solution"


def test_the_register_hears_of_the_end_of_what_it_has_not_recorded(app: App, office: Office) -> None:
    """The company closes what an import rests on, of which the register has said nothing here: it is told to."""
    register(office, subscriptions=[])
    collaboration = imported(app, office, solution="smart-office")
    mine = my_collaboration(office, collaboration["id"])
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, mine, {"outcome": "close"}).status == 200
    heard = [message for message in app.new_messages() if message.name == "SubscriptionChanged"]
    assert [message.detail["outcome"] for message in heard] == ["close"]
    for message in heard:
        app.deliver(message)
    app.clock.pass_(minutes=2)
    app.send_due_mail()
    assert "Smarta byrån ska stängas" in app.mailbox[-1].text


def test_nobody_deletes_what_another_rests_on_before_it_rests_there_too(app: App, office: Office) -> None:
    """`nobody-deletes-what-is-not-theirs`: the solution would delete what both share."""
    register(office, subscriptions=[])
    office.collaborating(BJORK, "financial-overview", invoiceRecipient="customer", periodMonths=3)
    another = Office(app, "office-two")
    another.feed_office_only()
    collaboration_id = imported_only(another, solution="financial-overview")
    mine = my_collaboration(office, collaboration_id)
    path = f"/my/collaborations/{collaboration_id}/end"
    delete = {"outcome": "delete", "confirmSolution": "financial-overview"}
    assert at_revision(office.user(BIRGITTA), "POST", path, mine, delete).slug == "validation-failed"
    assert at_revision(office.user(BIRGITTA), "POST", path, mine, {"outcome": "continue"}).status == 200


def test_nobody_deletes_what_an_import_comes_to_rest_on(app: App, office: Office) -> None:
    """`nobody-deletes-what-is-not-theirs`: another office's import, of which the access service has not heard yet."""
    register(office, subscriptions=[])
    running = office.collaborating(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=3)
    another = Office(app, "office-two")
    another.feed_office_only()
    imported_only(another, solution="financial-overview")
    path = f"/collaborations/{running['id']}/end"
    delete = {"outcome": "delete", "confirmSolution": "financial-overview"}
    assert at_revision(office.anna, "POST", path, shown(office, running), delete).slug == "validation-failed"
    assert at_revision(office.anna, "POST", path, shown(office, running), {"outcome": "continue"}).status == 200


def test_an_end_that_failed_is_no_other_companys(app: App, office: Office) -> None:
    """The register moves the number of an unlinked import to another account: what failed was the former's."""
    register(office, subscriptions=[SMART])
    collaboration = imported(app, office, solution="smart-office")
    mine = my_collaboration(office, collaboration["id"])
    arranged = {"on": "2026-12-01", "outcome": "close"}
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, mine, arranged).status == 200
    register(office, mainContact=None)
    app.clock.pass_(days=8)
    app.clean_up()
    app.drain_events()
    assert shown(office, collaboration)["endProblem"] is not None
    assert register(office, organisationNumber=CEDER.organisation_number).status == 200
    app.drain_events()
    user = {"email": "olle@other.example", "name": "Olle Ohls", "role": "administrator"}
    other = {"organisationNumber": NUMBER, "name": "Other AB", "users": [user], "mainContact": user["email"]}
    office.put("/platform/accounts/account-other", other)
    app.drain_events()
    after = shown(office, collaboration)
    assert (after["accountId"], after["endProblem"], after["arrangedEnds"]) == ("account-other", None, [])


def test_what_has_ended_is_called_by_no_other_companys_name(app: App, office: Office) -> None:
    """An import that has ended, of a number that is another account's by now."""
    register(office, subscriptions=[SMART])
    collaboration = imported(app, office, solution="smart-office")
    path = f"/collaborations/{collaboration['id']}/end"
    assert at_revision(office.anna, "POST", path, collaboration, {"outcome": "continue"}).status == 200
    app.drain_events()
    assert register(office, organisationNumber=CEDER.organisation_number).status == 200
    office.put("/platform/accounts/account-other", {"organisationNumber": NUMBER, "name": "Other AB"})
    app.drain_events()
    app.audit_access()
    after = shown(office, collaboration)
    assert (after["accountId"], after["accountName"]) == ("account-bjork", BJORK.name)


def test_an_end_that_failed_goes_with_the_link(app: App, office: Office) -> None:
    """Without its link an import is with none of two accounts: what failed at one of them is over."""
    fed = office.platform.get("/platform/accounts/account-bjork").json
    office.put("/platform/accounts/account-two", {name: fed[name] for name in fed if name != "id"})
    collaboration = imported(app, office, solution="scanner")
    link = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": "scanner", "accountId": "account-two"}
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PUT", f"{path}/link", collaboration, link).status == 200
    arranged = {"on": "2026-12-01", "outcome": "continue"}
    assert at_revision(office.anna, "POST", f"{path}/end", shown(office, collaboration), arranged).status == 200
    register(office, "account-two", mainContact=None)
    app.clock.pass_(days=8)
    app.clean_up()
    failed = shown(office, collaboration)
    assert failed["endProblem"] is not None
    assert at_revision(office.anna, "DELETE", f"{path}/link", failed).status == 200
    after = shown(office, collaboration)
    assert (after["accountId"], after["endProblem"], after["arrangedEnds"]) == (None, None, [])


@pytest.mark.parametrize("on", [None, "2026-12-01"])
def test_an_import_ends_with_the_account_that_it_is_with(app: App, office: Office, on: str | None) -> None:
    """`import-belongs-to-only-account`: also where the access service has not followed the register when it ends."""
    register(office, subscriptions=[])
    collaboration = imported(app, office)
    end = {"outcome": "continue", "on": on}
    path = f"/collaborations/{collaboration['id']}/end"
    if on:
        assert at_revision(office.anna, "POST", path, collaboration, end).status == 200
        app.drain_events()
        app.clock.pass_(days=8)
    assert register(office, organisationNumber=CEDER.organisation_number).status == 200
    user = {"email": "olle@other.example", "name": "Olle Ohls", "role": "administrator"}
    other = {"organisationNumber": NUMBER, "name": "Other AB", "users": [user], "mainContact": user["email"]}
    office.put("/platform/accounts/account-other", other)
    if on:
        app.clean_up()
    else:
        assert at_revision(office.anna, "POST", path, shown(office, collaboration), end).status == 200
    app.drain_events()
    app.audit_access()
    after = shown(office, collaboration)
    assert (after["state"], after["accountId"], after["accountName"]) == ("ended", "account-other", "Other AB")
    assert [mail.to for mail in app.mailbox] == [user["email"]]
    theirs = office.user(user["email"]).get("/my/collaborations").json["items"]
    assert [mine["id"] for mine in theirs] == [collaboration["id"]]
    assert office.user(BIRGITTA).get("/my/collaborations").json["items"] == []


def test_an_end_that_fails_stands_at_the_account_of_now(app: App, office: Office) -> None:
    """`import-belongs-to-only-account`: what the office is told to put right stays until it has done so."""
    register(office, subscriptions=[])
    collaboration = imported(app, office)
    arranged = {"outcome": "continue", "on": "2026-12-01"}
    assert at_revision(office.anna, "POST", f"/collaborations/{collaboration['id']}/end", collaboration, arranged).json
    app.drain_events()
    app.clock.pass_(days=8)
    assert register(office, organisationNumber=CEDER.organisation_number).status == 200
    office.put("/platform/accounts/account-other", {"organisationNumber": NUMBER, "name": "Other AB"})
    app.clean_up()
    app.drain_events()
    after = shown(office, collaboration)
    assert (after["state"], after["accountId"], after["endsOn"]) == ("active", "account-other", "2026-12-01")
    assert after["endProblem"] is not None


@pytest.mark.parametrize("runs_first", [True, False])
def test_an_office_pays_on_while_an_import_of_its_own_rests_there(
    app: App, office: Office, *, runs_first: bool
) -> None:
    """`who-agreed-to-pay-pays`: also where the access service has been down since the import."""
    register(office, subscriptions=[])
    ended = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    collaboration_id = imported_only(office, solution="smart-office")
    if runs_first:
        app.drain_events()
    path = f"/collaborations/{ended['id']}/end"
    assert at_revision(office.anna, "POST", path, shown(office, ended), {"outcome": "continue"}).status == 200
    app.drain_events()
    app.audit_access()
    after = shown(office, collaboration_id)
    assert (after["setup"]["invoiceRecipient"], after["nextSetup"]) == ("office", None)


@pytest.mark.parametrize("runs_first", [True, False])
def test_what_an_end_of_an_import_lets_come_at_the_renewal_comes(app: App, office: Office, *, runs_first: bool) -> None:
    """`who-agreed-to-pay-pays`: the day that the mail names, also where the access service has been down till then."""
    register(office, subscriptions=[{**SMART, "invoiceRecipient": "office", "renewsOn": "2026-12-01"}])
    collaboration_id = imported_only(office, solution="smart-office")
    if runs_first:
        app.drain_events()
    path = f"/collaborations/{collaboration_id}/end"
    seen = shown(office, collaboration_id)
    assert at_revision(office.anna, "POST", path, seen, {"outcome": "continue"}).status == 200
    app.drain_events()
    assert "1 december 2026" in " ".join(app.mailbox[-1].text.split())
    app.clock.pass_(days=8)
    app.clean_up()
    assert subscription(office, "smart-office")["invoiceRecipient"] == "customer"


@pytest.mark.parametrize("runs_first", [True, False])
def test_an_office_that_leaves_with_an_import_is_known_to_pay_until_the_renewal(
    app: App, office: Office, *, runs_first: bool
) -> None:
    """`who-agreed-to-pay-pays`: an office that comes after it is not said to pay, since it has not agreed to."""
    register(office, subscriptions=[SMART])
    another = Office(app, "office-two")
    another.feed_office_only()
    collaboration_id = imported_only(another, solution="smart-office")
    if runs_first:
        app.drain_events()
    seen = another.anna.get(f"/collaborations/{collaboration_id}").json
    path = f"/collaborations/{collaboration_id}/end"
    assert at_revision(another.anna, "POST", path, seen, {"outcome": "continue"}).status == 200
    app.drain_events()
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "smart-office")).json
    assert "another-office-pays" in [effect["kind"] for effect in preview["effects"]]
