"""Tasks that an unlinked collaboration may belong to."""

from collaboration.domain.model.directory import Customer, Task
from collaboration.domain.model.values import CollaborationId, CustomerId, TaskId
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_collaboration
from collaboration.queries.paging import PageRequest, Part, part_of
from collaboration.services import Caller, Services
from collaboration.storage import items, keys


@dataclass(frozen=True)
class Suggestion:
    """A task that a collaboration may belong to. `latest`: it was changed after the others."""

    customer_id: CustomerId
    customer: Customer
    task_id: TaskId
    task: Task
    solution: str | None
    latest: bool


def link_suggestions(
    services: Services, caller: Caller, collaboration_id: CollaborationId, page: PageRequest
) -> Part[Suggestion]:
    """The active tasks of the office's customers with the collaboration's organisation number, latest changed first.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, it is not the office's;
            `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    collaboration, _ = load_collaboration(services, caller, collaboration_id)
    under_number = services.table.partition(keys.organisation(collaboration.organisation_number))
    rows: list[tuple[int, CustomerId, Customer, TaskId, Task]] = []
    for customer_id in items.customers_by_number(under_number, caller.office_id):
        in_customer = services.table.partition(keys.customer(caller.office_id, customer_id).pk)
        customer = items.customers(in_customer).get(customer_id)
        if customer is None or not customer.active:
            continue
        rows += [
            (items.integer(item, "changedAt"), customer_id, customer, task_id, task)
            for item in in_customer
            for task_id, task in items.tasks([item]).items()
            if task.active
        ]
    rows.sort(key=lambda row: (-row[0], row[1], row[3]))
    suggestions = [
        Suggestion(customer_id, customer, task_id, task, collaboration.solution, latest=nth == 0 and len(rows) > 1)
        for nth, (_, customer_id, customer, task_id, task) in enumerate(rows)
    ]
    query = f"link suggestions of {collaboration_id}"
    return part_of(suggestions, query, page, lambda row: f"{row.customer_id}#{row.task_id}")
