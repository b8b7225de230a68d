"""What the OpenAPI document says of each field and of each value of an enumeration: `descriptions.json` in words.

`fields` has a text by the name of a field, and by `Schema.field` where a schema means something of its own by it;
`values` has a text by enumeration and value.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@lru_cache(maxsize=1)
def descriptions() -> Mapping[str, Mapping[str, Any]]:
    """All texts."""
    read: Json = json.loads(Path(__file__).with_name("descriptions.json").read_bytes())
    return read


def field_description(schema: str, field: str) -> str | None:
    """What a field of a schema holds; None where no text says so."""
    fields = descriptions()["fields"]
    found: str | None = fields.get(f"{schema}.{field}", fields.get(field))
    return found


def values_description(enumeration: str) -> str:
    """What each value of an enumeration means, one per line; empty where no text says so."""
    return "\n".join(f"* `{value}`: {text}" for value, text in descriptions()["values"].get(enumeration, {}).items())


def describe(schemas: Mapping[str, Json]) -> None:
    """Add the texts to JSON schemas, by their names, where they say nothing themselves."""
    for name, schema in schemas.items():
        for field, inner in schema.get("properties", {}).items():
            if text := field_description(name, field):
                inner.setdefault("description", text)
        if "enum" in schema and (meanings := values_description(name)):
            schema["description"] = "\n\n".join(filter(None, (schema.get("description"), meanings)))
