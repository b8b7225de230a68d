"""What differs between two OpenAPI documents, and whether it breaks clients.

Names of schemas are of no consequence: references are followed, and a difference inside a schema is reported once, by
the name that the schema has now, however many operations use it. The direction decides: what clients send may only be
widened, what they receive only be narrowed or added to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
Direction = Literal["request", "response"]

_METHODS = ("get", "head", "put", "post", "patch", "delete")
_LOWER = ("minimum", "minLength", "minItems")
_UPPER = ("maximum", "maxLength", "maxItems")
_SLUG = re.compile(r"problems/([a-z-]+)\)")


class Level(IntEnum):
    """What a difference means to a client that was written against the older document."""

    COMPATIBLE = 0
    CAREFUL = 1
    BREAKING = 2


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference.

    Args:
        level: what it means to a client.
        where: the operation, or the schema with its direction and the path inside it.
        what: the difference in words.
    """

    level: Level
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.level.name.lower()}: {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema with its references followed and its alternatives apart."""

    name: str | None
    types: frozenset[str]
    enum: frozenset[str] | None
    alternatives: tuple[Json, ...]
    body: Json


def compare(older: Json, newer: Json) -> list[Difference]:
    """Every difference between two documents that a client may notice, the gravest first."""
    found = set(_Comparison(older, newer).operations())
    return sorted(found, key=lambda difference: (-difference.level, difference.where, difference.what))


class _Comparison:
    """Two documents, side by side. A pair of schemas is compared once for each direction."""

    def __init__(self, older: Json, newer: Json) -> None:
        self._older = older
        self._newer = newer
        self._seen: set[tuple[str, str, Direction]] = set()

    def operations(self) -> Iterator[Difference]:
        """What differs, operation by operation."""
        before, after = _operations(self._older), _operations(self._newer)
        for route in before.keys() - after.keys():
            yield Difference(Level.BREAKING, route, "operation removed")
        for route in after.keys() - before.keys():
            yield Difference(Level.COMPATIBLE, route, "operation added")
        for route in before.keys() & after.keys():
            old, new = before[route], after[route]
            yield from self._parameters(route, old, new)
            yield from self._bodies(route, old.get("requestBody"), new.get("requestBody"))
            yield from self._responses(route, old.get("responses", {}), new.get("responses", {}))
            if old.get("security", []) != new.get("security", []):
                opened = not new.get("security", [])
                yield Difference(Level.COMPATIBLE if opened else Level.BREAKING, route, "who may call changed")
            if old.get("operationId") != new.get("operationId"):
                yield Difference(Level.CAREFUL, route, "operationId changed: generated clients name it differently")

    def _parameters(self, route: str, old: Json, new: Json) -> Iterator[Difference]:
        before, after = _parameters(self._older, old), _parameters(self._newer, new)
        for name in before.keys() - after.keys():
            yield Difference(Level.BREAKING, route, f"parameter {name} removed")
        for name in after.keys() - before.keys():
            required = after[name].get("required", False)
            level = Level.BREAKING if required else Level.COMPATIBLE
            yield Difference(level, route, f"{'required' if required else 'optional'} parameter {name} added")
        for name in before.keys() & after.keys():
            if after[name].get("required", False) and not before[name].get("required", False):
                yield Difference(Level.BREAKING, route, f"parameter {name} is required now")
            where = f"{route} {name}"
            yield from self._schemas(where, before[name].get("schema", {}), after[name].get("schema", {}), "request")

    def _bodies(self, route: str, old: Json | None, new: Json | None) -> Iterator[Difference]:
        if old is None or new is None:
            if old is not new:
                removed = new is None
                required = bool(new and new.get("required"))
                level = Level.BREAKING if removed or required else Level.COMPATIBLE
                yield Difference(level, route, f"request body {'removed' if removed else 'added'}")
            return
        if new.get("required", False) and not old.get("required", False):
            yield Difference(Level.BREAKING, route, "request body is required now")
        yield from self._contents(route, old.get("content", {}), new.get("content", {}), "request")

    def _responses(self, route: str, before: Json, after: Json) -> Iterator[Difference]:
        for status in before.keys() - after.keys():
            level = Level.BREAKING if status.startswith("2") else Level.COMPATIBLE
            yield Difference(level, route, f"response {status} removed")
        for status in after.keys() - before.keys():
            yield Difference(Level.CAREFUL, route, f"response {status} added")
        for status in before.keys() & after.keys():
            where, old, new = f"{route} {status}", before[status], after[status]
            had, has = set(_SLUG.findall(old.get("description", ""))), set(_SLUG.findall(new.get("description", "")))
            for slug in has - had:
                yield Difference(Level.CAREFUL, where, f"problem {slug} added")
            for slug in had - has:
                yield Difference(Level.COMPATIBLE, where, f"problem {slug} removed")
            for header in old.get("headers", {}).keys() - new.get("headers", {}).keys():
                yield Difference(Level.BREAKING, where, f"header {header} removed")
            for header in new.get("headers", {}).keys() - old.get("headers", {}).keys():
                yield Difference(Level.COMPATIBLE, where, f"header {header} added")
            yield from self._contents(where, old.get("content", {}), new.get("content", {}), "response")

    def _contents(self, where: str, before: Json, after: Json, direction: Direction) -> Iterator[Difference]:
        for kind in before.keys() - after.keys():
            yield Difference(Level.BREAKING, where, f"{direction} as {kind} removed")
        for kind in after.keys() - before.keys():
            yield Difference(Level.COMPATIBLE, where, f"{direction} as {kind} added")
        for kind in before.keys() & after.keys():
            yield from self._schemas(where, before[kind].get("schema", {}), after[kind].get("schema", {}), direction)

    def _schemas(self, where: str, before: Json, after: Json, direction: Direction) -> Iterator[Difference]:
        old, new = _schema(self._older, before), _schema(self._newer, after)
        if old.name and new.name:
            if (old.name, new.name, direction) in self._seen:
                return
            self._seen.add((old.name, new.name, direction))
            where = f"{direction} {new.name}"
        yield from _values(where, old, new, direction)
        yield from self._alternatives(where, old, new, direction)
        yield from self._fields(where, old.body, new.body, direction)
        yield from _limits(where, old.body, new.body, direction)
        for inner, mark in (("items", "[]"), ("additionalProperties", "{}")):
            then, now = old.body.get(inner), new.body.get(inner)
            if isinstance(then, dict) and isinstance(now, dict):
                yield from self._schemas(f"{where}{mark}", then, now, direction)

    def _alternatives(self, where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
        if not old.alternatives and not new.alternatives:
            return
        before = {_shape(self._older, one): one for one in old.alternatives}
        after = {_shape(self._newer, one): one for one in new.alternatives}
        gone, came = before.keys() - after.keys(), after.keys() - before.keys()
        if len(gone) == len(came) == 1:
            yield from self._schemas(where, before[gone.pop()], after[came.pop()], direction)
            return
        request = direction == "request"
        if gone:
            level = Level.BREAKING if request else Level.COMPATIBLE
            yield Difference(level, where, f"{len(gone)} alternative(s) removed")
        if came:
            yield Difference(Level.COMPATIBLE if request else Level.CAREFUL, where, f"{len(came)} alternative(s) added")

    def _fields(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[Difference]:
        before, after = old.get("properties", {}), new.get("properties", {})
        had, has = set(old.get("required", ())), set(new.get("required", ()))
        request = direction == "request"
        for name in before.keys() - after.keys():
            yield Difference(Level.BREAKING, where, f"field {name} removed")
        for name in after.keys() - before.keys():
            breaks = request and name in has
            yield Difference(
                Level.BREAKING if breaks else Level.COMPATIBLE,
                where,
                f"{'required ' if breaks else ''}field {name} added",
            )
        for name in before.keys() & after.keys():
            if name in has - had:
                level = Level.BREAKING if request else Level.COMPATIBLE
                yield Difference(level, where, f"field {name} is required now")
            if name in had - has:
                level = Level.COMPATIBLE if request else Level.BREAKING
                yield Difference(level, where, f"field {name} is optional now")
            yield from self._schemas(f"{where}.{name}", before[name], after[name], direction)


def _values(where: str, old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
    request = direction == "request"
    gone, came = old.types - new.types, new.types - old.types
    if old.types and new.types and gone and not _widens(gone, new.types):
        yield Difference(Level.BREAKING if request else Level.COMPATIBLE, where, f"no longer {_words(gone)}")
    if old.types and new.types and came and not _widens(came, old.types):
        yield Difference(Level.COMPATIBLE if request else Level.BREAKING, where, f"may be {_words(came)} now")
    if bool(old.types) != bool(new.types):
        narrower = bool(new.types)
        breaks = narrower if request else not narrower
        yield Difference(Level.BREAKING if breaks else Level.COMPATIBLE, where, "a type was added or removed")
    if old.enum == new.enum:
        return
    if old.enum is None or new.enum is None:
        narrower = new.enum is not None
        if request:
            yield Difference(Level.BREAKING if narrower else Level.COMPATIBLE, where, "values are listed or free now")
        else:
            yield Difference(Level.COMPATIBLE if narrower else Level.CAREFUL, where, "values are listed or free now")
        return
    if gone := old.enum - new.enum:
        yield Difference(Level.BREAKING if request else Level.COMPATIBLE, where, f"values removed: {_words(gone)}")
    if came := new.enum - old.enum:
        yield Difference(Level.COMPATIBLE if request else Level.CAREFUL, where, f"values added: {_words(came)}")


def _limits(where: str, old: Json, new: Json, direction: Direction) -> Iterator[Difference]:
    request = direction == "request"
    for name in (*_LOWER, *_UPPER):
        then, now = old.get(name), new.get(name)
        if then == now:
            continue
        tighter = now is not None and (then is None or (now > then if name in _LOWER else now < then))
        if request:
            level = Level.BREAKING if tighter else Level.COMPATIBLE
        else:
            level = Level.COMPATIBLE if tighter else Level.CAREFUL
        yield Difference(level, where, f"{name} was {then}, is {now}")
    for name in ("pattern", "format"):
        then, now = old.get(name), new.get(name)
        if then != now:
            if request:
                level = Level.COMPATIBLE if now is None else Level.BREAKING
            else:
                level = Level.COMPATIBLE if then is None else Level.CAREFUL
            yield Difference(level, where, f"{name} was {then}, is {now}")


def _operations(document: Json) -> Mapping[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }


def _parameters(document: Json, operation: Json) -> dict[str, Json]:
    found = (_resolved(document, parameter)[1] for parameter in operation.get("parameters", ()))
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in found}


def _resolved(document: Json, value: Json) -> tuple[str | None, Json]:
    """What a reference names, and the last part of its name."""
    name = None
    while "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        name, value = value["$ref"].rpartition("/")[2], target
    return name, value


def _schema(document: Json, value: Json) -> Schema:
    name, body = _resolved(document, value)
    alternatives = [_resolved(document, one) for one in body.get("anyOf") or body.get("oneOf") or ()]
    nullable = any(one.get("type") == "null" for _, one in alternatives)
    real = [(called, one) for called, one in alternatives if one.get("type") != "null"]
    if len(real) == 1:
        # `X | None`: X, which may be null.
        inner = _schema(document, real[0][1])
        types = inner.types | ({"null"} if nullable else set())
        return Schema(real[0][0] or inner.name, frozenset(types), inner.enum, inner.alternatives, inner.body)
    said = body.get("type", ())
    allowed = set((said,) if isinstance(said, str) else said or ()) | ({"null"} if nullable else set())
    listed = body.get("enum", [body["const"]] if "const" in body else None)
    enum = None if listed is None else frozenset(map(str, listed))
    return Schema(name, frozenset(allowed), enum, tuple(one for _, one in real), body)


def _shape(document: Json, value: Json, seen: tuple[str, ...] = ()) -> str:
    """A schema as text without names, titles and descriptions: two of the same shape are the same schema."""
    name, body = _resolved(document, value)
    if name in seen:
        return f"<{len(seen) - seen.index(name)} up>"
    inner = (*seen, name) if name else seen
    parts = []
    for key in sorted(body.keys() - {"title", "description", "examples", "default"}):
        part = body[key]
        if key == "properties":
            fields = ",".join(f"{field}:{_shape(document, part[field], inner)}" for field in sorted(part))
            parts.append(f"{key}={fields}")
        elif isinstance(part, dict):
            parts.append(f"{key}={_shape(document, part, inner)}")
        elif key in {"anyOf", "oneOf", "allOf"}:
            parts.append(f"{key}={sorted(_shape(document, one, inner) for one in part)}")
        else:
            parts.append(f"{key}={sorted(part) if key in {'required', 'enum'} else part}")
    return f"{{{';'.join(parts)}}}"


def _widens(types: frozenset[str], others: frozenset[str]) -> bool:
    """Whether these types are but integers where the others hold numbers."""
    return types == {"integer"} and "number" in others


def _words(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
