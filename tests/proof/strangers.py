"""Every operation of the OpenAPI document by every kind of caller, held against what the operation declares of itself.

What is expected is a rule (`expected`), not a list: it follows from the operation's caller, from `decides`, and from
whether the request names something of an office.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from collaboration.domain.model.faults import Slug
from collaboration.http.problems import STATUS
from collaboration.http.request import CallerClass
from pydantic.alias_generators import to_camel
from stack.demonstration import OFFICE
from support.people import ALMBERG, ANNA, BJORK, BO, CECILIA, CEDER, DAHL, DAVID, PLATFORM

from proof.tally import tallied
from proof.valid_requests import (
    BENJAMIN,
    BIRGITTA,
    ENVIRONMENT,
    NEIGHBOUR,
    OTHER_OFFICE,
    Claims,
    Story,
    ValidRequest,
    valid_requests,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from support.app import Response

    from proof.report import Effort, Row

BERIT = "berit@bjork-brown.example"


class Kind(Enum):
    """What a caller's token makes of them."""

    NOBODY = "nobody"
    EMPLOYEE = "employee"
    ACCOUNT_USER = "account user"
    PLATFORM = "platform"


@dataclass(frozen=True)
class Stranger:
    """A caller, as the authorizer describes them to the functions (None: it describes nobody).

    `at_home`: of the office, or administrator of the company, whose things the requests name. `allowed`: may use the
    operations of their kind at all; `may_decide` has full user rights and is administrator.
    """

    name: str
    kind: Kind
    claims: Claims | None
    allowed: bool = True
    at_home: bool = False
    may_decide: bool = False


def employee(name: str, employee_id: str, office: str = "ek-lind", **more: Any) -> Stranger:
    """An employee of an office."""
    claims = {"custom:office_id": office, "custom:employee_id": employee_id, **more.pop("claims", {})}
    return Stranger(name, Kind.EMPLOYEE, claims, **more)


def account_user(name: str, email: str, *, verified: str | None = "true", **more: Any) -> Stranger:
    """Somebody with an address, and perhaps the pool's word that it is theirs."""
    proven = {} if verified is None else {"email_verified": verified}
    return Stranger(name, Kind.ACCOUNT_USER, {"email": email, **proven, **more.pop("claims", {})}, **more)


def nobody(name: str, claims: Claims | None) -> Stranger:
    """Somebody whose token proves nothing."""
    return Stranger(name, Kind.NOBODY, claims, allowed=False)


_OF_ANNA = {"custom:office_id": "ek-lind", "custom:employee_id": ANNA.id, "email": ANNA.email}
_SELF_MADE = {
    "custom:administrator": "true",
    "custom:full_user_rights": "true",
    "custom:fullUserRights": "true",
    "custom:active": "true",
    "custom:groups": "platform",
    "custom:role": "platform",
    "scope": "platform aws.cognito.signin.user.admin",
    "cognito:groups": "[platforms not-platform platform-readers]",
    "cognito:roles": "platform",
    "cognito:preferred_role": "platform",
    "name": "platform",
}

STRANGERS = (
    nobody("no token", None),
    nobody("empty claims", {"token_use": ""}),
    account_user("an ID token that says nothing", "", verified=None, allowed=False),
    nobody("garbage for claims", {"token_use": "garbage", "custom:office_id": "\x00", "email": "<script>"}),
    nobody("an access token", {**_OF_ANNA, "token_use": "access", "cognito:groups": "platform"}),
    nobody("an access token of the platform", {**PLATFORM, "token_use": "access"}),
    nobody("a refresh token", {**_OF_ANNA, "token_use": "refresh"}),
    employee("employee with all rights", ANNA.id, at_home=True, may_decide=True),
    employee("employee without rights", BO.id, at_home=True),
    employee("full user rights, no administrator", CECILIA.id, at_home=True),
    employee("administrator, no full user rights", "doris", at_home=True),
    employee("inactive employee", DAVID.id, allowed=False),
    employee("employee nobody has fed", "nobody", allowed=False),
    employee("employee with another's address", ANNA.id, allowed=False, claims={"email": BO.email}),
    employee("employee without an id", "", allowed=False),
    employee("employee of another office", ANNA.id, OTHER_OFFICE, may_decide=True),
    employee("employee of an office nobody has fed", ANNA.id, "nowhere", allowed=False),
    employee("an office id that is none", ANNA.id, "ek-lind#..", allowed=False),
    employee("rights of their own making", BO.id, at_home=True, claims=_SELF_MADE),
    account_user("administrator of the company", BIRGITTA, at_home=True),
    account_user("another administrator of the company", BENJAMIN, at_home=True),
    account_user("administrator of another company", ALMBERG.contact.email),
    account_user("user of the company, no administrator", BERIT, allowed=False),
    account_user("administrator of nothing", "stranger@elsewhere.example", allowed=False),
    account_user("address not verified", BIRGITTA, verified="false", allowed=False),
    account_user("address nobody speaks of", BIRGITTA, verified=None, allowed=False),
    account_user("an employee's address", ANNA.email, allowed=False),
    account_user("a user with attributes of their own making", BERIT, allowed=False, claims=_SELF_MADE),
    Stranger("platform", Kind.PLATFORM, PLATFORM),
)

_KINDS = {
    CallerClass.EMPLOYEE: Kind.EMPLOYEE,
    CallerClass.ACCOUNT_USER: Kind.ACCOUNT_USER,
    CallerClass.PLATFORM: Kind.PLATFORM,
}


def expected(request: ValidRequest, stranger: Stranger) -> Slug | None:
    """Why a valid request is refused to a caller; None: it is not."""
    operation = request.operation
    if not operation.signed_in:
        return None
    if stranger.kind is Kind.NOBODY:
        return Slug.UNAUTHENTICATED
    if operation.caller is CallerClass.SIGNED_IN:
        # An employee is told who they are only while they are one; an account user need not be administrator.
        known = stranger.allowed or (stranger.kind is Kind.ACCOUNT_USER and _is_verified(stranger))
        return None if known else Slug.NOT_ALLOWED
    may_call = stranger.kind is _KINDS[operation.caller] and stranger.allowed
    if not may_call or (request.decides and not stranger.may_decide):
        return Slug.NOT_ALLOWED
    everywhere = stranger.at_home or stranger.kind is Kind.PLATFORM
    return Slug.NOT_FOUND if not everywhere and _names_something(request) else None


def _is_verified(stranger: Stranger) -> bool:
    return (stranger.claims or {}).get("email_verified") == "true"


def _names_something(request: ValidRequest) -> bool:
    return bool(request.parameters) or "customer_id" in request.operation.body.model_fields


# What the callers from elsewhere learn nothing of. The people whom both offices have are left out, and so is the
# company of the administrator from elsewhere.
PRIVATE = tuple(
    {
        OFFICE["name"],
        OFFICE["email"],
        OFFICE["organisationNumber"],
        OFFICE["phone"],
        BENJAMIN,
        BERIT,
        *(person.email for person in (ANNA, BO, CECILIA, DAVID)),
        *(person.name for person in (CECILIA, DAVID)),
        *(
            text
            for company in (BJORK, CEDER, DAHL)
            for text in (company.name, company.organisation_number, company.contact.name, company.contact.email)
        ),
    }
)


@dataclass(frozen=True)
class Case:
    """One call of the matrix, and what is wrong with its answer: nothing, it is to be hoped."""

    request: str
    stranger: str
    status: int
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.request} by {self.stranger}: {self.status}, {'; '.join(self.faults)}"


def matrix(story: Story | None = None) -> Iterator[Case]:
    """Every valid request by every caller."""
    story = story or story_with_doris()
    for request in valid_requests(story):
        story.rewind()
        succeeded = request.call(story.app, request.claims)
        for stranger in STRANGERS:
            story.rewind()
            answer = request.call(story.app, stranger.claims)
            yield Case(
                request.name,
                stranger.name,
                answer.status,
                tuple(_faults(story, request, stranger, succeeded, answer)),
            )


def story_with_doris() -> Story:
    """The story, with an employee who is administrator without full user rights."""
    return Story(
        extra={
            "/platform/offices/ek-lind/employees/doris": {
                **BO.body(),
                "name": "Doris Dag",
                "email": "doris.dag@ek-lind.example",
                "administrator": True,
            }
        }
    )


def _faults(
    story: Story, request: ValidRequest, stranger: Stranger, succeeded: Response, answer: Response
) -> Iterator[str]:
    """What an answer should not be."""
    slug = expected(request, stranger)
    described = {*request.operation.answers, *(STATUS[each] for each in request.operation.all_refusals)}
    if answer.status not in described:
        yield "a status that the document does not have"
    if slug is None:
        own = {succeeded.status} if request.operation.caller is not CallerClass.PLATFORM else {200, 201, 202}
        if answer.status not in own:
            yield f"refused, and may: {answer.text[:200]}"
        if not stranger.at_home and request.operation.signed_in and stranger.kind is not Kind.PLATFORM:
            yield from _told_of_others(request, stranger, answer)
        return
    if answer.status != STATUS[slug]:
        yield f"expected {slug}"
        return
    if request.operation.method != "HEAD" and answer.slug != slug:
        yield f"refused for {answer.slug}, expected {slug}"
    if changed := [place for place in story.changed if not _is_sign_in_of(stranger, place)]:
        yield f"refused, and stored {changed}"
    if slug is Slug.UNAUTHENTICATED and story.calls:
        yield "the table was asked for nobody"
    yield from _told_of_others(request, stranger, answer)


def _is_sign_in_of(stranger: Stranger, place: tuple[str, str]) -> bool:
    """Whether something is stored about the caller's own company: that somebody of it has signed in."""
    own = stranger.kind is Kind.ACCOUNT_USER and stranger.allowed and not stranger.at_home
    return own and place == (f"ORGANISATION#{ALMBERG.organisation_number}", "ACCOUNT#account-almberg")


def _told_of_others(request: ValidRequest, stranger: Stranger, answer: Response) -> Iterator[str]:
    sent = json.dumps([request.body, stranger.claims], ensure_ascii=False)
    for text in PRIVATE:
        if text in answer.text and text not in sent:
            yield f"tells {text}"


@dataclass(frozen=True)
class Pair:
    """Something of somebody else and something that is not there, asked for by the same caller."""

    request: str
    stranger: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.request} by {self.stranger}: {'; '.join(self.faults)}"


# As long as the ids of the story, of the same letters, and of nothing.
_UNKNOWN = {
    "invitationId": "inv-zz99999zzzzzz",
    "collaborationId": "col-zz99999zzzzzz",
    "customerId": "zzzzz",
}
_MALFORMED = ("inv-", "col-", "a b", "%00", "..", "x" * 65, "åäö", "inv-UPPER/../x", "\u202eabc", "null", "-")


def pairs(story: Story | None = None) -> Iterator[Pair]:
    """Whatever an office's employee, or a company's administrator, may ask: with another's id, an unknown one, none.

    Between another's and an unknown one nothing differs but the id: status, headers, body, and the calls of the table,
    with all their arguments. An id that cannot be has the same answer.
    """
    story = story or story_with_doris()
    outsiders = [
        each
        for each in STRANGERS
        if each.allowed and not each.at_home and each.kind in (Kind.EMPLOYEE, Kind.ACCOUNT_USER)
    ]
    for request in valid_requests(story):
        for stranger in outsiders:
            if expected(request, stranger) is not Slug.NOT_FOUND:
                continue
            yield Pair(request.name, stranger.name, tuple(_differences(story, request, stranger)))


def _differences(story: Story, request: ValidRequest, stranger: Stranger) -> Iterator[str]:
    if "customer_id" in request.operation.body.model_fields and not request.parameters:
        real, unknown = request.body["customerId"], _UNKNOWN["customerId"]
        yield from _differing(story, request, stranger, real, unknown)
        return
    [name] = request.parameters
    real, unknown = request.parameters[name], _UNKNOWN[name]
    yield from _differing(story, request, stranger, real, unknown, name)
    wanted = _seen(story, request, stranger, unknown, name)
    for malformed in _MALFORMED:
        seen = _seen(story, request, stranger, malformed, name)
        if (seen.status, seen.headers, seen.text) != (wanted.status, wanted.headers, wanted.text):
            yield f"{malformed!r} is answered otherwise: {seen.status} {seen.text}"


@dataclass(frozen=True)
class Seen:
    """What can be seen of an answer: its text as it came, and its body and the calls of the table with ids replaced."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: str
    calls: tuple[str, ...]


def _seen(story: Story, request: ValidRequest, stranger: Stranger, value: str, name: str = "") -> Seen:
    if name:
        return _seen_of(story, lambda: request.call(story.app, stranger.claims, **{name: value}), value)
    changed = request.with_body({**request.body, "customerId": value})
    return _seen_of(story, lambda: changed.call(story.app, stranger.claims), value)


def _seen_of(story: Story, call: Callable[[], Response], value: str) -> Seen:
    """What can be seen of an answer, and of the calls of the table that it took. `value`: what is replaced in them."""
    story.rewind()
    answer = call()
    story.wait_for_reads()
    agreement = re.sub("^(inv|col)-", "", value)

    def without_id(text: str) -> str:
        return text.replace(value, "ID").replace(agreement or value, "ID")

    # Those that are made together come in any order.
    calls = sorted(f"{call.method} {json.dumps(call.arguments, sort_keys=True, default=str)}" for call in story.calls)
    return Seen(
        answer.status, answer.headers, answer.text, without_id(answer.text), tuple(without_id(call) for call in calls)
    )


def _differing(
    story: Story, request: ValidRequest, stranger: Stranger, real: str, unknown: str, name: str = ""
) -> Iterator[str]:
    yield from _apart(_seen(story, request, stranger, real, name), _seen(story, request, stranger, unknown, name))


def _apart(theirs: Seen, nothing: Seen) -> Iterator[str]:
    """What tells something of somebody else from what is not there."""
    for what in ("status", "headers", "body"):
        if getattr(theirs, what) != getattr(nothing, what):
            yield f"the {what} tell them apart"
    if theirs.calls != nothing.calls:
        yield f"the calls tell them apart: {_short(theirs.calls)} and {_short(nothing.calls)}"


def _short(calls: tuple[str, ...]) -> str:
    names = Counter(re.split(r"\s", call)[0] for call in calls)
    return ", ".join(f"{count} {name}" for name, count in names.items()) or "none"


# By what another office's lists might be filtered, and rows of a batch be about, each with what nobody has.
FOREIGN = {
    "customerId": (BJORK.id, "zzzzz"),
    "taskId": ("other", "zzzzz"),
    "taskOwner": ("doris", "zzzzz"),
    "accountManager": ("doris", "zzzzz"),
    "sentBy": ("doris", "zzzzz"),
    "query": (BENJAMIN, "zzzzz"),
}


# Ids in a body that are somebody else's, each with what nobody has: a customer and a task of another office, an account
# of another company.
FOREIGN_IN_BODY = {
    "customerId": (NEIGHBOUR.id, "zzzzz"),
    "taskId": (NEIGHBOUR.task_id, "zzzzz"),
    "accountId": (f"account-{BJORK.id}", "zzzzz"),
}


def foreign(story: Story | None = None) -> Iterator[Pair]:
    """What else names something: filters of lists, cursors, keys, ids in bodies; of another office or company, or none.

    A cursor that was given to somebody else is answered as one that is none.
    """
    story = story or story_with_doris()
    yield from foreign_in_bodies(story)
    yield from foreign_keys(story)
    strangers = {each.name: each for each in STRANGERS}
    outsiders = {
        CallerClass.EMPLOYEE: strangers["employee of another office"],
        CallerClass.ACCOUNT_USER: strangers["administrator of another company"],
    }
    for request in valid_requests(story):
        operation = request.operation
        stranger = outsiders.get(operation.caller)
        if stranger is None:
            continue
        parameters = {to_camel(name) for name in operation.query.model_fields}
        for name in sorted(FOREIGN.keys() & parameters):
            real, unknown = (
                _seen_of(story, partial(_queried, story, request, stranger, f"?{name}={value}"), value)
                for value in FOREIGN[name]
            )
            yield Pair(f"{request.name} by {name}", stranger.name, tuple(_apart(real, unknown)))
        if "cursor" in parameters and not request.parameters:
            yield Pair(f"{request.name} by cursor", stranger.name, tuple(_cursor_faults(story, request, stranger)))
        if "rows" in operation.body.model_fields:
            [row] = request.body["rows"]
            real, unknown = (
                _seen_of(story, partial(_sent, story, request, stranger, [{**row, "customerId": value}]), value)
                for value in FOREIGN["customerId"]
            )
            yield Pair(f"{request.name}, a row", stranger.name, tuple(_apart(real, unknown)))


def foreign_in_bodies(story: Story) -> Iterator[Pair]:
    """Every id in a body of whoever may send it, beside one in the path too, and within rows.

    What the body names is refused; everything else about the request is right.
    """
    for request in valid_requests(story):
        if request.operation.caller not in {CallerClass.EMPLOYEE, CallerClass.ACCOUNT_USER}:
            continue
        for name, at in _ids_in(request):
            real, unknown = (
                _seen_of(story, partial(at(value).call, story.app, request.claims), value)
                for value in FOREIGN_IN_BODY[name]
            )
            faults = [*_apart(real, unknown)]
            if real.status < 300 and '"refused"' not in real.text and request.operation.name != "previewCollaboration":
                faults.append(f"taken: {real.text[:200]}")
            yield Pair(f"{request.name}, {name} in the body", "its caller", tuple(faults))


def foreign_keys(story: Story) -> Iterator[Pair]:
    """An Idempotency-Key that another office has used, for the very request of a customer that both have alike.

    It is as one that nobody has used: the request is judged by itself, and the other's response is nobody's.
    """
    stranger = next(each for each in STRANGERS if each.name == "employee of another office")
    for request in valid_requests(story):
        row = request.operation.row
        if request.operation.keyed or (row is not None and "key" in row.model_fields):
            yield Pair(f"{request.name}, a key", stranger.name, tuple(_key_faults(story, request, stranger)))


def _key_faults(story: Story, request: ValidRequest, stranger: Stranger) -> Iterator[str]:
    story.rewind()
    for customer in (ALMBERG, DAHL):
        story.other.feed_customer(customer)
    sent = _with_key(request, "a-key-of-both")
    theirs, own = (sent.call(story.app, claims) for claims in (request.claims, stranger.claims))
    ids = re.findall(r'"((?:inv|col)-[^"]+)"', theirs.text)
    if not ids:
        yield f"the first is not carried out: {theirs.text[:200]}"
    replayed = "Idempotency-Replayed" in own.headers or Slug.IDEMPOTENCY_KEY_REUSED in own.text
    if replayed or any(each in own.text for each in ids):
        yield f"answered with what is another's: {own.text[:200]}"


def _with_key(request: ValidRequest, key: str) -> ValidRequest:
    if request.operation.keyed:
        return replace(request, headers={**request.headers, "Idempotency-Key": key})
    return request.with_body({"rows": [{**row, "key": key} for row in request.body["rows"]]})


def _ids_in(request: ValidRequest) -> Iterator[tuple[str, Callable[[str], ValidRequest]]]:
    """The names of the ids that a body, or the row in it, may hold; and the request with another value there."""

    def changed(name: str, value: str) -> ValidRequest:
        if "rows" in request.operation.body.model_fields:
            return request.with_body({"rows": [{**row, name: value} for row in request.body["rows"]]})
        return request.with_body({**request.body, name: value})

    model = request.operation.row or request.operation.body
    for field in model.model_fields:
        if (name := to_camel(field)) in FOREIGN_IN_BODY:
            yield name, partial(changed, name)


def _queried(story: Story, request: ValidRequest, stranger: Stranger, query: str) -> Response:
    return replace(request, query=query).call(story.app, stranger.claims)


def _sent(story: Story, request: ValidRequest, stranger: Stranger, rows: list[Any]) -> Response:
    return request.with_body({"rows": rows}).call(story.app, stranger.claims)


def _cursor_faults(story: Story, request: ValidRequest, stranger: Stranger) -> Iterator[str]:
    """What is wrong when somebody uses another's cursor."""
    story.rewind()
    cursor = replace(request, query="?limit=1").call(story.app, request.claims).json.get("next")
    if cursor is None:
        yield "there is no cursor to try"
        return
    real, garbage = (
        _seen_of(story, partial(_queried, story, request, stranger, f"?limit=1&cursor={value}"), value)
        for value in (cursor, "Z2FyYmFnZQ")
    )
    yield from _apart(real, garbage)


PART = "strangers"


def prove(effort: Effort) -> Iterator[Row]:
    """Who may do what, of every operation; and what an office or a company learns of another."""
    os.environ.update(ENVIRONMENT)
    cases = [*matrix()]
    statuses = Counter(case.status for case in cases)
    answered = ", ".join(f"{count:,} times {status}" for status, count in sorted(statuses.items()))
    yield tallied(PART, "every operation by every caller: as it declares, and nothing told", cases, answered)
    yield tallied(
        PART,
        "another's and unknown: alike in status, body, headers and calls of the table",
        pairs(),
        f"each with {len(_MALFORMED)} ids that cannot be",
    )
    yield tallied(
        PART,
        "filters, cursors, keys, ids in bodies and in rows of a batch: another's and unknown alike",
        foreign(),
        "in status, body, headers and calls of the table; a cursor as one that is none",
    )
