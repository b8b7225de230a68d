"""The API described, for programs and for people; problems explained; health."""

from functools import lru_cache
from pathlib import Path

from collaboration.composition import app
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Locale
from collaboration.http.call import Call
from collaboration.http.contract.docs import (
    SHOW_DOCS,
    SHOW_DOCS_FILE,
    SHOW_HEALTH,
    SHOW_OPENAPI,
    SHOW_PROBLEM,
    HealthResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import LanguageQuery
from collaboration.http.dispatch import Api
from collaboration.http.openapi import document_text
from collaboration.http.pages import fault_page, problem_page
from collaboration.http.response import Response
from collaboration.http.states_table import states_table
from collaboration.http.static_files import File, file_response, page_response, read_files, unless_known
from collaboration.services import Services, not_found

handler = Api(app)

_PAGES, _VENDOR = (Path(__file__).parent / name for name in ("pages", "vendor"))

# Swagger UI's style sheet has its pictures in `data:` addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def page() -> File:
    """The page, with the table of states in its place."""
    text = (_PAGES / "docs.html").read_text(encoding="utf-8")
    return File.of(text.replace("<!-- states -->", states_table()), ".html")


@lru_cache(maxsize=1)
def files() -> dict[str, File]:
    """What the page loads, by name."""
    return {name: file for name, file in read_files(_PAGES, _VENDOR).items() if not name.endswith(".html")}


@lru_cache(maxsize=1)
def document() -> File:
    """The OpenAPI document: the same text, and so the same ETag, in every process of a version."""
    return File.of(document_text(), ".json")


@handler.on(SHOW_OPENAPI)
def openapi(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The OpenAPI document, or 304 for who has it."""
    return unless_known(document(), call.request, {})


@handler.on(SHOW_DOCS, faults_as_pages=fault_page)
def docs(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The same for people, in Swagger UI."""
    return page_response(page(), call.request, POLICY)


@handler.on(SHOW_DOCS_FILE)
def docs_file(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """What the page loads."""
    return file_response(files().get(call.request.path["file"]), call.request, POLICY)


@handler.on(SHOW_PROBLEM, faults_as_pages=fault_page)
def problem(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """What a problem means, and what to do."""
    slug = call.request.path["slug"]
    if slug not in tuple(Slug):
        raise not_found()
    return problem_page(Slug(slug), call.request.language or Locale.SV)


@handler.on(SHOW_HEALTH)
def health(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The service answers."""
    return Response(200, HealthResponse(status="ok"))
