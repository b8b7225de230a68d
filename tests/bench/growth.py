"""What is asked of one office costs the same among a thousand and a hundred thousand: `make bench ARGS=growth`.

On DynamoDB Local, in time; and in units, counted by the rules that `support.capacity` has, over a table in memory with
as many items. Needs Java and npm; `--sizes 1000 10000` for fewer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from collaboration.storage import keys
from support.app import App
from support.capacity import Meter
from support.dynamodb_local import VERSION, DynamoDbLocal, fetch
from support.engines import local_engine, memory_engine
from support.people import ALMBERG, BJORK, Office
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.engines import Engine

SIZES = (1000, 10_000, 100_000)
DUE = 1000
TIMES = 15
AT_ONCE = 8
# In 2096: after everything that happens here.
FAR = "4000000000000"
FILTERS = {
    "filter: customer": f"/collaborations?customerId={BJORK.id}",
    "filter: unlinked": "/collaborations?state=active&linked=false",
    "filter: ends soon": "/collaborations?state=active&endsBefore=2027-01-31",
    "filter: pending": "/invitations?status=pending&limit=25",
}


@dataclass(frozen=True)
class Figure:
    """Milliseconds, or units read and written."""

    milliseconds: float = 0.0
    read: float = 0.0
    write: float = 0.0


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many collaborations are stored")
    sizes = parser.parse_args(arguments).sizes
    os.environ["POWERTOOLS_SERVICE_NAME"] = "collaboration"
    timed: dict[int, dict[str, Figure]] = {}
    counted: dict[int, dict[str, Figure]] = {}
    with DynamoDbLocal(fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}")) as local:
        for size in sizes:
            with ExitStack() as stack:
                timed[size] = dict(_timed(stack.enter_context(local_engine(local)), size))
            counted[size] = dict(_counted(size))
    names = [*timed[sizes[0]]]
    heads = "".join(f"{size:>22,}" for size in sizes).replace(",", " ")
    print(f"{'':22}{heads}   ends: ms, units")
    for name in names:
        cells = "".join(
            f"{timed[size][name].milliseconds:8.1f} ms {units.read:5.0f}/{units.write:<5.0f}"
            for size in sizes
            for units in [counted[size][name]]
        )
        first, last = sizes[0], sizes[-1]
        ratio = timed[last][name].milliseconds / timed[first][name].milliseconds
        units = [counted[size][name].read + counted[size][name].write for size in (first, last)]
        print(f"{name:22}{cells}   {ratio:.2f} {units[1] / units[0]:.2f}", flush=True)


def _timed(engine: Engine, size: int) -> Iterator[tuple[str, Figure]]:
    app, office = _stocked(engine, size)
    for name, ask in _asked(office):
        samples = []
        for _ in range(TIMES):
            prepared = ask()
            started = time.perf_counter()
            prepared()
            samples.append(1000 * (time.perf_counter() - started))
        yield name, Figure(milliseconds=median(samples))
    app.clock.pass_(days=12)
    started = time.perf_counter()
    app.functions["cleanup"].handler({"detail-type": "x", "detail": {}}, None)
    yield f"clean-up of {DUE}", Figure(milliseconds=1000 * (time.perf_counter() - started))


def _counted(size: int) -> Iterator[tuple[str, Figure]]:
    engine = memory_engine()
    app, office = _stocked(engine, size)
    meter = Meter(app.client)
    for name, ask in _asked(office):
        prepared = ask()
        meter.take()
        prepared()
        spent = meter.take()
        yield name, Figure(read=spent.read, write=spent.write)
    app.clock.pass_(days=12)
    app.functions["cleanup"].handler({"detail-type": "x", "detail": {}}, None)
    spent = meter.take()
    yield f"clean-up of {DUE}", Figure(read=spent.read, write=spent.write)


def _stocked(engine: Engine, size: int) -> tuple[App, Office]:
    """An office with some of everything, and `size` other collaborations and as many requests, `DUE` of them due."""
    app = App(engine)
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner")
    office.imported()
    invitation = office.invited(ALMBERG, "employee-payslip")
    agreement = invitation["id"].removeprefix("inv-")
    started = office.anna.get("/collaborations?limit=1").json["items"][0]["id"].removeprefix("col-")
    items = app.services.table.partition(keys.agreement_partition(agreement))
    due = [item for item in items if item["sk"]["S"] in {"INVITATION", "INVITATION-DELIVERY", "MARKER#pending"}]
    items = app.services.table.partition(keys.agreement_partition(started))
    row = [item for item in items if item["sk"]["S"] in {"COLLABORATION", "COLLABORATION-DELIVERY", "MARKER#active"}]
    puts = itertools.chain(
        _copies(due, agreement, DUE, of="d"),
        _copies(due[:1], agreement, size - DUE, of="n", later=True) if size > DUE else (),
        _copies(row, started, size, of="r"),
    )
    batches = iter(lambda: list(itertools.islice(puts, 25)), [])

    def write(batch: list[Any]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        engine.client.batch_write_item(RequestItems={engine.table_name: requests})

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        for _ in threads.map(write, batches):
            pass
    return app, office


def _copies(
    pattern: list[Any], agreement: str, count: int, *, of: str, later: bool = False
) -> Iterator[dict[str, Any]]:
    """Copies under ids of their own; `later`: accepted long ago, and so not pending, nor due."""
    text = json.dumps(pattern)
    for nth in range(count):
        name = f"{of}{nth:0{len(agreement) - len(of)}d}"
        for item in json.loads(text.replace(agreement, name).replace('"bjork', '"other')):
            if "duePk" in item:
                kind = keys.kind_of_due_shard(item["duePk"]["S"])
                item["duePk"] = {"S": keys.due_shard(kind, name)}
                if later:
                    item["dueSk"] = {"S": f"{FAR}#{name}"}
            yield item


def _asked(office: Office) -> Iterator[tuple[str, Callable[[], Callable[[], Any]]]]:
    """What is measured: each prepares a call, and returns it."""
    turn = itertools.count()

    def reading(path: str) -> Callable[[], Callable[[], Any]]:
        def call() -> None:
            assert office.anna.get(path).status == 200

        return lambda: call

    def inviting() -> Callable[[], Any]:
        customer = _customer(next(turn))
        body = office.confirmed({**office.proposal(BJORK), **customer})
        key = {"Idempotency-Key": f"growth-{next(turn):08d}"}

        def call() -> None:
            answer = office.anna.post("/invitations", body, headers=key)
            assert answer.status == 201, answer.text

        return call

    def _customer(nth: int) -> dict[str, Any]:
        """A customer of its own with the same number and account."""
        path = f"/platform/offices/{office.id}/customers/c{nth}"
        office.put(path, {**BJORK.body(), "name": f"Kund {nth}"})
        office.put(f"{path}/tasks/{BJORK.task_id}", BJORK.task())
        return {"customerId": f"c{nth}"}

    def accepting() -> Callable[[], Any]:
        inviting()()
        office.app.drain_events()
        link = office.link_of(BJORK.contact.email)
        body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}

        def call() -> None:
            assert office.nobody.post(link, body).status == 200

        return call

    yield "list page", reading("/collaborations")
    for name, path in FILTERS.items():
        yield name, reading(path)
    yield "invite", inviting
    yield "accept", accepting
