"""`one-digest-a-day`: what became of invitations without a decision, told once per office and day in Sweden."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.commands import digests as digests_command
from collaboration.domain.model.digest import DIGEST_KEPT, next_digest_at
from collaboration.domain.model.values import local_date
from collaboration.storage.commit import commit
from collaboration.storage.table import ConflictError
from stack import demonstration
from support.people import ALMBERG, ANNA, BJORK, BO, CECILIA, DAHL, Office

if TYPE_CHECKING:
    from collaboration.domain.model.change import Change
    from collaboration.storage.table import Table
    from stack.demonstration import Customer
    from support.app import App
    from support.ses import SentMail

BIRGITTA = "birgitta@bjork-brown.example"
TITLES = {
    "bounced": "Mejlet kunde inte levereras",
    "expiring": "Går ut inom tre dagar",
    "expired": "Har gått ut utan svar",
    "asked-again": "Kunden ber om en ny inbjudan",
}


def digests(app: App, to: str = ANNA.email) -> list[SentMail]:
    """The digests that somebody got, oldest first."""
    return [mail for mail in app.mails(to) if "att följa upp" in mail.subject]


def run(app: App) -> int:
    """One run of the clean-up, and what follows; how many digests it sent."""
    app.clean_up()
    app.drain_events()
    return app.digests_sent


def words(mail: SentMail) -> str:
    """The text of a mail in one line."""
    return " ".join(mail.text.split())


def reasons(mail: SentMail) -> set[str]:
    """The groups of a digest."""
    return {reason for reason, title in TITLES.items() if title in mail.text}


def name_of(customer: Customer) -> str:
    """What the office calls a customer."""
    name: str = customer.body()["name"]
    return name


def bounce(office: Office, invitation: dict[str, Any], recipient: str = "r1") -> None:
    """The provider says that the invitation's mail came back."""
    agreement = invitation["id"].removeprefix("inv-")
    tags = {"agreement": [agreement], "mail": ["invitation-1"], "recipient": [recipient]}
    assert office.mail_event("Bounce", tags=tags)


def test_who_has_left_gets_no_digest_that_waited(app: App, office: Office) -> None:
    """`office-mail-to-who-is-active`: what somebody active is told of goes to nobody else; the rest to the office."""
    for customer, owner in ((ALMBERG, BO), (BJORK, CECILIA)):
        path = f"/platform/offices/{office.id}/customers/{customer.id}/tasks/{customer.task_id}"
        office.put(path, {**customer.task(), "owner": owner.id})
        office.invited(customer)
    app.clock.pass_(days=11, hours=1)
    app.refusing_mail = True
    assert run(app) == 1
    for employee in (ANNA, CECILIA):
        office.put(f"/platform/offices/{office.id}/employees/{employee.id}", {**employee.body(), "active": False})
    app.drain_events()
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    app.send_due_mail()
    assert not [mail for who in (ANNA, CECILIA) for mail in digests(app, who.email)]
    [to_owner] = digests(app, BO.email)
    [to_office] = digests(app, demonstration.OFFICE["email"])
    assert name_of(ALMBERG) in words(to_owner)
    assert name_of(BJORK) not in words(to_owner)
    assert name_of(BJORK) in words(to_office)


def test_one_mail_groups_what_happened(app: App, office: Office) -> None:
    """Expiring, expired, bounced, asked for anew: one mail, each line with the customer, the solution and the date."""
    office.invited(ALMBERG)
    office.invited(ALMBERG, "employee-payslip")
    link = office.link_of(ALMBERG.contact.email)
    app.clock.pass_(days=4)
    office.invited(DAHL)
    app.clock.pass_(days=7, hours=1)
    assert run(app) == 1
    [first] = digests(app)
    assert reasons(first) == {"expiring"}
    app.clock.pass_(days=3)
    bounced = office.invited(BJORK)
    bounce(office, bounced)
    app.clean_up()
    assert office.nobody.post(f"{link}/ask-again").status == 202
    app.clock.pass_(days=1)
    assert run(app) == 1
    assert len(digests(app)) == 3
    expired, asked = digests(app)[1:]
    assert reasons(expired) == {"expired", "bounced"}
    for customer, line in (
        (ALMBERG, "Scanner, gick ut den 8 december 2026"),
        (BJORK, "Scanner, i retur den 8 december"),
    ):
        assert name_of(customer) in words(expired)
        assert line in words(expired)
    assert "expiring" in reasons(asked)
    assert "asked-again" in reasons(asked)


def test_nothing_to_tell_is_no_mail(app: App, office: Office) -> None:
    """Neither while requests wait, nor when they were answered."""
    office.collaborating()
    office.invited(ALMBERG)
    app.clock.pass_(days=2)
    assert run(app) == 0
    assert (
        office.anna.post(f"/invitations/{office.anna.get('/invitations').json['items'][0]['id']}/revoke").status == 200
    )
    app.clock.pass_(days=20)
    assert run(app) == 0
    assert digests(app) == []


def test_each_thing_is_told_once(app: App, office: Office) -> None:
    """Expiring once, expired once, however many runs there are."""
    office.invited(ALMBERG)
    for _ in range(20 * 8):
        app.clock.pass_(hours=3)
        run(app)
    assert [reasons(mail) for mail in digests(app)] == [{"expiring"}, {"expired"}]


@pytest.mark.parametrize("hours", [0.25, 1, 7, 23, 31])
def test_at_most_one_a_day_in_sweden(app: App, office: Office, hours: float) -> None:
    """However often the schedule runs, or fails to; and nothing is left untold."""
    days: list[date] = []
    seen = sent = 0
    for solution in ("scanner", "employee-payslip", "smart-office"):
        more: dict[str, Any] = {"invoiceRecipient": "office"} if solution == "smart-office" else {}
        for customer in (ALMBERG, BJORK, DAHL):
            bounce(office, office.invited(customer, solution, **more))
            sent += 1
            app.clock.pass_(hours=hours)
            run(app)
            if len(digests(app)) > seen:
                seen = len(digests(app))
                days.append(local_date(app.clock.now))
    app.clock.pass_(days=1)
    run(app)
    assert len(days) == len(set(days))
    assert sum(words(mail).count("i retur den") for mail in digests(app)) == sent


def test_what_came_too_late_for_today_waits_for_the_morning(app: App, office: Office) -> None:
    """A bounce after the digest is told the next morning at six, and nothing in the night between."""
    bounce(office, office.invited(BJORK))
    assert run(app) == 1
    bounce(office, office.invited(ALMBERG))
    assert run(app) == 0
    app.clock.now = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    bounce(office, office.invited(DAHL))
    assert run(app) == 0
    app.clock.now = datetime(2026, 11, 25, 4, 59, tzinfo=UTC)
    assert run(app) == 0
    app.clock.now = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
    assert run(app) == 1
    assert words(digests(app)[-1]).count("i retur den") == 2


def test_who_gets_which_lines(app: App, office: Office) -> None:
    """The sender and the task's owner, each what concerns them; the office itself where nobody is left."""
    office.put(f"/platform/offices/{office.id}/employees/{CECILIA.id}", {**CECILIA.body(), "administrator": True})
    bounce(office, office.invited(BJORK))
    bounce(office, office.invited(ALMBERG, person=office.employee(CECILIA.id)))
    assert run(app) == 1
    mine, theirs = digests(app)[0], digests(app, CECILIA.email)[0]
    owner = digests(app, BO.email)[0]
    assert (name_of(BJORK) in mine.text, name_of(ALMBERG) in mine.text) == (True, False)
    assert (name_of(BJORK) in theirs.text, name_of(ALMBERG) in theirs.text) == (False, True)
    assert name_of(BJORK) in owner.text
    for employee in (ANNA, BO, CECILIA):
        office.put(
            f"/platform/offices/{office.id}/employees/{employee.id}", {**employee.body(), "active": employee is CECILIA}
        )
    app.clock.pass_(days=11, hours=1)
    assert run(app) == 1
    assert name_of(BJORK) in digests(app, "kontakt@ek-lind.example")[0].text


def test_an_answer_before_the_digest_needs_no_line(app: App, office: Office) -> None:
    """Revoked, decided or sent anew: what no longer holds is not told."""
    bounced = office.invited(BJORK)
    bounce(office, bounced)
    assert office.anna.post(f"/invitations/{bounced['id']}/revoke").status == 200
    office.invited(ALMBERG)
    app.clock.pass_(days=14, hours=1)
    # The customer is invited anew before the clean-up has looked.
    office.invited(ALMBERG)
    assert run(app) == 0


def test_asked_for_anew_is_told_again_only_while_nothing_was_done(app: App, office: Office) -> None:
    """A mail says so at once; the digest of the next day, unless the office has sent it again by then."""
    first, second = office.invited(ALMBERG), office.invited(DAHL)
    app.clock.pass_(days=14, hours=1)
    run(app)
    for customer in (ALMBERG, DAHL):
        assert office.nobody.post(f"{office.link_of(customer.contact.email)}/ask-again").status == 202
    app.drain_events()
    assert run(app) == 0
    assert office.anna.post(f"/invitations/{second['id']}/resend").status == 202
    app.clock.pass_(days=1)
    assert run(app) == 1
    assert name_of(ALMBERG) in digests(app)[-1].text
    assert name_of(DAHL) not in digests(app)[-1].text
    assert office.anna.post(f"/invitations/{first['id']}/resend").status == 202


def test_what_is_erased_on_that_day_is_not_to_be_sent_again(app: App, office: Office) -> None:
    """`digest-says-what-can-be-done`: asked for anew just before the erasure, it takes a new invitation."""
    invitation = office.invited()
    link = office.link_of(BIRGITTA)
    app.clock.pass_(days=14)
    run(app)
    app.clock.pass_(days=29, hours=10)
    assert office.nobody.post(f"{link}/ask-again").status == 202
    app.drain_events()
    app.clock.pass_(hours=14)
    assert run(app) == 1
    assert "den gamla kan inte skickas igen" in words(digests(app)[-1])
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 410


def test_two_runs_at_once_send_one(app: App, office: Office) -> None:
    """Whoever comes second finds that it was told."""
    bounce(office, office.invited(BJORK))
    app.client.faults.before("transact_write_items", lambda: run(app))
    run(app)
    assert len(digests(app)) == 1


def test_a_crash_after_the_commit_tells_nothing_twice(app: App, office: Office) -> None:
    """The answer is lost, the run is repeated: one digest, each line once."""
    bounce(office, office.invited(BJORK))
    app.client.faults.lose_response("transact_write_items")
    run(app)
    run(app)
    app.clock.pass_(days=1)
    run(app)
    assert len(digests(app)) == 1


@pytest.mark.parametrize("interrupted", [False, True])
def test_more_notices_than_a_transaction_holds(
    app: App, office: Office, monkeypatch: pytest.MonkeyPatch, *, interrupted: bool
) -> None:
    """All are told, and none again the day after, also where the run ends before it has noted that of the rest."""
    for index in range(40):
        customer = copy.deepcopy(BJORK)
        body = {**customer.body(), "name": f"Kund {index:03d}"}
        office.put(f"/platform/offices/{office.id}/customers/many-{index}", body)
        office.put(f"/platform/offices/{office.id}/customers/many-{index}/tasks/task", customer.task())
        for solution in ("scanner", "employee-payslip", "travel-expenses"):
            more = {"invoiceRecipient": "office", "reportRecipient": "payroll"} if solution == "travel-expenses" else {}
            proposal = {"customerId": f"many-{index}", "solution": solution, "taskId": "task", **more}
            answer = office.anna.post(
                "/invitations", office.confirmed(proposal), headers={"Idempotency-Key": f"many-{index}-{solution}"}
            )
            assert answer.status == 201, answer.text
    app.new_messages()
    app.clock.pass_(days=15)
    crashes = [interrupted]
    if interrupted:

        def commit_and_crash(table: Table, change: Change) -> None:
            commit(table, change)
            if change.mails and any(crashes):
                crashes.clear()
                raise ConflictError

        monkeypatch.setattr(digests_command, "commit", commit_and_crash)
    run(app)
    [mail] = digests(app)
    assert words(mail).count("gick ut den") == 120
    assert not any(crashes)
    app.clock.pass_(days=1)
    bounce(office, office.invited(DAHL))
    run(app)
    [_, later] = digests(app)
    assert reasons(later) == {"bounced"}
    assert [place for place, item in app.client.items.items() if "noticeDigest" in item] == []


def test_a_digest_is_deleted_with_the_names_in_it(app: App, office: Office) -> None:
    """When it can not be delivered any more, nothing of it is left."""
    bounce(office, office.invited(BJORK))
    assert run(app) == 1
    partition = {place for place in app.client.items if place[0].startswith("AGREEMENT#digest-")}
    assert {place[1].partition("#")[0] for place in partition} == {"DIGEST", "OUTBOX", "MAIL"}
    app.clock.pass_(days=DIGEST_KEPT.days, minutes=1)
    app.clean_up()
    assert [place for place in app.client.items if place[0].startswith("AGREEMENT#digest-")] == []


def test_the_day_of_a_digest_outlives_the_deletion_of_older_ones(app: App, office: Office) -> None:
    """Another run sends one while this run deletes the last: there is no second one that day."""
    bounce(office, office.invited(BJORK))
    assert run(app) == 1
    app.clock.pass_(days=DIGEST_KEPT.days, minutes=1)
    bounce(office, office.invited(DAHL))
    app.client.faults.before("transact_write_items", lambda: run(app))
    app.clean_up()
    kept = [item for (_, sk), item in app.client.items.items() if sk == "DIGEST"]
    assert [item["day"]["S"] for item in kept] == [f"{app.clock.now:%Y-%m-%d}"]


def test_a_bounced_digest_breaks_nothing(app: App, office: Office) -> None:
    """It is recorded; it belongs to no timeline."""
    bounce(office, office.invited(BJORK))
    assert run(app) == 1
    position = app.mailbox.index(digests(app)[0]) + 1
    assert office.mail_event("Bounce", messageId=f"message-{position}")


def test_the_cost_follows_what_is_due(app: App, office: Office) -> None:
    """What is not due is not read: a run over waiting requests asks for as much as a run over none."""
    before = sum(app.client.faults.calls.values())
    app.clean_up()
    idle = sum(app.client.faults.calls.values()) - before
    for customer in (ALMBERG, BJORK, DAHL):
        office.invited(customer)
    before = sum(app.client.faults.calls.values())
    app.clean_up()
    assert sum(app.client.faults.calls.values()) - before == idle


@pytest.mark.parametrize(
    ("latest", "now", "at"),
    [
        (None, "2026-11-24T01:00", "2026-11-24T01:00"),
        ("2026-11-22", "2026-11-24T01:00", "2026-11-24T01:00"),
        ("2026-11-23", "2026-11-24T01:00", "2026-11-24T05:00"),
        ("2026-11-23", "2026-11-24T05:00", "2026-11-24T05:00"),
        ("2026-11-24", "2026-11-24T09:00", "2026-11-25T05:00"),
        # Midnight in Sweden is 23:00 UTC in winter and 22:00 in summer.
        ("2026-11-24", "2026-11-24T23:30", "2026-11-25T05:00"),
        ("2026-07-01", "2026-07-01T22:30", "2026-07-02T04:00"),
    ],
)
def test_when_the_next_digest_may_go_out(latest: str | None, now: str, at: str) -> None:
    """Once a day in Sweden; the day after a digest not before six."""
    found = next_digest_at(date.fromisoformat(latest) if latest else None, datetime.fromisoformat(f"{now}+00:00"))
    assert found == datetime.fromisoformat(f"{at}+00:00")


def test_a_short_life_is_told_of_on_its_last_days(app: App, office: Office) -> None:
    """Who invites for two days is not told within the hour that it expires soon."""
    office.put(f"/platform/offices/{office.id}", {**demonstration.OFFICE, "invitationDays": 2})
    office.invited(ALMBERG)
    assert run(app) == 0
    app.clock.pass_(hours=24)
    assert run(app) == 1
    assert reasons(digests(app)[0]) == {"expiring"}
