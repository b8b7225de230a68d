"""That a signed-in administrator of an account has signed in."""

from collaboration.domain.model.values import Email
from collaboration.queries.account_user import administered
from collaboration.services import Services
from collaboration.storage.single_writes import mark_signed_in
from collaboration.storage.table import ConflictError


def record_sign_in(services: Services, email: Email) -> None:
    """Record that somebody has signed in, on each account that they are an administrator of; once is enough.

    Raises:
        RefusedError: `not-allowed`, they are administrator of none.
        TableUnavailableError: the table does not answer.
    """
    for account in administered(services, email).values():
        if account.signed_in:
            continue
        try:
            mark_signed_in(services.table, account)
        except ConflictError:
            # The account has gone or moved since it was read: whoever calls next finds it where it is.
            continue
