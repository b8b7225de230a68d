"""What a refused request is answered: a problem document in the reader's language, or a page."""

from dataclasses import replace
from typing import Any

from collaboration import invocation
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.contract.operation import Operation
from collaboration.http.previews import preview_response
from collaboration.http.request import CallerClass, Request
from collaboration.http.response import Response
from collaboration.http.routes import Handler
from collaboration.services import Services


def refusal_response(handler: Handler, refusal: RefusedError, request: Request, services: Services) -> Response:
    """The answer to a request that was refused."""
    fault, page = refusal.fault, handler.faults_as_pages
    headers = problems.headers(fault, services.clock(), request.reference)
    if page and request.wants_page:
        shown = page(fault, request)
        return replace(shown, headers={**shown.headers, **headers})
    locale = request.language or _language(handler.operation, request, services)
    preview = None
    if isinstance(refusal.preview, Preview):
        preview = preview_response(refusal.preview, locale, request.reference)
    request_id = invocation.current().correlation_id
    body = problems.problem(fault, locale, request.reference, request_id=request_id, preview=preview)
    return Response(body.status, body, headers, "application/problem+json")


def _language(operation: Operation[Any, Any], request: Request, services: Services) -> Locale:
    """The language of the office or, for its customer's people, of the customer, where it was loaded, else Swedish.

    A refusal asks the table nothing.
    """
    if operation.caller is not CallerClass.EMPLOYEE:
        return services.customer_language or Locale.SV
    try:
        return services.language_of(request.employee().office_id) or Locale.SV
    except RefusedError:
        return Locale.SV
