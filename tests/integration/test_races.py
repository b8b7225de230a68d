"""Many at once, on every engine: exactly one wins, whoever it is, and what is stored afterwards agrees."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from support.accounts import many_customers, register
from support.app import App
from support.engines import MOTO
from support.people import BJORK, CEDER, Office, fresh_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from support.app import Response
    from support.engines import Engine

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
THREADS = 16


@pytest.fixture
def office(engine: Engine) -> Office:
    """The demonstration office, over each engine."""
    office = Office(App(engine))
    office.feed()
    return office


def at_once(calls: Sequence[Callable[[], Response]]) -> list[Response]:
    """Make calls at the same time, and return their responses in the order of the calls."""
    with ThreadPoolExecutor(max_workers=THREADS) as threads:
        return list(threads.map(lambda call: call(), calls))


def history(office: Office, path: str) -> Counter[str]:
    """How often what happened."""
    rows: list[Any] = office.anna.get(f"{path}/history?limit=100").json["items"]
    return Counter(row["kind"] for row in rows)


def test_many_accepts_against_many_revokes(office: Office, engine: Engine) -> None:
    """Two hundred at once: it is accepted or revoked, and the losers see which."""
    invitation = office.invited()
    path = f"/invitations/{invitation['id']}"
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    links = [office.link_of(email) for email in (BIRGITTA, BENJAMIN)]
    # moto makes one call after another, and each of them takes a while.
    pairs = 20 if engine.kind == MOTO else 100
    calls: list[Callable[[], Response]] = []
    for number in range(pairs):
        calls += [
            lambda link=links[number % 2]: office.nobody.post(link, body),  # type: ignore[misc]
            lambda: office.anna.post(f"{path}/revoke"),
        ]
    responses = at_once(calls)
    status = office.anna.get(path).json["status"]
    kinds = history(office, path)
    assert kinds["invitation-accepted"] + kinds["invitation-revoked"] == 1
    accepted, revoked = responses[::2], responses[1::2]
    # Whoever lost every one of its tries may be asked to come again; nobody is told of another outcome.
    busy = {503}
    if status == "accepted":
        assert {response.status for response in accepted} <= {200, 409} | busy
        assert {response.status for response in revoked} <= {409} | busy
        assert {response.json["status"] for response in accepted if response.status == 200} == {"accepted"}
    else:
        assert status == "revoked"
        assert {response.status for response in accepted} <= {410} | busy
        assert {response.status for response in revoked} <= {200} | busy


def test_an_invitation_sent_twice_at_once(office: Office) -> None:
    """Two keys are two requests of the same thing: one is sent, the other points to it."""
    body = office.confirmed(office.proposal())
    responses = at_once(
        [
            lambda: office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()}),
        ]
        * 8
    )
    statuses = Counter(response.status for response in responses)
    assert statuses[201] == 1
    assert set(statuses) <= {201, 409, 503}
    [row] = office.anna.get("/invitations?limit=100").json["items"]
    assert {response.location for response in responses if response.status == 409} <= {f"/invitations/{row['id']}"}


def test_one_key_sent_twice_at_once(office: Office) -> None:
    """The same request is one invitation, and everybody is given it."""
    body = office.confirmed(office.proposal())
    key = {"Idempotency-Key": fresh_key()}
    responses = at_once([lambda: office.anna.post("/invitations", body, headers=key)] * 8)
    assert {response.status for response in responses} <= {201, 503}
    assert len({response.json["id"] for response in responses if response.status == 201}) == 1
    assert len(office.anna.get("/invitations?limit=100").json["items"]) == 1


def test_two_offices_activate_one_new_company(office: Office) -> None:
    """One account is made; the other office is told of the new situation."""
    other = Office(office.app, "siffror")
    other.feed_office_only()
    bodies = [(each, each.confirmed(each.proposal(CEDER))) for each in (office, other)]
    responses = at_once(
        [
            lambda each=each, body=body: each.anna.post(  # type: ignore[misc]
                "/activations", body, headers={"Idempotency-Key": fresh_key()}
            )
            for each, body in bodies
        ]
    )
    assert sorted(response.status for response in responses) == [201, 409]
    [refused] = [response for response in responses if response.status == 409]
    assert refused.json["preview"]["scenario"] == "has-solution"
    listed = [each.anna.get("/collaborations").json["items"] for each, _ in bodies]
    assert sorted(map(len, listed)) == [0, 1]


def test_an_end_against_an_edit(office: Office) -> None:
    """Both saw the same revision: the one is done, the other is told."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}"
    put = office.platform.put
    other_task = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
    assert put(other_task, {"name": "Annat", "owner": "bo", "participants": [], "active": True}).status == 201
    etag = {"If-Match": office.anna.get(path).headers["ETag"]}
    ended, edited = at_once(
        [
            lambda: office.anna.post(f"{path}/end", {"outcome": "continue"}, headers=etag),
            lambda: office.anna.call("PATCH", path, {"taskId": "other"}, headers=etag),
        ]
    )
    shown = office.anna.get(path).json
    assert sorted([ended.status, edited.status]) in ([200, 409], [200, 412])
    assert shown["state"] == ("ended" if ended.status == 200 else "active")
    assert (shown["setup"]["taskId"] == "other") == (edited.status == 200)


def test_the_same_request_is_stored_between_two_reads() -> None:
    """Its key was read before it was there, and what it made after: that is no reason to refuse it."""
    office = Office(App())
    office.feed()
    body = office.confirmed(office.proposal())
    key = {"Idempotency-Key": fresh_key()}
    faults = office.app.client.faults
    key_read = Event()
    first: list[Response] = []

    def meanwhile() -> None:
        assert key_read.wait(10)
        faults.clear()
        first.append(office.anna.post("/invitations", body, headers=key))

    faults.after("batch_get_item", key_read.set)
    faults.before("query", meanwhile)
    second = office.anna.post("/invitations", body, headers=key)
    assert (first[0].status, second.status) == (201, 201)
    assert second.json == first[0].json


def test_an_account_that_moves_against_many_invitations(office: Office) -> None:
    """Its number is corrected while six customers of it are invited: it has moved, or it has an invitation."""
    twins = many_customers(office, 6)
    register(office, subscriptions=[])
    bodies = [office.confirmed(office.proposal(twin, "scanner")) for twin in twins]
    calls: list[Callable[[], Response]] = [
        lambda body=body: office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()})  # type: ignore[misc]
        for body in bodies
    ]
    *invited, moved = at_once([*calls, lambda: register(office, organisationNumber="5560000001")])
    sent = [response for response in invited if response.status == 201]
    assert {response.status for response in invited} <= {201, 409, 503}
    assert moved.status in ({409, 503} if sent else {200, 409, 503})
