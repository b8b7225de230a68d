"""Preview, invite and activate: an employee asks for a solution for a customer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from collaboration.commands.services import Caller, Services, active, not_found, retry_on_conflict
from collaboration.domain import activating, inviting
from collaboration.domain.change import Change
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Customer, Employee, Office
from collaboration.domain.faults import RefusedError, Slug, refused
from collaboration.domain.invitation import Invitation
from collaboration.domain.preview import Proposal, Preview, AskContext, preview
from collaboration.domain.values import AccountId, AgreementId
from collaboration.storage import items, keys
from collaboration.storage.commit import KeptAnswer, commit, kept_answer
from collaboration.storage.table import TableUnavailableError

# How many rows of a batch are worked on at once: three reads each, and one connection pool for all.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The caller's Idempotency-Key, and a fingerprint of what they ask with it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ResponseText:
    """What a success is answered with, ready to be kept."""

    status: int
    location: str
    body: str


@dataclass(frozen=True, slots=True)
class StoredAnswer_:
    """An answer, and whether it was given before."""

    answer: ResponseText
    replayed: bool


def view_preview(services: Services, caller: Caller, proposal: Proposal) -> tuple[Preview, AskContext, datetime]:
    """What would happen if the caller asked now.

    Raises:
        Refused: the caller is nobody here, or the customer is not the office's.
    """
    now = services.clock()
    context = _load_ask_context(services, caller, proposal, None, now)[0]
    return preview(context, proposal, now), context, now


def invite(
    services: Services,
    caller: Caller,
    command: inviting.Invite,
    once: IdempotencyKey,
    answer: Callable[[Invitation, Employee, datetime], ResponseText],
) -> StoredAnswer_:
    """A new request; the same one again for the same key.

    Raises:
        Refused: something is in the way.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, ResponseText]:
        change = inviting.invite(context, command, agreement, now)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("inviting makes an invitation")
        return change, answer(change.invitation.after, context.caller, now)

    return _run_once(services, caller, command.proposal, once, decide)


def invite_batch(
    services: Services,
    caller: Caller,
    rows: Sequence[tuple[inviting.Invite, IdempotencyKey] | RefusedError],
    answer: Callable[[Invitation, Employee, datetime], ResponseText],
) -> list[StoredAnswer_ | RefusedError]:
    """Every row on its own, several at a time: a row that is refused spoils no other, and none is made twice.

    Raises:
        Refused: the caller may not invite at all.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    employee = active(items.at(Employee, services.table.get(at_caller), at_caller))
    if not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")

    def one(row: tuple[inviting.Invite, IdempotencyKey] | RefusedError) -> StoredAnswer_ | RefusedError:
        if isinstance(row, RefusedError):
            return row
        try:
            return invite(services, caller, *row, answer)
        except RefusedError as fault:
            return fault
        except TableUnavailableError:
            return refused(Slug.TEMPORARILY_UNAVAILABLE)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        return list(threads.map(one, rows))


def activate(
    services: Services,
    caller: Caller,
    command: activating.Activate,
    once: IdempotencyKey,
    answer: Callable[[Collaboration, Employee], ResponseText],
) -> StoredAnswer_:
    """A new collaboration; the same one again for the same key.

    Raises:
        Refused: something is in the way.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, ResponseText]:
        account_id = AccountId(f"acc-{services.new_id()}")
        change = activating.activate(context, command, agreement, account_id, now)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("activating makes a collaboration")
        return change, answer(change.collaboration.after, context.caller)

    return _run_once(services, caller, command.proposal, once, decide)


def _run_once(
    services: Services,
    caller: Caller,
    proposal: Proposal,
    once: IdempotencyKey,
    decide: Callable[[AskContext, AgreementId, datetime], tuple[Change, ResponseText]],
) -> StoredAnswer_:
    agreement = services.new_agreement()

    def attempt(now: datetime) -> StoredAnswer_:
        context, kept = _load_ask_context(services, caller, proposal, once, now)
        if kept is not None:
            if kept.fingerprint != once.fingerprint:
                raise refused(Slug.IDEMPOTENCY_KEY_REUSED)
            return StoredAnswer_(ResponseText(kept.status, kept.location, kept.body), replayed=True)
        change, answer = decide(context, agreement, now)
        keep = KeptAnswer(caller.office_id, once.key, once.fingerprint, answer.status, answer.location, answer.body)
        commit(services.table, change, keep)
        return StoredAnswer_(answer, replayed=False)

    return retry_on_conflict(attempt, services.clock)


def _load_ask_context(
    services: Services, caller: Caller, proposal: Proposal, once: IdempotencyKey | None, now: datetime
) -> tuple[AskContext, KeptAnswer | None]:
    table, office_id = services.table, caller.office_id
    at_office, at_customer, kept = table.gather(
        lambda: table.partition(keys.office(office_id).pk),
        lambda: table.partition(keys.customer(office_id, proposal.customer_id).pk),
        lambda: table.get(keys.idempotency(office_id, once.key)) if once else {},
    )
    employees = items.employees(at_office)
    employee = active(employees.get(caller.employee_id))
    answer = None
    if once is not None:
        if not employee.may_decide:
            raise refused(Slug.NOT_ALLOWED, hint="rights")
        answer = kept_answer(next(iter(kept.values()), None), office_id, once.key, now)
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
    return context, answer
