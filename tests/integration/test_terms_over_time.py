"""Who pays what from when, whoever changes the terms: the register, the office, an end, a renewal that comes late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.accounts import BOOKS, SMART, import_many, register, subscription
from support.collaborations import at_revision, shown
from support.people import ANNA, BJORK, Office

if TYPE_CHECKING:
    from support.app import App

NUMBER = BJORK.organisation_number
BIRGITTA = BJORK.contact.email


def two_offices(app: App, office: Office) -> tuple[dict[str, Any], Office, dict[str, Any]]:
    """Two offices that share Björk's subscription."""
    first = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    other = Office(app, "siffror")
    other.feed_office_only()
    app.drain_events()
    return first, other, other.collaborating(BJORK, "smart-office")


def test_a_register_that_changes_one_thing_takes_nothing_else_back(app: App, office: Office) -> None:
    """What was agreed and renewed here since stays, when the register changes another field."""
    register(office, subscriptions=[SMART])
    app.drain_events()
    collaboration = office.collaborating(BJORK, "smart-office")
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "customer"}).status == 200
    app.clock.pass_(days=10)
    assert app.clean_up() == {"renewed": 1}
    assert shown(office, collaboration)["renewsOn"] == "2027-01-01"
    # The register still sends the day and the recipient that it knows; a bank integration is new.
    register(office, subscriptions=[{**SMART, "bankIntegrationActive": True}])
    app.drain_events()
    after = shown(office, collaboration)
    assert (after["renewsOn"], after["setup"]["invoiceRecipient"]) == ("2027-01-01", "customer")


def test_the_register_hears_of_a_subscription_late(app: App, office: Office) -> None:
    """A subscription started here and edited since; the register's first feed of it is as it was started."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    started = subscription(office, "smart-office")
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "customer"}).status == 200
    app.clock.pass_(days=10)
    assert app.clean_up() == {"renewed": 1}
    app.drain_events()
    register(office, subscriptions=[started])
    app.drain_events()
    after = shown(office, collaboration)
    assert (after["renewsOn"], after["setup"]["invoiceRecipient"]) == ("2027-01-01", "customer")


def test_a_register_that_repeats_itself_opens_nothing_that_was_closed(app: App, office: Office) -> None:
    """Closed by the customer; the register's next feed, of a new user, names it as it did before."""
    register(office, subscriptions=[SMART])
    app.drain_events()
    collaboration = office.collaborating(BJORK, "smart-office")
    fed = office.platform.get("/platform/accounts/account-bjork").json
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, collaboration, {"outcome": "close"}).status == 200
    app.drain_events()
    users = [*fed["users"], {"email": "nina@bjork-brown.example", "name": "Nina", "role": "user"}]
    assert register(office, subscriptions=[SMART], users=users).status == 200
    assert office.platform.get("/platform/accounts/account-bjork").json["subscriptions"] == []


def test_a_renewal_day_that_moves_opens_nothing_that_was_closed(app: App, office: Office) -> None:
    """The register renews what it has not heard the end of; that another variant is chosen is new, and opens it."""
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01", "variant": "bookkeeping"}
    register(office, subscriptions=[terms])
    app.drain_events()
    collaboration = office.collaborating(BJORK, "bookkeeping-invoicing")
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BIRGITTA), "POST", path, collaboration, {"outcome": "close"}).status == 200
    app.drain_events()
    moved = {**terms, "renewsOn": "2027-01-01", "bankIntegrationActive": True}
    assert register(office, subscriptions=[moved]).status == 200
    assert office.platform.get("/platform/accounts/account-bjork").json["subscriptions"] == []
    assert register(office, subscriptions=[{**moved, "variant": "bookkeeping-invoicing"}]).status == 200
    [opened] = office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
    assert (opened["renewsOn"], opened["variant"]) == ("2027-01-01", "bookkeeping-invoicing")


def deleted(app: App, office: Office) -> list[dict[str, Any]]:
    """A subscription of Björk's that was started and deleted here; what the register knows of its account."""
    collaboration = office.collaborating(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=12)
    known: list[dict[str, Any]] = office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
    end = {"outcome": "delete", "confirmSolution": "financial-overview"}
    path = f"/collaborations/{collaboration['id']}/end"
    assert at_revision(office.anna, "POST", path, collaboration, end).status == 200
    app.drain_events()
    return known


def scenario(office: Office) -> str:
    """What the preview says of Björk and the solution that was deleted."""
    found: str = office.anna.post("/collaborations/preview", office.proposal(BJORK, "financial-overview")).json[
        "scenario"
    ]
    return found


@pytest.mark.parametrize("moves", [False, True])
def test_a_register_that_repeats_itself_brings_back_nothing_that_was_deleted(
    app: App, office: Office, *, moves: bool
) -> None:
    """Not with the next feed, nor with a corrected number, until it has left it out, or says something new of it."""
    known = deleted(app, office)
    number = "5560000001" if moves else NUMBER
    assert register(office, subscriptions=known, name="Björk", organisationNumber=number).status == 200
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "organisationNumber": number})
    app.drain_events()
    assert scenario(office) == "without-solution"
    shown_now = office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
    assert "financial-overview" not in {row["solution"] for row in shown_now}
    register(office, subscriptions=[])
    register(office, subscriptions=known)
    assert scenario(office) == "has-solution"


def test_a_deleted_subscription_that_the_register_records_anew_is_a_new_one(app: App, office: Office) -> None:
    """Other terms are something new; nothing rests on it, so that its renewals are the register's."""
    known = deleted(app, office)
    register(office, subscriptions=[{**row, "periodMonths": 3} for row in known if "periodMonths" in row])
    assert scenario(office) == "has-solution"
    app.clock.pass_(days=400)
    assert app.clean_up() == {}


def test_an_import_that_rests_on_what_was_deleted_brings_nothing_back(app: App, office: Office) -> None:
    """It counts as resting on a subscription that is not recorded, and nothing is left of that when it ends."""
    known = deleted(app, office)
    imported = office.imported(organisationNumber=NUMBER, solution="financial-overview")
    assert (imported["accountId"], imported["setup"].get("periodMonths")) == ("account-bjork", None)
    register(office, subscriptions=known)
    app.drain_events()
    assert shown(office, imported)["renewsOn"] is None
    path = f"/collaborations/{imported['id']}/end"
    assert at_revision(office.anna, "POST", path, shown(office, imported), {"outcome": "continue"}).status == 200
    register(office, subscriptions=known, name="Björk")
    assert scenario(office) == "without-solution"


def test_two_subscriptions_of_fifteen_each_follow_the_register(app: App, office: Office) -> None:
    """The register changes two subscriptions at once; all thirty collaborations have the terms."""
    register(office, subscriptions=[BOOKS, SMART])
    app.drain_events()
    ids = import_many(app, office, "bookkeeping-invoicing", 15) + import_many(app, office, "smart-office", 15)
    later = "2027-03-01"
    register(office, subscriptions=[{**BOOKS, "renewsOn": later}, {**SMART, "renewsOn": later}])
    app.drain_events()
    app.audit_access()
    assert {shown(office, name)["renewsOn"] for name in ids} == {later}


@pytest.mark.parametrize("how_many", [5, 6, 7, 19, 21])
def test_a_subscription_that_starts_reaches_all_that_rest_on_it(app: App, office: Office, how_many: int) -> None:
    """Imports rest on what the register has not recorded; an acceptance starts it as shared payroll."""
    ids = import_many(app, office, "payroll", how_many)
    office.collaborating(BJORK, "payroll", variant="standard", invoiceRecipient="office")
    app.drain_events()
    app.audit_access()
    assert {shown(office, name)["setup"].get("variant") for name in ids} == {"standard"}
    assert all(BIRGITTA in office.access(name) for name in ids)


@pytest.mark.parametrize(
    "terms",
    [
        {"solution": "payroll", "variant": "standard", "customerOwned": True},
        {"solution": "bookkeeping-invoicing"},
    ],
    ids=["customer-owned", "inherited"],
)
def test_nothing_starts_on_terms_that_nobody_chose(app: App, office: Office, terms: dict[str, Any]) -> None:
    """The subscription goes before the acceptance, and not all that is asked of a new one was chosen."""
    register(office, subscriptions=[{"renewsOn": "2026-12-01", **terms}])
    invitation = office.invited(BJORK, terms["solution"])
    register(office, subscriptions=[])
    refused = office.decide(BIRGITTA)
    assert (refused.status, refused.slug) == (409, "situation-changed")
    assert "Ask the office for a new invitation" in refused.json["detail"]
    signed_in = office.user(BIRGITTA).post(f"/my/requests/{invitation['id']}/decision", {"decision": "accept"})
    assert (signed_in.status, signed_in.slug) == (409, "situation-changed")
    app.drain_events()
    assert office.platform.get("/platform/accounts/account-bjork").json["subscriptions"] == []
    assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "pending"
    # No is no, whatever the terms.
    assert office.decide(BIRGITTA, "decline").status == 200


def test_a_late_run_renews_what_was_due_before_the_end_first(app: App, office: Office) -> None:
    """Renewal on 1 December, end on 15 December, the run on 20 December: the office pays for December."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    path = f"/collaborations/{collaboration['id']}/end"
    body = {"on": "2026-12-15", "outcome": "continue"}
    assert at_revision(office.anna, "POST", path, collaboration, body).status == 200
    app.clock.pass_(days=26)
    app.clean_up()
    app.drain_events()
    assert "pays for the subscription from 1 January 2027" in " ".join(app.mails(BIRGITTA)[-1].text.split())


def test_a_period_chosen_later_is_a_period(app: App, office: Office) -> None:
    """Monthly on the first; three months from the first of February are until the first of May."""
    register(
        office,
        subscriptions=[{"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-15", "variant": "bookkeeping"}],
    )
    collaboration = office.collaborating(BJORK, "bookkeeping-invoicing")
    app.clock.pass_(days=26)
    assert app.clean_up() == {"renewed": 1}
    found = shown(office, collaboration)
    assert found["renewsOn"] == "2027-01-01"
    assert at_revision(office.anna, "PATCH", f"/collaborations/{found['id']}", found, {"periodMonths": 3}).status == 200
    app.clock.pass_(days=15)
    app.clean_up()
    assert shown(office, collaboration)["renewsOn"] == "2027-04-01"


def test_a_variant_that_was_chosen_outlives_the_renewal(app: App, office: Office) -> None:
    """An import ends, so that the company pays from the renewal; then it approves a variant, which outlives that."""
    register(office, subscriptions=[{"solution": "payroll", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}])
    app.drain_events()
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "payroll"}
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    ended = at_revision(
        office.anna, "POST", f"/collaborations/{name}/end", shown(office, name), {"outcome": "continue"}
    )
    assert ended.status == 200
    app.drain_events()
    new = office.collaborating(BJORK, "payroll", variant="standard")
    assert BIRGITTA in office.access(new["id"])
    app.clock.pass_(days=10)
    assert app.clean_up() == {"renewed": 1}
    app.drain_events()
    app.audit_access()
    after = shown(office, new["id"])
    assert (after["setup"].get("variant"), BIRGITTA in office.access(new["id"])) == ("standard", True)


def test_what_was_agreed_ends_where_the_subscription_becomes_the_customers(app: App, office: Office) -> None:
    """Of a subscription that is the customer's own no set-up is accepted: nor one that was agreed before it was."""
    theirs = {**SMART, "invoiceRecipient": "customer"}
    register(office, subscriptions=[theirs])
    collaboration = office.collaborating(BJORK, "smart-office")
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "office"}).status == 200
    register(office, subscriptions=[{**theirs, "customerOwned": True}])
    app.drain_events()
    assert shown(office, collaboration)["nextSetup"] is None
    app.clock.pass_(days=10)
    app.clean_up()
    assert shown(office, collaboration)["setup"]["invoiceRecipient"] == "customer"


START = {"solution": "payroll", "renewsOn": "2026-12-01", "variant": "start", "invoiceRecipient": "office"}


def repeat(office: Office) -> None:
    """The register feeds Björk's account as it reads it, which changes nothing."""
    path = "/platform/accounts/account-bjork"
    body = {name: value for name, value in office.platform.get(path).json.items() if name != "id"}
    again = office.platform.put(path, body)
    assert (again.status, again.json) == (200, {**body, "id": "account-bjork"})


def test_an_office_pays_what_only_an_office_may_pay_whoever_leaves(app: App, office: Office) -> None:
    """`fixed-by-the-variant`: the company never pays for a tool that it cannot open; the next office pays."""
    tool = office.activate(BJORK, "payroll", variant="start").json
    app.drain_events()
    path = f"/collaborations/{tool['id']}/end"
    assert at_revision(office.anna, "POST", path, shown(office, tool), {"outcome": "continue"}).status == 200
    app.clock.pass_(days=40)
    assert app.clean_up() == {"renewed": 1}
    assert subscription(office, "payroll")["invoiceRecipient"] == "office"
    repeat(office)
    other = Office(app, "siffror")
    other.feed_office_only()
    effects = other.anna.post("/collaborations/preview", other.proposal(BJORK, "payroll")).json["effects"]
    assert "another-office-pays" not in {effect["kind"] for effect in effects}
    assert other.activate(BJORK, "payroll").json["setup"]["invoiceRecipient"] == "office"


@pytest.mark.parametrize("agreed", [False, True], ids=["renewed", "agreed for the renewal"])
def test_a_register_that_changes_the_variant_changes_what_it_fixes(app: App, office: Office, *, agreed: bool) -> None:
    """The recipient that was agreed for another variant is none that this one has."""
    register(office, subscriptions=[{**START, "variant": "standard"}])
    collaboration = office.collaborating(BJORK, "payroll")
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"invoiceRecipient": "customer"}).status == 200
    app.clock.pass_(days=10)
    if not agreed:
        assert app.clean_up() == {"renewed": 1}
    assert register(office, subscriptions=[START]).status == 200
    app.drain_events()
    app.clean_up()
    after = shown(office, collaboration)
    assert (after["setup"]["variant"], after["setup"]["invoiceRecipient"]) == ("start", "office")
    assert after["nextSetup"] is None
    repeat(office)


def test_a_variant_that_is_chosen_brings_what_it_fixes(app: App, office: Office) -> None:
    """The register names no variant and says that the company pays: who activates `start` pays."""
    unnamed = {name: value for name, value in START.items() if name != "variant"}
    register(office, subscriptions=[{**unnamed, "invoiceRecipient": "customer"}])
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "payroll", variant="start")).json
    assert preview["setup"]["invoiceRecipient"] == "office"
    activated = office.activate(BJORK, "payroll", variant="start")
    assert activated.json["setup"]["invoiceRecipient"] == "office"
    app.drain_events()
    repeat(office)
    app.clock.pass_(days=10)
    assert app.clean_up() == {"renewed": 1}
    assert shown(office, activated.json)["setup"]["invoiceRecipient"] == "office"


def test_nobody_approves_a_variant_that_is_not_shared(app: App, office: Office) -> None:
    """Asked to share `standard`, which the company pays, it has `start` by now, which the office would pay."""
    invitation = office.invited(BJORK, "payroll", variant="standard", invoiceRecipient="customer")
    register(office, subscriptions=[START])
    app.drain_events()
    page = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "application/json"}).json
    assert page["actions"] == ["ask-again", "decline"]
    decided = office.decide(BIRGITTA)
    assert (decided.status, decided.slug) == (409, "situation-changed")
    assert "does not share" in decided.json["detail"]
    register(office, subscriptions=[{**START, "variant": "standard", "invoiceRecipient": "customer"}])
    assert office.decide(BIRGITTA).status == 200
    assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "accepted"


def test_a_renewal_day_that_the_register_changes_is_history(app: App, office: Office) -> None:
    """What the register changes in the terms of a running collaboration is history and an event."""
    register(office, subscriptions=[SMART])
    collaboration = office.collaborating(BJORK, "smart-office")
    register(office, subscriptions=[{**SMART, "renewsOn": "2027-06-01"}])
    app.drain_events()
    assert shown(office, collaboration["id"])["renewsOn"] == "2027-06-01"
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history?limit=100").json["items"]
    assert "subscription-changed" in [row["kind"] for row in rows]


@pytest.mark.parametrize("first", ["clean-up", "register"])
def test_a_period_that_was_agreed_counts_from_the_renewal(app: App, office: Office, first: str) -> None:
    """`other-terms-at-renewal`: also where the register renews by the period that it knows."""
    register(office, subscriptions=[BOOKS])
    collaboration = shown(office, office.collaborating(BJORK, "bookkeeping-invoicing")["id"])
    path = f"/collaborations/{collaboration['id']}"
    assert at_revision(office.anna, "PATCH", path, collaboration, {"periodMonths": 3}).status == 200
    app.drain_events()
    app.clock.pass_(days=7)
    if first == "clean-up":
        assert app.clean_up() == {"renewed": 1}
    renewed = {**BOOKS, "renewsOn": "2027-12-01"}
    assert register(office, subscriptions=[renewed]).json["subscriptions"][0]["renewsOn"] == "2027-03-01"
    app.drain_events()
    after = shown(office, collaboration["id"])
    assert (after["setup"]["periodMonths"], after["renewsOn"]) == (3, "2027-03-01")
    # Once it has heard of the period it may say either day.
    for day in ("2027-12-01", "2027-03-01"):
        register(office, subscriptions=[{**renewed, "periodMonths": 3, "renewsOn": day}])
        assert shown(office, collaboration["id"])["renewsOn"] == "2027-03-01"


def test_a_register_that_says_what_it_has_read_puts_nothing_back(app: App, office: Office) -> None:
    """It hears of one change just before the run that is to carry out the next: that one takes place all the same."""
    register(office, subscriptions=[SMART])
    collaboration = office.collaborating(BJORK, "smart-office")
    for recipient in ("customer", "office"):
        now = shown(office, collaboration["id"])
        path = f"/collaborations/{collaboration['id']}"
        assert at_revision(office.anna, "PATCH", path, now, {"invoiceRecipient": recipient}).status == 200
        app.drain_events()
        app.clock.pass_(days=7 if recipient == "customer" else 31)
        if recipient == "customer":
            assert app.clean_up() == {"renewed": 1}
    register(office)
    app.clean_up()
    after = shown(office, collaboration["id"])
    assert (after["setup"]["invoiceRecipient"], after["renewsOn"]) == ("office", "2027-02-01")


def test_a_subscription_that_is_started_anew_renews_by_its_own_period(app: App, office: Office) -> None:
    """Deleted the day before its renewal, of which the register has not heard: it renews what is no more."""
    overview = {**BOOKS, "solution": "financial-overview"}
    del overview["variant"]
    register(office, subscriptions=[overview])
    collaboration = shown(office, office.collaborating(BJORK, "financial-overview")["id"])
    body = {"outcome": "delete", "confirmSolution": "financial-overview"}
    path = f"/my/collaborations/{collaboration['id']}/end"
    assert at_revision(office.user(BJORK.contact.email), "POST", path, collaboration, body).status == 200
    app.drain_events()
    app.clock.pass_(days=6)
    anew = office.collaborating(BJORK, "financial-overview", invoiceRecipient="customer", periodMonths=3)
    app.clock.pass_(days=1)
    register(office, subscriptions=[{**overview, "renewsOn": "2027-12-01"}])
    app.drain_events()
    assert shown(office, anew["id"])["renewsOn"] == anew["renewsOn"] == "2027-02-28"


def test_an_office_reads_nothing_of_another_offices_people(app: App, office: Office) -> None:
    """Another office's data is never seen: who of them changed the shared subscription is theirs."""
    first, other, second = two_offices(app, office)
    office.put(
        f"/platform/offices/{office.id}/employees/anna",
        {
            "name": "Hemliga Hanna",
            "email": "anna.ek@ek-lind.example",
            "fullUserRights": True,
            "administrator": True,
            "active": True,
        },
    )
    found = shown(office, first["id"])
    assert (
        at_revision(
            office.anna, "PATCH", f"/collaborations/{first['id']}", found, {"invoiceRecipient": "customer"}
        ).status
        == 200
    )
    app.drain_events()
    rows = other.anna.get(f"/collaborations/{second['id']}/history?limit=100").json["items"]
    [changed] = [row for row in rows if row["kind"] == "subscription-changed"]
    assert changed["by"].get("name") != "Hemliga Hanna"
    assert changed["by"].get("employeeId") is None, "anna is somebody else at this office"


def test_what_is_agreed_after_a_missed_renewal_waits_for_the_next(app: App, office: Office) -> None:
    """The company pays December, whenever the run comes: the office agrees on the fourth to pay from the next renewal.

    What was agreed before is carried out first, and is history as the system's, at the other office too.
    """
    first, other, second = two_offices(app, office)
    path = f"/collaborations/{first['id']}"
    assert at_revision(office.anna, "PATCH", path, shown(office, first), {"invoiceRecipient": "customer"}).status == 200
    app.drain_events()
    app.clock.pass_(days=10)
    before = shown(office, first)
    assert at_revision(office.anna, "PATCH", path, before, {"invoiceRecipient": "office"}).status == 200
    app.drain_events()
    for where, collaboration in ((office, first), (other, second)):
        after = shown(where, collaboration)
        assert (after["renewsOn"], after["setup"]["invoiceRecipient"]) == ("2027-01-01", "customer")
        assert after["nextSetup"]["invoiceRecipient"] == "office"
        entries = where.anna.get(f"/collaborations/{collaboration['id']}/history").json["items"]
        renewed = next(entry for entry in entries if entry["kind"] == "subscription-renewed")
        assert renewed["by"] == {"side": "system"}
        assert renewed["changes"] == [{"field": "invoiceRecipient", "from": "office", "to": "customer"}]
    assert app.clean_up() == {}


def test_a_request_shows_the_coming_terms_with_the_variant_that_was_chosen(app: App, office: Office) -> None:
    """The register names no variant, and the company pays from the renewal: both hold, and neither hides the other."""
    register(office, subscriptions=[{"solution": "payroll", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}])
    app.drain_events()
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "payroll"}
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    ended = at_revision(
        office.anna, "POST", f"/collaborations/{name}/end", shown(office, name), {"outcome": "continue"}
    )
    assert ended.status == 200
    app.drain_events()
    office.invited(BJORK, "payroll", variant="standard")
    page = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "application/json"}).json
    assert page["setup"] == {"taskId": "lopande", "variant": "standard", "invoiceRecipient": "office"}
    assert page["nextSetup"] == {"taskId": "lopande", "variant": "standard", "invoiceRecipient": "customer"}
    # What is promised is what comes.
    started = {"id": office.decide(BIRGITTA).json["collaborationId"]}
    assert shown(office, started)["nextSetup"] == page["nextSetup"]


GONE = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01"}


def test_nothing_is_sent_that_nobody_can_accept(app: App, office: Office) -> None:
    """`no-mail-in-vain`: neither by hand nor by itself; the office is told why, and again once it can be accepted."""
    register(office, subscriptions=[GONE])
    path = f"/invitations/{office.invited(BJORK, 'bookkeeping-invoicing')['id']}"
    register(office, subscriptions=[])
    app.drain_events()
    app.clock.pass_(days=2)
    for verb in ("remind", "resend"):
        refused = office.anna.post(f"{path}/{verb}")
        assert (refused.status, refused.slug) == (409, "situation-changed")
        assert "Revoke the request" in refused.json["detail"]
    app.clock.pass_(days=9, hours=1)
    app.clean_up()
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == 1
    digest = " ".join(app.mails(ANNA.email)[-1].text.split())
    assert "Kan inte längre godkännas" in digest
    assert "Bokföring & Fakturering, går ut den 8 december 2026" in digest
    assert "Skicka en påminnelse" not in digest
    shown = office.anna.get(path).json
    assert (shown["reminders"], shown["status"]) == (0, "pending")
    before = len(app.mails(ANNA.email))
    register(office, subscriptions=[GONE])
    app.clock.pass_(days=1)
    app.clean_up()
    app.drain_events()
    assert len(app.mails(ANNA.email)) == before + 1
    assert "Går ut inom tre dagar" in app.mails(ANNA.email)[-1].text
    assert office.anna.get(path).json["reminders"] == 1
    assert len(app.mails(BIRGITTA)) == 2
    assert office.decide(BIRGITTA).status == 200


def test_an_expired_request_that_nobody_could_accept_is_not_revived(app: App, office: Office) -> None:
    """It is dead, so that the customer can be invited anew."""
    register(office, subscriptions=[GONE])
    path = f"/invitations/{office.invited(BJORK, 'bookkeeping-invoicing')['id']}"
    register(office, subscriptions=[])
    app.clock.pass_(days=15)
    app.clean_up()
    refused = office.anna.post(f"{path}/resend", headers={"Accept-Language": "en"})
    assert (refused.status, refused.slug) == (409, "situation-changed")
    assert "invite the customer anew" in refused.json["detail"]
    assert office.anna.get(path).json["status"] == "expired"


def test_nobody_is_reminded_of_a_variant_that_is_not_shared(app: App, office: Office) -> None:
    """Asked to share `standard`, the company has `start` by now: the office is to activate it."""
    invitation = office.invited(BJORK, "payroll", variant="standard", invoiceRecipient="customer")
    register(office, subscriptions=[START])
    app.drain_events()
    app.clock.pass_(days=2)
    refused = office.anna.post(f"/invitations/{invitation['id']}/remind", headers={"Accept-Language": "en"})
    assert (refused.status, refused.slug) == (409, "situation-changed")
    assert "activate the solution instead" in refused.json["detail"]


def test_a_corrected_address_gets_nothing_that_nobody_can_accept(app: App, office: Office) -> None:
    """A bounce goes out again by itself, but not in vain; the digest says why rather than to correct the address."""
    register(office, subscriptions=[GONE])
    invitation = office.invited(BJORK, "bookkeeping-invoicing")
    tags = {"agreement": [invitation["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}
    assert office.mail_event("Bounce", tags=tags)
    users = [{"email": "new@bjork-brown.example", "name": "Nina", "role": "administrator"}]
    register(office, subscriptions=[], users=users, mainContact="new@bjork-brown.example")
    app.drain_events()
    assert app.mails("new@bjork-brown.example") == []
    app.clean_up()
    app.drain_events()
    assert "Kan inte längre godkännas" in app.mails(ANNA.email)[-1].text
