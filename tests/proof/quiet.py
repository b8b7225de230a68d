"""What follows from what was done: the stream is published, the bus delivers, mails go out, the nightly audit runs.

By the real functions, in a process of their own: what a command has put on the bus is delivered, and what it has not
published is published now. Then everything that has to follow has followed.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collaboration import composition
from collaboration.domain.decisions.mail_retry import HELD_FOR
from support.app import Response
from support.samples import sample
from support.template import listeners

from proof.answered_rows import answered_otherwise
from proof.decisions import sent_while_good
from proof.invariants import Stored, broken_of, broken_when_quiet, everything_is_published, obstacles_are_noted
from proof.simulation import Process

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from proof.simulation import Outcome, Setting, Shared
    from proof.worlds import Command

# What Lambda hands over of a stream at a time.
BATCH = 100


def faults_of(answer: Any, error: BaseException | None) -> list[str]:
    """What is wrong with how a command ended."""
    if error is not None:
        return [f"ended by {type(error).__name__}: {error}"]
    if isinstance(answer, Response):
        return [f"answered {answer.status}: {answer.text[:200]}"] if answer.status >= 500 else []
    failed = answer.get("batchItemFailures") or answer.get("failed")
    return [f"answered {answer}"] if failed else []


def decided_wrongly(command: Command, outcome: Outcome) -> list[str]:
    """Whoever decides with wrong digits is refused, whatever else has happened meanwhile."""
    answer = outcome.value
    taken = command.wrong_digits and isinstance(answer, Response) and answer.status < 400
    return [f"digits_prove_the_person: {command.name} was answered {answer.status}"] if taken else []


def published_until(world: Setting, ended: Sequence[tuple[Command, Outcome]]) -> int:
    """How many records of the stream need not be delivered again, after what calls of the publisher have answered."""
    until = world.read
    for command, outcome in ended:
        if not command.stream or outcome.error is not None:
            continue
        failed = {failure["itemIdentifier"] for failure in outcome.value["batchItemFailures"]}
        batch = world.batch
        taken = next(
            (place for place, record in enumerate(batch) if record["dynamodb"]["SequenceNumber"] in failed), len(batch)
        )
        until = max(until, world.batch_start + taken)
    return until


class Aftermath:
    """Lets everything happen that follows. `broken`: what went wrong with that."""

    def __init__(self, world: Setting, shared: Shared, ended: Sequence[tuple[Command, Outcome]]) -> None:
        self.broken: list[str] = []
        self.process = Process(shared, "q")
        self._shared = shared
        self._published = published_until(world, ended)
        self._delivered = 0
        composition.use(self.process)

    def follow(self) -> None:
        """Publish and deliver until there is nothing left of either."""
        records, bus = self._shared.client.records, self._shared.bus
        while not self.broken:
            if batch := records[self._published : self._published + BATCH]:
                self._published += len(batch)
                self.call("publish", {"Records": batch})
            elif self._delivered < len(bus):
                entry = bus[self._delivered]
                self._delivered += 1
                event = {
                    "detail-type": entry["DetailType"],
                    "source": entry["Source"],
                    "detail": json.loads(entry["Detail"]),
                }
                for folder in listeners(entry["DetailType"]):
                    self.call(folder, event)
            else:
                return

    def call(self, folder: str, event: dict[str, Any]) -> Any:
        """Call a function, which has to succeed."""
        sent = len(self._shared.ses.sent)
        try:
            answer = self.process.invoke(folder, event)
        except Exception as error:  # noqa: BLE001 - whatever it was, what follows has not followed
            self.broken += [f"quiet: {folder} {what}" for what in faults_of(None, error)]
            return None
        self.broken += [f"quiet: {folder} {what}" for what in faults_of(answer, None)]
        if mails := self._shared.ses.sent[sent:]:
            stored = Stored.of(self._shared.client.items, self._shared.now)
            self.broken += [f"{sent_while_good.__name__}: {what}" for what in sent_while_good(stored, mails)]
        return answer


def _any_mail_waits(shared: Shared) -> bool:
    mails = (item for (_, sk), item in shared.client.items.items() if sk.startswith("MAIL#"))
    return any(item["delivery"]["S"] == "queued" for item in mails)


def _of_obstacles(shared: Shared) -> list[str]:
    stored = Stored.of(shared.client.items, shared.now)
    return [f"{obstacles_are_noted.__name__}: {what}" for what in obstacles_are_noted(stored)]


def quiesce(
    world: Setting,
    shared: Shared,
    ended: Sequence[tuple[Command, Outcome]],
    *,
    copies: Mapping[tuple[str, str, str], int] | None = None,
    lacking: Collection[str] = (),
    stopped: bool = False,
) -> list[str]:
    """Let everything happen that follows, and give the rules that do not hold then.

    Args:
        world: the situation from which the commands began.
        shared: what they shared.
        ended: the commands, and how each ended. One with an Idempotency-Key is sent again, and has the same answer; so
            are rows with keys of their own, and each has its answer.
        copies: how many copies more of a mail there may be.
        lacking: the rules that an older version left broken: they hold after the audit.
        stopped: a process was killed, or had no answer: what it was to note the audit notes.
    """
    after = Aftermath(world, shared, ended)
    # What the tasks did took a moment of their clocks.
    shared.now += timedelta(seconds=1)
    after.follow()
    shared.now += timedelta(minutes=6)
    after.call("mail", sample("mail-every-minute"))
    after.follow()
    if _any_mail_waits(shared):
        # Until somebody can accept, that is: it is looked at again an hour later.
        shared.now += HELD_FOR
        after.call("mail", sample("mail-every-minute"))
        after.follow()
    broken = after.broken + broken_when_quiet(
        shared.client.items, shared.now, shared.ses.sent, copies=copies or {}, rejected=shared.rejected
    )
    broken = [what for what in broken if what not in lacking]
    if not stopped:
        broken += _of_obstacles(shared)
    broken += [
        f"everything_is_published: {what}"
        for what in everything_is_published(shared.client.records[world.read :], shared.bus)
    ]
    after.call("access", sample("access-every-night"))
    after.follow()
    if any(after.process.metrics.counted("Drift")) and not lacking:
        broken.append("the access audit found drift")
    broken += [f"after the audit: {what}" for what in _of_obstacles(shared)]
    if lacking:
        broken += [f"after the audit: {what}" for what in broken_of(Stored.of(shared.client.items, shared.now))]
    for command, outcome in ended:
        if command.rows and isinstance(outcome.value, Response):
            broken += answered_otherwise(outcome.value, after.call(command.folder, dict(command.event)))
        if command.keyed and isinstance(outcome.value, Response):
            answer, again = outcome.value, after.call(command.folder, dict(command.event))
            if answer.status < 400 and (again.status, again.text) != (answer.status, answer.text):
                broken.append(f"same key, another answer: {answer.status}, then {again.status}: {again.text[:200]}")
    broken += [what for what in after.broken if what not in broken]
    return broken + [f"unexpected: {line}" for line in shared.unexpected]
