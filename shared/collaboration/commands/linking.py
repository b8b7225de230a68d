"""Import unlinked collaborations, and link them."""

from base64 import b32encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from collaboration.commands.agreement import apply_change, load_for_office
from collaboration.commands.services import Caller, Services, active, not_found, retry_on_conflict
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Customer, Employee, Task
from collaboration.domain.faults import RefusedError, Slug, refused
from collaboration.domain.history import Actor
from collaboration.domain.linking import ImportedRow, Link, LinkContext, imported, link, unlink
from collaboration.domain.values import AgreementId, CollaborationId, CustomerId, OfficeId, TaskId
from collaboration.storage import items, keys
from collaboration.storage.commit import commit

# How many rows of an import are written at once.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row."""

    collaboration_id: CollaborationId
    new: bool


def import_rows(
    services: Services, office_id: OfficeId, rows: Sequence[ImportedRow | RefusedError]
) -> list[Imported | RefusedError]:
    """Every row on its own: imported, there already, or refused. The same rows again import nothing.

    Raises:
        Refused: there is no such office.
    """
    if not services.table.get(keys.office(office_id)):
        raise not_found()

    def one(row: ImportedRow | RefusedError) -> Imported | RefusedError:
        if isinstance(row, RefusedError):
            return row
        try:
            return _import(services, office_id, row)
        except RefusedError as fault:
            return fault

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        return list(threads.map(one, rows))


def _import(services: Services, office_id: OfficeId, row: ImportedRow) -> Imported:
    # The reference is the older program's own id: the same one is the same collaboration, however often it comes.
    digest = sha256(f"{office_id}#{row.reference}".encode()).digest()[:15]
    agreement = AgreementId(b32encode(digest).decode().lower())

    def attempt(now: datetime) -> Imported:
        new = not services.table.get(keys.collaboration(agreement))
        if new:
            commit(services.table, imported(office_id, agreement, row, now))
        return Imported(CollaborationId.of(agreement), new)

    return retry_on_conflict(attempt, services.clock)


def link_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int, command: Link
) -> tuple[Collaboration, Employee]:
    """Link a collaboration to a task, or move its link.

    Raises:
        Refused: it is not there, somebody changed it since `revision`, or it cannot be linked so.
    """

    def attempt(now: datetime) -> tuple[Collaboration, Employee]:
        context = _load_link_context(services, caller, collaboration_id, command)
        if context.collaboration.revision != revision:
            raise refused(Slug.REVISION_CONFLICT)
        change = link(context, command, now)
        if change is None:
            return context.collaboration, context.caller
        commit(services.table, change)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("linking changes the collaboration")
        return change.collaboration.after, context.caller

    return retry_on_conflict(attempt, services.clock)


def unlink_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId, revision: int
) -> tuple[Collaboration, Employee]:
    """Undo the link.

    Raises:
        Refused: it is not the office's, somebody changed it since `revision`, or it has ended.
    """

    def decide(before: Collaboration, _: Employee, actor: Actor, now: datetime) -> Change | None:
        under_number = services.table.partition(keys.organisation(before.organisation_number))
        return unlink(before, items.accounts(under_number), actor, now)

    return apply_change(services, caller, collaboration_id, revision, decide, requires_decision_rights=False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A task that a collaboration may belong to. `latest`: it was changed after the others."""

    customer_id: CustomerId
    customer: Customer
    task_id: TaskId
    task: Task
    solution: str | None
    latest: bool


def link_suggestions(services: Services, caller: Caller, collaboration_id: CollaborationId) -> tuple[Suggestion, ...]:
    """The active tasks of the office's customers with the collaboration's organisation number, latest changed first.

    Raises:
        Refused: the caller is nobody here, or the collaboration is not the office's.
    """
    collaboration, _ = load_for_office(services, caller, collaboration_id, None, requires_decision_rights=False)
    under_number = services.table.partition(keys.organisation(collaboration.organisation_number))
    rows: list[tuple[int, CustomerId, Customer, TaskId, Task]] = []
    for customer_id in items.customers_by_number(under_number, caller.office_id):
        at_customer = services.table.partition(keys.customer(caller.office_id, customer_id).pk)
        customer = items.find_one(Customer, at_customer, "CUSTOMER")
        if customer is None or not customer.active:
            continue
        rows += [
            (items.integer(item, "changedAt"), customer_id, customer, task_id, task)
            for item in at_customer
            for task_id, task in items.tasks([item]).items()
            if task.active
        ]
    rows.sort(key=lambda row: (-row[0], row[1], row[3]))
    return tuple(
        Suggestion(customer_id, customer, task_id, task, collaboration.solution, latest=place == 0 and len(rows) > 1)
        for place, (_, customer_id, customer, task_id, task) in enumerate(rows)
    )


def _load_link_context(services: Services, caller: Caller, collaboration_id: CollaborationId, command: Link) -> LinkContext:
    table, office_id, agreement = services.table, caller.office_id, collaboration_id.agreement
    if agreement is None:
        raise not_found()
    at_caller, at_collaboration = keys.employee(office_id, caller.employee_id), keys.collaboration(agreement)
    found, at_customer, _ = table.gather(
        lambda: table.get(at_caller, at_collaboration),
        lambda: table.partition(keys.customer(office_id, command.customer_id).pk),
        lambda: None,
    )
    employee = active(items.at(Employee, found, at_caller))
    collaboration = items.collaboration(found[at_collaboration]) if at_collaboration in found else None
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
