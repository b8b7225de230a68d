"""What a transaction is made of: functions that build an action. Nothing happens until `Table.write` is given it.

A condition names attributes as `#name` and values as `:name`; their placeholders are filled in here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from collaboration.storage.items import Attribute, Item
from collaboration.storage.keys import Key
from collaboration.storage.migration import with_form

Action: TypeAlias = Mapping[str, Mapping[str, Any]]
"""One verb of TransactWriteItems with its parameters, without the name of the table."""

ABSENT = "attribute_not_exists(#pk)"
EXISTS = "attribute_exists(#pk)"
NO_VALUE = "attribute_not_exists(#data)"
UNCHANGED = "#revision = :revision"


def put(item: Item, condition: str | None = None, **values: Attribute) -> Action:
    """Put `item`."""
    return _action("Put", {"Item": with_form(item)}, condition, values)


def delete(key: Key, condition: str | None = None, **values: Attribute) -> Action:
    """Delete the item at `key`."""
    return _action("Delete", {"Key": _key(key)}, condition, values)


def check(key: Key, condition: str, **values: Attribute) -> Action:
    """Let the transaction through only while `condition` holds of the item at `key`."""
    return _action("ConditionCheck", {"Key": _key(key)}, condition, values)


def update(
    key: Key,
    attributes: Mapping[str, Attribute],
    condition: str,
    *,
    remove: Iterable[str] = (),
    **values: Attribute,
) -> Action:
    """Set some attributes of the item at `key`, and remove others; what is not named stays as it is."""
    attributes = with_form(attributes)
    expression = "SET " + ", ".join(f"#{name} = :new_{name}" for name in attributes)
    removed = tuple(remove)
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    new = {f"new_{name}": attribute for name, attribute in attributes.items()}
    parts = {"Key": _key(key), "UpdateExpression": expression}
    names = {name: name for name in (*attributes, *removed)}
    return _action("Update", parts, condition, {**values, **new}, names)


def remove(key: Key, attributes: Iterable[str], condition: str, **values: Attribute) -> Action:
    """Remove some attributes of the item at `key`."""
    removed = tuple(attributes)
    parts = {"Key": _key(key), "UpdateExpression": "REMOVE " + ", ".join(f"#{name}" for name in removed)}
    return _action("Update", parts, condition, values, {name: name for name in removed})


def increment(key: Key, attribute: str, condition: str, **values: Attribute) -> Action:
    """Add one to a number of the item at `key`, whatever it is; one that is not there counts as 0."""
    parts = {"Key": _key(key), "UpdateExpression": "ADD #attribute :one"}
    return _action("Update", parts, condition, {**values, "one": {"N": "1"}}, {"attribute": attribute})


def set_entry(key: Key, attribute: str, entry: str, value: Attribute, condition: str) -> Action:
    """Set one entry of a map of an item. In the condition, `#map.#entry` is the old value and `:value` the new."""
    parts = {"Key": _key(key), "UpdateExpression": "SET #map.#entry = :value"}
    return _action("Update", parts, condition, {"value": value}, {"map": attribute, "entry": entry})


def _action(
    verb: str,
    parts: Mapping[str, Any],
    condition: str | None,
    values: Mapping[str, Attribute],
    names: Mapping[str, str] | None = None,
) -> Action:
    return {verb: {**parts, **_conditional(condition, values, names)}}


_PLACEHOLDER = re.compile(r"#(\w+)")


def _key(key: Key) -> dict[str, Attribute]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _conditional(
    condition: str | None, values: Mapping[str, Attribute], names: Mapping[str, str] | None
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    placeholders = {f"#{name}": name for name in _PLACEHOLDER.findall(condition or "")}
    placeholders |= {f"#{name}": meant for name, meant in (names or {}).items()}
    if condition:
        parts["ConditionExpression"] = condition
    if placeholders:
        parts["ExpressionAttributeNames"] = placeholders
    if values:
        parts["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return parts
