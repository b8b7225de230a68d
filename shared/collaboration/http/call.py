"""A request that has been read: who calls, with which ids, body and query parameters."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Generic, TypeVar

from collaboration.domain.model.faults import RefusedError, Slug, refused
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
from collaboration.frozen import dataclass
from collaboration.http.contract.operation import Body_co, NoBody, Operation, Query_co
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
from collaboration.queries.caller import office_language
from collaboration.services import Caller, Revisions, Services
from collaboration.storage.idempotency import IdempotencyKey

Id = TypeVar("Id", bound=Identifier)

_IDS: Mapping[str, type[Identifier]] = {
    "officeId": OfficeId,
    "employeeId": EmployeeId,
    "customerId": CustomerId,
    "taskId": TaskId,
    "accountId": AccountId,
    "invitationId": InvitationId,
    "collaborationId": CollaborationId,
}

_SHORTEST_KEY, _LONGEST_KEY = 8, 128
# A revision as a tag, RFC 9110, 13.1.1: a weak tag never matches. The quotes may be missing. Nine digits are more than
# any revision has; int() of an endless number takes its time.
_ENTITY_TAG = re.compile(r'"([1-9][0-9]{0,8})"|([1-9][0-9]{0,8})', re.ASCII)


@dataclass(frozen=True)
class Call(Generic[Body_co, Query_co]):
    """A request that has been read."""

    operation: Operation[Body_co, Query_co]
    request: Request
    body: Body_co
    query: Query_co

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

    def language(self, services: Services) -> Locale:
        """The language an employee asked for, else their office's."""
        return self.request.language or office_language(services, self.caller.office_id)

    @property
    def idempotency_key(self) -> IdempotencyKey:
        """The Idempotency-Key with the fingerprint of the body, whatever the order of its fields.

        Raises:
            RefusedError: there is none, or not one of 8 to 128 visible characters.
        """
        value = _idempotency_key(self.request)
        return IdempotencyKey(self.caller.office_id, value, fingerprint(self.operation, self.body))

    @property
    def revisions(self) -> Revisions:
        """The revisions that If-Match names; None for `*`, which is any; none at all where it names none of ours.

        Raises:
            RefusedError: there is no If-Match.
        """
        return _revisions(self.request)


def fingerprint(operation: Operation[Any, Any], body: Value) -> str:
    """What tells one request from another under the same Idempotency-Key."""
    return sha256(f"{operation.name} {body.model_dump_json(by_alias=True)}".encode()).hexdigest()


def read(operation: Operation[Body_co, Query_co], request: Request, services: Services) -> Call[Body_co, Query_co]:
    """Read a request.

    Raises:
        RefusedError: the first of all that is wrong, in the contract's order: unreadable, caller, ids, fields.
    """
    if operation.signed_in and not request.claims:
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
            _revisions(request)
        model = operation.form if operation.form and request.is_form else operation.body
        return Call(operation, request, parsed(model, sent), parsed_query(operation.query, request))
    except InvalidFieldsError as problem:
        _precheck(operation, request, services, sent)
        raise invalid_fields(problem) from None
    except RefusedError:
        _precheck(operation, request, services, {})
        raise


def _precheck(operation: Operation[Any, Any], request: Request, services: Services, sent: Mapping[str, Any]) -> None:
    from collaboration.http.precheck import precheck

    precheck(operation, request, services, sent)


def _sent(operation: Operation[Any, Any], request: Request) -> dict[str, Any]:
    if operation.body is NoBody:
        return {}
    if operation.form and request.is_form:
        return form_fields(request)
    return json_fields(request)


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        raise refused(Slug.IDEMPOTENCY_KEY_MISSING)
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY or not all("!" <= char <= "~" for char in key):
        raise refused(Slug.MALFORMED_REQUEST, hint="idempotency-key")
    return key


def _revisions(request: Request) -> Revisions:
    value = request.headers.get("if-match", "").strip()
    if not value:
        raise refused(Slug.IF_MATCH_MISSING)
    if value == "*":
        return None
    found = (_ENTITY_TAG.fullmatch(tag.strip()) for tag in value.split(","))
    return frozenset(int(match[1] or match[2]) for match in found if match)


def _check_ids(request: Request) -> None:
    for name, value in request.path.items():
        model = _IDS.get(name)
        try:
            found = model(value) if model else None
        except ValueError:
            raise refused(Slug.NOT_FOUND) from None
        if isinstance(found, (InvitationId, CollaborationId)) and found.agreement is None:
            raise refused(Slug.NOT_FOUND)
