"""What a decision about a collaboration has to know."""

from typing import TYPE_CHECKING

from collaboration.domain.contexts.caller import CallerContext
from collaboration.domain.contexts.collaboration import EditContext, EndContext
from collaboration.domain.contexts.link import LinkContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.collaboration import Collaboration, account_of
from collaboration.domain.model.values import AgreementId, CollaborationId, CustomerId, TaskId
from collaboration.queries.caller import load_collaboration, require_revision
from collaboration.queries.related import load_employees, load_related, load_small_office
from collaboration.services import Caller, Revisions, Services, not_found
from collaboration.storage import account_items, items, keys

if TYPE_CHECKING:
    from collaboration.domain.decisions.linking import Link


def load_account(services: Services, collaboration: Collaboration) -> Account | None:
    """The account of a collaboration, subscriptions included; None where it has none.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    under_number = services.table.partition(keys.organisation(collaboration.organisation_number))
    return account_of(collaboration, account_items.accounts(under_number))


def load_edit_context(
    services: Services, collaboration: Collaboration, caller: CallerContext, task_id: TaskId | None
) -> EditContext:
    """What editing a collaboration has to know. `task_id`: the task that it moves to, whose people are read as well.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    customer_id = collaboration.customer_id
    in_customer, account, employees = services.table.gather(
        lambda: services.table.partition(keys.customer(collaboration.office_id, customer_id).pk) if customer_id else [],
        lambda: load_account(services, collaboration),
        lambda: load_small_office(services, collaboration.office_id) if task_id else {},
    )
    tasks = items.tasks(in_customer)
    if employees is None:
        people = tasks[task_id].people if task_id in tasks else ()
        employees = load_employees(services, collaboration.office_id, people)
    return EditContext(
        caller_id=caller.caller_id,
        caller=caller.caller,
        collaboration=collaboration,
        customer=items.find_customer(in_customer),
        tasks=tasks,
        employees=employees,
        account=account,
        siblings=load_siblings(services, collaboration, account),
    )


def load_siblings(
    services: Services, collaboration: Collaboration, account: Account | None
) -> tuple[Collaboration, ...]:
    """The other active collaborations that rest on the same subscription.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    solution = collaboration.solution
    subscription = account.subscription(solution) if account and solution else None
    others = subscription.others(collaboration.id) if subscription else ()
    return load_collaborations(services, [use.collaboration_id for use in others])


def load_collaborations(services: Services, ids: list[CollaborationId]) -> tuple[Collaboration, ...]:
    """The collaborations of some ids, as far as they are there.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    wanted = [key for id_ in ids if (agreement := id_.agreement) for key in keys.collaboration_keys(agreement)]
    return tuple(items.collaborations(services.table.get(*wanted)))


def find_collaboration(services: Services, agreement: AgreementId) -> Collaboration | None:
    """The collaboration of an agreement; None where there is none.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    return items.collaboration_at(services.table.get(*keys.collaboration_keys(agreement)), agreement)


def load_end_context(services: Services, collaboration: Collaboration) -> EndContext:
    """What ending a collaboration has to know.

    Raises:
        RefusedError: `not-found`, the office is gone.
        TableUnavailableError: the table does not answer.
    """
    related = load_related(
        services,
        office_id=collaboration.office_id,
        organisation_number=collaboration.organisation_number,
        customer_id=collaboration.customer_id,
        task_id=collaboration.task_id,
    )
    return EndContext(
        collaboration=collaboration,
        office=related.require_office(),
        employees=related.employees,
        customer=related.customer,
        task=related.task,
        account=account_of(collaboration, related.accounts),
        accounts=related.accounts,
        unlinked=related.unlinked.get(collaboration.solution or "", ()),
    )


def load_link_context(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revisions: Revisions, command: "Link"
) -> LinkContext:
    """What linking a collaboration to a task has to know.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, the collaboration or the customer
            is not the office's; `revision-conflict`, the collaboration has another revision.
        TableUnavailableError: the table does not answer.
    """
    table = services.table
    (collaboration, active_caller), in_customer, employees = table.gather(
        lambda: load_collaboration(services, caller, collaboration_id),
        lambda: table.partition(keys.customer(caller.office_id, command.customer_id).pk),
        lambda: load_small_office(services, caller.office_id),
    )
    customer = items.find_customer(in_customer)
    if customer is None:
        raise not_found()
    require_revision(collaboration, revisions)
    tasks = items.tasks(in_customer)
    if employees is None:
        people = tasks[command.task_id].people if command.task_id in tasks else ()
        employees = load_employees(services, caller.office_id, people)
    return LinkContext(
        caller_id=active_caller.caller_id,
        caller=active_caller.caller,
        collaboration=collaboration,
        customer=customer,
        tasks=tasks,
        employees=employees,
        guard=items.guards(in_customer).get(command.solution),
        accounts=account_items.accounts(table.partition(keys.organisation(collaboration.organisation_number))),
    )


# What goes on beside a collaboration that ends is shown of so many at most.
MOST_REMAINING = 100


def active_beside(services: Services, collaboration: Collaboration) -> tuple[Collaboration, ...]:
    """The company's other active collaborations with the office of a collaboration, unlinked ones last.

    `MOST_REMAINING` at most.

    Those of its customer; of an import without one, those of every customer of the office with its number.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    table, office_id, customer_id = services.table, collaboration.office_id, collaboration.customer_id
    number = keys.organisation(collaboration.organisation_number)

    def guards_of(customer: CustomerId) -> list[items.Item]:
        return table.partition(keys.customer(office_id, customer).pk, keys.GUARDS)

    if customer_id:
        guards, under_number = table.gather(
            lambda: guards_of(customer_id), lambda: table.partition(number, keys.UNLINKED)
        )
    else:
        under_number = table.partition(number)
        guards = [guard for found in items.customers_by_number(under_number, office_id) for guard in guards_of(found)]
    holders = [holder for item in guards if (holder := items.guard(item).collaboration)]
    ids = dict.fromkeys((*holders, *items.unlinked_of(under_number, office_id)))
    return load_collaborations(services, [id_ for id_ in ids if id_ != collaboration.id][:MOST_REMAINING])
