"""What employees and account users find: by part of a name, by day, by solution."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from collaboration.domain.model.values import Email, EmployeeId, OfficeId
from collaboration.queries.account_user import list_solutions
from collaboration.queries.collaborations import CollaborationFilter, list_collaborations
from collaboration.queries.customers import list_customers
from collaboration.queries.employees import list_employees
from collaboration.queries.paging import PageRequest
from collaboration.services import Caller
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
    found = list_solutions(app.services, Email(BJORK.contact.email))
    assert [solution.key for solution in found] == ["scanner", "smart-office"]
