"""Writes of one item that belong to no change of the domain: signing in."""

from collaboration.domain.model.accounts import Account
from collaboration.storage import keys
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
