"""Writes of one item that belong to no change of the domain: signing in, and wrong digits."""

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.values import AgreementId
from collaboration.storage import items, keys
from collaboration.storage.actions import ABSENT
from collaboration.storage.table import Table


def mark_signed_in(table: Table, account: Account) -> None:
    """Say that an administrator of the account has signed in.

    Raises:
        ConflictError: the account is not there any more under that organisation number.
        TableUnavailableError: the table does not answer.
    """
    table.update(
        keys.account(account.organisation_number, account.id),
        "SET #signedIn = :yes",
        {"#signedIn": "signedIn", "#pk": "pk"},
        {":yes": {"BOOL": True}},
        "attribute_exists(#pk)",
    )


def record_attempts(
    table: Table, agreement: AgreementId, recipient: str, before: AttemptLimit, after: AttemptLimit
) -> None:
    """Replace what is known of the wrong digits typed on a link, if it is still `before`.

    Raises:
        ConflictError: somebody typed digits in the meantime.
        TableUnavailableError: the table does not answer.
    """
    counted = {":attempts": items.number(before.attempts)} if before.attempts else {}
    names = {"#data": "data", "#attempts": "attempts"}
    table.update(
        keys.link(agreement, recipient),
        "SET #data = :data, #attempts = :after",
        names if counted else {**names, "#pk": "pk"},
        {":data": items.data(after), ":after": items.number(after.attempts), **counted},
        "#attempts = :attempts" if counted else ABSENT,
    )
