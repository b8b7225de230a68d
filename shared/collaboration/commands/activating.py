"""An employee activates a solution for a customer: a collaboration starts at once."""

from collections.abc import Callable
from datetime import datetime

from collaboration.commands.apply_change import require_after
from collaboration.commands.idempotency import run_once
from collaboration.domain.contexts.ask import AskContext
from collaboration.domain.decisions import activating
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import AccountId, AgreementId
from collaboration.services import Caller, Services
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse


def activate(
    services: Services,
    caller: Caller,
    command: activating.Activate,
    key: IdempotencyKey,
    respond: Callable[[Collaboration, Employee], StoredResponse],
) -> StoredResponse:
    """A new collaboration as it is answered; the stored answer when `key` was used for it before.

    Args:
        services: the application's services.
        caller: the employee who activates.
        command: the activation.
        key: the request's Idempotency-Key.
        respond: makes the answer of the collaboration and the caller.

    Raises:
        RefusedError: the caller may not, `idempotency-key-reused`, or something is in the way; the fault names it.
        TableUnavailableError: the table does not answer.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, StoredResponse]:
        account_id = AccountId(f"acc-{services.new_id()}")
        seen = preview(context, command.proposal, now)
        change = activating.activate(context, seen, command, agreement, account_id, now)
        return change, respond(require_after(change.collaboration), context.caller)

    return run_once(services, caller, command.proposal, key, decide)
