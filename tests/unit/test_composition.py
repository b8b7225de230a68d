"""Where the parts are put together: secrets, SES, DynamoDB's failures, and what is logged of a surprise."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from collaboration.composition import PublishError, RotatingSigner, new_id
from collaboration.domain.decisions.mail_retry import Refusal
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import AgreementId, Email
from collaboration.http.contract.docs import SHOW_HEALTH
from collaboration.http.dispatch import Api
from collaboration.link_tokens import TokenClaims
from collaboration.mailing.outbox import RenderedMail, SendError
from collaboration.mailing.ses import Ses, from_header, tag_text, tag_value
from collaboration.publishing import Message, publish_messages
from collaboration.services import Services, retry_on_conflict
from collaboration.storage.keys import Key
from collaboration.storage.table import ConflictError, Table, TableUnavailableError
from collaboration.telemetry import Level
from support.app import FakeLog, FakeMetrics
from support.memory import Exceptions
from support.samples import sample
from support.ses import FakeSesClient
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from collaboration.http.response import Response
    from mypy_boto3_sesv2 import SESV2Client

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Vault:
    """Secrets Manager, counting."""

    def __init__(self) -> None:
        self.asked = 0
        self.current = "one"
        self.fault: Exception | None = None

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        """The keys as they are now."""
        self.asked += 1
        if self.fault:
            raise self.fault
        return {"SecretString": f'{{"current": "{self.current}", "previous": ""}}'}


def test_keys_are_asked_for_once_and_again_after_a_minute() -> None:
    """A rotated key is known everywhere before long; links of the old one are read by whoever has it still."""
    vault, seconds = Vault(), [0.0]
    links = RotatingSigner(vault, "arn", lambda: seconds[0], lambda: NOW)  # type: ignore[arg-type]
    holder = TokenClaims(AgreementId("a"), "r1", 1)
    token = links.token(holder)
    assert (links.read(token), vault.asked) == (holder, 1)
    vault.current = "two"
    seconds[0] = 59.0
    assert links.token(holder) == token
    seconds[0] = 61.0
    assert links.token(holder) != token
    assert vault.asked == 2


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue"),
        EndpointConnectionError(endpoint_url="https://secretsmanager.example"),
        ValueError("no JSON"),
    ],
)
def test_links_outlive_secrets_manager(fault: Exception) -> None:
    """The keys in memory go on; one call waits for the reading that fails, later ones leave it to the background."""
    vault, seconds = Vault(), [0.0]
    waiting: list[Callable[[], None]] = []
    links = RotatingSigner(vault, "arn", lambda: seconds[0], lambda: NOW, waiting.append)  # type: ignore[arg-type]
    holder = TokenClaims(AgreementId("a"), "r1", 1)
    token = links.token(holder)
    vault.fault = fault
    seconds[0] = 301.0
    assert (links.read(token), vault.asked, waiting) == (holder, 2, [])
    seconds[0] = 305.0
    assert (links.read(token), vault.asked, waiting) == (holder, 2, [])
    seconds[0] = 312.0
    for _ in range(3):
        assert (links.read(token), vault.asked) == (holder, 2)
    assert len(waiting) == 1
    waiting.pop()()
    assert (links.read(token), vault.asked, waiting) == (holder, 3, [])
    vault.fault, vault.current = None, "two"
    seconds[0] = 323.0
    assert links.token(holder) == token
    waiting.pop()()
    assert links.token(holder) != token
    assert (links.read(token), vault.asked) == (None, 4)


def test_without_any_key_no_link_is_made() -> None:
    """Secrets Manager has never answered: that is said, and not hidden."""
    vault = Vault()
    vault.fault = EndpointConnectionError(endpoint_url="https://secretsmanager.example")
    with pytest.raises(EndpointConnectionError):
        RotatingSigner(vault, "arn", lambda: 0.0, lambda: NOW).read("v1.x")  # type: ignore[arg-type]


MAIL = RenderedMail(
    kind="declined",
    sender_name="Spiris",
    subject="Björk har svarat",
    text="Hej!",
    html="<p>Hej!</p>",
    reply_to=None,
    headers={"Auto-Submitted": "auto-generated"},
)
TO = Email("bo@ek-lind.example")
TAGS = {"agreement": "a", "mail": "decision", "recipient": "e-anna.ek"}


def ses_of(client: FakeSesClient) -> Ses:
    """SES behind a fake client."""
    return Ses(cast("SESV2Client", client), "no-reply@spiris.example", "set")


def test_a_mail_is_marked_so_that_its_fate_can_be_told() -> None:
    """One reader, tags in SES's alphabet, and a header that keeps machines from answering."""
    client = FakeSesClient()
    assert ses_of(client).send(MAIL, TO, TAGS) == "message-1"
    [sent] = client.sent
    assert (sent.to, sent.source, sent.reply_to) == ("bo@ek-lind.example", "Spiris", None)
    assert sent.tags == {"agreement": "a", "mail": "decision", "recipient": "e-anna_2Eek", "kind": "declined"}
    assert sent.headers == {"Auto-Submitted": "auto-generated"}


def test_an_answer_goes_to_who_reads_it() -> None:
    """`Reply-To` is an argument of SES's own."""
    client = FakeSesClient()
    ses_of(client).send(replace(MAIL, reply_to=Email("kontakt@ek-lind.example")), TO, TAGS)
    assert client.sent[0].reply_to == "kontakt@ek-lind.example"


@pytest.mark.parametrize("text", ["anna.ek", "a_b", "_2E", "Åsa", "invitation-1", "x" * 64])
def test_a_tag_is_read_as_it_was_written(text: str) -> None:
    """Whatever an id holds: SES takes letters, digits, `_` and `-` only."""
    assert re.fullmatch(r"[A-Za-z0-9_-]+", tag_value(text))
    assert tag_text(tag_value(text)) == text


@pytest.mark.parametrize("name", ["x" * 200, "Ö" * 200, "\U0001f600" * 200, 'A "quoted", name\\' * 20, "Ek & Lind"])
def test_a_sender_of_any_length_is_one_that_ses_takes(name: str) -> None:
    """ASCII, at most 320 characters, encoded words of at most 75, and the name read back is the name, or its start."""
    header = from_header(f"{name} via Spiris", "no-reply@spiris.example")
    assert header.isascii()
    assert len(header) <= 320
    assert "\n" not in header
    assert all(len(word) <= 75 for word in header.split() if word.startswith("=?"))
    shown, address = parseaddr(header)
    read = str(make_header(decode_header(shown)))
    assert address == "no-reply@spiris.example"
    assert f"{name} via Spiris".startswith(read.removesuffix("…"))


def test_a_subject_fits_a_header() -> None:
    """A header is a line of at most 998 bytes; encoded, a subject grows."""
    client = FakeSesClient()
    ses_of(client).send(replace(MAIL, subject="Ö" * 500), TO, TAGS)
    data = client.sent[0].subject
    assert data.endswith("…")
    assert len(b64encode(data.encode())) < 998 - len("Subject: =?UTF-8?B??=")


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException"}}, "SendEmail"),
        EndpointConnectionError(endpoint_url="https://ses.example"),
    ],
)
def test_a_mail_that_is_not_taken_is_tried_later(fault: Exception) -> None:
    """Throttled or out of reach: an outcome, without the address in it."""
    client = FakeSesClient()
    client.refusing = fault
    with pytest.raises(SendError) as refused:
        ses_of(client).send(MAIL, TO, TAGS)
    assert "@" not in str(refused.value)


def refused(code: str, message: str = "") -> ClientError:
    """What SES says when it takes no mail."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (refused("TooManyRequestsException"), Refusal.THROTTLED),
        (refused("LimitExceededException"), Refusal.THROTTLED),
        (refused("InternalServiceErrorException"), Refusal.UNAVAILABLE),
        (refused("ServiceUnavailable"), Refusal.UNAVAILABLE),
        (ReadTimeoutError(endpoint_url="https://ses.example"), Refusal.UNAVAILABLE),
        (EndpointConnectionError(endpoint_url="https://ses.example"), Refusal.UNAVAILABLE),
        (refused("SendingPausedException"), Refusal.SUSPENDED),
        (refused("AccountSuspendedException"), Refusal.SUSPENDED),
        (refused("MailFromDomainNotVerifiedException"), Refusal.SUSPENDED),
        (refused("MessageRejected", "Email address is not verified: a@b.example"), Refusal.SUSPENDED),
        (refused("MessageRejected", "Message contains a virus"), Refusal.REJECTED),
        (refused("BadRequestException", "Illegal address"), Refusal.REJECTED),
    ],
)
def test_refusals_are_told_apart(fault: Exception, refusal: Refusal) -> None:
    """Put off, put off with an alarm, or failed at once; whatever SES writes goes nowhere."""
    client = FakeSesClient()
    client.refusing = fault
    with pytest.raises(SendError) as error:
        ses_of(client).send(MAIL, TO, TAGS)
    assert error.value.refusal is refusal
    assert str(error.value) == refusal


class Broken:
    """A client that raises."""

    exceptions = Exceptions

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def __getattr__(self, _: str) -> Any:
        def fail(**_: Any) -> None:
            raise self._fault

        return fail


def cancelled(*codes: str) -> Exception:
    """A transaction cancelled for these reasons."""
    reasons = [{"Code": code} for code in codes]
    return Exceptions.TransactionCanceledException({"CancellationReasons": reasons}, "TransactWriteItems")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (cancelled("None", "ConditionalCheckFailed"), ConflictError),
        (cancelled("TransactionConflict"), ConflictError),
        (cancelled("ThrottlingError"), TableUnavailableError),
        (cancelled("None", "ProvisionedThroughputExceeded"), TableUnavailableError),
        (cancelled("ThrottlingError", "ConditionalCheckFailed"), TableUnavailableError),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "x"), TableUnavailableError),
        (ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "x"), TableUnavailableError),
        (ClientError({"Error": {"Code": "ValidationException"}}, "x"), ClientError),
        (EndpointConnectionError(endpoint_url="https://dynamodb.example"), TableUnavailableError),
    ],
)
def test_every_failure_of_the_table_has_an_outcome(fault: Exception, outcome: type[Exception]) -> None:
    """A lost race, a table that does not answer, or a fault of ours; nobody branches on texts."""
    with pytest.raises(outcome):
        Table(Broken(fault), "t").write([])  # type: ignore[arg-type]


def test_an_update_that_lost_says_so() -> None:
    """By a condition, or by somebody's transaction on the same item."""
    for fault in (Exceptions.ConditionalCheckFailedException, Exceptions.TransactionConflictException):
        table = Table(Broken(fault({"Error": {"Code": "x"}}, "UpdateItem")), "t")  # type: ignore[arg-type]
        with pytest.raises(ConflictError):
            table.update(Key("a", "b"), "SET #a = :a", {"#a": "a"}, {":a": {"S": "x"}}, "attribute_exists(#a)")


def test_who_loses_five_times_is_told_to_come_back() -> None:
    """A crowd is no reason to go on for ever."""
    tries: list[datetime] = []

    def lose(now: datetime) -> None:
        tries.append(now)
        raise ConflictError

    with pytest.raises(RefusedError, match="temporarily-unavailable"):
        retry_on_conflict(lose, Services(lambda: Table(None, "t"), lambda: NOW, lambda: "id"))  # type: ignore[arg-type]
    assert len(tries) == 5


@pytest.mark.parametrize(
    ("fault", "message"), [(ValueError("anna@x.se"), "unexpected"), (TableUnavailableError("x"), "table")]
)
def test_a_surprise_is_answered_and_logged_without_what_was_sent(fault: Exception, message: str) -> None:
    """503 with Retry-After; the log has the operation, the kind of fault and its place, and nothing of the caller's."""
    log, metrics = FakeLog(fails=False), FakeMetrics([])
    services = Services(lambda: Table(Broken(fault), "t"), lambda: NOW, lambda: "id")  # type: ignore[arg-type]
    api = Api(lambda: SimpleNamespace(services=services, log=log, metrics=metrics))

    def fail(*_: Any) -> Response:
        raise fault

    api.on(SHOW_HEALTH)(fail)
    answer = api(sample("docs-health"), None)
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "2")
    line = log.lines[0]
    assert (line.level, line.message.split()[0]) == (Level.ERROR, message)
    assert line.facts["operation"] == "showHealth"
    assert {line.facts["correlation_id"] for line in log.lines} == {answer["headers"]["X-Request-Id"]}
    assert line.facts["correlation_id"] == answer["headers"]["X-Request-Id"] != ""
    assert "@" not in str(log.lines) + answer["body"]


def test_the_bus_says_what_it_did_not_take() -> None:
    """By place, over batches of ten."""

    class Bus:
        """Refuses every third entry."""

        def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
            assert len(Entries) <= 10
            return {"Entries": [{"ErrorCode": "x"} if "-2" in entry["Detail"] else {} for entry in Entries]}

    messages = [Message("Thing", {"id": f"n{number}-{number % 3}"}) for number in range(23)]
    bus: Any = Bus()
    assert publish_messages(bus, "b", messages) == [number for number in range(23) if number % 3 == 2]
    assert issubclass(PublishError, Exception)


def test_ids_are_long_and_readable() -> None:
    """120 bits in letters and digits of one case."""
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(name) == 24 and name.isalnum() and name == name.lower() for name in made)


PREPARED = """
import json, socket, sys
def refuse(*_): raise AssertionError("a connection before the snapshot")
socket.socket.connect = socket.getaddrinfo = refuse
from collaboration import composition
app = composition.app()
print(json.dumps({
    "table": app.services._table is not None,
    "signer": "signer" in vars(app),
    "keys": "signer" in vars(app) and app.signer._keys is not None,
    "publisher": "publisher" in vars(app),
    "rendering": "collaboration.mailing.rendering" in sys.modules,
}))
"""
MAIL_SETTINGS = {
    "TABLE_NAME": "table",
    "LINK_SECRET_ARN": "arn",
    "PUBLIC_URL": "https://api.example/v1",
    "MAIL_SENDER": "collaboration@spiris.example",
    "MAIL_CONFIGURATION_SET": "mails",
    "MAILS_PER_SECOND": "14",
}


def fresh_process(**environment: str) -> dict[str, bool]:
    """What a process with this environment has made once it has imported the composition."""
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", PREPARED],
        env={
            "PYTHONPATH": str(PROJECT / "shared"),
            "CLOCK_OFFSET_SECONDS": "0",
            "AWS_DEFAULT_REGION": "eu-north-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    made: dict[str, bool] = json.loads(done.stdout)
    return made


def test_a_snapshot_holds_what_a_function_works_with_and_no_secret() -> None:
    """Clients are made and libraries imported; nothing was asked of AWS, and the links' keys are not in it."""
    snapshot = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    made = {"table": True, "signer": True, "keys": False, "publisher": False, "rendering": True}
    assert fresh_process(**snapshot, **MAIL_SETTINGS) == made
    nothing = dict.fromkeys(made, False)
    assert fresh_process(**snapshot, EVENT_BUS_NAME="bus") == {**nothing, "publisher": True}
    assert fresh_process(**snapshot) == nothing


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency"])
def test_in_lambda_each_part_is_made_before_the_first_request(kind: str) -> None:
    """A request has only a share of a processor."""
    made = fresh_process(AWS_LAMBDA_INITIALIZATION_TYPE=kind, **MAIL_SETTINGS)
    assert made == {"table": True, "signer": True, "keys": False, "publisher": False, "rendering": True}


def test_outside_of_lambda_each_part_is_made_on_first_use() -> None:
    """Who uses one pays for it."""
    assert not any(fresh_process(**MAIL_SETTINGS).values())
