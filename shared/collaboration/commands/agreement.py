"""A collaboration and the world around it, loaded for whoever wants to edit, end or renew it."""

from collections.abc import Callable
from datetime import datetime

from collaboration.commands.services import Caller, Services, active, not_found, retry_on_conflict
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Account, Customer, Employee, Office, Task
from collaboration.domain.editing import EditContext
from collaboration.domain.ending import EndContext
from collaboration.domain.faults import Slug, refused
from collaboration.domain.history import Actor
from collaboration.domain.values import CollaborationId, Side
from collaboration.storage import items, keys
from collaboration.storage.commit import commit


def load_for_office(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int | None, *, requires_decision_rights: bool
) -> tuple[Collaboration, Employee]:
    """A collaboration of the caller's office, and the caller.

    Raises:
        Refused: the caller is nobody here or lacks rights, it is not the office's, or it is not at `revision`.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    place = keys.collaboration(collaboration_id.agreement) if collaboration_id.agreement else None
    found = services.table.get(at_caller, *((place,) if place else ()))
    employee = active(items.at(Employee, found, at_caller))
    if requires_decision_rights and not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")
    collaboration = items.collaboration(found[place]) if place and place in found else None
    if collaboration is None or collaboration.office_id != caller.office_id:
        raise not_found()
    if revision is not None and collaboration.revision != revision:
        raise refused(Slug.REVISION_CONFLICT)
    return collaboration, employee


CollaborationResult = tuple[Collaboration, Employee]
Decide = Callable[[Collaboration, Employee, Actor, datetime], Change | None]


def apply_change(
    services: Services,
    caller: Caller,
    collaboration_id: CollaborationId,
    revision: int | None,
    decide: Decide,
    *,
    requires_decision_rights: bool,
) -> CollaborationResult:
    """A collaboration after an employee's step; as it was, where there was nothing to do.

    Raises:
        Refused: as `of_office`, or by the decision itself.
    """

    def attempt(now: datetime) -> CollaborationResult:
        before, employee = load_for_office(services, caller, collaboration_id, revision, requires_decision_rights=requires_decision_rights)
        actor = Actor(side=Side.OFFICE, name=employee.name, employee_id=caller.employee_id)
        change = decide(before, employee, actor, now)
        if change is None:
            return before, employee
        commit(services.table, change)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("a step of a collaboration leaves a collaboration")
        return change.collaboration.after, employee

    return retry_on_conflict(attempt, services.clock)


def load_account(services: Services, collaboration: Collaboration) -> Account | None:
    """The account of a collaboration, subscriptions included."""
    under_number = services.table.partition(keys.organisation(collaboration.organisation_number))
    accounts = items.accounts(under_number)
    return next((account for account in accounts if account.id == collaboration.account_id), None)


def load_edit_context(services: Services, collaboration: Collaboration, caller: Caller, employee: Employee) -> EditContext:
    """What editing a collaboration has to know."""
    customer_id = collaboration.customer_id
    at_customer, account, _ = services.table.gather(
        lambda: services.table.partition(keys.customer(collaboration.office_id, customer_id).pk) if customer_id else [],
        lambda: load_account(services, collaboration),
        lambda: None,
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
