"""What hangs: the table, SES, Secrets Manager. What a caller sees, after how long, and that nothing is half done.

Nothing waits here: a call that hangs moves a clock on by its time-out, and ends as the SDK ends it then.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ReadTimeoutError
from collaboration import publishing
from collaboration.composition import RotatingSigner
from collaboration.http.request import CallerClass
from collaboration.link_tokens import LinkKeys
from collaboration.mailing.pace import Pace
from collaboration.mailing.ses import Ses
from collaboration.services import PartialFailureError, Services
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import Table
from support.app import FakeLog
from support.clocks import Seconds
from support.people import BJORK
from support.samples import sample
from support.template import listeners

from proof.hanging import SECRETS_HANG, SES_HANGS, TABLE_HANGS, WRITES, Context, HungCase, timed_threads, timeout_of
from proof.hung_consumers import CONSUMERS, hung_consumers
from proof.invariants import Stored, broken_of, mail_key
from proof.tally import tallied
from proof.valid_requests import ENVIRONMENT, Story, ValidRequest, valid_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.app import App, Response
    from support.ses import SentMail

    from proof.report import Effort, Row

PART = "hung"
BUSY = 503
# As many mails as an account can have administrators.
MOST_RECIPIENTS = 200


def prove(effort: Effort) -> Iterator[Row]:
    """Rows for each service that may hang."""
    os.environ.update(ENVIRONMENT)
    yield tallied(
        PART,
        "the table, at each call of every operation: 503 in the function's time, or a success that is stored",
        hung_table(effort),
    )
    yield tallied(
        PART,
        "SES, at the mails of every operation: answered as ever, each mail goes out when SES is back",
        hung_ses(effort),
        "a copy more for each mail that SES takes without an answer; each call of the mail function within its time",
    )
    yield tallied(
        PART,
        "the table, SES or the bus, at each call of a consumer: it ends in its function's time, and nothing is lost",
        hung_consumers(effort),
        f"{', '.join(sorted(CONSUMERS))}: called again as its caller does, each leaves what an undisturbed call leaves",
    )
    yield tallied(
        PART,
        "Secrets Manager, in a new process: pages of links 503 within two seconds, all else as ever",
        hung_secrets(effort),
        "mails with links go out once when it is back",
    )
    yield tallied(
        PART,
        "Secrets Manager, where keys were read before: one call waits two seconds, none fails",
        hung_secrets_warm(effort),
    )


class Patient:
    """An application on a clock of seconds, whose calls have the time that Lambda would give them."""

    def __init__(self, app: App) -> None:
        self.app, self.seconds = app, Seconds()
        self.backoff = Backoff(Deadline(self.seconds), self.seconds.sleep, lambda: 1.0)
        self._before = app.services, app.mailer, app.log, app._signer
        app.services = Services(
            lambda: Table(app.client, app.table_name, self.backoff), app.clock, app.services.new_id, self.backoff
        )
        app.log = FakeLog(fails=False)
        pace = Pace(app.services, 1000)
        app.mailer = replace(app.mailer, services=app.services, pace=pace, log=app.log)

    def restore(self) -> None:
        """As it was before."""
        self.app.services, self.app.mailer, self.app.log, self.app._signer = self._before

    def call(self, folder: str, event: Any) -> tuple[Any, float]:
        """Call a function; what it answered, and how many seconds it took."""
        began = self.seconds.now
        with timed_threads(self.seconds):
            answer = self.app.functions[folder].handler(event, Context(folder, self.seconds))
        return answer, self.seconds.now - began


# The table


def hung_table(effort: Effort) -> Iterator[HungCase]:
    """Every operation that asks the table, with a table that hangs from the first, second, ... call on.

    It hangs before it has made a call, or after: what was written then is there, and nobody was told.
    """
    story = Story()
    for request in effort.spread(valid_requests(story)):
        story.rewind()
        usual = request.call(story.app, request.claims)
        story.wait_for_reads()
        wrote, calls = _written(story), [call.method for call in story.calls]
        for nth, method in enumerate(calls):
            for makes in (False, True) if method in WRITES else (False,):
                yield _hang_table(story, request, nth, makes=makes, usual=usual, wrote=wrote)


# A row of a batch that could not be carried out says so for itself.
ROW_REFUSED = "temporarily-unavailable"


def _written(story: Story) -> Counter[tuple[str, str]]:
    """What is stored otherwise than the story has it, by kind of item: ids differ from run to run."""
    return Counter((pk.partition("#")[0], sk.partition("#")[0]) for pk, sk in story.changed)


def _hang_table(
    story: Story, request: ValidRequest, nth: int, *, makes: bool, usual: Response, wrote: Counter[tuple[str, str]]
) -> HungCase:
    story.rewind()
    patient = Patient(story.app)
    hang = lambda: patient.seconds.sleep(TABLE_HANGS)  # noqa: E731 - of this clock
    if makes:
        story.table.faults.hang_after("*", hang, skip=nth)
    story.table.faults.hang("*", hang, skip=nth, times=10_000)
    folder, event = request.event(story.app, request.claims)
    where = f"from call {nth} on{', which is made' if makes else ''}"
    try:
        answer, took = patient.call(folder, event)
    except ReadTimeoutError:
        return HungCase(request.name, where, ("the time-out went through",))
    finally:
        patient.restore()
    faults = []
    status, missing = answer["statusCode"], wrote - _written(story)
    if status == BUSY and int(answer["headers"].get("Retry-After", 0)) < 1:
        faults.append("no Retry-After")
    elif status not in {BUSY, usual.status}:
        faults.append(f"answered {status}, and {usual.status} as a rule")
    elif status != BUSY and missing and not _is_excused(request, answer["body"]):
        faults.append(f"answered {status}, and not stored: {dict(missing)}")
    if took >= timeout_of(folder):
        faults.append(f"answered after {took:g} seconds")
    faults += broken_of(Stored.of(story.table.items, story.app.clock.now))
    return HungCase(request.name, where, tuple(faults))


def _is_excused(request: ValidRequest, text: str) -> bool:
    """Whether a success may go without something that is stored as a rule: a mark that a link was opened; a row."""
    return request.operation.method in {"GET", "HEAD"} or ROW_REFUSED in text


# SES


class HungSes:
    """SES, which does not answer while it hangs: before it has taken a mail, or after."""

    def __init__(self, app: App, seconds: Seconds, *, takes: bool) -> None:
        self._app, self._seconds, self._takes = app, seconds, takes
        self.hangs, self.calls = True, 0
        # The mails that it has taken without an answer.
        self.unanswered: list[SentMail] = []

    def send_email(self, **request: Any) -> dict[str, str]:
        """As SES's."""
        self.calls += 1
        if not self.hangs:
            return self._app.ses.send_email(**request)
        if self._takes:
            self._app.ses.send_email(**request)
            self.unanswered.append(self._app.mailbox[-1])
        self._seconds.sleep(SES_HANGS)
        raise ReadTimeoutError(endpoint_url="https://email.example")


def hung_ses(effort: Effort) -> Iterator[HungCase]:
    """Every operation that mails follow from, and an invitation of as many as there can be."""
    story = Story()
    for request in effort.spread(valid_requests(story)):
        for takes in (False, True):
            if case := _hang_ses(story, request, takes=takes):
                yield case
    account = BJORK.account
    assert account is not None
    body = account.body(BJORK)
    more = [
        {"name": f"Person {number}", "email": f"p{number}@bjork-brown.example", "role": "administrator"}
        for number in range(MOST_RECIPIENTS - len(body["users"]))
    ]
    body = {**body, "users": [*body["users"], *more]}
    crowded = Story(extra={f"/platform/accounts/{account.id}": body})
    for request in valid_requests(crowded):
        if request.operation.name == "resendInvitation":
            case = _hang_ses(crowded, request, takes=False)
            assert case is not None
            yield replace(case, operation=f"{request.name} to {MOST_RECIPIENTS}")


def _hang_ses(story: Story, request: ValidRequest, *, takes: bool) -> HungCase | None:
    """None where no mail follows."""
    story.rewind()
    app = story.app
    app.new_messages()
    patient = Patient(app)
    ses = HungSes(app, patient.seconds, takes=takes)
    provider = Ses(cast("Any", ses), "collaboration@spiris.example", "mails")
    app.mailer = replace(app.mailer, provider=provider)
    before, known = len(app.mailbox), set(Stored.of(story.table.items, app.clock.now).outbox)
    faults = []
    try:
        answer, took = patient.call(*request.event(app, request.claims))
        if answer["statusCode"] >= 400 or ses.calls or took:
            faults.append(f"answered {answer['statusCode']} after {took:g} seconds and {ses.calls} mails")
        faults += _deliver_all(patient)
        new = set(Stored.of(story.table.items, app.clock.now).outbox) - known
        if not new:
            return None
        if not ses.calls:
            faults.append("nothing was sent")
        for _ in range(3):
            app.clock.pass_(minutes=2)
            faults += _tick(patient)
        ses.hangs = False
        for _ in range(12):
            app.clock.pass_(hours=1)
            faults += _tick(patient)
        faults += _sent(app, before, new, ses.unanswered)
    finally:
        patient.restore()
    return HungCase(request.name, "takes the mail" if takes else "takes none", tuple(dict.fromkeys(faults)))


def _deliver_all(patient: Patient) -> Iterator[str]:
    """Hand every message of the bus to its functions; what is wrong with how long they took."""
    app = patient.app
    while messages := app.new_messages():
        for message in messages:
            event = {"detail-type": message.name, "source": publishing.SOURCE, "detail": message.correlated_detail}
            for folder in listeners(message.name):
                yield from _in_time(patient, folder, event)


def _tick(patient: Patient) -> Iterator[str]:
    """The mail function's schedule, and what follows."""
    yield from _in_time(patient, "mail", sample("mail-every-minute"))
    yield from _deliver_all(patient)


def _in_time(patient: Patient, folder: str, event: Any) -> Iterator[str]:
    began = patient.seconds.now
    # The bus calls again, and so does the schedule.
    with suppress(PartialFailureError):
        patient.call(folder, event)
    if (took := patient.seconds.now - began) >= timeout_of(folder):
        yield f"{folder} took {took:g} seconds"


def _sent(app: App, before: int, new: set[tuple[str, str]], unanswered: Sequence[SentMail] = ()) -> Iterator[str]:
    """What is wrong with the mails that went out of these of the outbox: one each, and those nobody could know of."""
    times = Counter(map(mail_key, app.mailbox[before:]))
    times.subtract(map(mail_key, unanswered))
    stored = Stored.of(app.client.items, app.clock.now)
    for agreement, mail_id in new:
        for recipient in stored.outbox[agreement, mail_id].recipients:
            key = agreement, mail_id, recipient.key
            if times[key] != 1 or stored.mails[key] != "sent":
                yield f"{mail_id} was sent {times[key]} times with an answer and is {stored.mails[key]}"


# Secrets Manager


class HungVault:
    """Secrets Manager, which does not answer while it hangs."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self.hangs = True

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        """As Secrets Manager's."""
        if self.hangs:
            self._seconds.sleep(SECRETS_HANG)
            raise ReadTimeoutError(endpoint_url="https://secretsmanager.example")
        return {"SecretString": LinkKeys("a key of the tests").secret()}

    def process(self, app: App) -> RotatingSigner:
        """The tokens of links as a new process has them; what nobody waits for takes place at once."""
        return RotatingSigner(cast("Any", self), "arn", self._seconds, app.clock, lambda work: work())


def hung_secrets(effort: Effort) -> Iterator[HungCase]:
    """Every operation in a process that has read no keys yet; then its mails."""
    story = Story()
    for request in effort.spread(valid_requests(story)):
        story.rewind()
        usual = request.call(story.app, request.claims)
        story.rewind()
        app = story.app
        app.new_messages()
        patient = Patient(app)
        vault = HungVault(patient.seconds)
        app.signer = vault.process(app)
        before, known = len(app.mailbox), set(Stored.of(story.table.items, app.clock.now).outbox)
        try:
            answer, took = patient.call(*request.event(app, request.claims))
            story.wait_for_reads()
            if request.operation.caller is CallerClass.HOLDER:
                faults = [*_unavailable(story, answer, took)]
            else:
                same = answer["statusCode"] == usual.status and not took
                faults = [] if same else [f"answered {answer['statusCode']} after {took:g} seconds"]
            faults += _deliver_all(patient)
            new = set(Stored.of(story.table.items, app.clock.now).outbox) - known
            vault.hangs = False
            for _ in range(3):
                app.clock.pass_(minutes=20)
                faults += _tick(patient)
            faults += _sent(app, before, new)
        finally:
            patient.restore()
        yield HungCase(request.name, "in a new process", tuple(dict.fromkeys(faults)))


def _unavailable(story: Story, answer: Any, took: float) -> Iterator[str]:
    if answer["statusCode"] != BUSY or int(answer["headers"].get("Retry-After", 0)) < 1:
        yield f"answered {answer['statusCode']}"
    if took > SECRETS_HANG:
        yield f"answered after {took:g} seconds"
    if story.calls or story.changed:
        yield "the table was asked"


def hung_secrets_warm(effort: Effort) -> Iterator[HungCase]:
    """Every operation of a link's holder in a process that read the keys six minutes ago."""
    story = Story()
    holders = [each for each in valid_requests(story) if each.operation.caller is CallerClass.HOLDER]
    for request in effort.spread(holders):
        story.rewind()
        usual = request.call(story.app, None).status
        patient = Patient(story.app)
        vault = HungVault(patient.seconds)
        vault.hangs = False
        story.app.signer = vault.process(story.app)
        story.app.signer.token(story.app._signer.read(story.links[BJORK.contact.email]) or _no_link())
        patient.seconds.now += 360.0
        vault.hangs = True
        faults, waited = [], []
        try:
            for _ in range(3):
                story.rewind()
                answer, took = patient.call(*request.event(story.app, None))
                waited.append(took)
                if answer["statusCode"] != usual:
                    faults.append(f"answered {answer['statusCode']}")
        finally:
            patient.restore()
        if sum(waited) > SECRETS_HANG:
            faults.append(f"answered after {waited} seconds")
        yield HungCase(request.name, "with keys", tuple(faults))


def _no_link() -> Any:
    raise AssertionError("the link cannot be read")
