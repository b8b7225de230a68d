"""Who is signed in, and the employees of an office."""

from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.people import LIST_EMPLOYEES, SHOW_ME, EmployeeRowResponse, EmployeesQuery, MeResponse
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import employees, signed_in
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SHOW_ME)
def show_me(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Who is signed in, of whichever class."""
    match call.request.caller_class:
        case CallerClass.EMPLOYEE:
            return Response(200, MeResponse.of_employee(call.caller, *signed_in.show_employee(services, call.caller)))
        case CallerClass.PLATFORM:
            call.request.check_platform()
            return Response(200, MeResponse.of_platform())
        case _:
            email = call.account_user
            return Response(200, MeResponse.of_account_user(email, signed_in.show_accounts(services, email)))


@handlers.on(LIST_EMPLOYEES)
def list_employees(call: Call[NoBody, EmployeesQuery], services: Services) -> Response:
    """The office's employees by name."""
    page = PageRequest(call.query.limit, call.query.cursor)
    listed = employees.list_employees(services, call.caller, call.query.query, page)
    rows = tuple(EmployeeRowResponse(id=key, name=found.name, active=found.active) for key, found in listed.rows)
    return Response(200, Page[EmployeeRowResponse](items=rows, next=listed.cursor))
