"""The call that is being handled: what lines of the log, metrics and stored consequences say of it.

A correlation id is the id of the HTTP request that something began with (`X-Request-Id`), or of the call of a function
where no request was. It is stored with history entries, mails and directory values, and rides in every message of the
bus, so that all that followed from a request is found by its id.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from collaboration.frozen import dataclass

# The form of the ids that API Gateway and Lambda make. A caller may put another value in the gateway's place, with the
# header X-Amzn-RequestId: of any form, so that only this one is taken into logs, items and events.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Invocation:
    """A call of a function.

    `operation`: the operation of the API, or the function that nobody waits for; `function_request_id`: Lambda's id of
    the call; `cold_start`: whether it is the first of its process. `correlation_id` is None outside of a call.
    """

    operation: str = ""
    correlation_id: str | None = None
    function_name: str = ""
    function_request_id: str = ""
    cold_start: bool = False


_NONE = Invocation()
_current: ContextVar[Invocation] = ContextVar("invocation", default=_NONE)
_processes_first = True


def current() -> Invocation:
    """The call that is being handled."""
    return _current.get()


def begin(operation: str, correlation_id: object, context: object) -> Invocation:
    """Begin a call.

    Args:
        operation: the operation of the API, or the function's own name.
        correlation_id: what the event says; anything but a UUID is replaced by Lambda's id of the call.
        context: Lambda's context.
    """
    global _processes_first  # noqa: PLW0603 - a process has one first call
    request_id = str(getattr(context, "aws_request_id", "") or "")
    begun = Invocation(
        operation,
        _id(correlation_id) or request_id or None,
        str(getattr(context, "function_name", "") or ""),
        request_id,
        _processes_first,
    )
    _processes_first = False
    _current.set(begun)
    return begun


@contextmanager
def correlated(correlation_id: str | None) -> Iterator[None]:
    """Handle something that follows from another request, of that correlation id; None changes nothing."""
    if correlation_id is None:
        yield
        return
    before = _current.get()
    _current.set(replace(before, correlation_id=correlation_id))
    try:
        yield
    finally:
        _current.set(before)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None
