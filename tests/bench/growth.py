"""What is asked of one office costs the same among a thousand and a hundred thousand: `make bench ARGS=growth`.

On DynamoDB Local, in time; and in units, counted by the rules that `support.capacity` has, over a table in memory with
as many items. Each size has a DynamoDB Local of its own, since one process answers more slowly the more tables it has
had, whatever is asked; the sizes are measured turn by turn, so that what else the machine does meets all of them.
Needs Java and npm; `--sizes 1000 10000` for fewer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from collaboration import composition
from collaboration.storage import keys
from support.app import App
from support.capacity import Meter
from support.dynamodb_local import VERSION, DynamoDbLocal, fetch
from support.engines import local_engine, memory_engine
from support.people import ALMBERG, BJORK, Office
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.engines import Engine

SIZES = (1000, 10_000, 100_000)
DUE = 1000
TIMES = 21
AT_ONCE = 8
WARM = 3
BJORK_ACCOUNT = "account-bjork"
FILTERS = {
    "filter: customer": f"/collaborations?customerId={BJORK.id}",
    "filter: unlinked": "/collaborations?state=active&linked=false",
    "filter: ends soon": "/collaborations?state=active&endsBefore=2027-01-31",
    "filter: pending": "/invitations?status=pending&limit=25",
}


@dataclass(frozen=True)
class Figure:
    """Units read and written."""

    read: float
    write: float


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many collaborations are stored")
    sizes = parser.parse_args(arguments).sizes
    os.environ["POWERTOOLS_SERVICE_NAME"] = "collaboration"
    began = time.monotonic()
    timed = _timed(sizes)
    counted = {size: dict(_counted(size)) for size in sizes}
    heads = "".join(f"{size:>22,}" for size in sizes).replace(",", " ")
    print(f"{'':22}{heads}   ends: ms, units")
    for name in timed[sizes[0]]:
        cells = "".join(
            f"{timed[size][name]:8.1f} ms {units.read:5.0f}/{units.write:<5.0f}"
            for size in sizes
            for units in [counted[size][name]]
        )
        first, last = sizes[0], sizes[-1]
        units = [counted[size][name].read + counted[size][name].write for size in (first, last)]
        ratio = timed[last][name] / timed[first][name]
        print(f"{name:22}{cells}   {ratio:.2f} {units[1] / units[0]:.2f}", flush=True)
    print(f"Medians of {TIMES} calls; {time.monotonic() - began:.0f} seconds for all.")


def _timed(sizes: Sequence[int]) -> dict[int, dict[str, float]]:
    """Milliseconds by size and by what was asked."""
    folder = fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}")
    with ExitStack() as stack:
        offices: dict[int, Office] = {}
        for size in sizes:
            local = stack.enter_context(DynamoDbLocal(folder))
            began = time.monotonic()
            offices[size] = _stocked(stack.enter_context(local_engine(local)), size)
            print(f"{size} stored in {time.monotonic() - began:.0f} s", flush=True)
        samples: dict[int, dict[str, list[float]]] = {size: defaultdict(list) for size in sizes}
        asked = {size: dict(_asked(office)) for size, office in offices.items()}
        for name in asked[sizes[0]]:
            for turn, size in itertools.product(range(WARM + TIMES), sizes):
                composition.use(offices[size].app)
                call = asked[size][name]()
                started = time.perf_counter()
                call()
                if turn >= WARM:
                    samples[size][name].append(1000 * (time.perf_counter() - started))
        for size, office in offices.items():
            composition.use(office.app)
            samples[size][f"clean-up of {DUE}"] = [1000 * _clean_up(office.app)]
    return {size: {name: median(taken) for name, taken in of_size.items()} for size, of_size in samples.items()}


def _clean_up(app: App) -> float:
    """Run the clean-up once its work is due, to the end, and say how many seconds it took."""
    app.clock.pass_(days=12)
    started = time.perf_counter()
    counts = app.clean_up()
    spent = time.perf_counter() - started
    assert counts.get("reminded", 0) >= DUE, counts
    return spent


def _counted(size: int) -> Iterator[tuple[str, Figure]]:
    engine = memory_engine()
    office = _stocked(engine, size)
    meter = Meter(office.app.client)
    for name, ask in _asked(office):
        prepared = ask()
        meter.take()
        prepared()
        spent = meter.take()
        yield name, Figure(spent.read, spent.write)
    _clean_up(office.app)
    spent = meter.take()
    yield f"clean-up of {DUE}", Figure(spent.read, spent.write)


def _stocked(engine: Engine, size: int) -> Office:
    """An office with some of everything, `size` other collaborations, and `DUE` requests that will be due."""
    app = App(engine)
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner")
    office.imported()
    invitation = office.invited(ALMBERG, "employee-payslip")
    agreement = invitation["id"].removeprefix("inv-")
    started = office.anna.get("/collaborations?customerId=bjork").json["items"][0]["id"].removeprefix("col-")
    items = app.services.table.partition(keys.agreement_partition(agreement))
    due = [item for item in items if item["sk"]["S"] in {"INVITATION", "INVITATION-DELIVERY", "MARKER#pending"}]
    items = app.services.table.partition(keys.agreement_partition(started))
    row = [item for item in items if item["sk"]["S"] in {"COLLABORATION", "COLLABORATION-DELIVERY"}]
    puts = itertools.chain(_copies(due, agreement, DUE, of="d"), _copies(row, started, size, of="r"))
    batches = iter(lambda: list(itertools.islice(puts, 25)), [])

    def write(batch: list[Any]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        engine.client.batch_write_item(RequestItems={engine.table_name: requests})

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        for _ in threads.map(write, batches):
            pass
    return office


def _copies(pattern: list[Any], agreement: str, count: int, *, of: str) -> Iterator[dict[str, Any]]:
    """Copies under ids of their own, each of an account of its own, twenty thousand customers among them."""
    text = json.dumps(pattern)
    for nth in range(count):
        name = f"{of}{nth:0{len(agreement) - len(of)}d}"
        mine = text.replace(agreement, name)
        if of == "r":
            mine = mine.replace(BJORK_ACCOUNT, f"account-{name}").replace('"bjork', f'"other{nth % 20_000}')
        for item in json.loads(mine):
            if "duePk" in item:
                kind = keys.kind_of_due_shard(item["duePk"]["S"])
                item["duePk"] = {"S": keys.due_shard(kind, name)}
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
