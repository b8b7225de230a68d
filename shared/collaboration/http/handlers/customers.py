"""The customers of an office."""

from collaboration.domain.model.values import CustomerId
from collaboration.http.call import Call
from collaboration.http.collaborations import for_employee
from collaboration.http.contract.customers import (
    LIST_CUSTOMERS,
    SHOW_CUSTOMER,
    CustomerInFullResponse,
    CustomersQuery,
    CustomerTaskResponse,
)
from collaboration.http.contract.directory import CustomerResponse
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.response import Page
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import customers as customer_queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_CUSTOMERS)
def list_customers(call: Call[NoBody, CustomersQuery], services: Services) -> Response:
    """Customers by name."""
    page = PageRequest(call.query.limit, call.query.cursor)
    listed = customer_queries.list_customers(services, call.caller, call.query.query, page)
    rows = tuple(CustomerResponse(id=customer_id, **dict(customer)) for customer_id, customer in listed.rows)
    return Response(200, Page[CustomerResponse](items=rows, next=listed.cursor))


@handlers.on(SHOW_CUSTOMER)
def show_customer(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A customer with everything that is going on."""
    customer_id = call.id("customerId", CustomerId)
    found = customer_queries.show_customer(services, call.caller, customer_id)
    show = for_employee(call, services, found.caller)
    body = CustomerInFullResponse(
        id=customer_id,
        **dict(found.customer),
        tasks=tuple(CustomerTaskResponse.of(task_id, shown) for task_id, shown in found.tasks.items()),
        invitations=tuple(InvitationResponse.of(row, found.caller, found.now) for row in found.invitations),
        collaborations=tuple(show(row) for row in found.collaborations),
    )
    return Response(200, body)
