"""From an event to an answer: find the operation, see who asks, parse, run, and turn every refusal into a problem.

The order in which refusals are told is kept here for all operations alike: what cannot be read at all, who asks,
whether the things named are theirs, and only then the fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Email,
    EmployeeId,
    Identifier,
    InvitationId,
    Locale,
    OfficeId,
    TaskId,
    Value,
)
from collaboration.http import problems
from collaboration.http.contract.operation import Body, NoBody, Operation, Query
from collaboration.http.previews import preview_shape
from collaboration.http.request import (
    CallerClass,
    InvalidFieldsError,
    Request,
    form_fields,
    invalid_fields,
    json_fields,
    parsed,
    parsed_query,
)
from collaboration.queries.account_user import administered, find_collaboration, find_invitation
from collaboration.queries.caller import office_language
from collaboration.queries.prechecks import precheck_employee, precheck_platform
from collaboration.services import Caller, Services
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse
from collaboration.storage.table import TableUnavailableError

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


Id = TypeVar("Id", bound=Identifier)


Event = Mapping[str, Any]


Handler = Callable[[Event, object], dict[str, Any]]


_IDS: Mapping[str, type[Identifier]] = {
    "officeId": OfficeId,
    "employeeId": EmployeeId,
    "customerId": CustomerId,
    "taskId": TaskId,
    "accountId": AccountId,
    "invitationId": InvitationId,
    "collaborationId": CollaborationId,
}


_JSON = "application/json"


_SHORTEST_KEY, _LONGEST_KEY = 8, 128


# Answers are for the one who asked: no cache keeps them, no page elsewhere learns where they came from.
_EVERY_ANSWER = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}


@dataclass(frozen=True, slots=True)
class Response:
    """What an operation answers: a shape or JSON text, or a page of HTML."""

    status: int
    body: Value | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = _JSON

    def text(self) -> str:
        """The body as it is sent."""
        if isinstance(self.body, Value):
            return self.body.model_dump_json(by_alias=True)
        return self.body or ""


@dataclass(frozen=True, slots=True)
class Call(Generic[Body, Query]):
    """A request that has been read: who asks, for what."""

    operation: Operation[Body, Query]
    request: Request
    body: Body
    query: Query

    @property
    def caller(self) -> Caller:
        """The employee who calls."""
        return self.request.employee()

    @property
    def account_user(self) -> Email:
        """The verified address of the account user who calls."""
        return self.request.account_user()

    def id(self, name: str, model: type[Id]) -> Id:
        """An id of the path, which has been checked."""
        return model(self.request.path[name])

    @property
    def idempotency_key(self) -> IdempotencyKey:
        """The Idempotency-Key with the fingerprint of the body, whatever the order of its fields.

        Raises:
            RefusedError: there is none, or not one of 8 to 128 visible characters.
        """
        value = _idempotency_key(self.request)
        return IdempotencyKey(self.caller.office_id, value, fingerprint(self.operation, self.body))

    @property
    def revision(self) -> int:
        """The revision that If-Match names; one that no resource has, where it names none of ours.

        Raises:
            Refused: there is none.
        """
        return _revision(self.request)


def fingerprint(operation: Operation[Any, Any], body: Value) -> str:
    """What tells one request from another under the same key."""
    return sha256(f"{operation.name} {body.model_dump_json(by_alias=True)}".encode()).hexdigest()


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        raise refused(Slug.IDEMPOTENCY_KEY_MISSING)
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY or not all("!" <= char <= "~" for char in key):
        raise refused(Slug.MALFORMED_REQUEST, hint="idempotency-key")
    return key


def _revision(request: Request) -> int:
    tag = request.headers.get("if-match", "").strip()
    if not tag:
        raise refused(Slug.IF_MATCH_MISSING)
    number = tag.removeprefix("W/").strip('"')
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0  # noqa: PLR2004


def storable(status: int, location: str, body: Value) -> StoredResponse:
    """A success in the form in which it is stored under the Idempotency-Key."""
    return StoredResponse(status, location, body.model_dump_json(by_alias=True))


def idempotent_response(call: Call[Any, Any], stored: StoredResponse) -> Response:
    """The response of an operation that runs once per Idempotency-Key."""
    headers = {"Location": call.request.reference(stored.location)}
    if stored.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(stored.status, stored.body, headers)


def tagged(shape: Value, revision: int, status: int = 200) -> Response:
    """A resource with its ETag."""
    return Response(status, shape, {"ETag": f'"{revision}"'})


class HttpApp(Protocol):
    """The parts of the composition's App that dispatching needs."""

    @property
    def services(self) -> Services:
        """The table, the clock and new ids."""

    @property
    def logger(self) -> "Logger":
        """Writes ids and outcomes, never what was sent."""


class Api:
    """The operations of one function.

    Args:
        app: looks up what the process works with; called once per request.
    """

    def __init__(self, app: Callable[[], HttpApp]) -> None:
        self._app = app
        self._routes: dict[tuple[str, str], tuple[Operation[Any, Any], Callable[..., Response]]] = {}
        self._pages: dict[tuple[str, str], Callable[[Fault, Request], Response]] = {}

    @property
    def routes(self) -> frozenset[tuple[str, str]]:
        """What the function answers."""
        return frozenset(self._routes)

    def on(
        self,
        operation: Operation[Body, Query],
        *,
        faults_as_pages: Callable[[Fault, Request], Response] | None = None,
    ) -> Callable[
        [Callable[[Call[Body, Query], Services], Response]], Callable[[Call[Body, Query], Services], Response]
    ]:
        """Answer `operation` with the function below; a person's browser may get faults as pages."""

        def register(
            answer: Callable[[Call[Body, Query], Services], Response],
        ) -> Callable[[Call[Body, Query], Services], Response]:
            self._routes[operation.route] = (operation, answer)
            if faults_as_pages:
                self._pages[operation.route] = faults_as_pages
            return answer

        return register

    def __call__(self, event: Event, _context: object) -> dict[str, Any]:
        """The Lambda handler."""
        request = Request.of(event)
        services = self._app().services
        answer = self._answer(request, services)
        return {
            "statusCode": answer.status,
            "headers": {
                "Content-Type": answer.content_type,
                "X-Request-Id": request.id,
                **_EVERY_ANSWER,
                **answer.headers,
            },
            "body": "" if request.method == "HEAD" else answer.text(),
            "isBase64Encoded": False,
        }

    def _answer(self, request: Request, services: Services) -> Response:
        operation, run = self._routes[request.method, request.route]
        try:
            return run(_read(operation, request, services), services)
        except RefusedError as refusal:
            return self._refusal(operation, refusal, request, services)
        except TableUnavailableError as reason:
            self._log("table unavailable", operation, reason=str(reason))
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)
        except Exception as error:  # noqa: BLE001 - the caller gets an answer, whatever broke
            self._log("unexpected", operation, reason=type(error).__name__, at=_place(error))
            return self._refusal(operation, refused(Slug.TEMPORARILY_UNAVAILABLE), request, services)

    def _log(self, message: str, operation: Operation[Any, Any], **facts: str) -> None:
        self._app().logger.error(message, extra={"operation": operation.name, **facts})

    def _refusal(
        self, operation: Operation[Any, Any], refusal: RefusedError, request: Request, services: Services
    ) -> Response:
        fault = refusal.fault
        page = self._pages.get(operation.route)
        headers = problems.headers(fault, services.clock(), request.reference)
        if page and request.wants_page:
            shown = page(fault, request)
            return replace(shown, headers={**shown.headers, **headers})
        locale = request.language or _office_language(operation, request, services)
        preview = None
        if isinstance(refusal.preview, Preview):
            preview = preview_shape(refusal.preview, locale, request.reference)
        shape = problems.problem(fault, locale, request.reference, request_id=request.id, preview=preview)
        return Response(
            shape.status,
            shape,
            headers,
            "application/problem+json",
        )


def _place(error: Exception) -> str:
    """Where it broke, without what was being handled: that may be anybody's address."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


def _office_language(operation: Operation[Any, Any], request: Request, services: Services) -> Locale:
    """The office's language for its employees, Swedish where there is none to know."""
    if operation.caller is not CallerClass.EMPLOYEE:
        return Locale.SV
    try:
        return office_language(services, request.employee().office_id)
    except (RefusedError, TableUnavailableError):
        return Locale.SV


def _read(operation: Operation[Body, Query], request: Request, services: Services) -> Call[Body, Query]:
    """The request, read and in order.

    Raises:
        Refused: with what comes first of all that is wrong.
    """
    if operation.caller is not CallerClass.ANYONE and operation.caller is not CallerClass.HOLDER and not request.claims:
        raise refused(Slug.UNAUTHENTICATED)
    if operation.keyed:
        _idempotency_key(request)
    sent = _sent(operation, request)
    match operation.caller:
        case CallerClass.EMPLOYEE:
            request.employee()
        case CallerClass.PLATFORM:
            request.check_platform()
        case CallerClass.ACCOUNT_USER:
            request.account_user()
    try:
        _check_ids(request)
        if operation.matched:
            _revision(request)
        return Call(operation, request, parsed(operation.body, sent), parsed_query(operation.query, request))
    except InvalidFieldsError as problem:
        _precheck(operation, request, services, sent)
        raise invalid_fields(problem) from None
    except RefusedError:
        _precheck(operation, request, services, {})
        raise


def _sent(operation: Operation[Any, Any], request: Request) -> dict[str, Any]:
    if operation.body is NoBody:
        return {}
    if operation.form and request.is_form:
        return form_fields(request)
    return json_fields(request)


def _check_ids(request: Request) -> None:
    for name, value in request.path.items():
        model = _IDS.get(name)
        try:
            found = model(value) if model else None
        except ValueError:
            raise refused(Slug.NOT_FOUND) from None
        if isinstance(found, (InvitationId, CollaborationId)) and found.agreement is None:
            raise refused(Slug.NOT_FOUND)


def _precheck(operation: Operation[Any, Any], request: Request, services: Services, sent: Mapping[str, Any]) -> None:
    """Tell first what comes before the fields: whether the caller may ask, and whether the things named are theirs."""
    named = {"customerId": sent.get("customerId"), **request.path}
    match operation.caller:
        case CallerClass.EMPLOYEE:
            precheck_employee(
                services,
                request.employee(),
                customer=_parse_or_none(CustomerId, named["customerId"]),
                invitation=_parse_or_none(InvitationId, named.get("invitationId")),
                collaboration=_parse_or_none(CollaborationId, named.get("collaborationId")),
                requires_decision_rights=operation.decides,
            )
        case CallerClass.ACCOUNT_USER:
            invitation = _parse_or_none(InvitationId, named.get("invitationId"))
            collaboration = _parse_or_none(CollaborationId, named.get("collaborationId"))
            if invitation:
                find_invitation(services, request.account_user(), invitation)
            elif collaboration:
                find_collaboration(services, request.account_user(), collaboration)
            else:
                administered(services, request.account_user())
        case CallerClass.PLATFORM:
            own = request.route.rpartition("/")[2].strip("{}")
            precheck_platform(
                services,
                office=_parse_or_none(OfficeId, named.get("officeId")) if own != "officeId" else None,
                customer=_parse_or_none(CustomerId, named["customerId"]) if own != "customerId" else None,
            )


def _parse_or_none(model: type[Id], value: object) -> Id | None:
    try:
        return model(value) if isinstance(value, str) else None
    except ValueError:
        return None
