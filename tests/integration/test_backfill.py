"""What was stored before there were index entries gets them, some at a time, whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from collaboration import publishing
from collaboration.access import backfill
from collaboration.domain.model.values import AgreementId, CustomerId, Email, EmployeeId, OfficeId
from collaboration.storage import keys
from support.people import ALMBERG, BJORK, BO, Office

if TYPE_CHECKING:
    from support.app import App

ITEMS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("items-0.1.0.json").read_text(encoding="utf-8"))
PENDING = "inv-id00007abcdef"
FILTERS = (
    "/invitations?status=pending",
    f"/invitations?customerId={BJORK.id}",
    f"/collaborations?customerId={BJORK.id}",
    "/collaborations?state=active&linked=false",
)


@pytest.fixture
def older(app: App) -> Office:
    """The office as version 0.1.0 stored it."""
    for item in ITEMS:
        app.services.table.write([{"Put": {"Item": item}}])
    app.new_messages()
    return Office(app)


def start_audit(office: Office) -> publishing.Message:
    """The first message of the audit of an office."""
    return publishing.Message(publishing.AUDIT_DUE, {"officeId": office.id})


def answers(office: Office) -> dict[str, list[str]]:
    """What each filter lets through."""
    found = {}
    for query in FILTERS:
        answer = office.anna.get(query)
        assert answer.status == 200, answer.text
        found[query] = sorted(row["id"] for row in answer.json["items"])
    return found


def indexed(app: App, office: Office) -> int:
    """How often the office was gone through."""
    return int(app.client.items[f"OFFICE#{office.id}", "OFFICE"].get("indexed", {"N": "0"})["N"])


def test_what_version_0_1_0_stored_is_found_by_its_entries(app: App, older: Office) -> None:
    """The same as by reading all of it; and its employees stand in the list of employees."""
    before = answers(older)
    assert all(before.values()), before
    assert older.anna.get("/employees").json["items"] == []
    app.audit_access()
    assert indexed(app, older) == 1
    assert answers(older) == before
    assert {row["id"] for row in older.anna.get("/employees").json["items"]} == {"anna", "bo", "cecilia", "david"}
    renewing = {row["id"] for row in older.anna.get("/collaborations").json["items"] if row["renewsOn"]}
    found = older.anna.get("/collaborations?state=active&renewsBefore=2028-01-01").json["items"]
    assert {row["id"] for row in found} == renewing
    pending = older.anna.get("/summary").json["invitations"]["pending"]["count"]
    assert pending == len(before["/invitations?status=pending"])


def test_each_call_looks_at_a_few_and_the_next_goes_on(
    app: App, older: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are; nothing is said to be done before all of it is."""
    monkeypatch.setattr(backfill, "AT_ONCE", 1)
    before = answers(older)
    message, calls, most = start_audit(older), 0, 0
    while "after" not in message.detail and indexed(app, older) == 0:
        assert answers(older) == before
        calls_before = app.client.faults.calls.total()
        # The bus hands a message over again when a call died.
        for _ in range(2):
            app.pending_messages.clear()
            app.deliver(message)
        if indexed(app, older) == 0:
            most = max(most, (app.client.faults.calls.total() - calls_before) // 2)
        calls += 1
        [message] = [later for later in app.pending_messages if later.name == publishing.AUDIT_DUE] or [message]
    assert calls >= 8, "one employee a call, and two rows where there is no item of mails beside"
    assert most <= 1 + 1 + 2 * 2, "the office, the page, and of each row a read and a write"
    app.pending_messages.clear()
    assert answers(older) == before
    assert indexed(app, older) == 1, "the last message came twice, and the office was gone through once"


def test_what_the_version_before_writes_beside_this_one_is_found_by_the_next_audit(app: App, older: Office) -> None:
    """A deployment is gradual: an employee may be stored without the entry of their address after the first audit."""
    app.audit_access()
    place = keys.employee_by_address(OfficeId(older.id), Email(BO.email), EmployeeId(BO.id))
    app.client.delete_item(TableName="t", Key={"pk": {"S": place.pk}, "sk": {"S": place.sk}})
    app.audit_access()
    assert place in app.client.items
    assert indexed(app, older) == backfill.TIMES


def test_after_a_return_to_the_version_before_every_address_is_found_again(
    app: App, older: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever that was: addresses are looked after every night, the rest of the backfill is done twice only."""
    monkeypatch.setattr(backfill, "AT_ONCE", 1)
    for _ in range(3):
        app.audit_access()
    assert indexed(app, older) == backfill.TIMES
    place = keys.employee_by_address(OfficeId(older.id), Email(BO.email), EmployeeId(BO.id))
    app.client.delete_item(TableName="t", Key={"pk": {"S": place.pk}, "sk": {"S": place.sk}})
    calls = app.client.faults.calls
    writes_before = calls["transact_write_items"]
    app.audit_access()
    assert place in app.client.items
    mending = calls["transact_write_items"] - writes_before
    app.audit_access()
    nothing_lost = calls["transact_write_items"] - writes_before - mending
    assert mending == nothing_lost + 1, "what is there is not put again"
    assert indexed(app, older) == backfill.TIMES


def test_a_change_in_between_leaves_no_marker_behind(app: App, older: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The invitation is revoked after it was read and before its markers are written: it is counted nowhere."""
    decide = backfill._invitation_actions
    revoked: list[int] = []

    def revoke_after_deciding(agreement: AgreementId, *read: Any) -> Any:
        decided = decide(agreement, *read)
        if agreement == PENDING.removeprefix("inv-") and not revoked:
            assert decided, "it lacks its markers"
            revoked.append(older.anna.post(f"/invitations/{PENDING}/revoke").status)
        return decided

    monkeypatch.setattr(backfill, "_invitation_actions", revoke_after_deciding)
    app.audit_access()
    assert revoked == [200]
    assert (f"AGREEMENT#{PENDING.removeprefix('inv-')}", "MARKER#pending") not in app.client.items
    assert PENDING not in answers(older)["/invitations?status=pending"]
    assert PENDING in answers(older)[f"/invitations?customerId={BJORK.id}"]


def test_a_list_that_was_begun_before_goes_on_after(app: App, older: Office) -> None:
    """Its cursor is of the whole list, and stays good; a cursor of another filter is refused as ever."""
    query = "/invitations?status=pending&limit=1"
    whole = answers(older)["/invitations?status=pending"]
    first = older.anna.get(query).json
    app.audit_access()
    found = [row["id"] for row in first["items"]]
    if first["next"]:
        found += [row["id"] for row in older.anna.get(f"{query}&cursor={first['next']}").json["items"]]
        other = older.anna.get(f"/invitations?status=revoked&limit=1&cursor={first['next']}")
        assert (other.status, other.slug) == (400, "malformed-request")
    assert set(found) <= set(whole)


def test_a_marker_among_those_of_another_customer_is_found_and_repaired(app: App, office: Office) -> None:
    """Where it stands counts, not only that there is one."""
    collaboration = office.collaborating()
    app.audit_access()
    app.audit_access()
    place = (f"AGREEMENT#{collaboration['id'].removeprefix('col-')}", "CUSTOMER#COLLABORATIONS")
    right = app.client.items[place]
    wrong = {**right, "listPk": {"S": keys.customer_marker_list(OfficeId(office.id), CustomerId(ALMBERG.id), "x")}}
    app.client.put_item(TableName="t", Item=wrong)
    app.audit_access()
    assert app.client.items[place] == right
    [drift] = office.platform.get("/platform/reports?kind=drift").json["items"][0]["drifted"]
    assert drift["indexEntries"] == 1
