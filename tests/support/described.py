"""What callers are answered and the bus is told, held against what is said of it: OpenAPI document, events' schemas."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import jsonschema
from collaboration import publishing
from collaboration.http.openapi import document

from support.samples import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

# They stay inside the system, and nobody subscribes to them.
INTERNAL = frozenset(
    {
        publishing.MAIL_QUEUED,
        publishing.ACCESS_DUE,
        publishing.DIRECTORY_CHANGED,
        publishing.AUDIT_DUE,
        publishing.WORK_LEFT,
        publishing.INVITATIONS_DUE,
    }
)

_HEADERS = ("Location", "Retry-After", "ETag", "Idempotency-Replayed")


@lru_cache(maxsize=1)
def event_schemas() -> Mapping[str, Any]:
    """The schema of each event by its name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((EVENTS / "schemas").glob("*.json"))}


@lru_cache(maxsize=1)
def _validators() -> Mapping[str, jsonschema.Draft202012Validator]:
    return {name: jsonschema.Draft202012Validator(schema) for name, schema in event_schemas().items()}


def check_event(message: publishing.Message) -> None:
    """Fail unless a message of the bus is one of the system's own, or keeps the schema of its event."""
    if message.name in INTERNAL:
        return
    detail = json.loads(json.dumps(message.correlated_detail))
    wrong = [error.message for error in _validators()[message.name].iter_errors(detail)]
    assert not wrong, (message.name, wrong)


# Of a problem, where it is explained and where what is in the way is; of a next step, where it is taken.
_REFERENCE = re.compile(r'"(type|location|href)":"([^"]*)"')
_HOST = "https://host.example/v1"


def check_references(path: str, headers: Mapping[str, str], text: str) -> None:
    """Fail unless the references of an answer lead where there is something, from the path that was asked for."""
    # No client asks for such a path: it is another one before it is sent.
    if {".", ".."} & {*path.split("/")}:
        return
    found = [*_REFERENCE.findall(text)] if "json" in headers["Content-Type"] else []
    for name, reference in [*found, *((("Location", headers["Location"]),) if "Location" in headers else ())]:
        # The type of a warning is a word of its own.
        if name == "type" and "/" not in reference:
            continue
        target = urlsplit(urljoin(_HOST + path, reference)).path
        known = any(_pattern(route).fullmatch(target) for route in document()["paths"])
        assert known, f"{path}: {name} {reference} leads to {target}"
        assert name != "type" or target.startswith("/v1/problems/"), f"{path}: {reference} explains nothing"


@cache
def _pattern(route: str) -> re.Pattern[str]:
    return re.compile("/v1" + re.sub(r"{\w+}", "[^/]+", route))


def check_answer(method: str, route: str, status: int, headers: Mapping[str, str], text: str) -> None:
    """Fail unless the document says of an operation that it answers so: status, media type, headers and reason."""
    asked = f"{method} {route}"
    described = document()["paths"][route][method.lower()]["responses"].get(str(status))
    assert described is not None, f"{asked}: nobody is told of {status}"
    for name in _HEADERS:
        assert name not in headers or name in described["headers"], f"{asked} {status}: nobody is told of {name}"
    if not text:
        return
    media_type = headers["Content-Type"].split(";")[0]
    content = described.get("content", {})
    assert media_type in content, f"{asked} {status}: nobody is told of {media_type}"
    if media_type == "application/problem+json":
        slug = json.loads(text)["type"].rpartition("/")[2]
        assert slug in content[media_type]["examples"], f"{asked} {status}: nobody is told of {slug}"
