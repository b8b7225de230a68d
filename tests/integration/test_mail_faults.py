"""`mail-never-lost`, point by point: whatever SES answers and wherever a process dies, one mail, or one copy more.

The points are all calls of a delivery, in their order; the first test fails when there are others.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pytest
from collaboration.domain.decisions.mail_retry import Refusal
from collaboration.mailing.outbox import SendError
from collaboration.storage.due import due
from support.people import ALMBERG, BJORK, DAHL, LINK, Office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collaboration.domain.model.values import Email
    from collaboration.mailing.outbox import Provider, RenderedMail
    from support.app import App

TO = ALMBERG.contact.email
READ, UPDATE, WRITE = "batch_get_item", "update_item", "transact_write_items"
SEND = "send"
# What a delivery to one recipient does, in its order; of the table's calls, the nth of its name.
POINTS = {
    "read the outbox": (READ, 0),
    "expand": (WRITE, 0),
    "note that it is expanded": (UPDATE, 0),
    "look at the mail": (READ, 1),
    "look at the terms": (READ, 2),
    "ask for a turn": (UPDATE, 1),
    "begin a second": (UPDATE, 2),
    "claim": (WRITE, 1),
    SEND: (SEND, 0),
    "record": (WRITE, 2),
}
LOST = "taken, and the answer lost"
FAULTS = ("none", LOST, Refusal.THROTTLED, Refusal.UNAVAILABLE, Refusal.SUSPENDED)


class KilledError(BaseException):
    """The process is gone: nothing catches it."""


def kill() -> None:
    """Die."""
    raise KilledError


@dataclass
class FaultyProvider:
    """SES with a fault, or a process that dies, at the first mail that it is given."""

    sound: Provider
    fault: str
    killed: Literal["before", "after"] | None = None
    sends: int = 0

    def send(self, mail: RenderedMail, to: Email, tags: Mapping[str, str]) -> str:
        """Take a mail, or not."""
        self.sends += 1
        if self.sends > 1:
            return self.sound.send(mail, to, tags)
        if self.killed == "before":
            raise KilledError
        if self.fault in tuple(Refusal):
            raise SendError(Refusal(self.fault))
        message_id = self.sound.send(mail, to, tags)
        if self.killed == "after":
            raise KilledError
        if self.fault == LOST:
            raise SendError(Refusal.UNAVAILABLE)
        return message_id


def deliver(app: App) -> None:
    """Hand the queued mail to the mail function, once."""
    [message] = [message for message in app.new_messages() if message.name == "MailQueued"]
    app.deliver(message)


def run_schedule(app: App, minutes: int) -> None:
    """Let the mail function's schedule run for so long."""
    for _ in range(minutes):
        app.clock.pass_(minutes=1)
        app.send_due_mail()


def delivery_of(office: Office) -> str:
    """What the request shows of its mail."""
    [invitation] = office.anna.get("/invitations").json["items"]
    [recipient] = invitation["recipients"]
    delivery: str = recipient["delivery"]
    return delivery


def test_these_are_all_points(app: App, office: Office) -> None:
    """A delivery makes exactly the calls that the matrix goes through."""
    office.invite(ALMBERG)
    before = dict(app.client.faults.calls)
    deliver(app)
    made = {name: count - before.get(name, 0) for name, count in app.client.faults.calls.items()}
    of_table = [name for name, _ in POINTS.values() if name != SEND]
    assert {name: count for name, count in made.items() if count} == {name: of_table.count(name) for name in of_table}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_at_every_point(
    app: App, office: Office, fault: str, point: str, when: Literal["before", "after"]
) -> None:
    """Never none, and a second copy, with the same link, only where SES took the mail and nobody could know."""
    office.invite(ALMBERG)
    call, nth = POINTS[point]
    provider = FaultyProvider(app.mailer.provider, fault, when if call == SEND else None)
    app.mailer = replace(app.mailer, provider=provider)
    if call != SEND:
        plan = app.client.faults.before if when == "before" else app.client.faults.after
        plan(call, kill, skip=nth)
    with suppress(KilledError):
        deliver(app)
    app.client.faults.clear()
    run_schedule(app, 8)
    sent = app.mails(TO)
    taken_unseen = fault == "none" and (point, when) in {(SEND, "after"), ("record", "before")}
    # A process that died with the mail in its hand never heard the provider's answer.
    lost = fault == LOST and (point, when) != (SEND, "before")
    assert len(sent) == (2 if taken_unseen or lost else 1)
    assert len({LINK.findall(mail.text)[0] for mail in sent}) == 1
    assert delivery_of(office) == "sent"
    before = len(app.mailbox)
    run_schedule(app, 30)
    assert len(app.mailbox) == before


@pytest.mark.parametrize("told_by", ["tags", "tags, before the answer is missed"])
def test_taken_and_the_answer_lost_is_one_mail_where_the_provider_says_so(
    app: App, office: Office, told_by: str
) -> None:
    """SES reports `Send` in the meantime, by the tags that the mail carries: no second copy."""
    invitation = office.invite(ALMBERG).json
    tags = {"agreement": [invitation["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}

    sound = app.mailer.provider

    class Unheard:
        """Takes the mail, and is not heard."""

        def send(self, mail: RenderedMail, to: Email, carried: Mapping[str, str]) -> str:
            sound.send(mail, to, carried)
            if told_by != "tags":
                assert office.mail_event("Send", tags={name: [value] for name, value in carried.items()})
            raise SendError(Refusal.UNAVAILABLE)

    app.mailer = replace(app.mailer, provider=Unheard())
    deliver(app)
    if told_by == "tags":
        assert office.mail_event("Send", tags=tags)
    run_schedule(app, 30)
    assert len(app.mails(TO)) == 1
    assert delivery_of(office) == "sent"
    assert list(due(app.services.table, "MAIL", app.clock.now)) == []


def test_what_ses_rejects_has_failed_at_once(app: App, office: Office) -> None:
    """It is shown on the request, and counted where an alarm looks; it is not tried again."""
    office.invite(ALMBERG)
    provider = FaultyProvider(app.mailer.provider, Refusal.REJECTED)
    app.mailer = replace(app.mailer, provider=provider)
    deliver(app)
    assert delivery_of(office) == "failed"
    assert app.metrics.counted("MailRejected") == app.metrics.counted("MailFailed") == [1]
    run_schedule(app, 30)
    assert (app.mailbox, provider.sends) == ([], 1)


def test_what_failed_and_arrived_after_all_has_arrived(app: App, office: Office) -> None:
    """The answer was lost until the mail was given up: the provider knows better."""
    invitation = office.invite(ALMBERG).json
    app.refusing_mail = True
    app.drain_events()
    for _ in range(3 * 24 * 2):
        app.clock.pass_(minutes=30)
        app.send_due_mail()
    assert delivery_of(office) == "failed"
    tags = {"agreement": [invitation["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}
    assert office.mail_event("Delivery", tags=tags)
    assert delivery_of(office) == "delivered"


@pytest.mark.parametrize("refusal", [Refusal.THROTTLED, Refusal.UNAVAILABLE, Refusal.SUSPENDED])
def test_what_is_put_off_is_counted_and_given_up_after_three_days(app: App, office: Office, refusal: Refusal) -> None:
    """Each kind by its own metric; the alarm is about those that were given up, and about a sender that is blocked."""
    office.invite(ALMBERG)
    tries: list[int] = []

    class Refusing:
        """Takes nothing."""

        def send(self, *_: object) -> str:
            tries.append(1)
            raise SendError(refusal)

    app.mailer = replace(app.mailer, provider=Refusing())
    deliver(app)
    for _ in range(4 * 24 * 4):
        app.clock.pass_(minutes=15)
        app.send_due_mail()
    assert len(tries) > 15
    assert app.metrics.counted(f"Mail{refusal.title()}") == tries
    assert app.metrics.counted("MailFailed") == [1]
    assert delivery_of(office) == "failed"


def test_a_mail_that_is_erased_while_it_is_expanded_leaves_nothing(app: App, office: Office) -> None:
    """The erasure came between: no item without a mail is left, and nothing is due for ever."""
    office.invite(ALMBERG)
    [(pk, sk)] = [place for place in app.client.items if place[1].startswith("OUTBOX#")]

    def erase() -> None:
        app.client.delete_item(TableName=app.table_name, Key={"pk": {"S": pk}, "sk": {"S": sk}})

    app.client.faults.before("update_item", erase)
    deliver(app)
    assert app.mails(TO) == []
    assert [place for place in app.client.items if place[1].startswith(("OUTBOX#", "MAIL#"))] == []


def test_a_mail_that_is_erased_just_after_it_was_expanded_leaves_nothing(app: App, office: Office) -> None:
    """The erasure had read what there was before, so it left the items of the recipients: what is due removes them."""
    office.invite(ALMBERG)
    app.refusing_mail = True
    with suppress(Exception):
        deliver(app)
    [(pk, sk)] = [place for place in app.client.items if place[1].startswith("OUTBOX#")]
    app.client.delete_item(TableName=app.table_name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    assert [place for place in app.client.items if place[1].startswith("MAIL#")] != []
    app.clock.pass_(days=1)
    app.send_due_mail()
    assert [place for place in app.client.items if place[1].startswith("MAIL#")] == []


def test_two_hours_of_outage(app: App, office: Office) -> None:
    """Hundreds of mails are queued while SES takes nothing; afterwards each goes out once, and none has failed."""
    app.refusing_mail = True
    wanted: list[str] = []
    solutions = ("scanner", "employee-payslip", "smart-office")
    customers = (ALMBERG, BJORK, DAHL)
    people = {customer.id: [f"p{nth}@{customer.id}.example" for nth in range(40)] for customer in customers}
    for customer in customers:
        account = customer.account
        assert account is not None
        users = [{"email": email, "name": "Person", "role": "administrator"} for email in people[customer.id]]
        body = {**account.body(customer), "users": users, "mainContact": users[0]["email"]}
        office.put(f"/platform/accounts/{account.id}", body)
    for hour in range(12):
        if hour < len(solutions):
            solution = solutions[hour]
            more: dict[str, Any] = {"invoiceRecipient": "office"} if solution == "smart-office" else {}
            for customer in customers[: 1 if hour else 3]:
                assert office.invite(customer, solution, **more).status == 201
                wanted += people[customer.id]
        app.drain_events()
        app.clock.pass_(minutes=10)
        app.send_due_mail()
    assert app.mailbox == []
    assert len(wanted) == 200
    app.refusing_mail = False
    for _ in range(4 * 60):
        app.clock.pass_(minutes=1)
        app.send_due_mail()
    assert sorted(mail.to for mail in app.mailbox) == sorted(wanted)
    assert len({LINK.findall(mail.text)[0] for mail in app.mailbox}) == len(wanted)
    rows = [row for item in office.anna.get("/invitations").json["items"] for row in item["recipients"]]
    assert {row["delivery"] for row in rows} == {"sent"}
    assert app.metrics.counted("MailFailed") == []
