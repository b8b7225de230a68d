"""TODO queries.collaboration_context."""

from collaboration.domain.contexts.collaboration import EditContext, EndContext
from collaboration.domain.contexts.link import LinkContext
from collaboration.domain.decisions.linking import Link
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.values import CollaborationId
from collaboration.services import Caller, Services, active, not_found
from collaboration.storage import items, keys


def load_for_office(
    services: Services,
    caller: Caller,
    collaboration_id: CollaborationId,
    revision: int | None,
    *,
    requires_decision_rights: bool,
) -> tuple[Collaboration, Employee]:
    """A collaboration of the caller's office, and the caller.

    Raises:
        Refused: the caller is nobody here or lacks rights, it is not the office's, or it is not at `revision`.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    agreement = collaboration_id.agreement
    found = services.table.get(at_caller, *(keys.collaboration_keys(agreement) if agreement else ()))
    employee = active(items.at(Employee, found, at_caller))
    if requires_decision_rights and not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")
    collaboration = items.collaboration_at(found, agreement) if agreement else None
    if collaboration is None or collaboration.office_id != caller.office_id:
        raise not_found()
    if revision is not None and collaboration.revision != revision:
        raise refused(Slug.REVISION_CONFLICT)
    return collaboration, employee


def load_account(services: Services, collaboration: Collaboration) -> Account | None:
    """The account of a collaboration, subscriptions included."""
    under_number = services.table.partition(keys.organisation(collaboration.organisation_number))
    accounts = items.accounts(under_number)
    return next((account for account in accounts if account.id == collaboration.account_id), None)


def load_edit_context(
    services: Services, collaboration: Collaboration, caller: Caller, employee: Employee
) -> EditContext:
    """What editing a collaboration has to know."""
    customer_id = collaboration.customer_id
    at_customer, account = services.table.gather(
        lambda: services.table.partition(keys.customer(collaboration.office_id, customer_id).pk) if customer_id else [],
        lambda: load_account(services, collaboration),
    )
    return EditContext(
        caller_id=caller.employee_id,
        caller=employee,
        collaboration=collaboration,
        customer=items.find_one(Customer, at_customer, "CUSTOMER"),
        tasks=items.tasks(at_customer),
        account=account,
        siblings=load_siblings(services, collaboration, account),
    )


def load_siblings(
    services: Services, collaboration: Collaboration, account: Account | None
) -> tuple[Collaboration, ...]:
    """The other active collaborations that rest on the same subscription."""
    solution = collaboration.solution
    subscription = account.subscription(solution) if account and solution else None
    others = subscription.others(collaboration.id) if subscription else ()
    agreements = [other.collaboration_id.agreement for other in others]
    places = [keys.collaboration(agreement) for agreement in agreements if agreement]
    found = services.table.get(*places) if places else {}
    return tuple(items.collaboration(item) for item in found.values())


def load_end_context(services: Services, collaboration: Collaboration) -> EndContext:
    """What ending a collaboration has to know.

    Raises:
        Refused: the office is gone.
    """
    office_id, customer_id, task_id = collaboration.office_id, collaboration.customer_id, collaboration.task_id
    at_customer = keys.customer(office_id, customer_id) if customer_id else None
    at_task = keys.task(office_id, customer_id, task_id) if customer_id and task_id else None
    at_office, directory, account = services.table.gather(
        lambda: services.table.partition(keys.office(office_id).pk),
        lambda: services.table.get(*(place for place in (at_customer, at_task) if place)),
        lambda: load_account(services, collaboration),
    )
    office = items.find_one(Office, at_office, "OFFICE")
    if office is None:
        raise not_found()
    return EndContext(
        collaboration=collaboration,
        office=office,
        employees=items.employees(at_office),
        customer=items.at(Customer, directory, at_customer) if at_customer else None,
        task=items.at(Task, directory, at_task) if at_task else None,
        account=account,
    )


def load_link_context(
    services: Services, caller: Caller, collaboration_id: CollaborationId, command: Link
) -> LinkContext:
    table, office_id, agreement = services.table, caller.office_id, collaboration_id.agreement
    if agreement is None:
        raise not_found()
    at_caller = keys.employee(office_id, caller.employee_id)
    found, at_customer = table.gather(
        lambda: table.get(at_caller, *keys.collaboration_keys(agreement)),
        lambda: table.partition(keys.customer(office_id, command.customer_id).pk),
    )
    employee = active(items.at(Employee, found, at_caller))
    collaboration = items.collaboration_at(found, agreement)
    if collaboration is None or collaboration.office_id != office_id:
        raise not_found()
    customer = items.find_one(Customer, at_customer, "CUSTOMER")
    if customer is None:
        raise not_found()
    return LinkContext(
        caller_id=caller.employee_id,
        caller=employee,
        collaboration=collaboration,
        customer=customer,
        tasks=items.tasks(at_customer),
        guard=items.guards(at_customer).get(command.solution),
        accounts=items.accounts(table.partition(keys.organisation(collaboration.organisation_number))),
    )
