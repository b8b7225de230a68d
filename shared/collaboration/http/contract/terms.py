"""The terms to agree to, as answers show them."""

from collaboration.domain.model.values import Value


class TermsResponse(Value):
    """The terms to agree to."""

    version: str
    text: tuple[str, ...]
