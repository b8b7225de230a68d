"""An application per test: the real handlers over a table of its own, with a clock that tests set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from support.app import App
from support.people import Office

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """The application over a table in memory, empty."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "collaboration")
    return App(in_memory=True)


@pytest.fixture
def moto_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The application over moto, empty: a second engine under the main job."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "POWERTOOLS_SERVICE_NAME": "collaboration",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield App()


@pytest.fixture
def office(app: App) -> Office:
    """The demonstration office, fed: employees with different rights, and a customer in every situation."""
    office = Office(app)
    office.feed()
    return office
