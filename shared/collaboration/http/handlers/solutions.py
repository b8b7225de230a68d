"""The catalogue of solutions."""

from collaboration.domain.model.catalogue import catalogue
from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.contract.solutions import LIST_SOLUTIONS, SolutionResponse
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries.caller import check_employee
from collaboration.queries.paging import PageRequest, part_of
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_SOLUTIONS)
def list_solutions(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The catalogue."""
    check_employee(services, call.caller)
    page = PageRequest(call.query.limit, call.query.cursor)
    found = part_of(catalogue().solutions, f"solutions of {call.caller.office_id}", page, lambda solution: solution.key)
    rows = tuple(SolutionResponse.of(solution) for solution in found.rows)
    return Response(200, Page[SolutionResponse](items=rows, next=found.cursor))
