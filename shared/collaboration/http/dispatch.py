"""From an event to an answer: find the operation, read the request, run, and turn every refusal into a problem."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

from collaboration import invocation
from collaboration.composition import starts_ahead, time_to_answer
from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.http.call import read
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.http.routes import Handler, Handlers
from collaboration.services import Services, raised_at
from collaboration.storage.table import TableUnavailableError
from collaboration.telemetry import Level, Log, Metric, Metrics

# Answers are for the caller alone: no cache stores them, and no other site learns where somebody came from.
_EVERY_ANSWER = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

# Where the modules are that answer.
_HANDLERS = "collaboration.http.handlers"


class HttpApp(Protocol):
    """The parts of the composition's App that dispatching needs."""

    @property
    def services(self) -> Services:
        """The table, the clock and new ids."""

    @property
    def log(self) -> Log:
        """Writes ids and outcomes, never what was sent."""

    @property
    def metrics(self) -> Metrics:
        """What alarms and dashboards read."""


class Api(Handlers):
    """The operations of one Lambda function; calling it handles an event of the gateway.

    What answers them stands in modules of `collaboration.http.handlers`, each imported with the first request for one
    of its routes: a cold start pays for what it uses. A function that serves files of its own registers what answers
    beside them, with `on`.

    Args:
        app: looks up what the process works with; called for every request.
        modules: names of modules, each with its routes, as in `GET /invitations`.
    """

    def __init__(self, app: Callable[[], HttpApp], modules: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__()
        self._app = app
        self._modules: dict[tuple[str, str], str] = {}
        for name, routes in (modules or {}).items():
            for method, path in map(str.split, routes):
                self._modules[method, path] = name
        if starts_ahead():
            self.load()

    @property
    def modules(self) -> Mapping[tuple[str, str], str]:
        """The name of the module that answers, by method and path, where it is imported later."""
        return self._modules

    @property
    def routes(self) -> frozenset[tuple[str, str]]:
        """Method and path of each operation that the function answers."""
        return frozenset({*self._modules, *self._by_route})

    def load(self) -> None:
        """Import all that is otherwise imported with the first request that needs it."""
        from collaboration.http import precheck, refusals

        _ = precheck, refusals
        for route in self._modules:
            self._handler(route)

    def _handler(self, route: tuple[str, str]) -> Handler:
        if route not in self._by_route:
            module = import_module(f"{_HANDLERS}.{self._modules[route]}")
            self._by_route.update(module.handlers.by_route)
        return self._by_route[route]

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """The Lambda handler. All calls of the table share the time that the context leaves for the answer."""
        request = Request.of(event)
        handler = self._handler((request.method, request.route))
        # The id is that of X-Request-Id, and of `instance` in the problem document: who quotes it finds the lines.
        begun = invocation.begin(handler.operation.name, request.id, context)
        app = self._app()
        services = app.services
        services.begin(time_to_answer(context))
        response = self._respond(handler, request, services)
        if conflicts := services.take_conflicts():
            app.metrics.record(Metric.CONFLICTS, conflicts)
            app.log.write(Level.WARNING, "conflicts", {"lost": conflicts, "status": response.status})
        app.log.write(Level.DEBUG, "answered", {"status": response.status})
        return {
            "statusCode": response.status,
            "headers": {
                "Content-Type": response.content_type,
                "X-Request-Id": begun.correlation_id or "",
                **_EVERY_ANSWER,
                **response.headers,
            },
            "body": "" if request.method == "HEAD" else response.text(),
            "isBase64Encoded": False,
        }

    def _respond(self, handler: Handler, request: Request, services: Services) -> Response:
        app = self._app()
        try:
            return handler.run(read(handler.operation, request, services), services)
        except RefusedError as refusal:
            return self._refusal(handler, refusal, request, services)
        except TableUnavailableError as reason:
            app.log.write(Level.ERROR, "table unavailable", {"reason": str(reason)})
            app.metrics.record(Metric.TABLE_UNAVAILABLE, 1)
            return self._refusal(handler, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)
        # Whatever else goes wrong is ours: answered as unavailable, and logged without what was being handled.
        except Exception as error:  # noqa: BLE001
            app.log.write(Level.ERROR, "unexpected", {"reason": type(error).__name__, "at": raised_at(error)})
            app.metrics.record(Metric.UNEXPECTED_ERRORS, 1)
            return self._refusal(handler, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)

    def _refusal(self, handler: Handler, refusal: RefusedError, request: Request, services: Services) -> Response:
        from collaboration.http.refusals import refusal_response

        self._record_refusal(refusal.fault)
        return refusal_response(handler, refusal, request, services)

    def _record_refusal(self, fault: Fault) -> None:
        """Log which rule refused: not where in the body, since a field that we do not know may have any name."""
        app = self._app()
        hint = {"hint": fault.hint} if fault.hint else {}
        codes = {"codes": sorted({field.code for field in fault.fields})} if fault.fields else {}
        app.log.write(Level.INFO, "refused", {"slug": fault.slug, **hint, **codes})
        app.metrics.record(Metric.REFUSALS, 1, fault.slug)
