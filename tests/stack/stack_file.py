"""`.local/stack.json`: what runs on this machine, for outside clients. There when all serves, gone when it ends."""

from __future__ import annotations

import contextlib
import fcntl
import json
from typing import TYPE_CHECKING, Any

from stack.aws import REGION
from stack.emulator import is_healthy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stack.deployment import Deployment
    from stack.people import Person


class NoStackError(Exception):
    """Nothing runs; or something does where nothing should."""


def described(deployment: Deployment, people: Sequence[Person]) -> dict[str, Any]:
    """A running stack in the words of the contract."""
    return {
        "endpointUrl": deployment.endpoint,
        "region": REGION,
        "apiUrl": deployment.api_url,
        "userPoolId": deployment.user_pool_id,
        "userPoolClientId": deployment.user_pool_client_id,
        "mailboxUrl": f"{deployment.endpoint}/_ministack/ses/messages",
        "functions": deployment.functions,
        "people": [person.described() for person in people],
    }


def running(local: Path) -> dict[str, Any] | None:
    """The stack that runs now, if one does. A file left by one that was killed counts as none."""
    try:
        stack: dict[str, Any] = json.loads((local / "stack.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return stack if is_healthy(stack["endpointUrl"]) else None


def require_none(local: Path) -> None:
    """Raise if a stack runs already: `.local/stack.json` tells of one."""
    if stack := running(local):
        raise NoStackError(f"a stack runs already, at {stack['endpointUrl']}: end it first (Ctrl-C where it runs)")


@contextlib.contextmanager
def only_one(local: Path) -> Iterator[None]:
    """Hold the lock of the one stack that may serve from this checkout; the system frees it when this process ends.

    Raises:
        NoStackError: another process holds it: it serves, or is about to.
    """
    local.mkdir(parents=True, exist_ok=True)
    with (local / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NoStackError("another `make run` or `make demo` is at work here: end it first (Ctrl-C)") from error
        yield


@contextlib.contextmanager
def published(local: Path, stack: dict[str, Any]) -> Iterator[None]:
    """Keep the file while the block runs; it appears whole or not at all."""
    path = local / "stack.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(stack, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
