"""What a decision about a customer and a solution has to know, and the preview made of it."""

from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.accounts import contact_email
from collaboration.domain.model.directory import Contact, Office, is_read_at_office
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import OfficeId
from collaboration.queries.related import load_employees, load_employees_with_address
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
    office_key, caller_key = keys.office(office_id), keys.employee(office_id, caller.employee_id)
    found, in_customer = table.gather(
        lambda: table.get(office_key, caller_key, *((key.item_key,) if key else ())),
        lambda: table.partition(keys.customer(office_id, proposal.customer_id).pk),
    )
    office = items.find_office(found.values())
    services.remember_language(office_id, office)
    employee = require_active(caller, items.employees(found.values()).get(caller.employee_id))
    stored = None
    if key is not None:
        if not employee.may_decide:
            raise refused(Slug.NOT_ALLOWED, hint="rights")
        stored = find(found.get(key.item_key), key, now)
    customer = items.find_customer(in_customer)
    if office is None or customer is None:
        raise not_found()
    tasks = items.tasks(in_customer)
    task = tasks.get(proposal.task_id) if proposal.task_id else None
    indexed = items.is_indexed(found.values())
    under_number, people, contact_is_employee = table.gather(
        lambda: table.partition(keys.organisation(customer.organisation_number)),
        lambda: load_employees(services, office_id, task.people if task else ()),
        lambda: _is_employee(services, office_id, office, customer.contact, indexed=indexed),
    )
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
        people=people,
        contact_is_employee=contact_is_employee,
        unlinked=items.unlinked_matching(under_number, office_id, proposal.solution),
    )
    return context, stored


def _is_employee(services: Services, office_id: OfficeId, office: Office, contact: Contact, *, indexed: bool) -> bool:
    """Whether the address of a contact person is that of the office, or of an active employee of it.

    `indexed`: whether each employee has the index entry of their address (`items.is_indexed`).
    """
    email = contact_email(contact)
    if email is None:
        return False
    found = load_employees_with_address(services, office_id, email, indexed=indexed)
    return is_read_at_office(office, found.values(), email.folded)
