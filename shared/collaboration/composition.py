"""Where the outside world is put together: on the first request of a process, never at import."""

import json
import os
import secrets
import time
from base64 import b32encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from collaboration.link_tokens import TokenClaims, TokenSigner
from collaboration.publishing import Message, publish_messages
from collaboration.services import Services
from collaboration.settings import BusSettings, LinkSettings, MailSettings, Settings, TableSettings
from collaboration.storage.table import Table

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client


Read = TypeVar("Read", bound=Settings)


# A key that was rotated is known everywhere after this long, in seconds; the previous one is valid much longer.
_SECRET_KEPT = 300.0


@lru_cache(maxsize=8)
def settings(model: type[Read]) -> Read:
    """This function's settings."""
    return model.of(os.environ)


def now() -> datetime:
    """The time, in milliseconds: the one place where the clock is read."""
    present: datetime = datetime.now(UTC) + settings(Settings).clock_offset
    return present.replace(microsecond=present.microsecond // 1000 * 1000)


def new_id() -> str:
    """An id that there has never been: 120 random bits, in letters and digits that can be read aloud."""
    return b32encode(secrets.token_bytes(15)).decode().lower()


@lru_cache(maxsize=1)
def services() -> Services:
    """The table, the clock and ids of this process."""
    return Services(_open_table, now, new_id)


def _open_table() -> Table:
    import boto3  # noqa: PLC0415 - the slowest import of all, and only those who have a table need it
    from botocore.config import Config  # noqa: PLC0415

    # Short waits and few tries: behind us somebody waits for a page, and a failure is told as such.
    config = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 3})
    return Table(boto3.client("dynamodb", config=config), settings(TableSettings).table_name)


@lru_cache(maxsize=1)
def logger() -> "Logger":
    """Writes ids and outcomes as JSON, never what was sent. Loaded when there is something to say: seldom."""
    from aws_lambda_powertools import Logger  # noqa: PLC0415

    return Logger()


class RotatingSigner:
    """Links whose keys are kept by Secrets Manager: asked for once, and again when they may have been rotated.

    Args:
        client: a Secrets Manager client.
        arn: the secret, JSON with `current` and `previous`.
        monotonic: seconds that only ever grow.
    """

    def __init__(self, client: "SecretsManagerClient", arn: str, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._arn = arn
        self._monotonic = monotonic
        self._links: TokenSigner | None = None
        self._read_at = 0.0

    def links(self) -> TokenSigner:
        """The links made with the keys of now."""
        if self._links is None or self._monotonic() - self._read_at > _SECRET_KEPT:
            keys = json.loads(self._client.get_secret_value(SecretId=self._arn)["SecretString"])
            self._links = TokenSigner(keys["current"].encode(), keys["previous"].encode() or None)
            self._read_at = self._monotonic()
        return self._links

    def read(self, token: str) -> TokenClaims | None:
        """Whose link a token is; None when it was not made here."""
        return self.links().read(token)

    def token(self, holder: TokenClaims) -> str:
        """The token for a holder's link."""
        return self.links().token(holder)


@lru_cache(maxsize=1)
def token_signer() -> RotatingSigner:
    """The links of this process."""
    import boto3  # noqa: PLC0415 - the slowest import of all, and only those who have a table need it

    return RotatingSigner(boto3.client("secretsmanager"), settings(LinkSettings).link_secret_arn, time.monotonic)


@lru_cache(maxsize=1)
def event_bus() -> "tuple[EventBridgeClient, str]":
    """The bus, and its name."""
    import boto3  # noqa: PLC0415 - the slowest import of all, and only those who have a table need it

    return boto3.client("events"), settings(BusSettings).event_bus_name


def publish(messages: Sequence[Message]) -> None:
    """Tell the bus all of these.

    Raises:
        NotTold: it did not take some; whoever was called is called again.
    """
    client, bus = event_bus()
    if rejected := publish_messages(client, bus, messages):
        raise PublishError(f"{len(rejected)} of {len(messages)}")


class PublishError(Exception):
    """The bus did not take what it was told."""


def drift_metric(count: int) -> None:
    """Count collaborations whose access was not what it should be: zero in normal operation."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric  # noqa: PLC0415 - once a night

    with single_metric(name="Drift", unit=MetricUnit.Count, value=count, namespace="Collaborations"):
        pass


@lru_cache(maxsize=1)
def mail_provider() -> "tuple[SESV2Client, MailSettings]":
    """SES, and how this stack sends. Retries are the outbox's: a retry of the SDK's could send a mail twice."""
    import boto3  # noqa: PLC0415 - the slowest import of all, and only those who have a table need it
    from botocore.config import Config  # noqa: PLC0415

    config = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("sesv2", config=config), settings(MailSettings)
