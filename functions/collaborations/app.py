"""Show, edit and end: the catalogue, customers, collaborations, who has access, what happened; from both sides."""

from collaboration.commands import account_user, editing, reading
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
    EndedShape,
    HistoryShape,
    InvitationShape,
    MyCollaborationShape,
    MyEndedShape,
    Page,
    SolutionShape,
    TaskShape,
)
from collaboration.http.bodies import (
    CollaborationsQuery,
    CustomersQuery,
    EditBody,
    EndBody,
    NoBody,
    NoQuery,
    PageQuery,
)
from collaboration.http.collaborations import for_employee, for_user
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
        collaborations=tuple(for_employee(row, found.caller, call.request) for row in found.collaborations),
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
    rows = tuple(for_employee(row, listed.caller, call.request) for row in listed.rows)
    return Answer(200, Page[CollaborationShape](items=rows, next=listed.cursor))


@handler.on(operations.SHOW_COLLABORATION)
def collaboration(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """One collaboration."""
    found, caller = reading.show_collaboration(house, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(found, caller, call.request), found.revision)


@handler.on(operations.EDIT)
def edit(call: Call[EditBody, NoQuery], house: Services) -> Answer:
    """Change it, at the revision that was seen."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    edited, caller = editing.edit_collaboration(house, call.caller, collaboration_id, call.revision, call.body.edit())
    return tagged(for_employee(edited, caller, call.request), edited.revision)


@handler.on(operations.END)
def end(call: Call[EndBody, NoQuery], house: Services) -> Answer:
    """End it, or arrange its end; what remains is easily forgotten, and goes on costing."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended = editing.end_collaboration(house, call.caller, collaboration_id, call.revision, call.body.end())
    shape = EndedShape(
        collaboration=for_employee(ended.collaboration, ended.caller, call.request),
        remaining=tuple(for_employee(other, ended.caller, call.request) for other in ended.remaining),
    )
    return tagged(shape, ended.collaboration.revision)


@handler.on(operations.CANCEL_END)
def cancel_end(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """Call an arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    kept, caller = editing.cancel_end(house, call.caller, collaboration_id, call.revision)
    return tagged(for_employee(kept, caller, call.request), kept.revision)


@handler.on(operations.RESEND_LOGIN)
def resend_login(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """The login instructions once more."""
    found, caller = editing.resend_login(house, call.caller, call.id("collaborationId", CollaborationId))
    return tagged(for_employee(found, caller, call.request), found.revision, 202)


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


@handler.on(operations.LIST_MY_COLLABORATIONS)
def mine(call: Call[NoBody, PageQuery], house: Services) -> Answer:
    """The collaborations of the caller's companies."""
    page = reading.Page(call.query.limit, call.query.cursor)
    found = account_user.list_collaborations(house, call.account_user, page)
    rows = tuple(for_user(row, call.request) for row in found.rows)
    return Answer(200, Page[MyCollaborationShape](items=rows, next=found.cursor))


@handler.on(operations.SHOW_MY_ACCESS)
def my_access(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """Who may open what through one of them."""
    grants = account_user.show_access(house, call.account_user, call.id("collaborationId", CollaborationId))
    return Answer(200, Page[AccessShape](items=tuple(AccessShape.of(grant) for grant in grants)))


@handler.on(operations.SHOW_MY_HISTORY)
def my_history(call: Call[NoBody, PageQuery], house: Services) -> Answer:
    """The customer's part of what happened in one of them."""
    page = reading.Page(call.query.limit, call.query.cursor)
    collaboration_id = call.id("collaborationId", CollaborationId)
    entries, cursor = account_user.show_history(house, call.account_user, collaboration_id, page)
    return Answer(200, Page[HistoryShape](items=tuple(HistoryShape.of(entry) for entry in entries), next=cursor))


@handler.on(operations.END_MINE)
def end_mine(call: Call[EndBody, NoQuery], house: Services) -> Answer:
    """The customer ends it, with the same choices, dates and confirmations."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    ended, remaining = account_user.end_collaboration(
        house, call.account_user, collaboration_id, call.revision, call.body.end()
    )
    shape = MyEndedShape(
        collaboration=for_user(ended, call.request),
        remaining=tuple(for_user(other, call.request) for other in remaining),
    )
    return tagged(shape, ended.revision)


@handler.on(operations.CANCEL_MY_END)
def cancel_my_end(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """Call an arranged end off."""
    collaboration_id = call.id("collaborationId", CollaborationId)
    kept = account_user.cancel_end(house, call.account_user, collaboration_id, call.revision)
    return tagged(for_user(kept, call.request), kept.revision)
