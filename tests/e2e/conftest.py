"""One deployed stack for all end-to-end tests of a run.

They share a worker, in this order: what needs the stack as it was made first, and
what moves its clock last.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]


ORDER = {"test_readme.py": -1, "test_clock.py": 1}


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
