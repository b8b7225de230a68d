"""The invitations to an account, looked at one after another."""

from collections.abc import Callable

from collaboration.domain.model.values import AccountId
from collaboration.services import Failure, PartialFailureError, Services
from collaboration.storage import items, lists


def count_invitations(services: Services, account_id: AccountId, act: Callable[[items.Item], bool]) -> int:
    """Call `act` with the row of every invitation to an account; of how many it answers True.

    Raises:
        PartialFailureError: `act` failed with some, after it was called with all others.
        TableUnavailableError: the table does not answer.
    """
    count, failures = 0, []
    for row in lists.invitations_of_account(services.table, account_id):
        try:
            count += act(row)
        except Exception as error:  # noqa: BLE001 - one invitation stops no other
            failures.append(Failure.of(error, agreement=items.agreement_of(row)))
    if failures:
        raise PartialFailureError(failures)
    return count
