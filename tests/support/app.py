"""The application in one process: the real handlers over a table made from template.yaml, with a clock that tests set.

What the stream and the bus do on AWS happens here when a test says so: `drain_events` hands every new record of the
table's stream to the functions that the template's rules name.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from collaboration import composition, invocation, publishing
from collaboration.http.contract.operations import OPERATIONS
from collaboration.link_tokens import TokenClaims, TokenSigner
from collaboration.logins import UserPool
from collaboration.mailing.outbox import MailContext
from collaboration.mailing.pace import Pace
from collaboration.mailing.rendering import Addresses, render
from collaboration.mailing.ses import Ses
from collaboration.services import Services
from collaboration.storage.table import Table
from collaboration.telemetry import MORE_DIMENSIONS

from support.cognito import FakeCognitoClient
from support.described import check_answer, check_event, check_references
from support.engines import Engine, memory_engine
from support.permissions import GET_SECRET, PUT_EVENTS, Permissions, PermittedClient, PermittedSesClient, permitted
from support.samples import sample
from support.ses import FakeSesClient, throttled
from support.template import PROJECT, listeners

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from collaboration.telemetry import Level, Metric
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_sesv2 import SESV2Client

    from support.ses import SentMail


ROOT = "https://api.example/v1"

# What Lambda takes of a function as its answer, in bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_ANSWER = 6_291_556

# A tenth of what EventBridge takes of the ten entries of a call together, in bytes: it fits whatever the others are.
LARGEST_MESSAGE = 256 * 1024 // 10


@dataclass(frozen=True)
class Response:
    """An answer of a handler."""

    status: int
    headers: dict[str, str]
    text: str
    path: str

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.text)

    @property
    def slug(self) -> str:
        """The reason, of a problem document; where there is none, the test fails with the whole answer."""
        assert self.headers["Content-Type"] == "application/problem+json", (self.status, self.text)
        return str(self.json["type"].rpartition("/")[2])

    @property
    def location(self) -> str:
        """The path that `Location` points to."""
        return self.resolved(self.headers["Location"])

    def resolved(self, reference: str) -> str:
        """A relative reference resolved against the request's URL, as a path below the API's root."""
        return urljoin(ROOT + self.path, reference).removeprefix(ROOT)


@dataclass
class Clock:
    """A clock that moves when told to, and a millisecond per look: no two decisions fall together."""

    now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def pass_(self, **spans: float) -> None:
        """Let time pass."""
        self.now += timedelta(**spans)


class App:
    """A `composition.App` of fakes over a table, and the handlers that work with it once it is made."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Become the process's App, over the engine's table: one in memory, unless another is given."""
        engine = engine or memory_engine()
        self.clock = Clock()
        self.client, self.table_name = engine.client, engine.table_name
        self._stream = engine.stream
        ids = itertools.count(1)
        self.permissions = Permissions()
        client: Any = PermittedClient(self.client, self.permissions)
        self.services = Services(lambda: Table(client, self.table_name), self.clock, lambda: f"id{next(ids):05d}abcdef")
        self.ses = FakeSesClient()
        self.mailbox = self.ses.sent
        self.pending_messages: list[publishing.Message] = []
        self.drift: list[float] = []
        self._signer: composition.Signer = TokenSigner(b"a key of the tests")
        self.publisher: composition.Publisher = FakePublisher(self.pending_messages, self.permissions)
        self.digests_sent = 0
        self.metrics = FakeMetrics(self.drift)
        self.log = FakeLog()
        self.mailer = MailContext(
            services=self.services,
            provider=Ses(
                cast("SESV2Client", PermittedSesClient(self.ses, self.permissions)),
                "collaboration@spiris.example",
                "mails",
            ),
            render=partial(render, addresses=Addresses(ROOT, self._token)),
            # As many as there are looks at the clock: no test waits for its turn.
            pace=Pace(self.services, 1000),
            metrics=self.metrics,
            log=self.log,
        )
        self.cognito = FakeCognitoClient(self.permissions)
        self.user_pool = UserPool(cast("CognitoIdentityProviderClient", self.cognito), "pool")
        self.demands_second_factor = True
        self.functions = permitted(functions(), self.permissions)
        self._folders = {operation.route: operation.function for operation in OPERATIONS}
        composition.use(self)

    def _token(self, claims: TokenClaims) -> str:
        """By the signer that is there when a mail is written: a test may put another in its place."""
        return self.signer.token(claims)

    @property
    def signer(self) -> composition.Signer:
        """Makes and reads the tokens of links, with the keys of the secret."""
        self.permissions.use(GET_SECRET)
        return self._signer

    @signer.setter
    def signer(self, signer: composition.Signer) -> None:
        self._signer = signer

    # Asking

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        claims: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        raw: str | None = None,
        form: dict[str, str] | None = None,
    ) -> Response:
        """Call the operation behind a path below the API's root, as the gateway would."""
        folder, event = self.event(method, url, body, claims=claims, headers=headers, raw=raw, form=form)
        return self.invoke(folder, event)

    def event(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        claims: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        raw: str | None = None,
        form: dict[str, str] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """The function that the gateway calls for a request, and the event that it hands over."""
        parts = urlsplit(url)
        route, parameters = self._route(method, parts.path)
        event = sample("docs-health")
        sent = {**event["headers"], **(headers or {})}
        if body is not None:
            raw = json.dumps(body)
        if form is not None:
            raw = urlencode(form)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif raw is not None:
            sent.setdefault("Content-Type", "application/json")
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query.setdefault(name, []).append(value)
        event |= {
            "httpMethod": method,
            "resource": route,
            "path": parts.path,
            "headers": sent,
            "pathParameters": parameters or None,
            "multiValueQueryStringParameters": query or None,
            "body": raw,
        }
        event["requestContext"]["path"] = f"/v1{parts.path}"
        if claims is not None:
            event["requestContext"]["authorizer"] = {"claims": {"token_use": "id", **claims}}
        return self._folders[method, route], event

    def invoke(self, folder: str, event: dict[str, Any]) -> Response:
        """Hand an event of the gateway to a function, whose answer is no larger than Lambda takes."""
        answer = self.functions[folder].handler(event, None)
        # As Python's runtime writes it from 3.12 on: the body is a text within JSON, and its letters are as they are.
        size = len(json.dumps(answer, ensure_ascii=False).encode())
        assert size <= LARGEST_ANSWER, (event["httpMethod"], event["path"], size)
        check_answer(event["httpMethod"], event["resource"], answer["statusCode"], answer["headers"], answer["body"])
        check_references(event["path"], answer["headers"], answer["body"])
        return Response(answer["statusCode"], answer["headers"], answer["body"], event["path"])

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        asked = path.split("/")
        best: tuple[int, str, dict[str, str]] | None = None
        for operation in OPERATIONS:
            pieces = operation.path.split("/")
            if operation.method != method or len(pieces) != len(asked):
                continue
            pairs = list(zip(pieces, asked, strict=True))
            if all(piece.startswith("{") or piece == given for piece, given in pairs):
                found = {piece.strip("{}"): given for piece, given in pairs if piece.startswith("{")}
                if best is None or len(found) < best[0]:
                    best = (len(found), operation.path, found)
        assert best is not None, f"no operation is {method} {path}"
        return best[1], best[2]

    @property
    def refusing_mail(self) -> bool:
        """Whether SES refuses every mail, since too many come at once."""
        return self.ses.refusing is not None

    @refusing_mail.setter
    def refusing_mail(self, refusing: bool) -> None:
        self.ses.refusing = throttled() if refusing else None

    def pool(self, pool_id: str) -> UserPool:
        """The one pool there is."""
        assert pool_id == "eu-north-1_pool"
        return self.user_pool

    # What follows a commit

    def drain_events(self) -> None:
        """Let everything happen that follows what was committed: events, mails, access."""
        while True:
            self.pending_messages += self.new_messages()
            if not self.pending_messages:
                return
            self.deliver(self.pending_messages.pop(0))

    def new_messages(self) -> list[publishing.Message]:
        """What the stream has to tell the bus since somebody last asked."""
        found = [message for record in self._stream.new() for message in publishing.messages(record)]
        for message in found:
            check_event(message)
            assert len(json.dumps(message.correlated_detail)) < LARGEST_MESSAGE, message.name
        return found

    def deliver(self, message: publishing.Message) -> None:
        """Hand a message of the bus to whoever the template's rules name."""
        event = {"detail-type": message.name, "source": publishing.SOURCE, "detail": message.correlated_detail}
        for folder in listeners(message.name):
            self.functions[folder].handler(event, None)

    def audit_access(self) -> None:
        """Run the access function's nightly schedule, and all that follows."""
        self.functions["access"].handler(sample("access-every-night"), None)
        self.drain_events()

    def clean_up(self) -> dict[str, int]:
        """Run the schedule's clean-up; what it counted, without the zeros. Digests come on top: `digests_sent`."""
        counts: dict[str, int] = self.functions["cleanup"].handler(sample("cleanup-every-quarter"), None)
        self.digests_sent = counts.pop("digests")
        return {name: count for name, count in counts.items() if count}

    def send_due_mail(self) -> int:
        """Run the mail function's schedule."""
        sent: int = self.functions["mail"].handler(sample("mail-every-minute"), None)["sent"]
        return sent

    def mails(self, to: str) -> list[SentMail]:
        """The mails to an address, oldest first."""
        return [mail for mail in self.mailbox if mail.to == to]


class FakeLog:
    """Keeps the lines of the log, and fails the test on what breaks unexpectedly: outside that is a 503."""

    def __init__(self, *, fails: bool = True) -> None:
        self.lines: list[LogLine] = []
        self._fails = fails

    def write(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """Take a line."""
        assert not self._fails or message != "unexpected", facts
        call = invocation.current()
        said = {"correlation_id": call.correlation_id, "operation": call.operation, **facts}
        self.lines.append(LogLine(level, message, said))

    def said(self, *messages: str) -> list[LogLine]:
        """The lines with these messages, oldest first."""
        return [line for line in self.lines if line.message in messages]


@dataclass(frozen=True)
class LogLine:
    """A line of the log: its level, what it says, and the facts beside that."""

    level: Level
    message: str
    facts: Mapping[str, Any]


class FakeMetrics:
    """Keeps what is recorded."""

    def __init__(self, drift: list[float]) -> None:
        self._values: dict[str, list[float]] = {"Drift": drift}

    def record(self, metric: Metric, value: float, dimension: str | None = None) -> None:
        """Take a metric's value; with a further dimension also under the two names with a dot between."""
        assert (metric in MORE_DIMENSIONS) == (dimension is not None), metric
        self._values.setdefault(metric, []).append(value)
        if dimension is not None:
            self._values.setdefault(f"{metric}.{dimension}", []).append(value)

    def counted(self, name: str) -> list[float]:
        """The values of a metric, oldest first."""
        return self._values.get(name, [])


class FakePublisher:
    """Keeps messages until a test delivers them."""

    def __init__(self, pending: list[publishing.Message], permissions: Permissions) -> None:
        self._pending, self._permissions = pending, permissions

    def publish(self, messages: Sequence[publishing.Message]) -> None:
        """Take messages, correlated with the call that is being handled."""
        self._permissions.use(PUT_EVENTS)
        now = invocation.current().correlation_id
        correlated = [replace(message, correlation_id=message.correlation_id or now) for message in messages]
        sizes = {message.name: len(json.dumps(message.correlated_detail)) for message in correlated}
        assert not sizes or max(sizes.values()) < LARGEST_MESSAGE, sizes
        self._pending += correlated

    def publish_records(self, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Take the messages of stream records."""
        self.publish([message for record in records for message in publishing.messages(record)])
        return []


@lru_cache(maxsize=1)
def functions() -> Mapping[str, ModuleType]:
    """The module of every function by its folder, loaded once: each asks `composition.app()` what to work with."""
    return {path.parent.name: _loaded(path) for path in sorted(PROJECT.glob("functions/*/app.py"))}


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"function_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
