"""The page that explains the API: its files, what they may load, and where they come from."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.invitation import TRANSITIONS, Action, ViewerState
from collaboration.http.states_table import states_table

if TYPE_CHECKING:
    from types import ModuleType

PROJECT = Path(__file__).resolve().parents[2]
FUNCTION = PROJECT / "functions" / "docs"


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function, freshly loaded."""
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS", "0")
    spec = importlib.util.spec_from_file_location("function_docs_alone", FUNCTION / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(docs: ModuleType, file: str | None = None, **headers: str) -> dict[str, Any]:
    """What the gateway would be answered: the page, or a file of it."""
    event = json.loads((PROJECT / "events" / "docs-file.json").read_text(encoding="utf-8"))
    event |= {"resource": "/docs/{file}" if file else "/docs", "pathParameters": {"file": file} if file else None}
    event["headers"] = {"Accept": "*/*", **headers}
    answer: dict[str, Any] = docs.handler(event, None)
    return answer


class Names(HTMLParser):
    """What a page loads and links to, and where in itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names."""
        found = dict(attrs)
        address = found.get("src") or found.get("href")
        if address:
            (self.linked if tag == "a" else self.loaded).append(address)
        elif tag in {"script", "style"}:
            self.inline.append(tag)
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if found.get("id"):
            self.ids.append(str(found["id"]))


def test_the_page_loads_files_of_this_origin_alone(docs: ModuleType) -> None:
    """Each is there, nothing stands inline, and the policy would let nothing else in."""
    answer = ask(docs)
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = Names(answer["body"])
    assert page.inline == []
    own = [name.removeprefix("docs/") for name in page.loaded if name.startswith("docs/")]
    assert {"swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "docs.css"} == set(own)
    assert set(page.loaded) - {f"docs/{name}" for name in own} == {"console/icon.svg"}
    assert all(ask(docs, name)["statusCode"] == 200 for name in own)
    assert {name for name in page.linked if name.startswith("#")} <= {f"#{id_}" for id_ in page.ids}
    assert answer["headers"]["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_the_browser_keeps_what_it_has(docs: ModuleType) -> None:
    """The bundle is asked for anew, and not sent again; nor is the page to who has it, though no browser keeps it."""
    for name, kept in ((None, "no-store"), ("swagger-ui-bundle.js", "no-cache")):
        first = ask(docs, name)
        assert first["headers"]["Cache-Control"] == kept
        again = ask(docs, name, **{"If-None-Match": first["headers"]["ETag"]})
        assert (again["statusCode"], again["body"]) == (304, "")


def test_the_page_loses_its_slash(docs: ModuleType) -> None:
    """The gateway takes it for the same address, and relative links would lead below it."""
    event = json.loads((PROJECT / "events" / "docs-file.json").read_text(encoding="utf-8"))
    event |= {"resource": "/docs", "pathParameters": None}
    event["requestContext"]["path"] = "/v1/docs/"
    answer = docs.handler(event, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (302, "../docs")


def ask_document(docs: ModuleType, **headers: str) -> dict[str, Any]:
    """What the gateway would be answered: the OpenAPI document."""
    event = json.loads((PROJECT / "events" / "docs-health.json").read_text(encoding="utf-8"))
    event |= {"resource": "/openapi.json", "path": "/openapi.json", "headers": {"Accept": "*/*", **headers}}
    answer: dict[str, Any] = docs.handler(event, None)
    return answer


def test_the_document_is_not_sent_to_who_has_it(docs: ModuleType) -> None:
    """304 to its ETag, alone, among others, as a weak one or as `*`; else all of it. The document says so."""
    first = ask_document(docs)
    tag = first["headers"]["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag), "a strong one"
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = ask_document(docs, **{"If-None-Match": known})
        assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", tag)
    for other in ('"other"', tag.strip('"'), ""):
        again = ask_document(docs, **{"If-None-Match": other})
        assert (again["statusCode"], again["body"]) == (200, first["body"])
    described = json.loads(first["body"])["paths"]["/openapi.json"]["get"]
    assert {"$ref": "#/components/parameters/IfNoneMatch"} in described["parameters"]
    assert described["responses"].keys() >= {"200", "304"}
    assert all("ETag" in described["responses"][status]["headers"] for status in ("200", "304"))


def test_every_process_makes_the_same_document() -> None:
    """Else its ETag would change with the process that answers."""
    program = "from collaboration.http.openapi import document_text; print(document_text())"
    made = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT / "shared")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


@pytest.mark.parametrize("name", ["app.py", "../app.py", "docs.html", "README.md", "nothing.js", ".", "..%2Fapp.py"])
def test_what_is_no_file_of_the_page_is_not_found(docs: ModuleType, name: str) -> None:
    """Names are looked up, never opened."""
    assert ask(docs, name)["statusCode"] == 404


def test_an_answer_fits_through_lambda(docs: ModuleType) -> None:
    """Six megabytes as JSON, escapes included."""
    assert max(len(json.dumps(ask(docs, name))) for name in docs.files()) < 6_000_000


def test_what_is_vendored_is_what_was_pinned() -> None:
    """Unchanged since its checksum was written down; the version is the one that `make vendor` compares with."""
    readme = (FUNCTION / "vendor" / "README.md").read_text(encoding="utf-8")
    pinned = re.findall(r"\| `([\w.-]+)` \| `([0-9a-f]{64})` \|", readme)
    assert {name for name, _ in pinned} == {
        path.name for path in (FUNCTION / "vendor").iterdir() if path.suffix in {".js", ".css"}
    }
    for name, checksum in pinned:
        assert sha256((FUNCTION / "vendor" / name).read_bytes()).hexdigest() == checksum
    [version] = re.findall(r"SWAGGER_UI := (\S+)", (PROJECT / "Makefile").read_text(encoding="utf-8"))
    assert f"`swagger-ui-dist` {version}" in readme


def test_every_cell_of_the_table_of_states_is_shown(docs: ModuleType) -> None:
    """A row for each action, a column for each state, a link for each refusal; and it stands on the page."""
    table = states_table()
    assert table in ask(docs)["body"]
    assert table.count("<tr>") == 1 + len(Action)
    assert table.count('scope="col"') == len(ViewerState)
    refusals = [cell for row in TRANSITIONS.values() for cell in row.values() if f"problems/{cell}" in table]
    assert refusals
    assert table.count("<td>") == 1 + len(Action) * len(ViewerState)
