"""What a transaction is made of: functions that build an action. Nothing happens until `Table.write` is given it.

A condition names attributes as `#name` and values as `:name`; their placeholders are filled in here.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from collaboration.storage.items import Attribute, Item
from collaboration.storage.keys import Key

Action: TypeAlias = Mapping[str, Mapping[str, Any]]
"""One verb of TransactWriteItems with its parameters, without the name of the table."""

ABSENT = "attribute_not_exists(#pk)"
UNCHANGED = "#revision = :revision"


def put(item: Item, condition: str | None = None, **values: Attribute) -> Action:
    """Put `item`."""
    return _action("Put", {"Item": item}, condition, values)


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
    inside: Mapping[str, Mapping[str, Attribute]] | None = None,
    remove: Iterable[str] = (),
    **values: Attribute,
) -> Action:
    """Set some attributes of the item at `key`, and remove others; what is not named stays as it is.

    `inside`: a map attribute of the item, and what is set in it beside what others write there.
    """
    within = [(name, entry, new) for name, entries in (inside or {}).items() for entry, new in entries.items()]
    sets = [f"#{name} = :new_{name}" for name in attributes]
    sets += [f"#{name}.#in_{nth} = :in_{nth}" for nth, (name, _, _) in enumerate(within)]
    expression = "SET " + ", ".join(sets)
    gone = tuple(remove)
    if gone:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
    new = {f"new_{name}": attribute for name, attribute in attributes.items()}
    new |= {f"in_{nth}": attribute for nth, (_, _, attribute) in enumerate(within)}
    parts = {"Key": _key(key), "UpdateExpression": expression}
    names = {name: name for name in (*attributes, *gone, *(name for name, _, _ in within))}
    names |= {f"in_{nth}": entry for nth, (_, entry, _) in enumerate(within)}
    return _action("Update", parts, condition, {**values, **new}, names)


def set_in_map(key: Key, path: Sequence[str], value: Attribute) -> Action:
    """Set one value inside a map of the item at `key`, which must be there with everything around the value."""
    names = {f"#part{level}": name for level, name in enumerate(path)}
    return {
        "Update": {
            "Key": _key(key),
            "UpdateExpression": f"SET {'.'.join(names)} = :value",
            "ConditionExpression": f"attribute_exists({'.'.join(names)})",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {":value": value},
        }
    }


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
