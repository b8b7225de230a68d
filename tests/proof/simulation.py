"""The scheduler: commands and consumers run as tasks, and each call to a service is a choice of who goes on.

A task is a greenlet, and so is each read that it makes at the same time as others. It runs until it calls the table,
SES, the bus or Secrets Manager; then the scheduler has the call, makes it when it is chosen, and hands the answer back.
There are no threads, no clock and no sleep: what happens follows from the choices alone.

A process is what Lambda gives one call: an application of its own (`collaboration.composition.App`) over what all
share.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial, wraps
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Self, TypeVar, cast

from botocore.exceptions import ClientError, ConnectionClosedError
from collaboration import composition
from collaboration.commands import mass_update, rows
from collaboration.composition import EventBridgePublisher, RotatingSigner
from collaboration.link_tokens import LinkKeys
from collaboration.mailing.outbox import MailContext
from collaboration.mailing.pace import Pace
from collaboration.mailing.rendering import Addresses, render
from collaboration.mailing.ses import Ses, tag_text
from collaboration.services import Services
from collaboration.storage import keys
from collaboration.storage import table as storage_table
from collaboration.storage.patience import Backoff
from collaboration.storage.table import Table
from greenlet import GreenletExit, getcurrent, greenlet
from support.app import ROOT, FakeMetrics, Response, functions
from support.items import copied
from support.memory import MemoryClient
from support.tables import TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collaboration.logins import UserPool
    from collaboration.telemetry import Level
    from mypy_boto3_sesv2 import SESV2Client
    from support.app import App
    from support.ses import FakeSesClient, SentMail
    from support.streams import MemoryStream

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
Choice = tuple[int, str]
"""Who goes on: the number of a task, and the name of its strand."""

SECRET = LinkKeys("a key of the tests").secret()


# Room for all that are sent here, where nothing else is said.
MAILS_A_SECOND = 1000


@dataclass
class Shared:
    """What all processes share: the table, the mailbox of SES, the bus, and the time.

    `calls` counts the calls that were made by name; `unexpected` holds what a handler logged as an unexpected error;
    `indexed` is how many records of the stream the indexes have for sure: one that is behind may lack the later ones;
    `rejected` holds the mails, each by agreement, mail and recipient, that SES has refused for good;
    `mails_a_second` is how many may leave in one.
    """

    client: MemoryClient
    ses: FakeSesClient
    now: datetime
    indexed: int = 0
    bus: list[dict[str, Any]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    rejected: set[tuple[str, str, str]] = field(default_factory=set)
    mails_a_second: int = MAILS_A_SECOND


@dataclass
class Call:
    """A call that a strand wants to make.

    `name` is the service's method; `otherwise`: answers that it may have as well without having failed, by fault;
    `reject` makes a note of that the service will never take it, where it can say so.
    """

    name: str
    make: Callable[[], Any]
    otherwise: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    reject: Callable[[], None] | None = None


class Strand(greenlet):  # type: ignore[misc]  # greenlet comes without types
    """One line of execution within a task. `history` is a digest of every answer that it has had."""

    def __init__(self, task: Task, name: str, run: Callable[[], Any], future: Future[Any] | None = None) -> None:
        super().__init__(self._go)
        self.task, self.name, self.action, self.future = task, name, run, future
        self.call: Call | None = None
        self.waits_for: Future[Any] | None = None
        self.history = 0
        self.children = 0
        self._started = False

    @property
    def is_active(self) -> bool:
        """Whether it was started, and has not ended."""
        return self._started and not self.dead

    def _go(self) -> None:
        self._started = True
        try:
            outcome = Outcome(self.action(), None)
        except GreenletExit:
            outcome = Outcome(None, KilledError())
        except BaseException as error:  # noqa: BLE001 - whatever a task ends by is its outcome
            outcome = Outcome(None, error)
        if self.future:
            self.future.outcome = outcome
        else:
            self.task.outcome = outcome


class KilledError(BaseException):
    """The process of the task is gone."""


@dataclass(frozen=True)
class Outcome:
    """How something ended: with a value, or with an error."""

    value: Any
    error: BaseException | None

    @property
    def killed(self) -> bool:
        """Whether its process was ended from outside."""
        return isinstance(self.error, KilledError)

    @property
    def digest(self) -> int:
        """What can be told from outside, as a number."""
        if self.error is not None:
            return hash((type(self.error).__name__, repr(getattr(self.error, "response", ""))))
        return hash(repr(self.value))

    def get(self) -> Any:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        return self.value

    def copy(self) -> Outcome:
        """The same answer for somebody else: what one task does to its own no other sees."""
        if self.error is not None:
            self.error.__traceback__ = self.error.__context__ = self.error.__cause__ = None
            return self
        return Outcome(copied(self.value), None)


class Task:
    """A command or a consumer that runs in a process of its own."""

    def __init__(self, name: str, process: Process, action: Callable[[], Any]) -> None:
        self.name, self.process = name, process
        self.outcome: Outcome | None = None
        self.strands: list[Strand] = [Strand(self, "", action)]
        self._ended = 0
        self.new: list[Strand] = [*self.strands]

    @property
    def digest(self) -> int:
        """Everything that its future follows from: the answers that each of its strands has had, and its outcome."""
        if self.outcome is not None:
            return hash(("done", self.outcome.digest))
        return hash((self._ended, frozenset((strand.name, strand.history) for strand in self.strands)))

    def remove_ended(self) -> None:
        """Let go of the strands that have ended, but not of the answers that they have had."""
        for strand in self.strands:
            if strand.dead:
                self._ended ^= hash((strand.name, strand.history))
        self.strands = [strand for strand in self.strands if not strand.dead]


class Future(Generic[Result]):
    """The result of a strand that was started beside the one that asks."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None

    def result(self) -> Result:
        """The result, once it is there."""
        strand = getcurrent()
        if self.outcome is None and isinstance(strand, Strand):
            strand.waits_for = self
            strand.parent.switch()
        if self.outcome is None:
            raise KilledError
        return cast("Result", self.outcome.get())


class Executor:
    """Stands for a pool of threads: what it is given runs in strands. Outside a task it runs at once."""

    def __init__(self, max_workers: int | None = None) -> None:
        """As a pool of threads."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def submit(self, action: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """Start it."""
        future: Future[Result] = Future()
        parent = getcurrent()
        if not isinstance(parent, Strand):
            future.outcome = _outcome(partial(action, *arguments))
            return future
        parent.children += 1
        strand = Strand(parent.task, f"{parent.name}.{parent.children}", partial(action, *arguments), future)
        strand.parent = parent.parent
        parent.task.strands.append(strand)
        parent.task.new.append(strand)
        return future

    def map(self, action: Callable[..., Result], *several: Iterable[Any]) -> Iterator[Result]:
        """Start it for each, and give the results in that order."""
        futures = [self.submit(action, *arguments) for arguments in zip(*several, strict=False)]
        return (future.result() for future in futures)


def _outcome(action: Callable[[], Any]) -> Outcome:
    try:
        return Outcome(action(), None)
    except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
        return Outcome(None, error)


def _call(shared: Shared, call: Call) -> Any:
    """Make a call: at once outside a task, else when the scheduler chooses it."""
    strand = getcurrent()
    if not isinstance(strand, Strand):
        shared.calls[call.name] += 1
        return call.make()
    strand.call = call
    outcome: Outcome = strand.parent.switch()
    return outcome.get()


class Client:
    """The table's client, as a process has it."""

    exceptions = MemoryClient.exceptions

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def batch_get_item(self, **request: Any) -> Any:
        """As the table's."""
        return self._make("batch_get_item", request, {Fault.PARTIAL: lambda: self._half(request)})

    def query(self, **request: Any) -> Any:
        """As the table's."""
        client = self._shared.client
        otherwise = {Fault.PARTIAL: lambda: client.query(**{**request, "Limit": 1})}
        if "IndexName" in request:
            otherwise[Fault.BEHIND] = lambda: self._behind(request)
        return self._make("query", request, otherwise)

    def update_item(self, **request: Any) -> Any:
        """As the table's."""
        return self._make("update_item", request)

    def transact_write_items(self, **request: Any) -> Any:
        """As the table's."""
        return self._make("transact_write_items", request)

    def _make(
        self, name: str, request: dict[str, Any], otherwise: Mapping[str, Callable[[], Any]] | None = None
    ) -> Any:
        make: Callable[..., Any] = getattr(self._shared.client, name)
        return _call(self._shared, Call(name, lambda: make(**request), otherwise or {}))

    def _half(self, request: dict[str, Any]) -> Any:
        """The first half of the items, and the keys of the others."""
        client = self._shared.client
        client.faults.leave_unprocessed(lambda asked: asked[(len(asked) + 1) // 2 :])
        return client.batch_get_item(**request)

    def _behind(self, request: dict[str, Any]) -> Any:
        """What an index says that has not heard of the latest writes."""
        client = self._shared.client
        with client.as_of(max(self._shared.indexed, len(client.records) - MOST_BEHIND)):
            return client.query(**request)


class SesClient:
    """SES, as a process has it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def send_email(self, **request: Any) -> dict[str, str]:
        """As SES's."""

        def reject() -> None:
            tags = {tag["Name"]: tag_text(tag["Value"]) for tag in request["EmailTags"]}
            self._shared.rejected.add((tags["agreement"], tags["mail"], tags["recipient"]))

        call = Call("send_email", lambda: self._shared.ses.send_email(**request), reject=reject)
        answer: dict[str, str] = _call(self._shared, call)
        return answer


class SecretsClient:
    """Secrets Manager, as a process has it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - named as AWS names it
        """The keys of links."""
        call = Call("get_secret_value", lambda: {"SecretString": SECRET})
        answer: dict[str, str] = _call(self._shared, call)
        return answer


class EventsClient:
    """EventBridge, as a process has it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - named as AWS names it
        """Take events."""

        def take(first: int) -> dict[str, Any]:
            self._shared.bus += Entries[:first]
            return {"Entries": [{} if place < first else {"ErrorCode": "Throttled"} for place in range(len(Entries))]}

        call = Call("put_events", lambda: take(len(Entries)), {Fault.PARTIAL: lambda: take(len(Entries) // 2)})
        answer: dict[str, Any] = _call(self._shared, call)
        return answer


def is_among(sent: Iterable[SentMail], mail: tuple[str, str, str]) -> bool:
    """Whether a mail, by agreement, mail and recipient, is among those that were sent."""
    tags = ({name: tag_text(tag) for name, tag in each.tags.items()} for each in sent)
    return any((tag["agreement"], tag["mail"], tag["recipient"]) == mail for tag in tags)


class Process:
    """The application of one process. It starts cold, with a clock of its own: a millisecond per look from `now` on.

    `ahead`: by how much that clock is; `waits`: it goes on while the process waits for another attempt.
    """

    def __init__(self, shared: Shared, name: str, *, ahead: timedelta = timedelta(), waits: bool = False) -> None:
        self.shared, self.name = shared, name
        self._backoff = Backoff(sleep=self._wait) if waits else None
        self._ahead, self._looks, self._ids = ahead, 0, 0
        self.metrics = FakeMetrics([])
        self.log = self

    def clock(self) -> datetime:
        """The time."""
        self._looks += 1
        return self.shared.now + self._ahead + timedelta(milliseconds=self._looks)

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self.name}{self._ids:03d}abcdef"

    @cached_property
    def services(self) -> Services:
        """The table, the clock, new ids."""
        client: Any = Client(self.shared)
        return Services(lambda: Table(client, TABLE_NAME), self.clock, self._new_id, self._backoff)

    @property
    def _waiting_services(self) -> Services:
        """The same, for what waits until a second is over: it is over at once, by the clock of this process."""
        client: Any = Client(self.shared)
        return Services(lambda: Table(client, TABLE_NAME), self.clock, self._new_id, Backoff(sleep=self._wait))

    def _wait(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    @cached_property
    def signer(self) -> RotatingSigner:
        """Tokens of links."""
        client: Any = SecretsClient(self.shared)
        return RotatingSigner(client, "secret", lambda: 0.0, self.clock)

    @cached_property
    def publisher(self) -> EventBridgePublisher:
        """The bus."""
        client: Any = EventsClient(self.shared)
        return EventBridgePublisher(client, "bus")

    @cached_property
    def mailer(self) -> MailContext:
        """What sending takes."""
        client = cast("SESV2Client", SesClient(self.shared))
        return MailContext(
            services=self.services,
            provider=Ses(client, "collaboration@spiris.example", "mails"),
            render=partial(render, addresses=Addresses(ROOT, self.signer.token)),
            pace=Pace(self._waiting_services, self.shared.mails_a_second),
            metrics=self.metrics,
            log=self.log,
        )

    demands_second_factor = False

    def pool(self, pool_id: str) -> UserPool:
        """None: nobody signs in here."""
        raise NotImplementedError(pool_id)

    @property
    def user_pool(self) -> UserPool:
        """None: nothing that is simulated asks for logins."""
        raise NotImplementedError

    def write(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """Take a line of the log."""
        if message == "unexpected":
            self.shared.unexpected.append(repr(facts))

    def has_sent(self, mail: tuple[str, str, str]) -> bool:
        """Whether SES has a mail, by agreement, mail and recipient. To look is a step."""
        return bool(_call(self.shared, Call("look for a mail", lambda: is_among(self.shared.ses.sent, mail))))

    def invoke(self, folder: str, event: dict[str, Any]) -> Any:
        """Hand an event to a function; the gateway's answer as a Response."""
        answer = functions()[folder].handler(event, None)
        if isinstance(answer, dict) and "statusCode" in answer:
            return Response(answer["statusCode"], answer["headers"], answer["body"], event["path"])
        return answer


@dataclass(frozen=True)
class Turn:
    """What a step of the scheduler did. `records`: what it wrote, as records of the table's stream."""

    choice: Choice
    call: str
    records: tuple[dict[str, Any], ...]
    mails: int
    known: KnownStep | None = None


@dataclass(frozen=True)
class KnownStep:
    """What it takes to do a step again without its task.

    The answer, as the task's history has it too; what was written, sent, published and logged; and the digests after
    it: of each item that was written, and of all that is stored, sent and published.
    """

    answer: Outcome
    heard: tuple[str, int]
    records: tuple[dict[str, Any], ...]
    mails: tuple[SentMail, ...]
    bus: tuple[dict[str, Any], ...]
    unexpected: tuple[str, ...]
    places: tuple[tuple[tuple[str, str], int], ...]
    digests: tuple[int, int, int]


class Fault:
    """What happens to a call instead of its answer, by name."""

    NONE = ""
    REFUSED = "refused"
    LOST = "answer lost"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    # Of a call that can be: SES will never take this mail.
    REJECTED = "refused for good"
    # Answers that are none of a failure, of the calls that may be answered so.
    PARTIAL = "answered in part"
    BEHIND = "index behind"


def place_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """Which item a record of the stream is about."""
    names = record["dynamodb"]["Keys"]
    return names["pk"]["S"], names["sk"]["S"]


# How many writes an index may be behind.
MOST_BEHIND = 30
# Records that the stream delivers again, where the answer to them was lost.
DELIVERED_AGAIN = 30


def throttled() -> ClientError:
    """What a service says that cannot take more."""
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "planned"}}, "Planned")


def rejected() -> ClientError:
    """What SES says of a mail that it will never take."""
    return ClientError({"Error": {"Code": "MessageRejected", "Message": "planned"}}, "SendEmail")


class Simulation:
    """Tasks over what they share, and who may go on next."""

    def __init__(self, shared: Shared, *, digests: bool = True) -> None:
        """No task yet. `digests`: whether `table` and `state` are kept, which costs."""
        self.shared = shared
        self.tasks: list[Task] = []
        self._digests = digests
        self._table = 0
        self._places: dict[tuple[str, str], int] = {}
        self._mails = 0
        self._bus, self._published = 0, 0

    def start(self, name: str, process: Process, action: Callable[[], Any]) -> Task:
        """A task, which runs up to its first call."""
        task = self.add(name, process, action)
        self._run_new(task)
        return task

    def add(self, name: str, process: Process, action: Callable[[], Any]) -> Task:
        """A task that does not run yet: `catch_up` starts it."""
        task = Task(name, process, action)
        self.tasks.append(task)
        return task

    def catch_up(self, task: Task, steps: Iterable[tuple[str, KnownStep]]) -> None:
        """Give a task the answers that its steps, each of a strand, have had: it goes on from there."""
        logged = len(self.shared.unexpected)
        self._run_new(task)
        for name, known in steps:
            strand = next(strand for strand in task.strands if strand.name == name)
            strand.call, strand.history = None, hash((strand.history, *known.heard))
            self._resume(strand, known.answer.copy())
        # It was logged when the steps were repeated.
        del self.shared.unexpected[logged:]

    def repeat(self, known: KnownStep) -> None:
        """Do what a step did to what all share, without its task."""
        self.shared.client.replay(known.records)
        self.shared.ses.sent += known.mails
        self.shared.bus += known.bus
        self.shared.unexpected += known.unexpected
        self._places.update(known.places)
        self._table, self._mails, self._bus = known.digests
        self._published = len(self.shared.bus)

    @property
    def choices(self) -> list[Choice]:
        """Who may go on."""
        return [
            (number, strand.name)
            for number, task in enumerate(self.tasks)
            if task.outcome is None
            for strand in task.strands
            if strand.call is not None
        ]

    def call_of(self, choice: Choice) -> Call:
        """The call that a strand wants to make."""
        task = self.tasks[choice[0]]
        call: Call | None = next(strand for strand in task.strands if strand.name == choice[1]).call
        if call is None:
            raise AssertionError("it makes no call")
        return call

    def step(self, choice: Choice, fault: str = Fault.NONE) -> Turn:
        """Make the call of a strand, with a fault perhaps, and let its task run to its next calls."""
        task = self.tasks[choice[0]]
        strand = next(strand for strand in task.strands if strand.name == choice[1])
        call, strand.call = self.call_of(choice), None
        records, mails = len(self.shared.client.records), len(self.shared.ses.sent)
        published, logged = len(self.shared.bus), len(self.shared.unexpected)
        self.shared.calls[call.name] += 1
        if fault == Fault.KILLED_BEFORE:
            self.kill(task)
            return Turn(choice, call.name, (), 0)
        make = call.otherwise.get(fault, call.make)
        if fault == Fault.REFUSED:
            outcome = Outcome(None, throttled())
        elif fault == Fault.REJECTED and call.reject:
            call.reject()
            outcome = Outcome(None, rejected())
        else:
            outcome = _outcome(make)
        stored = tuple(self.shared.client.records[records:])
        sent = len(self.shared.ses.sent) - mails
        if self._digests:
            self._note(stored, sent)
        if fault == Fault.KILLED_AFTER:
            self.kill(task)
            return Turn(choice, call.name, stored, sent)
        if fault == Fault.LOST:
            outcome = Outcome(None, ConnectionClosedError(endpoint_url="https://service.example"))
        if not self._digests:
            self._resume(strand, outcome)
            return Turn(choice, call.name, stored, sent)
        heard, answer = (call.name, outcome.digest), outcome.copy()
        strand.history = hash((strand.history, *heard))
        self._resume(strand, outcome)
        known = KnownStep(
            answer,
            heard,
            stored,
            tuple(self.shared.ses.sent[mails:]),
            tuple(self.shared.bus[published:]),
            tuple(self.shared.unexpected[logged:]),
            tuple((place, self._places[place]) for place in map(place_of, stored)),
            (self._table, self._mails, self._bus),
        )
        return Turn(choice, call.name, stored, sent, known)

    def _note(self, stored: tuple[dict[str, Any], ...], sent: int) -> None:
        for record in stored:
            place = place_of(record)
            before = self._places.get(place, 0)
            after = hash((before, repr(record["dynamodb"].get("NewImage"))))
            # The order of writes to one item counts, as in the stream; between items it does not.
            self._table ^= hash((place, before)) ^ hash((place, after))
            self._places[place] = after
        for mail in self.shared.ses.sent[len(self.shared.ses.sent) - sent :]:
            self._mails += hash((mail.to, mail.subject, frozenset(mail.tags.items())))
        for entry in self.shared.bus[self._published :]:
            # The bus has no order.
            self._bus += hash((entry["DetailType"], entry["Detail"]))
        self._published = len(self.shared.bus)

    @property
    def table(self) -> int:
        """What is stored, sent and published, and how it came so, as a number."""
        return hash((self._table, self._mails, self._bus))

    @property
    def state(self) -> int:
        """Everything that the future follows from, as a number: what is stored and sent, and where each task is."""
        return hash((self.table, *(task.digest for task in self.tasks)))

    def kill(self, task: Task) -> None:
        """End the process of a task, wherever it is."""
        task.outcome = Outcome(None, KilledError())
        for strand in task.strands:
            if strand.is_active:
                strand.throw(GreenletExit)
        task.outcome = Outcome(None, KilledError())

    def close(self) -> None:
        """End what still runs."""
        for task in self.tasks:
            if task.outcome is None:
                self.kill(task)

    def run(self, choose: Callable[[list[Choice]], Choice] = lambda choices: choices[0]) -> Iterator[Turn]:
        """Go on until every task has ended."""
        while choices := self.choices:
            yield self.step(choose(choices))

    def _resume(self, strand: Strand, *answer: Any) -> None:
        task = strand.task
        composition.use(task.process)
        strand.switch(*answer)
        self._run_new(task)

    def _run_new(self, task: Task) -> None:
        composition.use(task.process)
        while True:
            if task.new:
                task.new.pop(0).switch()
                continue
            waiting = next((each for each in task.strands if each.waits_for and each.waits_for.outcome), None)
            if waiting is None:
                break
            waiting.waits_for = None
            waiting.switch()
        task.remove_ended()


@contextmanager
def simulated() -> Iterator[None]:
    """Where the product starts threads, it starts strands instead; due work stands in one partition, not in eight."""
    modules: tuple[Any, ...] = (mass_update, rows, storage_table)
    real, shards = [module.ThreadPoolExecutor for module in modules], keys.SHARDS
    for module in modules:
        module.ThreadPoolExecutor = Executor
    keys.SHARDS = 1
    try:
        yield
    finally:
        keys.SHARDS = shards
        for module, before in zip(modules, real, strict=True):
            module.ThreadPoolExecutor = before


def each_simulated(
    function: Callable[Arguments, Iterable[Result]],
) -> Callable[Arguments, Iterator[Result]]:
    """Let a generator make each of its items in the simulation, and be out of it while somebody else has the item.

    A generator that yields within `simulated` would leave it in place for whoever stops in the middle.
    """

    @wraps(function)
    def outside(*arguments: Arguments.args, **named: Arguments.kwargs) -> Iterator[Result]:
        items = iter(function(*arguments, **named))
        while True:
            with simulated():
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item

    return outside


class Setting:
    """A moment to go back to: what an application has stored and sent by then, and its time.

    Args:
        app: the application.
        mails_a_second: how many may leave in one, from there on.
    """

    def __init__(self, app: App, *, mails_a_second: int = MAILS_A_SECOND) -> None:
        self.app, self.mails_a_second = app, mails_a_second
        self._items = dict(app.client.items)
        self._records, self._mails = len(app.client.records), len(app.ses.sent)
        self._stream = cast("MemoryStream", app._stream)
        self._read = self._stream._read
        self._pending = [*app.pending_messages]
        self.now = app.clock.now

    def restore(self) -> Shared:
        """Go back, and give what processes share from there on."""
        client: MemoryClient = self.app.client
        client.restore(self._items, self._records)
        del self.app.ses.sent[self._mails :]
        self._stream._read = self._read
        self.app.pending_messages[:] = self._pending
        self.app.clock.now = self.now
        return Shared(client, self.app.ses, self.now, mails_a_second=self.mails_a_second)

    @property
    def items(self) -> Mapping[tuple[str, str], Any]:
        """What was stored then, by place."""
        return self._items

    def has_sent(self, mail: tuple[str, str, str]) -> bool:
        """Whether a mail, by agreement, mail and recipient, was sent by then."""
        return is_among(self.app.ses.sent[: self._mails], mail)

    @property
    def read(self) -> int:
        """How many records of the stream have been published by then."""
        return self._read

    @property
    def batch_start(self) -> int:
        """Where the batch begins that the publisher has in hand."""
        return self._read if self._read < self._records else max(0, self._records - DELIVERED_AGAIN)

    @property
    def batch(self) -> list[dict[str, Any]]:
        """The records that the publisher gets: what nobody was told of; else the last ones, delivered again."""
        return self._stream._client.records[self.batch_start : self._records]
