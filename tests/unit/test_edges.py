"""Links, settings, requests, problems, the document: what stands between the domain and the world."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest
from collaboration.calls import Call
from collaboration.domain.model.faults import ORDER, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.model.terms import TERMS_VERSION
from collaboration.domain.model.values import AgreementId, Locale, Value
from collaboration.http.contract.inviting import SEND_INVITATION
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.dispatch import Api
from collaboration.http.openapi import document, examples
from collaboration.http.problems import STATUS, headers
from collaboration.http.request import Request, form_fields
from collaboration.http.response import Response
from collaboration.link_tokens import TokenClaims, TokenSigner
from collaboration.services import Services
from collaboration.settings import MailSettings, MissingSettingsError, Settings
from openapi_spec_validator import validate
from support.app import FakeLog, FakeMetrics
from support.samples import sample
from support.template import PROJECT

HOLDER = TokenClaims(AgreementId("64xdjm33"), "r1", 1)


def test_every_answer_is_written_by_pydantic_alone() -> None:
    """What is left out is a matter of its field (`Omissible`): a function of ours would be called for every row.

    The directory's answers are never rows.
    """
    assert OPERATIONS, "the whole contract is imported"
    models = [model for model in Value.__subclasses__() if model.__module__.startswith("collaboration.http.contract")]
    assert ProblemResponse in models
    ours = {model.__name__ for model in models if model.__pydantic_decorators__.model_serializers}
    assert ours == {"DirectoryResponse"}
    problem = ProblemResponse(type="about:blank", title="No", status=404, detail="None")
    assert set(problem.model_dump(by_alias=True)) == {"type", "title", "status", "detail"}


# Links


def test_a_link_is_read_as_it_was_made() -> None:
    """And looks as agreed: v1, invitation, recipient, version, mac."""
    links = TokenSigner(b"key")
    token = links.token(HOLDER)
    assert token.startswith("v1.inv-64xdjm33.r1.1.")
    assert links.read(token) == HOLDER


@pytest.mark.parametrize("place", range(len(TokenSigner(b"key").token(HOLDER)) - 1))
def test_a_link_that_was_touched_is_none(place: int) -> None:
    """Any character at all; the last one of base64 holds spare bits, and is left out."""
    token = TokenSigner(b"key").token(HOLDER)
    other = "A" if token[place] != "A" else "B"
    assert TokenSigner(b"key").read(token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", ".", "v1", "v1.inv-a.r1.1.", "å.å.å.å.å", "x" * 5000])
def test_nonsense_is_no_link(token: str) -> None:
    """Refused like a forged one, whatever it is."""
    assert TokenSigner(b"key").read(token) is None


def test_a_rotated_key_kills_no_link_and_a_new_version_does() -> None:
    """The previous key is read still; an unknown one is not; versions make other links."""
    old = TokenSigner(b"old").token(HOLDER)
    assert TokenSigner(b"new", b"old").read(old) == HOLDER
    assert TokenSigner(b"new").read(old) is None
    assert TokenSigner(b"old").token(TokenClaims(HOLDER.agreement, "r1", 2)) != old


# Settings


def test_all_missing_settings_are_told_at_once() -> None:
    """Whoever deploys learns of every name in one go."""
    with pytest.raises(MissingSettingsError) as pending_messages:
        MailSettings.of({"TABLE_NAME": "t", "CLOCK_OFFSET_SECONDS": "0"})
    assert (
        str(pending_messages.value)
        == "LINK_SECRET_ARN, MAILS_PER_SECOND, MAIL_CONFIGURATION_SET, MAIL_SENDER, PUBLIC_URL"
    )


def test_the_clocks_offset_is_a_number_of_seconds() -> None:
    """Backwards too, and nothing else."""
    assert Settings.of({"CLOCK_OFFSET_SECONDS": "-60"}).clock_offset.total_seconds() == -60
    with pytest.raises(MissingSettingsError):
        Settings.of({"CLOCK_OFFSET_SECONDS": "soon"})


# Faults


def test_every_reason_has_one_status() -> None:
    """The table is complete."""
    assert set(STATUS) == set(Slug)


def test_the_first_reason_names_the_answer_and_all_fields_are_told() -> None:
    """In the order agreed, whatever order they were found in."""
    late = Fault(Slug.VALIDATION_FAILED, fields=(FieldFault("#/variant", "missing"),))  # type: ignore[arg-type]
    early = Fault(Slug.ALREADY_INVITED)
    found = first_of([late, early])
    assert found is not None
    assert (found.slug, [field.pointer for field in found.fields]) == (Slug.ALREADY_INVITED, ["#/variant"])
    assert first_of([]) is None
    assert len(set(ORDER)) == len(ORDER)


def test_who_should_wait_is_told_how_long() -> None:
    """Until the moment that is known, else a little; never less than a second."""
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    later = Fault(Slug.REMINDER_TOO_SOON, retry_at=datetime(2026, 11, 24, 9, 0, 30, tzinfo=UTC))
    assert headers(later, now, str)["Retry-After"] == "30"
    assert headers(Fault(Slug.REMINDER_TOO_SOON, retry_at=now), now, str)["Retry-After"] == "1"
    assert headers(Fault(Slug.TEMPORARILY_UNAVAILABLE), now, str)["Retry-After"] == "2"
    assert headers(Fault(Slug.NOT_FOUND), now, str) == {}


# Requests


def request(**sent: str) -> Request:
    """A request with these headers."""
    event = sample("docs-health")
    return Request.of({**event, "headers": {name.replace("_", "-"): value for name, value in sent.items()}})


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        ("application/json", True),
        ("application/problem+json", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("text/html, application/json;q=0.5", False),
        ("application/json, text/html;q=0.5", True),
        ("*/*", False),
        ("", False),
        ("application/*", True),
        ("text/html;q=0.2, */*;q=0.9", True),
        ("text/*;q=0.9, application/json;q=0.5", False),
        ("application/json;q=0, */*", False),
        ("application/json;q=0", False),
        ("text/plain", False),
        ("image/avif, image/webp, */*;q=0.8", False),
        ("application/json, text/html", True),
    ],
)
def test_a_browser_gets_a_page_and_a_program_json(accept: str, json: bool) -> None:  # noqa: FBT001
    """By what `Accept` prefers."""
    assert request(Accept=accept).wants_json is json


@pytest.mark.parametrize(
    ("content_type", "body", "page"),
    [
        ("", '{"decision": "accept"}', False),
        ("", None, True),
        ("application/json; charset=utf-8", None, False),
        ("application/x-www-form-urlencoded", "decision=accept", True),
        ("text/plain", "x", True),
    ],
)
def test_json_is_answered_in_json(content_type: str, body: str | None, page: bool) -> None:  # noqa: FBT001
    """A body without a type is read as JSON, and answered so; nobody here says what they would rather have."""
    event = sample("accept-decide")
    event |= {"headers": {"Content-Type": content_type, "Accept": "*/*"}, "body": body}
    assert Request.of(event).wants_page is page


def test_a_header_that_comes_several_times_is_one_list() -> None:
    """The gateway gives the last value alone under `headers`: what stood before it would go unseen."""
    event = sample("invite-send")
    event["headers"] = {"if-match": '"9"', "If-Match": '"8"', "Idempotency-Key": "second-key", "Accept": "text/html"}
    event["multiValueHeaders"] = {
        "if-match": ['"1"', '"9"'],
        "If-Match": ['"8"'],
        "Idempotency-Key": ["first-key", "second-key"],
        "Accept": ["text/html"],
    }
    found = Request.of(event).headers
    assert (found["if-match"], found["accept"]) == ('"1", "9", "8"', "text/html")
    answer = api(SEND_INVITATION)(event, None)
    assert (answer["statusCode"], "problems/malformed-request" in answer["body"]) == (400, True)


def test_a_form_says_a_thing_once() -> None:
    """Of two decisions nobody knows which one was meant."""
    event = sample("accept-decide-form")
    event |= {"body": "decision=accept&decision=decline", "isBase64Encoded": False}
    with pytest.raises(RefusedError) as refusal:
        form_fields(Request.of(event))
    assert [(field.pointer, field.code) for field in refusal.value.fault.fields] == [("#/decision", "invalid")]


@pytest.mark.parametrize(
    ("route", "asked", "target"),
    [
        ("/customers/{customerId}", "/v1/customers/x", "/v1/problems/not-found"),
        ("/customers/{customerId}", "/v1/customers/x/", "/v1/problems/not-found"),
        ("/health", "/v1/health/", "/v1/problems/not-found"),
        ("/", "/v1/", "/v1/problems/not-found"),
        ("/", "/v1", "/v1/problems/not-found"),
        ("/", "/", "/problems/not-found"),
        ("/health", "/health/", "/problems/not-found"),
    ],
)
def test_a_reference_leads_to_the_same_place_with_a_slash_at_the_end(route: str, asked: str, target: str) -> None:
    """The gateway takes it for the same address; the caller resolves what it is answered against the one it called."""
    event = sample("docs-health")
    event["resource"] = route
    event["requestContext"]["path"] = asked
    reference = Request.of(event).reference("problems/not-found")
    assert urljoin(f"https://api.example{asked}", reference) == f"https://api.example{target}"


@pytest.mark.parametrize(
    ("language", "locale"),
    [("sv-SE,sv;q=0.9,en;q=0.8", Locale.SV), ("en", Locale.EN), ("de,en;q=0.5", Locale.EN), ("de", None), ("", None)],
)
def test_the_language_is_the_preferred_one_we_speak(language: str, locale: Locale | None) -> None:
    """None leaves it to whoever knows the office or the customer."""
    assert request(Accept_Language=language).language is locale


@pytest.mark.parametrize("groups", ["platform", "[platform]", "[other platform]", "other,platform"])
def test_the_platform_is_known_by_its_group(groups: str) -> None:
    """In every spelling that a gateway hands over."""
    event = sample("directory-put-office")
    event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
    Request.of(event).check_platform()


def untouched() -> Any:
    """A table that must not be asked."""
    raise AssertionError("the table was asked")


def api(operation: Any) -> Api:
    """An API of one operation, over a table that must not be asked."""
    services = Services(untouched, lambda: datetime(2026, 11, 24, 9, 0, tzinfo=UTC), lambda: "id")
    made = Api(lambda: SimpleNamespace(services=services, log=FakeLog(), metrics=FakeMetrics([])))
    made.on(operation)(lambda _call, _services: Response(200))
    return made


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"body": "{"}, "malformed-request"),
        ({"body": "[]"}, "malformed-request"),
        ({"body": '{"a": NaN}'}, "malformed-request"),
        ({"body": None}, "malformed-request"),
        ({"body": '"' + "x" * 300_000 + '"'}, "payload-too-large"),
        ({"claims": {}}, "unauthenticated"),
        ({"claims": {"token_use": "access", "email": "a@b.se"}}, "unauthenticated"),
        ({"claims": {"token_use": "id", "email": "a@b.se"}}, "not-allowed"),
        ({"headers": {"Idempotency-Key": ""}}, "idempotency-key-missing"),
        ({"headers": {"Idempotency-Key": "short"}}, "malformed-request"),
        ({"headers": {"Content-Type": "text/xml"}}, "unsupported-media-type"),
    ],
)
def test_what_needs_no_table_is_refused_without_one(change: dict[str, Any], slug: str) -> None:
    """What cannot be read and who may not ask come first."""
    event = sample("invite-send")
    event["headers"] |= {"Accept-Language": "en", **change.get("headers", {})}
    if "body" in change:
        event["body"] = change["body"]
    if "claims" in change:
        event["requestContext"]["authorizer"] = {"claims": change["claims"]}
    answer = api(SEND_INVITATION)(event, None)
    assert f'problems/{slug}"' in answer["body"]
    assert answer["statusCode"] == STATUS[Slug(slug)]


# The document


def test_the_document_is_valid_and_names_every_operation() -> None:
    """OpenAPI 3.1, generated from the same operations as the routes."""
    found = document()
    validate(found)
    described = {(method.upper(), path) for path, methods in found["paths"].items() for method in methods}
    assert described == {operation.route for operation in OPERATIONS}


BODIES = [operation for operation in OPERATIONS if operation.body is not NoBody]


@pytest.mark.parametrize("operation", BODIES, ids=lambda operation: operation.name)
def test_every_body_has_an_example_that_can_be_read(operation: Operation[Any, Any]) -> None:
    """By the very model that reads requests; no example is of an operation that is gone."""
    assert operation.body.model_validate(examples()[operation.name])
    assert set(examples()) == {known.name for known in BODIES}
    assert examples()[operation.name].get("termsVersion", TERMS_VERSION) == TERMS_VERSION


def test_every_refusal_has_an_example_and_a_page() -> None:
    """Each status lists its reasons, each with an example of its own."""
    answers = [
        (int(status), response.get("content", {}).get("application/problem+json", {}).get("examples", {}))
        for methods in document()["paths"].values()
        for described in methods.values()
        for status, response in described["responses"].items()
    ]
    assert any(shown for _, shown in answers)
    for status, shown in answers:
        for slug, example in shown.items():
            assert example["value"]["status"] == status == STATUS[Slug(slug)]


def test_the_domain_loads_no_aws() -> None:
    """Rules are tested without a fake, and start fast."""
    code = (
        "import sys, pkgutil, importlib, collaboration.domain as d\n"
        "[importlib.import_module(f'collaboration.domain.{m.name}') for m in pkgutil.iter_modules(d.__path__)]\n"
        "print([name for name in ('boto3', 'botocore', 'aws_lambda_powertools') if name in sys.modules])"
    )
    environment = {"PYTHONPATH": str(PROJECT / "shared")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("detail", ['{"officeId": "ek-lind"}', {"officeId": "ek-lind"}], ids=["text", "object"])
def test_a_messages_detail_may_come_as_text(detail: object) -> None:
    """As EventBridge Scheduler sends it in an envelope of its own; what is no JSON names nothing."""
    call = Call.of({"detail-type": "AuditDue", "source": "collaboration", "detail": detail})
    assert (call.schedule, call.detail_type, call.detail) == (None, "AuditDue", {"officeId": "ek-lind"})
    assert call.names("officeId")
    assert not Call.of({"detail-type": "AuditDue", "source": "collaboration", "detail": "officeId"}).names("officeId")
