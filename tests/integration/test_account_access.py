"""Access over all collaborations, in which variant; whose access history tells of; what an office may have to do."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.values import Locale
from collaboration.wording import text
from support.people import ANNA, BJORK, BO, CECILIA, CEDER, DAVID, OFFICE_ID, Office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.app import App

TOP = "bookkeeping-invoicing-plus"
SET_UP = {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12}


def test_a_sign_in_asks_one_question(office: Office) -> None:
    """May this person open this solution of this account, and why."""
    assert BJORK.account is not None
    collaboration = office.collaborating(BJORK, "scanner")
    path = f"/platform/accounts/{BJORK.account.id}/access"
    everybody = office.platform.get(path).json["items"]
    assert {row["person"]["email"]: row["side"] for row in everybody}[BJORK.contact.email] == "customer"
    [row] = office.platform.get(f"{path}?email={BJORK.contact.email}&solution=scanner").json["items"]
    [solution] = row["solutions"]
    assert solution["key"] == "scanner"
    assert [(why["collaborationId"], why["role"]) for why in solution["reasons"]] == [
        (collaboration["id"], "administrator")
    ]
    assert office.platform.get(f"{path}?email={BJORK.contact.email}&solution=payroll").json["items"] == []


def test_the_question_names_what_there_is(office: Office) -> None:
    """An account that is not there, a solution that is none, an address that cannot be; and only the platform asks."""
    assert BJORK.account is not None
    path = f"/platform/accounts/{BJORK.account.id}/access"
    for query in ("", "?email=nobody", "?limit=0"):
        assert office.platform.get(f"/platform/accounts/none/access{query}").slug == "not-found"
    assert office.platform.get(f"{path}?solution=no-such").json["errors"][0]["pointer"] == "#/solution"
    assert office.platform.get(f"{path}?email=nobody").json["errors"][0]["pointer"] == "#/email"
    assert office.anna.get(path).slug == "not-allowed"


def test_one_address_at_two_offices_is_two_employees(app: App, office: Office) -> None:
    """Each with their own id, office and reasons; page by page too, however small the pages are."""
    assert BJORK.account is not None
    other = Office(app, "siffror")
    other.feed_office_only()
    other.put(f"/platform/offices/{other.id}/employees/bosse", BO.body())
    task_path = f"/platform/offices/{other.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    other.put(task_path, {**BJORK.task(), "owner": "bosse"})
    expected = {
        (office.id, BO.id, office.collaborating()["id"]),
        (other.id, "bosse", other.collaborating()["id"]),
    }
    path = f"/platform/accounts/{BJORK.account.id}/access"
    rows = office.platform.get(f"{path}?email={BO.email}&solution=scanner").json["items"]
    assert {
        (row["officeId"], row["person"]["employeeId"], why["collaborationId"])
        for row in rows
        for solution in row["solutions"]
        for why in solution["reasons"]
    } == expected
    assert len(rows) == 2
    everybody = office.platform.get(path).json["items"]
    assert {"officeId" in row for row in everybody if row["side"] == "customer"} == {False}
    assert pages(office, path, limit=1) == [[row] for row in everybody]
    assert pages(office, path, limit=2) == [everybody[at : at + 2] for at in range(0, len(everybody), 2)]


def test_who_is_an_employee_and_an_administrator_stands_in_two_rows(app: App, office: Office) -> None:
    """A page that has room for one says that there is more."""
    collaboration = office.collaborating()
    assert collaboration
    assert BJORK.account is not None
    users = [{"email": BO.email, "name": "Bo Lind", "role": "administrator"}]
    office.put(
        f"/platform/accounts/{BJORK.account.id}",
        {**BJORK.account.body(BJORK), "users": users, "mainContact": BO.email},
    )
    app.drain_events()
    path = f"/platform/accounts/{BJORK.account.id}/access?email={BO.email}"
    assert [[row["side"] for row in page] for page in pages(office, path, limit=1)] == [["customer"], ["office"]]


@pytest.mark.parametrize("where", ["on the task", "in another collaboration", "at another office"])
def test_whoever_shares_an_address_is_told_of_by_themselves(app: App, office: Office, where: str) -> None:
    """Events name an employee and no address: what each has gained and lost adds up, whoever else has it."""
    at = f"/platform/offices/{office.id}"
    office.put(f"{at}/employees/{CECILIA.id}", {**CECILIA.body(), "email": BO.email})
    task = f"{at}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    office.put(task, {**BJORK.task(), "participants": [CECILIA.id] if where == "on the task" else []})
    office.collaborating()
    if where == "in another collaboration":
        office.put(f"{at}/customers/{BJORK.id}/tasks/other", {**BJORK.task(), "owner": CECILIA.id, "participants": []})
        office.collaborating(BJORK, "smart-office", taskId="other", invoiceRecipient="office")
    if where == "at another office":
        other = Office(app, "siffror")
        other.feed_office_only()
        other.put(f"/platform/offices/{other.id}/employees/{CECILIA.id}", {**CECILIA.body(), "email": BO.email})
        other.put(f"/platform/offices/{other.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}", BJORK.task())
        other.collaborating()
    app.drain_events()
    left = {**BJORK.task(), "owner": DAVID.id, "participants": [CECILIA.id] if where == "on the task" else []}
    office.put(task, left)
    [lost] = access_events(app, "AccessRevoked")
    assert (lost["employeeId"], lost["what"]) == (BO.id, ("account", "solution"))


def access_events(app: App, name: str) -> list[Mapping[str, Any]]:
    """The details of the events of that name that follow from now on."""
    found = []
    while messages := app.new_messages():
        for message in messages:
            found += [message.detail] if message.name == name else []
            app.deliver(message)
    return found


def test_a_cursor_of_access_is_one_that_was_given(office: Office) -> None:
    """Also one that is made up from another."""
    office.collaborating()
    assert BJORK.account is not None
    path = f"/platform/accounts/{BJORK.account.id}/access"
    cursor = office.platform.get(f"{path}?limit=1").json["next"]
    fingerprint, position = json.loads(urlsafe_b64decode(cursor + "=="))
    for made_up in ("#", f"{position}#", f"{position}#-1", f"{position}#one", f"{position}#²"):
        text_of_it = urlsafe_b64encode(json.dumps([fingerprint, made_up]).encode()).decode().rstrip("=")
        assert office.platform.get(f"{path}?limit=1&cursor={text_of_it}").slug == "malformed-request", made_up


def pages(office: Office, path: str, *, limit: int) -> list[Any]:
    """The rows of every page of a list, page by page."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = office.platform.get(
            f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor and f'&cursor={cursor}'}"
        )
        assert answer.status == 200, answer.text
        found.append(answer.json["items"])
        cursor = answer.json["next"]
    return found


def test_employees_work_in_the_top_variant(office: Office) -> None:
    """Whatever the customer has: foreseen, through the collaboration, and at sign-in."""
    proposal = office.proposal(BJORK, "bookkeeping-invoicing", **SET_UP)
    preview = office.anna.post("/collaborations/preview", proposal)
    variants = {access["side"]: access.get("variant") for access in preview.json["access"]}
    assert variants["office"] == TOP
    collaboration = office.collaborating(BJORK, "bookkeeping-invoicing", **SET_UP)
    own = collaboration["setup"].get("variant")
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/access").json["items"]
    assert {(row["side"], row.get("variant")) for row in rows} == {("office", TOP), ("customer", own)}
    mine = office.user(BJORK.contact.email).get(f"/my/collaborations/{collaboration['id']}/access").json["items"]
    assert {row.get("variant") for row in mine if row["side"] == "office"} == {TOP}


def test_history_says_whose_access_it_was(app: App, office: Office) -> None:
    """Name, side and an employee's id, of what was granted and revoked; no event carries the name."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}/history"
    granted = [row["person"] for row in office.anna.get(path).json["items"] if row["kind"] == "access-granted"]
    owner = BJORK.task()["owner"]
    assert {person.get("employeeId") for person in granted if person["side"] == "office"} >= {owner}
    assert {person["side"] for person in granted} == {"office", "customer"}
    assert all(person["name"] for person in granted)
    task = {**BJORK.task(), "owner": BO.id if owner == ANNA.id else ANNA.id, "participants": []}
    office.put(f"/platform/offices/{OFFICE_ID}/customers/{BJORK.id}/tasks/{BJORK.task_id}", task)
    messages = [*app.new_messages()]
    app.pending_messages += messages
    app.drain_events()
    revoked = [row for row in office.anna.get(path).json["items"] if row["kind"] == "access-revoked"]
    assert owner in {row["person"]["employeeId"] for row in revoked}
    others = [row for row in office.anna.get(path).json["items"] if not row["kind"].startswith("access-")]
    assert not any("person" in row for row in others)


def test_a_summary_counts_what_may_have_to_be_done(office: Office) -> None:
    """Of the caller's office; each with whether there are more than were counted."""
    before = office.bo.get("/summary").json
    assert before == {
        "invitations": {
            name: {"count": 0, "more": False} for name in ("pending", "expiringSoon", "bounced", "withObstacle")
        },
        "collaborations": {
            name: {"count": 0, "more": False} for name in ("active", "unlinked", "endsSoon", "withProblem")
        },
    }
    office.invited()
    office.imported()
    after = office.bo.get("/summary").json
    assert after["invitations"]["pending"]["count"] == 1
    assert (after["collaborations"]["active"]["count"], after["collaborations"]["unlinked"]["count"]) == (1, 1)


def test_no_invitation_is_promised_where_none_is_sent(office: Office) -> None:
    """Payroll has no door until its variant is known; a new company gets login instructions."""
    open_route = office.anna.post("/collaborations/preview", office.proposal(BJORK, "payroll")).json
    assert open_route["door"] is None
    assert "invitation" not in {mail["kind"] for mail in open_route["mails"]}
    new_company = office.anna.post("/collaborations/preview", office.proposal(CEDER)).json
    assert {mail["kind"] for mail in new_company["mails"]} == {"login-instructions"}


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_an_ends_problem_is_told_in_the_offices_language(app: App, office: Office, locale: str) -> None:
    """To an employee who asks for none: in the one, in the list, at the customer, and in a refusal."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}"
    etag = {"If-Match": f'"{collaboration["revision"]}"'}
    office.anna.post(f"{path}/end", {"on": "2026-12-01", "outcome": "continue"}, headers=etag)
    assert BJORK.account is not None
    register = office.platform.get(f"/platform/accounts/{BJORK.account.id}").json
    office.put(f"/platform/accounts/{BJORK.account.id}", {**without_id(register), "mainContact": None})
    base = f"/platform/offices/{OFFICE_ID}"
    office.put(base, {**without_id(office.platform.get(base).json), "locale": locale})
    app.clock.pass_(days=10)
    app.clean_up()
    title = text(Locale(locale), "problem.main-contact-missing.title")
    claims = office.anna.claims
    assert app.call("GET", path, claims=claims).json["endProblem"]["title"] == title
    assert app.call("GET", "/collaborations", claims=claims).json["items"][0]["endProblem"]["title"] == title
    customer = app.call("GET", f"/customers/{BJORK.id}", claims=claims).json
    assert customer["collaborations"][0]["endProblem"]["title"] == title
    refusal = app.call("GET", "/collaborations/col-none", claims=claims).json
    assert refusal["title"] == text(Locale(locale), "problem.not-found.title")


def without_id(body: dict[str, Any]) -> dict[str, Any]:
    """What was put, of the answer to a GET."""
    return {name: value for name, value in body.items() if name != "id"}
