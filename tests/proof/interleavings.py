"""All interleavings of two commands: every order in which their calls can reach what they share.

What a step does follows from what is stored and from the answers that its own task has had, and from nothing else: not
from where the other task is. So each step is run once for each pair of these, and every order is made of such steps:
all orders are covered, and few are run. An order is a path through the graph of states; they are counted, not listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from proof.invariants import (
    IN_PAIRS,
    Stored,
    Write,
    broken_by,
    broken_of,
    decided_while_open,
    grants_equal_desire,
    obstacles_are_noted,
    sent_at_most_once,
)
from proof.quiet import decided_wrongly, faults_of, quiesce
from proof.simulation import Choice, Process, Simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from proof.simulation import KnownStep, Outcome, Setting, Shared, Task, Turn
    from proof.worlds import Command, Situation

NAMES = "abcdefgh"


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold, and the trial that shows it: `again` as `make proof` takes it."""

    situation: str
    commands: tuple[str, ...]
    again: str
    what: tuple[str, ...]

    def __str__(self) -> str:
        """In one line: how to see it again, and what it is."""
        return f"again {self.again}: {' | '.join(self.commands)}: {'; '.join(self.what[:3])}"


@dataclass
class Explored:
    """What a search has found. `steps`: how many it ran and looked at, `orders`: how many are made of these.

    `runs`: how often the commands were started for that; `bounded`: it is not all, and
    `left` steps that were come upon were not run.
    """

    steps: int = 0
    orders: int = 0
    runs: int = 0
    states: int = 0
    bounded: bool = False
    left: int = 0
    broken: list[Broken] = field(default_factory=list)

    def breaks(self, rule: str) -> bool:
        """Whether a rule is broken whose name begins so."""
        return any(what.startswith(rule) for each in self.broken for what in each.what)


State = tuple[int, tuple[int, ...]]
"""What is stored and sent, and where each task is, as digests."""


class Run:
    """One run of some commands. A step that is known is only repeated: its task hears of it when it takes a new one."""

    def __init__(self, world: Setting, commands: Sequence[Command]) -> None:
        self.shared = world.restore()
        self._simulation = Simulation(self.shared)
        self._unheard: list[list[tuple[str, KnownStep]]] = [[] for _ in commands]
        for name, process, action in processes(world, self.shared, commands):
            self._simulation.add(name, process, action)

    @property
    def table(self) -> int:
        """What is stored, sent and published, as a number."""
        return self._simulation.table

    def task(self, number: int) -> Task:
        """A task, where the run is."""
        task = self._simulation.tasks[number]
        self._simulation.catch_up(task, self._unheard[number])
        self._unheard[number].clear()
        return task

    def repeat(self, choice: Choice, known: KnownStep) -> None:
        """Take a step that was taken before from the same state."""
        number, strand = choice
        self._unheard[number].append((strand, known))
        self._simulation.repeat(known)

    def step(self, choice: Choice) -> Turn:
        """Take a step that was never taken before."""
        self.task(choice[0])
        return self._simulation.step(choice)

    def close(self) -> None:
        """End what still runs."""
        self._simulation.close()


class Search:
    """The search over the interleavings of some commands from a situation."""

    def __init__(self, situation: Situation, commands: Sequence[Command], *, most_runs: int) -> None:
        self._situation, self._commands, self._most_runs = situation, tuple(commands), most_runs
        # A step by what is stored, the number of the task, where it is, and its strand: what is stored after, and where
        # the task is; and what it takes to do it again.
        self._steps: dict[tuple[int, int, int, str], tuple[int, int, KnownStep]] = {}
        self._strands: dict[tuple[int, int], tuple[str, ...]] = {}
        self._outcomes: dict[tuple[int, int], Outcome] = {}
        self._first: State | None = None
        self._came_by: dict[State, tuple[State, Choice]] = {}
        self._graph: dict[State, dict[Choice, State]] = {}
        self._checked: set[int] = set()
        self._settled: set[tuple[int, tuple[int, ...]]] = set()
        self._stored = Current(situation.world, commands)
        self._found = Explored()

    def run(self, *, until_broken: str | None = None) -> Explored:
        """Search. `until_broken`: until a rule is broken whose name begins so; None for all there is."""
        root = self._execute(())
        waiting = [root]
        while waiting:
            state = waiting.pop()
            if state in self._graph:
                continue
            following = self._graph[state] = {}
            choices = self._choices(state[1])
            if not choices:
                self._finish(state)
            for choice in choices:
                if (after := self._after(state, choice)) is None:
                    self._found.bounded = True
                    self._found.left += 1
                    continue
                following[choice] = after
                self._came_by.setdefault(after, (state, choice))
                waiting.append(after)
            if until_broken is not None and self._found.breaks(until_broken):
                break
        self._found.steps, self._found.states = len(self._steps), len(self._graph)
        self._found.orders = _paths(self._graph, root)
        return self._found

    def _choices(self, tasks: Sequence[int]) -> list[Choice]:
        return [(task, strand) for task, at in enumerate(tasks) for strand in self._strands[task, at]]

    def _after(self, state: State, choice: Choice) -> State | None:
        """The state after a step, which is run when it was not before; None when there were runs enough."""
        table, tasks = state
        number, strand = choice
        step = table, number, tasks[number], strand
        if step not in self._steps:
            if self._found.runs >= self._most_runs:
                return None
            self._execute((*self._way_to(state), choice))
        table, at, _ = self._steps[step]
        return table, (*tasks[:number], at, *tasks[number + 1 :])

    def _way_to(self, state: State) -> tuple[Choice, ...]:
        way: list[Choice] = []
        while state in self._came_by:
            state, choice = self._came_by[state]
            way.append(choice)
        return tuple(reversed(way))

    def _execute(self, way: tuple[Choice, ...]) -> State:
        """Run a way and on to an end, by steps that were not run before where there are any; the first state."""
        self._found.runs += 1
        run = Run(self._situation.world, self._commands)
        self._stored.restore()
        done: list[Choice] = []
        try:
            first = self._first = self._first or (run.table, tuple(map(partial(self._look, run), self._numbers)))
            table, tasks = first[0], [*first[1]]
            while choices := self._choices(tasks):
                if len(done) < len(way):
                    choice = way[len(done)]
                else:
                    choice = next(
                        (each for each in choices if self._step(table, tasks, each) not in self._steps), choices[0]
                    )
                done.append(choice)
                step = self._step(table, tasks, choice)
                tasks[choice[0]] = self._take(run, step, choice, done)
                table = run.table
            self._end(run.shared, table, tasks, done)
        finally:
            run.close()
        return first

    @property
    def _numbers(self) -> range:
        return range(len(self._commands))

    @staticmethod
    def _step(table: int, tasks: Sequence[int], choice: Choice) -> tuple[int, int, int, str]:
        number, strand = choice
        return table, number, tasks[number], strand

    def _take(self, run: Run, step: tuple[int, int, int, str], choice: Choice, done: list[Choice]) -> int:
        """Take a step, and look at what it did when it was never taken before; where its task is then."""
        number, _ = choice
        if step in self._steps:
            _, at, known = self._steps[step]
            run.repeat(choice, known)
            self._stored.note(known.records)
            return at
        if run.task(number).digest != step[2]:
            raise AssertionError(f"{self._commands[number].name} does something else the second time")
        turn = run.step(choice)
        self._stored.note(turn.records)
        at = self._look(run, number)
        if turn.known is None:
            raise AssertionError("digests are kept")
        self._steps[step] = run.table, at, turn.known
        self._check(run, done, turn.records)
        return at

    def _look(self, run: Run, number: int) -> int:
        """Where a task is, and which of its strands want to make a call there."""
        task = run.task(number)
        at = task.digest
        if (number, at) not in self._strands:
            waiting = [strand.name for strand in task.strands if strand.call] if task.outcome is None else []
            self._strands[number, at] = tuple(waiting)
        if task.outcome is not None:
            self._outcomes.setdefault((number, at), task.outcome)
        return at

    def _check(self, run: Run, done: list[Choice], records: Sequence[Any]) -> None:
        now = run.shared.now
        # Of what is stored in the end nobody can tell which write was the last: each is looked at.
        broken = self._stored.broken_by(records, now)
        if records:
            rules = (*IN_PAIRS, decided_while_open) if self._commands[done[-1][0]].by_link else IN_PAIRS
            broken += self._stored.by_either_clock(now, partial(_broken_rules, rules, Write.of(records)))
        if run.table not in self._checked:
            self._checked.add(run.table)
            broken += self._stored.broken(now)
            broken += [f"sent_at_most_once: {what}" for what in sent_at_most_once(run.shared.ses.sent)]
        self._report(done, broken)

    def _end(self, shared: Shared, table: int, tasks: Sequence[int], done: list[Choice]) -> None:
        """Look at how the tasks ended, and at what follows from all of it, once for each end that differs."""
        ended = [
            (command, self._outcomes[number, at])
            for command, number, at in zip(self._commands, self._numbers, tasks, strict=True)
        ]
        broken = []
        for command, outcome in ended:
            broken += faults_of(outcome.value, outcome.error) + decided_wrongly(command, outcome)
        broken += [f"unexpected: {line}" for line in shared.unexpected]
        if all(command.last for command in self._commands):
            # Nothing is to come that the grants, or what is noted, follow from.
            stored = self._stored.at(shared.now)
            for rule in (grants_equal_desire, obstacles_are_noted):
                broken += [f"{rule.__name__}: {what}" for what in rule(stored)]
        self._report(done, broken)
        end = table, self._telling(tasks)
        if end not in self._settled:
            self._settled.add(end)
            shared.unexpected.clear()
            self._report(done, quiesce(self._situation.world, shared, ended, lacking=self._stored.lacking))

    def _telling(self, tasks: Sequence[int]) -> tuple[int, ...]:
        """Where those tasks are of which what follows depends on the answer, beside what is stored."""
        return tuple(at for at, command in zip(tasks, self._commands, strict=True) if command.keyed or command.stream)

    def _finish(self, state: State) -> None:
        """Run the way to an end that was only put together from steps, unless what follows from it is known."""
        if (state[0], self._telling(state[1])) not in self._settled:
            self._execute(self._way_to(state))

    def _report(self, done: list[Choice], broken: Sequence[str]) -> None:
        if broken:
            names = tuple(command.name for command in self._commands)
            again = pair_named(self._situation, self._commands, done)
            self._found.broken.append(Broken(self._situation.name, names, again, tuple(broken)))


def _broken_rules(rules: Sequence[Callable[[Write, Stored], Iterator[str]]], write: Write, stored: Stored) -> list[str]:
    return [f"{rule.__name__}: {what}" for rule in rules for what in rule(write, stored)]


class Current:
    """What is stored at a moment of a simulation: only what has changed since is read anew.

    `lacking`: the rules that an older version left broken, which the nightly audit puts right.
    """

    def __init__(self, world: Setting, commands: Iterable[Command] = ()) -> None:
        """At the beginning. `commands`: those whose clocks there are."""
        self._items = world.items
        self._ahead = max((command.ahead for command in commands), default=timedelta())
        self._stored = Stored.of(self._items, world.now)
        self._stored.mails_a_second = world.mails_a_second
        self.lacking = frozenset(broken_of(self._stored))
        self._written: list[dict[str, Any]] = []
        self._places: set[tuple[str, str]] = set()

    def restore(self) -> None:
        """Go back to the beginning."""
        for place in self._places:
            self._stored.change(place, self._items.get(place))
        self._places.clear()
        self._written.clear()
        self._stored.changed.clear()

    def note(self, records: Sequence[dict[str, Any]]) -> None:
        """Take note of what was written."""
        self._written += records

    def broken(self, now: datetime) -> list[str]:
        """The rules that what is stored now breaks."""
        return [what for what in self.by_either_clock(now, broken_of) if what not in self.lacking]

    def broken_by(self, records: Sequence[dict[str, Any]], now: datetime) -> list[str]:
        """The rules that what was written last breaks."""
        return self.by_either_clock(now, partial(broken_by, records)) if records else []

    def by_either_clock(self, now: datetime, look: Callable[[Stored], list[str]]) -> list[str]:
        """What is broken now, by the clocks that are ahead too: what has expired for one is live for another."""
        broken = look(self.at(now))
        if broken and self._ahead:
            later = set(look(self.at(now + self._ahead)))
            broken = [what for what in broken if what in later]
        return broken

    def at(self, now: datetime) -> Stored:
        """What is stored now."""
        for record in self._written:
            names = record["dynamodb"]["Keys"]
            place = names["pk"]["S"], names["sk"]["S"]
            self._stored.change(place, record["dynamodb"].get("NewImage"))
            self._places.add(place)
        self._written.clear()
        self._stored.now = now
        return self._stored


def begin(world: Setting, commands: Sequence[Command]) -> tuple[Simulation, Shared]:
    """Go back to a moment, and start these commands, each in a process of its own."""
    shared = world.restore()
    simulation = Simulation(shared)
    for name, process, action in processes(world, shared, commands):
        simulation.start(name, process, action)
    return simulation, shared


def processes(
    world: Setting, shared: Shared, commands: Sequence[Command]
) -> Iterator[tuple[str, Process, Callable[[], Any]]]:
    """Some commands, each with a process of its own and what that does with it."""
    # Where clocks are apart, whoever is behind comes to the others' time while it waits for another attempt.
    apart = any(command.ahead for command in commands)
    for number, (name, command) in enumerate(zip(NAMES, commands, strict=False)):
        # Two that decide in the same millisecond stop each other by the ids of their history: no guard could be missed.
        ahead = command.ahead + timedelta(milliseconds=300 * number)
        process = Process(shared, name, ahead=ahead, waits=apart)
        yield command.name, process, action_of(world, process, command)


def action_of(world: Setting, process: Process, command: Command) -> Callable[[], Any]:
    """What a process does with a command."""
    event = {"Records": world.batch} if command.stream else dict(command.event)

    def act() -> Any:
        mail = command.of_mail
        if mail and not world.has_sent(mail) and not process.has_sent(mail):
            return {}
        answer = process.invoke(command.folder, event)
        following = command.then
        while following is not None and not faults_of(answer, None):
            followed = process.invoke(following.folder, dict(following.event))
            if faults_of(followed, None):
                return followed
            following = following.then
        return answer

    return act


def pair_named(found: Situation, commands: Sequence[Command], done: Sequence[Choice]) -> str:
    """An order of calls as `make proof` takes it: the situation, the commands by their places, who goes on."""
    places = ",".join(str(found.commands.index(command)) for command in commands)
    order = "".join(f"{NAMES[task]}{strand}" for task, strand in done)
    return f"pairs-before:{found.key}:{places}:{order}"


def again(found: Situation, places: str, order: str) -> Iterator[str]:
    """Go through an order of calls once more: each call and what it wrote, what it breaks, and what follows."""
    commands = [found.commands[int(place)] for place in places.split(",")]
    simulation, shared = begin(found.world, commands)
    stored = Current(found.world, commands)
    choices = [(NAMES.index(task), strand) for task, strand in re.findall(rf"([{NAMES}])((?:\.\d+)*)", order)]
    try:
        while waiting := simulation.choices:
            choice = choices.pop(0) if choices else waiting[0]
            step = simulation.step(choice)
            stored.note(step.records)
            writes = [
                f"{key['pk']['S']} {key['sk']['S']}" for key in (each["dynamodb"]["Keys"] for each in step.records)
            ]
            yield f"{NAMES[choice[0]]}{choice[1]} {commands[choice[0]].name}: {step.call} {'; '.join(writes)}".rstrip()
            if step.records or step.mails:
                broken = stored.broken_by(step.records, shared.now) + stored.broken(shared.now)
                yield from (f"  BROKEN {what}" for what in broken)
        ended = [
            (command, task.outcome) for command, task in zip(commands, simulation.tasks, strict=True) if task.outcome
        ]
        for command, outcome in ended:
            yield f"{command.name} ended: {outcome.error or getattr(outcome.value, 'status', outcome.value)}"
        yield from (f"  BROKEN {what}" for what in quiesce(found.world, shared, ended, lacking=stored.lacking))
    finally:
        simulation.close()


def _paths(graph: dict[State, dict[Choice, State]], root: State) -> int:
    """How many ways lead through the graph from its root to an end."""
    counted: dict[State, int] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        following = graph.get(node, {})
        left = [each for each in following.values() if each not in counted]
        if left:
            stack += left
            continue
        counted[node] = sum(counted[each] for each in following.values()) if following else 1
        stack.pop()
    return counted[root]
