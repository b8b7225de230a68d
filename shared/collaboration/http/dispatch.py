"""From an event to an answer: find the operation, read the request, run, and turn every refusal into a problem."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from collaboration import invocation
from collaboration.composition import time_to_answer
from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.call import Call, read
from collaboration.http.contract.operation import Body_co, Operation, Query_co
from collaboration.http.previews import preview_response
from collaboration.http.request import CallerClass, Request
from collaboration.http.response import Response
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

Run = Callable[[Call[Body_co, Query_co], Services], Response]


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


class Api:
    """The operations of one function; calling it handles an event of the gateway.

    Args:
        app: looks up what the process works with; called for every request.
    """

    def __init__(self, app: Callable[[], HttpApp]) -> None:
        self._app = app
        self._routes: dict[tuple[str, str], tuple[Operation[Any, Any], Callable[..., Response]]] = {}
        self._pages: dict[tuple[str, str], Callable[[Fault, Request], Response]] = {}

    @property
    def routes(self) -> frozenset[tuple[str, str]]:
        """Method and path of each operation that the function answers."""
        return frozenset(self._routes)

    def on(
        self,
        operation: Operation[Body_co, Query_co],
        *,
        faults_as_pages: Callable[[Fault, Request], Response] | None = None,
    ) -> Callable[[Run[Body_co, Query_co]], Run[Body_co, Query_co]]:
        """Run the decorated function for `operation`; a person's browser may get faults as pages."""

        def register(run: Run[Body_co, Query_co]) -> Run[Body_co, Query_co]:
            self._routes[operation.route] = (operation, run)
            if faults_as_pages:
                self._pages[operation.route] = faults_as_pages
            return run

        return register

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        """The Lambda handler. All calls of the table share the time that the context leaves for the answer."""
        request = Request.of(event)
        operation, run = self._routes[request.method, request.route]
        # The id is that of X-Request-Id, and of `instance` in the problem document: who quotes it finds the lines.
        invocation.begin(operation.name, request.id, context)
        app = self._app()
        services = app.services
        services.begin(time_to_answer(context))
        response = self._respond(operation, run, request, services)
        if conflicts := services.take_conflicts():
            app.metrics.record(Metric.CONFLICTS, conflicts)
            app.log.write(Level.WARNING, "conflicts", {"lost": conflicts, "status": response.status})
        app.log.write(Level.DEBUG, "answered", {"status": response.status})
        return {
            "statusCode": response.status,
            "headers": {
                "Content-Type": response.content_type,
                "X-Request-Id": request.id,
                **_EVERY_ANSWER,
                **response.headers,
            },
            "body": "" if request.method == "HEAD" else response.text(),
            "isBase64Encoded": False,
        }

    def _respond(
        self, operation: Operation[Any, Any], run: Callable[..., Response], request: Request, services: Services
    ) -> Response:
        app = self._app()
        try:
            return run(read(operation, request, services), services)
        except RefusedError as refusal:
            return self._refusal(operation, refusal, request, services)
        except TableUnavailableError as reason:
            app.log.write(Level.ERROR, "table unavailable", {"reason": str(reason)})
            app.metrics.record(Metric.TABLE_UNAVAILABLE, 1)
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)
        # Whatever else goes wrong is ours: answered as unavailable, and logged without what was being handled.
        except Exception as error:  # noqa: BLE001
            app.log.write(Level.ERROR, "unexpected", {"reason": type(error).__name__, "at": raised_at(error)})
            app.metrics.record(Metric.UNEXPECTED_ERRORS, 1)
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)

    def _refusal(
        self, operation: Operation[Any, Any], refusal: RefusedError, request: Request, services: Services
    ) -> Response:
        fault = refusal.fault
        self._record_refusal(fault)
        page = self._pages.get(operation.route)
        headers = problems.headers(fault, services.clock(), request.reference)
        if page and request.wants_page:
            shown = page(fault, request)
            return replace(shown, headers={**shown.headers, **headers})
        locale = request.language or _language(operation, request, services)
        preview = None
        if isinstance(refusal.preview, Preview):
            preview = preview_response(refusal.preview, locale, request.reference)
        body = problems.problem(fault, locale, request.reference, request_id=request.id, preview=preview)
        return Response(body.status, body, headers, "application/problem+json")

    def _record_refusal(self, fault: Fault) -> None:
        """Log which rule refused: not where in the body, since a field that we do not know may have any name."""
        app = self._app()
        hint = {"hint": fault.hint} if fault.hint else {}
        codes = {"codes": sorted({field.code for field in fault.fields})} if fault.fields else {}
        app.log.write(Level.INFO, "refused", {"slug": fault.slug, **hint, **codes})
        app.metrics.record(Metric.REFUSALS, 1, fault.slug)


def _language(operation: Operation[Any, Any], request: Request, services: Services) -> Locale:
    """The language of the office or, for its customer's people, of the customer, where it was loaded, else Swedish.

    A refusal asks the table nothing.
    """
    if operation.caller is not CallerClass.EMPLOYEE:
        return services.customer_language or Locale.SV
    try:
        return services.language_of(request.employee().office_id) or Locale.SV
    except RefusedError:
        return Locale.SV
