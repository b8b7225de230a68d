"""Show and list: the catalogue, customers, collaborations, who has access, what happened."""

from collaboration.commands import reading
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.catalogue import catalogue
from collaboration.domain.values import CollaborationId, CustomerId
from collaboration.http import operations
from collaboration.http.answers import (
    AccessShape,
    CollaborationShape,
    CustomerInFullShape,
    CustomerShape,
    HistoryShape,
    InvitationShape,
    Page,
    SolutionShape,
    TaskShape,
)
from collaboration.http.bodies import CollaborationsQuery, CustomersQuery, NoBody, NoQuery, PageQuery
from collaboration.http.dispatch import Answer, Api, Call, tagged

handler = Api(services, logger)


@handler.on(operations.LIST_SOLUTIONS)
def solutions(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """The catalogue."""
    reading.check_employee(house, call.caller)
    rows = tuple(SolutionShape.of(solution) for solution in catalogue().solutions)
    return Answer(200, Page[SolutionShape](items=rows))


@handler.on(operations.LIST_CUSTOMERS)
def customers(call: Call[NoBody, CustomersQuery], house: Services) -> Answer:
    """Customers by name."""
    page = reading.Page(call.query.limit, call.query.cursor)
    listed = reading.list_customers(house, call.caller, call.query.query, page)
    rows = tuple(CustomerShape(id=customer_id, **dict(customer)) for customer_id, customer in listed.rows)
    return Answer(200, Page[CustomerShape](items=rows, next=listed.cursor))


@handler.on(operations.SHOW_CUSTOMER)
def customer(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """A customer with everything that is going on."""
    customer_id = call.id("customerId", CustomerId)
    found = reading.show_customer(house, call.caller, customer_id)
    shape = CustomerInFullShape(
        id=customer_id,
        **dict(found.customer),
        tasks=tuple(TaskShape(id=task_id, **dict(task)) for task_id, task in found.tasks.items()),
        invitations=tuple(InvitationShape.of(row, found.caller, found.now) for row in found.invitations),
        collaborations=tuple(CollaborationShape.of(row, found.caller) for row in found.collaborations),
    )
    return Answer(200, shape)


@handler.on(operations.LIST_COLLABORATIONS)
def collaborations(call: Call[NoBody, CollaborationsQuery], house: Services) -> Answer:
    """The office's collaborations, newest first."""
    query = call.query
    wanted = reading.CollaborationFilter(
        customer_id=query.customer_id,
        solution=query.solution,
        task_id=query.task_id,
        task_owner=query.task_owner,
        account_manager=query.account_manager,
        state=query.state,
        linked=None if query.linked is None else query.linked == "true",
    )
    listed = reading.list_collaborations(house, call.caller, wanted, reading.Page(query.limit, query.cursor))
    rows = tuple(CollaborationShape.of(row, listed.caller) for row in listed.rows)
    return Answer(200, Page[CollaborationShape](items=rows, next=listed.cursor))


@handler.on(operations.SHOW_COLLABORATION)
def collaboration(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """One collaboration."""
    return tagged(*reading.show_collaboration(house, call.caller, call.id("collaborationId", CollaborationId)))


@handler.on(operations.SHOW_ACCESS)
def access(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """Who may open what through it, since when, and why."""
    grants = reading.show_access(house, call.caller, call.id("collaborationId", CollaborationId))
    return Answer(200, Page[AccessShape](items=tuple(AccessShape.of(grant) for grant in grants)))


@handler.on(operations.SHOW_HISTORY)
def history(call: Call[NoBody, PageQuery], house: Services) -> Answer:
    """What happened in it."""
    page = reading.Page(call.query.limit, call.query.cursor)
    entries, cursor = reading.show_history(house, call.caller, call.id("collaborationId", CollaborationId), page)
    rows = tuple(HistoryShape.of(entry) for entry in entries)
    return Answer(200, Page[HistoryShape](items=rows, next=cursor))
