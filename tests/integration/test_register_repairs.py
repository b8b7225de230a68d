"""What the account register says at an awkward moment leaves no wrong state behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.accounts import BOOKS, SMART, register, subscription
from support.collaborations import at_revision, done_at_revision, shown
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.app import App

BIRGITTA = BJORK.contact.email


@pytest.mark.parametrize(("by_office", "status"), [(True, 200), (False, 404)])
def test_an_end_releases_what_an_import_rested_on(app: App, office: Office, status: int, *, by_office: bool) -> None:
    """`an-end-releases-what-it-rested-on`: a second account of the number is fed, and nobody has heard of it yet."""
    register(office, subscriptions=[SMART])
    imported = office.imported(organisationNumber=BJORK.organisation_number, solution="smart-office")
    fed = office.platform.get("/platform/accounts/account-bjork").json
    office.put(
        "/platform/accounts/account-two", {name: fed[name] for name in fed if name not in {"id", "subscriptions"}}
    )
    person, path = (office.anna, "") if by_office else (office.user(BIRGITTA), "/my")
    ended = at_revision(
        person, "POST", f"{path}/collaborations/{imported['id']}/end", imported, {"outcome": "continue"}
    )
    assert ended.status == status
    app.drain_events()
    app.audit_access()
    assert register(office, subscriptions=[]).json["subscriptions"] == []


@pytest.mark.parametrize("by", ["register", "edit", "end", "arranged-end"])
def test_a_period_that_leads_nowhere_stands_in_nobodys_way(app: App, office: Office, by: str) -> None:
    """`renewals-move-forward`: version 0.1.0 took such a period, and the clean-up reports it until it is put right."""
    register(office, subscriptions=[BOOKS])
    running = office.collaborating(BJORK, "bookkeeping-invoicing")
    path = f"/collaborations/{running['id']}"
    if by == "arranged-end":
        running = done_at_revision(
            office.anna, "POST", f"{path}/end", running, {"on": "2026-12-02", "outcome": "continue"}
        )["collaboration"]
    place = (f"ORGANISATION#{BJORK.organisation_number}", "ACCOUNT#account-bjork#SUBSCRIPTION#bookkeeping-invoicing")
    data = app.client.items[place]["data"]
    data["S"] = data["S"].replace('"periodMonths":12', '"periodMonths":0')
    app.clock.pass_(days=9)
    match by:
        case "register":
            assert register(office, subscriptions=[{**BOOKS, "renewsOn": "2027-12-01"}]).status == 200
            assert subscription(office, "bookkeeping-invoicing")["renewsOn"] == "2027-12-01"
        case "edit":
            done_at_revision(office.anna, "PATCH", path, running, {"periodMonths": 3})
            assert app.clean_up() == {"renewed": 1}
            assert shown(office, running)["setup"]["periodMonths"] == 3
            assert shown(office, running)["renewsOn"] == "2027-03-01"
        case "end":
            done_at_revision(office.anna, "POST", f"{path}/end", running, {"outcome": "continue"})
            assert shown(office, running)["state"] == "ended"
        case _:
            counts = app.clean_up()
            assert (counts["ended"], counts["failed"]) == (1, 1)
            assert shown(office, running)["state"] == "ended"


def test_a_register_that_renews_first_puts_nothing_off(app: App, office: Office) -> None:
    """`in-the-order-of-time`: five minutes into the day of the renewal, before the run, the register names the next."""
    register(office, subscriptions=[SMART])
    running = office.collaborating(BJORK, "smart-office")
    done_at_revision(
        office.anna, "PATCH", f"/collaborations/{running['id']}", running, {"invoiceRecipient": "customer"}
    )
    app.clock.pass_(days=6, hours=14, minutes=5)
    register(office, subscriptions=[{**SMART, "renewsOn": "2027-01-01"}])
    app.drain_events()
    after = shown(office, running)
    assert after["setup"]["invoiceRecipient"] == "customer"
    assert (after["nextSetup"], after["renewsOn"]) == (None, "2027-01-01")
    history = office.anna.get(f"/collaborations/{running['id']}/history").json["items"]
    assert [entry["by"]["side"] for entry in history if entry["kind"] == "subscription-renewed"] == ["system"]


@pytest.mark.parametrize("main_contact", [True, False])
def test_an_end_on_the_day_of_the_renewal_comes_first(app: App, office: Office, *, main_contact: bool) -> None:
    """`in-the-order-of-time`: five minutes into that day the register renews. Who has left pays no more.

    An end that fails stands in nobody's way.
    """
    register(office, subscriptions=[])
    running = office.collaborating(
        BJORK, "bookkeeping-invoicing", variant="bookkeeping", invoiceRecipient="office", periodMonths=12
    )
    register(office, subscriptions=[{**subscription(office, "bookkeeping-invoicing"), "renewsOn": "2026-12-01"}])
    app.drain_events()
    running = shown(office, running)
    path = f"/collaborations/{running['id']}/end"
    done_at_revision(office.anna, "POST", path, running, {"on": "2026-12-01", "outcome": "continue"})
    if not main_contact:
        register(office, mainContact=None)
    app.clock.pass_(days=6, hours=14, minutes=5)
    said = {**subscription(office, "bookkeeping-invoicing"), "renewsOn": "2027-12-01"}
    assert register(office, subscriptions=[said]).status == 200
    app.clean_up()
    app.drain_events()
    after = shown(office, running)
    assert (after["state"], after["endProblem"] is None) == (("ended", True) if main_contact else ("active", False))
    found = subscription(office, "bookkeeping-invoicing")
    assert (found["renewsOn"], found["invoiceRecipient"]) == ("2027-12-01", "customer" if main_contact else "office")
    if main_contact:
        assert "pays for the subscription from 1 December 2026" in " ".join(app.mails(BIRGITTA)[-1].text.split())


@pytest.mark.parametrize(
    ("who", "main_contact", "refused"),
    [
        ("who leaves edits", True, "collaboration-ended"),
        ("who leaves edits", False, None),
        ("another office edits", True, None),
        ("another office edits", False, None),
        ("another office ends", True, None),
    ],
)
def test_an_end_on_the_day_of_the_renewal_comes_before_a_command(
    app: App, office: Office, who: str, refused: str | None, *, main_contact: bool
) -> None:
    """`in-the-order-of-time`: five minutes into that day, before the run, a command takes the renewal along.

    Who has left pays no more. An end that fails stands in nobody's way.
    """
    register(office, subscriptions=[])
    agreed = {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12}
    running = office.collaborating(BJORK, "bookkeeping-invoicing", **agreed)
    other = Office(app, "another-office")
    other.feed_office_only()
    theirs = other.collaborating(BJORK, "bookkeeping-invoicing")
    register(office, subscriptions=[{**subscription(office, "bookkeeping-invoicing"), "renewsOn": "2026-12-01"}])
    app.drain_events()
    path = f"/collaborations/{running['id']}/end"
    done_at_revision(office.anna, "POST", path, shown(office, running), {"on": "2026-12-01", "outcome": "continue"})
    if not main_contact:
        register(office, mainContact=None)
    app.clock.pass_(days=6, hours=14, minutes=5)
    acting, name = (office, running["id"]) if who == "who leaves edits" else (other, theirs["id"])
    if who == "another office ends":
        call = ("POST", f"/collaborations/{name}/end", {"outcome": "continue"})
    else:
        call = ("PATCH", f"/collaborations/{name}", {"variant": "bookkeeping-invoicing-plus"})
    answer = acting.anna.call(*call, headers={"If-Match": "*"})
    assert answer.slug == refused if refused else answer.status == 200, answer.text
    app.clean_up()
    app.drain_events()
    after = shown(office, running)
    assert (after["state"], after["endProblem"] is None) == (("ended", True) if main_contact else ("active", False))
    found = subscription(office, "bookkeeping-invoicing")
    assert (found["renewsOn"], found["invoiceRecipient"]) == ("2027-12-01", "customer" if main_contact else "office")


def test_a_register_that_comes_late_puts_nothing_forward(app: App, office: Office) -> None:
    """`renewals-move-forward`: the PUT of yesterday arrives after that of today, and after the renewal."""
    paid = {**SMART, "invoiceRecipient": "customer"}
    register(office, subscriptions=[paid])
    running = office.collaborating(BJORK, "smart-office")
    app.clock.pass_(days=7)
    app.clean_up()
    register(office, subscriptions=[{**paid, "renewsOn": "2027-01-01"}])
    app.drain_events()
    running = shown(office, running)
    done_at_revision(office.anna, "PATCH", f"/collaborations/{running['id']}", running, {"invoiceRecipient": "office"})
    assert register(office, subscriptions=[paid]).json["subscriptions"][0]["renewsOn"] == "2027-01-01"
    app.clean_up()
    app.drain_events()
    after = shown(office, running)
    assert (after["setup"]["invoiceRecipient"], after["nextSetup"]["invoiceRecipient"]) == ("customer", "office")
    assert after["renewsOn"] == "2027-01-01"


def test_a_link_to_another_solution_takes_no_terms_along(app: App, office: Office) -> None:
    """Linked to bookkeeping, which has terms, and then to payroll, which the account has not."""
    register(office, subscriptions=[BOOKS])
    imported = office.imported(organisationNumber=BJORK.organisation_number, solution=None)

    def link(solution: str) -> dict[str, Any]:
        body = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": solution}
        seen = shown(office, imported)
        done_at_revision(office.anna, "PUT", f"/collaborations/{imported['id']}/link", seen, body)
        app.drain_events()
        setup: dict[str, Any] = shown(office, imported)["setup"]
        return setup

    assert link("bookkeeping-invoicing")["variant"] == "bookkeeping"
    assert link("payroll") == {"taskId": BJORK.task_id}


def test_what_the_register_has_left_out_it_may_record_again(app: App, office: Office) -> None:
    """Deleted here, left out by the register while an import rests on it, then said again in the same words."""
    terms = {"solution": "financial-overview", "renewsOn": "2027-06-01", "invoiceRecipient": "customer"}
    register(office, subscriptions=[terms])
    running = office.collaborating(BJORK, "financial-overview")
    body = {"outcome": "delete", "confirmSolution": "financial-overview"}
    done_at_revision(office.user(BIRGITTA), "POST", f"/my/collaborations/{running['id']}/end", running, body)
    office.imported(organisationNumber=BJORK.organisation_number, solution="financial-overview")
    register(office, subscriptions=[])
    register(office, subscriptions=[terms])
    app.drain_events()
    assert subscription(office, "financial-overview")["renewsOn"] == "2027-06-01"
    assert office.anna.post("/collaborations/preview", office.proposal(BJORK, "financial-overview")).json[
        "scenario"
    ] == ("has-solution")


def test_what_has_ended_keeps_the_name_of_its_company(app: App, office: Office) -> None:
    """The register corrects the account's number afterwards."""
    running = office.collaborating(BJORK, "smart-office", invoiceRecipient="customer")
    done_at_revision(office.anna, "POST", f"/collaborations/{running['id']}/end", running, {"outcome": "continue"})
    app.drain_events()
    assert register(office, organisationNumber="5569876542").status == 200
    app.drain_events()
    app.audit_access()
    assert shown(office, running)["accountName"] == BJORK.name
