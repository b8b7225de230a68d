"""The OpenAPI document as a page for people: who may call what, with which fields, and what comes back."""

import json
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from html import escape
from itertools import groupby
from typing import Any

from collaboration.domain.model.invitation import TRANSITIONS, Action, Verdict, ViewerState
from collaboration.http.openapi import document
from collaboration.http.problems import STATUS
from collaboration.http.response import Response

Json = dict[str, Any]

_STYLE = """
body{margin:0;background:#fff;color:#1c1c1c;font:1rem/1.55 "Segoe UI",system-ui,Helvetica,Arial,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.8rem}h2{margin-top:3rem;border-bottom:1px solid #d5d5d5}h3{margin:2rem 0 .25rem;font-size:1rem}
code{font-family:ui-monospace,Consolas,monospace;font-size:.9375em;overflow-wrap:anywhere}
.verb{display:inline-block;min-width:4rem;font-weight:700;color:#0a4fa3}
table{border-collapse:collapse;margin:.5rem 0;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #eee}
summary{cursor:pointer;color:#0a4fa3}
.scroll,pre{overflow-x:auto}
pre{background:#f4f5f7;padding:.75rem;font-size:.875rem}
nav a{margin-right:1rem}a{color:#0a4fa3}
"""

_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"


def docs_page() -> Response:
    """The page."""
    return Response(200, _html(), {"Content-Security-Policy": _POLICY}, "text/html; charset=utf-8")


@lru_cache(maxsize=1)
def _html() -> str:
    described = document()
    operations = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    operations.sort(key=lambda found: [tag["name"] for tag in described["tags"]].index(found[2]["tags"][0]))
    body = "\n".join(_body(described, operations))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>Collaborations: the API</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n"
        "</main>\n</body>\n</html>\n"
    )


def _body(described: Json, operations: list[tuple[str, str, Json]]) -> Iterator[str]:
    yield "<h1>Collaborations: the API</h1>"
    for paragraph in described["info"]["description"].split("\n\n"):
        yield f"<p>{_marked(paragraph)}</p>"
    yield '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
    tags = {tag["name"]: tag["description"] for tag in described["tags"]}
    yield "<nav>" + "".join(f'<a href="#{tag}">{tag}</a>' for tag in tags)
    yield '<a href="#states">what may be done in which state</a></nav>'
    for tag, group in groupby(operations, key=lambda found: found[2]["tags"][0]):
        yield f'<h2 id="{tag}">{escape(tag)}</h2><p>{_marked(tags[tag])}</p>'
        for path, method, operation in group:
            yield from _operation(described, path, method, operation)
    yield from _states()


def _operation(described: Json, path: str, method: str, operation: Json) -> Iterator[str]:
    name = escape(operation["operationId"])
    yield f'<h3 id="{name}"><span class="verb">{method.upper()}</span> <code>{escape(path)}</code></h3>'
    yield f"<p>{_marked(operation['summary'])}</p>"
    yield "<details><summary>Fields and answers</summary>"
    rows = [
        (parameter["name"], f"{parameter['in']}, {_type(parameter['schema'])}", parameter.get("description", ""))
        for parameter in operation["parameters"]
    ]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        rows += _fields(described, content["application/json"]["schema"])
    yield _table(("Field", "Type", ""), rows)
    if "application/json" in content:
        example = json.dumps(content["application/json"]["example"], indent=2, ensure_ascii=False)
        yield f"<pre>{escape(example)}</pre>"
    answers = []
    for status, response in operation["responses"].items():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        named = f"{response['description']} {_type(schema) if schema else ''}"
        answers.append((status, named.strip(), ""))
    yield _table(("Status", "Answer", ""), answers)
    yield "</details>"


def _fields(described: Json, schema: Json) -> Iterator[tuple[str, str, str]]:
    model = described["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    needed = model.get("required", ())
    for name, inner in model.get("properties", {}).items():
        yield name, f"{_type(inner)}{', required' if name in needed else ''}", inner.get("description", "")


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{_marked(kind)}</td><td>{_marked(about)}</td></tr>"
        for name, kind, about in rows
    )
    return f"<table><tr>{''.join(f'<th>{title}</th>' for title in head)}</tr>{cells}</table>"


def _states() -> Iterator[str]:
    yield '<h2 id="states">What may be done in which state</h2>'
    yield "<p>The one table that every check of a request comes from. An empty answer means: it happens.</p>"
    head = "".join(f"<th>{escape(viewer_state)}</th>" for viewer_state in ViewerState)
    rows = "".join(
        f"<tr><th>{action}</th>{''.join(f'<td>{_cell(action, state)}</td>' for state in ViewerState)}</tr>"
        for action in Action
    )
    yield f'<div class="scroll"><table><tr><th></th>{head}</tr>{rows}</table></div>'


def _cell(action: Action, viewer_state: ViewerState) -> str:
    found = TRANSITIONS[action][viewer_state]
    if isinstance(found, Verdict):
        return "yes" if found is Verdict.ALLOWED else "the same answer again"
    return f'{STATUS[found]} <a href="problems/{found}">{found}</a>'


def _marked(words: str) -> str:
    """Escaped text with its `code`, and lists of problems as lines."""
    pieces = escape(words).split("`")
    marked = "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
    return marked.replace("\n* ", "<br>").removeprefix("* ")
