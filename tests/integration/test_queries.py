"""What employees and account users find: by part of a name, by day, by solution."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

import pytest
from collaboration.domain.model.values import AgreementId, Email, EmployeeId, OfficeId
from collaboration.queries.account_user import list_solutions
from collaboration.queries.collaborations import CollaborationFilter, list_collaborations
from collaboration.queries.customers import list_customers
from collaboration.queries.employees import list_employees
from collaboration.queries.paging import PageRequest
from collaboration.queries.summary import show_summary
from collaboration.services import Caller
from collaboration.storage.actions import put as put_action
from collaboration.storage.markers import Marker, put_marker
from support.collaborations import done_at_revision
from support.people import ANNA, BJORK, BO, CECILIA, DAHL, Office

if TYPE_CHECKING:
    from support.app import App

PAGE = PageRequest(25, None)


def anna(office: Office) -> Caller:
    """Anna, as a query knows her."""
    return Caller(OfficeId(office.id), EmployeeId(ANNA.id))


def test_employees_are_found_by_part_of_the_name(app: App, office: Office) -> None:
    """Without case and accents, in the order of their names, page by page."""
    body = {"email": "a@ek-lind.example", "fullUserRights": False, "administrator": False, "active": False}
    office.put(f"/platform/offices/{office.id}/employees/asa", {**body, "name": "Åsa Öberg"})
    found = list_employees(app.services, anna(office), "ASA OB", PAGE)
    assert [(key, employee.active) for key, employee in found.rows] == [("asa", False)]
    first = list_employees(app.services, anna(office), "", PageRequest(2, None))
    rest = list_employees(app.services, anna(office), "", PageRequest(25, first.cursor))
    assert [key for key, _ in (*first.rows, *rest.rows)] == ["anna", "asa", "bo", "cecilia", "david"]
    assert [key for key, _ in list_customers(app.services, anna(office), "bjork", PAGE).rows] == [BJORK.id]


def test_a_list_row_names_the_task_and_its_owner(app: App, office: Office) -> None:
    """At once after each change of the task, and as the directory has them later."""
    office.collaborating()

    def row() -> tuple[str | None, str | None]:
        [found] = list_collaborations(app.services, anna(office), CollaborationFilter(), PAGE).rows
        return found.list_row.task_name, found.list_row.owner_name

    task_name = BJORK.task()["name"]
    assert row() == (task_name, BO.name)
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
    office.put(path, {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True})
    [found] = office.anna.get("/collaborations").json["items"]
    edited = office.anna.call(
        "PATCH", f"/collaborations/{found['id']}", {"taskId": "other"}, headers={"If-Match": f'"{found["revision"]}"'}
    )
    assert edited.status == 200, edited.text
    assert row() == ("Bokslut", CECILIA.name)
    office.put(f"/platform/offices/{office.id}/employees/{CECILIA.id}", {**CECILIA.body(), "name": "Cecilia Ny"})
    app.drain_events()
    assert row() == ("Bokslut", "Cecilia Ny")


def test_a_linked_import_names_the_task_and_its_owner_at_once(app: App, office: Office) -> None:
    """Before the access service has run."""
    collaboration = office.imported()
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = office.anna.put(f"/collaborations/{collaboration['id']}/link", body, headers={"If-Match": '"1"'})
    assert linked.status == 200, linked.text
    [found] = list_collaborations(app.services, anna(office), CollaborationFilter(), PAGE).rows
    assert (found.list_row.task_name, found.list_row.owner_name) == (DAHL.task()["name"], BO.name)


def test_collaborations_are_found_by_the_day_of_their_end_or_renewal(app: App, office: Office) -> None:
    """What ends or renews before a day, not on it; what neither ends nor renews is not found."""
    kept = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    ending = office.collaborating(BJORK, "scanner")
    ended = office.anna.post(
        f"/collaborations/{ending['id']}/end",
        {"on": "2026-12-31", "outcome": "continue"},
        headers={"If-Match": f'"{ending["revision"]}"'},
    )
    assert ended.status == 200, ended.text

    def ids(**filters: date) -> set[str]:
        rows = list_collaborations(app.services, anna(office), CollaborationFilter(**filters), PAGE).rows  # type: ignore[arg-type]
        return {row.id for row in rows}

    assert ids(ends_before=date(2027, 1, 1)) == {ending["id"]}
    assert ids(ends_before=date(2026, 12, 31)) == set()
    renews_on = date.fromisoformat(kept["renewsOn"])
    assert kept["id"] in ids(renews_before=renews_on.replace(year=renews_on.year + 1))
    assert kept["id"] not in ids(renews_before=renews_on)


def test_an_account_user_sees_the_solutions_that_occur(app: App, office: Office) -> None:
    """Those of invitations and of collaborations, and no others."""
    office.collaborating(BJORK, "scanner")
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    found = list_solutions(app.services, Email(BJORK.contact.email), PageRequest(25, None))
    assert [solution.key for solution in found.rows] == ["scanner", "smart-office"]


def counts(app: App, office: Office) -> dict[str, int]:
    """The summary's counts, none of which has more."""
    summary = show_summary(app.services, anna(office))
    found = {field.name: getattr(summary, field.name) for field in fields(summary)}
    assert not any(count.more for count in found.values())
    return {name: count.count for name, count in found.items() if count.count}


def test_the_summary_counts_invitations_as_they_come_and_go(app: App, office: Office) -> None:
    """Pending ones by the clock, swept or not; what is decided, revoked or expired is none."""
    assert counts(app, office) == {}
    office.invited(BJORK, "scanner")
    revoked = office.invited(BJORK, "employee-payslip")
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    assert counts(app, office) == {"pending": 3}
    assert office.decide(BJORK.contact.email, "decline").status == 200
    assert office.anna.post(f"/invitations/{revoked['id']}/revoke").status == 200
    assert counts(app, office) == {"pending": 1}
    app.clock.pass_(days=12)
    assert counts(app, office) == {"pending": 1, "expiring_soon": 1}
    app.clock.pass_(days=3)
    assert counts(app, office) == {}
    app.clean_up()
    assert not [key for key in app.client.items if key[1].startswith("MARKER#")]


def test_the_summary_counts_a_bounced_invitation_until_it_is_over(app: App, office: Office) -> None:
    """One whose mail came back; sent again to a new address, or revoked, it is none any more."""
    invitation = office.invited(BJORK, "scanner")
    [mail, *_] = [message for message in app.client.items if message[0].startswith("MESSAGE#")]
    event = {
        "eventType": "Bounce",
        "mail": {"messageId": mail[0].removeprefix("MESSAGE#"), "tags": {}},
        "bounce": {"bounceType": "Permanent"},
    }
    answer = office.platform.post("/platform/mail-events", {"detail-type": "Email Bounced", "detail": event})
    assert answer.json == {"kept": True}, answer.text
    assert counts(app, office) == {"pending": 1, "bounced": 1}
    office.anna.post(f"/invitations/{invitation['id']}/revoke")
    assert counts(app, office) == {}


def test_the_summary_counts_collaborations(app: App, office: Office) -> None:
    """Active, unlinked, with an end soon, and with an end that failed."""
    office.imported()
    collaboration = office.collaborating(BJORK, "scanner")
    assert counts(app, office) == {"active": 2, "unlinked": 1}
    path = f"/collaborations/{collaboration['id']}"
    arranged = office.anna.post(
        f"{path}/end",
        {"on": "2026-12-01", "outcome": "continue"},
        headers={"If-Match": f'"{collaboration["revision"]}"'},
    )
    assert arranged.status == 200, arranged.text
    assert counts(app, office) == {"active": 2, "unlinked": 1, "ends_soon": 1}
    record = office.platform.get("/platform/accounts/account-bjork").json
    del record["id"]
    office.put("/platform/accounts/account-bjork", {**record, "mainContact": None})
    app.clock.pass_(days=8)
    app.clean_up()
    assert counts(app, office) == {"active": 2, "unlinked": 1, "with_problem": 1}


@pytest.mark.parametrize(("day", "count"), [("2026-12-23", 1), ("2026-12-24", 0)])
@pytest.mark.parametrize("hours", [0, 13])
def test_what_is_said_to_end_soon_is_in_the_list_of_it(
    app: App, office: Office, day: str, count: int, hours: int
) -> None:
    """Thirty days from 24 November, whatever the hour of that day in Sweden: the list and the count agree."""
    collaboration = office.collaborating(BJORK, "scanner")
    done_at_revision(
        office.anna,
        "POST",
        f"/collaborations/{collaboration['id']}/end",
        collaboration,
        {"on": day, "outcome": "continue"},
    )
    app.clock.pass_(hours=hours)
    listed = office.anna.get("/collaborations?state=active&endsBefore=2026-12-24").json["items"]
    assert len(listed) == office.anna.get("/summary").json["collaborations"]["endsSoon"]["count"] == count


def test_more_than_a_thousand_are_not_counted(app: App, office: Office) -> None:
    """The count stops there, and says that there are more."""
    for start in range(0, 1100, 100):
        app.services.table.write(
            [
                put_marker(OfficeId(office.id), AgreementId(f"a{number:04d}"), Marker.ACTIVE, app.clock())
                for number in range(start, start + 100)
            ]
        )
    active = show_summary(app.services, anna(office)).active
    assert (active.count, active.more) == (1000, True)


# What cannot be read


def spoil(app: App, pk: str, sk: str) -> None:
    """Make what is stored unreadable."""
    found = dict(app.client.items[pk, sk])
    app.services.table.write([put_action({**found, "data": {"S": '{"broken'}})])


def test_one_unreadable_item_takes_nothing_else_with_it(app: App, office: Office) -> None:
    """A task, an employee, a row of a list: the customer, the office and the list go on without it."""
    spoiled, sound = office.collaborating(BJORK, "scanner"), office.collaborating(BJORK, "employee-payslip")
    spoil(app, f"AGREEMENT#{spoiled['id'].removeprefix('col-')}", "COLLABORATION")
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
    office.put(path, {"name": "Bokslut", "owner": BO.id, "participants": [], "active": True})
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", "TASK#other")
    spoil(app, f"OFFICE#{office.id}", f"EMPLOYEE#{CECILIA.id}")
    listed = office.anna.get("/collaborations")
    assert [row["id"] for row in listed.json["items"]] == [sound["id"]]
    shown = office.anna.get(f"/customers/{BJORK.id}")
    assert (shown.status, [task["id"] for task in shown.json["tasks"]]) == (200, [BJORK.task_id])
    assert office.anna.post("/collaborations/preview", office.proposal(BJORK, "smart-office")).status == 200
    assert [row["id"] for row in office.user(BJORK.contact.email).get("/my/collaborations").json["items"]] == [
        sound["id"]
    ]
    assert office.platform.put(path, {"name": "Ny", "owner": BO.id, "participants": [], "active": True}).status == 200
    assert office.platform.get(path).json["name"] == "Ny"


def test_a_mass_update_past_the_most_participants_is_refused_row_by_row(app: App, office: Office) -> None:
    """Nothing is stored that a task may not hold, and what cannot be read is no obstacle to the others."""
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks"
    names = [f"p{number}" for number in range(499)]
    office.put(f"{path}/full", {"name": "Stor", "owner": BO.id, "participants": names, "active": True})
    office.put(f"{path}/broken", {"name": "Trasig", "owner": BO.id, "participants": [], "active": True})
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", "TASK#broken")
    answer = office.platform.post(
        f"/platform/offices/{office.id}/tasks/mass-update",
        {"customerIds": [BJORK.id], "addParticipants": ["anna", "david"]},
    )
    rows = {row["taskId"]: row for row in answer.json["rows"]}
    assert {name: row["status"] for name, row in rows.items()} == {
        "full": "failed",
        "broken": "failed",
        BJORK.task_id: "changed",
    }
    assert rows["full"]["problem"]["type"].endswith("validation-failed")
    assert len(office.platform.get(f"{path}/full").json["participants"]) == 499


def test_a_customer_that_cannot_be_read_is_put_anew(app: App, office: Office) -> None:
    """With the number that it has: another one is refused while something is live, as ever."""
    office.collaborating(BJORK, "scanner")
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", "CUSTOMER")
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    other = office.platform.put(path, {**BJORK.body(), "organisationNumber": "5560360793"})
    assert (other.status, other.slug) == (409, "in-use")
    assert office.platform.put(path, BJORK.body()).status == 200
    assert office.anna.get(f"/customers/{BJORK.id}").json["name"] == BJORK.name
