"""Which module answers which operation, and when it is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from collaboration.http.contract.operations import OPERATIONS
from support.app import functions

PROJECT = Path(__file__).resolve().parents[2]
HANDLERS = "collaboration.http.handlers"
FOLDERS = sorted({operation.function for operation in OPERATIONS})

# Prints the modules that answer and are imported by now, and whether what a refusal needs is.
IMPORTED = f"""
import json, sys
sys.path.insert(0, sys.argv[1])
from app import handler
if len(sys.argv) > 2:
    event = json.loads(open(sys.argv[2], "rb").read())
    handler({{**event, "requestContext": {{}}}}, None)
print(json.dumps(sorted(name for name in sys.modules if name.startswith("{HANDLERS}."))))
print(json.dumps(["collaboration.http.refusals" in sys.modules, "collaboration.http.precheck" in sys.modules]))
"""


def imported(folder: str, *event: str, **environment: str) -> tuple[set[str], list[bool]]:
    """What a fresh process of a function has imported, after an event where one is named."""
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", IMPORTED, str(PROJECT / "functions" / folder), *event],
        env={"PYTHONPATH": str(PROJECT / "shared"), "CLOCK_OFFSET_SECONDS": "0", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    *_, modules, others = done.stdout.splitlines()
    return {name.removeprefix(f"{HANDLERS}.") for name in json.loads(modules)}, json.loads(others)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_operation_of_a_function_is_answered_and_no_other(folder: str) -> None:
    """By method and path, as the gateway asks."""
    wanted = {operation.route for operation in OPERATIONS if operation.function == folder}
    assert functions()[folder].handler.routes == wanted


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_module_answers_what_a_function_says_it_does(folder: str) -> None:
    """No route leads to a module that has no answer, and no answer is left without a route."""
    listed: dict[str, set[tuple[str, str]]] = {}
    for route, name in functions()[folder].handler.modules.items():
        listed.setdefault(name, set()).add(route)
    for name, routes in listed.items():
        assert set(import_module(f"{HANDLERS}.{name}").handlers.by_route) == routes, name


def test_a_request_imports_what_answers_it_and_nothing_else() -> None:
    """A cold start pays for what it uses; this one also for its refusal, since nobody is signed in."""
    assert imported("invite") == (set(), [False, False])
    event = str(PROJECT / "events" / "invite-list.json")
    settings = {"POWERTOOLS_SERVICE_NAME": "test", "STAGE": "test", "LOG_LEVEL": "INFO"}
    assert imported("invite", event, **settings) == ({"sent_requests"}, [True, False])


@pytest.mark.parametrize("kind", ["snap-start", "provisioned-concurrency"])
def test_a_process_that_is_started_ahead_imports_everything(kind: str) -> None:
    """Nobody waits for it, and a snapshot holds it."""
    everything = set(functions()["invite"].handler.modules.values())
    assert imported("invite", AWS_LAMBDA_INITIALIZATION_TYPE=kind) == (everything, [True, True])


# What a read has no use for: what only changes something, or tells somebody by mail.
OF_CHANGES = ("domain.decisions", "domain.model.mail", "domain.model.change", "storage.commit", "link_tokens")
OF_LISTS = ("queries.paging", "storage.lists", "http.contract.history")


@pytest.mark.parametrize(
    ("module", "unused"),
    [
        ("collaborations", OF_CHANGES),
        ("sent_requests", OF_CHANGES),
        ("my_collaborations", OF_CHANGES),
        ("inviting", OF_LISTS),
        ("activations", OF_LISTS),
    ],
)
def test_a_handler_imports_nothing_that_only_others_use(module: str, unused: tuple[str, ...]) -> None:
    """Each module is a part of a cold start."""
    code = f"import sys; import {HANDLERS}.{module}; print(*[name for name in sys.modules if name.startswith('coll')])"
    environment = {"PYTHONPATH": str(PROJECT / "shared")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    loaded = {name.removeprefix("collaboration.") for name in done.stdout.split()}
    assert f"http.handlers.{module}" in loaded
    assert loaded & set(unused) == set()
