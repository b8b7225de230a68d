"""The rows of invitations, looked at one after another."""

from collections.abc import Callable, Iterable

from collaboration.services import Failure, PartialFailureError
from collaboration.storage import items


def count_rows(rows: Iterable[items.Item], act: Callable[[items.Item], bool]) -> int:
    """Call `act` with the row of every invitation; of how many it answers True.

    Raises:
        PartialFailureError: `act` failed with some, after it was called with all others.
        TableUnavailableError: the table does not answer with the next row.
    """
    count, failures = 0, []
    for row in rows:
        try:
            count += act(row)
        except Exception as error:  # noqa: BLE001 - one invitation stops no other
            failures.append(Failure.of(error, agreement=items.agreement_of(row)))
    if failures:
        raise PartialFailureError(failures)
    return count
