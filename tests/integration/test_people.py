"""Who is signed in, who works here, and the names in a collaboration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.people import ANNA, BJORK, BO, OFFICE_ID, UNLINKED, Office

if TYPE_CHECKING:
    from support.app import App


def test_an_employee_is_told_who_they_are(office: Office) -> None:
    """With the office, its language, and whether they may decide."""
    assert office.anna.get("/me").json == {
        "class": "employee",
        "officeId": OFFICE_ID,
        "office": {"name": office.platform.get(f"/platform/offices/{OFFICE_ID}").json["name"], "locale": "sv"},
        "employeeId": ANNA.id,
        "name": ANNA.name,
        "email": ANNA.email,
        "mayDecide": True,
    }
    assert office.employee(BO.id).get("/me").json["mayDecide"] is False


def test_an_account_user_is_told_which_accounts_they_administer(office: Office) -> None:
    """None is no refusal here: the page says what to do then."""
    assert BJORK.account is not None
    birgitta = office.user(BJORK.contact.email).get("/me").json
    assert birgitta == {
        "class": "account-user",
        "email": BJORK.contact.email,
        "accounts": [{"id": BJORK.account.id, "name": BJORK.name}],
    }
    assert office.user("nobody@elsewhere.example").get("/me").json["accounts"] == []


def test_the_platform_is_told_its_class(office: Office) -> None:
    """And nothing else."""
    assert office.platform.get("/me").json == {"class": "platform"}


def test_strangers_are_nobody(office: Office) -> None:
    """Not signed in; unknown; inactive; an address that is not verified."""
    assert office.nobody.get("/me").slug == "unauthenticated"
    assert office.employee("nobody").get("/me").slug == "not-allowed"
    assert office.employee("david").get("/me").slug == "not-allowed"
    assert office.user(BJORK.contact.email, verified=False).get("/me").slug == "not-allowed"


def test_employees_are_found_by_name(office: Office) -> None:
    """Active or not, for filters and pickers; by part of the name."""
    rows = office.bo.get("/employees").json["items"]
    assert {row["id"]: row["active"] for row in rows} == {"anna": True, "bo": True, "cecilia": True, "david": False}
    assert set(rows[0]) == {"id", "name", "active"}
    [anna] = office.anna.get(f"/employees?query={ANNA.name[1:4].upper()}").json["items"]
    assert anna["name"] == ANNA.name
    assert office.anna.get("/employees?limit=1").json["next"]


def test_a_collaboration_names_its_task_and_owner(app: App, office: Office) -> None:
    """An object, or null while it is unlinked; the names follow the directory."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}"
    assert collaboration["task"]["id"] == BJORK.task_id
    owner = BJORK.task()["owner"]
    assert collaboration["task"]["name"] == BJORK.task()["name"]
    assert collaboration["task"]["owner"]["employeeId"] == owner
    tasks = f"/platform/offices/{OFFICE_ID}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    office.put(tasks, {**BJORK.task(), "name": "Another name"})
    app.drain_events()
    assert office.anna.get(path).json["task"]["name"] == "Another name"
    assert office.imported()["task"] is None


@pytest.mark.parametrize("name", ["endsBefore", "renewsBefore"])
def test_lists_before_a_day(office: Office, name: str) -> None:
    """The day itself is not before it; no date is a fault that names the parameter."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}"
    etag = {"If-Match": f'"{collaboration["revision"]}"'}
    ended = office.anna.post(f"{path}/end", {"on": "2026-12-24", "outcome": "continue"}, headers=etag).json
    day = {"endsBefore": "2026-12-24", "renewsBefore": ended["collaboration"]["renewsOn"]}[name]
    on_the_day = office.anna.get(f"/collaborations?{name}={day}").json["items"]
    later = office.anna.get(f"/collaborations?{name}=2036-01-01").json["items"]
    assert ([row["id"] for row in on_the_day], [row["id"] for row in later]) == ([], [collaboration["id"]])
    answer = office.anna.get(f"/collaborations?{name}=soon")
    assert [(field["pointer"], field["code"]) for field in answer.json["errors"]] == [(f"#/{name}", "invalid")]


def test_account_users_get_the_words_of_what_occurs(office: Office) -> None:
    """The solutions of their invitations and collaborations, and no other."""
    office.invited(BJORK, "scanner")
    found = office.user(BJORK.contact.email).get("/my/solutions").json
    assert [(row["key"], row["name"]["sv"]) for row in found["items"]] == [("scanner", "Scanner")]
    assert office.user("nobody@elsewhere.example").get("/my/solutions").slug == "not-allowed"
    assert UNLINKED["reference"]
