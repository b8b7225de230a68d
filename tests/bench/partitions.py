"""How hot the hottest partition gets, by simulation: `make bench ARGS=partitions`.

Every call is made, over a table in memory; its units are counted by partition key (`support.capacity`) and put at the
second in which the call would come. A partition key gives 1 000 write and 3 000 read units a second. What DynamoDB does
beyond that, burst and adaptive capacity, is not counted on. Arrivals are drawn from a fixed seed.
"""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from support.app import App
from support.capacity import Meter
from support.pages import page_files
from support.people import BJORK, Office, fresh_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READ_LIMIT, WRITE_LIMIT = 3000, 1000
# Calls a second that the API lets through, and invitations at once of a batch: template.yaml, commands.inviting.
API_LIMIT, FILES_LIMIT = 200, 1000
ROWS_AT_ONCE = 4
# How long an invitation takes in a function: three trips and its processor time. Assumed; faster is hotter.
ROW_SECONDS = 0.05

EMPLOYEES, SIGN_IN_SECONDS, SECONDS_BETWEEN_CALLS = 3000, 900, 10
SENDERS, ROWS = 50, 50
ACCOUNTS = 1_000_000
FED_HERE = 1000
OFFICES = 1_000_000
# In a month of twenty-one days of eight hours; the busiest minutes have four times the mean.
INVITATIONS_A_MONTH, MAILS_A_MONTH, PEAK = 10, 40, 4
WORKING_SECONDS = 21 * 8 * 3600
SHOWN = 3

Place = tuple[str, str]
"""An index ("" for the table) and a partition key."""


@dataclass
class Units:
    """What a call read and wrote, by partition."""

    read: Counter[Place] = field(default_factory=Counter)
    write: Counter[Place] = field(default_factory=Counter)


class Recorder:
    """Counts what calls of an application spend, partition by partition."""

    def __init__(self, app: App) -> None:
        """Watch the table of `app`."""
        self._units = Units()
        Meter(app.client, by_partition=self._add)

    def _add(self, index: str, partition: str, read: float, write: float) -> None:
        if read:
            self._units.read[index, partition] += read  # type: ignore[assignment]
        if write:
            self._units.write[index, partition] += write  # type: ignore[assignment]

    def units_of(self, call: Callable[[], object]) -> Units:
        """Make a call, and say what it spent."""
        self._units = Units()
        call()
        return self._units


class Load:
    """What a scenario spends, second by second."""

    def __init__(self, name: str) -> None:
        """Nothing yet."""
        self.name = name
        self.calls: Counter[int] = Counter()
        self._read: dict[Place, Counter[int]] = defaultdict(Counter)
        self._write: dict[Place, Counter[int]] = defaultdict(Counter)

    def add(self, at: float, units: Units, calls: int = 1) -> None:
        """A call at a time, in seconds from the start, or several that together spend so much."""
        second = int(at)
        self.calls[second] += calls
        for spent, seconds in ((units.read, self._read), (units.write, self._write)):
            for place, amount in spent.items():
                seconds[place][second] += amount

    def lines(self) -> Iterator[str]:
        """The busiest second, and the hottest partitions in theirs."""
        yield f"{self.name}: {self.calls.total():,} calls, at most {max(self.calls.values()):,} a second"
        for verb, seconds, limit in (("read", self._read, READ_LIMIT), ("write", self._write, WRITE_LIMIT)):
            hottest = sorted(seconds.items(), key=lambda item: max(item[1].values()), reverse=True)[:SHOWN]
            for (index, partition), by_second in hottest:
                peak = max(by_second.values())
                late = "" if peak <= limit else f", {_late(by_second, limit):.0f} s late"
                place = f"{index or 'table'} {partition}"
                yield f"  {verb:5} {place:44} {peak:8,.0f} units, {peak / limit:6.1%} of a partition{late}"
            total = Counter[int]()
            for by_second in seconds.values():
                total.update(by_second)
            yield f"  {verb:5} {'all together':44} {max(total.values(), default=0):8,.0f} units"


def _late(by_second: Counter[int], limit: int) -> float:
    """By how many seconds the last of it is late, where a partition serves its limit a second and the rest waits."""
    waiting, second, last = 0.0, 0, max(by_second)
    while second <= last or waiting > 0:
        waiting = max(0.0, waiting + by_second[second] - limit)
        second += 1
    return second - last - 1


def main(_arguments: list[str]) -> None:
    """Simulate and print."""
    os.environ["POWERTOOLS_SERVICE_NAME"] = "collaboration"
    app = App()
    recorder = Recorder(app)
    office = Office(app)
    office.feed()
    customers = [*_customers(office, ceil(SENDERS * ROWS / 2))]
    loads = [_senders(office, recorder, customers)]
    app.drain_events()
    loads += _monday(office, recorder, customers)
    loads.append(_register(recorder, app))
    for load in loads:
        print(*load.lines(), "", sep="\n", flush=True)
    print(*_many_offices(office, recorder, customers), sep="\n")


def _number(nth: int) -> str:
    """An organisation number with its check digit."""
    digits = f"55{nth:07d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{digits}{-sum(sum(divmod(value, 10)) for value in doubled) % 10}"


def _customers(office: Office, count: int) -> Iterator[str]:
    """Customers that each have an account of their own."""
    for nth in range(count):
        name = f"kund{nth}"
        body = BJORK.body()
        contact = {**body["contact"], "email": f"vd@{name}.example"}
        path = f"/platform/offices/{office.id}/customers/{name}"
        office.put(path, {**body, "name": name, "organisationNumber": _number(nth), "contact": contact})
        office.put(f"{path}/tasks/{BJORK.task_id}", BJORK.task())
        office.put(f"/platform/accounts/{name}", _account(nth, name))
        yield name


def _account(nth: int, name: str) -> dict[str, Any]:
    people = [
        {"name": f"Person {who}", "email": f"{who}@{name}.example", "role": role}
        for who, role in (("vd", "administrator"), ("ekonomi", "administrator"), ("lon", "user"))
    ]
    return {
        "organisationNumber": _number(nth),
        "name": name,
        "users": people,
        "mainContact": people[0]["email"],
        "subscriptions": [],
    }


def _proposal(customer: str, solution: str) -> dict[str, Any]:
    return {"customerId": customer, "solution": solution, "taskId": BJORK.task_id}


def _senders(office: Office, recorder: Recorder, customers: list[str]) -> Load:
    """Fifty employees of one office send a batch of fifty each, within one second."""
    load = Load(f"{SENDERS} employees of one office send {ROWS} invitations each at once")
    asked = [_proposal(customer, solution) for solution in ("scanner", "employee-payslip") for customer in customers]
    drawn = random.Random(1)  # noqa: S311 - arrivals, not secrets
    for sender in range(SENDERS):
        began = drawn.random()
        for row, proposal in enumerate(asked[sender * ROWS : (sender + 1) * ROWS]):
            body = office.confirmed(proposal)

            def send(body: dict[str, Any] = body) -> None:
                answer = office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()})
                assert answer.status == 201, answer.text

            load.add(began + row // ROWS_AT_ONCE * ROW_SECONDS, recorder.units_of(send))
    return load


def _monday(office: Office, recorder: Recorder, customers: list[str]) -> Iterator[Load]:
    """Everybody at the largest office signs in and works; then the same as fast as the API lets through."""
    for customer in customers[:30]:
        _accept(office, customer)
    collaboration = office.anna.get("/collaborations?limit=1").json["items"][0]["id"]
    proposal = _proposal(customers[40], "travel-expenses")
    proposal |= {"invoiceRecipient": "customer", "reportRecipient": "payroll"}
    paths = (
        "/me",
        "/summary",
        "/collaborations",
        "/invitations?status=pending",
        "/customers",
        f"/customers/{customers[40]}",
        f"/collaborations/{collaboration}",
        f"/collaborations/{collaboration}/access",
        f"/collaborations/{collaboration}/history",
    )
    calls: list[Callable[[], Any]] = [lambda path=path: office.anna.get(path) for path in paths]  # type: ignore[misc]
    calls.append(lambda: office.anna.post("/collaborations/preview", proposal))
    # Everybody looks at the same: hotter than it can be.
    spent = []
    for call in calls:
        answers: list[Any] = []
        spent.append(recorder.units_of(lambda call=call, answers=answers: answers.append(call())))  # type: ignore[misc]
        assert answers[0].status == 200, answers[0].text
    drawn = random.Random(2)  # noqa: S311 - arrivals, not secrets
    morning = Load(f"{EMPLOYEES:,} employees of one office sign in within {SIGN_IN_SECONDS // 60} minutes")
    files = Load(f"the files of the page that each of them loads first ({FILES_LIMIT:,} a second may be)")
    for _ in range(EMPLOYEES):
        at = drawn.random() * SIGN_IN_SECONDS
        files.add(at, Units(), len(page_files("console.html")))
        for units in spent:
            morning.add(at, units)
            at += drawn.random() * 2 * SECONDS_BETWEEN_CALLS
    yield morning
    yield files
    crowded = Load("the same calls by one office, as many as the API lets through")
    for nth in range(10 * API_LIMIT):
        crowded.add(nth / API_LIMIT, spent[nth % len(spent)])
    yield crowded


def _accept(office: Office, customer: str) -> None:
    body = {"decision": "accept", "organisationNumberEnding": _number(int(customer.removeprefix("kund")))[-4:]}
    answer = office.nobody.post(office.link_of(f"vd@{customer}.example"), body)
    assert answer.status == 200, answer.text
    office.app.drain_events()


def _register(recorder: Recorder, app: App) -> Load:
    """The account register feeds new accounts as fast as the API lets through, and access follows."""
    hours = ACCOUNTS / API_LIMIT / 3600
    load = Load(f"the account register feeds accounts ({ACCOUNTS:,} take {hours:.1f} hours; here {FED_HERE:,})")
    platform = Office(app).platform
    for nth in range(FED_HERE):
        name = f"konto{nth}"
        body = _account(100_000 + nth, name)

        def put(name: str = name, body: dict[str, Any] = body) -> None:
            assert platform.put(f"/platform/accounts/{name}", body).status == 201

        at = nth / API_LIMIT
        load.add(at, recorder.units_of(put))
        load.add(at + 1, recorder.units_of(app.drain_events))
    return load


def _many_offices(office: Office, recorder: Recorder, customers: list[str]) -> Iterator[str]:
    """What a million offices share: all other partitions are of one office, customer or account."""
    customer = customers[100]
    body = office.confirmed(_proposal(customer, "smart-office") | {"invoiceRecipient": "customer"})

    def invite() -> None:
        assert office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()}).status == 201
        office.app.drain_events()

    lives = [recorder.units_of(invite), recorder.units_of(lambda: _accept(office, customer))]
    a_second = OFFICES * INVITATIONS_A_MONTH / WORKING_SECONDS * PEAK
    yield f"{OFFICES:,} offices: {a_second:,.0f} invitations a second at the busiest, each accepted"
    shared: Counter[str] = Counter()
    for units in lives:
        for (index, partition), amount in units.write.items():
            if index == "due" or partition.startswith(("REPORT", "OFFICES", "RATE")) or partition == "MAILS":
                kind, _, shard = partition.rpartition("#")
                shared[f"{kind}#(shard)" if index == "due" and shard.isdigit() else partition] += amount
    for name, amount in shared.most_common():
        shards = 8 if name.endswith("(shard)") else 1
        rate = amount * a_second / shards
        yield f"  write {name:44} {rate:8,.0f} units, {rate / WRITE_LIMIT:6.1%} of a partition"
