"""What the nightly audit makes of invitations: bounces that waited, markers beside a bounce, markers left over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collaboration.access.invitation_audit import audit_invitation
from collaboration.domain.model.values import AgreementId
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import EXISTS
from collaboration.storage.markers import Marker
from collaboration.storage.table import Table
from support.accounts import register
from support.collaborations import done_at_revision
from support.people import ANNA, BJORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest
    from collaboration.storage.actions import Action
    from support.app import App
    from support.people import Office

NEW = "new@bjork-brown.example"
TRAVEL = {"invoiceRecipient": "office", "reportRecipient": "payroll"}


def agreement_of(invitation: dict[str, Any]) -> AgreementId:
    """Where an invitation is stored."""
    return AgreementId(invitation["id"].removeprefix("inv-"))


def bounce(office: Office, invitation: dict[str, Any]) -> None:
    """The mail of its first recipient comes back."""
    tags = {"agreement": [agreement_of(invitation)], "mail": ["invitation-1"], "recipient": ["r1"]}
    assert office.mail_event("Bounce", tags=tags)


def a_day_later(app: App) -> None:
    """What a day brings."""
    app.clock.pass_(days=1)
    app.clean_up()
    app.audit_access()
    app.send_due_mail()
    app.drain_events()


def test_a_corrected_address_gets_what_nobody_could_accept_meanwhile(app: App, office: Office) -> None:
    """The right address came while the subscription was gone; once it is back the request goes out by itself."""
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01"}
    register(office, subscriptions=[terms])
    invitation = office.invited(BJORK, "bookkeeping-invoicing")
    bounce(office, invitation)
    register(office, subscriptions=[])
    app.drain_events()
    users = [{"email": NEW, "name": "Nina", "role": "administrator"}]
    register(office, users=users, mainContact=NEW, subscriptions=[])
    app.drain_events()
    a_day_later(app)
    assert app.mails(NEW) == []
    register(office, users=users, mainContact=NEW, subscriptions=[terms])
    app.drain_events()
    a_day_later(app)
    assert len(app.mails(NEW)) == 1
    a_day_later(app)
    assert len(app.mails(NEW)) == 1


def test_a_bounce_beside_the_audit_is_still_reported(app: App, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit has read before the bounce is written: it leaves the marker with what the office is to hear."""
    invitation = office.invited(BJORK, "scanner")
    app.audit_access()
    write = Table.write
    waiting: list[list[Action]] = []
    audited: list[str] = []

    def write_beside_the_audit(table: Table, changes: Iterable[Action]) -> None:
        batch = list(changes)
        if not audited and "noticeAt" in json.dumps(batch, default=str):
            audited.append(invitation["id"])
            waiting.append(batch)
            audit_invitation(app.services, agreement_of(invitation))
            batch = []
        # The audit has read by now, and writes only after the bounce is written.
        if waiting:
            write(table, waiting.pop())
        if batch:
            write(table, batch)

    monkeypatch.setattr(Table, "write", write_beside_the_audit)
    bounce(office, invitation)
    monkeypatch.undo()
    a_day_later(app)
    assert office.anna.get("/summary").json["invitations"]["bounced"]["count"] == 1
    assert app.mails(ANNA.email)


def test_the_marker_of_a_bounce_comes_back_with_its_notice(app: App, office: Office) -> None:
    """The office hears of the bounce, though its marker was lost."""
    invitation = office.invited(BJORK, "scanner")
    bounce(office, invitation)
    app.services.table.write([actions.delete(keys.marker(agreement_of(invitation), Marker.BOUNCED))])
    app.drain_events()
    app.audit_access()
    a_day_later(app)
    assert app.mails(ANNA.email)


def test_markers_left_over_by_an_accepted_invitation_go(app: App, office: Office) -> None:
    """The collaboration is audited in its place."""
    invitation = office.invited(BJORK, "scanner")
    key = keys.marker(agreement_of(invitation), Marker.PENDING)
    [left_over] = app.services.table.get(key).values()
    office.decide(BJORK.contact.email)
    app.drain_events()
    app.services.table.write([actions.put(left_over)])
    assert office.anna.get("/summary").json["invitations"]["pending"]["count"] == 1
    app.audit_access()
    assert office.anna.get("/summary").json["invitations"]["pending"]["count"] == 0


def test_what_the_customer_owns_has_nothing_to_come(app: App, office: Office) -> None:
    """An office leaves: the customer's own subscription goes on as it is, and no mail says otherwise."""
    own = {"solution": "smart-office", "renewsOn": "2026-12-01", "customerOwned": True, "invoiceRecipient": "office"}
    register(office, subscriptions=[own])
    collaboration = office.collaborating(BJORK, "smart-office")
    path = f"/collaborations/{collaboration['id']}"
    read = office.anna.get(path).json
    done_at_revision(office.anna, "POST", f"{path}/end", read, {"outcome": "continue"})
    app.drain_events()
    office.invited(BJORK, "smart-office")
    [*_, mail] = app.mails(BJORK.contact.email)
    text = " ".join(mail.text.split())
    assert "Nothing in it changes" in text
    assert "on: Paid by" not in text


def test_what_cannot_be_read_of_one_invitation_stops_no_other(app: App, office: Office) -> None:
    """One lacks its expiry, another that has expired is broken: both are reported, and the rest is looked at."""
    broken, expired = office.invited(BJORK, "scanner"), office.invited(BJORK, "smart-office", invoiceRecipient="office")
    key = keys.marker(agreement_of(office.invited(BJORK, "travel-expenses", **TRAVEL)), Marker.PENDING)
    table = app.services.table
    table.write([actions.remove(keys.invitation(agreement_of(broken)), ["expiresAt"], EXISTS)])
    over = {"expiresAt": items.number(0), "data": items.text("{}")}
    table.write([actions.update(keys.invitation(agreement_of(expired)), over, EXISTS), actions.delete(key)])
    app.drain_events()
    app.audit_access()
    [report] = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert set(report["failedInvitations"]) == {broken["id"], expired["id"]}
    assert key in table.get(key)
