"""What the clean-up costs grows with what is due, and with nothing else: counted in capacity units, not in seconds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collaboration.storage import keys
from support.app import App
from support.capacity import Meter, Spent
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.memory import MemoryClient

# A hundredth of what is stored is due: a thousand of a hundred thousand costs ten times as much, and takes as long.
DUE, MANY = 100, 10_000

# In 2096: after everything that happens here.
FAR = "4000000000000"


def copies(client: MemoryClient, agreement: str, count: int, *, of: str, later: bool = False) -> None:
    """Store copies of an agreement's items under ids of their own, due at the same time, or in seventy years."""
    partition = [item for place, item in client.items.items() if place[0] == f"AGREEMENT#{agreement}"]
    if later:
        partition = [item for item in partition if "duePk" in item and item["sk"]["S"] == "INVITATION"]
    as_text = json.dumps(partition)
    for start in range(0, count, 25):
        puts: list[Any] = []
        for nth in range(start, min(start + 25, count)):
            name = f"{of}{nth:0{len(agreement) - len(of)}d}"
            puts += [placed(item, name, later=later) for item in json.loads(as_text.replace(agreement, name))]
        for first in range(0, len(puts), 25):
            requests = [{"PutRequest": {"Item": item}} for item in puts[first : first + 25]]
            client.batch_write_item(RequestItems={"t": requests})


def placed(item: dict[str, Any], name: str, *, later: bool) -> dict[str, Any]:
    """A copy in the partition of the due index that its own id leads to."""
    if "duePk" in item:
        kind = keys.kind_of_due_shard(item["duePk"]["S"])
        item["duePk"] = {"S": keys.due_shard(kind, name)}
        if later:
            item["dueSk"] = {"S": f"{FAR}#{name}"}
    return item


def cost(stored: int) -> dict[str, Spent]:
    """What it costs to remind of, to expire and to erase what is due, among `stored` invitations."""
    app = App()
    office = Office(app)
    office.feed()
    invitation = office.invited(BJORK, message="Hej!")
    agreement = invitation["id"].removeprefix("inv-")
    copies(app.client, agreement, DUE - 1, of="d")
    copies(app.client, agreement, stored - DUE, of="n", later=True)
    meter = Meter(app.client)
    found: dict[str, Spent] = {}
    for days, done in ((11.5, "reminded"), (3, "expired"), (30, "erased")):
        app.clock.pass_(days=days)
        meter.take()
        assert app.clean_up() == {done: DUE}
        found[done] = meter.take()
    assert app.clean_up() == {}
    found["nothing"] = meter.take()
    return found


def test_what_is_due_costs_the_same_among_a_hundred_times_as_many() -> None:
    """Reads, writes and calls, within a fifth; where nothing is due, next to nothing."""
    few, many = cost(DUE), cost(MANY)
    for done in ("reminded", "expired", "erased", "nothing"):
        for unit in ("read", "write", "calls"):
            among_few, among_many = getattr(few[done], unit), getattr(many[done], unit)
            assert among_many <= among_few * 1.2, (done, unit, among_few, among_many)
    assert many["nothing"].write == 0
    assert many["nothing"].calls < 100
    # And of each: what one costs, times their number.
    for done in ("reminded", "expired", "erased"):
        assert many[done].calls < 10 * DUE, (done, many[done])
