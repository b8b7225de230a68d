"""An event of the gateway, parsed: who asks, for what, in which language. Nothing here knows a rule."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import ValidationError

from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, refused
from collaboration.domain.model.values import Email, EmployeeId, Locale, OfficeId, Value
from collaboration.frozen import dataclass
from collaboration.services import Caller

Parsed = TypeVar("Parsed", bound=Value)
LARGEST_BODY = 256 * 1024
_FIELD_NAME_LENGTH = 64

PLATFORM_GROUP = "platform"
_JSON = ("application/json", "application/problem+json")
# What an ID token says of whoever has to pair a second factor before anything else.
SECOND_FACTOR, MISSING = "second_factor", "missing"


class CallerClass(StrEnum):
    """Who may use an operation."""

    EMPLOYEE = "employee"
    PLATFORM = "platform"
    ACCOUNT_USER = "account-user"
    SIGNED_IN = "signed-in"
    HOLDER = "holder"
    ANYONE = "anyone"


@dataclass(frozen=True)
class Request:
    """What the gateway hands over.

    `claims` are those of an ID token; header names are in lower case, the values of one that was sent several times
    stand in one list (RFC 9110, 5.3); `route` is the resource, `/invitations/{id}`; `id` is the gateway's, or what the
    caller put in its place; `url_path` is the path that was asked for, the stage included, empty where nobody says it.
    """

    method: str
    route: str
    id: str
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    claims: Mapping[str, str]
    raw_body: str | None
    encoded: bool
    url_path: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """The request of a REST API's event."""
        context = event.get("requestContext") or {}
        claims = (context.get("authorizer") or {}).get("claims") or {}
        return cls(
            method=event["httpMethod"],
            route=event["resource"],
            id=str(context.get("requestId", "")),
            path=event.get("pathParameters") or {},
            query=event.get("multiValueQueryStringParameters") or {},
            headers=_headers(event),
            # Every ID token of Cognito says so of itself; what an access token says proves nobody's class.
            claims=claims if claims.get("token_use") == "id" else {},
            raw_body=event.get("body"),
            encoded=bool(event.get("isBase64Encoded")),
            url_path=str(context.get("path") or ""),
        )

    @property
    def trailing_slashes(self) -> int:
        """How many slashes the address has at its end for nothing: the gateway takes them for none."""
        return 0 if self.route == "/" else len(self.url_path) - len(self.url_path.rstrip("/"))

    def reference(self, target: str) -> str:
        """`target`, a path below the API's root, relative to this request's URL."""
        if self.route == "/":
            last = self.url_path.rpartition("/")[2]
            return f"{last}/{target}" if last else target
        return "../" * (self.route.count("/") - 1 + self.trailing_slashes) + target

    @property
    def language(self) -> Locale | None:
        """The language asked for: `lang` in the query of a page, else `Accept-Language`; None leaves it to us."""
        chosen = self.query.get("lang", [""])[0]
        if chosen in tuple(Locale):
            return Locale(chosen)
        return _preferred(self.headers.get("accept-language", ""))

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def is_form(self) -> bool:
        """Whether the body is an HTML form's."""
        return self.content_type == "application/x-www-form-urlencoded"

    @property
    def wants_json(self) -> bool:
        """Whether `Accept` prefers JSON to HTML. A person's browser does not."""
        accepted = {kind: quality for quality, kind in _qualities(self.headers.get("accept", ""))}
        json_quality = max(_quality(accepted, kind) for kind in _JSON)
        html_quality = _quality(accepted, "text/html")
        # What both fit, as `*/*`, prefers neither: that is a page, unless JSON is named.
        names_json = any(accepted.get(kind) for kind in _JSON)
        return json_quality > html_quality or (json_quality == html_quality and names_json)

    @property
    def wants_page(self) -> bool:
        """Whether the answer is a page: to a form, and to whoever neither sends nor prefers JSON.

        A body without a type is read as JSON, and answered so: a browser names the type of a form.
        """
        sends_json = self.content_type == "application/json" or (not self.content_type and bool(self.raw_body))
        return self.is_form or not (self.wants_json or sends_json)

    @property
    def caller_class(self) -> CallerClass:
        """The class of whoever is signed in."""
        if self._claim("custom:office_id"):
            return CallerClass.EMPLOYEE
        return CallerClass.PLATFORM if self._is_platform else CallerClass.ACCOUNT_USER

    def check_second_factor(self) -> None:
        """Let nobody of an office or of the platform through whose token says that a second factor is missing.

        The user pool's function puts that into the token where one is demanded (`functions/sign_in`).

        Raises:
            RefusedError: it is missing, or nobody is signed in.
        """
        if self._claim(SECOND_FACTOR) == MISSING:
            raise refused(Slug.NOT_ALLOWED, hint="second-factor")

    def employee(self) -> Caller:
        """The employee who calls.

        Raises:
            RefusedError: nobody is signed in, or somebody who is no employee.
        """
        try:
            caller = Caller(
                OfficeId(self._claim("custom:office_id")),
                EmployeeId(self._claim("custom:employee_id")),
                self._claim("email") or None,
            )
        except ValueError as error:
            raise refused(Slug.NOT_ALLOWED, hint="class") from error
        self.check_second_factor()
        return caller

    def account_user(self) -> Email:
        """The address of the account user who calls, which the pool has verified.

        Raises:
            RefusedError: nobody is signed in, somebody of an office, or with an address that is not verified.
        """
        if self._claim("custom:office_id"):
            raise refused(Slug.NOT_ALLOWED, hint="class")
        if self._claim("email_verified").lower() != "true":
            raise refused(Slug.NOT_ALLOWED, hint="unverified")
        try:
            return Email(self._claim("email"))
        except ValueError as error:
            raise refused(Slug.NOT_ALLOWED, hint="class") from error

    def check_platform(self) -> None:
        """Let only the platform through.

        Raises:
            RefusedError: nobody is signed in, or somebody outside the group `platform`.
        """
        if not self._is_platform:
            raise refused(Slug.NOT_ALLOWED, hint="class")
        self.check_second_factor()

    @property
    def _is_platform(self) -> bool:
        return PLATFORM_GROUP in self._claim("cognito:groups").strip("[]").replace(",", " ").split()

    def _claim(self, name: str) -> str:
        if not self.claims:
            raise refused(Slug.UNAUTHENTICATED)
        return str(self.claims.get(name, ""))

    def body(self) -> str:
        """The body as text.

        Raises:
            RefusedError: too large, or no text.
        """
        raw = self.raw_body or ""
        if self.encoded:
            try:
                raw = b64decode(raw, validate=True).decode()
            except (NotBase64, UnicodeDecodeError) as error:
                raise refused(Slug.MALFORMED_REQUEST, hint="json") from error
        if len(raw.encode(errors="surrogatepass")) > LARGEST_BODY:
            raise refused(Slug.PAYLOAD_TOO_LARGE)
        return raw


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """The headers by their names in lower case. Of one sent several times the event's `headers` has the last value."""
    found = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    every: dict[str, list[str]] = {}
    for name, values in (event.get("multiValueHeaders") or {}).items():
        every.setdefault(name.lower(), []).extend(values)
    return {**found, **{name: ", ".join(values) for name, values in every.items() if len(values) > 1}}


class InvalidFieldsError(Exception):
    """Fields that are wrong by themselves, whatever the world looks like. `sent` is what was sent, where it helps."""

    def __init__(self, fields: tuple[FieldFault, ...], sent: Mapping[str, Any]) -> None:
        super().__init__("unreadable")
        self.fields = fields
        self.sent = sent


def json_fields(request: Request) -> dict[str, Any]:
    """The fields of a JSON body. One that an object names twice holds what no field takes.

    Raises:
        RefusedError: another media type, too large, not JSON, or not an object.
    """
    if request.content_type not in {"", "application/json"}:
        raise refused(Slug.UNSUPPORTED_MEDIA_TYPE)
    text = request.body()
    try:
        fields = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_named_once)
        # A lone surrogate is no text that anything further in could write down.
        json.dumps(fields, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise refused(Slug.MALFORMED_REQUEST, hint="json" if text.strip() else "body-missing") from error
    if not isinstance(fields, dict):
        raise refused(Slug.MALFORMED_REQUEST, hint="json")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(name)


# No body can hold it (`_no_constant`), and no field takes it: one that is named twice is then invalid, at its place.
_NOT_A_NUMBER = float("nan")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; which of two values counts, the reader of a field that is named twice must not choose."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        times = Counter(name for name, _ in pairs)
        fields |= {name: _NOT_A_NUMBER for name, count in times.items() if count > 1}
    return fields


def form_fields(request: Request) -> dict[str, Any]:
    """The fields of an HTML form; an empty one counts as none.

    Raises:
        RefusedError: too large, too many fields, or one that is given twice.
    """
    try:
        fields = parse_qsl(request.body(), max_num_fields=20)
    except ValueError as error:
        raise refused(Slug.MALFORMED_REQUEST, hint="json") from error
    times = Counter(name for name, _ in fields)
    if twice := tuple(FieldFault(_pointer((name,)), Code.INVALID) for name, count in times.items() if count > 1):
        raise invalid_fields(InvalidFieldsError(twice, {}))
    return dict(fields)


def parsed_query(model: type[Parsed], request: Request) -> Parsed:
    """The query parameters as a `model`.

    Raises:
        InvalidFieldsError: unknown ones, wrong values, or one that is given twice.
    """
    twice = tuple(FieldFault(_pointer((name,)), Code.INVALID) for name, values in request.query.items() if values[1:])
    if twice:
        raise InvalidFieldsError(twice, {})
    return parsed(model, {name: values[0] for name, values in request.query.items() if values})


def parsed(model: type[Parsed], sent: dict[str, Any]) -> Parsed:
    """What was sent as a `model`.

    Raises:
        InvalidFieldsError: fields that are wrong.
    """
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise InvalidFieldsError(field_faults(error), sent) from None


def field_faults(error: ValidationError) -> tuple[FieldFault, ...]:
    """What pydantic found, in the words of the contract. Input values are left behind: they may be anything."""
    codes = {"missing": Code.MISSING, "extra_forbidden": Code.UNKNOWN}
    errors = error.errors(include_url=False, include_input=False, include_context=False)
    wrong_within = {found["loc"][:end] for found in errors for end in range(len(found["loc"]))}
    return tuple(
        FieldFault(_pointer(found["loc"]), codes.get(found["type"], Code.INVALID))
        for found in errors
        # Pydantic counts the right items only, so that a list is "too short" beside whatever is wrong in it.
        if found["type"] != "too_short" or found["loc"] not in wrong_within
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    # A field that nobody knows is named by the caller, who may have put anything there, an address too.
    named = [
        str(part) if str(part).isidentifier() or isinstance(part, int) else "?"
        for part in location
        if len(str(part)) <= _FIELD_NAME_LENGTH
    ]
    return "#/" + "/".join(named)


def invalid_fields(problem: InvalidFieldsError) -> RefusedError:
    """The refusal of fields that are wrong by themselves."""
    return RefusedError(Fault(Slug.VALIDATION_FAILED, fields=problem.fields))


def _qualities(header: str) -> list[tuple[float, str]]:
    found = []
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            found.append((float(quality), name))
        except ValueError:
            continue
    return sorted(found, reverse=True, key=lambda pair: pair[0])


def _quality(accepted: Mapping[str, float], kind: str) -> float:
    """How much a media type is wanted: by the most exact of the ranges that it fits (RFC 9110, 12.5.1)."""
    ranges = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    return next((accepted[wanted] for wanted in ranges if wanted in accepted), 0.0)


def _preferred(header: str) -> Locale | None:
    for quality, name in _qualities(header):
        language = name.split("-")[0]
        if quality > 0 and language in tuple(Locale):
            return Locale(language)
    return None
