"""The largest account: 200 administrators. No expression grows with them, and no mark of a mail is in anybody's way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from support.people import BJORK, BO, Office

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.app import App

ACCOUNT = BJORK.account
PEOPLE = 200
# What DynamoDB takes of an expression, in bytes.
EXPRESSION = 4096


def address(nth: int) -> str:
    """The address of an administrator."""
    return f"administrator-{nth:03d}@bjork-brown.example"


def appoint(office: Office, numbers: range) -> None:
    """The register has these administrators, and no others."""
    assert ACCOUNT is not None
    users = [{"email": address(nth), "name": f"Person {nth}", "role": "administrator"} for nth in numbers]
    body = {**ACCOUNT.body(BJORK), "users": users, "mainContact": address(numbers[0])}
    office.put(f"/platform/accounts/{ACCOUNT.id}", body)


@pytest.fixture
def longest(app: App) -> dict[str, int]:
    """The longest expression of each kind that the table was given, and the largest item of its sort key."""
    seen: dict[str, int] = {}

    def look(parts: dict[str, Any]) -> None:
        for name, value in parts.items():
            if name.endswith("Expression"):
                seen[name] = max(seen.get(name, 0), len(value.encode()))
                assert len(value.encode()) < EXPRESSION, (name, value[:200])

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def ask(**arguments: Any) -> Any:
            look(arguments)
            for action in arguments.get("TransactItems", ()):
                for parts in action.values():
                    look(parts)
            return call(**arguments)

        return ask

    for name in ("query", "transact_write_items", "update_item"):
        setattr(app.client, name, watched(getattr(app.client, name)))
    return seen


def test_two_hundred_administrators_are_asked_accept_and_end(app: App, office: Office, longest: dict[str, int]) -> None:
    """Invite, accept, information to all, bounces of many, an arranged end, an end: no expression knows how many."""
    appoint(office, range(PEOPLE))
    invitation = office.invited()
    assert len(app.mailbox) == PEOPLE
    for nth in range(0, PEOPLE, 10):
        assert office.mail_event("Bounce", messageId=f"message-{nth + 1}")
    shown = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    assert [row["delivery"] for row in shown] == (["bounced"] + ["sent"] * 9) * (PEOPLE // 10)
    decided = office.decide(address(0), customer=BJORK)
    assert decided.status == 200, decided.text
    app.drain_events()
    path = f"/collaborations/{decided.json['collaborationId']}"
    current = office.anna.get(path)
    assert [mail["delivery"] for mail in current.json["mails"]] == ["sent"] * PEOPLE
    etag = {"If-Match": current.headers["ETag"]}
    arranged = office.anna.post(f"{path}/end", {"on": "2026-12-24", "outcome": "continue"}, headers=etag)
    assert arranged.status == 200, arranged.text
    etag = {"If-Match": arranged.headers["ETag"]}
    ended = office.anna.post(f"{path}/end", {"outcome": "continue"}, headers=etag)
    assert ended.status == 200, ended.text
    app.drain_events()
    mails = office.anna.get(path).json["mails"]
    assert len(mails) == PEOPLE * 2
    assert {(mail["kind"], mail["delivery"]) for mail in mails} == {("information", "sent"), ("ended", "sent")}
    assert max(longest.values()) > 0


def test_an_arranged_end_comes_with_two_hundred_administrators(
    app: App, office: Office, longest: dict[str, int]
) -> None:
    """On its day the run carries it out, and everybody is told."""
    appoint(office, range(PEOPLE))
    office.invited()
    decided = office.decide(address(0), customer=BJORK)
    app.drain_events()
    path = f"/collaborations/{decided.json['collaborationId']}"
    etag = {"If-Match": office.anna.get(path).headers["ETag"]}
    assert office.anna.post(f"{path}/end", {"on": "2026-12-24", "outcome": "continue"}, headers=etag).status == 200
    app.clock.pass_(days=31)
    assert app.clean_up() == {"ended": 1}
    app.drain_events()
    path = f"{path}"
    mails = office.anna.get(path).json["mails"]
    assert [(mail["to"], mail["delivery"]) for mail in mails if mail["kind"] == "ended"] == [
        (address(nth), "sent") for nth in range(PEOPLE)
    ]
    assert max(longest.values()) > 0


def test_a_resend_to_a_hundred_new_ones(app: App, office: Office, longest: dict[str, int]) -> None:
    """A hundred leave, a hundred come: everybody who is administrator now has a link of their own."""
    appoint(office, range(100))
    invitation = office.invited()
    appoint(office, range(100, 200))
    answer = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert answer.status == 202, answer.text
    app.drain_events()
    shown = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    assert [row["email"] for row in shown] == [address(nth) for nth in range(100, 200)]
    assert {row["delivery"] for row in shown} == {"sent"}
    assert max(longest.values()) > 0


# Marks


def busy(app: App, times: int) -> None:
    """Let the next marks meet a transaction that writes the same item."""
    left = iter(range(times))
    update_item = app.client.update_item

    def ask(**parts: Any) -> Any:
        if next(left, None) is not None:
            error = {"Error": {"Code": "TransactionConflictException"}}
            raise app.client.exceptions.TransactionConflictException(error, "UpdateItem")
        return update_item(**parts)

    app.client.update_item = ask


def fetched(office: Office, invitation: dict[str, Any]) -> list[bool]:
    """Whose links were fetched."""
    shown = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    return [row["fetchedAt"] is not None for row in shown]


def test_fetches_are_counted_and_the_first_is_kept(app: App, office: Office) -> None:
    """HEAD by a scanner, GET by a person: when first, and how often; nothing else changes."""
    invitation = office.invited()
    path = f"/invitations/{invitation['id']}"
    before = office.anna.get(path).json
    assert [row["fetches"] for row in before["recipients"]] == [0, 0]
    link = office.link_of(BJORK.contact.email)
    office.nobody.call("HEAD", link)
    first = office.anna.get(path).json["recipients"][0]
    assert first["fetches"] == 1
    app.clock.pass_(hours=1)
    office.nobody.get(link)
    office.nobody.get(link)
    after = office.anna.get(path).json
    assert [row["fetches"] for row in after["recipients"]] == [3, 0]
    assert after["recipients"][0]["fetchedAt"] == first["fetchedAt"]
    assert after["revision"] == before["revision"]
    [listed] = [row for row in office.anna.get("/invitations").json["items"] if row["id"] == invitation["id"]]
    assert listed["recipients"] == after["recipients"]


@pytest.mark.parametrize(("times", "marked"), [(2, True), (100, False)])
def test_opening_a_link_never_waits_for_its_mark(app: App, office: Office, times: int, *, marked: bool) -> None:
    """The mark meets a transaction: it is tried again, and then given up; the page is shown all the same."""
    invitation = office.invited()
    busy(app, times)
    assert office.nobody.get(office.link_of(BJORK.contact.email)).status == 200
    assert fetched(office, invitation) == [marked, False]


def test_a_table_that_takes_no_marks_still_shows_the_page(app: App, office: Office) -> None:
    """A mark that finds no table is no reason to refuse."""
    office.invited()

    def gone(**_: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    app.client.update_item = gone
    assert office.nobody.get(office.link_of(BJORK.contact.email)).status == 200


def test_a_mark_moves_no_revision(app: App, office: Office) -> None:
    """What was read before a mark may still be acted on after it."""
    invitation = office.invited()
    path = ("AGREEMENT#" + invitation["id"].removeprefix("inv-"), "INVITATION")
    before = dict(app.client.items[path])
    office.nobody.get(office.link_of(BJORK.contact.email))
    assert office.mail_event("Delivery", messageId="message-1")
    assert app.client.items[path] == before


def test_a_page_reads_rows_and_marks_at_once(app: App, office: Office) -> None:
    """One query per page, each row with its own mails, and the cursor stands at the last row."""
    solutions = ("scanner", "smart-office", "digital-invoices", "financial-overview", "travel-expenses")
    setups: dict[str, dict[str, Any]] = {
        "smart-office": {"invoiceRecipient": "office"},
        "financial-overview": {"invoiceRecipient": "office", "periodMonths": 3},
        "travel-expenses": {"invoiceRecipient": "office"},
        "digital-invoices": {"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "office"},
    }
    made = []
    for solution in solutions:
        answer = office.invite(BJORK, solution, **setups.get(solution, {}))
        if answer.status == 201:
            made.append(answer.json["id"])
        app.drain_events()
    assert len(made) > 2
    assert office.mail_event("Bounce", messageId="message-3")
    asked: list[int] = []
    query = app.client.query

    def counted(**parts: Any) -> Any:
        if parts.get("IndexName") == "lists":
            asked.append(parts["Limit"])
        return query(**parts)

    app.client.query = counted
    found: list[Any] = []
    path, pages = "/invitations?limit=2", 0
    while path:
        page = office.anna.get(path).json
        found += page["items"]
        pages += 1
        path = f"/invitations?limit=2&cursor={page['next']}" if page["next"] else ""
    assert asked == [4] * pages
    assert [row["id"] for row in found] == made[::-1]
    deliveries = {row["id"]: {person["delivery"] for person in row["recipients"]} for row in found}
    assert deliveries == {name: {"sent", "bounced"} if name == made[1] else {"sent"} for name in made}


def test_long_names_of_many_are_invited(app: App, office: Office) -> None:
    """A task of 500 people whose names are as long as they may be: the mail holds as many as it lists."""
    base, people = f"/platform/offices/{office.id}", [f"p{nth:03d}" for nth in range(500)]
    for person in people:
        body = {**BO.body(), "name": "\U0001d54f" * 200, "email": f"{person}@ek-lind.example"}
        raw = json.dumps(body, ensure_ascii=False)
        assert office.platform.call("PUT", f"{base}/employees/{person}", raw=raw).status == 201
    office.put(f"{base}/customers/{BJORK.id}/tasks/{BJORK.task_id}", {**BJORK.task(), "participants": people})
    office.invited(BJORK, "scanner", message="\U0001d54f" * 2000)
    [mail] = app.mails(BJORK.contact.email)
    # The owner of the task beside them.
    assert "and 476 more" in mail.text
