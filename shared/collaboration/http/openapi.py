"""The OpenAPI 3.1 document, made from the operations and from the very models that requests are read with."""

import json
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Identifier, Locale, Value
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.descriptions import describe, field_description, values_description
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


@lru_cache(maxsize=1)
def document() -> Json:
    """The whole document."""
    models = {model for operation in OPERATIONS for model in _models(operation)} | {ProblemResponse}
    ordered = sorted(models, key=lambda model: model.__name__)
    # As they are read, also for answers: every field is there then, which serialisation would hide.
    references, definitions = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    schemas = {model: references[model, "validation"] for model in ordered}
    describe(definitions["$defs"])
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Collaborations",
            "version": "1",
            "description": _ABOUT,
        },
        "servers": [{"url": "."}],
        "tags": [{"name": caller, "description": about} for caller, about in _CALLERS.items()],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
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
    "RequestId": {"description": "Names this request in logs.", "schema": {"type": "string"}, "required": True},
    "Location": {"description": "Where it is: a relative reference.", "schema": {"type": "string"}},
    "ETag": {"description": "The revision, for If-Match.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "IdempotencyReplayed": {
        "description": "`true`: this answer was given before.",
        "schema": {"type": "string", "const": "true"},
    },
}


def _models(operation: Operation[Value, Value]) -> set[type[Value]]:
    answers = {model for model in operation.answers.values() if model}
    sent = {model for model in (operation.body, operation.form) if model and model is not NoBody}
    return answers | {operation.query} | sent


def _described(operation: Operation[Value, Value], schemas: Mapping[type[Value], Json]) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.caller],
        "summary": operation.summary,
        "description": _description(operation),
        "parameters": [*_parameters(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not NoBody:
        body = {"schema": schemas[operation.body], "example": examples()[operation.name]}
        content = {"application/json": body}
        if operation.form:
            content["application/x-www-form-urlencoded"] = {**body, "schema": schemas[operation.form]}
        described["requestBody"] = {"required": True, "content": content}
    described["security"] = [{"signedIn": []}] if operation.signed_in else []
    return described


def _description(operation: Operation[Value, Value]) -> str:
    needs = " Needs *full user rights* and *administrator*, both." if operation.decides else ""
    return f"{_CALLERS[operation.caller]}{needs}"


def _parameters(operation: Operation[Value, Value]) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": field_description("", name),
            "schema": _path_schema(name),
        }
        for name in operation.path_parameters
    ]
    query = operation.query.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = query.pop("$defs", {})
    for name, schema in query.get("properties", {}).items():
        about = field_description(operation.query.__name__, name)
        required = {"required": True} if name in query.get("required", ()) else {}
        described = {"description": about, "schema": _plain(schema, inner)}
        found.append({"name": name, "in": "query", **required, **described})
    if operation.keyed:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "A new one per request, the same one when it is repeated; kept for 24 hours.",
                "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
            }
        )
    if operation.matched:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the version that was seen.",
                "schema": {"type": "string"},
            }
        )
    return found


def _plain(schema: Json, inner: Json) -> Json:
    """A parameter's schema: without null, which a query cannot say, and with enumerations in place."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    chosen = choices[0]
    if "$ref" in chosen:
        name = chosen["$ref"].rpartition("/")[2]
        chosen = {**inner[name], "description": values_description(name)}
    plain = {name: value for name, value in chosen.items() if name not in {"title", "default"}}
    if schema.get("default") not in (None, ""):
        plain["default"] = schema["default"]
    return plain


def _path_schema(name: str) -> Json:
    if name == "slug":
        return {"type": "string", "enum": [*Slug]}
    if name in {"token", "file"}:
        return {"type": "string"}
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
    text_of = {"schema": {"type": "string"}}
    content: Json = dict.fromkeys(operation.media_types, text_of)
    if model:
        content["application/json"] = {"schema": schemas[model]}
    if operation.html:
        content["text/html"] = text_of
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
            described["content"]["text/html"] = {"schema": {"type": "string"}}
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
