"""Thirty days after an invitation died nothing is left of the people it was about, and an account says so."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.values import AgreementId
from collaboration.storage import actions, keys
from support.app import App
from support.people import ALMBERG, BJORK, DAHL, Office

if TYPE_CHECKING:
    from support.engines import Engine

# People who are administrators while they are asked, and whom the register has forgotten when they are erased.
WILMA, WALTER = ("Wilma Zetterqvist", "wilma@zetterqvist.example"), ("Walter Zetterqvist", "walter@zetterqvist.example")
VERA = "Vera Zetterqvist", "vera@zetterqvist.example"
FROM_OFFICE, FROM_CUSTOMER = "written-by-the-office", "written-by-the-customer"
# Who decides without a link is known by a key that a hash of the address makes.
ENDING = BJORK.organisation_number[-4:]
KEY = f"u-{sha256(VERA[1].encode()).hexdigest()[:16]}"
TRACES = ("zetterqvist", "wilma", "walter", "vera", FROM_OFFICE, FROM_CUSTOMER, KEY)


def fed(app: App) -> Office:
    """The demonstration office over an application."""
    office = Office(app)
    office.feed()
    return office


def appoint(office: Office, *people: tuple[str, str], customer: Any = BJORK) -> None:
    """Make exactly these the administrators of a customer's account."""
    users = [{"name": name, "email": email, "role": "administrator"} for name, email in people]
    body = {**customer.account.body(customer), "users": users, "mainContact": people[0][1]}
    office.put(f"/platform/accounts/{customer.account.id}", body)


def asked(office: Office, solution: str = "scanner", **more: Any) -> dict[str, Any]:
    """An invitation to Wilma and Walter, with a message, mailed."""
    appoint(office, WILMA, WALTER)
    return office.invited(BJORK, solution, message=FROM_OFFICE, **more)


def forget(office: Office) -> None:
    """The register has other administrators by now."""
    appoint(office, ("Birgitta Björk", "birgitta@bjork-brown.example"))


def dump(app: App) -> str:
    """Everything that the table holds, as text in small letters."""
    if hasattr(app.client, "items"):
        stored = [*app.client.items.values()]
    else:
        stored = [
            item
            for page in app.client.get_paginator("scan").paginate(TableName=app.table_name)
            for item in page["Items"]
        ]
    return json.dumps(stored, ensure_ascii=False).lower()


def found_in(text: str) -> list[str]:
    """Which traces of the people, and of what was written, a text holds."""
    return [trace for trace in TRACES if trace in text.lower()]


def reports(office: Office) -> list[dict[str, Any]]:
    """The accounts of erasure."""
    rows: list[dict[str, Any]] = office.platform.get("/platform/reports?kind=erasure").json["items"]
    return rows


def drift_reports(office: Office) -> list[dict[str, Any]]:
    """What the audits found, the latest first."""
    rows: list[dict[str, Any]] = office.platform.get("/platform/reports?kind=drift").json["items"]
    return rows


def kinds(office: Office, invitation: dict[str, Any]) -> list[str]:
    """The kinds of an invitation's history, oldest first."""
    rows = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]
    return [row["kind"] for row in rows][::-1]


# What is erased


def test_nothing_is_left_anywhere(app: App) -> None:
    """`erased-thirty-days-after-death`: neither table, nor answer, nor event holds a name, an address or a text."""
    office = fed(app)
    # Reminded, bounced, complained of, resent, locked by wrong digits, declined with a message.
    declined = asked(office, "employee-payslip")
    office.mail_event("Bounce", messageId="message-1")
    office.mail_event("Complaint", messageId="message-2")
    office.anna.post(f"/invitations/{declined['id']}/remind")
    app.drain_events()
    for _ in range(5):
        office.decide(WILMA[1], organisationNumberEnding="0000")
    link = office.link_of(WALTER[1])
    assert office.decide(WALTER[1], "decline", message=FROM_CUSTOMER).status == 200
    # Declined by somebody signed in, who has no link.
    signed_in = asked(office, "travel-expenses", invoiceRecipient="office")
    appoint(office, WILMA, VERA)
    decline = {"decision": "decline", "message": FROM_CUSTOMER}
    assert office.user(VERA[1]).post(f"/my/requests/{signed_in['id']}/decision", decline).status == 200
    revoked = asked(office, "smart-office", invoiceRecipient="office")
    assert office.anna.post(f"/invitations/{revoked['id']}/revoke").status == 200
    expired = asked(office)
    app.clock.pass_(days=11)
    app.clean_up()
    app.drain_events()
    app.clock.pass_(days=4)
    app.clean_up()
    assert office.nobody.post(f"{office.link_of(WILMA[1])}/ask-again").status == 202
    app.drain_events()
    dead = (declined, signed_in, revoked, expired)
    assert [office.anna.get(f"/invitations/{it['id']}").json["status"] for it in dead] == [
        *("declined", "declined", "revoked", "expired")
    ]
    assert set(found_in(dump(app))) == set(TRACES)
    forget(office)
    app.drain_events()
    app.clock.pass_(days=30)
    assert app.clean_up() == {"erased": 4}
    published = app.new_messages()
    app.pending_messages += published
    app.drain_events()
    assert found_in(dump(app)) == []
    assert found_in(repr(published)) == []
    answers = [
        *(office.anna.get(f"/invitations/{it['id']}").text for it in dead),
        *(office.anna.get(f"/invitations/{it['id']}/history").text for it in dead),
        *(office.anna.get(path).text for path in ("/invitations", "/collaborations", "/summary", "/customers/bjork")),
        office.user("birgitta@bjork-brown.example").get("/my/requests").text,
        office.nobody.get(link, headers={"Accept": "application/json"}).text,
        office.nobody.get(link, headers={"Accept": "text/html"}).text,
        office.platform.get("/platform/reports?kind=erasure").text,
    ]
    assert found_in("".join(answers)) == []
    [report] = reports(office)
    assert {name: report[name] for name in ("officeId", "invitations", "recipients", "messages")} == {
        "officeId": office.id,
        "invitations": 4,
        "recipients": 8,
        "messages": 6,
    }
    # Four invitations and their reminders, to two each; decisions and what was asked anew, to the sender and the owner.
    assert report["mails"] >= 16
    assert app.clean_up() == {}


def test_nothing_is_left_in_any_engine(engine: Engine) -> None:
    """The same expressions everywhere."""
    app = App(engine)
    office = fed(app)
    asked(office)
    office.decide(WILMA[1], organisationNumberEnding="0000")
    assert office.decide(WALTER[1], "decline", message=FROM_CUSTOMER).status == 200
    app.drain_events()
    assert {FROM_OFFICE, FROM_CUSTOMER, "walter"} < set(found_in(dump(app)))
    forget(office)
    app.clock.pass_(days=31)
    assert app.clean_up() == {"erased": 1}
    assert found_in(dump(app)) == []
    assert app.clean_up() == {}
    assert [report["recipients"] for report in reports(office)] == [2]


def test_what_is_left_says_what_happened(app: App) -> None:
    """When, by whom of the office, for which company, what became of it: and since when the rest is gone."""
    office = fed(app)
    before = asked(office)
    office.decide(WILMA[1], "decline", message=FROM_CUSTOMER)
    app.drain_events()
    app.clock.pass_(days=31)
    app.clean_up()
    after = office.anna.get(f"/invitations/{before['id']}").json
    same = (
        "id",
        "customerId",
        "customerName",
        "organisationNumber",
        "solution",
        "scenario",
        "setup",
        "sentBy",
        "sentAt",
    )
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (after["status"], after["recipients"], after["actions"]) == ("declined", [], [])
    assert (after["decision"]["decision"], after["decision"]["by"]) == ("decline", "")
    assert "message" not in after
    assert "message" not in after["decision"]
    assert after["erasedAt"].startswith("2026-12-25")
    assert "erasedAt" not in before
    [erased, declined, *_] = office.anna.get(f"/invitations/{before['id']}/history").json["items"]
    assert (erased["kind"], erased["by"]) == ("persons-erased", {"side": "system"})
    assert (declined["kind"], declined["by"]) == ("invitation-declined", {"side": "customer"})
    sent = office.anna.get(f"/invitations/{before['id']}/history").json["items"][-1]
    assert sent["by"] == {"side": "office", "name": "Anna Ek", "employeeId": "anna"}
    listed = office.anna.get("/invitations").json["items"]
    assert [row["erasedAt"] for row in listed] == [after["erasedAt"]]


def test_it_stays_in_the_list_of_its_customer(app: App) -> None:
    """Its marker names nobody; one that an earlier version erased is put back by the audit, of one accepted as well."""
    office = fed(app)
    invitation = asked(office)
    office.decide(WILMA[1], "decline")
    forget(office)
    accepted = office.collaborating(BJORK, "employee-payslip")["id"].replace("col-", "inv-")
    app.clock.pass_(days=31)
    assert app.clean_up()["erased"] == 1

    def of_customer() -> set[str]:
        rows = office.anna.get(f"/invitations?customerId={BJORK.id}").json["items"]
        return {row["id"] for row in rows}

    assert of_customer() == {invitation["id"], accepted}
    app.audit_access()
    assert [report["driftedInvitations"] for report in drift_reports(office)] == [[]]
    for one in (invitation["id"], accepted):
        place = keys.customer_marker(AgreementId(one.removeprefix("inv-")), keys.INVITATIONS)
        app.services.table.write([actions.delete(place)])
    assert of_customer() == set()
    app.audit_access()
    assert of_customer() == {invitation["id"], accepted}
    drifted = drift_reports(office)[0]["driftedInvitations"]
    assert {row["invitationId"]: (row["guard"], row["markers"]) for row in drifted} == {
        invitation["id"]: (False, 1),
        accepted: (False, 1),
    }
    assert found_in(dump(app)) == []


# When


@pytest.mark.parametrize(
    ("dies", "days"),
    [("declined", 0), ("revoked", 0), ("expired", 14)],
)
def test_thirty_days_after_its_death_and_not_before(app: App, dies: str, days: int) -> None:
    """From the answer, the revocation or the expiry on: however late it was marked."""
    office = fed(app)
    invitation = asked(office)
    if dies == "declined":
        office.decide(WILMA[1], "decline")
        app.drain_events()
    elif dies == "revoked":
        office.anna.post(f"/invitations/{invitation['id']}/revoke")
    app.clock.pass_(days=days + 30, minutes=-1)
    assert "erased" not in app.clean_up()
    assert office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    app.clock.pass_(minutes=2)
    assert app.clean_up() == {"erased": 1}


def test_one_run_after_a_long_silence_does_all_of_it(app: App) -> None:
    """Expired and thirty days dead while nothing ran: marked, and erased, by the same run."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=45)
    assert app.clean_up() == {"expired": 1, "erased": 1}
    assert kinds(office, invitation)[-2:] == ["invitation-expired", "persons-erased"]


def test_what_lives_is_never_erased(app: App) -> None:
    """An accepted invitation is what the collaboration was agreed by; a pending one may be answered."""
    office = fed(app)
    invitation = asked(office)
    assert office.decide(WILMA[1], message=FROM_CUSTOMER).status == 200
    app.drain_events()
    office.platform.put(f"/platform/offices/{office.id}", {**OFFICE_BODY, "invitationDays": 60})
    pending = office.invited(DAHL)
    app.clock.pass_(days=59)
    assert "erased" not in app.clean_up()
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    assert (shown["decision"]["by"], shown["message"]) == (WILMA[0], FROM_OFFICE)
    assert office.anna.get(f"/invitations/{pending['id']}").json["recipients"]
    app.clock.pass_(days=400)
    assert app.clean_up()["erased"] == 1
    assert office.anna.get(f"/invitations/{invitation['id']}").json["decision"]["by"] == WILMA[0]


OFFICE_BODY = {"name": "Ek & Lind", "email": "info@ek-lind.example", "locale": "sv"}


def test_a_key_that_was_used_again_keeps_its_later_response(app: App) -> None:
    """The response of the invitation that is erased goes, and no response of another under the same key."""
    office = fed(app)
    first = office.invite(key="a-key-used-again")
    app.drain_events()
    assert first.status == 201
    app.clock.pass_(days=20)
    app.clean_up()
    app.clock.pass_(days=25)
    second = office.invite(key="a-key-used-again")
    assert (second.status, second.json["id"] != first.json["id"]) == (201, True)
    assert app.clean_up() == {"erased": 1}
    repeated = office.invite(key="a-key-used-again")
    assert (repeated.status, repeated.json["id"]) == (201, second.json["id"])


# Reviving


def test_a_revived_invitation_is_not_erased(app: App) -> None:
    """Not while it lives, and thirty days after its second death."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=43)
    app.clean_up()
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    app.clock.pass_(days=2)
    assert app.clean_up() == {}
    app.clock.pass_(days=41)
    app.clean_up()
    assert len(office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]) == 2
    app.clock.pass_(days=2)
    assert app.clean_up() == {"erased": 1}


def test_who_revives_it_in_the_middle_of_a_run_wins(app: App) -> None:
    """The run has read it as dead; it writes nothing, and the mails of the new life are sent."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=20)
    app.clean_up()
    app.clock.pass_(days=25)
    path = f"/invitations/{invitation['id']}"
    app.client.faults.before("transact_write_items", lambda: office.anna.post(f"{path}/resend"))
    assert app.clean_up() == {}
    shown = office.anna.get(path).json
    assert (shown["status"], len(shown["recipients"]), shown["message"]) == ("pending", 2, FROM_OFFICE)
    app.drain_events()
    assert office.decide(WILMA[1]).status == 200
    assert reports(office) == []


def test_nobody_revives_what_is_erased(app: App) -> None:
    """410, in words; a new invitation goes out instead."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=45)
    app.clean_up()
    for verb in ("resend", "remind", "revoke"):
        refused = office.anna.post(f"/invitations/{invitation['id']}/{verb}")
        assert (refused.status, refused.slug) == (410, "invitation-expired")
        assert "has been erased" in refused.json["detail"]
    assert office.invite().status == 201


def test_the_erasure_wins_against_a_resend_that_comes_after(app: App) -> None:
    """A resend that has read the dead invitation loses, reads anew, and is refused."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=20)
    app.clean_up()
    app.clock.pass_(days=25)
    app.client.faults.before("transact_write_items", app.clean_up)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 410
    assert found_in(dump(app).replace("account-bjork", "")) != []
    forget(office)
    assert found_in(dump(app)) == []


# Links


def test_an_old_link_shows_that_it_is_over(app: App) -> None:
    """200 with the state, nothing to press; asking anew gets the one answer, and nobody a mail; a killed one is 404."""
    office = fed(app)
    asked(office)
    links = office.link_of(WILMA[1]), office.link_of(WALTER[1])
    appoint(office, WILMA)
    office.anna.post(f"/invitations/{office.anna.get('/invitations').json['items'][0]['id']}/resend")
    app.drain_events()
    app.clock.pass_(days=45)
    app.clean_up()
    app.drain_events()
    before = len(app.mailbox)
    page = office.nobody.get(links[0], headers={"Accept": "application/json"})
    assert (page.status, page.json["status"], page.json["actions"]) == (200, "expired", [])
    html = office.nobody.get(links[0], headers={"Accept": "text/html"})
    assert (html.status, "<form" in html.text) == (200, False)
    assert office.nobody.post(f"{links[0]}/ask-again").status == 202
    app.drain_events()
    assert len(app.mailbox) == before
    decided = office.decide(WILMA[1])
    assert (decided.status, decided.slug) == (410, "invitation-expired")
    assert office.nobody.get(links[1]).status == 404


# Interrupted, doubled, late


@pytest.mark.parametrize("point", ["before", "after"])
@pytest.mark.parametrize("nth", range(3))
def test_a_run_that_breaks_off_is_finished_by_the_next(app: App, nth: int, point: str) -> None:
    """Before and after each write: the next run does the rest, and the account counts it once."""
    office = fed(app)
    invitation = asked(office)
    office.decide(WILMA[1], "decline", message=FROM_CUSTOMER)
    app.drain_events()
    forget(office)
    app.clock.pass_(days=31)
    call, skip = ("transact_write_items", nth) if nth < 2 else ("update_item", 0)
    getattr(app.client.faults, point)(call, interrupt, skip=skip)
    with pytest.raises(KeyboardInterrupt):
        app.clean_up()
    assert app.client.faults.pending == 0
    app.clean_up()
    assert found_in(dump(app)) == []
    [report] = reports(office)
    assert (report["invitations"], report["recipients"], report["messages"]) == (1, 2, 2)
    assert report["digest"] == sha256(invitation["id"].encode()).hexdigest()
    assert kinds(office, invitation).count("persons-erased") == 1
    assert app.clean_up() == {}


def interrupt() -> None:
    """End the process, as a time-out does."""
    raise KeyboardInterrupt


def test_two_runs_at_once_erase_it_once(app: App) -> None:
    """The second reads what the first is about to write."""
    office = fed(app)
    invitation = asked(office)
    app.clock.pass_(days=20)
    app.clean_up()
    app.clock.pass_(days=25)
    forget(office)
    app.client.faults.before("transact_write_items", app.clean_up)
    assert app.clean_up() == {}
    assert found_in(dump(app)) == []
    assert [report["invitations"] for report in reports(office)] == [1]
    assert kinds(office, invitation).count("persons-erased") == 1


def test_it_waits_for_a_mail_that_is_still_to_be_sent(app: App) -> None:
    """The customer asks anew on the last day while the provider refuses: the office gets the mail first."""
    office = fed(app)
    asked(office)
    app.clock.pass_(days=43)
    app.clean_up()
    app.drain_events()
    app.refusing_mail = True
    office.nobody.post(f"{office.link_of(WILMA[1])}/ask-again")
    app.drain_events()
    app.clock.pass_(days=1, hours=1)
    assert app.clean_up() == {}
    app.refusing_mail = False
    app.clock.pass_(hours=5)
    # To two people that mail, and the digest of the day after.
    assert app.send_due_mail() == 4
    app.clock.pass_(days=1)
    assert app.clean_up() == {"erased": 1}
    assert any("Wilma Zetterqvist" in mail.text for mail in app.mailbox[-4:])


def test_what_is_sent_again_at_that_moment_expires_in_its_time(app: App) -> None:
    """The mails of the new life wait, which puts off no erasure: it has none before it, but an expiry."""
    office = fed(app)
    invitation = asked(office)["id"]
    for days in (15, 10):
        app.clock.pass_(days=days)
        app.clean_up()
        app.drain_events()
    app.clock.pass_(days=20, hours=1)
    resend = f"/invitations/{invitation}/resend"
    app.client.faults.before("transact_write_items", lambda: office.anna.post(resend))
    assert app.clean_up() == {}
    app.drain_events()
    app.clock.pass_(days=15)
    assert app.clean_up() == {"expired": 1}


def test_a_mail_that_nobody_sends_does_not_keep_it_for_ever(app: App) -> None:
    """Four days after it was queued no mail is tried any more, whatever its item says."""
    office = fed(app)
    appoint(office, WILMA)
    office.invite(message=FROM_OFFICE)
    forget(office)
    app.clock.pass_(days=45)
    assert app.clean_up() == {"expired": 1, "erased": 1}
    assert found_in(dump(app)) == []
    assert [report["mails"] for report in reports(office)] == [1]


def test_what_the_provider_says_late_brings_nothing_back(app: App) -> None:
    """A complaint after weeks is of a mail that is not known any more."""
    office = fed(app)
    asked(office)
    app.clock.pass_(days=45)
    app.clean_up()
    before = dict(app.client.items)
    tags = {"agreement": [office.anna.get("/invitations").json["items"][0]["id"].removeprefix("inv-")]}
    tags |= {"mail": ["invitation-1"], "recipient": ["r1"]}
    assert not office.mail_event("Complaint", messageId="message-1", tags=tags)
    assert not office.mail_event("Complaint", messageId="message-1")
    assert app.client.items == before


def test_more_mails_than_one_transaction_holds(app: App) -> None:
    """Nothing is left, and each is counted."""
    office = fed(app)
    appoint(office, *((f"Wilma {nth}", f"w{nth}@zetterqvist.example") for nth in range(60)))
    invitation = office.invited(message=FROM_OFFICE)
    app.clock.pass_(hours=25)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    forget(office)
    app.clock.pass_(days=45)
    assert app.clean_up() == {"expired": 1, "erased": 1}
    assert found_in(dump(app)) == []
    [report] = reports(office)
    assert (report["recipients"], report["mails"]) == (60, 120)


def test_one_that_cannot_be_read_keeps_no_other(app: App) -> None:
    """It is counted as failed, every time, until somebody mends it."""
    office = fed(app)
    asked(office)
    office.invited(DAHL)
    app.clock.pass_(days=20)
    app.clean_up()
    [place] = [place for place in app.client.items if place[1] == "INVITATION"][:1]
    app.client.items[place]["data"] = {"S": "{}"}
    app.clock.pass_(days=30)
    assert app.clean_up() == {"erased": 1, "failed": 1}
    assert app.clean_up() == {"failed": 1}


def test_a_mail_that_cannot_be_read_is_erased_all_the_same(app: App) -> None:
    """What a fault of ours left behind is somebody's address, too."""
    office = fed(app)
    asked(office)
    for place, item in app.client.items.items():
        if place[1].startswith("OUTBOX#"):
            item["data"] = {"S": '{"email": "wilma@zetterqvist.example"}'}
    forget(office)
    app.clock.pass_(days=45)
    assert app.clean_up() == {"expired": 1, "erased": 1}
    assert found_in(dump(app)) == []


# The account


def test_a_timeline_that_cannot_be_read_is_erased_all_the_same(app: App) -> None:
    """A line of a version that is not known: whom it names is not known either, so the names go."""
    office = fed(app)
    invitation = asked(office)
    office.nobody.post(office.link_of(WILMA[1]), {"decision": "decline", "organisationNumberEnding": ENDING})
    forget(office)
    app.drain_events()
    lines = [place for place in app.client.items if place[1].startswith("HISTORY#")]
    for place in lines:
        app.client.items[place]["data"] = {"S": '{"aFieldOfALaterVersion": 1}'}
    app.clock.pass_(days=31)
    assert app.clean_up() == {"erased": 1}
    assert found_in(dump(app)) == []
    assert office.anna.get(f"/invitations/{invitation['id']}").json["erasedAt"]


def test_the_account_is_kept_by_office_and_day_for_two_years(app: App) -> None:
    """Of one day one row, its digest over the ids in turn; no id, no name."""
    office = fed(app)
    first, second = office.invited(BJORK), office.invited(DAHL)
    app.clock.pass_(days=2)
    third = office.invited(ALMBERG)
    app.clock.pass_(days=43)
    assert app.clean_up() == {"expired": 3, "erased": 2}
    app.clock.pass_(days=2)
    assert app.clean_up() == {"erased": 1}
    newest, oldest = reports(office)
    assert (newest["day"], oldest["day"]) == ("2027-01-10", "2027-01-08")
    assert (newest["invitations"], oldest["invitations"], oldest["recipients"]) == (1, 2, 3)
    assert newest["digest"] == sha256(third["id"].encode()).hexdigest()
    chains = [
        sha256((sha256(one["id"].encode()).hexdigest() + other["id"]).encode()).hexdigest()
        for one, other in ((first, second), (second, first))
    ]
    assert oldest["digest"] in chains
    stored = [item for place, item in app.client.items.items() if place[0] == "REPORT#erasure"]
    lifetimes = [int(item["ttl"]["N"]) - app.clock.now.timestamp() for item in stored]
    assert all(725 < seconds / 86_400 < 732 for seconds in lifetimes)
    text = office.platform.get("/platform/reports?kind=erasure&limit=1")
    assert len(text.json["items"]) == 1
    assert text.json["next"]
    assert not any(it["id"] in json.dumps(reports(office)) for it in (first, second, third))
    assert office.platform.get("/platform/reports?kind=drift").json["items"] == []


def test_no_event_tells_of_an_erasure(app: App) -> None:
    """What nobody outside can undo or needs to know stays inside; the stream's records give rise to no message."""
    office = fed(app)
    asked(office)
    app.clock.pass_(days=45)
    app.new_messages()
    app.clean_up()
    # The office's digest is a mail.
    names = [message.name for message in app.new_messages()]
    assert [name for name in names if name != "MailQueued"] == ["InvitationExpired"]
