"""The API described, for programs and for people; problems explained; health."""

from collaboration.commands.services import Services, not_found
from collaboration.composition import logger, services
from collaboration.domain.faults import Slug
from collaboration.domain.values import Locale
from collaboration.http import operations
from collaboration.http.answers import HealthResponse
from collaboration.http.bodies import LanguageQuery, NoBody, NoQuery
from collaboration.http.dispatch import Response, Api, Call
from collaboration.http.docs_page import docs_page
from collaboration.http.openapi import document_text
from collaboration.http.pages import fault_page, problem_page

handler = Api(services, logger)


@handler.on(operations.SHOW_OPENAPI)
def openapi(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The OpenAPI document."""
    return Response(200, document_text())


@handler.on(operations.SHOW_DOCS)
def docs(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The same for people."""
    return docs_page()


@handler.on(operations.SHOW_PROBLEM, faults_as_pages=fault_page)
def problem(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """What a problem means, and what to do."""
    slug = call.request.path["slug"]
    if slug not in tuple(Slug):
        raise not_found()
    return problem_page(Slug(slug), call.request.language or Locale.SV)


@handler.on(operations.SHOW_HEALTH)
def health(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The service answers."""
    return Response(200, HealthResponse(status="ok"))
