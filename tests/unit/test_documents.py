"""What the documents name exists, and the words that were given up are gone."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "shared" / "collaboration"
DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "RUNBOOK.md")

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?(?::\w+)?")
DOTTED = re.compile(r"[a-z]\w*(?:\.\w+)+")


def named(document: str) -> Iterator[str]:
    """Every path and every `module.name` that a document names, in backticks or as a link; fenced blocks left out."""
    words = re.sub(r"^```.*?^```", "", (PROJECT / document).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from LINK.findall(words)
    for code in CODE.findall(words):
        if (PATH.fullmatch(code) and is_path(code)) or (DOTTED.fullmatch(code) and is_module(code)):
            yield code


# Written by a command, and in no clean checkout.
GENERATED = {".local/shots", ".local/stack.json"}


def is_path(code: str) -> bool:
    """Whether it looks like a file or folder of ours, and not like `a|b`, a route or a name."""
    first = code.partition(":")[0].partition("/")[0]
    known = {path.name for folder in (PROJECT, PACKAGE) for path in folder.iterdir()}
    return code.partition(":")[0].endswith((".py", ".md", ".json", ".yaml", ".yml", ".toml")) or (
        "/" in code and first in known
    )


def is_module(code: str) -> bool:
    """Whether it begins with a module or package of `collaboration`."""
    first = code.partition(".")[0]
    return (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file()


def exists(name: str) -> bool:
    """Whether a path or a `module.name` is there."""
    path, _, member = name.partition(":")
    found = next((folder / path for folder in (PROJECT, PACKAGE) if (folder / path).exists()), None)
    if found or "/" in name or is_path(name):
        return found is not None and (not member or member in members(found))
    place, parts = PACKAGE, name.split(".")
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if not parts:
        return True
    module, owner = (place / f"{parts[0]}.py"), ".".join(parts[1:])
    return module.is_file() and (not owner or owner in members(module))


@cache
def members(module: Path) -> frozenset[str]:
    """What a module defines: functions, classes, assignments, and `Class.method`."""
    return frozenset(defined(ast.parse(module.read_text(encoding="utf-8")).body))


def defined(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements define."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name, body=inner):
                yield name
                yield from (f"{name}.{member}" for member in defined(inner))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_exists(document: str) -> None:
    """Renamed or moved: the document is to follow."""
    names = sorted(set(named(document)))
    assert names
    assert [name for name in names if name not in GENERATED and not exists(name)] == []


def test_names_that_are_gone_are_found() -> None:
    """The test above can fail."""
    assert exists("commands.inviting.invite")
    assert exists("functions/mail/app.py:handler")
    assert exists("storage.table.Table.write")
    gone = ["commands.inviting.ask", "commands.asking", "functions/mail/app.py:ask", "tests/unit/test_none.py"]
    assert [name for name in gone if exists(name)] == []


def test_ruff_is_one_version() -> None:
    """What runs before a commit is what `make lint` runs."""
    [pinned] = re.findall(r'"ruff==([\d.]+)"', (PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    [hook] = re.findall(r"rev: v([\d.]+)", (PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert hook == pinned
