"""A small part of the proof with each commit, and that its search is what it says."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from collaboration.http import batches, imports, mass_updates
from collaboration.http.contract.mass_updates import MassUpdateStatus
from collaboration.queries import ask_context
from collaboration.storage import keys, unreadable
from collaboration.storage.idempotency import find

from proof import crashes, guards, pairs, pairs_after, pairs_before, stories
from proof.checks import CHECKS
from proof.interleavings import Search, begin
from proof.report import Effort, Row
from proof.simulation import Choice, Fault, simulated
from proof.worlds import CROSSINGS, LARGE, RARE, SITUATIONS, Command, Situation, situation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from collaboration.storage.idempotency import StoredResponse


@pytest.fixture(autouse=True)
def in_simulation() -> Iterator[None]:
    """No threads."""
    with simulated():
        yield


@pytest.mark.parametrize("part", [pairs_before, pairs_after, crashes, guards])
def test_a_part_that_nobody_reads_to_its_end_leaves_nothing_behind(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is made in the simulation, and whoever has it is out of it: the table's shards are as they were."""
    row = Row("part", "row", 1, 0, "")
    for name in ("row", "listed", "unbroken"):
        monkeypatch.setattr(part, name, lambda *_: row, raising=False)
    monkeypatch.setattr(pairs, "row", lambda *_: Row("part", "row", keys.SHARDS, 0, ""))
    # Not by `monkeypatch`, which would put back what is set here only after the simulation has ended.
    with patch.object(keys, "SHARDS", 5):
        rows = part.prove(Effort(1, 1.0))
        first = next(rows)
        assert keys.SHARDS == 5
    assert first.tried == 1


def test_nothing_is_given_away_within_the_simulation() -> None:
    """No generator of the proof yields within `simulated`, but for itself and the fixtures of tests."""
    found = []
    for path in Path(guards.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.With) and "simulated()" in map(
                ast.unparse, (item.context_expr for item in node.items)
            ):
                found += [path.name for inner in ast.walk(node) if isinstance(inner, ast.Yield | ast.YieldFrom)]
    assert sorted(found) == ["test_invariants.py", "test_simulation.py"]


def test_what_cannot_be_read_without_a_guard_is_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    """It is expected then, and only then."""
    guard = next(guard for guard in guards.GUARDS if guard.what == "what was erased stays so")
    assert guards.row(guard).holds
    assert [*caplog.messages] == []
    with guards.reports_expected() as reports:
        unreadable.report_unreadable({"pk": {"S": "AGREEMENT#x"}, "sk": {"S": "OUTBOX#x"}})
    assert reports == ["unreadable item: AGREEMENT#x OUTBOX"]
    unreadable.report_unreadable({"pk": {"S": "AGREEMENT#x"}, "sk": {"S": "OUTBOX#x"}})
    assert caplog.messages == reports


def named(found: Situation, name: str) -> Command:
    """A command of a situation."""
    return next(command for command in found.commands if command.name == name)


def listed(found: Situation, commands: tuple[Command, ...]) -> int:
    """How many orders there are, each of them run: the slow way."""
    waiting: list[tuple[Choice, ...]] = [()]
    number = 0
    while waiting:
        prefix = waiting.pop()
        simulation, _ = begin(found.world, commands)
        done = list(prefix)
        for choice in prefix:
            simulation.step(choice)
        while choices := simulation.choices:
            waiting += [(*done, other) for other in choices[1:]]
            simulation.step(choices[0])
            done.append(choices[0])
        number += 1
    return number


@pytest.mark.parametrize(
    ("where", "first", "second"),
    [
        ("nothing", "PUT the account, other terms", "PUT the account, no terms"),
        ("expired", "revoke", "access, task"),
    ],
)
def test_the_search_covers_every_order(where: str, first: str, second: str) -> None:
    """As many as there are when each is run, conflicts and reads at the same time included."""
    found = situation(where)
    commands = named(found, first), named(found, second)
    explored = Search(found, commands, most_runs=1000).run()
    assert explored.orders == listed(found, commands)
    assert explored.runs < explored.orders
    assert explored.broken == []


def test_what_a_step_does_is_the_same_every_time() -> None:
    """The same choices lead to the same state."""
    found = situation("pending")
    commands = named(found, "accept by 1"), named(found, "revoke")
    states = []
    for _ in range(2):
        simulation, _ = begin(found.world, commands)
        states.append([simulation.state for _ in simulation.run(lambda choices: choices[-1])])
    assert states[0] == states[1]


def test_every_situation_has_its_pairs() -> None:
    """Each in one of the two parts."""
    assert sorted((*pairs_before.SITUATIONS, *pairs_after.SITUATIONS)) == sorted((*SITUATIONS, *CROSSINGS))


@pytest.mark.parametrize("where", [*SITUATIONS, *CROSSINGS, *LARGE, *RARE])
def test_every_command_changes_something(where: str) -> None:
    """Alone; but for those that say why they are there all the same."""
    found = situation(where)
    idle = set()
    for command in found.commands:
        simulation, shared = begin(found.world, [command])
        before = len(shared.client.records), len(shared.ses.sent)
        for _ in simulation.run():
            pass
        if (len(shared.client.records), len(shared.ses.sent)) == before and not shared.bus:
            idle.add(command.name)
    assert idle == found.idle.keys()


@pytest.mark.parametrize("where", [*SITUATIONS, *CROSSINGS])
def test_some_pairs(where: str) -> None:
    """A few pairs of each situation, in every order."""
    row = pairs.row("pairs", situation(where), Effort(share=0.01))
    assert row.holds, row.detail


def test_some_crashes() -> None:
    """An acceptance and a delivery, hit at each of their calls."""
    for where, name in (("pending", "accept by 1"), ("mail-waiting", "mail"), ("new-company", "activate scanner")):
        found = situation(where)
        row = crashes.row(found, [named(found, name)])
        assert row.holds, row.detail


NUMBERS = count()


def _renamed(row: Any) -> Any:
    """The row of a batch that was there before, with its invitation as it is not any more."""
    return row.replace(invitation=row.invitation.replace(customer_name="X")) if row.status == "replayed" else row


@pytest.mark.parametrize(
    ("module", "makes", "spoilt", "name"),
    [
        (batches, "_done", _renamed, "invite, four rows"),
        (mass_updates, "_row", lambda row: row.replace(status=MassUpdateStatus.CHANGED), "mass update, all tasks"),
        (imports, "_row", lambda row: row.replace(collaboration_id=f"col-{next(NUMBERS)}"), "import, four rows"),
    ],
)
def test_rows_that_are_answered_otherwise_when_they_are_sent_again_are_missed(
    module: Any, makes: str, spoilt: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their keys: an invitation, a task that was changed already, the collaboration of an import."""
    found = situation("many-rows")
    crash = crashes.Crashes(found)
    crash.run(named(found, name), None, Fault.NONE)
    assert crash.broken == []
    real = getattr(module, makes)
    monkeypatch.setattr(module, makes, lambda *given: spoilt(real(*given)))
    crash = crashes.Crashes(found)
    crash.run(named(found, name), None, Fault.NONE)
    [broken] = crash.broken
    assert any(what.startswith("same key, another answer") for what in broken.what)


def test_some_stories() -> None:
    """A few short ones."""
    row = stories.row(seed=7, stories=6, length=400)
    assert row.holds, row.detail
    assert row.tried > 500


def test_a_story_is_the_same_every_time() -> None:
    """Its seed is enough to see it again."""
    world = stories.beginning()
    heard = [stories.Story(world).narrate(stories.drawn(11, 300)) for _ in range(2)]
    assert heard[0].heard == heard[1].heard
    assert heard[0].steps == heard[1].steps


def test_what_fails_is_shrunk() -> None:
    """To the few moves that it takes."""
    guard = next(guard for guard in guards.GUARDS if guard.what == "history with the change")
    with guard.broken():
        world = stories.beginning()
        moves = stories.drawn(1_000_000, 300)
        broken = stories.Story(world).narrate(moves).broken
        short = stories.shrunk(world, moves, broken[0], most=100)
        assert len(short) < 20
        assert stories.Story(world).narrate(short).broken[0].startswith("history_with_the_change")


def test_each_story_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its seed, however many there are; the first is shrunk."""
    monkeypatch.setattr(stories, "shrunk", partial(stories.shrunk, most=10))
    guard = next(guard for guard in guards.GUARDS if guard.what == "history with the change")
    world, length = stories.beginning(), 120
    with guard.broken():
        row = stories.row(seed=1, stories=6, length=length)
        broken = [
            seed
            for seed in range(1_000_000, 1_000_006)
            if stories.Story(world).narrate(stories.drawn(seed, length)).broken
        ]
    assert row.lost == len(broken) > 1
    seeds = ", ".join(map(str, broken))
    assert row.detail.startswith(f"seeds {seeds}; the first: again stories:{broken[0]}:{length}, ")
    assert "history_with_the_change" in row.detail


# A batch of three, all of it; and the same once more, by a client that has its answer.
BATCH_TWICE = (
    stories.Move("start", 16, 1, 0),
    *[stories.Move("step", 0, 99, 0)] * 60,
    stories.Move("repeat", 0, 1, 0),
)


def test_a_batch_that_comes_twice_is_answered_alike() -> None:
    """Its rows are compared, each by its key."""
    heard = stories.Story(stories.beginning()).narrate(BATCH_TWICE)
    assert heard.broken == []
    assert [what for what in heard.heard if what.startswith("invite several")] == ["invite several 3 by ek-lind"] * 2


def _something_else(*stored: Any) -> StoredResponse | None:
    response = find(*stored)
    return response and replace(response, body=response.body.replace("scanner", "payroll"))


@pytest.mark.parametrize(
    ("broken", "then"),
    [
        (lambda: next(each for each in guards.GUARDS if each.what == "same key, same answer").broken(), ", then 409 "),
        (lambda: patch.object(ask_context, "find", _something_else), ", then 201 "),
    ],
)
def test_a_row_of_a_batch_that_is_answered_otherwise_is_missed(
    broken: Callable[[], AbstractContextManager[object]], then: str
) -> None:
    """It is refused, being in its own way; or it is answered with something else."""
    world = stories.beginning()
    with broken():
        [first, *_] = stories.Story(world).narrate(BATCH_TWICE).broken
    assert first.startswith("same_key_same_answer: (201, ")
    assert then in first


@pytest.mark.parametrize(
    "what",
    [
        "one live per customer and solution",
        "one account per new company",
        "nobody decides in another's place, by whatever clock",
        "nobody releases another's place, by whatever clock",
        "a mail is claimed by one",
        "same key, same answer",
        "history with the change",
        "grants follow",
        "no decision beside the fifth",
        "the day of a digest as it was read",
        "an erasure of a day",
        "a reminder on what was read, though it is pending still",
        "an edit on what was read, whatever else is compared",
        "the count of login instructions as it was read",
        "a list row as it was read, by an edit",
        "a second is counted on",
        "a mail put off as it was read",
        "a bounce made good as it was told",
        "a notice as it was read, cleared",
        "a grant goes that nobody has come to rely on",
        "what is shown of a mail that is not sent, if nothing is of another",
    ],
)
def test_a_guard_that_is_broken_is_missed(what: str) -> None:
    """Those that are found soonest; `make proof` breaks all of them."""
    row = guards.row(next(guard for guard in guards.GUARDS if guard.what == what))
    assert row.holds, row.detail


@pytest.mark.parametrize("what", [check.what for check in CHECKS])
def test_a_check_that_is_broken_is_missed(what: str) -> None:
    """Who decides, how often, and what is left."""
    row = guards.row(next(guard for guard in guards.GUARDS if guard.what == what))
    assert row.holds, row.detail
