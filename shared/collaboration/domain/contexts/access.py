"""What the access through a collaboration follows from."""

from dataclasses import dataclass

from collaboration.domain.contexts.agreement import AgreementContext


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext(AgreementContext):
    """The entities around one collaboration.

    `account` is the collaboration's own; of an unlinked import the only one with its organisation number.
    `has_customer`: whether the office has a customer with that number at all.
    """

    has_customer: bool = True
