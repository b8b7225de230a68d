"""The OpenAPI document explains every field, parameter and value of an enumeration."""

from __future__ import annotations

import pytest
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.descriptions import descriptions
from collaboration.http.openapi import document

SCHEMAS = document()["components"]["schemas"]
SHARED = document()["components"]["parameters"]
PARAMETERS = [
    (operation["operationId"], SHARED.get(parameter.get("$ref", "").rpartition("/")[2], parameter))
    for methods in document()["paths"].values()
    for operation in methods.values()
    for parameter in operation["parameters"]
]

# A query is described parameter by parameter, and is no schema.
QUERIES = {
    f"{operation.query.__name__}.{field.alias}"
    for operation in OPERATIONS
    for field in operation.query.model_fields.values()
}


def test_every_field_is_described() -> None:
    """In each schema, by a text of its own or of the field's name."""
    silent = [
        f"{name}.{field}"
        for name, schema in SCHEMAS.items()
        for field, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert silent == []


def test_every_parameter_is_described() -> None:
    """Of path, query and header."""
    assert [(name, it["name"]) for name, it in PARAMETERS if not it.get("description")] == []


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "enum" in schema])
def test_every_value_has_its_meaning(name: str) -> None:
    """None without, and none explained that there is not."""
    if name != "Slug":  # its values are explained by the texts of the problems
        assert set(SCHEMAS[name]["enum"]) == set(descriptions()["values"][name])
    assert all(f"`{value}`: " in SCHEMAS[name]["description"] for value in SCHEMAS[name]["enum"])


def test_no_enumeration_hides_in_a_field_or_a_parameter() -> None:
    """Each has a name, so that clients make one class of it; but for yes and no, and one that no other field shares."""
    schemas = [
        *((name, field, inner) for name, one in SCHEMAS.items() for field, inner in one.get("properties", {}).items()),
        *((name, parameter["name"], parameter["schema"]) for name, parameter in PARAMETERS),
    ]
    nameless = {
        (owner, field)
        for owner, field, schema in schemas
        for choice in schema.get("anyOf", (schema,))
        if "enum" in choice and choice.get("type") == "string" and choice["enum"] != ["true", "false"]
    }
    assert nameless == {("listReports", "kind")}


def test_a_required_parameter_is_said_to_be_required() -> None:
    """Which reports are wanted has no default."""
    [kind] = [it for name, it in PARAMETERS if name == "listReports" and it["name"] == "kind"]
    assert kind["required"] is True


def test_no_text_is_left_over() -> None:
    """Each is about a field that there is."""
    named = {it["name"] for _, it in PARAMETERS} | {
        field for schema in SCHEMAS.values() for field in schema.get("properties", {})
    }
    owned = {f"{name}.{field}" for name, schema in SCHEMAS.items() for field in schema.get("properties", {})}
    assert set(descriptions()["fields"]) - named - owned - QUERIES == set()
    assert set(descriptions()["bounds"]) - named - owned - QUERIES == set()
    assert set(descriptions()["values"]) <= set(SCHEMAS)
