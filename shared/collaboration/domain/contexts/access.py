"""What the access through a collaboration follows from."""

from collaboration.domain.contexts.agreement import AgreementContext
from collaboration.domain.model.accounts import Account
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class AccessContext(AgreementContext):
    """The entities around one collaboration.

    `account` is the one it belongs to; `accounts` are all with its organisation number.
    `has_customer`: whether the office has a customer with that number at all.
    """

    accounts: tuple[Account, ...]
    has_customer: bool = True
