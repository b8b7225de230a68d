"""Least privilege, both ways: nothing is called that a function's policy lacks, and nothing granted goes unused.

Every integration test holds the first: a call without permission fails it. Here everything each function does is done
once, so that what a policy grants beyond that is seen.
"""

from __future__ import annotations

import copy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from support.app import App
from support.cognito import PoolUser
from support.collaborations import done_at_revision
from support.people import ALMBERG, BJORK, BO, CEDER, DAHL, UNLINKED, Office, fresh_key
from support.permissions import Permission, granted
from support.samples import sample

BIRGITTA = BJORK.contact.email
BOOKS = {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12}


def employees_read(office: Office, invitation: dict[str, Any], collaboration: dict[str, Any]) -> None:
    """Every list and every single thing that an employee may look at."""
    for path in (
        "/me",
        "/employees",
        "/summary",
        "/solutions",
        "/customers",
        f"/customers/{BJORK.id}",
        "/invitations",
        f"/invitations/{invitation['id']}",
        f"/invitations/{invitation['id']}/history",
        "/collaborations",
        f"/collaborations/{collaboration['id']}",
        f"/collaborations/{collaboration['id']}/access",
        f"/collaborations/{collaboration['id']}/history",
    ):
        assert office.anna.get(path).status == 200, path


def invitations(app: App, office: Office) -> dict[str, Any]:
    """Invited, by row too, reminded, with wrong digits, resent, revoked, declined, asked for again."""
    invitation = office.invited(BJORK, "scanner")
    path = f"/invitations/{invitation['id']}"
    row = {**office.confirmed(office.proposal(BJORK, "smart-office", invoiceRecipient="office")), "key": fresh_key()}
    assert office.anna.post("/invitations/batch", {"rows": [row]}).json["rows"][0]["status"] == "created"
    app.drain_events()
    assert office.anna.post(f"{path}/remind").status == 202
    app.drain_events()
    link = office.link_of(BIRGITTA)
    assert office.nobody.get(link, headers={"Accept": "application/json"}).status == 200
    assert office.decide(BIRGITTA, organisationNumberEnding="0000").status == 403
    app.clock.pass_(days=2)
    assert office.anna.post(f"{path}/resend").status == 202
    app.drain_events()
    assert office.anna.post(f"{path}/revoke").status == 200
    app.drain_events()
    assert office.nobody.post(f"{office.link_of(BIRGITTA)}/ask-again").status == 202
    declined = office.invited(BJORK, "scanner")
    assert office.decide(BIRGITTA, "decline").status == 200
    app.drain_events()
    return declined


def collaborations(app: App, office: Office) -> dict[str, Any]:
    """Started by both routes, edited, ended at once and on a day, by both sides; login instructions again."""
    first = office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKS)
    path = f"/collaborations/{first['id']}"
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other", {**BJORK.task(), "name": "Bokslut"})
    first = done_at_revision(office.anna, "PATCH", path, first, {"taskId": "other", "periodMonths": 3})
    end = {"on": "2027-01-15", "outcome": "continue"}
    first = done_at_revision(office.anna, "POST", f"{path}/end", first, end)["collaboration"]
    first = done_at_revision(office.anna, "DELETE", f"{path}/scheduled-end", first)
    birgitta, mine = office.user(BIRGITTA), f"/my/collaborations/{first['id']}"
    first = done_at_revision(birgitta, "POST", f"{mine}/end", first, end)["collaboration"]
    first = done_at_revision(birgitta, "DELETE", f"{mine}/scheduled-end", first)
    for seen in ("/me", "/my/solutions", "/my/requests", "/my/collaborations", f"{mine}/access", f"{mine}/history"):
        assert birgitta.get(seen).status == 200, seen
    asked = office.invited(BJORK, "employee-payslip")
    assert birgitta.post(f"/my/requests/{asked['id']}/decision", {"decision": "accept"}).status == 200
    app.drain_events()
    activated = office.activate(CEDER, "scanner").json
    app.drain_events()
    app.clock.pass_(days=2)
    assert office.anna.post(f"/collaborations/{activated['id']}/resend-login").status == 202
    activated = office.anna.get(f"/collaborations/{activated['id']}").json
    done_at_revision(office.anna, "POST", f"/collaborations/{activated['id']}/end", activated, {"outcome": "continue"})
    tool = office.activate(ALMBERG, "tax-annual-accounts").json
    app.drain_events()
    delete = {"outcome": "delete", "confirmSolution": "employee-payslip"}
    payslip = f"/my/collaborations/col-{asked['id'].removeprefix('inv-')}"
    shown = birgitta.get("/my/collaborations").json["items"]
    ending = next(row for row in shown if row["solution"] == "employee-payslip")
    checklist = birgitta.post(f"{payslip}/end", delete, headers={"If-Match": f'"{ending["revision"]}"'}).json["confirm"]
    done_at_revision(birgitta, "POST", f"{payslip}/end", ending, {**delete, "checklist": checklist})
    app.drain_events()
    done_at_revision(office.anna, "POST", f"/collaborations/{tool['id']}/end", tool, {"outcome": "close"})
    app.drain_events()
    found: dict[str, Any] = first
    return found


def linking(app: App, office: Office) -> None:
    """Suggested, linked, moved and undone."""
    unlinked = office.imported()
    path = f"/collaborations/{unlinked['id']}"
    assert office.anna.get(f"{path}/link-suggestions").status == 200
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = done_at_revision(office.anna, "PUT", f"{path}/link", unlinked, body)
    app.drain_events()
    done_at_revision(office.anna, "DELETE", f"{path}/link", linked)
    app.drain_events()


def platform(app: App, office: Office) -> None:
    """Fed, changed, moved, read back, asked and reported."""
    base = f"/platform/offices/{office.id}"
    office.put(f"{base}/customers/new", {**CEDER.body(), "organisationNumber": "5560000001"})
    office.put(f"{base}/customers/new", {**CEDER.body(), "organisationNumber": "5560360793"})
    account: dict[str, Any] = {
        "organisationNumber": "5560000001",
        "name": "Ny",
        "users": [],
        "mainContact": None,
        "subscriptions": [],
    }
    office.put("/platform/accounts/new", account)
    office.put("/platform/accounts/new", {**account, "organisationNumber": "5560360793"})
    office.put("/platform/accounts/beside", {**account, "organisationNumber": "5560360793"})
    office.platform.post(f"{base}/tasks/mass-update", {"addParticipants": [BO.id]})
    app.drain_events()
    office.platform.post(f"{base}/collaborations/import", {"rows": [{**UNLINKED, "reference": "another"}]})
    for path in (
        base,
        f"{base}/employees/{BO.id}",
        f"{base}/customers/{BJORK.id}",
        f"{base}/customers/{BJORK.id}/tasks/{BJORK.task_id}",
        "/platform/accounts/account-bjork",
        "/platform/accounts/account-bjork/access",
        "/platform/reports?kind=drift",
    ):
        assert office.platform.get(path).status == 200, path
    office.mail_event("Bounce", messageId="message-1")
    app.drain_events()


def reported(app: App, name: str, message_id: str) -> None:
    """The provider tells the function what became of a mail, as in the sample of that name."""
    event = copy.deepcopy(sample(f"mail_events-{name}"))
    event["detail"]["mail"] = {**event["detail"]["mail"], "messageId": message_id, "tags": {}}
    assert app.functions["mail_events"].handler(event, None) == {"kept": 1}


def background(app: App, office: Office) -> None:
    """What schedules, streams and the provider set off."""
    office.invited(BJORK, "digital-invoices", sentInvoiceRecipient="office", receivedInvoiceRecipient="office")
    office.mail_event("Send", messageId=f"message-{len(app.mailbox)}")
    reported(app, "bounce", f"message-{len(app.mailbox)}")
    reported(app, "complaint", f"message-{len(app.mailbox)}")
    login = next(nth for nth, mail in enumerate(app.mailbox, start=1) if mail.to == CEDER.contact.email)
    reported(app, "bounce", f"message-{login}")
    bounced = office.invited(ALMBERG, "smart-office", invoiceRecipient="office")
    reported(app, "bounce", f"message-{len(app.mailbox)}")
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{bounced['id']}/remind").status == 202
    app.drain_events()
    app.refusing_mail = True
    office.invite(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=3)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=6)
    app.send_due_mail()
    office.collaborating(ALMBERG, "employee-payslip")
    grants = [place for place in app.client.items if place[1].startswith("GRANT#")]
    app.services.table.write([{"Delete": {"Key": {"pk": {"S": grants[-1][0]}, "sk": {"S": grants[-1][1]}}}}])
    app.audit_access()
    app.clock.pass_(days=60)
    # No time is left for more than one piece of work: the next run is started.
    out_of_time = SimpleNamespace(get_remaining_time_in_millis=lambda: 5000)
    assert app.functions["cleanup"].handler(sample("cleanup-every-quarter"), out_of_time)
    app.clean_up()
    app.drain_events()
    app.functions["publish"].handler(sample("publish-history"), None)
    app.functions["sign_up"].handler(sample("sign_up"), None)
    signing_in = sample("sign_in")
    app.cognito.users[signing_in["userName"]] = PoolUser("CONFIRMED", app.clock.now)
    app.functions["sign_in"].handler(signing_in, None)
    app.cognito.users["stranger"] = PoolUser("UNCONFIRMED", app.clock.now - timedelta(days=30))
    assert app.functions["purge_logins"].handler(sample("purge_logins-every-night"), None)["deleted"] == 1


@pytest.fixture(scope="module")
def used() -> dict[str, set[Permission]]:
    """The permissions that each function has used."""
    return used_permissions()


def used_permissions() -> dict[str, set[Permission]]:
    """The permissions that each function has used once everything was done."""
    app = App()
    office = Office(app)
    office.feed()
    invitation = invitations(app, office)
    collaboration = collaborations(app, office)
    linking(app, office)
    employees_read(office, invitation, collaboration)
    platform(app, office)
    background(app, office)
    return app.permissions.used


@pytest.mark.parametrize("folder", sorted(App().functions))
def test_a_policy_grants_what_is_called_and_no_more(folder: str, used: dict[str, set[Permission]]) -> None:
    """What is granted and never called; what is called and not granted has failed before."""
    assert granted(folder) == used.get(folder, set())
