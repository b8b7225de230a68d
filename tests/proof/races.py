"""Two hundred at once over each engine that can stand behind the table.

Each call is a thread of its own, and all begin together. moto keeps tables in dictionaries that threads must not share:
there each call of the table waits for the one before it, and what races is the order of these. The other engines are
called by all threads at the same time.
"""

from __future__ import annotations

import os
import sys
import time
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
    from collections.abc import Callable, Collection, Iterator, Sequence

    from support.app import Response

    from proof.report import Effort

PART = "races"
AT_ONCE = 200
# Over moto a call that waits for its turn finds more and more of them refused, each of which copies the whole table.
MOTO_THREADS = 16
SWITCH_SECONDS = 0.00001
# Whoever lost every one of its attempts may be asked to come again; more than a share of all callers may not be.
BUSY, MOST_BUSY = 503, 0.1
# Who loses a race begins the next round earlier than the others: by so much, then by so many times more, and so on,
# until each has won one. A race that one side always wins shows only half of what can happen.
HEAD_START_SECONDS, TIMES_MORE, MOST_ROUNDS = 0.05, 4, 6


def prove(effort: Effort) -> Iterator[Row]:
    """The races over each engine."""
    os.environ.update(ENVIRONMENT)
    for kind in (MEMORY, MOTO, LOCAL):
        try:
            yield from _over(kind, effort.of(AT_ONCE))
        except DynamoDbLocalError as missing:
            yield Row(PART, f"{AT_ONCE} at once over {kind}", 0, 0, f"not tried: {missing}", skipped=True)


def _over(kind: str, how_many: int) -> Iterator[Row]:
    crowd = Crowd(how_many, min(how_many, MOTO_THREADS) if kind == MOTO else how_many)
    for name, race in RACES.items():
        with engine_of(kind) as engine:
            office = Office(App(engine))
            office.feed()
            result = race(office, crowd)
        how = f"{crowd.threads} at once{', each call of the table after another' if kind == MOTO else ''}"
        yield row(PART, f"{name}, over {kind}", how, result)


def row(part: str, what: str, how: str, race: Race) -> Row:
    """The row of a race. `how`: how many at once, in words."""
    return Row(part, what, race.tried, len(race.faults), "; ".join(race.faults) or f"{how}: {race.answered}")


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
class Crowd:
    """How many calls there are, and how many of them at the same time."""

    calls: int
    threads: int


@dataclass(frozen=True)
class Race:
    """How a race went: what was answered, and what should not have been."""

    tried: int
    answered: str
    faults: tuple[str, ...]


def at_once(
    calls: Sequence[Callable[[], Response]], threads: int, waits: Sequence[float] | None = None
) -> list[Response]:
    """Make calls at the same time, and return their responses in the order of the calls.

    All threads begin together, and change often: over a table in memory a call would else be done in one go.

    Args:
        calls: the calls.
        threads: how many are made at the same time.
        waits: the seconds after the beginning before which each is not made; None: nobody waits.
    """
    began = 0.0

    def note() -> None:
        nonlocal began
        began = time.monotonic()

    def make(call: Callable[[], Response], seconds: float) -> Response:
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        return call()

    begin = Barrier(min(threads, len(calls)), note)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with ThreadPoolExecutor(max_workers=threads, initializer=begin.wait) as pool:
            return list(pool.map(make, calls, waits or [0.0] * len(calls)))
    finally:
        sys.setswitchinterval(usual)


def _statuses(responses: Sequence[Response]) -> str:
    counted = Counter(response.status for response in responses)
    return ", ".join(f"{count} times {status}" for status, count in sorted(counted.items()))


def _kinds(office: Office, path: str) -> Counter[str]:
    return Counter(row["kind"] for row in office.anna.get(f"{path}/history?limit=100").json["items"])


def _wrongly_answered(responses: Sequence[Response], expected: Collection[int], when: str = "") -> Iterator[str]:
    """What nobody should be answered, or not so many."""
    counted = Counter(response.status for response in responses)
    if wrong := counted.keys() - {*expected, BUSY}:
        yield f"{when}answered {sorted(wrong)}"
    if counted[BUSY] > len(responses) * MOST_BUSY:
        yield f"{when}{counted[BUSY]} of {len(responses)} answered {BUSY}"


def accept_against_revoke(office: Office, crowd: Crowd) -> Race:
    """The customer's two people accept while the office revokes, until either has won a round.

    Each round has one outcome, and everybody is told of that one. Whoever has lost begins the next one earlier.
    """
    tried, faults, rounds = 0, list[str](), list[str]()
    won: set[str] = set()
    ahead, more = 0.0, HEAD_START_SECONDS
    for _ in range(MOST_ROUNDS):
        result, status = _accept_or_revoke(office, crowd, ahead)
        tried += result.tried
        faults += result.faults
        side, seconds = ("acceptances", ahead) if ahead > 0 else ("revocations", -ahead)
        begun = f"{side} {seconds * 1000:.0f} ms ahead, " if ahead else ""
        rounds.append(f"{begun}{status} ({result.answered})")
        won.add(status)
        if faults or len(won) > 1:
            break
        ahead += more if status == "revoked" else -more
        more *= TIMES_MORE
    if not faults and len(won) == 1:
        faults.append(f"never anything but {', '.join(won)}, in {MOST_ROUNDS} rounds")
    return Race(tried, "; ".join(rounds), tuple(faults))


def _accept_or_revoke(office: Office, crowd: Crowd, ahead: float) -> tuple[Race, str]:
    """One round, and what the invitation is after it. `ahead`: the seconds by which acceptances begin earlier."""
    invitation = office.invited()
    path = f"/invitations/{invitation['id']}"
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    links = [office.link_of(email) for email in (BIRGITTA, BENJAMIN)]
    calls: list[Callable[[], Response]] = []
    for number in range(crowd.calls // 2):
        calls += [partial(office.nobody.post, links[number % 2], body), partial(office.anna.post, f"{path}/revoke")]
    responses = at_once(calls, crowd.threads, [max(0.0, -ahead), max(0.0, ahead)] * (crowd.calls // 2))
    accepted, revoked = responses[::2], responses[1::2]
    status, kinds = office.anna.get(path).json["status"], _kinds(office, path)
    faults = []
    if kinds["invitation-accepted"] + kinds["invitation-revoked"] != 1:
        faults.append(f"history has {kinds}")
    allowed = {"accepted": ({200, 409}, {409}), "revoked": ({410}, {200})}.get(status, (set(), set()))
    for expected, answers in zip(allowed, (accepted, revoked), strict=True):
        faults += _wrongly_answered(answers, expected, f"{status}, and ")
    collaboration = f"/collaborations/col-{invitation['id'].removeprefix('inv-')}"
    found = office.anna.get(collaboration)
    if found.status != (200 if status == "accepted" else 404):
        faults.append(f"{status}, and the collaboration is answered {found.status}")
    if found.status == 200:
        # The next round begins with nothing agreed.
        tag = {"If-Match": found.headers["ETag"]}
        ended = office.anna.post(f"{collaboration}/end", {"outcome": "continue"}, headers=tag)
        faults += [] if ended.status == 200 else [f"ending it is answered {ended.status}"]
    return Race(len(calls), f"{_statuses(accepted)}, {_statuses(revoked)}", tuple(faults)), status


def one_invitation(office: Office, crowd: Crowd) -> Race:
    """The same proposal under as many keys: one is sent, the others point to it."""
    body = office.confirmed(office.proposal())
    keys = [{"Idempotency-Key": fresh_key()} for _ in range(crowd.calls)]
    responses = at_once([partial(office.anna.post, "/invitations", body, headers=key) for key in keys], crowd.threads)
    rows = office.anna.get("/invitations?limit=100").json["items"]
    faults = []
    if len(rows) != 1 or Counter(response.status for response in responses)[201] != 1:
        faults.append(f"{len(rows)} invitations: {_statuses(responses)}")
    if {response.location for response in responses if response.status == 409} - {f"/invitations/{rows[0]['id']}"}:
        faults.append("a refusal points elsewhere")
    faults += _wrongly_answered(responses, {201, 409})
    return Race(len(responses), _statuses(responses), tuple(faults))


def one_key(office: Office, crowd: Crowd) -> Race:
    """One request sent as often under its key: one invitation, and everybody is given it."""
    body, key = office.confirmed(office.proposal()), {"Idempotency-Key": fresh_key()}
    responses = at_once([partial(office.anna.post, "/invitations", body, headers=key)] * crowd.calls, crowd.threads)
    rows = office.anna.get("/invitations?limit=100").json["items"]
    ids = {response.json["id"] for response in responses if response.status == 201}
    faults = []
    if ids != {row["id"] for row in rows} or len(rows) != 1:
        faults.append(f"{len(rows)} invitations, and {len(ids)} answered")
    faults += _wrongly_answered(responses, {201})
    return Race(len(responses), _statuses(responses), tuple(faults))


def one_account(office: Office, crowd: Crowd) -> Race:
    """Two offices activate the same new company, each as often: one account, and one collaboration."""
    other = Office(office.app, "siffror")
    other.feed_office_only()
    bodies = [(each, each.confirmed(each.proposal(CEDER))) for each in (office, other)]
    calls = [
        partial(each.anna.post, "/activations", body, headers={"Idempotency-Key": fresh_key()})
        for _ in range(crowd.calls // 2)
        for each, body in bodies
    ]
    responses = at_once(calls, crowd.threads)
    listed = [len(each.anna.get("/collaborations").json["items"]) for each, _ in bodies]
    faults = [f"{sum(listed)} collaborations"] if sum(listed) != 1 else []
    if Counter(response.status for response in responses)[201] != 1:
        faults.append(f"answered {_statuses(responses)}")
    faults += _wrongly_answered(responses, {201, 409})
    return Race(len(responses), _statuses(responses), tuple(faults))


RACES = {
    "accepted against revoked": accept_against_revoke,
    "one proposal under many keys": one_invitation,
    "one request under one key": one_key,
    "two offices and one new company": one_account,
}
