"""From an event to an answer: find the operation, read the request, run, and turn every refusal into a problem."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from collaboration.composition import Metrics, time_to_answer
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

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

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
    def logger(self) -> "Logger":
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
        services = self._app().services
        services.begin(time_to_answer(context))
        response = self._respond(request, services)
        if conflicts := services.take_conflicts():
            self._app().metrics.count("Conflicts", conflicts)
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

    def _respond(self, request: Request, services: Services) -> Response:
        operation, run = self._routes[request.method, request.route]
        try:
            return run(read(operation, request, services), services)
        except RefusedError as refusal:
            return self._refusal(operation, refusal, request, services)
        except TableUnavailableError as reason:
            self._log("table unavailable", operation, request, reason=str(reason))
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)
        # Whatever else goes wrong is ours: answered as unavailable, and logged without what was being handled.
        except Exception as error:  # noqa: BLE001
            self._log("unexpected", operation, request, reason=type(error).__name__, at=raised_at(error))
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)

    def _log(self, message: str, operation: Operation[Any, Any], request: Request, **facts: str) -> None:
        # The id is that of X-Request-Id, and of `instance` in the problem document: who quotes it finds the line.
        self._app().logger.error(message, extra={"operation": operation.name, "correlation_id": request.id, **facts})

    def _refusal(
        self, operation: Operation[Any, Any], refusal: RefusedError, request: Request, services: Services
    ) -> Response:
        fault = refusal.fault
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
