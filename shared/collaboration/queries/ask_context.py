"""TODO queries.ask_context."""

from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.directory import Customer, Office
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.preview import Preview
from collaboration.services import Caller, Services, active, not_found
from collaboration.storage import items, keys
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse, find


def view_preview(services: Services, caller: Caller, proposal: Proposal) -> tuple[Preview, AskContext, datetime]:
    """What would happen if the caller asked now.

    Raises:
        Refused: the caller is nobody here, or the customer is not the office's.
    """
    now = services.clock()
    context = load_ask_context(services, caller, proposal, None, now)[0]
    return preview(context, proposal, now), context, now


def load_ask_context(
    services: Services, caller: Caller, proposal: Proposal, key: IdempotencyKey | None, now: datetime
) -> tuple[AskContext, StoredResponse | None]:
    table, office_id = services.table, caller.office_id
    at_office, at_customer, responses = table.gather(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.partition(keys.customer(office_id, proposal.customer_id).pk),
        lambda: table.get(key.item_key) if key else {},
    )
    employees = items.employees(at_office)
    employee = active(employees.get(caller.employee_id))
    stored = None
    if key is not None:
        if not employee.may_decide:
            raise refused(Slug.NOT_ALLOWED, hint="rights")
        stored = find(responses.get(key.item_key), key, now)
    office = items.find_one(Office, at_office, "OFFICE")
    customer = items.find_one(Customer, at_customer, "CUSTOMER")
    if office is None or customer is None:
        raise not_found()
    under_number = table.partition(keys.organisation(customer.organisation_number))
    tasks = items.tasks(at_customer)
    task = tasks.get(proposal.task_id) if proposal.task_id else None
    contact = customer.contact.email.lower()
    context = AskContext(
        office_id=office_id,
        office=office,
        caller_id=caller.employee_id,
        caller=employee,
        customer_id=proposal.customer_id,
        customer=customer,
        tasks=tasks,
        guard=items.guards(at_customer).get(proposal.solution),
        accounts=items.accounts(under_number),
        people={name: employees[name] for name in (task.people if task else ()) if name in employees},
        contact_is_employee=any(other.email.folded == contact for other in employees.values()),
        unlinked=items.unlinked_matching(under_number, office_id, proposal.solution),
    )
    return context, stored
