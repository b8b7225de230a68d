"""Access follows the task, always: everything that changes the desire, in any order, as often as it comes."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.access.reconcile import reconcile
from collaboration.domain.model.values import AgreementId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.services import PartialFailureError
from collaboration.storage import items, keys
from collaboration.storage.table import TableUnavailableError
from support.accounts import register
from support.people import ANNA, BJORK, BO, CECILIA, CEDER, DAHL, DAVID, Office

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.app import App

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
ADMINISTRATORS: dict[str, tuple[str, ...]] = {BIRGITTA: ("administrator",), BENJAMIN: ("administrator",)}
EMPLOYEES: dict[str, tuple[str, ...]] = {BO.email: ("owner",), CECILIA.email: ("participant",)}


def task(office: Office, **changes: Any) -> None:
    """Change Björk's task."""
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    office.put(path, {**BJORK.task(), **changes})


def employee(office: Office, who: Any, **changes: Any) -> None:
    """Change an employee."""
    office.put(f"/platform/offices/{office.id}/employees/{who.id}", {**who.body(), **changes})


def administrators(office: Office, *emails: str) -> None:
    """Make exactly these the administrators of Björk's account."""
    account = office.platform.get("/platform/accounts/account-bjork").json
    users = [{"email": email, "name": email.partition("@")[0], "role": "administrator"} for email in emails]
    body = {name: account[name] for name in ("organisationNumber", "name", "mainContact", "subscriptions")}
    office.put("/platform/accounts/account-bjork", {**body, "users": users})


CHANGES: dict[str, tuple[Callable[[Office], None], dict[str, tuple[str, ...]]]] = {
    "another owner": (
        lambda office: task(office, owner=CECILIA.id),
        {**ADMINISTRATORS, CECILIA.email: ("owner", "participant")},
    ),
    "a participant leaves": (lambda office: task(office, participants=[]), {**ADMINISTRATORS, BO.email: ("owner",)}),
    "the task ends": (lambda office: task(office, active=False), ADMINISTRATORS),
    "an employee leaves the office": (
        lambda office: employee(office, BO, active=False),
        {**ADMINISTRATORS, CECILIA.email: ("participant",)},
    ),
    "an employee comes back": (
        lambda office: employee(office, DAVID, active=True),
        {**ADMINISTRATORS, **EMPLOYEES, DAVID.email: ("participant",)},
    ),
    "an administrator leaves": (
        lambda office: administrators(office, BENJAMIN),
        {BENJAMIN: ("administrator",), **EMPLOYEES},
    ),
    "an administrator comes": (
        lambda office: administrators(office, BIRGITTA, BENJAMIN, "nina@bjork-brown.example"),
        {**ADMINISTRATORS, **EMPLOYEES, "nina@bjork-brown.example": ("administrator",)},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_the_desire_changes_the_access(app: App, office: Office, change: str) -> None:
    """`access-follows-task`: within moments after the change, and with the reasons there are then."""
    collaboration = office.collaborating()
    assert office.access(collaboration["id"]) == {**ADMINISTRATORS, **EMPLOYEES}
    act, expected = CHANGES[change]
    act(office)
    app.drain_events()
    assert office.access(collaboration["id"]) == expected


def test_a_put_that_changes_nothing_triggers_nothing(app: App, office: Office) -> None:
    """The same again writes nothing, so nobody is woken."""
    office.collaborating()
    office.feed()
    assert app.new_messages() == []


def test_a_person_loses_access_only_with_the_last_reason(app: App, office: Office) -> None:
    """Two roles, one reason less: the access stays, and says what is left of it, since when it began."""
    collaboration = office.collaborating()
    task(office, owner=CECILIA.id)
    app.drain_events()
    before = office.anna.get(f"/collaborations/{collaboration['id']}/access").json["items"]
    since = next(row["since"] for row in before if row["person"]["email"] == CECILIA.email)
    app.clock.pass_(days=1)
    task(office, owner=CECILIA.id, participants=[])
    app.drain_events()
    after = office.anna.get(f"/collaborations/{collaboration['id']}/access").json["items"]
    [row] = [row for row in after if row["person"]["email"] == CECILIA.email]
    assert ([reason["role"] for reason in row["reasons"]], row["since"]) == (["owner"], since)


def test_an_account_manager_who_is_not_on_the_task_gets_none(office: Office) -> None:
    """Anna manages the account and decides everything, and opens nothing."""
    collaboration = office.collaborating()
    assert "anna.ek@ek-lind.example" not in office.access(collaboration["id"])


def test_every_grant_and_revocation_is_history(app: App, office: Office) -> None:
    """Granted and revoked are both on the timeline, and on the bus, without an address."""
    collaboration = office.collaborating()
    task(office, participants=[])
    app.drain_events()
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history?limit=100").json["items"]
    kinds = [row["kind"] for row in rows]
    assert (kinds.count("access-granted"), kinds.count("access-revoked")) == (4, 1)


def test_moving_and_undoing_a_link_moves_the_access(app: App, office: Office) -> None:
    """Linked to another task its people get in; with the link undone nobody of the office is."""
    office.put(
        f"/platform/offices/{office.id}/customers/{DAHL.id}/tasks/other",
        {"name": "Bokslut", "owner": "anna", "participants": [], "active": True},
    )
    collaboration = office.imported()
    path = f"/collaborations/{collaboration['id']}/link"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    etag = office.anna.put(path, body, headers={"If-Match": '"1"'}).headers["ETag"]
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {BO.email, CECILIA.email, DAHL.contact.email}
    etag = office.anna.put(path, {**body, "taskId": "other"}, headers={"If-Match": etag}).headers["ETag"]
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {"anna.ek@ek-lind.example", DAHL.contact.email}
    undone = office.anna.call("DELETE", path, headers={"If-Match": etag})
    assert (undone.status, undone.json["linked"], undone.json["customerId"]) == (200, False, None)
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {DAHL.contact.email}


def test_an_imported_one_gives_the_administrators_access_once_there_is_an_account(app: App, office: Office) -> None:
    """Linked or not, a shared solution is the administrators' too, as soon as the register knows the company."""
    collaboration = office.imported(organisationNumber=CEDER.organisation_number, reference="desktop-9")
    assert office.access(collaboration["id"]) == {}
    shown = office.anna.get(f"/collaborations/{collaboration['id']}").json
    assert shown["toDo"] == ["account-missing", "task-missing"]
    person = {"email": CEDER.contact.email, "name": "Carl", "role": "administrator"}
    office.put(
        "/platform/accounts/account-ceder",
        {
            "organisationNumber": CEDER.organisation_number,
            "name": CEDER.name,
            "users": [person],
            "mainContact": CEDER.contact.email,
            "subscriptions": [],
        },
    )
    app.drain_events()
    assert office.access(collaboration["id"]) == {CEDER.contact.email: ("administrator",)}
    assert office.anna.get(f"/collaborations/{collaboration['id']}").json["toDo"] == ["task-missing"]


def test_a_task_of_two_hundred_people_is_granted_in_parts(app: App, office: Office) -> None:
    """More than one transaction holds, and each person once."""
    names = [f"person-{number:03d}" for number in range(200)]
    for name in names:
        body = {"name": name, "email": f"{name}@ek-lind.example", "fullUserRights": False, "administrator": False}
        office.put(f"/platform/offices/{office.id}/employees/{name}", {**body, "active": True})
    app.drain_events()
    collaboration = office.collaborating()
    task(office, participants=names)
    app.drain_events()
    assert len(office.access(collaboration["id"])) == 200 + 1 + 2


def test_killed_in_the_middle_it_goes_on_where_it_stopped(app: App, office: Office) -> None:
    """What was granted stays granted, nobody twice; the same message again does the rest."""
    names = [f"person-{number:03d}" for number in range(100)]
    for name in names:
        body = {"name": name, "email": f"{name}@ek-lind.example", "fullUserRights": False, "administrator": False}
        office.put(f"/platform/offices/{office.id}/employees/{name}", {**body, "active": True})
    collaboration = office.collaborating()
    task(office, participants=names)
    [message] = app.new_messages()
    table, write = app.services.table, app.services.table.write
    writes: list[int] = []

    def killed(actions: Any) -> None:
        writes.append(len(actions))
        if len(writes) == 3:
            raise KeyboardInterrupt
        write(actions)

    table.write = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        app.deliver(message)
    table.write = write  # type: ignore[method-assign]
    partly = office.access(collaboration["id"])
    assert 0 < len(set(partly) & {f"{name}@ek-lind.example" for name in names}) < 100
    app.deliver(message)
    app.drain_events()
    assert len(office.access(collaboration["id"])) == 100 + 1 + 2
    kinds = [
        row["kind"] for row in office.anna.get(f"/collaborations/{collaboration['id']}/history?limit=100").json["items"]
    ]
    assert kinds.count("access-granted") == 100


def test_many_collaborations_are_handed_out(app: App, office: Office) -> None:
    """A change that concerns more than one call can do is told on as one message per collaboration."""
    for number, solution in product(range(13), ("smart-office", "scanner")):
        customer = f"customer-{number}"
        base = f"/platform/offices/{office.id}/customers/{customer}"
        number_of = DAHL.organisation_number
        office.put(base, {**DAHL.body(), "organisationNumber": number_of})
        office.put(f"{base}/tasks/lopande", DAHL.task())
        path = f"/platform/offices/{office.id}/collaborations/import"
        row = {"organisationNumber": number_of, "reference": f"many-{number}-{solution}"}
        imported = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
        body = {"customerId": customer, "taskId": "lopande", "solution": solution}
        linked = office.anna.put(f"/collaborations/{imported}/link", body, headers={"If-Match": '"1"'})
        assert linked.status == 200, linked.text
    app.drain_events()
    employee(office, BO, active=False)
    [message] = app.new_messages()
    app.deliver(message)
    assert len(app.pending_messages) == 26
    app.drain_events()
    rows = office.anna.get("/collaborations?limit=100").json["items"]
    assert len(rows) == 26
    assert all(BO.email not in office.access(row["id"]) for row in rows)


def test_messages_shuffled_doubled_and_late_end_in_the_same_place(app: App, office: Office) -> None:
    """Whatever the order in which the bus delivers, and however often."""
    collaboration = office.collaborating()
    employee(office, DAVID, active=True)
    task(office, owner=CECILIA.id, participants=[BO.id])
    administrators(office, BENJAMIN)
    employee(office, BO, active=False)
    messages = app.new_messages()
    order = messages * 2
    random.Random(7).shuffle(order)  # noqa: S311 - a fixed order, not a secret
    for message in order:
        app.deliver(message)
    app.drain_events()
    assert office.access(collaboration["id"]) == {CECILIA.email: ("owner",), BENJAMIN: ("administrator",)}


def test_names_in_lists_follow_the_directory(app: App, office: Office) -> None:
    """Owner, account manager and names are filtered and shown as they are now."""
    collaboration = office.collaborating()
    task(office, owner=CECILIA.id)
    office.put(
        f"/platform/offices/{office.id}/customers/{BJORK.id}",
        {**BJORK.body(), "name": "Björk AB", "accountManager": BO.id},
    )
    app.drain_events()
    found = office.anna.get(f"/collaborations?taskOwner={CECILIA.id}&accountManager={BO.id}").json["items"]
    assert [(row["id"], row["customerName"]) for row in found] == [(collaboration["id"], "Björk AB")]
    assert office.anna.get(f"/collaborations?taskOwner={BO.id}").json["items"] == []


def test_the_nightly_proof_finds_repairs_and_reports(app: App, office: Office) -> None:
    """Zero in normal operation; what was lost on the way is found, repaired and told of."""
    collaboration = office.collaborating()
    app.audit_access()
    # The first is of the run that starts the audit.
    assert app.drift == [0, 0]
    task(office, participants=[])
    employee(office, BO, active=False)
    assert len(app.new_messages()) == 2
    app.audit_access()
    assert app.drift == [0, 0, 0, 1]
    assert office.access(collaboration["id"]) == ADMINISTRATORS
    [newest, oldest] = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert (newest["officeId"], newest["checked"], oldest["drifted"]) == (office.id, 1, [])
    [drift] = newest["drifted"]
    assert (drift["collaborationId"], drift["grants"]) == (collaboration["id"], 2)
    assert office.anna.get("/platform/reports?kind=drift").slug == "not-allowed"
    assert office.platform.get("/platform/reports?kind=other").slug == "validation-failed"


# Mass update


def mass_update(office: Office, **body: Any) -> Any:
    """Call it, and the call must be taken."""
    answer = office.platform.post(f"/platform/offices/{office.id}/tasks/mass-update", body)
    assert answer.status == 200, answer.text
    return answer.json


def test_a_mass_update_does_what_single_edits_do(app: App, office: Office) -> None:
    """A row per task; again changes nothing; the access follows."""
    collaboration = office.collaborating()
    change = {
        "owner": {"from": BO.id, "to": CECILIA.id},
        "removeParticipants": [CECILIA.id],
        "addParticipants": [BO.id],
    }
    rows = mass_update(office, **change)["rows"]
    assert {row["customerId"]: row["status"] for row in rows} == dict.fromkeys(
        ("almberg", "bjork", "ceder", "dahl"), "changed"
    )
    assert {row["status"] for row in mass_update(office, **change)["rows"]} == {"unchanged"}
    app.drain_events()
    assert office.access(collaboration["id"]) == {
        **ADMINISTRATORS,
        CECILIA.email: ("owner",),
        BO.email: ("participant",),
    }
    single = mass_update(office, customerIds=[BJORK.id], addParticipants=["anna"])["rows"]
    assert [(row["customerId"], row["status"]) for row in single] == [(BJORK.id, "changed")]


def test_a_mass_update_goes_on_by_cursor(office: Office) -> None:
    """At most a hundred tasks a call; the cursor names the rest, and belongs to this very update."""
    for number in range(240):
        path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/t{number:03d}"
        office.put(path, {"name": f"Task {number}", "owner": BO.id, "participants": [], "active": True})
    change: dict[str, Any] = {"owner": {"from": BO.id, "to": CECILIA.id}}
    seen: list[str] = []
    cursor = None
    sizes = []
    while True:
        answer = mass_update(office, **change, **({"cursor": cursor} if cursor else {}))
        sizes.append(len(answer["rows"]))
        seen += [f"{row['customerId']}/{row['taskId']}" for row in answer["rows"]]
        cursor = answer["next"]
        if cursor is None:
            break
        other = {"cursor": cursor, "addParticipants": ["anna"]}
        wrong = office.platform.post(f"/platform/offices/{office.id}/tasks/mass-update", other)
        assert wrong.slug == "malformed-request"
    assert sizes == [100, 100, 44]
    assert len(set(seen)) == 244


def test_one_bad_collaboration_stops_no_other(app: App, office: Office) -> None:
    """What the task's change concerns is all brought up to date, but for the one; then the message fails."""
    first = office.collaborating(BJORK, "employee-payslip")
    second = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    place = (f"AGREEMENT#{first['id'].removeprefix('col-')}", "COLLABORATION")
    sound = app.client.items[place]["data"]
    app.client.items[place]["data"] = {"S": "{}"}
    task(office, participants=[])
    [message] = app.new_messages()
    with pytest.raises(PartialFailureError):
        app.deliver(message)
    assert CECILIA.email not in office.access(second["id"])
    app.client.items[place]["data"] = sound
    app.deliver(message)
    assert CECILIA.email not in office.access(first["id"])


def test_an_interrupted_mass_update_is_done_again(app: App, office: Office) -> None:
    """Rows that failed say so; the same call again changes those and no others."""
    change: dict[str, Any] = {"owner": {"from": BO.id, "to": CECILIA.id}}
    table, write = app.services.table, app.services.table.write

    def failing(actions: Any) -> None:
        if any("CUSTOMER#ek-lind#dahl" in str(action) and "Put" in action for action in actions):
            raise TableUnavailableError("throttled")
        write(actions)

    table.write = failing  # type: ignore[method-assign]
    rows = {row["customerId"]: row for row in mass_update(office, **change)["rows"]}
    assert (rows["dahl"]["status"], rows["bjork"]["status"]) == ("failed", "changed")
    assert rows["dahl"]["problem"]["type"].endswith("temporarily-unavailable")
    table.write = write  # type: ignore[method-assign]
    again = {row["customerId"]: row["status"] for row in mass_update(office, **change)["rows"]}
    assert again == {"almberg": "unchanged", "bjork": "unchanged", "ceder": "unchanged", "dahl": "changed"}


def test_a_poisoned_record_stops_nobody_else(app: App, office: Office) -> None:
    """Among many records one cannot be read: it alone is asked for again, and ends in the dead-letter queue."""
    from collaboration import publishing  # noqa: PLC0415

    class Bus:
        """Takes everything."""

        pending_messages: list[dict[str, Any]] = []  # noqa: RUF012

        def put_events(self, **batch: Any) -> dict[str, Any]:
            self.pending_messages += batch["Entries"]
            return {"Entries": [{} for _ in batch["Entries"]]}

    office.collaborating()
    records = app._stream.all()
    poison = {
        "eventName": "INSERT",
        "dynamodb": {
            "SequenceNumber": "poison",
            "Keys": {"pk": {"S": "AGREEMENT#x"}, "sk": {"S": "HISTORY#1"}},
            "NewImage": {"pk": {"S": "AGREEMENT#x"}, "sk": {"S": "HISTORY#1"}, "data": {"S": "{"}},
        },
    }
    healthy = [message for record in records for message in publishing.messages(record)]
    bus: Any = Bus()
    assert publishing.publish_records(bus, "collaborations", [*records[:9], poison, *records[9:]]) == ["poison"]
    assert len(bus.pending_messages) == len(healthy)


@pytest.mark.parametrize("order", ["before the other", "at the same time"])
def test_whoever_is_last_tells_of_the_loss(app: App, office: Office, order: str) -> None:
    """Cecilia leaves the task of two collaborations: the events tell that she lost the account, and each solution."""
    collaborations = [
        office.collaborating(BJORK, "scanner"),
        office.collaborating(BJORK, "smart-office", invoiceRecipient="office"),
    ]
    task(office, participants=[person for person in BJORK.task()["participants"] if person != CECILIA.id])
    app.new_messages()
    first, second = (AgreementId(collaboration["id"].removeprefix("col-")) for collaboration in collaborations)
    if order == "at the same time":
        app.client.faults.before("transact_write_items", lambda: reconcile(app.services, second))
    reconcile(app.services, first)
    reconcile(app.services, second)
    revoked: list[Any] = [message.detail for message in app.new_messages() if message.name == "AccessRevoked"]
    heard = [(detail["solution"], what) for detail in revoked for what in detail["what"]]
    assert {solution for solution, what in heard if what == "solution"} == {"scanner", "smart-office"}
    assert [what for _, what in heard].count("account") == 1


def test_whoever_comes_as_another_leaves_is_told_of_the_gain(app: App, office: Office) -> None:
    """Cecilia moves from one task to another: events end with her having the account, whichever run is first."""
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
    office.put(path, {**BJORK.task(), "name": "Bokslut", "participants": []})
    left = office.collaborating(BJORK, "scanner")
    joined = office.collaborating(BJORK, "smart-office", invoiceRecipient="office", taskId="other")
    app.drain_events()
    task(office, participants=[person for person in BJORK.task()["participants"] if person != CECILIA.id])
    office.put(path, {**BJORK.task(), "name": "Bokslut", "participants": [CECILIA.id]})
    app.new_messages()
    leaves, comes = (AgreementId(collaboration["id"].removeprefix("col-")) for collaboration in (left, joined))
    app.client.faults.before("transact_write_items", lambda: reconcile(app.services, leaves))
    reconcile(app.services, comes)
    reconcile(app.services, leaves)
    heard: list[tuple[str, Any]] = [
        (message.name, message.detail["what"])
        for message in app.new_messages()
        if message.name in {"AccessGranted", "AccessRevoked"}
    ]
    assert [name for name, what in heard if "account" in what] == ["AccessRevoked", "AccessGranted"]


def access_events(app: App) -> list[tuple[str, dict[str, Any]]]:
    """The events about access that are new, once everything has followed."""
    found: list[tuple[str, dict[str, Any]]] = []
    while messages := app.new_messages():
        for message in messages:
            if message.name in {"AccessGranted", "AccessRevoked"}:
                found.append((message.name, dict(message.detail)))
            app.deliver(message)
    return found


def test_access_that_moves_to_another_account_begins_anew(app: App, office: Office) -> None:
    """`moved-access-begins-anew`: an import is linked to the wrong account, then to the right one, of the same people.

    History and events say of each person that they lost the one and gained the other, and since when.
    """
    second = {**office.platform.get("/platform/accounts/account-dahl").json, "name": "Dahl again", "subscriptions": []}
    office.put("/platform/accounts/second", {key: value for key, value in second.items() if key != "id"})
    collaboration = office.imported()
    path = f"/collaborations/{collaboration['id']}"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    wrong = office.anna.put(f"{path}/link", {**body, "accountId": "account-dahl"}, headers={"If-Match": '"1"'})
    app.drain_events()
    app.clock.pass_(days=1)
    moved = office.anna.put(
        f"{path}/link", {**body, "accountId": "second"}, headers={"If-Match": wrong.headers["ETag"]}
    )
    assert moved.status == 200
    found = [
        (name, detail["accountId"], detail.get("employeeId"), tuple(detail["what"]))
        for name, detail in access_events(app)
    ]
    both = ("account", "solution")
    people = [(BO.id, both), (CECILIA.id, both), (None, ("solution",))]
    assert sorted(found, key=str) == [
        *sorted((("AccessGranted", "second", *person) for person in people), key=str),
        *sorted((("AccessRevoked", "account-dahl", *person) for person in people), key=str),
    ]
    history = office.anna.get(f"{path}/history?limit=100").json["items"]
    since = {entry["person"]["name"]: entry["at"] for entry in history[:6] if entry["kind"] == "access-granted"}
    assert sorted(entry["kind"] for entry in history[:6]) == ["access-granted"] * 3 + ["access-revoked"] * 3
    assert set(since.values()) == {history[6]["at"]}
    shown = office.anna.get(f"{path}/access").json["items"]
    assert {access["person"]["name"]: access["since"] for access in shown} == since


def test_access_that_moves_to_another_solution_begins_anew(app: App, office: Office) -> None:
    """`moved-access-begins-anew`: an import of an unknown solution is linked to the wrong one first."""
    row = {"organisationNumber": DAHL.organisation_number, "reference": "old-2"}
    answer = office.platform.post(f"/platform/offices/{office.id}/collaborations/import", {"rows": [row]})
    path = f"/collaborations/{answer.json['rows'][0]['collaborationId']}"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id}
    app.drain_events()
    wrong = office.anna.put(f"{path}/link", {**body, "solution": "scanner"}, headers={"If-Match": '"1"'})
    app.drain_events()
    office.anna.put(f"{path}/link", {**body, "solution": "smart-office"}, headers={"If-Match": wrong.headers["ETag"]})
    found = [(name, detail["solution"]) for name, detail in access_events(app)]
    assert sorted(found) == [("AccessGranted", "smart-office")] * 3 + [("AccessRevoked", "scanner")] * 3


def test_whoever_has_it_twice_loses_only_what_is_gone(app: App, office: Office) -> None:
    """Bo is an administrator of the company as well: off the task he opens the solution still, but no account."""
    users = [
        {"email": BIRGITTA, "name": BJORK.contact.name, "role": "administrator"},
        {"email": BO.email, "name": BO.name, "role": "administrator"},
    ]
    register(office, users=users)
    running = office.collaborating()
    app.drain_events()
    for owner, event in ((ANNA.id, "AccessRevoked"), (BO.id, "AccessGranted")):
        task(office, owner=owner)
        heard = [(name, detail["what"]) for name, detail in access_events(app) if detail.get("employeeId") == BO.id]
        assert heard == [(event, ("account",))]
    assert len(office.anna.get(f"/collaborations/{running['id']}/access").json["items"]) == 4


def test_an_employee_on_tasks_of_many_customers_is_handed_out(app: App, office: Office) -> None:
    """However many there are, one message asks the table a few times and leaves each customer to a call of its own."""
    collaboration = office.collaborating()
    for nth in range(40):
        customer = f"/platform/offices/{office.id}/customers/many-{nth}"
        office.put(customer, {**BJORK.body(), "organisationNumber": CEDER.organisation_number})
        office.put(f"{customer}/tasks/lopande", BJORK.task())
    app.new_messages()
    employee(office, BO, active=False)
    [message] = app.new_messages()
    before = app.client.faults.calls.total()
    app.deliver(message)
    assert app.client.faults.calls.total() - before < 5
    handed_out = [handed.detail for handed in app.pending_messages]
    assert {"officeId": office.id, "customerId": BJORK.id} in handed_out
    assert len(handed_out) == 44
    app.drain_events()
    assert BO.email not in office.access(collaboration["id"])


def test_whoever_leaves_a_task_is_not_found_by_it_any_more(app: App, office: Office) -> None:
    """The entries of a person do not grow with the years; who is owner and participant stays with one role less."""
    partition = keys.task_memberships(OfficeId(office.id), EmployeeId(CECILIA.id))
    entry = keys.task_membership(
        OfficeId(office.id), EmployeeId(CECILIA.id), CustomerId(BJORK.id), TaskId(BJORK.task_id)
    )
    task(office, owner=CECILIA.id)
    task(office, owner=CECILIA.id, participants=[])
    assert entry in map(items.key_of, app.services.table.partition(partition))
    task(office, participants=[])
    assert entry not in map(items.key_of, app.services.table.partition(partition))

    def meanwhile() -> None:
        task(office)
        task(office, participants=[])

    # Who comes by one PUT, and meanwhile by another that lets them go again, is found.
    app.client.faults.before("transact_write_items", meanwhile, skip=1)
    task(office, participants=[CECILIA.id])
    assert entry in map(items.key_of, app.services.table.partition(partition))


def test_a_mass_update_moves_the_entries_of_the_owners(app: App, office: Office) -> None:
    """From the one who hands over to the one who takes over."""
    body = {"owner": {"from": BO.id, "to": DAVID.id}}
    assert office.platform.post(f"/platform/offices/{office.id}/tasks/mass-update", body).status == 200
    office_id = OfficeId(office.id)
    assert app.services.table.partition(keys.task_memberships(office_id, EmployeeId(BO.id))) == []
    assert app.services.table.partition(keys.task_memberships(office_id, EmployeeId(DAVID.id)))
