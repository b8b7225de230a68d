"""Show, edit and end: the catalogue, customers, collaborations, who has access, what happened."""

from collaboration.commands import collaborations as commands
from collaboration.composition import app
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.values import CollaborationId, CustomerId
from collaboration.http.call import Call
from collaboration.http.collaborations import for_employee
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.collaborations import (
    CANCEL_END,
    EDIT,
    END,
    LIST_COLLABORATIONS,
    RESEND_LOGIN,
    SHOW_ACCESS,
    SHOW_COLLABORATION,
    SHOW_HISTORY,
    CollaborationResponse,
    CollaborationsQuery,
    EditBody,
    EndBody,
    EndedResponse,
)
from collaboration.http.contract.customers import (
    LIST_CUSTOMERS,
    LIST_SOLUTIONS,
    SHOW_CUSTOMER,
    CustomerInFullResponse,
    CustomersQuery,
    SolutionResponse,
)
from collaboration.http.contract.directory import CustomerResponse, TaskResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.invitations import InvitationResponse
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.people import (
    LIST_EMPLOYEES,
    SHOW_ME,
    EmployeeRowResponse,
    EmployeesQuery,
    MeResponse,
)
from collaboration.http.contract.response import Page
from collaboration.http.contract.summary import SHOW_SUMMARY, SummaryResponse
from collaboration.http.dispatch import Api
from collaboration.http.request import CallerClass
from collaboration.http.response import Response, tagged
from collaboration.queries import collaborations as queries
from collaboration.queries import customers as customer_queries
from collaboration.queries import employees, history, signed_in, summary
from collaboration.queries.account_access import variant_of
from collaboration.queries.caller import check_employee
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handler = Api(app)


@handler.on(SHOW_ME)
def show_me(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Who is signed in, of whichever class."""
    match call.request.caller_class:
        case CallerClass.EMPLOYEE:
            return Response(200, MeResponse.of_employee(call.caller, *signed_in.show_employee(services, call.caller)))
        case CallerClass.PLATFORM:
            return Response(200, MeResponse.of_platform())
        case _:
            email = call.account_user
            return Response(200, MeResponse.of_account_user(email, signed_in.show_accounts(services, email)))


@handler.on(LIST_EMPLOYEES)
def list_employees(call: Call[NoBody, EmployeesQuery], services: Services) -> Response:
    """The office's employees by name."""
    page = PageRequest(call.query.limit, call.query.cursor)
    listed = employees.list_employees(services, call.caller, call.query.query, page)
    rows = tuple(EmployeeRowResponse(id=key, name=found.name, active=found.active) for key, found in listed.rows)
    return Response(200, Page[EmployeeRowResponse](items=rows, next=listed.cursor))


@handler.on(SHOW_SUMMARY)
def show_summary(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """How much there is of what the office may have to act upon."""
    return Response(200, SummaryResponse.of(summary.show_summary(services, call.caller)))


@handler.on(LIST_SOLUTIONS)
def list_solutions(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The catalogue."""
    check_employee(services, call.caller)
    rows = tuple(SolutionResponse.of(solution) for solution in catalogue().solutions)
    return Response(200, Page[SolutionResponse](items=rows))


@handler.on(LIST_CUSTOMERS)
def list_customers(call: Call[NoBody, CustomersQuery], services: Services) -> Response:
    """Customers by name."""
    page = PageRequest(call.query.limit, call.query.cursor)
    listed = customer_queries.list_customers(services, call.caller, call.query.query, page)
    rows = tuple(CustomerResponse(id=customer_id, **dict(customer)) for customer_id, customer in listed.rows)
    return Response(200, Page[CustomerResponse](items=rows, next=listed.cursor))


@handler.on(SHOW_CUSTOMER)
def show_customer(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A customer with everything that is going on."""
    customer_id = call.id("customerId", CustomerId)
    found = customer_queries.show_customer(services, call.caller, customer_id)
    show = for_employee(call, services, found.caller)
    body = CustomerInFullResponse(
        id=customer_id,
        **dict(found.customer),
        tasks=tuple(TaskResponse(id=task_id, **dict(task)) for task_id, task in found.tasks.items()),
        invitations=tuple(InvitationResponse.of(row, found.caller, found.now) for row in found.invitations),
        collaborations=tuple(show(row) for row in found.collaborations),
    )
    return Response(200, body)


@handler.on(LIST_COLLABORATIONS)
def list_collaborations(call: Call[NoBody, CollaborationsQuery], services: Services) -> Response:
    """The office's collaborations, newest first."""
    query = call.query
    page = PageRequest(query.limit, query.cursor)
    listed = queries.list_collaborations(services, call.caller, query.filter(), page)
    rows = tuple(map(for_employee(call, services, listed.caller), listed.rows))
    return Response(200, Page[CollaborationResponse](items=rows, next=listed.cursor))


@handler.on(SHOW_COLLABORATION)
def show_collaboration(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """One collaboration."""
    found, caller = queries.show_collaboration(services, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(call, services, caller)(found), found.revision)


@handler.on(EDIT)
def edit(call: Call[EditBody, NoQuery], services: Services) -> Response:
    """Change it, at the revision that was seen."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    edited, caller = commands.edit_collaboration(
        services, call.caller, collaboration_id, call.revisions, call.body.edit()
    )
    return tagged(for_employee(call, services, caller)(edited), edited.revision)


@handler.on(END)
def end(call: Call[EndBody, NoQuery], services: Services) -> Response:
    """End it, or arrange its end; what remains is easily forgotten, and goes on costing."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended = commands.end_collaboration(services, call.caller, collaboration_id, call.revisions, call.body.end())
    show = for_employee(call, services, ended.caller)
    body = EndedResponse(
        collaboration=show(ended.collaboration),
        remaining=tuple(show(other) for other in ended.remaining),
    )
    return tagged(body, ended.collaboration.revision)


@handler.on(CANCEL_END)
def cancel_end(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Call an arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    cancelled, caller = commands.cancel_end(services, call.caller, collaboration_id, call.revisions)
    return tagged(for_employee(call, services, caller)(cancelled), cancelled.revision)


@handler.on(RESEND_LOGIN)
def resend_login(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The login instructions once more."""
    found, caller = commands.resend_login(services, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(call, services, caller)(found), found.revision, 202)


@handler.on(SHOW_ACCESS)
def show_access(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """Who may open what through it, since when, and why."""
    collaboration, grants = queries.show_access(services, call.caller, call.id("collaborationId", CollaborationId))
    return Response(
        200,
        Page[AccessResponse](
            items=tuple(AccessResponse.of(grant, variant_of(collaboration, grant.side)) for grant in grants)
        ),
    )


@handler.on(SHOW_HISTORY)
def show_history(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """What happened in it."""
    page = PageRequest(call.query.limit, call.query.cursor)
    entries, cursor = history.show_history(services, call.caller, call.id("collaborationId", CollaborationId), page)
    rows = tuple(HistoryResponse.of(entry) for entry in entries)
    return Response(200, Page[HistoryResponse](items=rows, next=cursor))
