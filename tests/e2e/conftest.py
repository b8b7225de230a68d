"""One deployed stack for all end-to-end tests of a run.

They share a worker, in this order: what needs the stack as it was made first, what moves
its clock late, and what fills its table last.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up
from support.chromium import chromium

from e2e.offices import Office
from e2e.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    Open = Callable[..., Seen]

PROJECT = Path(__file__).resolve().parents[2]

# A refused call is an answer like any other, and the browser writes a line about each.
EXPECTED = "Failed to load resource"
PATIENCE_MILLISECONDS = 60_000


ORDER = {"test_readme.py": -1, "test_clock.py": 1, "test_many.py": 2}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of this folder into the order that they need."""
    here = Path(__file__).parent
    items.sort(key=lambda item: ORDER.get(item.path.name, 0) if here in item.path.parents else 0)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What `.local/stack.json` would say of a stack of the tests' own: deployed, logins made, nothing fed."""
    with Emulator(PROJECT / ".local") as emulator:
        yield bring_up(PROJECT, emulator)
        if request.session.testsfailed:
            emulator.keep_evidence()


@pytest.fixture(scope="session")
def client(stack: dict[str, Any]) -> Client:
    """An outside client of that stack."""
    return Client(stack)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it."""
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, client: Client) -> Iterator[Open]:
    """Opens pages, each for a reader of their own. What the policy stops, breaks, or goes elsewhere fails the test."""
    complaints: list[str] = []
    asked: list[str] = []
    contexts = []
    endpoint = client.stack["endpointUrl"]

    def opened(language: str = "sv", width: int = 1200, scheme: Any = "light") -> Seen:
        context = browser.new_context(
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.add_init_script(f"localStorage.setItem('language', localStorage.getItem('language') ?? '{language}')")
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        return Seen(page, client.stack["apiUrl"], language)

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield opened
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if EXPECTED not in complaint] == []
    assert all(url.startswith(endpoint) for url in asked)
    assert not any("eyJ" in url or "@" in url or "%40" in url for url in asked), "a token or an address in a URL"


@pytest.fixture
def office(client: Client) -> Office:
    """An office of the test's own."""
    return Office(client)
