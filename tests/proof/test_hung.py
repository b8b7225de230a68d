"""A small part of what hangs, with each commit."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError
from collaboration import composition
from collaboration.composition import AwsApp, EventBridgePublisher

from proof.hanging import BUS_HANGS, SECRETS_HANG, SES_HANGS, TABLE_HANGS, HungCase, timeout_of
from proof.hung import hung_secrets, hung_secrets_warm, hung_ses, hung_table
from proof.hung_consumers import HANGS, HungConsumers, hung_consumers
from proof.report import Effort
from proof.simulation import simulated
from proof.valid_requests import ENVIRONMENT
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.mark.parametrize("trial", [hung_table, hung_ses, hung_secrets, hung_secrets_warm, hung_consumers])
def test_some_of_what_hangs(trial: Callable[[Effort], Iterator[HungCase]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cases of a fifth of the operations; not the invitation of as many as there can be."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    cases = [*islice(trial(Effort(share=0.2)), 4)]
    assert cases
    assert [str(case) for case in cases if case.faults] == []


@pytest.fixture
def settings_read_anew() -> Iterator[None]:
    """Settings are those of the environment of a test, and of no other."""
    composition.settings.cache_clear()
    yield
    composition.settings.cache_clear()


def waits_of(client: Any) -> float:
    """How many seconds a call of a client takes at most, by what it is configured with, pauses of the SDK included."""
    config = client.meta.config
    attempts = config.retries["total_max_attempts"]
    pauses = sum(min(2.0**nth, 20.0) for nth in range(attempts - 1))
    return float(attempts * (config.connect_timeout + config.read_timeout) + pauses)


@pytest.mark.usefixtures("settings_read_anew")
def test_what_hangs_does_so_as_long_as_the_clients_of_the_product_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `composition` makes them. The bus has to give up before the function ends that publishes the stream."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in ("TABLE_NAME", "LINK_SECRET_ARN", "EVENT_BUS_NAME", "MAIL_SENDER", "MAIL_CONFIGURATION_SET"):
        monkeypatch.setenv(name, "some")
    monkeypatch.setenv("PUBLIC_URL", "https://api.example/dev")
    monkeypatch.setenv("MAILS_PER_SECOND", "1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    app: Any = AwsApp()
    assert waits_of(app.services.table._client) == TABLE_HANGS
    assert waits_of(app.mailer.provider._client) == SES_HANGS
    assert waits_of(app.signer._client) == SECRETS_HANG
    assert waits_of(app.publisher._client) == BUS_HANGS < timeout_of("publish")


def faults_of_publishing() -> set[str]:
    """What is wrong with the function that publishes the stream, while the bus hangs."""
    with simulated():
        found = situation("mail-waiting")
        [publish] = [command for command in found.commands if command.folder == "publish"]
        return {fault for case in HungConsumers(found).of(publish) for fault in case.faults}


def test_a_consumer_that_takes_too_long_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The publisher, with the time-outs that it had once."""
    assert faults_of_publishing() == set()
    monkeypatch.setitem(HANGS, "the bus", 39.0)
    assert faults_of_publishing() == {"publish took 39 seconds"}


def test_a_consumer_that_loses_something_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The publisher, when it takes for published what the bus has not answered."""
    publish = EventBridgePublisher.publish_records

    def forgetful(self: EventBridgePublisher, records: Any) -> list[str]:
        try:
            return publish(self, records)
        except ReadTimeoutError:
            return []

    monkeypatch.setattr(EventBridgePublisher, "publish_records", forgetful)
    assert any("everything_is_published" in fault for fault in faults_of_publishing())
