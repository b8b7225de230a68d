"""`mail-never-lost`: whatever crashes or refuses, every mail goes out once or is seen to have failed."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.services import PartialFailureError
from stack import demonstration
from support.app import ROOT
from support.people import ANNA, BJORK, BO, CECILIA, CEDER, Office

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collaboration.domain.model.values import Email
    from collaboration.mailing.outbox import RenderedMail
    from stack.demonstration import Employee
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


# Deliveries


def test_a_fate_is_kept_once_in_any_order(app: App, office: Office) -> None:
    """By the provider's id or by our tags; what lasts is not undone by what comes late."""
    invitation = office.invited()
    agreement = invitation["id"].removeprefix("inv-")
    tags = {"agreement": [agreement], "mail": ["invitation-1"], "recipient": ["r1"]}
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
    notes = [mail for mail in app.mails("anna.ek@ek-lind.example") if "kunde inte levereras" in mail.subject]
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
    """All others go out; the run says which is left, and not what was in it, and counts as one that took place."""
    office.invite(BJORK)
    app.new_messages()
    break_item(app, "OUTBOX#invitation-1")
    office.invite(BJORK, "smart-office", invoiceRecipient="office")
    app.new_messages()
    app.clock.pass_(minutes=2)
    assert app.send_due_mail() == 2
    [failed] = app.log.said("background work failed")
    assert (failed.facts["kind"], failed.facts["mail"]) == ("UnreadableError", "invitation-1")
    assert "anna@x.example" not in str(app.log.lines)
    assert len(app.mailbox) == 2
    assert app.metrics.counted("DueWorkFailed") == [1]
    assert app.metrics.counted("OldestMailAge") == [0]


def test_one_bad_request_stops_no_other(app: App, office: Office) -> None:
    """The clean-up does everything else that is due, counts what it could not do, and logs it by its ids."""
    office.invite(BJORK)
    office.invite(BJORK, "smart-office", invoiceRecipient="office")
    break_item(app, "INVITATION")
    app.clock.pass_(days=15)
    assert app.clean_up() == {"expired": 1, "failed": 1}
    assert app.metrics.counted("DueWorkFailed") == [1]
    states = [item["state"]["S"] for place, item in app.client.items.items() if place[1] == "INVITATION"]
    assert sorted(states) == ["expired", "pending"]


# Mails that met something on their way


class Listening:
    """A provider that does something with each mail before it answers."""

    def __init__(self, app: App, act: Callable[[Email, Mapping[str, str]], None]) -> None:
        self._provider = app.mailer.provider
        self._act = act
        app.mailer = replace(app.mailer, provider=self)

    def send(self, mail: RenderedMail, to: Email, tags: Mapping[str, str]) -> str:
        """Take a mail."""
        message_id = self._provider.send(mail, to, tags)
        self._act(to, tags)
        return message_id


def shown(office: Office, invitation: dict[str, Any]) -> dict[str, str]:
    """What became of the mails of an invitation, by address."""
    rows = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    return {row["email"]: row["delivery"] for row in rows}


def test_a_bounce_that_comes_before_sent_is_recorded_stays(app: App, office: Office) -> None:
    """The provider tells faster than we write: what it told is not overwritten, and found by its id as well."""

    def bounce(to: Email, tags: Mapping[str, str]) -> None:
        if to == BIRGITTA:
            assert office.mail_event("Bounce", tags={name: [value] for name, value in tags.items()})

    Listening(app, bounce)
    invitation = office.invited()
    assert shown(office, invitation) == {BIRGITTA: "bounced", BENJAMIN: "sent"}
    rows = {word: office.anna.get(f"/invitations?bounced={word}").json["items"] for word in ("true", "false")}
    assert {word: [row["id"] for row in found] for word, found in rows.items()} == {
        "true": [invitation["id"]],
        "false": [],
    }
    assert not office.mail_event("Delivery", messageId="message-1")
    assert office.mail_event("Complaint", messageId="message-1")
    app.clock.pass_(hours=1)
    assert app.send_due_mail() == 0


def test_a_conflict_with_one_recipient_leaves_no_other_for_later(app: App, office: Office) -> None:
    """Recording what was sent meets somebody else's write: it is tried again, and nobody gets two mails."""
    office.invite()
    write = app.client.transact_write_items
    left = [2]

    def conflicting(**arguments: Any) -> Any:
        sent = any("messageId" in str(action) for action in arguments["TransactItems"])
        if sent and left[0]:
            left[0] -= 1
            reasons = [{"Code": "TransactionConflict"}]
            error = {"CancellationReasons": reasons, "Error": {"Code": "TransactionCanceledException"}}
            raise app.client.exceptions.TransactionCanceledException(error, "TransactWriteItems")
        return write(**arguments)

    app.client.transact_write_items = conflicting
    app.drain_events()
    assert left == [0]
    assert deliveries(office) == {"sent"}
    app.clock.pass_(hours=1)
    app.send_due_mail()
    assert sorted(mail.to for mail in app.mailbox) == [BENJAMIN, BIRGITTA]


def test_what_is_wrong_with_one_recipient_stops_no_other(app: App, office: Office) -> None:
    """The others get their mail; the run says which recipient of which mail is left, and not what was being sent."""

    def fail(to: Email, _tags: Mapping[str, str]) -> None:
        if to == BIRGITTA:
            raise ValueError(to)

    Listening(app, fail)
    office.invite()
    with pytest.raises(PartialFailureError) as left:
        app.drain_events()
    assert "ValueError" in str(left.value)
    assert "mail invitation-1, recipient r1" in str(left.value)
    assert "@" not in str(left.value)
    assert [mail.to for mail in app.mailbox] == [BIRGITTA, BENJAMIN]


@pytest.mark.parametrize("how", ["revoked", "decided", "expired", "removed", "superseded"])
def test_an_invitation_that_leads_nowhere_is_not_sent(app: App, office: Office, how: str) -> None:
    """Its link died while the mail waited: it is not sent, and has not failed."""
    invitation = office.invited()
    app.refusing_mail = True
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    people = {row["email"] for row in invitation["recipients"]}
    match how:
        case "revoked":
            assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
        case "decided":
            assert office.decide(BIRGITTA, "decline").status == 200
        case "expired":
            app.clock.pass_(days=14)
        case "removed" | "superseded":
            app.clock.pass_(days=1, minutes=1)
            appoint(office, BIRGITTA)
            assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
            people = {BENJAMIN}
    if how == "superseded":
        app.clock.pass_(days=1, minutes=1)
        appoint(office, BIRGITTA, BENJAMIN)
        assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    before = len(app.mailbox)
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    reminders = [mail for mail in app.mailbox[before:] if mail.subject.startswith(("Påminnelse", "Reminder"))]
    assert [mail.to for mail in reminders if mail.to in people] == []
    app.clock.pass_(days=4)
    app.send_due_mail()
    assert "failed" not in shown(office, invitation).values()


@pytest.mark.parametrize("kind", ["invitation", "reminder"])
def test_a_mail_of_a_life_that_is_over_is_not_sent(app: App, office: Office, kind: str) -> None:
    """`mails-say-what-holds`: who sends an expired invitation again sends one mail, with a day that is to come."""
    office.put(f"/platform/offices/{office.id}", {**demonstration.OFFICE, "invitationDays": 1})
    app.refusing_mail = kind == "invitation"
    invitation = office.invited()
    before = len(app.mails(BIRGITTA))
    path = f"/invitations/{invitation['id']}"
    if kind == "reminder":
        app.refusing_mail = True
        assert office.anna.post(f"{path}/remind").status == 202
        app.drain_events()
    app.clock.pass_(hours=25)
    resent = office.anna.post(f"{path}/resend")
    assert resent.status == 202
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert [mail.tags["mail"] for mail in app.mails(BIRGITTA)[before:]] == [f"invitation-{resent.json['revision']}"]
    assert [each["delivery"] for each in office.anna.get(path).json["recipients"]] == ["sent", "sent"]


def appoint(office: Office, *emails: str) -> None:
    """The register has these administrators."""
    account = BJORK.account
    assert account is not None
    users = [{"email": email, "name": email.partition("@")[0].title(), "role": "administrator"} for email in emails]
    office.put(f"/platform/accounts/{account.id}", {**account.body(BJORK), "users": users, "mainContact": emails[0]})


@pytest.mark.parametrize("reminded", [False, True])
def test_who_was_removed_from_the_register_gets_no_invitation(app: App, office: Office, *, reminded: bool) -> None:
    """`no-mail-in-vain`: their link would refuse them. Where no mail went out at all, the request says so."""
    invitation = office.invited() if reminded else None
    app.refusing_mail = True
    app.clock.pass_(days=1)
    if invitation:
        assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
        app.drain_events()
    else:
        invitation = office.invited()
    before = len(app.mailbox)
    appoint(office, BIRGITTA)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert [mail.to for mail in app.mailbox[before:]] == [BIRGITTA]
    assert shown(office, invitation) == {BIRGITTA: "sent", BENJAMIN: "sent" if reminded else "failed"}
    appoint(office, BIRGITTA, BENJAMIN)
    app.drain_events()
    app.clock.pass_(days=1)
    app.send_due_mail()
    assert [mail.to for mail in app.mailbox[before:]] == [BIRGITTA]


@pytest.mark.parametrize("kind", ["information", "ended"])
def test_who_was_removed_from_the_register_hears_no_more_of_a_collaboration(
    app: App, office: Office, kind: str
) -> None:
    """Who is no administrator of the account any more learns nothing about it; the collaboration shows that."""
    office.invited()
    app.refusing_mail = kind == "information"
    collaboration = {"id": office.decide(BIRGITTA).json["collaborationId"]}
    app.drain_events()
    app.refusing_mail = True
    if kind == "ended":
        revision = office.anna.get(f"/collaborations/{collaboration['id']}").headers["ETag"]
        body = {"outcome": "continue"}
        path = f"/collaborations/{collaboration['id']}/end"
        assert office.anna.post(path, body, headers={"If-Match": revision}).status == 200
    app.drain_events()
    before = len(app.mailbox)
    appoint(office, BIRGITTA)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert BENJAMIN not in [mail.to for mail in app.mailbox[before:]]
    assert BIRGITTA in [mail.to for mail in app.mailbox[before:]]
    mails = office.anna.get(f"/collaborations/{collaboration['id']}").json["mails"]
    assert {mail["to"]: mail["delivery"] for mail in mails if mail["kind"] == kind} == {
        BIRGITTA: "sent",
        BENJAMIN: "failed",
    }


def started_while_mail_waits(app: App, office: Office, kind: str) -> str:
    """The id of a collaboration that has just started, and whose mail of that kind the provider does not take."""
    if kind == "information":
        office.invited()
        app.refusing_mail = True
        started: str = office.decide(BIRGITTA).json["collaborationId"]
    else:
        app.refusing_mail = True
        started = office.activate().json["id"]
    app.drain_events()
    return started


@pytest.mark.parametrize("kind", ["information", "login-instructions"])
def test_a_mail_about_a_collaboration_that_has_ended_meanwhile_is_not_sent(app: App, office: Office, kind: str) -> None:
    """`mails-say-what-holds`: nobody has what it speaks of any more. The collaboration shows that no mail went out."""
    path = f"/collaborations/{started_while_mail_waits(app, office, kind)}"
    assert {mail["delivery"] for mail in office.anna.get(path).json["mails"]} == {"queued"}
    revision = office.anna.get(path).headers["ETag"]
    ended = office.anna.post(f"{path}/end", {"outcome": "continue"}, headers={"If-Match": revision})
    assert ended.status == 200, ended.text
    before = len(app.mailbox)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    mails = office.anna.get(path).json["mails"]
    assert {mail["delivery"] for mail in mails if mail["kind"] == kind} == {"failed"}
    # The mail about the end goes to the same people, and it alone.
    about_end = sorted(mail["to"] for mail in mails if mail["kind"] == "ended")
    assert about_end
    assert sorted(mail.to for mail in app.mailbox[before:] if not mail.to.endswith("@ek-lind.example")) == about_end


def test_an_acceptance_of_what_has_ended_meanwhile_says_so(app: App, office: Office) -> None:
    """`mails-say-what-holds`: the office hears what the customer wrote, and not that its employees have access."""
    office.invited()
    app.refusing_mail = True
    started = office.decide(BIRGITTA, message="Välkomna!").json["collaborationId"]
    path = f"/collaborations/{started}"
    revision = office.anna.get(path).headers["ETag"]
    assert office.anna.post(f"{path}/end", {"outcome": "continue"}, headers={"If-Match": revision}).status == 200
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    texts = [" ".join(mail.text.split()) for mail in app.mailbox if mail.to in {ANNA.email, BO.email}]
    assert len(texts) == 2
    for text in texts:
        assert "Välkomna!" in text
        assert "har avslutats sedan dess" in text
        assert "medarbetarna på uppdraget har tillgång" not in text


def test_a_note_that_waited_until_the_end_advises_no_resend(app: App, office: Office) -> None:
    """`mails-say-what-holds`: that login instructions bounced is so still, and that they may go again is not."""
    collaboration = office.activate().json
    app.drain_events()
    app.refusing_mail = True
    office.mail_event("Bounce", messageId="message-1")
    app.drain_events()
    path = f"/collaborations/{collaboration['id']}"
    revision = office.anna.get(path).headers["ETag"]
    assert office.anna.post(f"{path}/end", {"outcome": "continue"}, headers={"If-Match": revision}).status == 200
    app.drain_events()
    before = len(app.mailbox)
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    [note] = [" ".join(mail.text.split()) for mail in app.mailbox[before:] if mail.to == ANNA.email]
    assert "skicka inloggningsmejlet igen." not in note
    assert f"Be kontaktpersonen öppna Mitt Spiris på {ROOT}/my" in note


@pytest.mark.parametrize("kind", ["information", "login-instructions"])
def test_a_mail_about_a_collaboration_without_its_link_names_nobody_with_access(
    app: App, office: Office, kind: str
) -> None:
    """`mails-say-what-holds`: the link was undone while it waited, and nobody at the office has access any more."""
    path = f"/collaborations/{started_while_mail_waits(app, office, kind)}"
    before = len(app.mailbox)
    revision = office.anna.get(path).headers["ETag"]
    undone = office.anna.call("DELETE", f"{path}/link", headers={"If-Match": revision})
    assert undone.status == 200, undone.text
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    mails = [mail for mail in office.anna.get(path).json["mails"] if mail["kind"] == kind]
    assert {mail["delivery"] for mail in mails} == {"sent"}
    texts = [mail.text for mail in app.mailbox[before:] if mail.to in {shown["to"] for shown in mails}]
    assert len(texts) == len(mails)
    assert not any(ANNA.name in text or BO.name in text for text in texts)
    nobody = re.compile(r"Just nu har ingen\s+tillgång|Nobody has access\s+at the moment")
    assert all(nobody.search(text) for text in texts)


@pytest.mark.parametrize("kind", ["information", "login-instructions"])
def test_a_mail_about_a_collaboration_names_who_has_access_by_now(app: App, office: Office, kind: str) -> None:
    """`mails-say-what-holds`: while it waited the link moved to another task, whose people have access instead."""
    path = f"/collaborations/{started_while_mail_waits(app, office, kind)}"
    before = len(app.mailbox)
    customer_id = office.anna.get(path).json["customerId"]
    task = {"name": "Bokslut", "owner": CECILIA.id, "participants": [], "active": True}
    office.put(f"/platform/offices/{office.id}/customers/{customer_id}/tasks/bokslut", task)
    revision = office.anna.get(path).headers["ETag"]
    moved = office.anna.call("PATCH", path, {"taskId": "bokslut"}, headers={"If-Match": revision})
    assert moved.status == 200, moved.text
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    to = {mail["to"] for mail in office.anna.get(path).json["mails"] if mail["kind"] == kind}
    texts = [mail.text for mail in app.mailbox[before:] if mail.to in to]
    assert len(texts) == len(to)
    for text in texts:
        assert CECILIA.name in text
        assert BO.name not in text


def test_a_mail_that_waited_goes_where_the_employee_is_by_now(app: App, office: Office) -> None:
    """To the address that they have, under the name that they have."""
    office.invited()
    app.refusing_mail = True
    assert office.decide(BIRGITTA, "decline").status == 200
    app.drain_events()
    married = {**BO.body(), "name": "Bo Alm", "email": "bo.alm@ek-lind.example"}
    office.put(f"/platform/offices/{office.id}/employees/{BO.id}", married)
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    sent = {mail.to: mail.text for mail in app.mailbox if mail.to.endswith("@ek-lind.example")}
    assert set(sent) == {ANNA.email, "bo.alm@ek-lind.example"}
    assert "Hej Bo Alm!" in sent["bo.alm@ek-lind.example"]


def leave(office: Office, *employees: Employee) -> None:
    """These employees are active no more."""
    for employee in employees:
        office.put(f"/platform/offices/{office.id}/employees/{employee.id}", {**employee.body(), "active": False})


@pytest.mark.parametrize(
    ("left", "expected"),
    [((ANNA,), [BO.email]), ((BO,), [ANNA.email]), ((ANNA, BO), [demonstration.OFFICE["email"]])],
    ids=["sender", "owner", "both"],
)
def test_an_employee_who_has_left_gets_no_waiting_mail(
    app: App, office: Office, left: tuple[Employee, ...], expected: list[str]
) -> None:
    """`office-mail-to-who-is-active`: the others get it as before, and the office itself where nobody else does."""
    office.invited()
    app.refusing_mail = True
    assert office.decide(BIRGITTA, "decline", message="Nej tack.").status == 200
    app.drain_events()
    leave(office, *left)
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert [mail.to for mail in app.mailbox if mail.to.endswith("@ek-lind.example")] == expected
    leave(office, *left)
    app.clock.pass_(days=1)
    app.send_due_mail()
    assert len([mail for mail in app.mailbox if mail.to.endswith("@ek-lind.example")]) == 1


def test_the_promised_reminder_comes_after_a_bounce_that_was_cured(app: App, office: Office) -> None:
    """A mail bounced and no reminder went out; a resend arrived, and the automatic reminder is due again."""
    invitation = office.invited()
    assert office.mail_event("Bounce", messageId="message-1")
    path = f"/invitations/{invitation['id']}"
    app.clock.pass_(days=2)
    assert office.anna.post(f"{path}/resend").status == 202
    app.drain_events()
    assert office.mail_event("Delivery", messageId="message-3")
    promised = office.anna.get(path).json["nextReminderAt"]
    assert promised is not None
    app.clock.pass_(days=9, minutes=1)
    assert app.clean_up()["reminded"] == 1


def test_a_reminder_that_a_bounce_held_back_comes_after_a_late_resend(app: App, office: Office) -> None:
    """The day of the reminder passed with a bounce; a resend after it is followed by the reminder a day later."""
    invitation = office.invited()
    assert office.mail_event("Bounce", messageId="message-1")
    app.clock.pass_(days=11, minutes=1)
    assert "reminded" not in app.clean_up()
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert office.mail_event("Delivery", messageId="message-3")
    app.clock.pass_(hours=23)
    assert "reminded" not in app.clean_up()
    app.clock.pass_(hours=1, minutes=1)
    assert app.clean_up()["reminded"] == 1


@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        ("Delivery", {"bounce": {"bounceType": "Transient"}}, "delivered"),
        ("Send", {"bounce": {"bounceType": "Transient"}}, "delayed"),
        ("Delivery", {"bounce": {"bounceType": "Undetermined"}}, "delivered"),
        ("Send", {"bounce": {"bounceType": "Undetermined"}}, "bounced"),
        ("Delivery", {"bounce": {"bounceType": "Permanent"}}, "bounced"),
        ("Delivery", {"complaint": {"complaintFeedbackType": "not-spam"}}, "delivered"),
        ("Delivery", {"complaint": {"complaintFeedbackType": "abuse"}}, "complained"),
        ("Delivery", {"complaint": {}}, "complained"),
        ("Delivery", {"complaint": None}, "complained"),
    ],
)
def test_not_every_bounce_means_that_nothing_arrived(
    app: App, office: Office, before: str, kind: dict[str, Any], after: str
) -> None:
    """Somebody out of office has got the mail, and who says that it is no spam does not complain."""
    invitation = office.invited()
    office.mail_event(before, messageId="message-1")
    event_type = "Bounce" if "bounce" in kind else "Complaint"
    event = {"detail": {"eventType": event_type, "mail": {"messageId": "message-1"}, **kind}}
    app.functions["mail_events"].handler(event, None)
    assert shown(office, invitation)[BIRGITTA] == after


def test_a_message_leads_nowhere(app: App, office: Office) -> None:
    """Whatever looks like the way to accept, written by a person, is readable and no address: in text and in HTML."""
    false = [
        "https://evil.example/v1/accept/v1.inv-abc.r1.1.mac",
        "http://evil.example/Accept?x=1",
        "evil.example/%2Faccept%2Fv1.inv-abc",
        "evil.example\\accept\\x",
        "v1.inv-abc.r1.1.mac",
    ]
    office.invited(message="Se " + " och ".join(false) + " eller https://www.spiris.se/hjalp. Vi accepterar/acceptera.")
    mail = app.mails(BIRGITTA)[0]
    for body in (mail.text, mail.html):
        for address in false:
            assert address not in body
        assert "https://www.spiris.se/hjalp" in body
        assert len(set(re.findall(r"https?://[^\s\"<]+/accept/[^\s\"<]+", body))) == 1
        assert "hxxps[:]//evil[.]example/v1/accept/" in body.replace("\n> ", "")


# What mails call people and companies, and where they lead


def test_a_mail_to_the_office_calls_the_customer_what_the_office_does(app: App, office: Office) -> None:
    """And leads to where the next step is taken. The company's own people read the name of their account."""
    ours = "Blomsterbutiken vid torget"
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "name": ours})
    dead = office.invited(solution="smart-office", invoiceRecipient="office")
    to_dead_end = office.link_of(BIRGITTA)
    office.anna.post(f"/invitations/{dead['id']}/revoke")
    office.nobody.post(f"{to_dead_end}/ask-again")
    collaboration = office.collaborating(BJORK, "scanner")
    mine = f"/my/collaborations/{collaboration['id']}"
    user = office.user(BIRGITTA)
    revision = next(row["revision"] for row in user.get("/my/collaborations").json["items"])
    ended = user.post(f"{mine}/end", {"outcome": "continue"}, headers={"If-Match": f'"{revision}"'})
    assert ended.status == 200, ended.text
    app.drain_events()
    asked, accepted, end = app.mails(BO.email)
    for mail, path in (
        (asked, f"requests/{dead['id']}"),
        (accepted, f"collaborations/{collaboration['id']}"),
        (end, f"collaborations/{collaboration['id']}"),
    ):
        assert ours in mail.subject
        assert BJORK.name not in mail.subject + mail.text
        assert f"{ROOT}/console/{path}\n" in mail.text
        assert (mail.source, mail.reply_to) == ("Spiris", None)
    for mail in app.mails(BIRGITTA):
        assert ours not in mail.subject + mail.text
        assert BJORK.name in mail.subject
        assert mail.reply_to == "kontakt@ek-lind.example"


def test_a_login_mail_that_bounced_names_the_customer_as_the_office_does(app: App, office: Office) -> None:
    """Whatever the account is called by now."""
    office.activate()
    app.drain_events()
    office.put(f"/platform/offices/{office.id}/customers/{CEDER.id}", {**CEDER.body(), "name": "Cykelbutiken"})
    app.drain_events()
    office.mail_event("Bounce", messageId="message-1")
    app.drain_events()
    assert "Cykelbutiken" in app.mails(ANNA.email)[-1].subject


@pytest.mark.parametrize("ended", [False, True])
def test_a_login_mail_that_bounced_advises_no_resend_that_would_be_refused(
    app: App, office: Office, *, ended: bool
) -> None:
    """After the third resend, or once the collaboration has ended, the note says how they sign in without one."""
    path = f"/collaborations/{office.activate().json['id']}"
    app.drain_events()
    for _ in range(1 if ended else 3):
        app.clock.pass_(days=1, minutes=1)
        assert office.anna.post(f"{path}/resend-login").status == 202
        app.drain_events()
        login = len(app.mailbox)
        if ended:
            revision = office.anna.get(path).headers["ETag"]
            how = {"outcome": "continue"}
            assert office.anna.post(f"{path}/end", how, headers={"If-Match": revision}).status == 200
        assert office.mail_event("Bounce", messageId=f"message-{login}")
        app.drain_events()
    mails = [" ".join(mail.text.split()) for mail in app.mails(ANNA.email)]
    notes = [mail for mail in mails if "kunde inte levereras" in mail]
    assert len(notes) == (1 if ended else 3)
    again = "skicka inloggningsmejlet igen."
    assert all(again in note for note in notes[:-1])
    assert again not in notes[-1]
    assert f"Be kontaktpersonen öppna Mitt Spiris på {ROOT}/my" in notes[-1]
    assert office.anna.post(f"{path}/resend-login").slug == "no-reminders-left"


def test_a_reminder_says_when_the_invitation_was_sent(app: App, office: Office) -> None:
    """The day of sending, or of the resend that revived it."""
    invitation = office.invited()
    app.clock.pass_(days=20)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.clock.pass_(days=2)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    text = " ".join(app.mails(BIRGITTA)[-1].text.split())
    assert "sent on 14 December 2026" in text
    assert "12 days left to answer, until 28 December 2026" in text
