"""The Lambda handlers of functions that nobody waits for, and what is logged when one fails."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from collaboration.calls import Call
from collaboration.composition import app, time_to_answer
from collaboration.services import Failure, PartialFailureError, raised_at

Result = TypeVar("Result")


class BackgroundError(Exception):
    """A call failed, and whoever called is to try again. The text holds the kind of error and where it was raised."""


def background(handle: Callable[[Call], Result]) -> Callable[[Any, object], Result]:
    """A Lambda handler that calls `handle`.

    A failure is logged by its kind, its place and the ids that the call or the failure names, and raised again without
    its message: that, and a traceback, may hold stored values.
    """

    def handler(event: Any, context: object) -> Result:
        call, services = Call.of(event), app().services
        services.begin(time_to_answer(context))
        try:
            return handle(call)
        except PartialFailureError as error:
            log_failures(error.failures, _ids(call))
            raise
        except Exception as error:  # noqa: BLE001 - raised again, without what it may hold
            kind, at = type(error).__name__, raised_at(error)
            _log(kind, at, _ids(call))
            raise BackgroundError(f"{kind} at {at}") from None
        finally:
            if conflicts := services.take_conflicts():
                app().metrics.count("Conflicts", conflicts)

    return handler


def log_failures(failures: Iterable[Failure], ids: Mapping[str, str] | None = None) -> None:
    """Log what went wrong with some of many: the kind, the place and the ids of each, and `ids` that they share."""
    for failure in failures:
        _log(failure.kind, failure.at, {**(ids or {}), **failure.ids})


def _ids(call: Call) -> dict[str, str]:
    named = ("agreement", "mail", "collaborationId", "officeId", "customerId", "employeeId", "accountId")
    return {name: call.detail[name] for name in named if call.names(name)}


def _log(kind: str, at: str, ids: Mapping[str, str]) -> None:
    app().logger.error("background work failed", extra={"kind": kind, "at": at, **ids})
