"""The solutions that occur at an account user's companies."""

from collaboration.http.account_users import signed_in
from collaboration.http.call import Call
from collaboration.http.contract.my_solutions import LIST_MY_SOLUTIONS
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.contract.solutions import SolutionResponse
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import account_user as queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_MY_SOLUTIONS)
def list_solutions(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The solutions that occur at the caller's companies, with their words."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found = queries.list_solutions(services, signed_in(call, services), page)
    rows = tuple(SolutionResponse.of(solution) for solution in found.rows)
    return Response(200, Page[SolutionResponse](items=rows, next=found.cursor))
