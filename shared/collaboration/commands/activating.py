"""TODO commands.activating."""

from collections.abc import Callable
from datetime import datetime

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
    """A new collaboration; the same one again for the same key.

    Raises:
        Refused: something is in the way.
    """

    def decide(context: AskContext, agreement: AgreementId, now: datetime) -> tuple[Change, StoredResponse]:
        account_id = AccountId(f"acc-{services.new_id()}")
        seen = preview(context, command.proposal, now)
        change = activating.activate(context, seen, command, agreement, account_id, now)
        if change.collaboration is None or change.collaboration.after is None:
            raise AssertionError("activating makes a collaboration")
        return change, respond(change.collaboration.after, context.caller)

    return run_once(services, caller, command.proposal, key, decide)
