"""Two hundred at once over each engine that can stand behind the table.

moto keeps tables in dictionaries that threads must not share: there each call waits for the one before it, and what
races is the order of the calls. The other engines are called by all threads at the same time.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING

from support.app import App
from support.dynamodb_local import VERSION, DynamoDbLocal, DynamoDbLocalError, fetch
from support.engines import LOCAL, MEMORY, MOTO, Engine, local_engine, memory_engine, moto_engine
from support.people import BJORK, CEDER, Office, fresh_key
from support.template import PROJECT

from proof.report import Row
from proof.valid_requests import BENJAMIN, BIRGITTA, ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.app import Response

    from proof.report import Effort

PART = "races"
AT_ONCE = 200
THREADS = 16
SWITCH_SECONDS = 0.00001
# Whoever lost every one of its attempts may be asked to come again.
BUSY = 503


def prove(effort: Effort) -> Iterator[Row]:
    """The races over each engine."""
    os.environ.update(ENVIRONMENT)
    for kind in (MEMORY, MOTO, LOCAL):
        try:
            yield from _over(kind, effort.of(AT_ONCE))
        except DynamoDbLocalError as missing:
            yield Row(PART, f"{AT_ONCE} at once over {kind}", 0, 0, f"not tried: {missing}", skipped=True)


def _over(kind: str, at_once: int) -> Iterator[Row]:
    how = "one call after another, in any order" if kind == MOTO else f"{THREADS} threads"
    for name, race in RACES.items():
        with engine_of(kind) as engine:
            office = Office(App(engine))
            office.feed()
            race_result = race(office, at_once)
        detail = "; ".join(race_result.faults) or f"{how}: {race_result.answered}"
        yield Row(PART, f"{name}, over {kind}", race_result.tried, len(race_result.faults), detail)


@contextmanager
def engine_of(kind: str) -> Iterator[Engine]:
    """An empty table of one of the engines.

    Raises:
        DynamoDbLocalError: it cannot be had on this machine.
    """
    with ExitStack() as opened:
        if kind == MEMORY:
            yield memory_engine()
        elif kind == MOTO:
            yield opened.enter_context(moto_engine())
        else:
            local = opened.enter_context(DynamoDbLocal(fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}")))
            yield opened.enter_context(local_engine(local))


@dataclass(frozen=True)
class Race:
    """How a race went: what was answered, and what should not have been."""

    tried: int
    answered: str
    faults: tuple[str, ...]


def at_once(calls: Sequence[Callable[[], Response]]) -> list[Response]:
    """Make calls at the same time, and return their responses in the order of the calls.

    All threads begin together, and change often: over a table in memory a call would else be done in one go.
    """
    begin = Barrier(min(THREADS, len(calls)))
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with ThreadPoolExecutor(max_workers=THREADS, initializer=begin.wait) as threads:
            return list(threads.map(lambda call: call(), calls))
    finally:
        sys.setswitchinterval(usual)


def _statuses(responses: Sequence[Response]) -> str:
    counted = Counter(response.status for response in responses)
    return ", ".join(f"{count} times {status}" for status, count in sorted(counted.items()))


def _kinds(office: Office, path: str) -> Counter[str]:
    return Counter(row["kind"] for row in office.anna.get(f"{path}/history?limit=100").json["items"])


def accept_against_revoke(office: Office, how_many: int) -> Race:
    """The customer's two people accept while the office revokes: one outcome, and everybody is told of that one."""
    invitation = office.invited()
    path = f"/invitations/{invitation['id']}"
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    links = [office.link_of(email) for email in (BIRGITTA, BENJAMIN)]
    calls: list[Callable[[], Response]] = []
    for number in range(how_many // 2):
        calls += [partial(office.nobody.post, links[number % 2], body), partial(office.anna.post, f"{path}/revoke")]
    responses = at_once(calls)
    status, kinds = office.anna.get(path).json["status"], _kinds(office, path)
    faults = []
    if kinds["invitation-accepted"] + kinds["invitation-revoked"] != 1:
        faults.append(f"history has {kinds}")
    allowed = {"accepted": ({200, 409}, {409}), "revoked": ({410}, {200})}.get(status, (set(), set()))
    for expected, answers in zip(allowed, (responses[::2], responses[1::2]), strict=True):
        if wrong := {answer.status for answer in answers} - expected - {BUSY}:
            faults.append(f"{status}, and answered {wrong}")
    collaborations = office.anna.get("/collaborations").json["items"]
    if len(collaborations) != (status == "accepted"):
        faults.append(f"{status}, and {len(collaborations)} collaborations")
    return Race(len(calls), _statuses(responses), tuple(faults))


def one_invitation(office: Office, how_many: int) -> Race:
    """The same proposal under as many keys: one is sent, the others point to it."""
    body = office.confirmed(office.proposal())
    keys = [{"Idempotency-Key": fresh_key()} for _ in range(how_many)]
    responses = at_once([partial(office.anna.post, "/invitations", body, headers=key) for key in keys])
    rows = office.anna.get("/invitations?limit=100").json["items"]
    faults = []
    if len(rows) != 1 or Counter(response.status for response in responses)[201] != 1:
        faults.append(f"{len(rows)} invitations: {_statuses(responses)}")
    if {response.location for response in responses if response.status == 409} - {f"/invitations/{rows[0]['id']}"}:
        faults.append("a refusal points elsewhere")
    if wrong := {response.status for response in responses} - {201, 409, BUSY}:
        faults.append(f"answered {wrong}")
    return Race(len(responses), _statuses(responses), tuple(faults))


def one_key(office: Office, how_many: int) -> Race:
    """One request sent as often under its key: one invitation, and everybody is given it."""
    body, key = office.confirmed(office.proposal()), {"Idempotency-Key": fresh_key()}
    responses = at_once([partial(office.anna.post, "/invitations", body, headers=key)] * how_many)
    rows = office.anna.get("/invitations?limit=100").json["items"]
    ids = {response.json["id"] for response in responses if response.status == 201}
    faults = []
    if ids != {row["id"] for row in rows} or len(rows) != 1:
        faults.append(f"{len(rows)} invitations, and {len(ids)} answered")
    if wrong := {response.status for response in responses} - {201, BUSY}:
        faults.append(f"answered {wrong}")
    return Race(len(responses), _statuses(responses), tuple(faults))


def one_account(office: Office, how_many: int) -> Race:
    """Two offices activate the same new company, each as often: one account, and one collaboration."""
    other = Office(office.app, "siffror")
    other.feed_office_only()
    bodies = [(each, each.confirmed(each.proposal(CEDER))) for each in (office, other)]
    calls = [
        partial(each.anna.post, "/activations", body, headers={"Idempotency-Key": fresh_key()})
        for _ in range(how_many // 2)
        for each, body in bodies
    ]
    responses = at_once(calls)
    listed = [len(each.anna.get("/collaborations").json["items"]) for each, _ in bodies]
    faults = [f"{sum(listed)} collaborations"] if sum(listed) != 1 else []
    if Counter(response.status for response in responses)[201] != 1:
        faults.append(f"answered {_statuses(responses)}")
    return Race(len(responses), _statuses(responses), tuple(faults))


RACES = {
    "accepted against revoked": accept_against_revoke,
    "one proposal under many keys": one_invitation,
    "one request under one key": one_key,
    "two offices and one new company": one_account,
}
