"""What the OpenAPI document says of fields and values beyond their types: `descriptions.json`, in words and bounds.

`fields` has a text by the name of a field, and by `Schema.field` where a schema means something of its own by it;
`bounds` has, by the same names, the JSON schema keywords that hold whatever the type says: those of answers, which no
model checks, and those of bodies that are refused later than their types are read;
`values` has a text by enumeration and value.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Locale
from collaboration.wording import text

Json = dict[str, Any]

_TYPES = {
    "maxLength": "string",
    "pattern": "string",
    "format": "string",
    "maxItems": "array",
    "items": "array",
    "minimum": "integer",
    "maximum": "integer",
    "enum": "integer",
}


@lru_cache(maxsize=1)
def descriptions() -> Mapping[str, Mapping[str, Any]]:
    """All texts and bounds."""
    read: Json = json.loads(Path(__file__).with_name("descriptions.json").read_bytes())
    return read


def field_description(schema: str, field: str) -> str | None:
    """What a field of a schema holds; None where no text says so."""
    found: str | None = _found("fields", schema, field)
    return found


def values_description(enumeration: str) -> str:
    """What each value of an enumeration means, one per line; empty where no text says so."""
    meanings = descriptions()["values"].get(enumeration, {})
    if enumeration == "Slug":
        meanings = {slug: text(Locale.EN, f"problem.{slug}.title") for slug in Slug}
    return "\n".join(f"* `{value}`: {meaning}" for value, meaning in meanings.items())


def describe(schemas: Mapping[str, Json]) -> None:
    """Add texts and bounds to JSON schemas, by their names, where they say nothing themselves."""
    for name, schema in schemas.items():
        for field, inner in schema.get("properties", {}).items():
            if about := field_description(name, field):
                inner.setdefault("description", about)
            _bound(inner, _found("bounds", name, field) or {})
        if "enum" in schema and (meanings := values_description(name)):
            schema["description"] = "\n\n".join(filter(None, (schema.get("description"), meanings)))


def _found(kind: str, schema: str, field: str) -> Any:
    entries = descriptions()[kind]
    return entries.get(f"{schema}.{field}", entries.get(field))


def _bound(schema: Json, bounds: Json) -> None:
    """Add each keyword to the alternative of its type."""
    for choice in schema.get("anyOf", (schema,)):
        for keyword, value in bounds.items():
            if choice.get("type") == _TYPES[keyword]:
                if keyword == "items":
                    _bound(choice["items"], value)
                elif "enum" not in choice and "const" not in choice:
                    choice.setdefault(keyword, value)
