"""Renewals that are due: by the clean-up, and before the register says something new of the subscription."""

from datetime import datetime

from collaboration.domain.decisions.renewing import renewal
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.subscriptions import renewed
from collaboration.domain.model.values import local_date
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.services import Services
from collaboration.storage.commit import commit


def renew(services: Services, account: Account, solution: str, now: datetime) -> bool:
    """Renew an account's subscription to a solution if it is due: what was agreed for then holds from now on.

    Returns:
        Whether it was due.

    Raises:
        ConflictError: something that the renewal changes has changed since it was read.
        TableUnavailableError: the table does not answer.
    """
    before = account.subscription(solution)
    after = renewed(before, local_date(now)) if before else None
    if before is None or after is None:
        return False
    subscribers = load_collaborations(services, [use.collaboration_id for use in before.subscribers])
    commit(services.table, renewal(account, before, after, subscribers, now))
    return True
