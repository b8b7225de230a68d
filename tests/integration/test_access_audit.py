"""The access audit looks at all that is derived; and who may open what of an account, over all collaborations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collaboration.access import audit
from collaboration.access.reconcile import reconcile_all
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CustomerId,
    Email,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
    TaskId,
)
from collaboration.queries.account_access import show_account_access
from collaboration.queries.paging import PageRequest
from collaboration.storage import actions, keys, lists
from collaboration.storage.actions import put as put_action
from collaboration.storage.table import Table
from support.accounts import register
from support.collaborations import done_at_revision
from support.people import BJORK, BO, CECILIA, CEDER, Office
from support.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest
    from collaboration.storage.actions import Action
    from support.app import App

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
BJORKS_TASK = f"/customers/{BJORK.id}/tasks/{BJORK.task_id}"


def task(office: Office, **changes: Any) -> None:
    """Change Björk's task."""
    office.put(f"/platform/offices/{office.id}{BJORKS_TASK}", {**BJORK.task(), **changes})


def newest_report(office: Office) -> Any:
    """The latest report of the audit."""
    return office.platform.get("/platform/reports?kind=drift").json["items"][0]


def row_of(app: App, collaboration: Any) -> Any:
    """A collaboration's item."""
    return app.client.items[f"AGREEMENT#{collaboration['id'].removeprefix('col-')}", "COLLABORATION"]


def test_a_stale_list_row_is_found_and_repaired(app: App, office: Office) -> None:
    """The message of a change was lost: the names in the list follow the next audit."""
    office.collaborating()
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "name": "Björk AB"})
    app.new_messages()
    app.audit_access()
    [drift] = newest_report(office)["drifted"]
    assert (drift["grants"], drift["listRow"], drift["indexEntries"]) == (0, True, 0)
    assert office.anna.get("/collaborations").json["items"][0]["customerName"] == "Björk AB"
    app.audit_access()
    assert newest_report(office)["drifted"] == []


def test_what_has_ended_shows_the_names_of_now(app: App, office: Office) -> None:
    """A customer, its account and the task's owner get other names afterwards: the audit finds nothing left over."""
    collaboration = office.collaborating()
    app.drain_events()
    path = f"/collaborations/{collaboration['id']}"
    done_at_revision(office.anna, "POST", f"{path}/end", office.anna.get(path).json, {"outcome": "continue"})
    app.drain_events()
    base = f"/platform/offices/{office.id}"
    office.put(f"{base}/customers/{BJORK.id}", {**BJORK.body(), "name": "Björk AB"})
    office.put(f"{base}/employees/{BO.id}", {**BO.body(), "name": "Bo Berg"})
    register(office, name="Björk Blommor AB")
    app.drain_events()
    [row] = office.anna.get("/collaborations?state=ended").json["items"]
    assert (row["customerName"], row["accountName"]) == ("Björk AB", "Björk Blommor AB")
    assert row["task"]["owner"]["name"] == "Bo Berg"
    app.audit_access()
    assert newest_report(office)["drifted"] == []


def test_missing_index_entries_are_found_and_repaired(app: App, office: Office) -> None:
    """The entries by which a change finds its collaborations, and a summary what it counts."""
    collaboration = office.collaborating()
    # What it finds of a new office for the first time, it writes without a word.
    app.audit_access()
    agreement = collaboration["id"].removeprefix("col-")
    office_id, customer_id = OfficeId(office.id), CustomerId(BJORK.id)
    membership = keys.task_membership(office_id, EmployeeId(BO.id), customer_id, TaskId(BJORK.task_id))
    lost = [membership, keys.Key(f"AGREEMENT#{agreement}", "MARKER#active")]
    number = OrganisationNumber(BJORK.organisation_number)
    lost.append(keys.person(Email(BIRGITTA), number, AccountId("account-bjork")))
    app.services.table.write([actions.delete(key) for key in lost])
    app.audit_access()
    [drift] = newest_report(office)["drifted"]
    assert (drift["grants"], drift["indexEntries"]) == (0, 3)
    assert all(tuple(key) in app.client.items for key in lost)
    office.put(f"/platform/offices/{office.id}/employees/{BO.id}", {**BO.body(), "active": False})
    app.drain_events()
    assert BO.email not in office.access(collaboration["id"])


def test_the_audit_goes_on_past_what_cannot_be_read(app: App, office: Office) -> None:
    """It is reported, and what comes after it is repaired."""
    broken, sound = office.collaborating(BJORK, "scanner"), office.collaborating(BJORK, "employee-payslip")
    app.services.table.write([put_action({**row_of(app, broken), "data": {"S": '{"broken'}})])
    task(office, participants=[])
    app.new_messages()
    app.audit_access()
    report = newest_report(office)
    assert report["failed"] == [broken["id"]]
    assert [drift["collaborationId"] for drift in report["drifted"]] == [sound["id"]]
    assert CECILIA.email not in office.access(sound["id"])
    assert app.drift[-1] == 2


def test_a_call_begins_with_so_many_offices_and_hands_on_the_rest(app: App, office: Office) -> None:
    """However many there are: what a call puts on the bus is bounded, and each office is audited once."""
    pattern = app.client.items[f"OFFICE#{office.id}", "OFFICE"]
    others = [f"o{nth:04}" for nth in range(2 * audit.OFFICES_AT_ONCE)]
    for other in others:
        names = {"pk": {"S": f"OFFICE#{other}"}, "listSk": {"S": other}}
        app.client.put_item(TableName=app.table_name, Item={**pattern, **names})
    app.functions["access"].handler(sample("access-every-night"), None)
    begun: list[str] = []
    while app.pending_messages:
        *named, last = app.pending_messages
        app.pending_messages.clear()
        if "afterOffice" not in last.detail:
            named.append(last)
        assert len(named) <= audit.OFFICES_AT_ONCE
        begun += [str(message.detail["officeId"]) for message in named]
        if "afterOffice" in last.detail:
            app.deliver(last)
    assert begun == sorted([office.id, *others])
    assert app.drift == [0], "the schedule begins one audit, in however many calls"


def test_an_offices_new_name_wakes_no_collaboration(app: App, office: Office) -> None:
    """It is read where it is shown."""
    office.collaborating()
    path = f"/platform/offices/{office.id}"
    body = office.platform.get(path).json
    del body["id"]
    office.put(path, {**body, "name": "Lind & Ek"})
    before = dict(app.client.items)
    app.drain_events()
    assert app.client.items == before
    [shown] = office.user(BIRGITTA).get("/my/collaborations").json["items"]
    assert shown["officeName"] == "Lind & Ek"


def test_a_transition_with_an_old_copy_overwrites_no_newer_one(app: App, office: Office) -> None:
    """The access service copies a new name between the reading and the writing of an edit."""
    collaboration = office.collaborating()
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    office.put(f"{path}/tasks/other", {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True})
    app.drain_events()
    office.put(path, {**BJORK.body(), "name": "Björk AB"})
    messages = app.new_messages()
    table, write = app.services.table, app.services.table.write

    def copied_first(actions_: Any) -> None:
        table.write = write  # type: ignore[method-assign]
        for message in messages:
            app.deliver(message)
        write(actions_)

    table.write = copied_first  # type: ignore[assignment, method-assign]
    edited = office.anna.call(
        "PATCH",
        f"/collaborations/{collaboration['id']}",
        {"taskId": "other"},
        headers={"If-Match": f'"{collaboration["revision"]}"'},
    )
    assert (edited.status, edited.json["customerName"]) == (200, "Björk AB")


def test_a_slow_run_that_copies_last_is_refused(app: App, office: Office) -> None:
    """It read an old name, and a faster run has copied the new one: it starts anew."""
    office.collaborating()
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    office.put(path, {**BJORK.body(), "name": "Old AB"})
    [slow] = app.new_messages()
    table, write = app.services.table, app.services.table.write

    def overtaken(actions_: Any) -> None:
        table.write = write  # type: ignore[method-assign]
        office.put(path, {**BJORK.body(), "name": "New AB"})
        for message in app.new_messages():
            app.deliver(message)
        write(actions_)

    table.write = overtaken  # type: ignore[assignment, method-assign]
    app.deliver(slow)
    assert office.anna.get("/collaborations").json["items"][0]["customerName"] == "New AB"


def test_an_audit_beside_an_end_puts_nothing_back(app: App, office: Office) -> None:
    """It read the collaboration while it was active, and its entries when it had ended: it looks again."""
    collaboration = office.collaborating()
    agreement = collaboration["id"].removeprefix("col-")

    def end() -> None:
        path, tag = f"/collaborations/{collaboration['id']}/end", {"If-Match": f'"{collaboration["revision"]}"'}
        assert office.anna.post(path, {"outcome": "continue"}, headers=tag).status == 200

    # What it finds of a new office for the first time, it writes without a word.
    app.audit_access()
    # The office, the collaboration, what is related to it, and then the entries.
    app.client.faults.before("batch_get_item", end, skip=3)
    app.audit_access()
    assert app.client.faults.pending == 0
    assert [sk for pk, sk in app.client.items if pk == f"AGREEMENT#{agreement}" and sk.startswith("MARKER#")] == []
    assert newest_report(office)["failed"] == []


def test_an_audit_beside_an_import_that_gets_its_account_removes_nothing(app: App, office: Office) -> None:
    """That moves no revision: it read the import without terms, and the entry by which its renewal is found after."""
    collaboration = office.imported(organisationNumber=CEDER.organisation_number, solution="scanner")
    agreement = collaboration["id"].removeprefix("col-")
    account = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [{"name": "Carl Cederlund", "email": CEDER.contact.email, "role": "administrator"}],
        "mainContact": CEDER.contact.email,
        "subscriptions": [{"solution": "scanner", "renewsOn": "2027-03-01"}],
    }

    def appear() -> None:
        office.put("/platform/accounts/account-ceder", account)
        app.drain_events()

    # What it finds of a new office for the first time, it writes without a word.
    app.audit_access()
    # The office, the collaboration, and then the entries.
    app.client.faults.before("batch_get_item", appear, skip=2)
    app.audit_access()
    assert app.client.faults.pending == 0
    assert (f"AGREEMENT#{agreement}", "MARKER#renewing") in app.client.items
    app.audit_access()
    assert newest_report(office)["drifted"] == []


# Over all collaborations


def persons(app: App, **wanted: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """Who may open what of Björk's account: address -> solution -> roles."""
    found, cursor = show_account_access(app.services, AccountId("account-bjork"), PageRequest(100, None), **wanted)
    assert cursor is None
    return {
        person.person.email: {
            solution.key: tuple(reason.role for reason in solution.reasons) for solution in person.solutions
        }
        for person in found
    }


def test_access_to_an_account_is_told_over_all_collaborations(app: App, office: Office) -> None:
    """Both offices' people and the account's own, each with every solution they may open, and why."""
    office.collaborating(BJORK, "scanner")
    office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    both = {"scanner": ("owner",), "smart-office": ("owner",)}
    assert persons(app)[BO.email] == both
    assert set(persons(app)) == {BO.email, CECILIA.email, BIRGITTA, BENJAMIN}
    assert persons(app, email=Email(BO.email.upper()), solution="scanner") == {BO.email: {"scanner": ("owner",)}}
    assert persons(app, email=Email("nobody@else.example")) == {}
    task(office, participants=[])
    app.drain_events()
    assert CECILIA.email not in persons(app)


def test_employees_work_in_the_top_variant(app: App, office: Office) -> None:
    """Whatever the customer has: the catalogue says so."""
    setup = {"variant": "bookkeeping", "invoiceRecipient": "customer", "periodMonths": 12}
    office.collaborating(BJORK, "bookkeeping-invoicing", **setup)
    found, _ = show_account_access(app.services, AccountId("account-bjork"), PageRequest(100, None))
    variants = {str(person.person.email): person.solutions[0].variant for person in found}
    assert (variants[BO.email], variants[BIRGITTA]) == ("bookkeeping-invoicing-plus", "bookkeeping")


def test_access_to_an_account_comes_in_pages_of_persons(app: App, office: Office) -> None:
    """A person is never on two of them."""
    office.collaborating(BJORK, "scanner")
    office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    seen: list[str] = []
    cursor = None
    while True:
        found, cursor = show_account_access(app.services, AccountId("account-bjork"), PageRequest(1, cursor))
        seen += [person.person.email for person in found]
        assert all(len(person.solutions) == 2 for person in found)
        if cursor is None:
            break
    assert sorted(seen) == sorted({BO.email, CECILIA.email, BIRGITTA, BENJAMIN})


def test_what_has_ended_opens_nothing_before_the_grants_are_gone(app: App, office: Office) -> None:
    """The end counts at once, though the access service has not run."""
    collaboration = office.collaborating(BJORK, "scanner")
    office.anna.post(
        f"/collaborations/{collaboration['id']}/end",
        {"outcome": "continue"},
        headers={"If-Match": f'"{collaboration["revision"]}"'},
    )
    assert persons(app) == {}


def events(app: App, name: str) -> list[dict[str, Any]]:
    """The events of a name that are new, after everything else was delivered."""
    found: list[dict[str, Any]] = []
    while messages := app.new_messages():
        found += [dict(message.detail) for message in messages if message.name == name]
        for message in messages:
            app.deliver(message)
    return found


def test_events_say_what_was_really_lost(app: App, office: Office) -> None:
    """An employee who works in another collaboration of the account keeps the account; with the last one it goes."""
    first = office.collaborating(BJORK, "scanner")
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    office.put(f"{path}/tasks/other", {"name": "Bokslut", "owner": BO.id, "participants": [], "active": True})
    office.collaborating(BJORK, "employee-payslip", taskId="other")
    task(office, owner=CECILIA.id, participants=[])
    lost = events(app, "AccessRevoked")
    assert [(event["employeeId"], tuple(event["what"])) for event in lost] == [(BO.id, ("solution",))]
    office.put(f"{path}/tasks/other", {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True})
    lost = events(app, "AccessRevoked")
    assert [(event["employeeId"], tuple(event["what"])) for event in lost] == [(BO.id, ("account", "solution"))]
    assert office.access(first["id"])[CECILIA.email] == ("owner",)


def test_an_employee_who_is_gone_at_once_loses_the_account_once(app: App, office: Office) -> None:
    """Both collaborations go in the same run of the service: the last one takes the account."""
    office.collaborating(BJORK, "scanner")
    office.collaborating(BJORK, "employee-payslip")
    office.put(f"/platform/offices/{office.id}/employees/{BO.id}", {**BO.body(), "active": False})
    lost = [tuple(event["what"]) for event in events(app, "AccessRevoked")]
    assert sorted(lost) == [("account", "solution"), ("solution",)]


def test_what_is_granted_beside_a_loss_is_not_told_as_lost(
    app: App, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bo gets into one collaboration while he leaves another; the index does not know of the new grant yet."""
    left = office.collaborating(BJORK, "scanner")
    other = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
    nobodys = {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True}
    office.put(other, nobodys)
    entered = office.collaborating(BJORK, "employee-payslip", taskId="other")
    app.drain_events()
    task(office, owner=CECILIA.id, participants=[])
    office.put(other, {**nobodys, "owner": BO.id})
    app.new_messages()
    write = Table.write
    entering: list[str] = []

    def write_late(table: Table, changes: Iterable[Action]) -> None:
        batch = list(changes)
        leaves = any("Delete" in action and "GRANT#" in str(action["Delete"]["Key"]) for action in batch)
        if leaves and not entering:
            entering.append(entered["id"])
            reconcile_all(app.services, [AgreementId(entered["id"][4:])])
            monkeypatch.setattr(lists, "grants_of_account", lambda *_, **__: iter(()))
        write(table, batch)

    monkeypatch.setattr(Table, "write", write_late)
    reconcile_all(app.services, [AgreementId(left["id"][4:])])
    monkeypatch.undo()
    published = [
        (message.name, message.detail["what"]) for message in app.new_messages() if "employeeId" in message.detail
    ]
    of_bo = [entry for entry in published if entry[0] in {"AccessGranted", "AccessRevoked"}]
    assert ("AccessRevoked", ("account", "solution")) not in of_bo
    assert ("AccessRevoked", ("solution",)) in of_bo
    assert set(persons(app)[BO.email]) == {"employee-payslip"}


def guard_key(office: Office, solution: str) -> keys.Key:
    """The guard of Björk and a solution."""
    return keys.guard(OfficeId(office.id), CustomerId(BJORK.id), solution)


def test_the_guard_of_an_invitation_is_found_missing_and_mended(app: App, office: Office) -> None:
    """`guards-what-is-live`: without it a second invitation could be sent."""
    invitation = office.invited(BJORK, "scanner")
    app.audit_access()
    key = guard_key(office, "scanner")
    before = app.client.items[tuple(key)]
    app.services.table.write([actions.delete(key)])
    app.audit_access()
    assert newest_report(office)["driftedInvitations"] == [
        {"invitationId": invitation["id"], "guard": True, "markers": 0}
    ]
    assert app.drift[-1] == 1
    assert app.client.items[tuple(key)] == before
    app.audit_access()
    report = newest_report(office)
    assert (report["checkedInvitations"], report["driftedInvitations"]) == (1, [])


def test_a_guard_that_is_left_over_goes(app: App, office: Office) -> None:
    """Of a revoked invitation: it would be in the way of a new one until it expired."""
    revoked = office.invited(BJORK, "scanner")
    app.audit_access()
    key = guard_key(office, "scanner")
    left = app.client.items[tuple(key)]
    assert office.anna.post(f"/invitations/{revoked['id']}/revoke").status == 200
    app.services.table.write([put_action(left)])
    app.audit_access()
    assert newest_report(office)["driftedInvitations"] == [{"invitationId": revoked["id"], "guard": True, "markers": 0}]
    assert tuple(key) not in app.client.items
    # That of a later invitation stays.
    office.invited(BJORK, "scanner")
    app.audit_access()
    assert newest_report(office)["driftedInvitations"] == []
    assert tuple(key) in app.client.items


def test_the_markers_of_an_invitation_are_found_and_mended(app: App, office: Office) -> None:
    """One is not counted and another counted twice; the audit puts that right."""
    pending, revoked = office.invited(BJORK, "scanner"), office.invited(BJORK, "employee-payslip")
    app.audit_access()
    counts = office.anna.get("/summary").json["invitations"]
    lost, left = (
        keys.marker(AgreementId(invitation["id"].removeprefix("inv-")), "pending") for invitation in (pending, revoked)
    )
    kept = app.client.items[tuple(left)]
    assert office.anna.post(f"/invitations/{revoked['id']}/revoke").status == 200
    lost_item = app.client.items[tuple(lost)]
    app.services.table.write([actions.delete(lost), put_action(kept)])
    app.audit_access()
    drifted = {
        row["invitationId"]: (row["guard"], row["markers"]) for row in newest_report(office)["driftedInvitations"]
    }
    assert drifted == {pending["id"]: (False, 1), revoked["id"]: (False, 1)}
    assert office.anna.get("/summary").json["invitations"]["pending"]["count"] == counts["pending"]["count"] - 1
    assert app.client.items[tuple(lost)] == lost_item


def test_the_guard_of_a_collaboration_is_mended(app: App, office: Office) -> None:
    """Missing, named after its invitation, or left over by an end."""
    collaboration = office.collaborating(BJORK, "scanner")
    app.audit_access()
    key = guard_key(office, "scanner")
    before = app.client.items[tuple(key)]
    invitation = {**before, "owner": {"S": collaboration["id"].replace("col-", "inv-")}}
    for wrong in (actions.delete(key), put_action(invitation)):
        app.services.table.write([wrong])
        app.audit_access()
        [drift] = newest_report(office)["drifted"]
        assert (drift["collaborationId"], drift["indexEntries"]) == (collaboration["id"], 1)
        assert app.client.items[tuple(key)] == before
    path = f"/collaborations/{collaboration['id']}"
    done_at_revision(office.anna, "POST", f"{path}/end", office.anna.get(path).json, {"outcome": "continue"})
    app.drain_events()
    app.services.table.write([put_action(before)])
    app.audit_access()
    assert [drift["indexEntries"] for drift in newest_report(office)["drifted"]] == [1]
    assert tuple(key) not in app.client.items


def test_the_audit_of_many_invitations_goes_on(app: App, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, and past one that cannot be read."""
    monkeypatch.setattr(audit, "AT_ONCE", 1)
    first, broken = (office.invited(BJORK, solution) for solution in ("scanner", "employee-payslip"))
    last = office.invited(BJORK, "smart-office", invoiceRecipient="customer")
    key = keys.invitation(AgreementId(broken["id"].removeprefix("inv-")))
    app.services.table.write([put_action({**app.client.items[tuple(key)], "data": {"S": '{"broken'}})])
    for solution in ("scanner", "smart-office"):
        app.services.table.write([actions.delete(guard_key(office, solution))])
    app.audit_access()
    reports = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert [row["invitationId"] for report in reports for row in report["driftedInvitations"]] == [
        last["id"],
        first["id"],
    ]
    assert [name for report in reports for name in report["failedInvitations"]] == [broken["id"]]
