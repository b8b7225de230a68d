"""Leave out of a layer what no function uses of its libraries; called by the layer's build (Makefile).

botocore describes four hundred services and every operation of each, with their documentation, and reads the
descriptions at each cold start: trimmed, a client is ready in a quarter less time, and the layer is 20 MB smaller.
A client brings what writes documentation of it, of which nothing is left. Python compiles what pydantic says of its
schemas to type checkers, and the methods of its small values, at each cold start too: a twelfth of it.
What remains says the same as before; `tests/unit/test_layer.py` holds the requests that it makes to the stock's.
"""

import ast
import gzip
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# What the functions call. An operation that is missing here is one that a deployed function cannot call.
OPERATIONS: Mapping[str, frozenset[str]] = {
    "cognito-idp": frozenset({"AdminDeleteUser", "AdminGetUser", "ListUsers"}),
    "dynamodb": frozenset({"BatchGetItem", "Query", "TransactWriteItems", "UpdateItem"}),
    "events": frozenset({"PutEvents"}),
    "secretsmanager": frozenset({"GetSecretValue"}),
    "sesv2": frozenset({"SendEmail"}),
}

# Descriptions of examples, pages and waiters: of no use to a caller that uses none.
_UNUSED_FILES = ("examples-1.json*", "paginators-1.*", "waiters-2.json*", "completions-1.json*")

# Where pydantic defines small values that the rules of a field are made of.
_VALUES = (
    "annotated_types/__init__.py",
    "pydantic/aliases.py",
    "pydantic/fields.py",
    "pydantic/functional_serializers.py",
    "pydantic/functional_validators.py",
    "pydantic/json_schema.py",
    "pydantic/types.py",
    "pydantic/_internal/_decorators.py",
    "pydantic/_internal/_fields.py",
    "pydantic/_internal/_forward_ref.py",
    "pydantic/_internal/_utils.py",
)


def trim(packages: Path) -> None:
    """Trim the libraries in a folder of packages.

    Raises:
        FileNotFoundError, KeyError, ValueError: a library is not laid out, or described, as this knows it.
    """
    data = packages / "botocore" / "data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in OPERATIONS:
            shutil.rmtree(folder)
    for service, operations in OPERATIONS.items():
        *older, latest = sorted(path for path in (data / service).iterdir() if path.is_dir())
        for version in older:
            shutil.rmtree(version)
        for pattern in _UNUSED_FILES:
            for file in latest.glob(pattern):
                file.unlink()
        packed = latest / "service-2.json.gz"
        model = trimmed_model(json.loads(gzip.decompress(packed.read_bytes())), operations)
        packed.unlink()
        _write(latest / "service-2.json", model)
    endpoints = data / "endpoints.json"
    _write(endpoints, trimmed_endpoints(json.loads(endpoints.read_bytes())))
    rewrite(packages)
    for unused in ("bin", "boto3/data", "boto3/examples"):
        shutil.rmtree(packages / unused, ignore_errors=True)
    # pydantic looks through what pip notes for itself for plug-ins at every cold start, and there are none.
    for notes in packages.glob("*.dist-info"):
        shutil.rmtree(notes)


def rewrite(packages: Path) -> None:
    """Take out of modules what no function uses of them.

    Raises:
        FileNotFoundError, ValueError: a library is not laid out, or written, as this knows it.
    """
    for name in ("__init__", "docstring"):
        _rewrite(packages / "botocore" / "docs" / f"{name}.py", without_documenters)
    _rewrite(packages / "pydantic_core" / "core_schema.py", without_field_types)
    for name in _VALUES:
        _rewrite(packages / name, with_plain_values)


def trimmed_model(model: Mapping[str, Any], operations: frozenset[str]) -> dict[str, Any]:
    """A service's description with these operations, the shapes that they use, and no documentation."""
    kept = {name: model["operations"][name] for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    waiting = set(_shapes_of(kept))
    while waiting:
        name = waiting.pop()
        shapes[name] = model["shapes"][name]
        waiting |= set(_shapes_of(shapes[name])) - set(shapes)
    trimmed: dict[str, Any] = _undocumented({**model, "operations": kept, "shapes": dict(sorted(shapes.items()))})
    return trimmed


def trimmed_endpoints(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    """The endpoints of every partition and region, for the services that are called."""
    # SES has another name among endpoints than as a client.
    names = {*OPERATIONS, "email"}
    partitions = [
        {**partition, "services": {name: said for name, said in partition["services"].items() if name in names}}
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def without_field_types(source: str) -> str:
    """A module without the types of the fields of its typed dictionaries, which only a type checker reads.

    Python compiles each of them when it imports the module, and pydantic's description of schemas has six hundred.

    Raises:
        ValueError: it has no typed dictionary with a field.
    """
    module = ast.parse(source)
    found = False
    for part in module.body:
        if isinstance(part, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "TypedDict" for b in part.bases):
            rest = [line for line in part.body if not isinstance(line, ast.AnnAssign)]
            found = found or len(rest) < len(part.body)
            part.body = rest or [ast.Pass()]
    if not found:
        raise ValueError("no typed dictionary with a field")
    return ast.unparse(module)


def without_documenters(source: str) -> str:
    """A module without what it imports of botocore's documentation: names that are used only when that is written.

    A trimmed description has no text to write, and what writes it is a fiftieth of a cold start.

    Raises:
        ValueError: it imports nothing of the kind.
    """
    module = ast.parse(source)
    rest = [part for part in module.body if not (isinstance(part, ast.ImportFrom) and _is_of_docs(part))]
    if len(rest) == len(module.body):
        raise ValueError("no documenter is imported")
    module.body = rest
    return ast.unparse(module)


def with_plain_values(source: str) -> str:
    """A module whose dataclasses show themselves as any object does, and do not refuse to be changed.

    Python compiles the methods for that, three of seven, when it imports the module; nobody prints these values, or
    changes one. They are made, compared and hashed as before.

    Raises:
        ValueError: it has no dataclass.
    """
    module = ast.parse(source)
    found = False
    for part in ast.walk(module):
        if isinstance(part, ast.ClassDef):
            for place, decorator in enumerate(part.decorator_list):
                made = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                if ast.unparse(made.func).rpartition(".")[2] == "dataclass":
                    found = True
                    for keyword in made.keywords:
                        # What cannot be changed may be hashed: that it may is said by itself now.
                        keyword.arg = "unsafe_hash" if keyword.arg == "frozen" else keyword.arg
                    made.keywords.append(ast.keyword("repr", ast.Constant(value=False)))
                    part.decorator_list[place] = made
    if not found:
        raise ValueError("no dataclass")
    return ast.unparse(ast.fix_missing_locations(module))


def _is_of_docs(imported: ast.ImportFrom) -> bool:
    return (imported.module or "").startswith("botocore.docs.")


def _shapes_of(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        for value in part.values():
            yield from _shapes_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from _shapes_of(value)


def _undocumented(part: Any) -> Any:
    if isinstance(part, dict):
        # A member of a shape may be named so too: that one is described by a mapping, documentation is a text.
        return {
            key: _undocumented(value)
            for key, value in part.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return [_undocumented(value) for value in part] if isinstance(part, list) else part


def _rewrite(module: Path, change: Callable[[str], str]) -> None:
    module.write_text(change(module.read_text(encoding="utf-8")), encoding="utf-8")


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
