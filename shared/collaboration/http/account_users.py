"""The account user who calls."""

from typing import Any

from collaboration.commands.signing_in import record_sign_in
from collaboration.domain.model.values import Email
from collaboration.http.call import Call
from collaboration.services import Services


def signed_in(call: Call[Any, Any], services: Services) -> Email:
    """The caller's address; that they have signed in is recorded on their accounts."""
    email = call.account_user
    record_sign_in(services, email)
    return email
