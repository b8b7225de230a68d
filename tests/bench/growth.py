"""What is asked of one office costs the same among a thousand and a hundred thousand: `make bench ARGS=growth`.

On DynamoDB Local, in time; and in units, counted by the rules that `support.capacity` has, over a table in memory with
as many items. Each size has a DynamoDB Local of its own, since one process answers more slowly the more tables it has
had, whatever is asked.

The sizes are measured in rounds, each once in a round and in turn the first of it: what else the machine does meets all
of them. Growth is the median of the rounds' own ratios, the largest size to the smallest, with the interval that the
true median lies in, in 19 cases of 20. It is flat where the whole interval is below `FLAT`, it grows where the
whole interval is above, and else the machine is too busy to tell. The clean-up has a round for each of `SLICES` parts
of what is due. The functions' own processor time stands beside, which the engine has no part in.

Needs Java and npm; `--sizes 1000 10000` and `--rounds 15` for less.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, Any, Self

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
SLICES = 10
ROUNDS = 61
AT_ONCE = 8
WARM = 5
FLAT = 1.2
# The lowest and the highest of fewer have the median between them in less than 19 cases of 20.
FEWEST = 6
BJORK_ACCOUNT = "account-bjork"
CLEAN_UP = f"clean-up of {DUE}"
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


@dataclass(frozen=True)
class Sample:
    """What a call took, in milliseconds: all together, and of this process's processors."""

    took: float
    own: float


@dataclass(frozen=True)
class Growth:
    """By how much the largest size takes longer than the smallest: the median, and the interval that it lies in."""

    low: float
    ratio: float
    high: float
    rounds: int

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Self:
        """The growth that the ratios of some rounds show.

        The interval is that of a median by ranks, whatever the ratios are distributed like: 95 % at least, or all of
        them where there are fewer than six.
        """
        ordered = sorted(ratios)
        below = max(0, int(len(ordered) / 2 - 1.96 * sqrt(len(ordered)) / 2))
        return cls(ordered[below], median(ordered), ordered[len(ordered) - 1 - below], len(ordered))

    @property
    def verdict(self) -> str:
        """Flat, grows, or that this cannot be told."""
        if self.rounds < FEWEST:
            return "unclear"
        if self.high <= FLAT:
            return "flat"
        return "grows" if self.low > FLAT else "unclear"

    def __str__(self) -> str:
        return f"{self.ratio:.2f} ({self.low:.2f}-{self.high:.2f})"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many collaborations are stored")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured")
    read = parser.parse_args(arguments)
    sizes: list[int] = sorted(read.sizes)
    os.environ["POWERTOOLS_SERVICE_NAME"] = "collaboration"
    began = time.monotonic()
    timed = _timed(sizes, read.rounds)
    counted = {size: dict(_counted(size)) for size in sizes}
    heads = "".join(f"{size:>26,}" for size in sizes).replace(",", " ")
    print(f"{'':22}{heads}   {'growth':>18}  {'own processor':>18}  units")
    for name, rounds in timed.items():
        first, last = sizes[0], sizes[-1]
        cells = "".join(
            f"{median(a_round[size].took for a_round in rounds):8.1f} ms {units.read:8.1f}/{units.write:<6.0f}"
            for size in sizes
            for units in [counted[size][name]]
        )
        took = Growth.of([a_round[last].took / a_round[first].took for a_round in rounds])
        own = Growth.of([a_round[last].own / a_round[first].own for a_round in rounds])
        units = [counted[size][name].read + counted[size][name].write for size in (first, last)]
        print(f"{name:22}{cells}   {took!s:>18}  {own!s:>18}  {units[1] / units[0]:.2f}  {took.verdict}", flush=True)
    print(
        f"Medians of {read.rounds} rounds, of the clean-up of {SLICES}; {time.monotonic() - began:.0f} seconds for all."
    )


Round = Mapping[int, Sample]


def _timed(sizes: Sequence[int], rounds: int) -> dict[str, list[Round]]:
    """By what was asked, what each size took in each round."""
    folder = fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}")
    with ExitStack() as stack:
        offices: dict[int, Office] = {}
        for size in sizes:
            local = stack.enter_context(DynamoDbLocal(folder))
            began = time.monotonic()
            offices[size] = _stocked(stack.enter_context(local_engine(local)), size)
            print(f"{size} stored in {time.monotonic() - began:.0f} s", flush=True)
        asked = {size: dict(_asked(office)) for size, office in offices.items()}
        found = {}
        for name in asked[sizes[0]]:
            calls = {size: asked[size][name] for size in sizes}
            found[name] = [_round(offices, calls, nth) for nth in range(WARM + rounds)][WARM:]
        cleaning = {size: partial(next, _clean_up(office)) for size, office in offices.items()}
        found[CLEAN_UP] = [_round(offices, cleaning, nth) for nth in range(SLICES)]
    return found


def _round(offices: Mapping[int, Office], calls: Mapping[int, Callable[[], Callable[[], Any]]], nth: int) -> Round:
    """Each size once, beginning with another one than the round before."""
    sizes = [*calls]
    found = {}
    for place in range(len(sizes)):
        size = sizes[(nth + place) % len(sizes)]
        composition.use(offices[size].app)
        call = calls[size]()
        began, began_own = time.perf_counter(), time.process_time()
        call()
        took, own = time.perf_counter() - began, time.process_time() - began_own
        found[size] = Sample(1000 * took, 1000 * own)
    return found


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
    meter.take()
    for clean_up in _clean_up(office):
        clean_up()
    spent = meter.take()
    yield CLEAN_UP, Figure(spent.read, spent.write)


def _stocked(engine: Engine, size: int) -> Office:
    """An office with some of everything, `size` other collaborations, and `DUE` requests that will be due.

    Those are of `SLICES` hours, one after another: the clean-up finds as many in each.
    """
    app = App(engine)
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner")
    office.imported()
    due = [*itertools.chain.from_iterable(_due_items(office, nth) for nth in range(SLICES))]
    started = office.anna.get("/collaborations?customerId=bjork").json["items"][0]["id"].removeprefix("col-")
    items = app.services.table.partition(keys.agreement_partition(started))
    row = [item for item in items if item["sk"]["S"] in {"COLLABORATION", "COLLABORATION-DELIVERY"}]
    puts = itertools.chain(due, _copies(row, started, size, of="r"))
    batches = iter(lambda: list(itertools.islice(puts, 25)), [])

    def write(batch: list[Any]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        engine.client.batch_write_item(RequestItems={engine.table_name: requests})

    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        for _ in threads.map(write, batches):
            pass
    # Nothing follows from a copy: whoever reads the stream next is not to read them all.
    app.new_messages()
    return office


def _due_items(office: Office, nth: int) -> Iterator[dict[str, Any]]:
    """Copies of an invitation that is sent now; the next are an hour later."""
    invitation = office.invited(ALMBERG, "employee-payslip")
    agreement = invitation["id"].removeprefix("inv-")
    items = office.app.services.table.partition(keys.agreement_partition(agreement))
    pattern = [item for item in items if item["sk"]["S"] in {"INVITATION", "INVITATION-DELIVERY", "MARKER#pending"}]
    yield from _copies(pattern, agreement, DUE // SLICES, of=f"d{nth}")
    answer = office.anna.post(f"/invitations/{invitation['id']}/revoke")
    assert answer.status == 200, answer.text
    office.app.clock.pass_(hours=1)


def _clean_up(office: Office) -> Iterator[Callable[[], None]]:
    """The runs of the clean-up, each when the next slice is due: three days before its invitations expire."""
    app = office.app
    app.clock.pass_(days=11, hours=-SLICES, minutes=-30)

    def run() -> None:
        counts = app.clean_up()
        assert counts.get("reminded", 0) == DUE // SLICES, counts

    for _ in range(SLICES):
        app.clock.pass_(hours=1)
        yield run


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
