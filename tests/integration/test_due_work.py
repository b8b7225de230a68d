"""A run of the clean-up: bounded in time, handed on where something is left, harmless when doubled or interrupted."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from collaboration.publishing import Message
from collaboration.services import Services
from collaboration.storage.due import DuePosition, due
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import Table
from support.clocks import Seconds
from support.people import ALMBERG, BJORK, DAHL
from support.samples import sample
from support.template import template

if TYPE_CHECKING:
    from support.app import App
    from support.people import Office

SOLUTIONS = ("scanner", "employee-payslip", "smart-office")
CUSTOMERS = (ALMBERG, BJORK, DAHL)


def slow(app: App, seconds_per_read: float) -> Seconds:
    """Let every read by key take so long, on a monotonic clock of its own."""
    seconds = Seconds()
    backoff = Backoff(Deadline(seconds))
    app.services = Services(lambda: Table(app.client, app.table_name, backoff), app.clock, lambda: "id", backoff)
    read = app.client.batch_get_item

    def later(**arguments: Any) -> Any:
        seconds.now += seconds_per_read
        return read(**arguments)

    app.client.batch_get_item = later
    return seconds


def run(app: App, event: dict[str, Any], seconds: Seconds, time: float = 300.0) -> dict[str, int]:
    """One call of the function, with so much time."""
    ends = seconds.now + time
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: round((ends - seconds.now) * 1000))
    counts: dict[str, int] = app.functions["cleanup"].handler(event, context)
    # The digest of what expired comes on top, and has tests of its own.
    return {name: count for name, count in counts.items() if count and name != "digests"}


def event_of(message: Message) -> dict[str, Any]:
    """A message as the bus delivers it."""
    event = copy.deepcopy(sample("cleanup-work-left"))
    return {**event, "detail-type": message.name, "detail": dict(message.detail)}


def expired(app: App) -> int:
    """How many invitations are marked as expired."""
    return sum(item.get("state") == {"S": "expired"} for item in app.client.items.values())


def invite_all(office: Office) -> int:
    """Nine invitations, in several partitions of the index."""
    for customer in CUSTOMERS:
        for solution in SOLUTIONS:
            more: dict[str, Any] = {"invoiceRecipient": "office"} if solution == "smart-office" else {}
            answer = office.invite(customer, solution, **more)
            assert answer.status == 201, answer.text
    office.app.new_messages()
    return len(CUSTOMERS) * len(SOLUTIONS)


def test_a_run_ends_in_time_and_hands_on_what_is_left(app: App, office: Office) -> None:
    """Each run stops before its time is up; the message it leaves starts the next, until all is done."""
    count = invite_all(office)
    app.clock.pass_(days=15)
    seconds = slow(app, 9.0)
    done, event, runs = 0, sample("cleanup-every-quarter"), 0
    while True:
        began = seconds.now
        counts = run(app, event, seconds, time=50.0)
        assert counts.keys() <= {"expired"}
        assert seconds.now - began <= 50.0
        done, runs = done + counts.get("expired", 0), runs + 1
        if not app.pending_messages:
            break
        [message] = app.pending_messages
        app.pending_messages.clear()
        assert message.name == "WorkLeft"
        event = event_of(message)
    assert (done, expired(app)) == (count, count)
    # Three of nine a time, one for the digest, and one that finds nothing left.
    assert runs == 5


def test_a_run_with_no_time_gets_on_nevertheless(app: App, office: Office) -> None:
    """One piece of work at least: a chain of runs always ends."""
    count = invite_all(office)
    app.clock.pass_(days=15)
    seconds = slow(app, 0.0)
    event = sample("cleanup-every-quarter")
    for _ in range(count):
        assert run(app, event, seconds, time=23.0) == {"expired": 1}
        event = event_of(app.pending_messages.pop())
    # The office's digest, which tells of all.
    assert run(app, event, seconds, time=23.0) == {}
    event = event_of(app.pending_messages.pop())
    assert run(app, event, seconds, time=23.0) == {}
    assert app.pending_messages == []


def test_what_fails_is_passed_by_and_due_again(app: App, office: Office) -> None:
    """Unreadable ones cost a run its time only once: the next goes on behind them, and the schedule tries anew."""
    count = invite_all(office)
    places = [place for place in app.client.items if place[1] == "INVITATION"]
    for place in places[::2]:
        app.client.items[place]["data"] = {"S": "{}"}
    app.clock.pass_(days=15)
    seconds = slow(app, 0.0)
    failed, done, event = 0, 0, sample("cleanup-every-quarter")
    for _ in range(count):
        counts = run(app, event, seconds, time=23.0)
        failed, done = failed + counts.get("failed", 0), done + counts.get("expired", 0)
        event = event_of(app.pending_messages.pop())
    assert (failed, done) == (5, 4)
    assert run(app, event, seconds) == {}
    assert run(app, sample("cleanup-every-quarter"), seconds) == {"failed": 5}
    assert app.metrics.counted("DueWorkFailed") == [1, 1, 1, 1, 1, 5]


def test_runs_beside_each_other_do_it_once(app: App, office: Office) -> None:
    """A second run in the middle of the first, and a message that comes twice: each thing happens once."""
    count = invite_all(office)
    app.clock.pass_(days=15)
    app.client.faults.before("transact_write_items", lambda: run(app, sample("cleanup-every-quarter"), Seconds()))
    assert app.clean_up() == {}
    assert expired(app) == count
    entries = [place for place in app.client.items if place[1].startswith("HISTORY#")]
    sent, marked = count, count
    assert len(entries) == sent + marked
    for _ in range(2):
        assert run(app, sample("cleanup-work-left"), Seconds()) == {}


def test_a_message_that_names_no_place_starts_from_the_beginning(app: App, office: Office) -> None:
    """Whatever the detail holds, what is due is done."""
    for detail in ({"shard": "DUE#NOTHING#3", "after": "x"}, {"shard": "x", "after": "y"}, {"shard": "DUE#MAIL#0"}, {}):
        invitation = office.invited(BJORK)
        app.clock.pass_(days=15)
        assert run(app, event_of(Message("WorkLeft", detail)), Seconds())["expired"] == 1
        assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "expired"


def test_a_run_has_less_time_than_the_function() -> None:
    """Every 15 minutes, and one run is over before the next is due."""
    [properties] = [
        resource["Properties"]
        for resource in template()["Resources"].values()
        if resource.get("Properties", {}).get("CodeUri") == "functions/cleanup/"
    ]
    schedule = properties["Events"]["EveryQuarter"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert 60 <= properties["Timeout"] <= 15 * 60


def test_a_position_holds_ids_and_times_only(app: App, office: Office) -> None:
    """What goes over the bus names no organisation number, which keys of the table hold."""
    invite_all(office)
    office.collaborating(BJORK, "financial-overview", periodMonths=3, invoiceRecipient="office")
    numbers = {customer.organisation_number for customer in CUSTOMERS}
    due = [item["dueSk"]["S"] for item in app.client.items.values() if "dueSk" in item]
    assert any("SUBSCRIPTION" in position for position in due)
    assert not [position for position in due if any(number in position for number in numbers)]


def test_what_is_due_comes_in_the_order_of_time(app: App, office: Office) -> None:
    """In whichever partition of the index it stands, and on from wherever a run has stopped."""
    invite_all(office)
    for days, customer in enumerate(CUSTOMERS, start=1):
        app.clock.pass_(days=days)
        assert office.invite(customer, "travel-expenses", invoiceRecipient="office").status == 201
    app.clock.pass_(days=30)
    found = [*due(app.services.table, "INVITATION", app.services.clock())]
    times = [item["dueSk"]["S"] for item in found]
    assert len({item["duePk"]["S"] for item in found}) > 1
    assert (len(times), times) == (len(CUSTOMERS) * (len(SOLUTIONS) + 1), sorted(times))
    for index, item in enumerate(found):
        left = due(app.services.table, "INVITATION", app.services.clock(), DuePosition.of(item))
        assert [other["dueSk"]["S"] for other in left] == times[index + 1 :]


def test_a_renewal_from_before_1970_is_due(app: App, office: Office) -> None:
    """The register may name such a day: it sorts before all others, and renews."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    terms = {"solution": "smart-office", "renewsOn": "1950-01-01", "invoiceRecipient": "office"}
    body = {name: value for name, value in found.items() if name != "id"}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": [terms]})
    collaboration = office.collaborating(BJORK, "smart-office")
    assert app.clean_up() == {"renewed": 1}
    assert office.anna.get(f"/collaborations/{collaboration['id']}").json["renewsOn"] == "2026-12-01"
