"""DynamoDB's expressions, for the table in memory: parsed in full, checked as DynamoDB checks them, evaluated.

Conditions (and key conditions) hold or do not hold of an item; updates change one in place.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Attribute: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, Attribute]
PathElement: TypeAlias = str | int
Steps: TypeAlias = tuple[PathElement, ...]

MAX_EXPRESSION = 4096
MAX_OPERATORS = 300
MAX_IN = 100
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
PATH_MISSING = "The document path provided in the update expression is invalid for update"

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>()+\-,.\[\]]|[#:][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|\d+)")
_RESERVED = frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())


class InvalidError(Exception):
    """DynamoDB would answer ValidationException, whatever is stored."""


class PathError(Exception):
    """An update meets an item that it does not fit: a map on its path is missing, or a value has another type."""


@dataclass(frozen=True)
class Path:
    """A document path, its names' placeholders not yet replaced."""

    steps: Steps


@dataclass(frozen=True)
class Literal:
    """A placeholder of a value."""

    name: str


@dataclass(frozen=True)
class Call:
    """An operator or a function, and its operands."""

    name: str
    operands: tuple[Any, ...]


Node: TypeAlias = Path | Literal | Call


@dataclass(frozen=True)
class Parsed:
    """A whole expression: a condition's tree, or an update's clauses as calls."""

    root: Call | tuple[Call, ...]
    placeholders: frozenset[str]


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, kind: str, text: str) -> None:
        self._kind = kind
        if not text.strip():
            raise self._error("The expression can not be empty;")
        if len(text.encode()) > MAX_EXPRESSION:
            size = f"expression size: {len(text.encode())}"
            raise self._error(f"Expression size has exceeded the maximum allowed size; {size}")
        self._tokens: list[str] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._syntax(text[place:].strip()[0])
            self._tokens.append(found[1])
            place = found.end()
        self._at = 0
        self._operators = 0

    def _error(self, message: str) -> InvalidError:
        return InvalidError(f"Invalid {self._kind}: {message}")

    def _syntax(self, token: str) -> InvalidError:
        return self._error(f'Syntax error; token: "{token}"')

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else "<EOF>"

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *wanted: str) -> str:
        """The next token when it is one of these, whatever its case; else an empty string, and nothing is read."""
        return self._next() if self._peek().upper() in wanted else ""

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self._syntax(self._peek())

    def _placeholders(self) -> frozenset[str]:
        return frozenset(token for token in self._tokens if token[0] in "#:")

    def _operator(self, name: str, *operands: Any) -> Call:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            count = f"operator count: {self._operators}"
            raise self._error(f"The expression contains too many operators; {count}")
        return Call(name, operands)

    # Conditions

    def condition(self) -> Parsed:
        """OR binds weaker than AND, and AND weaker than NOT."""
        root = self._either()
        if self._at < len(self._tokens):
            raise self._syntax(self._peek())
        return Parsed(root, self._placeholders())

    def _either(self) -> Call:
        node = self._both()
        while self._take("OR"):
            node = self._operator("OR", node, self._both())
        return node

    def _both(self) -> Call:
        node = self._negated()
        while self._take("AND"):
            node = self._operator("AND", node, self._negated())
        return node

    def _negated(self) -> Call:
        if self._take("NOT"):
            return self._operator("NOT", self._negated())
        if self._take("("):
            node = self._either()
            self._expect(")")
            return node
        return self._test()

    def _test(self) -> Call:
        if self._is_function(*_TESTS):
            return self._function(_TESTS)
        left = self._operand(("size",))
        token = self._next().upper()
        if token in _COMPARISONS:
            return self._operator(token, left, self._operand(("size",)))
        if token == "BETWEEN":
            low = self._operand(("size",))
            self._expect("AND")
            return self._operator("BETWEEN", left, low, self._operand(("size",)))
        if token == "IN":
            self._expect("(")
            among = [self._operand(())]
            while self._take(","):
                among.append(self._operand(()))
            self._expect(")")
            if len(among) > MAX_IN:
                raise self._error(
                    f"The IN operator is provided with too many operands; number of operands: {len(among)}"
                )
            return self._operator("IN", left, *among)
        raise self._syntax(token)

    def _is_function(self, *names: str) -> bool:
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else ""
        return following == "(" and self._peek() in names

    def _function(self, signatures: Mapping[str, str]) -> Call:
        """A call, its operands by signature: p is a path, o is a path or a value."""
        name = self._next()
        self._expect("(")
        operands: list[Node] = []
        for number, kind in enumerate(signatures[name]):
            if number:
                self._expect(",")
            nested = ("if_not_exists", "list_append") if name in _UPDATE_FUNCTIONS else ()
            operand = self._operand(nested)
            if kind == "p" and not isinstance(operand, Path):
                raise self._error(f"Operator or function requires a document path; operator or function: {name}")
            operands.append(operand)
        self._expect(")")
        return self._operator(name, *operands)

    def _operand(self, functions: tuple[str, ...]) -> Node:
        if functions and self._is_function(*functions):
            return self._function({**_UPDATE_FUNCTIONS, "size": "p"})
        token = self._peek()
        if token.startswith(":"):
            return Literal(self._next())
        return self._path()

    def _path(self) -> Path:
        steps: list[PathElement] = [self._name()]
        while token := self._take(".", "["):
            if token == ".":
                steps.append(self._name())
                continue
            index = self._next()
            if not index.isdigit():
                raise self._syntax(index)
            steps.append(int(index))
            self._expect("]")
        return Path(tuple(steps))

    def _name(self) -> str:
        token = self._next()
        if not re.fullmatch(r"#?[A-Za-z0-9_]+", token) or token[0].isdigit():
            raise self._syntax(token)
        if token.upper() in _RESERVED:
            raise self._error(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        return token

    # Updates

    def update(self) -> Parsed:
        """Clauses in any order, each once."""
        calls: list[Call] = []
        seen: list[str] = []
        while self._at < len(self._tokens):
            clause = self._take(*CLAUSES).upper()
            if not clause:
                raise self._syntax(self._peek())
            if clause in seen:
                raise self._error(f'The "{clause}" section can only be used once in an update expression;')
            seen.append(clause)
            calls.append(self._action(clause))
            while self._take(","):
                calls.append(self._action(clause))
        return Parsed(tuple(calls), self._placeholders())

    def _action(self, clause: str) -> Call:
        path = self._path()
        if clause == "REMOVE":
            return Call(clause, (path,))
        if clause in {"ADD", "DELETE"}:
            value = self._operand(())
            if not isinstance(value, Literal):
                raise self._error(f"Incorrect operand for operator or function; operator: {clause}")
            return Call(clause, (path, value))
        self._expect("=")
        functions = tuple(_UPDATE_FUNCTIONS)
        value = self._operand(functions)
        if sign := self._take("+", "-"):
            value = self._operator(sign, value, self._operand(functions))
        return Call("SET", (path, value))


_TESTS = {
    "attribute_exists": "p",
    "attribute_not_exists": "p",
    "attribute_type": "po",
    "begins_with": "po",
    "contains": "po",
}
_UPDATE_FUNCTIONS = {"if_not_exists": "po", "list_append": "oo"}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "<>": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}
_LOGIC: dict[str, Callable[[list[bool]], bool]] = {"AND": all, "OR": any, "NOT": lambda operands: not operands[0]}
_ORDERED = {"S", "N", "B"}


@lru_cache(maxsize=4096)
def _parse(kind: str, text: str) -> Parsed:
    parser = _Parser(kind, text)
    return parser.update() if kind == "UpdateExpression" else parser.condition()


@lru_cache(maxsize=4096)
def _is_placeholder(mark: str, key: str) -> bool:
    return re.fullmatch(rf"{mark}[A-Za-z0-9_]+", key) is not None


class Expressions:
    """The expressions of one request, with what their placeholders stand for."""

    def __init__(self, request: Mapping[str, Any], *kinds: str) -> None:
        """Parse and check those of `kinds` that the request has, such as `UpdateExpression`.

        Raises:
            InvalidError: DynamoDB refuses them, or their placeholders.
        """
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        self._values: Mapping[str, Attribute] = request.get("ExpressionAttributeValues", {})
        self._parsed = {kind: _parse(kind, request[kind]) for kind in kinds if kind in request}
        self._check_placeholders(request)

    def _check_placeholders(self, request: Mapping[str, Any]) -> None:
        used = frozenset[str]().union(*(parsed.placeholders for parsed in self._parsed.values()))
        for field, mark in (("ExpressionAttributeNames", "#"), ("ExpressionAttributeValues", ":")):
            given = request.get(field)
            if given is None:
                continue
            if not self._parsed:
                raise InvalidError(f"{field} can only be specified when using expressions")
            if not given:
                raise InvalidError(f"{field} must not be empty")
            if wrong := [key for key in given if not _is_placeholder(mark, key)]:
                raise InvalidError(f'{field} contains invalid key: Syntax error; key: "{wrong[0]}"')
            if unused := sorted(set(given) - used):
                raise InvalidError(f"Value provided in {field} unused in expressions: keys: {{{', '.join(unused)}}}")
        for kind, parsed in self._parsed.items():
            for name in sorted(parsed.placeholders):
                if name not in self._names and name not in self._values:
                    what = "name" if name[0] == "#" else "value"
                    raise InvalidError(
                        f"Invalid {kind}: An expression attribute {what} used in the document path is not defined; "
                        f"attribute {what}: {name}"
                    )

    def has(self, kind: str) -> bool:
        """Whether the request has such an expression."""
        return kind in self._parsed

    def _steps(self, path: Path) -> Steps:
        return tuple(self._names.get(step, step) if isinstance(step, str) else step for step in path.steps)

    # Conditions

    def holds(self, item: Item, kind: str = "ConditionExpression") -> bool:
        """Whether a condition holds of an item; one that the request does not have holds."""
        if kind not in self._parsed:
            return True
        root = self._parsed[kind].root
        assert isinstance(root, Call)
        return self._true(root, item)

    def _true(self, node: Call, item: Item) -> bool:
        if node.name in _LOGIC:
            # Not evaluated lazily: nothing that is evaluated here changes anything or fails.
            return _LOGIC[node.name]([self._true(operand, item) for operand in node.operands])
        values = [self._value(operand, item) for operand in node.operands]
        match node.name:
            case "attribute_exists" | "attribute_not_exists":
                return (values[0] is not None) == (node.name == "attribute_exists")
            case "BETWEEN":
                return _compare(">=", values[0], values[1]) and _compare("<=", values[0], values[2])
            case "IN":
                return any(_compare("=", values[0], value) for value in values[1:])
        compare = _compare if node.name in _COMPARISONS else _function_holds
        return compare(node.name, values[0], values[1])

    def _value(self, node: Node, item: Item) -> Attribute | None:
        """What an operand stands for, as an attribute; None when the item does not have it."""
        if isinstance(node, Literal):
            return self._values[node.name]
        if isinstance(node, Path):
            return find(item, self._steps(node))
        values = [self._value(operand, item) for operand in node.operands]
        if node.name == "if_not_exists":
            return values[0] if values[0] is not None else values[1]
        if node.name == "size":
            return _size(values[0])
        if any(value is None for value in values):
            raise PathError("The provided expression refers to an attribute that does not exist in the item")
        return _computed(node.name, [value for value in values if value is not None])

    # Key conditions

    def key_condition(self) -> list[tuple[str, str, list[Attribute]]]:
        """A key condition's parts: attribute, operator or function, operands.

        Raises:
            InvalidError: it is no conjunction of comparisons of an attribute with values.
        """
        parts: list[tuple[str, str, list[Attribute]]] = []
        root = self._parsed["KeyConditionExpression"].root
        assert isinstance(root, Call)
        pending = [root]
        while pending:
            node = pending.pop(0)
            if node.name == "AND":
                pending = [*node.operands, *pending]
                continue
            if node.name not in {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}:
                raise InvalidError(f"Invalid operator used in KeyConditionExpression: {node.name}")
            path, *operands = node.operands
            if not isinstance(path, Path) or not all(isinstance(operand, Literal) for operand in operands):
                raise InvalidError("Invalid KeyConditionExpression: compare an attribute with values")
            values = [self._values[operand.name] for operand in operands]
            parts.append((".".join(map(str, self._steps(path))), node.name, values))
        return parts

    # Updates

    def targets(self) -> list[Steps]:
        """The paths that the update expression writes.

        Raises:
            InvalidError: two of them overlap.
        """
        clauses = self._parsed["UpdateExpression"].root
        assert isinstance(clauses, tuple)
        paths = [self._steps(call.operands[0]) for call in clauses]
        ordered = sorted(paths, key=lambda path: [str(step) for step in path])
        for one, other in pairwise(ordered):
            if other[: len(one)] == one:
                raise InvalidError(
                    "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one "
                    f"of these paths; path one: {list(one)}, path two: {list(other)}"
                )
        return paths

    def update(self, item: Item) -> None:
        """Change an item in place; what is read is read before anything changes.

        Raises:
            PathError: the item is not as the expression needs it.
        """
        clauses = self._parsed["UpdateExpression"].root
        assert isinstance(clauses, tuple)
        planned = [
            (
                call.name,
                self._steps(call.operands[0]),
                self._value(call.operands[1], item) if call.operands[1:] else None,
            )
            for call in clauses
        ]
        # From the end of lists: removing an element moves those behind it.
        for name, path, value in sorted(
            planned, key=lambda step: [str(part).zfill(6) for part in step[1]], reverse=True
        ):
            _write(item, name, path, copy.deepcopy(value))


def find(item: Item, path: Steps) -> Attribute | None:
    """The attribute at a path; None when there is none."""
    found: Any = {"M": item}
    for step in path:
        if isinstance(step, int):
            among = found.get("L", ())
            found = among[step] if step < len(among) else None
        else:
            found = found.get("M", {}).get(step)
        if found is None:
            return None
    attribute: Attribute = found
    return attribute


def _plain(attribute: Attribute) -> Any:
    [(kind, value)] = attribute.items()
    if kind == "N":
        return Decimal(value)
    if kind in {"SS", "BS"}:
        return frozenset(value)
    if kind == "NS":
        return frozenset(map(Decimal, value))
    if kind == "L":
        return [(next(iter(each)), _plain(each)) for each in value]
    if kind == "M":
        return {name: (next(iter(each)), _plain(each)) for name, each in value.items()}
    return value


def _compare(operator: str, left: Attribute | None, right: Attribute | None) -> bool:
    """Values of different types are different, and in no order; what is missing compares with nothing."""
    if left is None or right is None:
        return operator == "<>" and left is not right
    if left.keys() != right.keys():
        return operator == "<>"
    if operator not in {"=", "<>"} and not left.keys() <= _ORDERED:
        return False
    one, other = _plain(left), _plain(right)
    if isinstance(one, str):
        one, other = one.encode(), other.encode()
    return _COMPARISONS[operator](one, other)


def _function_holds(name: str, left: Attribute | None, right: Attribute | None) -> bool:
    if left is None or right is None:
        return False
    if name == "attribute_type":
        return left.keys() == {right["S"]}
    [(kind, value)] = left.items()
    if name == "begins_with":
        return left.keys() == right.keys() and kind in {"S", "B"} and bool(value.startswith(right[kind]))
    if kind in {"S", "B"}:
        return left.keys() == right.keys() and right[kind] in value
    if kind == "L":
        return right in value
    [(other_kind, other)] = right.items()
    return kind == f"{other_kind}S" and other in value


def _size(attribute: Attribute | None) -> Attribute | None:
    if attribute is None or attribute.keys() <= {"N", "BOOL", "NULL"}:
        return None
    [value] = attribute.values()
    return {"N": str(len(value.encode() if isinstance(value, str) else value))}


def _computed(name: str, values: list[Attribute]) -> Attribute:
    wanted = "L" if name == "list_append" else "N"
    if any(value.keys() != {wanted} for value in values):
        raise PathError(f"An operand in the update expression has an incorrect data type: {name}")
    if name == "list_append":
        return {"L": [*values[0]["L"], *values[1]["L"]]}
    one, other = (Decimal(value["N"]) for value in values)
    return {"N": _number(one + other if name == "+" else one - other)}


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write(item: Item, name: str, path: Steps, value: Attribute | None) -> None:
    """Do one clause's action."""
    *way, last = path
    parent = find(item, tuple(way)) if way else {"M": item}
    inside: Any = (parent or {}).get("L" if isinstance(last, int) else "M")
    if inside is None:
        raise PathError(PATH_MISSING)
    if isinstance(last, int):
        if name == "REMOVE":
            del inside[last : last + 1]
        else:
            inside[last : last + 1] = [value]
        return
    match name:
        case "SET":
            inside[last] = value
        case "REMOVE":
            inside.pop(last, None)
        case _:
            assert value is not None
            _merge(inside, name, last, value)


def _merge(inside: Item, name: str, last: str, value: Attribute) -> None:
    """ADD and DELETE: numbers and sets."""
    [(kind, new)] = value.items()
    present = inside.get(last)
    if kind not in ({"N", "SS", "NS", "BS"} if name == "ADD" else {"SS", "NS", "BS"}):
        raise PathError(f"Incorrect operand type for operator or function; operator: {name}, operand type: {kind}")
    if present is not None and present.keys() != value.keys():
        raise PathError("An operand in the update expression has an incorrect data type")
    if kind == "N":
        inside[last] = {"N": _number(Decimal(present["N"] if present else "0") + Decimal(new))}
        return
    before = list(present[kind]) if present else []
    after = [each for each in before if name == "ADD" or each not in new]
    after += [each for each in new if name == "ADD" and each not in before]
    if after:
        inside[last] = {kind: after}
    else:
        inside.pop(last, None)
