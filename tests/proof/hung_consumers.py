"""Functions that nobody waits for, while the table, SES or the bus hangs: each ends in its time, and nothing is lost.

Every consumer of every situation of the simulation is called with a service that hangs from the first, second, ... of
its calls on, before that call is made or after. Then the service is back, and the consumer is called again as its
caller would: the stream, the bus and the schedules do so. In the end there is what an undisturbed call leaves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ReadTimeoutError
from collaboration import composition
from collaboration.access.service import AT_ONCE
from collaboration.background import BackgroundError
from collaboration.composition import EventBridgePublisher
from collaboration.mailing.pace import Pace
from collaboration.mailing.ses import Ses
from collaboration.publishing import Message
from collaboration.services import PartialFailureError, Services
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import Table
from support.app import App, functions
from support.clocks import Seconds
from support.memory import MemoryClient
from support.people import BJORK, BO, Office
from support.tables import TABLE_NAME

from proof.crashes import RARELY, summary
from proof.hanging import BUS_HANGS, SES_HANGS, TABLE_HANGS, WRITES, Context, HungCase, timed_threads, timeout_of
from proof.invariants import Stored, mail_key
from proof.quiet import faults_of, quiesce
from proof.report import spread
from proof.simulation import Client, EventsClient, Outcome, Process, SesClient, Setting, each_simulated
from proof.worlds import SITUATIONS, Maker, Situation, situation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.mailing.outbox import MailContext
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sesv2 import SESV2Client
    from stack.demonstration import Customer

    from proof.report import Effort
    from proof.simulation import Shared
    from proof.worlds import Command

CONSUMERS = frozenset({"mail", "access", "cleanup", "publish", "mail_events"})
assert BJORK.account is not None
BJORK_ACCOUNT = BJORK.account
HANGS = {"the table": TABLE_HANGS, "SES": SES_HANGS, "the bus": BUS_HANGS}


@dataclass
class Hang:
    """A service, by its name in `HANGS`, that hangs from the call `first` on; `makes`: it makes that one all the same.

    `calls` are the names of the calls that were made of it.
    """

    service: str
    first: int
    makes: bool

    def __post_init__(self) -> None:
        self.calls: list[str] = []


class Hanging:
    """A client of a service, which hangs as planned. What it holds beside its calls is the client's own."""

    exceptions = MemoryClient.exceptions

    def __init__(self, client: Any, service: str, hang: Hang, seconds: Seconds) -> None:
        self._client, self._service, self._hang, self._seconds = client, service, hang, seconds

    def __getattr__(self, name: str) -> Any:
        """A call of the client."""
        return partial(self._call, name)

    def _call(self, name: str, **request: Any) -> Any:
        make, hang = partial(getattr(self._client, name), **request), self._hang
        if self._service != hang.service:
            return make()
        place = len(hang.calls)
        hang.calls.append(name)
        if place < hang.first:
            return make()
        if place == hang.first and hang.makes:
            make()
        self._seconds.sleep(HANGS[self._service])
        raise ReadTimeoutError(endpoint_url="https://service.example")


class HungProcess(Process):
    """A process one of whose services hangs; its clocks pass meanwhile, and calls have the time that Lambda gives."""

    def __init__(self, shared: Shared, name: str, hang: Hang) -> None:
        super().__init__(shared, name)
        self.seconds, self._hang = Seconds(), hang

    def clock(self) -> Any:
        """The time."""
        return super().clock() + timedelta(seconds=self.seconds.now)

    def _hanging(self, client: Any, service: str) -> Any:
        return Hanging(client, service, self._hang, self.seconds)

    @cached_property
    def services(self) -> Services:
        """With pauses and a deadline by that clock."""
        backoff = Backoff(Deadline(self.seconds), self.seconds.sleep, lambda: 1.0)
        client = self._hanging(Client(self.shared), "the table")
        return Services(lambda: Table(client, TABLE_NAME, backoff), self.clock, self._new_id, backoff)

    @cached_property
    def publisher(self) -> EventBridgePublisher:
        """The bus."""
        client = self._hanging(EventsClient(self.shared), "the bus")
        return EventBridgePublisher(cast("EventBridgeClient", client), "bus")

    @cached_property
    def mailer(self) -> MailContext:
        """With SES."""
        usual = Process(self.shared, self.name).mailer
        client = cast("SESV2Client", self._hanging(SesClient(self.shared), "SES"))
        provider = Ses(client, "collaboration@spiris.example", "mails")
        pace = Pace(self.services, 1000)
        return replace(usual, services=self.services, provider=provider, pace=pace, metrics=self.metrics, log=self)

    def take(self, folder: str, event: Any) -> tuple[Any, Exception | None, float]:
        """Call a function: what it answered, or what it ended by; and how many seconds it took."""
        composition.use(self)
        began = self.seconds.now
        answer, error = None, None
        with timed_threads(self.seconds):
            try:
                answer = functions()[folder].handler(event, Context(folder, self.seconds))
            except Exception as raised:  # noqa: BLE001 - Lambda would call again
                error = raised
        return answer, error, self.seconds.now - began


class HungConsumers:
    """The consumers of a situation. `most`: how many calls of a consumer a service hangs from, evenly spread."""

    def __init__(self, found: Situation, most: int | None = None) -> None:
        self._situation, self._most = found, most

    def cases(self) -> Iterator[HungCase]:
        """Of each consumer."""
        for command in self._situation.commands:
            if command.folder in CONSUMERS:
                yield from self.of(command)

    def of(self, command: Command) -> Iterator[HungCase]:
        """Let each service hang at each of the calls that a consumer makes of it."""
        for service in HANGS:
            known = Hang(service, 10_000, makes=False)
            wrong, usual = self._run(command, known)
            places = [*enumerate(known.calls)]
            for place, call in spread(places, min(1, self._most / len(places))) if self._most and places else places:
                for makes in (False, True) if call in MADE else (False,):
                    faults, end = self._run(command, Hang(service, place, makes=makes))
                    if end != usual:
                        faults.append(f"ends otherwise: without {usual - end}, with {end - usual}")
                    made = ", which is made" if makes else ""
                    where = f"{self._situation.name}: {service} from call {place} on{made}"
                    yield HungCase(command.name, where, tuple(dict.fromkeys([*wrong, *faults])))

    def _run(self, command: Command, hang: Hang) -> tuple[list[str], Counter[str]]:
        """Call a consumer while a service hangs, and again when it is back; what is wrong, and what there is then."""
        world = self._situation.world
        shared = world.restore()
        event = {"Records": world.batch} if command.stream else dict(command.event)
        process = HungProcess(shared, "a", hang)
        sent = len(shared.ses.sent)
        answer, error, took = process.take(command.folder, event)
        faults = []
        if took >= timeout_of(command.folder):
            faults.append(f"{command.folder} took {took:g} seconds")
        if error is not None and not isinstance(error, BackgroundError | PartialFailureError):
            faults.append(f"{type(error).__name__} went through")
        recorded = Stored.of(shared.client.items, shared.now).mails
        # SES has taken it, and nobody could learn of it, or keep it: there may be one copy more, and of no other.
        copies = Counter(key for key in map(mail_key, shared.ses.sent[sent:]) if recorded.get(key) != "sent")
        shared.now += timedelta(seconds=took)
        if error is not None or faults_of(answer, None):
            again = Process(shared, "b", ahead=timedelta(milliseconds=300))
            composition.use(again)
            answer = again.invoke(command.folder, event)
            faults += [f"again: {what}" for what in faults_of(answer, None)]
        ended = [(command, Outcome(answer, None))] if command.stream else []
        faults += quiesce(world, shared, ended, copies=copies)
        return faults, summary(world.app.client.items, shared.now)


# Calls that do something: they may be made, and nobody learns of it.
MADE = WRITES | {"send_email", "put_events"}


# More than fits in the time of a call while each piece of it waits for the table, or for SES.
MANY = 36


def much_is_due() -> Iterator[Situation]:
    """Many invitations whose mails wait, and then have expired; an employee has left who was on many tasks."""
    office = Office(App())
    office.feed()
    customers = [_company(number) for number in range(MANY)]
    for customer in customers:
        office.feed_customer(customer)
        office.put(f"/platform/accounts/{customer.id}", {**BJORK_ACCOUNT.body(customer), "subscriptions": []})
    for customer in customers[:AT_ONCE]:
        assert office.activate(customer, "tax-annual-accounts").status == 201
    office.app.drain_events()
    make = Maker(office)
    office.put(f"/platform/offices/{office.id}/employees/{BO.id}", {**BO.body(), "active": False})
    office.app.new_messages()
    changed = make.message("access, employee", "access", "DirectoryChanged", officeId=office.id, employeeId=BO.id)
    yield Situation(f"an employee leaves {AT_ONCE} tasks", Setting(office.app), (changed,))
    office.app.deliver(Message("DirectoryChanged", {"officeId": office.id, "employeeId": BO.id}))
    for customer in customers:
        assert office.invite(customer, "scanner").status == 201
    office.app.new_messages()
    office.app.clock.pass_(minutes=30)
    mails = make.schedule("mail, by schedule", "mail", "mail-every-minute")
    yield Situation(f"mails of {MANY} invitations are due", Setting(office.app), (mails,))
    office.app.send_due_mail()
    office.app.drain_events()
    office.app.clock.pass_(days=15)
    yield Situation(f"{MANY} invitations have expired", Setting(office.app), (make.clean_up(),))


def _company(number: int) -> Customer:
    account = replace(BJORK_ACCOUNT, id=f"company-{number}")
    return replace(BJORK, id=f"company-{number}", organisation_number=_number(number), account=account)


def _number(nth: int) -> str:
    """An organisation number with its check digit."""
    digits = f"55{nth:07d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{digits}{-sum(sum(divmod(value, 10)) for value in doubled) % 10}"


@each_simulated
def hung_consumers(effort: Effort) -> Iterator[HungCase]:
    """Every consumer of every situation; then where there is more to do than a call has time for."""
    for name in effort.spread((*SITUATIONS, *RARELY)):
        yield from HungConsumers(situation(name)).cases()
    for found in much_is_due():
        yield from HungConsumers(found, effort.of(3)).cases()
