"""Every alarm of template.yaml goes off for the fault it is there for, and is silent without it.

Faults are injected below the real handlers. What those write in the embedded metric format is read from their output.
What AWS itself measures (`AWS/...`) cannot be emitted here: the call that makes AWS measure it is made, and the
datapoint is the documented one, with the namespace, name and dimensions that the alarm has to name. Lambda's throttles
have no call behind them, since it is Lambda that refuses: of them the definition alone is shown.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from collaboration.composition import EmbeddedMetrics, EventBridgePublisher
from collaboration.settings import TelemetrySettings
from stack.versions import ALIAS
from support.alarms import STACK, STAGE, WITHOUT_NEW_VERSION_ALARM, Datapoint, alarms, embedded, resolved
from support.app import App, FakeLog
from support.cognito import PoolUser
from support.people import ALMBERG, BJORK, DAHL, Office
from support.samples import sample
from support.ses import throttled, unverified
from support.template import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALARMS = alarms()
RESOURCES = template()["Resources"]
FUNCTIONS = {
    resource["Properties"]["CodeUri"].split("/")[1]: name
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::Serverless::Function"
}
QUEUES = {
    folder: RESOURCES[name]["Properties"]["DeadLetterQueue"]["TargetArn"]["GetAtt"].partition(".")[0]
    for folder, name in FUNCTIONS.items()
    if "DeadLetterQueue" in RESOURCES[name]["Properties"]
}
# A call that each function that nobody waits for would be given, and the call of a client that fails in it.
SCHEDULES = {
    "mail": "mail-every-minute",
    "access": "access-every-night",
    "cleanup": "cleanup-every-quarter",
    "purge_logins": "purge_logins-every-night",
}
# Lambda calls an asynchronous function again twice: after a minute, then after two; in seconds before each attempt.
RETRY_DELAYS = (0, 60, 120)
ATTEMPTS = len(RETRY_DELAYS)
# Until CloudWatch has what Lambda measured of a call that is over.
METRIC_DELAY_MINUTES = 2
# A refused sign-up is an error for Lambda too, and no fault: only many are.
MANY_SIGN_UPS = 21


class Bus:
    """EventBridge that takes nothing."""

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - as the SDK names it
        """Refuse every entry."""
        return {"Entries": [{"ErrorCode": "ThrottlingException"} for _ in Entries]}


class Watched:
    """The application with its real metrics, and all that CloudWatch has by now."""

    def __init__(self, app: App, office: Office, capsys: pytest.CaptureFixture[str]) -> None:
        self.app, self.office = app, office
        self.data: list[Datapoint] = []
        # Whether a part of the calls goes to a new version: Lambda counts by version then.
        self.deploying = False
        self._capsys = capsys
        app.drain_events()
        app.log = FakeLog(fails=False)
        metrics = EmbeddedMetrics(TelemetrySettings.of({"POWERTOOLS_SERVICE_NAME": STACK, "STAGE": STAGE}))
        app.metrics = metrics  # type: ignore[assignment]
        app.mailer = replace(app.mailer, metrics=metrics, log=app.log)

    def collect(self) -> None:
        """Take what was written since, as of now."""
        self.data += embedded(self._capsys.readouterr().out, self.app.clock.now)

    def measure(self, namespace: str, metric: str, value: float = 1, **dimensions: str) -> None:
        """What AWS measures by itself."""
        self.data.append(Datapoint(namespace, metric, dimensions, self.app.clock.now, value))

    def call(self, folder: str, event: Any) -> Any:
        """A call as Lambda makes it, with what it measures of each; None when it ended in an error."""
        began, answer, errors = self.app.clock.now, None, 0
        try:
            answer = self.app.functions[folder].handler(event, None)
        except Exception:  # noqa: BLE001 - whatever leaves the handler is an error for Lambda
            errors = 1
        function = FUNCTIONS[folder]
        self.measure("AWS/Lambda", "Errors", errors, FunctionName=function)
        if self.deploying:
            version = {"Resource": f"{function}:{ALIAS}", "ExecutedVersion": function}
            self.measure("AWS/Lambda", "Errors", errors, FunctionName=function, **version)
        self.measure("AWS/Lambda", "Throttles", 0, FunctionName=function)
        took = (self.app.clock.now - began).total_seconds() * 1000
        self.measure("AWS/Lambda", "Duration", took, FunctionName=function)
        if isinstance(answer, dict) and "statusCode" in answer:
            self.measure("AWS/ApiGateway", "5XXError", answer["statusCode"] >= 500, ApiName=STACK, Stage="v1")
        self.collect()
        return answer

    def call_until_given_up(self, folder: str, event: Any) -> None:
        """A call, twice more after errors, and what is in the function's dead-letter queue then."""
        answers = []
        for _ in range(ATTEMPTS):
            answers.append(self.call(folder, event))
            if answers[-1] is not None:
                break
        dead = float(answers[-1] is None)
        self.measure("AWS/SQS", "ApproximateNumberOfMessagesVisible", dead, QueueName=QUEUES[folder])

    def get(self, folder: str, **change: Any) -> Any:
        """A request to a function of the API."""
        event = {**sample(REQUESTS[folder]), **change}
        return self.call(folder, event)

    def audit(self) -> None:
        """The nightly schedule, and what follows from it."""
        assert self.call("access", sample(SCHEDULES["access"])) is not None
        self.app.drain_events()
        self.collect()

    def schedule(self, *, hours: float, mails: bool = True, cleanups: bool = True) -> None:
        """Let time pass, with the runs of the schedules in it; those of the mails at a quarter of their pace."""
        for _ in range(int(hours * 4)):
            for _ in range(4):
                self.app.clock.pass_(minutes=3.75)
                if mails:
                    self.call("mail", sample(SCHEDULES["mail"]))
            if cleanups:
                self.call("cleanup", sample(SCHEDULES["cleanup"]))

    def fires(self, name: str) -> bool:
        """Whether an alarm has gone off by now."""
        self.collect()
        return ALARMS[name].fires(self.data, self.app.clock.now)


# A request that each function of the API answers.
REQUESTS = {
    "invite": "invite-list",
    "accept": "accept-look",
    "activate": "activate",
    "link": "link",
    "collaborations": "collaborations-list",
    "my": "my-requests",
    "console": "console-file",
    "directory": "directory-put-office",
    "docs": "docs-health",
}
BACKGROUND = {
    **SCHEDULES,
    "mail_events": "mail_events-bounce",
    "publish": "publish-history",
    "sign_in": "sign_in",
    "sign_up": "sign_up",
}


@pytest.fixture
def watched(app: App, office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The application, watched."""
    app.cognito.users[sample("sign_in")["userName"]] = PoolUser("CONFIRMED", app.clock.now)
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS", "0")
    monkeypatch.setenv("SIGN_IN_ENDPOINT", "https://cognito-idp.eu-north-1.amazonaws.com")
    monkeypatch.setenv("USER_POOL_ID", "eu-north-1_pool")
    monkeypatch.setenv("USER_POOL_CLIENT_ID", "client")
    return Watched(app, office, capsys)


# The faults, and the alarms that each is to set off.

FAULTS: dict[str, Callable[[Watched], None]] = {}


def sets_off(*names: str) -> Callable[[Callable[[Watched], None]], Callable[[Watched], None]]:
    """Register a fault under the alarms that it sets off."""

    def register(inject: Callable[[Watched], None]) -> Callable[[Watched], None]:
        for name in names:
            assert name not in FAULTS
            FAULTS[name] = inject
        return inject

    return register


def _function_faults() -> Iterator[tuple[str, Callable[[Watched], None]]]:
    """Of each function: errors, throttles, duration."""
    for folder, function in FUNCTIONS.items():
        base = function.removesuffix("Function")
        yield f"{base}ErrorsAlarm", lambda watched, folder=folder: fail(watched, folder)  # type: ignore[misc]
        if folder not in WITHOUT_NEW_VERSION_ALARM:
            yield f"{base}NewVersionAlarm", lambda watched, folder=folder: fail_once(watched, folder)  # type: ignore[misc]
        yield (
            f"{base}ThrottlesAlarm",
            lambda watched, function=function: watched.measure(  # type: ignore[misc]
                "AWS/Lambda", "Throttles", FunctionName=function
            ),
        )
        yield f"{base}DurationAlarm", lambda watched, folder=folder: take_long(watched, folder)  # type: ignore[misc]


def break_table(watched: Watched, error: Exception) -> None:
    """Let every call of the table fail, and of the user pool."""
    watched.app.cognito.fault = error
    for call in ("query", "batch_get_item", "transact_write_items", "get_item", "update_item"):
        watched.app.client.faults.fail(call, error, times=1000)


def fail(watched: Watched, folder: str) -> None:
    """A call that ends in an error, and its retries: the table is broken, or the event is not the gateway's."""
    if folder in REQUESTS:
        for _ in range(ATTEMPTS):
            watched.call(folder, {})
        return
    break_table(watched, ValueError("broken"))
    watched.app.publisher = EventBridgePublisher(None, "bus")  # type: ignore[arg-type]
    for _ in range(MANY_SIGN_UPS if folder == "sign_up" else ATTEMPTS):
        watched.call(folder, sample(BACKGROUND[folder]))


def fail_once(watched: Watched, folder: str) -> None:
    """One call that ends in an error, of the version that a deployment brings."""
    watched.deploying = True
    watched.call(folder, sample({**REQUESTS, **BACKGROUND}[folder]))
    assert not watched.fires(f"{FUNCTIONS[folder].removesuffix('Function')}NewVersionAlarm")
    break_table(watched, ValueError("broken"))
    watched.app.publisher = EventBridgePublisher(None, "bus")  # type: ignore[arg-type]
    watched.call(folder, {} if folder in REQUESTS else sample(BACKGROUND[folder]))


def take_long(watched: Watched, folder: str) -> None:
    """Calls in which something hangs: a person's for five seconds, others nearly until their time-out."""
    own = RESOURCES[FUNCTIONS[folder]]["Properties"].get("Timeout")
    hanging = own - 1 if own else 5
    services = watched.app.services
    begin = services.begin

    def hang(seconds: float | None) -> None:
        watched.app.clock.pass_(seconds=hanging)
        begin(seconds)

    services.begin = hang  # type: ignore[method-assign]
    name = {**REQUESTS, **BACKGROUND}[folder]
    for _ in range(3):
        watched.call(folder, sample(name))
        watched.app.clock.pass_(minutes=4, seconds=55)


for alarm_name, inject_fault in _function_faults():
    sets_off(alarm_name)(inject_fault)


@sets_off("PublishIteratorAgeAlarm")
def bus_takes_nothing(watched: Watched) -> None:
    """The bus refuses: the record is delivered again and again, and gets older."""
    watched.app.publisher = EventBridgePublisher(Bus(), "bus")  # type: ignore[arg-type]
    began = watched.app.clock.now
    for _ in range(5):
        watched.app.clock.pass_(seconds=59)
        answer = watched.call("publish", sample("publish-history"))
        assert answer["batchItemFailures"]
        age = (watched.app.clock.now - began).total_seconds() * 1000
        watched.measure("AWS/Lambda", "IteratorAge", age, FunctionName="PublishFunction")


@sets_off("PublishDeadLettersAlarm")
def bus_never_takes(watched: Watched) -> None:
    """After the stream's last retry the record goes where the source's destination says."""
    watched.app.publisher = EventBridgePublisher(Bus(), "bus")  # type: ignore[arg-type]
    source = RESOURCES["PublishFunction"]["Properties"]["Events"]["TableStream"]["Properties"]
    answers = [watched.call("publish", sample("publish-history")) for _ in range(1 + source["MaximumRetryAttempts"])]
    assert all(answer["batchItemFailures"] for answer in answers)
    queue = source["DestinationConfig"]["OnFailure"]["Destination"]["GetAtt"].partition(".")[0]
    watched.measure("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=queue)


def _dead_letters(folder: str) -> Callable[[Watched], None]:
    def inject(watched: Watched) -> None:
        break_table(watched, ValueError("broken"))
        watched.call_until_given_up(folder, sample(BACKGROUND[folder]))

    return inject


for asynchronous, dead_letters in QUEUES.items():
    # PurgeLogins has the queue of the clean-up: the same fault by another function.
    if asynchronous != "purge_logins":
        sets_off(f"{dead_letters}Alarm")(_dead_letters(asynchronous))


@sets_off("TableReadThrottlesAlarm", "TableUnavailableAlarm", "ApiErrorsAlarm")
def reads_are_throttled(watched: Watched) -> None:
    """DynamoDB refuses to read; six people are answered 503."""
    throttling = ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchGetItem")
    break_table(watched, throttling)
    for _ in range(6):
        assert watched.get("collaborations")["statusCode"] == 503
    watched.measure("AWS/DynamoDB", "ReadThrottleEvents", 6, TableName="Table")


@sets_off("ApiThrottlesAlarm")
def a_script_runs_wild(watched: Watched) -> None:
    """The gateway refuses: its log has a line for each, and the filter counts those."""
    counting = RESOURCES["ApiThrottles"]["Properties"]
    [made] = counting["MetricTransformations"]
    line = json.loads(RESOURCES["Api"]["Properties"]["AccessLogSetting"]["Format"])
    [(field, text)] = re.findall(r'^\{ \$\.(\w+) = "(\w+)" \}$', counting["FilterPattern"])
    assert line[field] == "$context.error.responseType"
    assert text in RESOURCES["Api"]["Properties"]["GatewayResponses"]
    watched.measure(resolved(made["MetricNamespace"]), made["MetricName"], 101 * float(made["MetricValue"]))


@sets_off("TableWriteThrottlesAlarm")
def writes_are_throttled(watched: Watched) -> None:
    """DynamoDB refuses to write."""
    throttling = ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems")
    watched.app.client.faults.fail("transact_write_items", throttling, times=100)
    assert watched.office.invite(ALMBERG).status == 503
    watched.measure("AWS/DynamoDB", "WriteThrottleEvents", TableName="Table")


def _index_throttles(index: str, kind: str) -> Callable[[Watched], None]:
    def inject(watched: Watched) -> None:
        watched.measure("AWS/DynamoDB", f"{kind}ThrottleEvents", TableName="Table", GlobalSecondaryIndexName=index)

    return inject


for index in ("lists", "accounts", "due"):
    for kind in ("Read", "Write"):
        sets_off(f"{index.capitalize()}{kind}ThrottlesAlarm")(_index_throttles(index, kind))


@sets_off("UnexpectedErrorsAlarm")
def code_is_wrong(watched: Watched) -> None:
    """Something that nobody foresaw is raised below the command."""
    watched.app.client.faults.fail("transact_write_items", ZeroDivisionError())
    assert watched.office.invite(ALMBERG).status == 503


@sets_off("MailFailedAlarm")
def ses_rejects(watched: Watched) -> None:
    """A mail that SES will never take."""
    watched.app.ses.refusing = ClientError({"Error": {"Code": "MessageRejected", "Message": "virus"}}, "SendEmail")
    watched.office.invited(ALMBERG)


@sets_off("MailSuspendedAlarm")
def sender_is_not_verified(watched: Watched) -> None:
    """SES takes nothing from the sender."""
    watched.app.ses.refusing = unverified()
    watched.office.invited(ALMBERG)


@sets_off("OldMailAlarm")
def ses_throttles_for_hours(watched: Watched) -> None:
    """The day's quota is used up: a mail waits, and is tried less and less often."""
    watched.app.ses.refusing = throttled()
    watched.office.invited(ALMBERG)
    watched.schedule(hours=8, cleanups=False)


@sets_off("MailRunsMissingAlarm")
def mails_are_not_looked_for(watched: Watched) -> None:
    """The schedule of the mails has stopped."""
    watched.schedule(hours=1, mails=False)


@sets_off("CleanupRunsMissingAlarm")
def clean_up_does_not_run(watched: Watched) -> None:
    """The schedule of the clean-up has stopped."""
    watched.schedule(hours=1.5, cleanups=False)


@sets_off("AuditRunsMissingAlarm")
def nights_pass_without_an_audit(watched: Watched) -> None:
    """The schedule of the audit has stopped: what else runs hides it from every other alarm."""
    watched.audit()
    watched.app.clock.pass_(hours=28)


@sets_off("PurgeRunsMissingAlarm")
def nights_pass_without_a_purge(watched: Watched) -> None:
    """The schedule of the purge has stopped, and strangers' logins stay."""
    watched.call("purge_logins", sample(SCHEDULES["purge_logins"]))
    watched.app.clock.pass_(hours=28)


@sets_off("DueWorkLagAlarm")
def clean_up_is_late(watched: Watched) -> None:
    """An invitation expires while the clean-up stands still for half a day."""
    watched.office.invited(DAHL)
    watched.app.clock.pass_(days=14, hours=12)
    watched.call("cleanup", sample(SCHEDULES["cleanup"]))


@sets_off("DueWorkAlarm")
def due_work_cannot_be_read(watched: Watched) -> None:
    """An invitation that is due is broken in the table."""
    watched.office.invited(DAHL)
    for (_, sort_key), item in watched.app.client.items.items():
        if sort_key == "INVITATION":
            item["data"] = {"S": "{}"}
    watched.app.clock.pass_(days=15)
    watched.call("cleanup", sample(SCHEDULES["cleanup"]))


@sets_off("DriftAlarm")
def grants_are_wrong(watched: Watched) -> None:
    """Somebody's access has gone from the table, by nobody's doing."""
    watched.office.collaborating(BJORK)
    grants = [key for key in watched.app.client.items if key[1].startswith("GRANT#")]
    assert grants
    for key in grants:
        del watched.app.client.items[key]
    watched.app.audit_access()


def _type_wrong_digits(watched: Watched, invitations: int, tries: int) -> None:
    customers = (ALMBERG, BJORK, DAHL)
    solutions: tuple[tuple[str, dict[str, str]], ...] = (
        ("scanner", {}),
        ("employee-payslip", {}),
        ("smart-office", {"invoiceRecipient": "office"}),
    )
    pairs = [(customer, *solution) for solution in solutions for customer in customers]
    for customer, solution, more in pairs[:invitations]:
        watched.office.invited(customer, solution, **more)
        wrong = {"decision": "accept", "organisationNumberEnding": "0000"}
        for _ in range(tries):
            watched.office.nobody.post(watched.office.link_of(customer.contact.email), wrong)


@sets_off("WrongDigitsAlarm")
def somebody_guesses(watched: Watched) -> None:
    """Five tries on each link that somebody has got hold of."""
    _type_wrong_digits(watched, invitations=6, tries=5)


@sets_off("DigitsExhaustedAlarm")
def somebody_guesses_on(watched: Watched) -> None:
    """Ten tries on each of three invitations, an hour later as well, since five lock a link for an hour."""
    _type_wrong_digits(watched, invitations=3, tries=5)
    watched.app.clock.pass_(minutes=61)
    for customer in (ALMBERG, BJORK, DAHL):
        wrong = {"decision": "accept", "organisationNumberEnding": "0000"}
        for _ in range(5):
            watched.office.nobody.post(watched.office.link_of(customer.contact.email), wrong)
    watched.call("publish", {"Records": watched.app._stream.new()})


def _reputation(event_type: str, metric: str) -> Callable[[Watched], None]:
    def inject(watched: Watched) -> None:
        """SES tells of each mail what became of it, and computes the rate of all."""
        watched.office.invited(ALMBERG)
        assert watched.office.mail_event(event_type, message_id="message-1")
        watched.measure("AWS/SES", metric, 1 / len(watched.app.mailbox))

    return inject


sets_off("BounceRateAlarm")(_reputation("Bounce", "Reputation.BounceRate"))
sets_off("ComplaintRateAlarm")(_reputation("Complaint", "Reputation.ComplaintRate"))


def test_every_alarm_has_a_fault() -> None:
    """None was never seen to go off."""
    assert set(FAULTS) == set(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_goes_off_for_its_fault(watched: Watched, name: str) -> None:
    """The fault's own alarm, by its definition in the template."""
    FAULTS[name](watched)
    watched.collect()
    assert watched.fires(name)


def test_a_mail_that_cannot_be_read_is_due_work_that_failed(watched: Watched) -> None:
    """It stops no run: the runs go on, and show how long the others wait."""
    watched.app.ses.refusing = throttled()
    watched.office.invited(ALMBERG)
    watched.office.invited(BJORK)
    broken, _ = [item for (_, sort_key), item in watched.app.client.items.items() if sort_key.startswith("OUTBOX#")]
    broken["data"] = {"S": "{}"}
    watched.schedule(hours=8, cleanups=False)
    assert watched.fires("DueWorkAlarm")
    assert watched.fires("OldMailAlarm")
    for name in ("MailRunsMissingAlarm", "MailErrorsAlarm", "MailDeadLettersAlarm"):
        assert not watched.fires(name), name


@pytest.mark.parametrize(
    ("code", "alarm"),
    [("AccessDeniedException", "UnexpectedErrorsAlarm"), ("ThrottlingException", "TableUnavailableAlarm")],
)
def test_a_sign_up_that_cannot_be_judged_sets_off_an_alarm(watched: Watched, code: str, alarm: str) -> None:
    """Far fewer fail than refusals are usual."""
    break_table(watched, ClientError({"Error": {"Code": code}}, "Query"))
    for _ in range(6):
        watched.call("sign_up", sample("sign_up"))
    assert watched.fires(alarm)
    assert not watched.fires("SignUpErrorsAlarm")


def test_a_purge_that_fails_sets_off_alarms(watched: Watched) -> None:
    """Given up on, it is in the queue of the clean-up; one login that cannot be deleted is due work that failed."""
    watched.app.cognito.users["stranger"] = PoolUser("UNCONFIRMED", watched.app.clock.now - timedelta(days=30))
    watched.app.cognito.failing = {"stranger"}
    watched.call_until_given_up("purge_logins", sample("purge_logins-every-night"))
    assert watched.fires("DueWorkAlarm")
    assert not watched.fires("CleanupDeadLettersAlarm")
    watched.app.cognito.fault = ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListUsers")
    watched.call_until_given_up("purge_logins", sample("purge_logins-every-night"))
    assert watched.fires("CleanupDeadLettersAlarm")
    assert watched.fires("PurgeLoginsErrorsAlarm")


def test_nights_without_offices_and_of_unlike_length_have_their_audit(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    """It begins where there is nothing to audit, and an hour later than the night before."""
    watched = Watched(app, Office(app), capsys)
    for hours in (24, 25, 24):
        watched.audit()
        watched.app.clock.pass_(hours=hours)
        assert not watched.fires("AuditRunsMissingAlarm")


def test_nights_without_strangers_have_their_purge(watched: Watched) -> None:
    """A run with nobody to delete is a run, also where it begins an hour later than the night before."""
    for hours in (24, 25, 24):
        assert watched.call("purge_logins", sample(SCHEDULES["purge_logins"]))["deleted"] == 0
        watched.app.clock.pass_(hours=hours)
        assert not watched.fires("PurgeRunsMissingAlarm")


@pytest.mark.parametrize("folder", QUEUES)
def test_a_call_that_times_out_with_its_retries_sets_off_its_alarm(watched: Watched, folder: str) -> None:
    """Lambda counts an error when a call is over, under the time of its begin, and waits longer before each retry."""
    function = FUNCTIONS[folder]
    lasts = RESOURCES[function]["Properties"]["Timeout"]
    for waits in RETRY_DELAYS:
        watched.app.clock.pass_(seconds=waits)
        watched.measure("AWS/Lambda", "Errors", FunctionName=function)
        watched.app.clock.pass_(seconds=lasts)
    watched.app.clock.pass_(minutes=METRIC_DELAY_MINUTES)
    assert watched.fires(f"{function.removesuffix('Function')}ErrorsAlarm")


def test_no_alarm_goes_off_when_all_is_well(watched: Watched) -> None:
    """A working day: every function is called, invitations are sent, accepted and declined, the schedules run.

    Somebody mistypes their digits, a mail is throttled once, a call fails and succeeds when it is made again.
    """
    went_off: dict[str, list[timedelta]] = defaultdict(list)
    watched.audit()
    watched.schedule(hours=1)
    began = watched.app.clock.now
    for customer, decision in ((BJORK, "accept"), (DAHL, "decline")):
        watched.office.invited(customer)
        watched.schedule(hours=0.5)
        mistyped = watched.office.decide(customer.contact.email, decision, organisationNumberEnding="0000")
        assert mistyped.status == 403
        assert watched.office.decide(customer.contact.email, decision, customer=customer).status == 200
        watched.app.drain_events()
    watched.app.audit_access()
    watched.app.ses.refusing = throttled()
    watched.office.invited(ALMBERG)
    watched.app.ses.refusing = None
    watched.app.client.faults.fail("query", ValueError("broken"))
    watched.call_until_given_up("cleanup", sample(SCHEDULES["cleanup"]))
    watched.deploying = True
    for _ in range(3):
        for folder in REQUESTS:
            assert watched.get(folder)["statusCode"] < 500
        for folder in ("mail_events", "publish", "access", "purge_logins", "sign_in", "sign_up"):
            assert watched.call(folder, sample(BACKGROUND[folder])) is not None
        watched.measure("AWS/Lambda", "IteratorAge", 500, FunctionName="PublishFunction")
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
            watched.measure("AWS/DynamoDB", metric, 0, TableName="Table")
            for index in ("lists", "accounts", "due"):
                watched.measure("AWS/DynamoDB", metric, 0, TableName="Table", GlobalSecondaryIndexName=index)
        for queue in (*QUEUES.values(), "PublishDeadLetters"):
            watched.measure("AWS/SQS", "ApproximateNumberOfMessagesVisible", 0, QueueName=queue)
        watched.measure("AWS/SES", "Reputation.BounceRate", 0.01)
        watched.measure("AWS/SES", "Reputation.ComplaintRate", 0.0001)
        for name in ALARMS:
            if watched.fires(name):
                went_off[name].append(watched.app.clock.now - began)
        watched.schedule(hours=0.25)
    assert went_off == {}
    silent = {name for name, alarm in ALARMS.items() if not any(alarm.covers(point) for point in watched.data)}
    # These have data only when something is wrong: no datapoint is the good news.
    assert silent == {
        name
        for name, alarm in ALARMS.items()
        if alarm.properties["Namespace"].startswith("Collaborations")
        and alarm.properties["TreatMissingData"] == "notBreaching"
    } - {"DriftAlarm", "OldMailAlarm", "DueWorkLagAlarm", "WrongDigitsAlarm"}
