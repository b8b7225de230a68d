"""Whom a mail goes to."""

from collaboration.domain.model.values import Email, Value


class MailRecipient(Value):
    """Whom a mail goes to. `recipient` and `version` name the link of an invitation."""

    key: str
    email: Email
    name: str
    recipient: str | None = None
    version: int | None = None
