"""Builds what the functions work with: one `App` per process, each part of it on first use, in Lambda at its start."""

import os
import secrets
import time
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from collaboration import invocation
from collaboration.services import Services
from collaboration.settings import (
    BusSettings,
    LinkSettings,
    MailSettings,
    SecondFactorSettings,
    Settings,
    TableSettings,
    TelemetrySettings,
    UserPoolSettings,
)
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import Table
from collaboration.telemetry import MORE_DIMENSIONS, NAMESPACE, SECONDS, Level, Log, Metric, Metrics

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from botocore.session import Session
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from collaboration.link_tokens import LinkKeys, TokenClaims, TokenSigner
    from collaboration.logins import UserPool
    from collaboration.mailing.outbox import MailContext
    from collaboration.publishing import Message


Read = TypeVar("Read", bound=Settings)


# Keys are read again after this many seconds: a new key is known to every process before links are signed with it
# (`link_tokens.ANNOUNCED_FOR`), and one that has leaked opens nothing any longer.
_KEYS_MAX_AGE = 60.0

# When reading them has failed, the next attempt is made after this many seconds.
_KEYS_RETRY_AFTER = 10.0


class Signer(Protocol):
    """Makes and reads the tokens of mailed links."""

    def read(self, token: str) -> "TokenClaims | None":
        """The claims of a token; None when it was not made here."""

    def token(self, claims: "TokenClaims") -> str:
        """The token that carries these claims."""


class Publisher(Protocol):
    """Puts messages on the event bus."""

    def publish(self, messages: "Sequence[Message]") -> None:
        """Put all of these on the bus.

        Raises:
            PublishError: the bus did not take some of them.
        """

    def publish_records(self, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put the messages of these stream records on the bus.

        Returns:
            The sequence numbers of the records that failed and have to be delivered again.
        """


class App(Protocol):
    """What the functions work with. Handlers ask `app()` for it; a test hands its own to `use`."""

    @property
    def services(self) -> Services:
        """The table, the clock and new ids."""

    @property
    def signer(self) -> Signer:
        """The tokens of mailed links."""

    @property
    def publisher(self) -> Publisher:
        """The event bus."""

    @property
    def mailer(self) -> "MailContext":
        """What sending a mail takes: services, the provider, and how a mail is rendered."""

    @property
    def user_pool(self) -> "UserPool":
        """The logins of the user pool."""

    def pool(self, pool_id: str) -> "UserPool":
        """The logins of the user pool that calls, which waits for the answer."""

    @property
    def demands_second_factor(self) -> bool:
        """Whether employees and the platform need a second factor."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time in UTC, to the millisecond."""

    @property
    def log(self) -> Log:
        """Writes ids and outcomes as JSON, never what was sent."""

    @property
    def metrics(self) -> Metrics:
        """What alarms and dashboards read."""


class AwsApp:
    """The App of a deployed function, configured by its environment.

    A part is built when it is first asked for: a function that sends no mail needs none of the mail's settings.
    """

    @cached_property
    def services(self) -> Services:
        """DynamoDB, the clock and new ids."""
        backoff = Backoff(Deadline(time.monotonic), time.sleep, secrets.SystemRandom().random)
        return Services(lambda: _open_table(backoff), self.clock, new_id, backoff)

    @cached_property
    def signer(self) -> "RotatingSigner":
        """Tokens signed with the keys in Secrets Manager."""
        client = _client("secretsmanager", connect_timeout=1, read_timeout=1)
        return RotatingSigner(client, settings(LinkSettings).link_secret_arn, time.monotonic, self.clock)

    @cached_property
    def publisher(self) -> "EventBridgePublisher":
        """The stack's own event bus."""
        # With the pauses between attempts, still within the time of the function that publishes the stream.
        client = _client("events", connect_timeout=1, read_timeout=5, attempts=3)
        return EventBridgePublisher(client, settings(BusSettings).event_bus_name)

    @cached_property
    def mailer(self) -> "MailContext":
        """SES. Retries are the outbox's: one by the SDK could send a mail twice."""
        from collaboration.mailing.outbox import MailContext
        from collaboration.mailing.pace import Pace
        from collaboration.mailing.rendering import Addresses, render
        from collaboration.mailing.ses import Ses

        client = _client("sesv2", connect_timeout=2, read_timeout=10)
        own = settings(MailSettings)
        addresses = Addresses(own.public_url, self.signer.token)
        return MailContext(
            services=self.services,
            provider=Ses(client, own.mail_sender, own.mail_configuration_set),
            render=partial(render, addresses=addresses),
            pace=Pace(self.services, own.send_rate),
            metrics=self.metrics,
            log=self.log,
        )

    @cached_property
    def user_pool(self) -> "UserPool":
        """Cognito, which is asked again where it takes no more for now."""
        from collaboration.logins import UserPool

        client = _client("cognito-idp", connect_timeout=2, read_timeout=10, attempts=4)
        return UserPool(client, settings(UserPoolSettings).user_pool_id)

    @cached_property
    def _calling_pool(self) -> "CognitoIdentityProviderClient":
        # The pool gives its function five seconds, the start of the process included, and calls it again after that.
        client: CognitoIdentityProviderClient = _client("cognito-idp", connect_timeout=1, read_timeout=1, attempts=2)
        return client

    def pool(self, pool_id: str) -> "UserPool":
        """The pool that calls: its function cannot be told the pool's id, which follows from the function's."""
        from collaboration.logins import UserPool

        return UserPool(self._calling_pool, pool_id)

    @property
    def demands_second_factor(self) -> bool:
        """As the function's setting says."""
        own: SecondFactorSettings = settings(SecondFactorSettings)
        return own.demands_second_factor

    @property
    def clock(self) -> Callable[[], datetime]:
        """The process's clock, ahead by the setting's offset."""
        return now

    @cached_property
    def log(self) -> "JsonLog":
        """Powertools' logger."""
        return JsonLog(TelemetrySettings.of(os.environ))

    @cached_property
    def metrics(self) -> "EmbeddedMetrics":
        """Metrics embedded in the log."""
        return EmbeddedMetrics(TelemetrySettings.of(os.environ))


_deployed = AwsApp()
_current: App = _deployed


def app() -> App:
    """The App of this process."""
    return _current


def use(other: App) -> None:
    """Make `other` the App of this process from now on. For tests: handlers look it up on every call."""
    global _current  # noqa: PLW0603 - a handler has no argument that could carry it
    _current = other


@lru_cache(maxsize=8)
def settings(model: type[Read]) -> Read:
    """This function's settings.

    Raises:
        MissingSettingsError: the environment lacks some.
    """
    return model.of(os.environ)


def now() -> datetime:
    """The time in UTC, to the millisecond: the one place where the clock is read."""
    present: datetime = datetime.now(UTC) + settings(Settings).clock_offset
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


def new_id() -> str:
    """A new id: 120 random bits, in letters and digits that can be read aloud."""
    return b32encode(secrets.token_bytes(15)).decode().lower()


# A call of the table ends after these many seconds, whatever hangs.
_CONNECT_TIMEOUT, _READ_TIMEOUT = 1, 2

# What a request has to be answered in, with its last call of the table still under way when its time is up.
_RESERVE = _CONNECT_TIMEOUT + _READ_TIMEOUT + 1.0


def time_to_answer(context: object) -> float | None:
    """Seconds in which a call of a Lambda function may still ask the table; None where the context does not say."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return max(0.0, remaining() / 1000 - _RESERVE) if callable(remaining) else None


def _open_table(backoff: Backoff) -> Table:
    # Short time-outs, since somebody waits for the answer; attempts are the table's own, which knows the deadline.
    client = _client("dynamodb", connect_timeout=_CONNECT_TIMEOUT, read_timeout=_READ_TIMEOUT)
    return Table(client, settings(TableSettings).table_name, backoff)


@lru_cache(maxsize=1)
def _sdk() -> "Session":
    # The session under boto3's, without boto3's resources and help texts: a tenth of a cold start.
    from botocore.session import get_session

    return get_session()


def _client(service: str, *, connect_timeout: int, read_timeout: int, attempts: int = 1) -> Any:
    from botocore.config import Config

    return _sdk().create_client(
        service,
        config=Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    )


def _in_a_thread(work: Callable[[], None]) -> None:
    Thread(target=work, daemon=True).start()


class RotatingSigner:
    """Signs with the keys in Secrets Manager, which it reads on first use and again when they may have been rotated.

    While Secrets Manager does not answer, the keys that were read last are used: they are still valid, and no link
    works without them. One call waits for a reading that fails; later ones leave the next to the background.

    Args:
        client: a Secrets Manager client with short time-outs.
        arn: the secret, which holds `LinkKeys`.
        monotonic: a clock in seconds that never goes back.
        clock: the time (UTC), by which the key before expires.
        in_background: does work that nobody waits for.
    """

    def __init__(
        self,
        client: "SecretsManagerClient",
        arn: str,
        monotonic: Callable[[], float],
        clock: Callable[[], datetime],
        in_background: Callable[[Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        self._client = client
        self._arn = arn
        self._monotonic = monotonic
        self._clock = clock
        self._in_background = in_background
        self._keys: LinkKeys | None = None
        self._read_at = 0.0
        self._failed_at: float | None = None

    def signer(self) -> "TokenSigner":
        """A signer with the keys that are valid now, as far as is known.

        Raises:
            BotoCoreError, ClientError: Secrets Manager has never answered this process.
        """
        return self._valid_keys().signer(self._clock())

    def _valid_keys(self) -> "LinkKeys":
        if self._keys is None:
            return self._read()
        now = self._monotonic()
        if now - self._read_at <= _KEYS_MAX_AGE:
            return self._keys
        if self._failed_at is None:
            self._try_to_read()
        elif now - self._failed_at > _KEYS_RETRY_AFTER:
            # From now on it has failed at this time, so that only one call starts a reading.
            self._failed_at = now
            self._in_background(self._try_to_read)
        return self._keys

    def _try_to_read(self) -> None:
        try:
            self._read()
        except Exception:  # noqa: BLE001 - whatever is wrong with the secret, the keys in memory are valid
            self._failed_at = self._monotonic()

    def _read(self) -> "LinkKeys":
        from collaboration.link_tokens import LinkKeys

        self._keys = LinkKeys.parse(self._client.get_secret_value(SecretId=self._arn)["SecretString"])
        self._read_at, self._failed_at = self._monotonic(), None
        return self._keys

    def read(self, token: str) -> "TokenClaims | None":
        """The claims of a token; None when it was not made here."""
        return self.signer().read(token)

    def token(self, claims: "TokenClaims") -> str:
        """The token that carries these claims."""
        return self.signer().token(claims)


class PublishError(Exception):
    """The bus did not take every message; whoever called is called again."""


class EventBridgePublisher:
    """Puts messages on an EventBridge bus.

    Args:
        client: an EventBridge client.
        bus: the bus's name.
    """

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, messages: "Sequence[Message]") -> None:
        """Put all of these on the bus.

        Raises:
            PublishError: the bus did not take some of them.
        """
        from collaboration.publishing import publish_messages

        if rejected := publish_messages(self._client, self._bus, messages):
            raise PublishError(f"{len(rejected)} of {len(messages)}")

    def publish_records(self, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put the messages of these stream records on the bus, and give the sequence numbers of those that failed."""
        from collaboration.publishing import publish_records

        return publish_records(self._client, self._bus, records)


class JsonLog:
    """Powertools' logger, each line with what is known of the call.

    It is imported with the first line to write: a request that went as it should writes none, unless debug lines were
    asked for, and a cold start is seven milliseconds of processor time shorter.
    """

    def __init__(self, own: TelemetrySettings) -> None:
        self._own = own
        self._sampled_for: str | None = None

    @cached_property
    def _logger(self) -> "Logger":
        from aws_lambda_powertools import Logger

        return Logger()

    def write(self, level: Level, message: str, facts: Mapping[str, object]) -> None:
        """Write a line; a debug line where they were asked for, or this call is one of the sample."""
        if level is Level.DEBUG and not self._own.writes_debug:
            return
        call = invocation.current()
        described = {
            "correlation_id": call.correlation_id,
            "operation": call.operation,
            "function_name": call.function_name,
            "function_request_id": call.function_request_id,
            "cold_start": call.cold_start,
            **facts,
        }
        logger = self._sampled(call)
        # The line says where `write` was called.
        getattr(logger, level.lower())(message, extra=described, stacklevel=3)

    def _sampled(self, call: invocation.Invocation) -> "Logger":
        """The logger; whether it writes debug lines is drawn once for each call."""
        if self._own.samples and call.function_request_id != self._sampled_for:
            if self._sampled_for is not None:
                self._logger.refresh_sample_rate_calculation()
            self._sampled_for = call.function_request_id
        return self._logger


class EmbeddedMetrics:
    """CloudWatch metrics, written to the log in the embedded metric format.

    A value is recorded under three sets of dimensions at most: the stage, the operation in it, and what
    `MORE_DIMENSIONS` names. Each has the stack (`service`) beside it: two stacks never share a metric.

    Args:
        own: the names of stack and stage.
    """

    def __init__(self, own: TelemetrySettings) -> None:
        self._own = own

    def record(self, metric: Metric, value: float, dimension: str | None = None) -> None:
        """Record a value of a metric."""
        from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

        call = invocation.current()
        of_stage = {"service": self._own.powertools_service_name, "stage": self._own.stage}
        line = EphemeralMetrics(namespace=NAMESPACE, service=self._own.powertools_service_name)
        line.add_metric(name=metric, unit=MetricUnit.Seconds if metric in SECONDS else MetricUnit.Count, value=value)
        line.add_dimension(name="stage", value=self._own.stage)
        if call.operation:
            line.add_dimensions(**of_stage, operation=call.operation)
        if dimension is not None:
            line.add_dimensions(**of_stage, **{MORE_DIMENSIONS[metric]: dimension})
        if call.correlation_id:
            line.add_metadata(key="correlation_id", value=call.correlation_id)
        line.flush_metrics()


def prepare(app: AwsApp, environment: Mapping[str, str]) -> None:
    """Make every part that this function's settings are for, so that a snapshot of the process holds it.

    Nothing is asked of AWS: no connection is open in the snapshot, and no secret is in it. Ids and keys are drawn from
    the operating system at each use, so two processes of one snapshot never draw the same.

    Args:
        app: what the function works with.
        environment: the names that it is configured by.
    """
    if "TABLE_NAME" in environment:
        _ = app.services.table
    if "LINK_SECRET_ARN" in environment:
        import_module("collaboration.link_tokens")
        _ = app.signer
    if "EVENT_BUS_NAME" in environment:
        import_module("collaboration.publishing")
        _ = app.publisher
    if "MAIL_SENDER" in environment:
        _ = app.mailer


def starts_ahead() -> bool:
    """Whether Lambda starts this process before there is a request for it, to keep it or a snapshot of it (SnapStart).

    What is otherwise imported with the first request that needs it is then imported at once.
    """
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") in {"provisioned-concurrency", "snap-start"}


# In Lambda the parts are made while the process starts, as its first request would have to make them; a request has
# only the share of a processor that the function's memory buys. Elsewhere each is made on first use.
if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:  # pragma: no cover - in a process of its own
    prepare(_deployed, os.environ)
