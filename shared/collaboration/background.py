"""The Lambda handlers of functions that nobody waits for, and what is logged when one fails."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from collaboration import invocation
from collaboration.calls import Call
from collaboration.composition import app, time_to_answer
from collaboration.services import Failure, PartialFailureError, raised_at
from collaboration.storage.table import TableUnavailableError
from collaboration.telemetry import Level, Metric

Result = TypeVar("Result")


class BackgroundError(Exception):
    """A call failed, and whoever called is to try again. The text holds the kind of error and where it was raised."""


def ids_named(detail: Mapping[str, object]) -> dict[str, str]:
    """The ids in the detail of a message of our own bus: all of it that the log may hold."""
    named = ("agreement", "mail", "collaborationId", "officeId", "customerId", "employeeId", "accountId")
    return {name: value for name in named if isinstance(value := detail.get(name), str) and value}


def background(
    name: str, ids_of: Callable[[Mapping[str, object]], Mapping[str, str]] = ids_named
) -> Callable[[Callable[[Call], Result]], Callable[[Any, object], Result]]:
    """Make a Lambda handler, by the function's name, of what handles a call.

    What it did is logged with the correlation id that the call brings. A failure is logged by its kind, its place and
    the ids that the call or the failure names, and raised again without its message: that, and a traceback, may hold
    stored values.

    Args:
        name: the function's name, which is the operation in lines and metrics.
        ids_of: the ids in the detail of a call.
    """

    def decorated(handle: Callable[[Call], Result]) -> Callable[[Any, object], Result]:
        def handler(event: Any, context: object) -> Result:
            call, services = Call.of(event), app().services
            invocation.begin(name, call.detail.get("correlationId"), context)
            services.begin(time_to_answer(context))
            try:
                result = handle(call)
            except PartialFailureError as error:
                _log_failures(error.failures, ids_of(call.detail))
                raise
            except Exception as error:  # noqa: BLE001 - raised again, without what it may hold
                kind, at = type(error).__name__, raised_at(error)
                if isinstance(error, TableUnavailableError):
                    app().metrics.record(Metric.TABLE_UNAVAILABLE, 1)
                _log(kind, at, ids_of(call.detail))
                raise BackgroundError(f"{kind} at {at}") from None
            finally:
                if conflicts := services.take_conflicts():
                    app().metrics.record(Metric.CONFLICTS, conflicts)
                    app().log.write(Level.WARNING, "conflicts", {"lost": conflicts})
            _log_result(result, call, ids_of(call.detail))
            return result

        return handler

    return decorated


def _log_result(result: object, call: Call, ids: Mapping[str, str]) -> None:
    """Log what was done, by its counts; a call that found nothing to do is a debug line."""
    counts = {name: count for name, count in result.items() if count} if isinstance(result, Mapping) else {}
    facts = {"done": counts, "cause": call.detail_type or call.schedule, **ids}
    app().log.write(Level.INFO if counts else Level.DEBUG, "handled", facts)


def record_failures(failures: Sequence[Failure]) -> None:
    """Log and count what of a run of due work could not be done, where the next run tries it again."""
    if failures:
        _log_failures(failures, {})
        app().metrics.record(Metric.DUE_WORK_FAILED, len(failures))


def _log_failures(failures: Iterable[Failure], ids: Mapping[str, str]) -> None:
    """Log what went wrong with some of many: the kind, the place and the ids of each, and `ids` that they share."""
    for failure in failures:
        _log(failure.kind, failure.at, {**ids, **failure.ids})


def _log(kind: str, at: str, ids: Mapping[str, str]) -> None:
    app().log.write(Level.ERROR, "background work failed", {"kind": kind, "at": at, **ids})
