"""The settings of a function: read from its environment, all missing names reported together."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Self

from collaboration.frozen import dataclass


class MissingSettingsError(Exception):
    """Names that the environment does not have, or whose value cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of every function; those of one more are in a subclass, each under its name in capitals."""

    clock_offset_seconds: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """The settings in an environment.

        Raises:
            MissingSettingsError: some are not there.
        """
        names = {field.name: field.name.upper() for field in fields(cls)}
        missing = [name for name in names.values() if not environment.get(name)]
        if missing:
            raise MissingSettingsError(", ".join(sorted(missing)))
        settings = cls(**{field: environment[name] for field, name in names.items()})
        if not settings.clock_offset_seconds.removeprefix("-").isdigit():
            raise MissingSettingsError("CLOCK_OFFSET_SECONDS is not a number of seconds")
        return settings

    @property
    def clock_offset(self) -> timedelta:
        """How far this stack's clock is ahead of the real one: nothing, but for a stack on a laptop."""
        return timedelta(seconds=int(self.clock_offset_seconds))


@dataclass(frozen=True, kw_only=True)
class TelemetrySettings:
    """How much every function says of itself, and under which names. All may be missing; Powertools reads most itself.

    `powertools_service_name`: the stack; `powertools_logger_sample_rate`: the share of calls (0 to 1) that write debug
    lines whatever the level.
    """

    stage: str
    powertools_service_name: str
    powertools_log_level: str
    powertools_logger_sample_rate: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """The settings in an environment."""
        return cls(
            stage=environment.get("STAGE") or "local",
            powertools_service_name=environment.get("POWERTOOLS_SERVICE_NAME") or "collaboration",
            powertools_log_level=(environment.get("POWERTOOLS_LOG_LEVEL") or "INFO").upper(),
            powertools_logger_sample_rate=environment.get("POWERTOOLS_LOGGER_SAMPLE_RATE") or "0",
        )

    @property
    def samples(self) -> bool:
        """Whether some calls write debug lines whatever the level."""
        return bool(self.powertools_logger_sample_rate.strip("0."))

    @property
    def writes_debug(self) -> bool:
        """Whether a debug line may be written at all."""
        return self.powertools_log_level == "DEBUG" or self.samples


@dataclass(frozen=True, kw_only=True)
class TableSettings(Settings):
    """A function that reads and writes the table."""

    table_name: str


@dataclass(frozen=True, kw_only=True)
class LinkSettings(TableSettings):
    """A function that reads links."""

    link_secret_arn: str


@dataclass(frozen=True, kw_only=True)
class MailSettings(LinkSettings):
    """A function that sends mails with links in them. `public_url` is the API's address, stage included."""

    public_url: str
    mail_sender: str
    mail_configuration_set: str
    mails_per_second: str

    @property
    def send_rate(self) -> int:
        """How many mails may leave in a second, over all functions that send at the same time.

        Raises:
            MissingSettingsError: it is no number, or none.
        """
        if not self.mails_per_second.isdigit() or not int(self.mails_per_second):
            raise MissingSettingsError("MAILS_PER_SECOND is not a number of mails")
        return int(self.mails_per_second)


@dataclass(frozen=True, kw_only=True)
class BusSettings(Settings):
    """A function that publishes on the bus."""

    event_bus_name: str


@dataclass(frozen=True, kw_only=True)
class UserPoolSettings(Settings):
    """A function that knows the user pool."""

    user_pool_id: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorSettings(Settings):
    """The function that the user pool asks before it issues tokens. `second_factor`: `required` or `optional`."""

    second_factor: str

    @property
    def demands_second_factor(self) -> bool:
        """Whether employees and the platform need one."""
        return self.second_factor == "required"


@dataclass(frozen=True, kw_only=True)
class SignInSettings(UserPoolSettings):
    """A function that serves pages. `sign_in_endpoint` is the user pool's address, without a path."""

    sign_in_endpoint: str
    user_pool_client_id: str
