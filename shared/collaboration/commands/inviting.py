"""Preview, invite and activate: an employee asks for a solution for a customer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from collaboration.commands.idempotency import run_once
from collaboration.domain.contexts.ask import AskContext
from collaboration.domain.decisions import inviting
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.change import Change
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import RefusedError, Slug, refused
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import AgreementId
from collaboration.services import Caller, Services, active
from collaboration.storage import items, keys
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse
from collaboration.storage.table import TableUnavailableError

# How many rows of a batch are worked on at once: three reads each, and one connection pool for all.
_AT_ONCE = 4


def invite(
    services: Services,
    caller: Caller,
    command: inviting.Invite,
    key: IdempotencyKey,
    respond: Callable[[Invitation, Employee, datetime], StoredResponse],
) -> StoredResponse:
    """A new request; the same one again for the same key.

    Raises:
        Refused: something is in the way.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, StoredResponse]:
        change = inviting.invite(context, preview(context, command.proposal, now), command, agreement, now)
        if change.invitation is None or change.invitation.after is None:
            raise AssertionError("inviting makes an invitation")
        return change, respond(change.invitation.after, context.caller, now)

    return run_once(services, caller, command.proposal, key, decide)


def invite_batch(
    services: Services,
    caller: Caller,
    rows: Sequence[tuple[inviting.Invite, IdempotencyKey] | RefusedError],
    respond: Callable[[Invitation, Employee, datetime], StoredResponse],
) -> list[StoredResponse | RefusedError]:
    """Every row on its own, several at a time: a row that is refused spoils no other, and none is made twice.

    Raises:
        Refused: the caller may not invite at all.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    employee = active(items.at(Employee, services.table.get(at_caller), at_caller))
    if not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")

    def one(row: tuple[inviting.Invite, IdempotencyKey] | RefusedError) -> StoredResponse | RefusedError:
        if isinstance(row, RefusedError):
            return row
        try:
            return invite(services, caller, *row, respond)
        except RefusedError as fault:
            return fault
        except TableUnavailableError:
            return refused(Slug.TEMPORARILY_UNAVAILABLE)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as threads:
        return list(threads.map(one, rows))
