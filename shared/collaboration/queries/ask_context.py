"""What a decision about a customer and a solution has to know, and the preview made of it."""

from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.directory import is_active_employee
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.preview import Preview
from collaboration.services import Caller, Services, not_found, require_active
from collaboration.storage import account_items, items, keys
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse, find


def view_preview(services: Services, caller: Caller, proposal: Proposal) -> tuple[Preview, AskContext, datetime]:
    """What would happen if the caller asked now, the context it follows from, and the time (UTC).

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, the customer is not the office's.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    context = load_ask_context(services, caller, proposal, None, now)[0]
    return preview(context, proposal, now), context, now


def load_ask_context(
    services: Services, caller: Caller, proposal: Proposal, key: IdempotencyKey | None, now: datetime
) -> tuple[AskContext, StoredResponse | None]:
    """The context of a proposal, and the response stored under `key`.

    Args:
        services: the application's services.
        caller: the employee who proposes.
        proposal: what is proposed.
        key: the Idempotency-Key of a request that decides; None for a preview, which every active employee may see.
        now: the time (UTC).

    Raises:
        RefusedError: `not-allowed`, the caller is unknown, inactive, or may not decide; `not-found`, the customer is
            not the office's; `idempotency-key-reused`.
        TableUnavailableError: the table does not answer.
    """
    table, office_id = services.table, caller.office_id
    in_office, in_customer, responses = table.gather(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.partition(keys.customer(office_id, proposal.customer_id).pk),
        lambda: table.get(key.item_key) if key else {},
    )
    office = items.find_office(in_office)
    services.remember_language(office_id, office)
    employees = items.employees(in_office)
    employee = require_active(caller, employees.get(caller.employee_id))
    stored = None
    if key is not None:
        if not employee.may_decide:
            raise refused(Slug.NOT_ALLOWED, hint="rights")
        stored = find(responses.get(key.item_key), key, now)
    customer = items.find_customer(in_customer)
    if office is None or customer is None:
        raise not_found()
    under_number = table.partition(keys.organisation(customer.organisation_number))
    tasks = items.tasks(in_customer)
    task = tasks.get(proposal.task_id) if proposal.task_id else None
    context = AskContext(
        office_id=office_id,
        office=office,
        caller_id=caller.employee_id,
        caller=employee,
        customer_id=proposal.customer_id,
        customer=customer,
        tasks=tasks,
        guard=items.guards(in_customer).get(proposal.solution),
        accounts=account_items.accounts(under_number),
        account_guard=account_items.account_guard(under_number),
        people={name: employees[name] for name in (task.people if task else ()) if name in employees},
        contact_is_employee=is_active_employee(employees.values(), customer.contact.email.lower()),
        unlinked=items.unlinked_matching(under_number, office_id, proposal.solution),
    )
    return context, stored
