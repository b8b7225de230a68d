"""An employee invites a customer to collaborate in a solution: one invitation, or many at once."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

from collaboration.commands.apply_change import require_after
from collaboration.commands.idempotency import run_once
from collaboration.commands.rows import run_rows
from collaboration.domain.contexts.ask import AskContext
from collaboration.domain.decisions import inviting
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.change import Change
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import RefusedError, Slug, refused
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import AgreementId
from collaboration.queries.caller import load_caller, require_decision_rights
from collaboration.services import Caller, Services
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
    """A new invitation as it is answered; the stored answer when `key` was used for it before.

    Args:
        services: the application's services.
        caller: the employee who invites.
        command: the invitation.
        key: the request's Idempotency-Key.
        respond: makes the answer of the invitation, the caller and the time (UTC).

    Raises:
        RefusedError: the caller may not, `idempotency-key-reused`, or something is in the way; the fault names it.
        TableUnavailableError: the table does not answer.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, StoredResponse]:
        change = inviting.invite(context, preview(context, command.proposal, now), command, agreement, now)
        return change, respond(require_after(change.invitation), context.caller, now)

    return run_once(services, caller, command.proposal, key, decide)


def invite_batch(
    services: Services,
    caller: Caller,
    rows: Sequence[tuple[inviting.Invite, IdempotencyKey] | RefusedError],
    respond: Callable[[Invitation, Employee, datetime], StoredResponse],
) -> list[StoredResponse | RefusedError]:
    """Every row on its own, several at a time: a row that is refused spoils no other, and none is made twice.

    Of rows with one key, or for one customer and solution, the first that can be made is made.

    Args:
        services: the application's services.
        caller: the employee who invites.
        rows: each an invitation and its idempotency key, or why it cannot be read.
        respond: as for `invite`.

    Raises:
        RefusedError: `not-allowed`, the caller may not invite at all.
        TableUnavailableError: the table does not answer.
    """
    require_decision_rights(load_caller(services, caller)[0])

    def one(row: tuple[inviting.Invite, IdempotencyKey] | RefusedError) -> StoredResponse | RefusedError:
        if isinstance(row, RefusedError):
            return row
        try:
            return invite(services, caller, *row, respond)
        except RefusedError as fault:
            return fault
        except TableUnavailableError:
            return refused(Slug.TEMPORARILY_UNAVAILABLE)

    def concerns(row: tuple[inviting.Invite, IdempotencyKey] | RefusedError) -> tuple[Hashable, ...]:
        if isinstance(row, RefusedError):
            return ()
        command, key = row
        return key.value, (command.proposal.customer_id, command.proposal.solution)

    return run_rows(rows, one, concerns, at_once=_AT_ONCE)
