"""The OpenAPI document explains every field, parameter and value of an enumeration."""

from __future__ import annotations

import pytest
from collaboration.http.descriptions import descriptions
from collaboration.http.openapi import document

SCHEMAS = document()["components"]["schemas"]
PARAMETERS = [
    (operation["operationId"], parameter)
    for methods in document()["paths"].values()
    for operation in methods.values()
    for parameter in operation["parameters"]
]


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
    assert set(SCHEMAS[name]["enum"]) == set(descriptions()["values"][name])
    assert all(f"`{value}`: " in SCHEMAS[name]["description"] for value in SCHEMAS[name]["enum"])


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
    assert set(descriptions()["fields"]) - named - owned == set()
    assert set(descriptions()["values"]) <= set(SCHEMAS)
