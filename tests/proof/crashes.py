"""Every crash: each command and consumer is hit at each of its calls, then called again as its caller would.

A client repeats its request (with the same Idempotency-Key, where it has one), the stream and the bus deliver again, a
schedule comes round. Afterwards everything is as if nothing had happened, but for one copy more of a mail that SES took
when nobody could learn of it.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from support.app import Response

from proof.answered_rows import answered_otherwise
from proof.interleavings import Broken, Current, action_of
from proof.invariants import MailKey, Stored, mail_key, sent_at_most_once
from proof.quiet import faults_of, quiesce
from proof.report import Row, spread
from proof.simulation import Fault, Process, Simulation, each_simulated
from proof.worlds import LARGE, RARE, SITUATIONS, Command, Situation, situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from proof.report import Effort
    from proof.simulation import Shared, Turn

ID = re.compile(r"\b[a-z]\d{3}abcdef\b")
# From here on nothing is answered at all, until the process gives up.
OUTAGE = "outage"
# Situations with messages and reports that come seldom, which the others do not have.
RARELY = ("pending-more", "collaborating-more")
# Where a mail makes a bounce good, and its process is killed just then, the provider's next report of it counts that.
REPORTED = frozenset({"bounce-cured", "told-bounce-cured"})
FAULTS = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.LOST, Fault.REFUSED, OUTAGE)


class Crashes:
    """The crashes of the commands of a situation. `tried` counts them; `runs` those whose end was a new one."""

    def __init__(self, found: Situation) -> None:
        self._situation = found
        self._settled: dict[tuple[str, frozenset[tuple[MailKey, int]], int, int], Counter[str]] = {}
        self._stored = Current(found.world, found.commands)
        self.tried = 0
        self.broken: list[Broken] = []

    def of(self, command: Command, faults: Sequence[str] = FAULTS) -> None:
        """Hit a command at each of its calls, with each of these faults."""
        calls, undisturbed = self.run(command, None, Fault.NONE)
        ends = [undisturbed]
        if command.looks_first:
            ends.append(self.run(command, 0, Fault.KILLED_BEFORE)[1])
        for place, others in enumerate(calls):
            for fault in (*faults, *others):
                self.tried += 1
                _, end = self.run(command, place, fault)
                # Of a mail that SES never takes, it is told that it failed, to whoever activated if it was to sign in.
                known = [_without_failures(each) for each in ends] if fault == Fault.REJECTED else ends
                end = _without_failures(end) if fault == Fault.REJECTED else end
                if end not in known:
                    missing, more = known[0] - end, end - known[0]
                    self._report(command, place, fault, [f"ends otherwise: without {missing}, with {more}"])

    def run(self, command: Command, place: int | None, fault: str) -> tuple[list[list[str]], Counter[str]]:
        """Hit a command at one of its calls; None: at none.

        Returns:
            Of each call of the first try, what else may happen to it; and what there is when all is quiet.
        """
        world = self._situation.world
        shared = world.restore()
        self._stored.restore()
        simulation = Simulation(shared)
        broken: list[str] = []
        first = Process(shared, "a", ahead=command.ahead)
        task = simulation.start(command.name, first, action_of(world, first, command))
        tasks = [task]
        made: list[list[str]] = []
        before: Turn | None = None
        copies: Counter[MailKey] = Counter()
        while choices := simulation.choices:
            hit = place is not None and (len(made) == place or (fault == OUTAGE and len(made) > place))
            call = simulation.call_of(choices[0])
            made.append([Fault.PARTIAL] * (Fault.PARTIAL in call.otherwise) + [Fault.REJECTED] * bool(call.reject))
            step = simulation.step(choices[0], (Fault.REFUSED if fault == OUTAGE else fault) if hit else Fault.NONE)
            if hit and _unseen(step, before, fault):
                # One answer was lost: there may be one copy more of that mail, and no other.
                copies[mail_key(shared.ses.sent[-1])] = 1
            before = step
            broken += self._look(shared, step, copies)
        failed = task.outcome is None or task.outcome.error is not None or _refused(task.outcome.value)
        if failed and place is not None and not command.looks_first:
            second = Process(shared, "b", ahead=command.ahead + timedelta(milliseconds=300))
            task = simulation.start(command.name, second, action_of(world, second, command))
            tasks.append(task)
            for step in simulation.run():
                broken += self._look(shared, step, copies)
        if task.outcome and not (failed and command.looks_first):
            broken += faults_of(task.outcome.value, task.outcome.error)
        answers = [each.outcome.value for each in tasks if each.outcome and isinstance(each.outcome.value, Response)]
        if command.rows and len(answers) > 1:
            broken += answered_otherwise(*answers)
        answer = task.digest if command.keyed or command.rows or command.stream else 0
        key = command.name, frozenset(copies.items()), simulation.table, answer
        if key not in self._settled:
            shared.unexpected.clear()
            ended = [(command, each.outcome) for each in tasks if each.outcome and not each.outcome.killed]
            broken += quiesce(
                world, shared, ended[-1:], copies=copies, lacking=self._stored.lacking, stopped=bool(fault)
            )
            self._settled[key] = summary(world.app.client.items, shared.now)
        self._report(command, place, fault, broken)
        return made, self._settled[key]

    def _look(self, shared: Shared, step: Turn, copies: Counter[MailKey]) -> list[str]:
        if not step.records and not step.mails:
            return []
        self._stored.note(step.records)
        broken = self._stored.broken_by(step.records, shared.now) + self._stored.broken(shared.now)
        return broken + [f"sent_at_most_once: {what}" for what in sent_at_most_once(shared.ses.sent, copies)]

    def _report(self, command: Command, place: int | None, fault: str, broken: Sequence[str]) -> None:
        if broken:
            names = (command.name, f"{fault} at call {place}")
            place_of = self._situation.commands.index(command)
            again = f"crashes:{self._situation.key}:{place_of}:{'' if place is None else place}:{fault}"
            self.broken.append(Broken(self._situation.name, names, again, tuple(broken)))


def _unseen(step: Turn, before: Turn | None, fault: str) -> bool:
    """Whether SES took a mail and nobody could learn of it, or keep it."""
    if step.mails:
        return fault in {Fault.LOST, Fault.KILLED_AFTER}
    return before is not None and bool(before.mails) and fault in {Fault.KILLED_BEFORE, OUTAGE}


def _refused(answer: Any) -> bool:
    """Whether a caller would try again."""
    if isinstance(answer, Response):
        # A row of an import or of a mass update says so for itself.
        return answer.status >= 500 or "temporarily-unavailable" in answer.text
    return bool(faults_of(answer, None))


def summary(found: Any, now: Any) -> Counter[str]:
    """What there is, without times and without the ids that were drawn: equal for two ends that mean the same."""
    stored = Stored.of(found, now)
    lines: list[str] = []
    for invitation in stored.invitations.values():
        people = sorted((key, person.version, person.removed) for key, person in invitation.recipients.items())
        lines.append(f"invitation {invitation.state} {invitation.revision} {invitation.reminders} {people}")
    for each in stored.collaborations.values():
        ends = sorted(str((end.on, end.by.side, end.problem)) for end in each.arranged_ends)
        lines.append(f"collaboration {each.state} {each.revision} {each.task_id} {each.setup} {ends}")
    for name, entries in stored.history.items():
        lines += [f"history of {name}: {entry.what}" for entry in entries.values()]
    lines += [f"mail {mail_id} of {name}" for name, mail_id in stored.outbox]
    lines += [f"delivery {key} {delivery}" for key, delivery in stored.mails.items()]
    lines += [f"grant {name} {key}" for name, grants in stored.grants.items() for key in grants]
    lines += [f"guard {place} {guard.owner}" for place, guard in stored.guards.items()]
    lines += [f"account {place} {account.administrators}" for place, account in stored.accounts.items()]
    lines += [
        f"subscription {place} {subscription.terms} {len(subscription.subscribers)} {subscription.status}"
        for place, subscription in stored.subscriptions.items()
    ]
    lines += [f"{place} {value}" for place, value in stored.directory.items()]
    return Counter(ID.sub("ID", line) for line in lines)


def _without_failures(end: Counter[str]) -> Counter[str]:
    failures = "delivery ", "mail login-instructions-bounced "
    return Counter({line: times for line, times in end.items() if not line.startswith(failures)})


@each_simulated
def prove(effort: Effort) -> Iterator[Row]:
    """A row for each situation."""
    for name in (*SITUATIONS, *RARELY, *LARGE):
        yield row(situation(name), spread(situation(name).hit, effort.share))
    rare = [situation(name) for name in RARE if name not in REPORTED]
    yield combined([row(found, spread(found.hit, effort.share)) for found in rare])


def combined(rows: Sequence[Row]) -> Row:
    """One row of those of the situations that are there for one guard each."""
    lost = [found for found in rows if found.lost]
    detail = lost[0].detail if lost else f"{len(rows)} situations"
    what = "where one guard is brought out"
    return Row("crashes", what, sum(found.tried for found in rows), sum(found.lost for found in lost), detail)


def row(found: Situation, commands: Iterable[Command]) -> Row:
    """The row of a situation."""
    crashes = Crashes(found)
    number = 0
    for command in commands:
        crashes.of(command)
        number += 1
    detail = f"{number} commands and consumers, {len(FAULTS)} faults at each call, one more where it can answer in part"
    if crashes.broken:
        detail = str(crashes.broken[0])
    return Row("crashes", found.name, crashes.tried, len(crashes.broken), detail)


@each_simulated
def again(what: str) -> Iterator[str]:
    """Hit a command once more. `what`: as the row names it."""
    name, number, place, fault = what.split(":")
    found = situation(name)
    command = found.commands[int(number)]
    crash = Crashes(found)
    _, undisturbed = crash.run(command, None, Fault.NONE)
    yield f"{command.name}: {fault} at call {place}"
    _, end = crash.run(command, int(place) if place else None, fault)
    yield from (f"without {line}" for line in undisturbed - end)
    yield from (f"with {line}" for line in end - undisturbed)
    yield from (f"BROKEN {line}" for broken in crash.broken for line in broken.what)
