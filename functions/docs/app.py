"""The API described, for programs and for people; problems explained; health."""

from collaboration.composition import app
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Locale
from collaboration.http.call import Call
from collaboration.http.contract.docs import SHOW_DOCS, SHOW_HEALTH, SHOW_OPENAPI, SHOW_PROBLEM, HealthResponse
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import LanguageQuery
from collaboration.http.dispatch import Api
from collaboration.http.docs_page import docs_page
from collaboration.http.openapi import document_text
from collaboration.http.pages import fault_page, problem_page
from collaboration.http.response import Response
from collaboration.services import Services, not_found

handler = Api(app)


@handler.on(SHOW_OPENAPI)
def openapi(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The OpenAPI document."""
    return Response(200, document_text())


@handler.on(SHOW_DOCS)
def docs(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The same for people."""
    return docs_page()


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
