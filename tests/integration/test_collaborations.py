"""The long life after acceptance: show, edit, link, end; from both sides."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from support.collaborations import done_at_revision, shown
from support.people import ALMBERG, ANNA, BJORK, BO, CECILIA, CEDER, DAHL, UNLINKED, Office, Person

if TYPE_CHECKING:
    from support.app import App, Response

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
BOOKKEEPING = {"variant": "bookkeeping-invoicing", "invoiceRecipient": "office", "periodMonths": 12}


def bookkeeping(office: Office) -> dict[str, Any]:
    """A collaboration whose solution asks everything there is to edit."""
    return office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKKEEPING)


def patch(person: Person, collaboration: dict[str, Any], body: Any, revision: int | None = None) -> Response:
    """Edit at a revision, by default the one that was seen."""
    etag = {"If-Match": f'"{revision or collaboration["revision"]}"'}
    return person.call("PATCH", f"/collaborations/{collaboration['id']}", body, headers=etag)


def end(person: Person, collaboration: dict[str, Any], *, mine: bool = False, **body: Any) -> Response:
    """End at the revision that was seen, or arrange it."""
    etag = {"If-Match": f'"{collaboration["revision"]}"'}
    return person.post(f"{'/my' * mine}/collaborations/{collaboration['id']}/end", body, headers=etag)


def history(office: Office, collaboration: dict[str, Any]) -> list[str]:
    """The kinds of what happened, newest first."""
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history?limit=100").json["items"]
    return [row["kind"] for row in rows]


def account(office: Office, account_id: str = "account-bjork", **changes: Any) -> dict[str, Any]:
    """An account as the register has it; with changes, fed again."""
    found: dict[str, Any] = office.platform.get(f"/platform/accounts/{account_id}").json
    if changes:
        body = {name: value for name, value in found.items() if name != "id"}
        office.put(f"/platform/accounts/{account_id}", {**body, **changes})
    return found


# Showing


def test_reading_gives_an_etag(office: Office) -> None:
    """The revision in quotes, for If-Match."""
    collaboration = office.collaborating()
    answer = office.anna.get(f"/collaborations/{collaboration['id']}")
    assert answer.headers["ETag"] == f'"{answer.json["revision"]}"'


FILTERS: dict[str, tuple[str, Any]] = {
    "customerId": ("bjork", lambda row: row["customerId"] == "bjork"),
    "solution": ("scanner", lambda row: row["solution"] == "scanner"),
    "taskId": ("lopande", lambda row: row["setup"]["taskId"] == "lopande"),
    "taskOwner": ("bo", lambda row: row["setup"]["taskId"] == "lopande"),
    "accountManager": ("anna", lambda row: row["customerId"] is not None),
    "state": ("active", lambda row: row["state"] == "active"),
    "linked": ("true", lambda row: row["linked"]),
}


@pytest.fixture
def many(app: App, office: Office) -> Office:
    """Collaborations that differ in everything that can be filtered by."""
    base = f"/platform/offices/{office.id}/customers"
    other = {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True}
    for customer in (BJORK, DAHL):
        office.put(f"{base}/{customer.id}/tasks/other", other)
        office.collaborating(customer, "scanner")
        ended = office.collaborating(customer, "employee-payslip", taskId="other")
        office.collaborating(customer, "smart-office", invoiceRecipient="customer", taskId="other")
        solutions = office.anna.get("/solutions").json["items"]
        [checked] = [row["checklist"] for row in solutions if row["key"] == "employee-payslip"]
        done = end(office.anna, ended, outcome="delete", confirmSolution="employee-payslip", checklist=checked)
        assert done.status == 200, done.text
        assert office.invite(customer, "employee-payslip").status == 201
        app.clock.pass_(minutes=1)
    office.imported()
    return office


@pytest.mark.parametrize("pair", [*itertools.combinations(FILTERS, 2)], ids="+".join)
def test_filters_combine_with_and(many: Office, pair: tuple[str, str]) -> None:
    """`filters-combine-with-and`: every pair gives exactly what both let through, newest first."""
    everything = many.anna.get("/collaborations?limit=100").json["items"]
    wanted = [row["id"] for row in everything if all(FILTERS[name][1](row) for name in pair)]
    query = "&".join(f"{name}={FILTERS[name][0]}" for name in pair)
    found = many.anna.get(f"/collaborations?{query}&limit=100").json["items"]
    assert [row["id"] for row in found] == wanted
    assert wanted
    assert len(wanted) < len(everything)


def test_a_customer_is_shown_with_all_that_goes_on(many: Office) -> None:
    """Tasks, pending requests and active collaborations, each in full."""
    found = many.anna.get(f"/customers/{BJORK.id}").json
    assert {task["id"] for task in found["tasks"]} == {"lopande", "other"}
    assert [row["solution"] for row in found["invitations"]] == ["employee-payslip"]
    assert {row["solution"] for row in found["collaborations"]} == {"scanner", "smart-office"}


# Editing


@pytest.mark.parametrize(("full", "administrator"), [*itertools.product((True, False), repeat=2)])
def test_everybody_changes_the_task_only_both_rights_the_terms(
    app: App,
    office: Office,
    full: bool,  # noqa: FBT001
    administrator: bool,  # noqa: FBT001
) -> None:
    """Rule of rights: all four combinations of full user rights and administrator."""
    collaboration = bookkeeping(office)
    base = f"/platform/offices/{office.id}"
    body = {"name": "Eva Nord", "email": "eva@ek-lind.example", "fullUserRights": full, "administrator": administrator}
    office.put(f"{base}/employees/eva", {**body, "active": True})
    office.put(
        f"{base}/customers/{BJORK.id}/tasks/other", {"name": "X", "owner": "eva", "participants": [], "active": True}
    )
    eva = office.employee("eva")
    moved = patch(eva, collaboration, {"taskId": "other"})
    assert (moved.status, moved.json["setup"]["taskId"]) == (200, "other")
    terms = patch(eva, moved.json, {"invoiceRecipient": "customer"})
    ended = end(eva, moved.json, outcome="continue")
    if full and administrator:
        assert (terms.status, ended.slug) == (200, "revision-conflict")
    else:
        assert (terms.slug, ended.slug) == ("not-allowed", "not-allowed")
    assert ("end" in moved.json["actions"]) == (full and administrator)


def test_the_task_must_be_an_active_one_of_the_customer(office: Office) -> None:
    """Another customer's, or none at all, cannot be chosen."""
    collaboration = bookkeeping(office)
    answer = patch(office.anna, collaboration, {"taskId": "nobodys"})
    assert (answer.status, answer.slug) == (422, "task-not-selectable")
    assert answer.json["errors"][0]["pointer"] == "#/taskId"


def test_a_variant_changes_at_once_and_a_downgrade_is_confirmed(office: Office) -> None:
    """`downgrade-confirmed`: what is lost is named until its keys come back; stepping up asks nothing."""
    collaboration = bookkeeping(office)
    down = patch(office.anna, collaboration, {"variant": "bookkeeping"})
    assert (down.status, down.slug, down.json["confirm"]) == (409, "confirmation-needed", ["approval", "invoicing"])
    assert "invoicing with offers" in down.json["detail"]
    assert shown(office, collaboration)["setup"]["variant"] == "bookkeeping-invoicing"
    partly = patch(office.anna, collaboration, {"variant": "bookkeeping", "confirm": ["approval"]})
    assert partly.slug == "confirmation-needed"
    done = patch(office.anna, collaboration, {"variant": "bookkeeping", "confirm": down.json["confirm"]})
    assert (done.status, done.json["setup"]["variant"], done.json["nextSetup"]) == (200, "bookkeeping", None)
    up = patch(office.anna, done.json, {"variant": "bookkeeping-invoicing-plus"})
    assert (up.status, up.json["setup"]["variant"]) == (200, "bookkeeping-invoicing-plus")
    terms = account(office)["subscriptions"]
    assert [row["variant"] for row in terms if row["solution"] == "bookkeeping-invoicing"] == [
        "bookkeeping-invoicing-plus"
    ]


def test_period_and_recipient_change_at_the_renewal(app: App, office: Office) -> None:
    """`other-terms-at-renewal`: both values are shown until the day; then the run makes it so, and tells."""
    collaboration = bookkeeping(office)
    assert collaboration["renewsOn"] == "2027-11-24"
    edited = patch(office.anna, collaboration, {"invoiceRecipient": "customer", "periodMonths": 3}).json
    assert (edited["setup"]["invoiceRecipient"], edited["setup"]["periodMonths"]) == ("office", 12)
    assert (edited["nextSetup"]["invoiceRecipient"], edited["nextSetup"]["periodMonths"]) == ("customer", 3)
    app.clock.pass_(days=364, hours=14, minutes=30)
    assert app.clean_up() == {"renewed": 1}
    now = shown(office, collaboration)
    assert (now["setup"]["invoiceRecipient"], now["nextSetup"], now["renewsOn"]) == ("customer", None, "2028-02-24")
    assert history(office, collaboration)[:2] == ["subscription-changed", "subscription-renewed"]
    assert app.clean_up() == {}


def test_changing_back_before_the_renewal_leaves_nothing_to_come(office: Office) -> None:
    """The coming value is gone when it is the present one again."""
    collaboration = bookkeeping(office)
    changed = patch(office.anna, collaboration, {"invoiceRecipient": "customer"}).json
    back = patch(office.anna, changed, {"invoiceRecipient": "office"}).json
    assert back["nextSetup"] is None


def test_without_a_period_a_subscription_renews_monthly_and_quietly(app: App, office: Office) -> None:
    """On the first of each month, missed runs included; the timeline says nothing where nothing changed."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    assert collaboration["renewsOn"] == "2026-12-01"
    app.clock.pass_(days=70)
    assert app.clean_up() == {"renewed": 1}
    assert shown(office, collaboration)["renewsOn"] == "2027-03-01"
    assert "subscription-renewed" not in history(office, collaboration)


def test_a_variant_of_the_other_kind_is_a_new_agreement(office: Office) -> None:
    """Payroll `standard` is shared, `start` is the office's: 409, end and start anew."""
    collaboration = office.collaborating(BJORK, "payroll", variant="standard", invoiceRecipient="office")
    assert patch(office.anna, collaboration, {"variant": "start"}).slug == "kind-differs"


def test_a_customer_owned_subscription_is_the_customers_to_change(office: Office) -> None:
    """Nothing beside the task is editable."""
    terms = account(office)["subscriptions"]
    owned = {"solution": "smart-office", "renewsOn": "2027-01-01", "customerOwned": True}
    account(office, subscriptions=[*terms, owned])
    collaboration = office.collaborating(BJORK, "smart-office")
    assert patch(office.anna, collaboration, {"invoiceRecipient": "office"}).slug == "customer-owned-subscription"


def test_fields_that_are_not_asked_or_wrong_are_named(office: Office) -> None:
    """Each with its pointer and code; nothing is changed."""
    collaboration = office.collaborating()
    answer = patch(office.anna, collaboration, {"variant": "x", "toDoDone": ["nothing"], "confirm": []})
    assert answer.slug == "validation-failed"
    assert {(row["pointer"], row["code"]) for row in answer.json["errors"]} == {
        ("#/variant", "not-asked"),
        ("#/toDoDone/0", "unknown"),
    }


def test_to_dos_are_ticked_off(office: Office) -> None:
    """After activation of digital invoices there is something to do, until it is done."""
    recipients = {"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "customer"}
    collaboration = office.collaborating(BJORK, "digital-invoices", **recipients)
    assert collaboration["toDo"] == ["choose-send-receive"]
    done = patch(office.bo, collaboration, {"toDoDone": ["choose-send-receive"]})
    assert (done.status, done.json["toDo"]) == (200, [])


def test_whose_it_is_comes_before_how_it_is_asked(app: App, office: Office) -> None:
    """Without If-Match: 403 and 404 where they apply, whatever else is missing, and 428 only then."""
    collaboration = office.collaborating()
    path, body = f"/collaborations/{collaboration['id']}/end", {"outcome": "continue"}
    other = Office(app, "another-office")
    other.feed_office_only()
    assert other.anna.post(path, body).slug == "not-found"
    assert office.bo.post(path, body).slug == "not-allowed"
    assert office.anna.post(path, body).slug == "if-match-missing"
    assert office.anna.post(path, {"outcome": "x"}).slug == "if-match-missing"


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ('"{now}"', 200),
        ("{now}", 200),
        ("*", 200),
        ('"7", "{now}"', 200),
        (' "7" ,"{now}" ', 200),
        ('W/"{now}"', 412),
        ('W/"{now}", "{now}"', 200),
        ('"7", "8"', 412),
        ('"0{now}"', 412),
        ('"{now}', 412),
        ('"abc"', 412),
        ("*, *", 412),
        ('"' + "1" * 5000 + '"', 412),
        ('"\u0661"', 412),
        ("", 428),
    ],
)
def test_if_match_is_read_as_rfc_9110_says(office: Office, tag: str, status: int) -> None:
    """One tag, a list of them, or `*`; compared strongly, so a weak one never matches. Else nothing changes."""
    collaboration = bookkeeping(office)
    path, headers = f"/collaborations/{collaboration['id']}", {"If-Match": tag.format(now=collaboration["revision"])}
    answer = office.anna.call("PATCH", path, {"invoiceRecipient": "customer"}, headers=headers)
    assert answer.status == status, answer.text
    moved = office.anna.get(path).json["revision"] - collaboration["revision"]
    assert moved == (1 if status == 200 else 0)


def test_any_revision_still_has_to_be_there(office: Office) -> None:
    """`*` matches what exists: of another office or of none it is 404, on each side that ends or links."""
    office.collaborating()
    for method, path, body in (
        ("PATCH", "/collaborations/col-nothere", {}),
        ("PUT", "/collaborations/col-nothere/link", {"customerId": "x", "taskId": "x", "solution": "scanner"}),
        ("DELETE", "/collaborations/col-nothere/link", None),
        ("POST", "/collaborations/col-nothere/end", {"outcome": "continue"}),
    ):
        assert office.anna.call(method, path, body, headers={"If-Match": "*"}).slug == "not-found"


def test_two_editors_lose_nothing(office: Office) -> None:
    """`second-editor-is-told`: of two at once one is told; a change that changes nothing is no revision."""
    collaboration = bookkeeping(office)
    assert office.anna.call("PATCH", f"/collaborations/{collaboration['id']}", {}).slug == "if-match-missing"
    bodies = [{"invoiceRecipient": "customer"}, {"periodMonths": 3}]
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(lambda body: patch(office.anna, collaboration, body), bodies))
    assert sorted(answer.status for answer in answers) == [200, 412]
    winner = next(answer for answer in answers if answer.status == 200).json
    again = patch(office.anna, winner, {name: winner["nextSetup"][name] for name in ("invoiceRecipient",)})
    assert again.json["revision"] == winner["revision"]


def test_what_is_edited_shows_on_the_timeline(office: Office) -> None:
    """Before and after, and by whom."""
    collaboration = bookkeeping(office)
    patch(office.anna, collaboration, {"invoiceRecipient": "customer"})
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history").json["items"]
    changed = next(row for row in rows if row["kind"] == "collaboration-changed")
    assert changed["changes"] == [{"field": "invoiceRecipient", "from": "office", "to": "customer"}]
    assert changed["by"] == {"side": "office", "name": ANNA.name, "employeeId": ANNA.id}


def test_terms_that_the_register_changes_are_shown(app: App, office: Office) -> None:
    """The copies in the collaborations that rest on a subscription move with it."""
    collaboration = bookkeeping(office)
    terms = account(office)["subscriptions"]
    changed = [{**row, "variant": "bookkeeping-invoicing-plus"} if "variant" in row else row for row in terms]
    account(office, subscriptions=changed)
    assert shown(office, collaboration)["setup"]["variant"] == "bookkeeping-invoicing-plus"


def test_a_subscription_left_out_is_kept_while_something_rests_on_it(office: Office) -> None:
    """A PUT of the register does not take away what is shared."""
    bookkeeping(office)
    account(office, subscriptions=[])
    assert [row["solution"] for row in account(office)["subscriptions"]] == ["bookkeeping-invoicing"]


def test_two_offices_share_one_subscription(app: App, office: Office) -> None:
    """What one changes the other sees, and neither can close what the other rests on."""
    mine = bookkeeping(office)
    other = Office(app, "another-office")
    other.feed_office_only()
    theirs = other.collaborating(BJORK, "bookkeeping-invoicing")
    patch(office.anna, shown(office, mine), {"variant": "bookkeeping-invoicing-plus"})
    assert shown(other, theirs)["setup"]["variant"] == "bookkeeping-invoicing-plus"
    app.drain_events()
    assert shown(office, mine)["outcomes"] == ["continue"]
    assert end(office.anna, shown(office, mine), outcome="close").slug == "validation-failed"
    assert end(other.anna, shown(other, theirs), outcome="continue").status == 200
    app.drain_events()
    assert shown(office, mine)["outcomes"] == ["continue", "close"]


# Ending


def test_an_end_by_the_office(app: App, office: Office) -> None:
    """Access goes, the customer is told, the rest goes on and is listed, the subscription goes on at the customer."""
    other = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    collaboration = bookkeeping(office)
    answer = end(office.anna, collaboration, outcome="continue")
    assert answer.status == 200, answer.text
    ended = answer.json["collaboration"]
    assert (ended["state"], ended["outcome"], ended["outcomes"], ended["actions"]) == ("ended", "continue", [], [])
    assert ended["endedBy"] == {"side": "office", "name": ANNA.name, "employeeId": ANNA.id}
    assert [row["id"] for row in answer.json["remaining"]] == [other["id"]]
    app.drain_events()
    assert office.access(collaboration["id"]) == {}
    assert BO.email in office.access(other["id"])
    for email in (BIRGITTA, BENJAMIN):
        mail = app.mails(email)[-1]
        assert "has ended" in mail.subject
        assert "24 November 2027" in mail.text
    app.clock.pass_(days=366)
    app.clean_up()
    assert history(office, collaboration)[:2] == ["access-revoked"] * 2
    assert office.invite(BJORK, "bookkeeping-invoicing").status == 201


def test_closed_is_readable_and_a_new_start_opens_it(app: App, office: Office) -> None:
    """Closed: no open subscription any more; activating or inviting again starts it anew, once."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    assert collaboration["outcomes"] == ["continue", "close"]
    assert end(office.anna, collaboration, outcome="close").status == 200
    assert "smart-office" not in [row["solution"] for row in account(office)["subscriptions"]]
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "smart-office")).json
    assert preview["scenario"] == "without-solution"
    again = office.collaborating(BJORK, "smart-office", invoiceRecipient="customer")
    assert (again["state"], again["setup"]["invoiceRecipient"]) == ("active", "customer")
    assert [row["solution"] for row in account(office)["subscriptions"]].count("smart-office") == 1


def test_deleting_wants_the_solutions_name_and_the_checklist(office: Office) -> None:
    """`delete-confirmed`: 409 with the keys until all are there; another name confirms nothing."""
    terms = {"invoiceRecipient": "office", "reportRecipient": "payroll"}
    collaboration = office.collaborating(BJORK, "travel-expenses", **terms)
    bare = end(office.anna, collaboration, outcome="delete")
    assert (bare.status, bare.slug) == (409, "confirmation-needed")
    assert bare.json["confirm"] == ["reports-submitted", "outlays-sent-in", "travel-expenses"]
    half = end(office.anna, collaboration, outcome="delete", checklist=["reports-submitted", "outlays-sent-in"])
    assert half.json["confirm"] == ["travel-expenses"]
    wrong = end(office.anna, collaboration, outcome="delete", confirmSolution="scanner")
    assert "travel-expenses" in wrong.json["confirm"]
    full: dict[str, Any] = {"confirmSolution": "travel-expenses", "checklist": ["reports-submitted", "outlays-sent-in"]}
    assert end(office.anna, collaboration, outcome="delete", **full).status == 200
    assert "travel-expenses" not in [row["solution"] for row in account(office)["subscriptions"]]


def test_nobody_deletes_what_is_not_theirs(office: Office) -> None:
    """Where the account had it before, an end by the office is always `continue`; the customer may choose."""
    collaboration = office.collaborating(BJORK, "scanner")
    assert collaboration["outcomes"] == ["continue"]
    assert end(office.anna, collaboration, outcome="close").json["errors"][0]["pointer"] == "#/outcome"
    [mine] = office.user(BIRGITTA).get("/my/collaborations").json["items"]
    assert mine["outcomes"] == ["continue", "close"]


def test_an_active_bank_integration_is_warned_of(office: Office) -> None:
    """Closing stops it, so it has to be known; going on does not."""
    collaboration = bookkeeping(office)
    terms = account(office)["subscriptions"]
    active = [{**row, "bankIntegrationActive": "variant" in row} for row in terms]
    account(office, subscriptions=active)
    current = shown(office, collaboration)
    warned = end(office.anna, current, outcome="close")
    assert warned.json["confirm"] == ["bank-integration", "bookkeeping-invoicing"]
    known: dict[str, Any] = {"checklist": ["bank-integration"], "confirmSolution": "bookkeeping-invoicing"}
    assert end(office.anna, current, outcome="close", **known).status == 200


def test_the_account_must_be_left_in_somebodys_hands(office: Office) -> None:
    """`main-contact-needed`: refused with the way out, from either side."""
    collaboration = office.collaborating()
    account(office, mainContact=None)
    answer = end(office.anna, collaboration, outcome="continue")
    assert (answer.status, answer.slug) == (409, "main-contact-missing")
    assert end(office.user(BIRGITTA), collaboration, mine=True, outcome="continue").slug == "main-contact-missing"


def test_a_dated_end_can_be_seen_moved_and_cancelled(app: App, office: Office) -> None:
    """Until its day it is active; today means now; the past is refused."""
    collaboration = office.collaborating()
    past = end(office.anna, collaboration, outcome="continue", on="2026-11-23")
    assert past.json["errors"][0]["pointer"] == "#/on"
    arranged = end(office.anna, collaboration, outcome="continue", on="2026-12-31").json["collaboration"]
    assert (arranged["state"], arranged["endsOn"]) == ("active", "2026-12-31")
    assert "cancel-end" in arranged["actions"]
    moved = end(office.anna, arranged, outcome="continue", on="2027-01-31").json["collaboration"]
    path = f"/collaborations/{collaboration['id']}/scheduled-end"
    cancelled = office.anna.call("DELETE", path, headers={"If-Match": f'"{moved["revision"]}"'})
    assert (cancelled.status, cancelled.json["endsOn"]) == (200, None)
    assert history(office, collaboration)[:3] == ["end-cancelled", "end-scheduled", "end-scheduled"]
    app.clock.pass_(days=100)
    assert "ended" not in app.clean_up()
    today = end(office.anna, shown(office, collaboration), outcome="continue", on="2027-03-04")
    assert today.json["collaboration"]["state"] == "ended"


def test_a_dated_end_comes_on_its_day_in_sweden(app: App, office: Office) -> None:
    """At the start of the day, Swedish time; not a minute before."""
    collaboration = office.collaborating()
    end(office.anna, collaboration, outcome="continue", on="2026-12-01")
    app.clock.now = app.clock.now.replace(day=30, hour=22, minute=59)
    assert "ended" not in app.clean_up()
    app.clock.pass_(minutes=2)
    assert app.clean_up()["ended"] == 1
    now = shown(office, collaboration)
    assert (now["state"], now["endedBy"]["name"], now["endsOn"]) == ("ended", ANNA.name, None)
    app.drain_events()
    assert office.access(collaboration["id"]) == {}


def test_a_dated_end_that_is_not_possible_is_reported(app: App, office: Office) -> None:
    """`dated-end-checked-again`: on the collaboration and by mail to the task's owner, once, and it goes on."""
    collaboration = office.collaborating()
    end(office.anna, collaboration, outcome="continue", on="2026-12-01")
    account(office, mainContact=None)
    app.clock.pass_(days=10)
    counts = app.clean_up()
    assert (counts.get("endsFailed"), counts.get("ended")) == (1, None)
    now = shown(office, collaboration)
    assert now["state"] == "active"
    assert now["endProblem"]["type"].endswith("main-contact-missing")
    rows = {word: office.anna.get(f"/collaborations?withProblem={word}").json["items"] for word in ("true", "false")}
    assert {word: [row["id"] for row in found] for word, found in rows.items()} == {"true": [now["id"]], "false": []}
    app.drain_events()
    assert any("kunde inte avslutas" in mail.subject for mail in app.mails(BO.email))
    assert "endsFailed" not in app.clean_up()
    account(office, mainContact=BIRGITTA)
    assert end(office.anna, now, outcome="continue").status == 200


def test_an_end_by_the_customer(app: App, office: Office) -> None:
    """The same choices and confirmations; the task's owner is told; other collaborations are listed."""
    other = office.collaborating(BJORK, "scanner")
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="customer")
    birgitta = office.user(BIRGITTA)
    answer = end(birgitta, collaboration, mine=True, outcome="close")
    assert answer.status == 200, answer.text
    assert answer.json["collaboration"]["endedBy"] == {"side": "customer", "name": "Birgitta Björk"}
    assert [row["id"] for row in answer.json["remaining"]] == [other["id"]]
    app.drain_events()
    assert "avslutat" in app.mails(BO.email)[-1].subject
    assert end(birgitta, answer.json["collaboration"], mine=True, outcome="close").slug == "collaboration-ended"


def test_each_side_has_an_end_of_its_own(app: App, office: Office) -> None:
    """`each-side-its-own-end`: only that side moves or cancels it, and the earlier one happens."""
    collaboration = office.collaborating()
    birgitta = office.user(BIRGITTA)
    path = f"/collaborations/{collaboration['id']}/scheduled-end"
    end(birgitta, collaboration, mine=True, outcome="continue", on="2026-12-10")
    assert "cancel-end" not in shown(office, collaboration)["actions"]
    for on, first in (("2026-12-24", "2026-12-10"), ("2026-12-05", "2026-12-05")):
        both = end(office.anna, shown(office, collaboration), outcome="continue", on=on).json["collaboration"]
        assert both["endsOn"] == first
        assert sorted((arranged["side"], arranged["on"], arranged["outcome"]) for arranged in both["arrangedEnds"]) == [
            ("customer", "2026-12-10", "continue"),
            ("office", on, "continue"),
        ]
    etag = {"If-Match": f'"{shown(office, collaboration)["revision"]}"'}
    cancelled = office.anna.call("DELETE", path, headers=etag).json
    assert [arranged["side"] for arranged in cancelled["arrangedEnds"]] == ["customer"]
    again = office.anna.call("DELETE", path, headers={"If-Match": f'"{cancelled["revision"]}"'}).json
    assert again["arrangedEnds"] == cancelled["arrangedEnds"]
    app.clock.pass_(days=16)
    assert app.clean_up() == {"ended": 1}
    assert shown(office, collaboration)["endedBy"]["side"] == "customer"


def test_a_failed_end_stands_in_nobodys_way(app: App, office: Office) -> None:
    """It is shown with its problem, while the other side arranges, and carries out, an end of its own."""
    collaboration = office.collaborating()
    birgitta = office.user(BIRGITTA)
    end(office.anna, collaboration, outcome="continue", on="2026-12-01")
    account(office, mainContact=None)
    app.clock.pass_(days=7)
    assert app.clean_up() == {"endsFailed": 1}
    failed = shown(office, collaboration)
    assert failed["endProblem"]["type"].endswith("main-contact-missing")
    account(office, mainContact=BIRGITTA)
    arranged = end(birgitta, failed, mine=True, outcome="continue", on="2026-12-10").json["collaboration"]
    assert (arranged["endsOn"], len(arranged["arrangedEnds"])) == ("2026-12-10", 2)
    app.clock.pass_(days=10)
    assert app.clean_up() == {"ended": 1}
    assert shown(office, collaboration)["endedBy"]["side"] == "customer"


@pytest.mark.parametrize("origin", ["import", "invitation"])
def test_unlinking_shows_at_once_what_it_leaves(app: App, office: Office, origin: str) -> None:
    """The company's name and what is missing now, before the access service has heard of it."""
    made = office.imported() if origin == "import" else office.collaborating(DAHL)
    path = f"/collaborations/{made['id']}/link"
    if origin == "import":
        link = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
        made = done_at_revision(office.anna, "PUT", path, made, link)
        app.drain_events()
    at_once = done_at_revision(office.anna, "DELETE", path, made)
    app.drain_events()
    later = shown(office, made)
    assert (at_once["accountName"], at_once["toDo"]) == (DAHL.name, ["task-missing"])
    assert at_once == {**later, "mails": at_once["mails"]}


@pytest.mark.parametrize(
    ("number", "name", "missing"),
    [
        (DAHL.organisation_number, DAHL.name, ["task-missing"]),
        (CEDER.organisation_number, None, ["account-missing", "task-missing"]),
    ],
)
def test_an_import_shows_at_once_what_it_has(
    app: App, office: Office, number: str, name: str | None, missing: list[str]
) -> None:
    """The company's name and what is missing, before the access service has heard of it; one is in no register."""
    body = {"rows": [{**UNLINKED, "organisationNumber": number}]}
    (row,) = office.platform.post(f"/platform/offices/{office.id}/collaborations/import", body).json["rows"]
    at_once = office.anna.get(f"/collaborations/{row['collaborationId']}").json
    assert (at_once["accountName"], at_once["toDo"]) == (name, missing)
    app.drain_events()
    assert shown(office, at_once) == at_once


def test_unlinking_does_not_undo_an_arranged_end(app: App, office: Office) -> None:
    """An import of a company with two accounts, linked to one: its people see the end, and it happens."""
    collaboration = office.imported()
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    path = f"/collaborations/{collaboration['id']}/link"
    linked = office.anna.put(path, body, headers={"If-Match": f'"{collaboration["revision"]}"'}).json
    disa = office.user(DAHL.contact.email)
    arranged = end(disa, linked, mine=True, outcome="close", on="2026-12-10").json["collaboration"]
    second = {**account(office, linked["accountId"]), "subscriptions": []}
    del second["id"]
    office.put("/platform/accounts/dahl-second", second)
    unlinked = office.anna.call("DELETE", path, headers={"If-Match": f'"{arranged["revision"]}"'}).json
    app.drain_events()
    assert (unlinked["linked"], unlinked["endsOn"], unlinked["accountId"]) == (False, "2026-12-10", linked["accountId"])
    [mine] = disa.get("/my/collaborations").json["items"]
    assert mine["endsOn"] == "2026-12-10"
    app.clock.pass_(days=16)
    assert app.clean_up() == {"ended": 1}
    assert shown(office, collaboration)["outcome"] == "close"


def test_account_users_see_their_part(app: App, office: Office) -> None:
    """Access and history of their own companies; not the office's affairs; nothing of others."""
    collaboration = office.imported()
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    office.anna.put(f"/collaborations/{collaboration['id']}/link", body, headers={"If-Match": '"1"'})
    app.drain_events()
    disa = office.user(DAHL.contact.email)
    [mine] = disa.get("/my/collaborations").json["items"]
    assert (mine["id"], mine["officeName"]) == (collaboration["id"], "Redovisningsbyrån Ek & Lind")
    path = f"/my/collaborations/{collaboration['id']}"
    assert len(disa.get(f"{path}/access").json["items"]) == 3
    kinds = {row["kind"] for row in disa.get(f"{path}/history").json["items"]}
    assert kinds == {"access-granted"}
    stranger = office.user(BIRGITTA)
    for what in ("access", "history"):
        assert stranger.get(f"{path}/{what}").slug == "not-found"
    assert end(stranger, shown(office, collaboration), mine=True, outcome="continue").slug == "not-found"
    assert office.user("berit@bjork-brown.example").get("/my/collaborations").slug == "not-allowed"


def test_one_timeline_from_the_invitation_to_the_end(app: App, office: Office) -> None:
    """The invitation and the collaboration tell the same story, the newest first."""
    collaboration = bookkeeping(office)
    patch(office.anna, collaboration, {"invoiceRecipient": "customer"})
    end(office.anna, shown(office, collaboration), outcome="continue")
    app.drain_events()
    kinds = history(office, collaboration)
    assert kinds[::-1][:4] == [
        "invitation-sent",
        "invitation-accepted",
        "subscription-started",
        "collaboration-started",
    ]
    assert {"collaboration-changed", "collaboration-ended", "access-granted", "access-revoked"} <= set(kinds)
    invitation = collaboration["id"].replace("col-", "inv-")
    of_request = office.anna.get(f"/invitations/{invitation}/history?limit=100").json["items"]
    assert [row["kind"] for row in of_request] == kinds


# Linking


def test_suggestions_are_active_tasks_of_the_same_number(app: App, office: Office) -> None:
    """Latest changed first, with the reasons; inactive tasks and other companies are none."""
    base = f"/platform/offices/{office.id}/customers/{DAHL.id}/tasks"
    app.clock.pass_(hours=1)
    office.put(f"{base}/newer", {"name": "Bokslut", "owner": "anna", "participants": [], "active": True})
    office.put(f"{base}/old", {"name": "Gammalt", "owner": "anna", "participants": [], "active": False})
    collaboration = office.imported()
    rows = office.bo.get(f"/collaborations/{collaboration['id']}/link-suggestions").json["items"]
    assert [(row["customerId"], row["taskId"], row["solution"]) for row in rows] == [
        (DAHL.id, "newer", "scanner"),
        (DAHL.id, DAHL.task_id, "scanner"),
    ]
    assert [len(row["why"]) for row in rows] == [3, 2]


def test_two_clerks_link_at_once(office: Office) -> None:
    """One wins, the other is told."""
    collaboration = office.imported()
    path = f"/collaborations/{collaboration['id']}/link"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}

    def link(person: Person) -> int:
        return person.put(path, body, headers={"If-Match": '"1"'}).status

    with ThreadPoolExecutor() as threads:
        assert sorted(threads.map(link, (office.anna, office.bo))) == [200, 412]


def test_linking_needs_what_belongs_together(app: App, office: Office) -> None:
    """The imported solution, a customer of that number, an account, an active task, and no second one."""
    collaboration = office.imported()
    path, etag = f"/collaborations/{collaboration['id']}/link", {"If-Match": '"1"'}
    right = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    wrong = {
        "solution": ({**right, "solution": "smart-office"}, "validation-failed"),
        "number": ({**right, "customerId": BJORK.id}, "validation-failed"),
        "task": ({**right, "taskId": "nobodys"}, "task-not-selectable"),
        "customer": ({**right, "customerId": "nobody"}, "not-found"),
    }
    for body, slug in wrong.values():
        assert office.anna.put(path, body, headers=etag).slug == slug
    office.invited(DAHL, "scanner")
    taken = office.anna.put(path, right, headers=etag)
    assert (taken.slug, taken.location.startswith("/invitations/")) == ("already-invited", True)


def test_an_import_that_nothing_is_known_of_is_kept(app: App, office: Office) -> None:
    """No account, no customer, no task: each is kept, shown as unlinked, and says what is missing."""
    unknown = office.imported(organisationNumber="5566778899", reference="desktop-1")
    no_account = office.imported(organisationNumber=CEDER.organisation_number, reference="desktop-2")
    no_task = office.imported(reference="desktop-3")
    rows = {row["id"]: row["toDo"] for row in office.anna.get("/collaborations?linked=false").json["items"]}
    assert rows == {
        unknown["id"]: ["account-missing", "customer-missing", "task-missing"],
        no_account["id"]: ["account-missing", "task-missing"],
        no_task["id"]: ["task-missing"],
    }
    again = office.platform.post(
        f"/platform/offices/{office.id}/collaborations/import",
        {"rows": [{**UNLINKED, "organisationNumber": "5566778899", "reference": "desktop-1"}]},
    )
    assert again.json["rows"][0]["status"] == "exists"
    assert "problem" not in again.json["rows"][0]


def test_a_corrected_import_says_what_it_does_not_correct(office: Office) -> None:
    """`import-stays-as-imported`: the number was wrong, or the solution was not noted; the row says so."""
    before = office.imported(organisationNumber="5566778899", reference="desktop-1")
    rows = [
        {"organisationNumber": BJORK.organisation_number, "reference": "desktop-2"},
        {"organisationNumber": BJORK.organisation_number, "reference": "desktop-1"},
    ]
    path = f"/platform/offices/{office.id}/collaborations/import"
    new, again = office.platform.post(path, {"rows": rows}).json["rows"]
    assert (new["status"], again["status"], again["collaborationId"]) == ("imported", "exists", before["id"])
    problem = again["problem"]
    assert {error["pointer"]: error["code"] for error in problem["errors"]} == {
        "#/rows/1/organisationNumber": "not-available",
        "#/rows/1/solution": "not-available",
    }
    assert "new reference" in office.platform.post(path, {"rows": rows}, headers={"Accept-Language": "en"}).text
    assert shown(office, before)["organisationNumber"] == "5566778899"


def test_an_unlinked_one_is_warned_of_before_a_new_one_starts(office: Office) -> None:
    """`unlinked-exists` in the preview, and nothing in the way."""
    office.imported()
    preview = office.anna.post("/collaborations/preview", office.proposal(DAHL, "scanner")).json
    assert [warning["type"] for warning in preview["warnings"]] == ["unlinked-exists"]
    assert preview["problems"] == []


# Locks and logins


def test_the_company_type_is_locked_by_tax(office: Office) -> None:
    """`company-type-locked`: between private individual and sole trader, while the collaboration is active."""
    path = f"/platform/offices/{office.id}/customers/{ALMBERG.id}"
    office.put(path, {**ALMBERG.body(), "companyType": "sole-trader"})
    tax = office.activate(ALMBERG, "tax-annual-accounts").json
    locked = office.platform.put(path, {**ALMBERG.body(), "companyType": "private-individual"})
    assert (locked.status, locked.slug) == (409, "company-type-locked")
    assert office.platform.put(path, {**ALMBERG.body(), "companyType": "limited-company"}).status == 200
    office.put(path, {**ALMBERG.body(), "companyType": "sole-trader"})
    assert end(office.anna, tax, outcome="close").status == 200
    assert office.platform.put(path, {**ALMBERG.body(), "companyType": "private-individual"}).status == 200


def test_organisation_numbers_in_use_stay(office: Office) -> None:
    """Of a customer and of an account, while a request or a collaboration lives on them."""
    office.invited()
    customer = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    assert office.platform.put(customer, {**BJORK.body(), "organisationNumber": "5566778899"}).slug == "in-use"
    body = {name: value for name, value in account(office).items() if name != "id"}
    moved = {**body, "organisationNumber": "5566778899"}
    assert office.platform.put("/platform/accounts/account-bjork", moved).slug == "in-use"
    office.decide(BIRGITTA)
    assert office.platform.put("/platform/accounts/account-bjork", moved).slug == "in-use"


def test_the_login_mail_is_sent_again_until_somebody_signs_in(app: App, office: Office) -> None:
    """Limits as for reminders; its delivery is on the collaboration; once somebody has been here it is over."""
    collaboration = office.activate().json
    app.drain_events()
    path = f"/collaborations/{collaboration['id']}/resend-login"
    assert office.bo.post(path).slug == "not-allowed"
    assert office.anna.post(path).status == 202
    app.drain_events()
    assert len(app.mails(CEDER.contact.email)) == 2
    mails = shown(office, collaboration)["mails"]
    assert [(mail["kind"], mail["delivery"]) for mail in mails] == [("login-instructions", "sent")] * 2
    assert office.anna.post(path).slug == "reminder-too-soon"
    app.clock.pass_(days=1)
    assert office.user(CEDER.contact.email).get("/my/collaborations").status == 200
    signed_in = office.anna.post(path)
    assert (signed_in.slug, "signed in" in signed_in.json["detail"]) == ("no-reminders-left", True)
    invited = office.collaborating()
    assert office.anna.post(f"/collaborations/{invited['id']}/resend-login").slug == "no-reminders-left"


def test_no_login_mail_is_sent_to_nobody(app: App, office: Office) -> None:
    """An account whose administrators are gone: nothing is counted as sent, and the answer says how to fix it."""
    collaboration = office.activate().json
    app.drain_events()
    path = f"/platform/accounts/{collaboration['accountId']}"
    body = {name: value for name, value in office.platform.get(path).json.items() if name != "id"}
    office.put(path, {**body, "users": [], "mainContact": None})
    refused = office.anna.post(f"/collaborations/{collaboration['id']}/resend-login")
    assert (refused.status, refused.slug) == (409, "no-administrator")
    assert "login instructions" in refused.json["detail"]
    office.put(path, body)
    assert office.anna.post(f"/collaborations/{collaboration['id']}/resend-login").status == 202
    app.drain_events()
    assert len(app.mails(CEDER.contact.email)) == 2
