"""While nobody can accept an invitation, nothing is sent, nothing is promised, and the office is told once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.values import AgreementId
from collaboration.storage import actions, items, keys
from collaboration.storage.markers import Marker
from collaboration.storage.table import Table
from support.accounts import register
from support.people import ANNA, BJORK, fresh_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collaboration.storage.actions import Action
    from support.app import App
    from support.people import Office
    from support.ses import SentMail

BIRGITTA = "birgitta@bjork-brown.example"
BOOKS = "bookkeeping-invoicing"
TERMS = {"solution": BOOKS, "renewsOn": "2026-12-01"}
SMART = {"solution": "smart-office", "renewsOn": "2027-01-01"}
TITLES = {
    "cannot": "Kan inte längre godkännas",
    "bounced": "Mejlet kunde inte levereras",
    "expiring": "Går ut inom tre dagar",
    "closed": "Länkarna är stängda",
    "expired": "Har gått ut utan svar",
    "for good": "Har gått ut och kan inte skickas igen",
    "asked": "Kunden ber om en ny inbjudan",
    "anew": "den gamla kan inte skickas igen",
}


def words(mail: SentMail) -> str:
    """The text of a mail in one line."""
    return " ".join(mail.text.split())


def digested(app: App) -> list[set[str]]:
    """What the digests said, oldest first, by the titles of their groups."""
    found = [words(mail) for mail in app.mails(ANNA.email) if "att följa upp" in mail.subject]
    return [{name for name, title in TITLES.items() if title in text} for text in found]


def asked(app: App, office: Office) -> dict[str, Any]:
    """An invitation that nobody can accept any more: the subscription that it was to join has gone."""
    register(office, subscriptions=[TERMS])
    invitation = office.invited(BJORK, BOOKS)
    app.drain_events()
    return invitation


def days(app: App, count: int, *, audit: bool = False) -> None:
    """What so many days bring."""
    for _ in range(count):
        app.clock.pass_(days=1)
        app.clean_up()
        if audit:
            app.audit_access()
        app.drain_events()


def shown(office: Office, invitation: dict[str, Any]) -> tuple[Any, list[str]]:
    """When the automatic reminder is announced, and what may be done; the list says the same."""
    one = office.anna.get(f"/invitations/{invitation['id']}").json
    assert one in office.anna.get("/invitations").json["items"]
    return one["nextReminderAt"], one["actions"]


def bounce(office: Office, invitation: dict[str, Any]) -> None:
    """Its mails come back."""
    for recipient in ("r1", "r2"):
        tags = {"agreement": [invitation["id"][4:]], "mail": ["invitation-1"], "recipient": [recipient]}
        assert office.mail_event("Bounce", tags=tags)


def test_what_nobody_can_accept_is_neither_reminded_of_nor_sent_again(app: App, office: Office) -> None:
    """`no-mail-in-vain`: neither is announced, until the subscription is back."""
    invitation = asked(app, office)
    before = shown(office, invitation)
    assert before[0] is not None
    register(office, subscriptions=[])
    app.drain_events()
    assert shown(office, invitation) == (None, ["revoke"])
    register(office, subscriptions=[TERMS])
    app.drain_events()
    assert shown(office, invitation) == before


def test_an_expired_one_that_nobody_could_accept_is_not_offered_again(app: App, office: Office) -> None:
    """Whether the subscription goes before or after the expiry."""
    invitation = asked(app, office)
    days(app, 15)
    assert shown(office, invitation)[1] == ["resend"]
    register(office, subscriptions=[])
    app.drain_events()
    assert shown(office, invitation)[1] == []


def test_the_audit_notes_what_no_event_told(app: App, office: Office) -> None:
    """The message that a subscription has gone was lost."""
    invitation = asked(app, office)
    register(office, subscriptions=[])
    app.new_messages()
    assert shown(office, invitation)[0] is not None
    app.audit_access()
    app.drain_events()
    assert shown(office, invitation) == (None, ["revoke"])
    days(app, 1)
    assert digested(app) == [{"cannot"}]


@pytest.mark.parametrize("gone", [False, True])
def test_the_audit_notes_it_of_an_expired_one_too(app: App, office: Office, *, gone: bool) -> None:
    """The office is offered to send it again, or not, by what a resend says."""
    invitation = asked(app, office)
    if not gone:
        register(office, subscriptions=[])
        app.drain_events()
    days(app, 15)
    register(office, subscriptions=[] if gone else [TERMS])
    app.new_messages()
    app.audit_access()
    app.drain_events()
    assert shown(office, invitation)[1] == ([] if gone else ["resend"])


def test_an_account_that_has_moved_is_not_said_to_lack_administrators(app: App, office: Office) -> None:
    """The register has corrected its number, the office has not: nobody can appoint an administrator there."""
    invitation = office.invited(BJORK, "scanner")
    days(app, 15)
    assert register(office, organisationNumber="5569876542").status == 200
    app.drain_events()
    again = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert (again.status, again.slug) == (410, "invitation-expired")
    assert "no longer has that account" in again.json["detail"]
    register(office, organisationNumber=BJORK.organisation_number)
    app.drain_events()
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202


def test_the_office_hears_at_once_and_once(app: App, office: Office) -> None:
    """On the day on which it is seen, and not three days before the expiry."""
    asked(app, office)
    days(app, 2)
    register(office, subscriptions=[])
    app.drain_events()
    days(app, 1)
    assert digested(app) == [{"cannot"}]
    days(app, 10)
    assert digested(app) == [{"cannot"}]
    days(app, 3)
    assert digested(app) == [{"cannot"}, {"for good"}]


def test_a_bounce_is_told_when_the_subscription_is_back(app: App, office: Office) -> None:
    """The office has heard that nobody can accept; of the bounce it hears once that matters again."""
    invitation = asked(app, office)
    bounce(office, invitation)
    register(office, subscriptions=[])
    app.drain_events()
    days(app, 3)
    assert digested(app) == [{"cannot"}]
    register(office, subscriptions=[TERMS])
    app.drain_events()
    days(app, 3)
    assert digested(app) == [{"cannot"}, {"bounced"}]


def test_what_can_be_accepted_again_before_the_digest_is_not_told(app: App, office: Office) -> None:
    """Nothing was to be done about it."""
    asked(app, office)
    register(office, subscriptions=[])
    app.drain_events()
    register(office, subscriptions=[TERMS])
    app.drain_events()
    days(app, 2)
    assert digested(app) == []


def test_a_renamed_company_is_called_by_its_name(app: App, office: Office) -> None:
    """`mails-say-what-holds`: in a mail that waited, in a reminder, and on the page."""
    app.refusing_mail = True
    invitation = office.invited(BJORK, "scanner")
    app.drain_events()
    register(office, name="Björk & Ask AB")
    app.drain_events()
    app.refusing_mail = False
    days(app, 1)
    app.send_due_mail()
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    texts = [words(mail) for mail in app.mails(BIRGITTA)]
    texts.append(office.nobody.get(office.link_of(BIRGITTA)).text)
    assert ["Björk & Ask AB" in text.replace("&amp;", "&") for text in texts] == [True] * 3
    assert not any("Björk & Brown" in text.replace("&amp;", "&") for text in texts)


@pytest.mark.parametrize("bounced", [False, True])
def test_closed_links_are_told_as_such(app: App, office: Office, *, bounced: bool) -> None:
    """`digest-says-what-can-be-done`: a reminder is refused, and nothing goes out by itself; a resend opens them."""
    invitation = office.invited(BJORK, "scanner")
    link = office.link_of(BIRGITTA)
    for _ in range(10):
        app.clock.pass_(hours=2)
        office.nobody.post(link, {"decision": "accept", "organisationNumberEnding": "0000"})
    if bounced:
        bounce(office, invitation)
    days(app, 11)
    assert digested(app) == [{"closed"}, {"closed"}][: 1 + bounced]
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202


def with_obstacle(office: Office) -> int:
    """How many the summary counts; the filter shows as many, by markers and by the whole list."""
    count: int = office.anna.get("/summary").json["invitations"]["withObstacle"]["count"]
    everything = office.anna.get("/invitations").json["items"]
    for query in ("status=pending&withObstacle=true", "withObstacle=true"):
        found = office.anna.get(f"/invitations?{query}").json["items"]
        pending = [row for row in found if row["status"] == "pending"]
        assert len(pending) == count
        assert all(row["obstacle"] for row in found)
    others = office.anna.get("/invitations?withObstacle=false").json["items"]
    assert [row["id"] for row in others] == [row["id"] for row in everything if row["obstacle"] is None]
    return count


def close_links(app: App, office: Office) -> dict[str, Any]:
    """An invitation whose links ten wrong tries have closed."""
    invitation = office.invited(BJORK, "scanner")
    for _ in range(10):
        app.clock.pass_(hours=2)
        office.nobody.post(office.link_of(BIRGITTA), {"decision": "accept", "organisationNumberEnding": "0000"})
    return invitation


def what_ends_it(app: App, office: Office, invitation: dict[str, Any], how: str) -> None:
    """Something after which nothing is in the way of an invitation, or it is not pending any more."""
    path = f"/invitations/{invitation['id']}"
    match how:
        case "resend" | "revoke":
            assert office.anna.post(f"{path}/{how}").status in {200, 202}
        case "expiry":
            app.clock.pass_(days=14)
        case "decline":
            body = {"decision": "decline"}
            assert office.user(BIRGITTA).post(f"/my/requests/{invitation['id']}/decision", body).status == 200


@pytest.mark.parametrize("how", ["resend", "revoke", "decline", "expiry"])
def test_what_has_an_obstacle_is_counted_and_found(app: App, office: Office, how: str) -> None:
    """Somebody does not know the number: seen at once, until the links are new or the request is over."""
    office.invited(BJORK, "employee-payslip")
    assert with_obstacle(office) == 0
    invitation = close_links(app, office)
    assert with_obstacle(office) == 1
    assert office.anna.get("/summary").json["invitations"]["pending"]["count"] == 2
    what_ends_it(app, office, invitation, how)
    assert with_obstacle(office) == 0
    app.drain_events()
    app.audit_access()
    assert with_obstacle(office) == 0
    assert app.drift[-1] == 0


def test_what_the_digest_has_told_of_is_counted_still(app: App, office: Office) -> None:
    """Until the subscription is back; told once all the same."""
    asked(app, office)
    register(office, subscriptions=[SMART])
    app.drain_events()
    assert with_obstacle(office) == 1
    days(app, 2)
    assert len(digested(app)) == 1
    assert with_obstacle(office) == 1
    register(office, subscriptions=[TERMS])
    app.drain_events()
    assert with_obstacle(office) == 0


@pytest.mark.parametrize("lost", [True, False])
def test_the_audit_counts_what_has_an_obstacle(app: App, office: Office, *, lost: bool) -> None:
    """A marker that was lost comes back; one that is left over goes."""
    invitation = close_links(app, office)
    marker_key = keys.marker(AgreementId(invitation["id"][4:]), Marker.OBSTRUCTED)
    [marker] = app.services.table.get(marker_key).values()
    if lost:
        app.services.table.write([actions.delete(marker_key)])
    else:
        what_ends_it(app, office, invitation, "resend")
        app.services.table.write([actions.put(marker)])
    app.drain_events()
    app.audit_access()
    assert with_obstacle(office) == lost


def test_no_reminder_is_advised_when_none_is_left(app: App, office: Office) -> None:
    """Three have gone out: what is left is to call."""
    invitation = office.invited(BJORK, "scanner")
    for _ in range(3):
        assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
        app.clock.pass_(days=1)
    days(app, 9)
    [mail] = [words(mail) for mail in app.mails(ANNA.email)]
    assert "inga fler påminnelser kan skickas" in mail


@pytest.mark.parametrize("gone", [False, True])
def test_what_has_expired_is_sent_again_or_not(app: App, office: Office, *, gone: bool) -> None:
    """The digest says of one that is asked for again what a resend says."""
    invitation = asked(app, office)
    link = office.link_of(BIRGITTA)
    days(app, 13)
    before = len(digested(app))
    if gone:
        register(office, subscriptions=[])
        app.drain_events()
    app.clock.pass_(days=1, hours=1)
    assert office.nobody.post(f"{link}/ask-again").status == 202
    days(app, 3)
    assert digested(app)[before:] == [{"asked", "anew"} if gone else {"asked"}]
    again = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert again.status == (409 if gone else 202)


# Mails that waited


def beside_the_commit(monkeypatch: pytest.MonkeyPatch, happening: Callable[[], Any]) -> None:
    """Let something happen between the loading and the commit of what sends a mail."""
    write = Table.write
    happened: list[bool] = []

    def write_late(table: Table, changes: Iterable[Action]) -> None:
        batch = list(changes)
        if not happened and "OUTBOX" in json.dumps(batch, default=str):
            happened.append(True)
            happening()
        write(table, batch)

    monkeypatch.setattr(Table, "write", write_late)


@pytest.mark.parametrize("returns", [False, True])
def test_a_mail_that_waited_is_not_sent_in_vain(app: App, office: Office, *, returns: bool) -> None:
    """While nobody can accept it waits, as if the provider did not take it; after three days nobody waits any more."""
    register(office, subscriptions=[TERMS])
    app.refusing_mail = True
    invitation = office.invited(BJORK, BOOKS)
    register(office, subscriptions=[])
    app.drain_events()
    app.refusing_mail = False
    for _ in range(2):
        app.clock.pass_(days=1)
        app.send_due_mail()
        app.drain_events()
    assert app.mails(BIRGITTA) == []
    if returns:
        register(office, subscriptions=[TERMS])
    for _ in range(2 * 24):
        app.clock.pass_(hours=1)
        app.send_due_mail()
    assert len(app.mails(BIRGITTA)) == returns
    found = office.anna.get(f"/invitations/{invitation['id']}").json
    assert {person["delivery"] for person in found["recipients"]} == {"sent" if returns else "failed"}


def test_a_mail_that_waited_says_who_pays_now(app: App, office: Office) -> None:
    """`mails-say-what-holds`: not who did when it was written."""
    register(office, subscriptions=[])
    app.refusing_mail = True
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    register(office, subscriptions=[{**SMART, "invoiceRecipient": "customer"}])
    app.refusing_mail = False
    app.clock.pass_(hours=20)
    app.send_due_mail()
    [mail] = app.mails(BIRGITTA)
    assert "Paid by: Redov" not in words(mail)
    assert "keeps its subscription" in words(mail)


def test_a_reminder_beside_the_end_of_the_subscription(
    app: App, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes between the reading and the writing of the reminder."""
    invitation = asked(app, office)
    app.clock.pass_(days=2)
    beside_the_commit(monkeypatch, lambda: register(office, subscriptions=[]))
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    monkeypatch.undo()
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == 1


def test_an_invitation_beside_other_terms(app: App, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who pays changes between the reading and the writing of the invitation."""
    register(office, subscriptions=[{**SMART, "invoiceRecipient": "office"}])
    body = office.confirmed(office.proposal(BJORK, "smart-office"))
    beside_the_commit(monkeypatch, lambda: register(office, subscriptions=[{**SMART, "invoiceRecipient": "customer"}]))
    assert office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()}).status == 201
    monkeypatch.undo()
    app.drain_events()
    assert "Paid by: Redov" not in words(app.mails(BIRGITTA)[-1])


def test_what_an_invitation_without_mails_beside_it_lacks(app: App, office: Office) -> None:
    """Version 0.1.0 had no item for what became of its mails: it is made when something is noted there."""
    invitation = asked(app, office)
    delivery_key = keys.invitation_delivery(AgreementId(invitation["id"][4:]))
    del app.client.items[delivery_key.pk, delivery_key.sk]
    register(office, subscriptions=[])
    app.drain_events()
    [item] = app.services.table.get(delivery_key).values()
    assert items.string(item, "obstacle") == "subscription-gone"
