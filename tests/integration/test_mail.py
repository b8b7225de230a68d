"""`mail-never-lost`: whatever crashes or refuses, every mail goes out once or is seen to have failed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.services import PartialFailureError
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.app import App

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"


def deliveries(office: Office) -> set[str]:
    """What the request shows of its mails."""
    [invitation] = office.anna.get("/invitations").json["items"]
    return {row["delivery"] for row in invitation["recipients"]}


def test_a_mail_nobody_was_told_of_is_found(app: App, office: Office) -> None:
    """The stream may be silent: a minute later the schedule sees it."""
    office.invite()
    app.new_messages()
    assert app.send_due_mail() == 0
    app.clock.pass_(minutes=1, seconds=1)
    assert app.send_due_mail() == 2
    assert deliveries(office) == {"sent"}


def test_a_message_that_comes_twice_sends_once(app: App, office: Office) -> None:
    """And late, and after the schedule."""
    office.invite()
    messages = [message for message in app.new_messages() if message.name == "MailQueued"]
    for message in messages * 3:
        app.deliver(message)
    app.clock.pass_(hours=1)
    app.send_due_mail()
    assert sorted(mail.to for mail in app.mailbox) == [BENJAMIN, BIRGITTA]


def test_a_crash_while_sending_costs_a_wait_and_no_mail(app: App, office: Office) -> None:
    """Whoever claimed a mail has two minutes; then somebody else may."""
    office.invite()
    sound = app.mailer

    class Crashing:
        """Dies with the mail in its hand."""

        def send(self, *_: Any) -> str:
            raise KeyboardInterrupt

    app.mailer = replace(sound, provider=Crashing())
    with pytest.raises(KeyboardInterrupt):
        app.drain_events()
    app.mailer = sound
    app.clock.pass_(minutes=1)
    app.send_due_mail()
    app.clock.pass_(minutes=3)
    app.send_due_mail()
    assert sorted(sent.to for sent in app.mailbox) == [BENJAMIN, BIRGITTA]


def test_pauses_grow_and_end_after_three_days(app: App, office: Office) -> None:
    """From a minute to four hours; then the request says that it failed, and nothing is tried any more."""
    app.refusing_mail = True
    tries: list[Any] = []
    refusing = app.mailer.provider

    class Counting:
        """Counts, and refuses."""

        def send(self, *sent: Any) -> str:
            tries.append(app.clock.now)
            return refusing.send(*sent)

    app.mailer = replace(app.mailer, provider=Counting())
    office.invite()
    app.drain_events()
    for _ in range(3 * 24 * 12 + 60):
        app.clock.pass_(minutes=5)
        app.send_due_mail()
    assert deliveries(office) == {"failed"}
    first = tries[::2]
    # The schedule of this test looks every five minutes.
    pauses = [round((later - earlier).total_seconds() / 300) * 5 for earlier, later in pairwise(first)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5, 240)
    app.refusing_mail = False
    app.clock.pass_(days=1)
    app.send_due_mail()
    assert app.mailbox == []


def test_the_fate_is_shown_where_the_office_looks(app: App, office: Office) -> None:
    """Queued, then sent; on the request for invitations, on the collaboration for what tells the administrators."""
    office.invite()
    assert deliveries(office) == {"queued"}
    app.drain_events()
    assert deliveries(office) == {"sent"}
    decided = office.decide(BIRGITTA, customer=BJORK).json
    path = f"/collaborations/{decided['collaborationId']}"
    assert {mail["delivery"] for mail in office.anna.get(path).json["mails"]} == {"queued"}
    app.drain_events()
    mails = office.anna.get(path).json["mails"]
    assert [(mail["kind"], mail["delivery"]) for mail in mails] == [("information", "sent")] * 2


# Fates


def test_a_fate_is_kept_once_in_any_order(app: App, office: Office) -> None:
    """By the provider's id or by our tags; what lasts is not undone by what comes late."""
    invitation = office.invited()
    agreement = invitation["id"].removeprefix("inv-")
    tags = {"agreement": [agreement], "mail": ["invitation-1"], "reader": ["r1"]}
    assert office.mail_event("DeliveryDelay", messageId="message-1")
    assert office.mail_event("Bounce", tags=tags)
    assert not office.mail_event("Delivery", messageId="message-1")
    assert not office.mail_event("Bounce", messageId="message-1")
    assert office.mail_event("Delivery", messageId="message-2")
    assert not office.mail_event("Open", messageId="message-2")
    assert not office.mail_event("Bounce", messageId="message-of-somebody-else")
    assert not office.mail_event("Bounce", tags={"agreement": ["a b"]})
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    assert {row["email"]: row["delivery"] for row in shown["recipients"]} == {
        BIRGITTA: "bounced",
        BENJAMIN: "delivered",
    }
    assert shown["nextReminderAt"] is None
    kinds = [row["kind"] for row in office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]]
    assert kinds == ["invitation-delivered", "invitation-bounced", "invitation-sent"]


def test_a_login_mail_that_bounced_is_told_to_who_activated(app: App, office: Office) -> None:
    """Once, by mail, and seen on the collaboration; the office itself, when they have left."""
    collaboration = office.activate().json
    app.drain_events()
    for _ in range(2):
        office.mail_event("Bounce", messageId="message-1")
        app.drain_events()
    notes = [mail for mail in app.mails("anna.ek@ek-lind.example") if "kom tillbaka" in mail.subject]
    assert len(notes) == 1
    shown = office.anna.get(f"/collaborations/{collaboration['id']}").json
    assert [(mail["kind"], mail["delivery"]) for mail in shown["mails"]] == [("login-instructions", "bounced")]
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history").json["items"]
    assert rows[0]["kind"] == "mail-bounced"


def break_item(app: App, sort_key: str) -> None:
    """Make an item unreadable, as a fault of ours might."""
    [place] = [place for place in app.client.items if place[1] == sort_key][:1]
    app.client.items[place]["data"] = {"S": '{"email": "anna@x.example"}'}


def test_one_bad_mail_stops_no_other(app: App, office: Office) -> None:
    """All others go out; the run says that something is left, and not what was in it."""
    office.invite(BJORK)
    app.new_messages()
    break_item(app, "OUTBOX#invitation-1")
    office.invite(BJORK, "smart-office", invoiceRecipient="office")
    app.new_messages()
    app.clock.pass_(minutes=2)
    with pytest.raises(PartialFailureError) as pending_messages:
        app.send_due_mail()
    assert str(pending_messages.value) == "1 left: ValidationError"
    assert len(app.mailbox) == 2


def test_one_bad_request_stops_no_other(app: App, office: Office) -> None:
    """The clean-up does everything else that is due, and then says that something is left."""
    office.invite(BJORK)
    office.invite(BJORK, "smart-office", invoiceRecipient="office")
    break_item(app, "INVITATION")
    app.clock.pass_(days=15)
    with pytest.raises(PartialFailureError):
        app.clean_up()
    states = [item["state"]["S"] for place, item in app.client.items.items() if place[1] == "INVITATION"]
    assert sorted(states) == ["expired", "pending"]
