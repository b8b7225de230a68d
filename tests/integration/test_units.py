"""What every operation costs of the table, counted: a change of cost is seen, and agreed to.

`make test ARGS='tests/integration/test_units.py --snapshot-update --no-cov'` writes the counts anew; the diff is for
people.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.http.contract.operations import OPERATIONS
from support.app import App
from support.collaborations import done_at_revision
from support.ledger import Ledger
from support.people import ALMBERG, BJORK, BO, CEDER, DAHL, UNLINKED, Office, fresh_key
from support.samples import sample
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

BIRGITTA = BJORK.contact.email
BOOKS = {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12}
# As many characters as an id has on AWS.
ID = "id{:022d}"


class Text(SingleFileSnapshotExtension):
    """A table of names and numbers."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


def supplying(office: Office, ledger: Ledger) -> None:
    """The platform feeds what is new, what it has said before, and what has changed."""
    base = f"/platform/offices/{office.id}"
    office.feed()
    office.app.drain_events()
    customer, task = f"{base}/customers/{BJORK.id}", f"{base}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    account = BJORK.account
    assert account
    for path, body in (
        (customer, BJORK.body()),
        (task, BJORK.task()),
        (f"/platform/accounts/{account.id}", account.body(BJORK)),
    ):
        kind = {customer: "putCustomer", task: "putTask"}.get(path, "putAccount")
        ledger.call_next(f"{kind} unchanged")
        office.put(path, body)
        ledger.call_next(f"{kind} renamed")
        office.put(path, {**body, "name": f"{body['name']} i Uppsala"})
        office.app.drain_events()
        office.put(path, body)
    office.app.drain_events()
    for path in (base, f"{base}/employees/{BO.id}", customer, task, f"/platform/accounts/{account.id}"):
        assert office.platform.get(path).status == 200, path


def inviting(office: Office, ledger: Ledger) -> None:
    """Looked at, invited, reminded, resent, revoked, declined, asked for again, reported as wrong."""
    app = office.app
    invitation = office.invited(BJORK, "scanner")
    path = f"/invitations/{invitation['id']}"
    row = {**office.confirmed(office.proposal(BJORK, "smart-office", invoiceRecipient="office")), "key": fresh_key()}
    assert office.anna.post("/invitations/batch", {"rows": [row]}).json["rows"][0]["status"] == "created"
    app.drain_events()
    assert office.anna.post(f"{path}/remind").status == 202
    app.drain_events()
    link = office.link_of(BIRGITTA)
    assert office.nobody.call("HEAD", link).status == 200
    assert office.nobody.get(link, headers={"Accept": "application/json"}).status == 200
    for verb in ("ask-again", "not-me"):
        assert office.nobody.get(f"{link}/{verb}").status < 400
    app.clock.pass_(days=2)
    assert office.anna.post(f"{path}/resend").status == 202
    app.drain_events()
    for read in ("", "/history"):
        assert office.anna.get(path + read).status == 200
    assert office.anna.get("/invitations").status == 200
    assert office.anna.post(f"{path}/revoke").status == 200
    app.drain_events()
    assert office.nobody.post(f"{office.link_of(BIRGITTA)}/ask-again").status == 202
    app.drain_events()
    office.invited(BJORK, "scanner")
    ledger.call_next("decideInvitationByLink decline")
    assert office.decide(BIRGITTA, "decline").status == 200
    app.drain_events()
    office.invited(BJORK, "scanner")
    assert office.nobody.post(f"{office.link_of(BIRGITTA)}/not-me", {"email": BIRGITTA}).status < 400
    app.drain_events()


def collaborating(office: Office, ledger: Ledger) -> dict[str, Any]:
    """Accepted, activated, edited, ended by both sides."""
    app = office.app
    first = office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKS)
    path = f"/collaborations/{first['id']}"
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other", {**BJORK.task(), "name": "Bokslut"})
    first = done_at_revision(office.anna, "PATCH", path, first, {"taskId": "other", "periodMonths": 3})
    app.drain_events()
    end = {"on": "2027-01-15", "outcome": "continue"}
    ledger.call_next("endCollaboration on a day")
    first = done_at_revision(office.anna, "POST", f"{path}/end", first, end)["collaboration"]
    app.drain_events()
    first = done_at_revision(office.anna, "DELETE", f"{path}/scheduled-end", first)
    app.drain_events()
    birgitta, mine = office.user(BIRGITTA), f"/my/collaborations/{first['id']}"
    for seen in ("/my/solutions", "/my/requests", "/my/collaborations", f"{mine}/access", f"{mine}/history"):
        if seen == "/my/solutions":
            ledger.call_next("listMySolutions the first time")
            assert birgitta.get(seen).status == 200, seen
        assert birgitta.get(seen).status == 200, seen
    ledger.call_next("endMyCollaboration on a day")
    first = done_at_revision(birgitta, "POST", f"{mine}/end", first, end)["collaboration"]
    app.drain_events()
    cancelled: dict[str, Any] = done_at_revision(birgitta, "DELETE", f"{mine}/scheduled-end", first)
    app.drain_events()
    asked = office.invited(BJORK, "employee-payslip")
    assert birgitta.post(f"/my/requests/{asked['id']}/decision", {"decision": "accept"}).status == 200
    app.drain_events()
    activated = office.activate(CEDER, "scanner").json
    app.drain_events()
    app.clock.pass_(days=2)
    assert office.anna.post(f"/collaborations/{activated['id']}/resend-login").status == 202
    app.drain_events()
    activated = office.anna.get(f"/collaborations/{activated['id']}").json
    done_at_revision(office.anna, "POST", f"/collaborations/{activated['id']}/end", activated, {"outcome": "continue"})
    app.drain_events()
    tool = office.collaborating(ALMBERG, "smart-office", invoiceRecipient="office")
    assert ALMBERG.account
    alva, hers = office.user(ALMBERG.contact.email), f"/my/collaborations/{tool['id']}"
    done_at_revision(alva, "POST", f"{hers}/end", tool, {"outcome": "close"})
    app.drain_events()
    return cancelled


def linking(office: Office) -> None:
    """Imported, suggested, linked and undone."""
    unlinked = office.imported()
    path = f"/collaborations/{unlinked['id']}"
    assert office.anna.get(f"{path}/link-suggestions").status == 200
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = done_at_revision(office.anna, "PUT", f"{path}/link", unlinked, body)
    office.app.drain_events()
    done_at_revision(office.anna, "DELETE", f"{path}/link", linked)
    office.app.drain_events()


def reading(office: Office, collaboration: dict[str, Any]) -> None:
    """Every list and page that is left."""
    for path in (
        *("/me", "/employees", "/summary", "/solutions", "/customers", f"/customers/{BJORK.id}", "/collaborations"),
        *(f"/collaborations/{collaboration['id']}{part}" for part in ("", "/access", "/history")),
    ):
        assert office.anna.get(path).status == 200, path
    for path in ("/platform/accounts/account-bjork/access", "/platform/reports?kind=drift"):
        assert office.platform.get(path).status == 200, path
    # One task: of several, threads take as many as they get, and so many round trips come one after another.
    one_task = {"customerIds": [ALMBERG.id], "addParticipants": ["anna"]}
    assert office.platform.post(f"/platform/offices/{office.id}/tasks/mass-update", one_task).status == 200
    office.app.drain_events()
    office.platform.post(f"/platform/offices/{office.id}/collaborations/import", {"rows": [UNLINKED]})
    office.mail_event("Bounce", messageId=f"message-{len(office.app.mailbox)}")
    office.app.drain_events()


def scheduled(office: Office, ledger: Ledger) -> None:
    """What schedules, the stream and the provider set off, each with one thing to do."""
    app = office.app
    office.feed()
    app.drain_events()

    def clean_up(name: str, **passing: float) -> dict[str, int]:
        app.clock.pass_(**passing)
        ledger.call_next(f"cleanup: {name}")
        counts = app.clean_up()
        app.drain_events()
        return counts

    assert clean_up("nothing is due") == {}
    ledger.call_next("mail: nothing is due")
    assert app.send_due_mail() == 0
    started = office.collaborating(
        BJORK, "digital-invoices", sentInvoiceRecipient="office", receivedInvoiceRecipient="office"
    )
    # The first audit of an office looks whether all of it is indexed, the others do not.
    ledger.call_next("access: the first audit of an office with one collaboration")
    app.audit_access()
    ledger.call_next("access: the nightly audit of an office with one collaboration")
    app.audit_access()
    office.invited(ALMBERG, "scanner")
    ledger.call_next("mail_events: a delivery")
    event = {**sample("mail_events-delivery")}
    event["detail"] = {**event["detail"], "mail": {**event["detail"]["mail"], "messageId": "message-1", "tags": {}}}
    app.functions["mail_events"].handler(event, None)
    assert clean_up("one renewal", days=7) == {"renewed": 1}
    assert clean_up("one reminder", days=4, hours=1) == {"reminded": 1}
    assert clean_up("one expiry, and its digest", days=2, hours=23) == {"expired": 1}
    assert app.digests_sent == 1
    path = f"/collaborations/{started['id']}"
    started = office.anna.get(path).json
    done_at_revision(office.anna, "POST", f"{path}/end", started, {"on": "2026-12-20", "outcome": "continue"})
    app.drain_events()
    app.clean_up()
    app.drain_events()
    assert clean_up("one end", days=12) == {"ended": 1}
    app.clock.pass_(days=13)
    app.clean_up()
    app.drain_events()
    assert clean_up("one erasure", days=10) == {"erased": 1}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """What everything has cost once it was done."""
    app = App()
    numbers = itertools.count(1)
    app.services.new_id = lambda: ID.format(next(numbers))
    ledger = Ledger(app)
    office = Office(app)
    supplying(office, ledger)
    inviting(office, ledger)
    collaboration = collaborating(office, ledger)
    linking(office)
    reading(office, collaboration)
    app = App()
    app.services.new_id = lambda: ID.format(next(numbers))
    ledger.watch(app)
    scheduled(Office(app), ledger)
    return ledger


def test_every_operation_costs_what_it_did(ledger: Ledger, snapshot: SnapshotAssertion) -> None:
    """Round trips one after another, read units, write units, each with what follows it through the bus."""
    assert "".join(ledger.lines()) == snapshot(extension_class=Text)


def test_every_operation_is_counted(ledger: Ledger) -> None:
    """But for those of the functions that have no table."""
    without_table = {"console", "docs"}
    wanted = {operation.name for operation in OPERATIONS if operation.function not in without_table}
    assert wanted - ledger.names == set()


# Beyond what it costs in a small office: a page of employees, and those who are concerned.
LARGE, ROOM = 3000, 30


def whole_job(office: Office, ledger: Ledger) -> None:
    """What decides, or gives access, by who is on a task."""
    app = office.app
    app.audit_access()
    invitation = office.invited(ALMBERG, "employee-payslip")
    path = f"/invitations/{invitation['id']}"
    assert office.anna.post(f"{path}/remind").status == 202
    assert office.nobody.get(office.link_of(ALMBERG.contact.email)).status == 200
    app.drain_events()
    collaboration = office.collaborating(BJORK)
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/second", {**BJORK.task(), "name": "Bokslut"})
    app.drain_events()
    path = f"/collaborations/{collaboration['id']}"
    edited = done_at_revision(office.anna, "PATCH", path, collaboration, {"taskId": "second"})
    done_at_revision(office.anna, "POST", f"{path}/end", edited, {"outcome": "continue"})
    app.drain_events()
    imported = office.imported()
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": imported["solution"]}
    done_at_revision(office.bo, "PUT", f"/collaborations/{imported['id']}/link", imported, body)
    app.drain_events()
    ledger.call_next("cleanup: one reminder")
    app.clock.pass_(days=12)
    app.clean_up()


def test_an_operation_of_a_large_office_reads_who_is_concerned() -> None:
    """Three thousand employees are a megabyte, 250 units: none of it is read to know five people and an address."""
    costs = []
    for employees in (0, LARGE):
        app = App()
        ledger, office = Ledger(app), Office(app)
        office.feed()
        office.hire(employees)
        whole_job(office, ledger)
        costs.append(ledger.costs)
    small, large = costs
    assert small.keys() == large.keys()
    assert {"showInvitationByLink", "decideInvitationByLink", "remindInvitation", "endCollaboration"} <= large.keys()
    more = {name: large[name].read - spent.read for name, spent in small.items()}
    first = "access: the first audit"
    assert {name: units for name, units in more.items() if units > ROOM and not name.startswith(first)} == {}
    asked = [name for name in small if " " not in name]
    assert max(large[name].round_trips - small[name].round_trips for name in asked) == 1, "who is concerned"
