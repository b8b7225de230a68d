"""The OpenAPI 3.1 document, made from the operations and from the very models that requests are read with."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Identifier, Locale, Value
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.descriptions import describe, field_description
from collaboration.http.problems import STATUS
from collaboration.http.request import CallerClass
from collaboration.wording import text

Json = dict[str, Any]

_CALLERS = {
    CallerClass.EMPLOYEE: "An employee of an office: ID token with `custom:office_id` and `custom:employee_id`.",
    CallerClass.PLATFORM: "The platform: ID token of the group `platform`.",
    CallerClass.ACCOUNT_USER: "An account user: ID token with a verified `email`, and no office.",
    CallerClass.SIGNED_IN: "Whoever is signed in: an employee, the platform or an account user.",
    CallerClass.HOLDER: "The holder of a mailed link: the link is the proof.",
    CallerClass.ANYONE: "Anyone.",
}

_ABOUT = """An accounting office invites its customer to collaborate in a solution; the customer accepts from a mail;
both sides get access.

Every fault is `application/problem+json` (RFC 9457); `type` ends in `problems/<slug>`, a page that explains it.
Lists are `{items, next}`: send `next` back as `cursor`. Times are ISO 8601 in UTC, dates are days in Sweden.
`Location` and every link are relative references, resolved against the request's URL."""


class _Schemas(GenerateJsonSchema):
    """Schemas under names that clients can make classes of."""

    def normalize_name(self, name: str) -> str:
        """`InvitationPage` for `Page[InvitationResponse]`."""
        page = re.fullmatch(r"Page\[(\w+?)(?:Response)?\]", name)
        return f"{page[1]}Page" if page else super().normalize_name(name)


@lru_cache(maxsize=1)
def document() -> Json:
    """The whole document."""
    queries = {operation.query for operation in OPERATIONS}
    models = {model for operation in OPERATIONS for model in _models(operation)} | queries | {ProblemResponse}
    ordered = sorted(models, key=lambda model: model.__name__)
    # As they are read, also for answers: every field is there then, which serialisation would hide.
    references, definitions = models_json_schema(
        [(model, "validation") for model in ordered],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Schemas,
    )
    schemas = {model: references[model, "validation"] for model in ordered}
    components = _components(definitions["$defs"])
    described_queries = {query: components[query.__name__] for query in queries}
    paths: Json = {}
    for operation in OPERATIONS:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _described(operation, schemas, described_queries[operation.query])
    # A query is described parameter by parameter.
    for query in queries:
        del components[query.__name__]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Collaborations",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "The founders of the collaboration service"},
        },
        "servers": [{"url": "."}],
        "tags": [{"name": caller, "description": about} for caller, about in _CALLERS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": _PARAMETERS,
            "securitySchemes": {
                "signedIn": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A Cognito ID token.",
                }
            },
            "headers": _HEADERS,
        },
    }


@lru_cache(maxsize=1)
def examples() -> Json:
    """A request body by operation, for each that takes one."""
    read: Json = json.loads(Path(__file__).with_name("examples.json").read_bytes())
    return read


@lru_cache(maxsize=1)
def document_text() -> str:
    """The whole document as JSON."""
    return json.dumps(document(), ensure_ascii=False)


_HEADERS: Json = {
    "RequestId": {
        "description": "Names this request in logs.",
        "schema": {"type": "string", "maxLength": 128},
        "required": True,
    },
    "Location": {
        "description": "Where the resource is that was made, that stands in the way, or that was asked for: a relative "
        "reference, to be resolved against the request's URL.",
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 200},
    },
    "ETag": {
        "description": "The version of what was answered. Of a collaboration: its revision in quotes, for If-Match.",
        "schema": {"type": "string", "maxLength": 100, "pattern": '^"[^"]+"$', "examples": ['"3"']},
    },
    "RetryAfter": {
        "description": "How many seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "IdempotencyReplayed": {
        "description": "`true`: the same key was sent before, and this is the answer it got then.",
        "schema": {"type": "string", "const": "true"},
    },
}

# Bytes of all headers together that the gateway of AWS takes, and of an answer that Lambda takes from a function.
_MOST_HEADERS, _MOST_ANSWER = 10_240, 6 * 1024**2

_TEXT: Json = {"type": "string", "maxLength": _MOST_ANSWER}

_PARAMETERS: Json = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of texts for people, `sv` or `en`. Without it: the office's (employees) or the "
        "customer's (holders of a link, account users), else Swedish. A request that cannot be read (400) is refused "
        "before either is looked up: without the header, that refusal is in Swedish.",
        "schema": {"type": "string", "maxLength": _MOST_HEADERS, "examples": ["en", "sv-SE, en;q=0.8"]},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "A new one for each request, the same one when it is repeated: the first success is answered "
        "again, with `Idempotency-Replayed`. Kept for 24 hours. With another body: 422.",
        "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version that was seen, or a list of them; `*` is any version. Where the "
        "resource has another one by now: 412, and nothing has changed.",
        "schema": {"type": "string", "maxLength": _MOST_HEADERS, "examples": ['"3"', '"3", "4"', "*"]},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the version that the caller has, or a list of them. While it is still that: 304, "
        "without a body.",
        "schema": {"type": "string", "maxLength": _MOST_HEADERS, "examples": ['"5d41402abc4b2a76b9719d911017c592"']},
    },
}

# What generated clients call the schemas that are made here, not by a model.
_SLUG = "Slug"


def _models(operation: Operation[Value, Value]) -> set[type[Value]]:
    answers = {model for model in operation.answers.values() if model}
    sent = {model for model in (operation.body, operation.form, operation.row) if model and model is not NoBody}
    return answers | sent


def _components(definitions: Json) -> Json:
    """The schemas by name, with texts and bounds, and those that no model has."""
    for operation in OPERATIONS:
        if operation.row:
            # Read one by one, so that a wrong one spoils no other: to the model of the body they may be anything.
            rows = definitions[operation.body.__name__]["properties"]["rows"]
            rows["items"] = {"$ref": f"#/components/schemas/{operation.row.__name__}"}
        if operation.form:
            properties = definitions[operation.form.__name__]["properties"]
            properties.update({name: _without_null(schema) for name, schema in properties.items()})
    slugs: Json = {"type": "string", "enum": [*Slug], "description": "The reasons for which something is refused."}
    components = {**definitions, _SLUG: slugs}
    _simplify(components)
    describe(components)
    return components


def _simplify(schema: object) -> None:
    """Drop what pydantic adds and nobody needs.

    Titles repeat the names of fields in other letters. That a field is null where it is left out goes without saying,
    and generators of clients take any default for a promise that the field is there.
    """
    if isinstance(schema, list):
        for inner in schema:
            _simplify(inner)
    elif isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        if schema.get("default", ...) is None:
            del schema["default"]
        for inner in schema.values():
            _simplify(inner)


def _described(operation: Operation[Value, Value], schemas: Mapping[type[Value], Json], query: Json) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.caller],
        "summary": operation.summary,
        "description": _description(operation),
        "parameters": [*_parameters(operation, query)],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not NoBody:
        example = examples()[operation.name]
        content = {"application/json": {"schema": schemas[operation.body], "example": example}}
        if operation.form:
            content["application/x-www-form-urlencoded"] = {"schema": schemas[operation.form], "example": example}
        described["requestBody"] = {"required": True, "content": content}
    described["security"] = [{"signedIn": []}] if operation.signed_in else []
    return described


def _description(operation: Operation[Value, Value]) -> str:
    needs = " Needs *full user rights* and *administrator*, both." if operation.decides else ""
    return f"{_CALLERS[operation.caller]}{needs}"


def _parameters(operation: Operation[Value, Value], query: Json) -> Iterator[Json]:
    for name in operation.path_parameters:
        about = field_description("", name)
        yield {"name": name, "in": "path", "required": True, "description": about, "schema": _path_schema(name)}
    for name, schema in query.get("properties", {}).items():
        required = {"required": True} if name in query.get("required", ()) else {}
        plain = _without_null(schema)
        about = plain.pop("description")
        yield {"name": name, "in": "query", **required, "description": about, "schema": plain}
    if operation.keyed:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if operation.matched:
        yield {"$ref": "#/components/parameters/IfMatch"}
    if HTTPStatus.NOT_MODIFIED in operation.answers:
        yield {"$ref": "#/components/parameters/IfNoneMatch"}
    yield {"$ref": "#/components/parameters/AcceptLanguage"}


def _without_null(schema: Json) -> Json:
    """A schema for what a query or a form can say."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    plain = {**schema, **choices[0]}
    plain.pop("anyOf", None)
    if plain.get("default") == "":
        del plain["default"]
    return plain


def _path_schema(name: str) -> Json:
    if name == "slug":
        return {"$ref": f"#/components/schemas/{_SLUG}"}
    if name in {"token", "file"}:
        return {"type": "string", "maxLength": 200}
    return {"type": "string", **Identifier.json_schema}


def _responses(operation: Operation[Value, Value], schemas: Mapping[type[Value], Json]) -> Json:
    responses: Json = {}
    for status, model in operation.answers.items():
        headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
        if status in operation.located:
            headers["Location"] = {"$ref": "#/components/headers/Location"}
        if operation.keyed:
            headers["Idempotency-Replayed"] = {"$ref": "#/components/headers/IdempotencyReplayed"}
        if operation.tagged:
            headers["ETag"] = {"$ref": "#/components/headers/ETag"}
        content = _content(operation, status, model, schemas)
        described = {"description": HTTPStatus(status).phrase, "headers": headers}
        responses[str(status)] = {**described, **({"content": content} if content else {})}
    by_status: dict[int, list[Slug]] = {}
    for slug in operation.all_refusals:
        by_status.setdefault(STATUS[slug], []).append(slug)
    for status, slugs in sorted(by_status.items()):
        responses[str(status)] = _refusal(operation, status, slugs, schemas)
    return responses


def _content(
    operation: Operation[Value, Value], status: int, model: type[Value] | None, schemas: Mapping[type[Value], Json]
) -> Json:
    """A success's bodies by media type; none where there is nothing but headers."""
    if status in {HTTPStatus.FOUND, HTTPStatus.NOT_MODIFIED} or operation.method == "HEAD":
        return {}
    content: Json = {media_type: {"schema": _TEXT} for media_type in operation.media_types}
    if model:
        content["application/json"] = {"schema": schemas[model]}
    if operation.html:
        content["text/html"] = {"schema": _TEXT}
    return content or {"application/json": {"schema": {"type": "object"}}}


def _refusal(
    operation: Operation[Value, Value], status: int, slugs: list[Slug], schemas: Mapping[type[Value], Json]
) -> Json:
    headers: Json = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if status == HTTPStatus.CONFLICT:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    lines = [f"* [`{slug}`](problems/{slug}): {text(Locale.EN, f'problem.{slug}.title')}" for slug in slugs]
    described: Json = {"description": "\n".join(lines), "headers": headers}
    if operation.method != "HEAD":
        described["content"] = {
            "application/problem+json": {
                "schema": schemas[ProblemResponse],
                "examples": {slug: {"value": _example(operation, slug)} for slug in slugs},
            }
        }
        if operation.html:
            described["content"]["text/html"] = {"schema": _TEXT}
    return described


def _example(operation: Operation[Value, Value], slug: Slug) -> Json:
    climb = "../" * (operation.path.count("/") - 1)
    return {
        "type": f"{climb}problems/{slug}",
        "title": text(Locale.EN, f"problem.{slug}.title"),
        "status": STATUS[slug],
        "detail": text(Locale.EN, f"problem.{slug}.detail"),
        "instance": "urn:request:0f5ad1e2-6b1c-4d0e-9c39-2f1f4d8a7c11",
    }
