"""What somebody who is signed in is told of themselves."""

from itertools import islice

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.faults import RefusedError, UnreadableError
from collaboration.domain.model.values import AccountId, Email
from collaboration.queries.account_user import administered
from collaboration.queries.caller import load_caller
from collaboration.services import Caller, Services, not_found
from collaboration.storage import items, keys

MOST_ACCOUNTS = 1000


def show_employee(services: Services, caller: Caller) -> tuple[Employee, Office]:
    """The employee who calls, and their office.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `not-found`, the office is not known.
        TableUnavailableError: the table does not answer.
    """
    office_key = keys.office(caller.office_id)
    active_caller, found = load_caller(services, caller, office_key)
    office = items.at(Office, found, office_key)
    if office is None:
        raise not_found()
    return active_caller.caller, office


def show_accounts(services: Services, email: Email) -> dict[AccountId, str]:
    """The names of the accounts that somebody is an administrator of, by id, `MOST_ACCOUNTS` at most.

    None is no fault here.

    It records no sign-in: looking who one is is no use of the account. That is what `/my` is for.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    try:
        shown = islice(administered(services, email).items(), MOST_ACCOUNTS)
        return {account_id: account.name for account_id, account in shown}
    except UnreadableError:
        raise
    except RefusedError:
        return {}
