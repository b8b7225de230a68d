"""Run a command at most once per Idempotency-Key."""

from collections.abc import Callable
from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.model.change import Change
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import AgreementId
from collaboration.queries.ask_context import load_ask_context
from collaboration.services import Caller, Services, retry_on_conflict
from collaboration.storage.commit import commit
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse, find


def run_once(
    services: Services,
    caller: Caller,
    proposal: Proposal,
    key: IdempotencyKey,
    decide: Callable[[AskContext, AgreementId, datetime], tuple[Change, StoredResponse]],
) -> StoredResponse:
    """The response of `decide`, committed with its change; the stored one when `key` was used before.

    Args:
        services: the application's services.
        caller: the employee who proposes.
        proposal: what is proposed.
        key: the request's Idempotency-Key.
        decide: the change and the response, given the context, the id of a new agreement, and the time (UTC).

    Raises:
        RefusedError: by the decision itself, or `idempotency-key-reused`.
        TableUnavailableError: the table does not answer.
    """
    agreement = services.new_agreement()

    def attempt(now: datetime) -> StoredResponse:
        context, stored = load_ask_context(services, caller, proposal, key, now)
        if stored is not None:
            return stored
        try:
            change, response = decide(context, agreement, now)
        except RefusedError:
            # Several reads are no snapshot: what is in the way may be what the same request has made meanwhile.
            stored = find(services.table.get(key.item_key).get(key.item_key), key, now)
            if stored is None:
                raise
            return stored
        commit(services.table, change, idempotent=(key, response))
        return response

    return retry_on_conflict(attempt, services)
