"""What changed in the API since the last release is known, and breaks nobody without a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract.__main__ import accepted, present, refused, released
from contract.compare import Level, compare

Json = dict[str, Any]

# A small API: one operation that takes an order and gives it back.
ORDER: Json = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "maxLength": 40},
        "size": {"enum": ["small", "large"], "type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
    },
    "required": ["key"],
}
LINE: Json = {"type": "object", "properties": {"count": {"type": "integer", "minimum": 1}}, "required": ["count"]}
OPERATION: Json = {
    "operationId": "order",
    "parameters": [{"name": "lang", "in": "query", "schema": {"enum": ["sv", "en"], "type": "string"}}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
    },
    "responses": {
        "200": {
            "description": "OK",
            "headers": {"ETag": {}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ordered"}}},
        },
        "409": {"description": "* [`in-use`](problems/in-use): In use"},
    },
    "security": [],
}


def api() -> Json:
    """A copy of the small API."""
    document = {
        "paths": {"/orders": {"post": OPERATION}},
        "components": {"schemas": {"Order": ORDER, "Ordered": ORDER, "Line": LINE}},
    }
    copied: Json = json.loads(json.dumps(document))
    return copied


def changed(path: str, value: Any) -> Json:
    """The small API with the value at `path`, parts with `>` between; None removes it."""
    document = api()
    *parts, last = path.split(">")
    place: Any = document
    for part in parts:
        place = place[int(part) if isinstance(place, list) else part]
    if value is None:
        del place[int(last) if isinstance(place, list) else last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return document


POST = "paths>/orders>post"
SENT = "components>schemas>Order"
GIVEN = "components>schemas>Ordered"
NUMBER = {"type": "integer"}


@pytest.mark.parametrize(
    ("path", "value", "level", "what"),
    [
        (POST, None, Level.BREAKING, "operation removed"),
        ("paths>/orders>get", {"responses": {}}, Level.COMPATIBLE, "operation added"),
        (f"{POST}>operationId", "buy", Level.CAREFUL, "operationId changed"),
        (f"{POST}>security", [{"signedIn": []}], Level.BREAKING, "who may call changed"),
        (f"{POST}>parameters>0", None, Level.BREAKING, "parameter query lang removed"),
        (f"{POST}>parameters>0>required", True, Level.BREAKING, "parameter query lang is required now"),
        (f"{POST}>parameters>0>schema>enum", ["sv"], Level.BREAKING, "values removed: en"),
        (f"{POST}>parameters>0>schema>enum", ["sv", "en", "fi"], Level.COMPATIBLE, "values added: fi"),
        (f"{POST}>parameters>0>schema>enum", None, Level.COMPATIBLE, "values are listed or free now"),
        (f"{POST}>requestBody", None, Level.BREAKING, "request body removed"),
        (f"{POST}>requestBody>required", False, None, ""),
        (f"{POST}>responses>200", None, Level.BREAKING, "response 200 removed"),
        (f"{POST}>responses>409", None, Level.COMPATIBLE, "response 409 removed"),
        (f"{POST}>responses>410", {"description": ""}, Level.CAREFUL, "response 410 added"),
        (f"{POST}>responses>409>description", "(problems/gone)", Level.CAREFUL, "problem gone added"),
        (f"{POST}>responses>200>headers>ETag", None, Level.BREAKING, "header ETag removed"),
        (f"{POST}>responses>200>content>application/json", None, Level.BREAKING, "application/json removed"),
        (f"{SENT}>properties>size", None, Level.BREAKING, "field size removed"),
        (f"{SENT}>properties>more", NUMBER, Level.COMPATIBLE, "field more added"),
        (f"{SENT}>required", ["key", "size"], Level.BREAKING, "field size is required now"),
        (f"{SENT}>required", [], Level.COMPATIBLE, "field key is optional now"),
        (f"{SENT}>properties>key", NUMBER, Level.BREAKING, "no longer string"),
        (f"{SENT}>properties>note", {"type": "string"}, Level.BREAKING, "no longer null"),
        (f"{SENT}>properties>key>maxLength", 20, Level.BREAKING, "maxLength was 40, is 20"),
        (f"{SENT}>properties>key>maxLength", 80, Level.COMPATIBLE, "maxLength was 40, is 80"),
        (f"{SENT}>properties>key>pattern", "^a", Level.BREAKING, "pattern was None, is ^a"),
        (f"{GIVEN}>properties>size", None, Level.BREAKING, "field size removed"),
        (f"{GIVEN}>properties>more", NUMBER, Level.COMPATIBLE, "field more added"),
        (f"{GIVEN}>required", [], Level.BREAKING, "field key is optional now"),
        (f"{GIVEN}>required", ["key", "size"], Level.COMPATIBLE, "field size is required now"),
        (f"{GIVEN}>properties>size>enum", ["small"], Level.COMPATIBLE, "values removed: large"),
        (f"{GIVEN}>properties>size>enum", ["small", "large", "huge"], Level.CAREFUL, "values added: huge"),
        (f"{GIVEN}>properties>key", {"type": ["string", "null"]}, Level.BREAKING, "may be null now"),
        (f"{GIVEN}>properties>note", {"type": "string"}, Level.COMPATIBLE, "no longer null"),
        (f"{GIVEN}>properties>key>maxLength", None, Level.CAREFUL, "maxLength was 40, is None"),
        ("components>schemas>Line>properties>count>minimum", 2, Level.BREAKING, "minimum was 1, is 2"),
        ("components>schemas>Line>properties>count>type", "string", Level.BREAKING, "no longer integer"),
    ],
)
def test_a_change_is_found_and_judged(path: str, value: Any, level: Level | None, what: str) -> None:
    """Narrower in what is sent breaks, wider in what is received does; what is added is noted."""
    found = compare(api(), changed(path, value))
    if level is None:
        assert found == []
        return
    assert any(difference.level is level and what in difference.what for difference in found), found
    assert max(difference.level for difference in found) is level


def test_names_of_schemas_are_of_no_consequence() -> None:
    """Renamed, or written out where they were referred to."""
    renamed = json.loads(json.dumps(api()).replace("Ordered", "OrderResponse").replace("Line", "OrderLine"))
    assert compare(api(), renamed) == []
    written_out = changed(f"{SENT}>properties>lines>items", LINE)
    assert compare(api(), written_out) == []


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    """No end of it otherwise."""
    older = changed("components>schemas>Line>properties>inner", {"$ref": "#/components/schemas/Line"})
    newer = changed("components>schemas>Line>properties>inner", {"$ref": "#/components/schemas/Line"})
    newer["components"]["schemas"]["Line"]["required"] = []
    levels = {(str(one.where), one.level) for one in compare(older, newer)}
    assert levels == {("request Line", Level.COMPATIBLE), ("response Line", Level.BREAKING)}


def test_alternatives_come_and_go() -> None:
    """One of several kinds of body."""
    both = [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]
    wide = changed(f"{SENT}>properties>key", {"anyOf": both})
    narrow = changed(f"{SENT}>properties>key", {"anyOf": both[:2]})
    assert [one.level for one in compare(wide, narrow)] == [Level.BREAKING]
    assert [one.level for one in compare(narrow, wide)] == [Level.COMPATIBLE]


def test_nothing_breaks_clients_without_a_reason() -> None:
    """`python -m contract` prints what changed; tests/contract/accepted.json has the reasons."""
    assert [str(difference) for difference in refused(compare(released(), present()))] == []


def test_no_reason_outlives_its_change() -> None:
    """What is accepted is still a difference."""
    now = {f"{difference.where}: {difference.what}" for difference in compare(released(), present())}
    assert accepted().keys() - now == set()
    assert all(reason.strip() for reason in accepted().values())
