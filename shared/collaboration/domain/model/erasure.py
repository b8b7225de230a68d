"""The account of what was erased: how much, on which day, and of which invitations, without their ids."""

from datetime import date
from hashlib import sha256

from collaboration.domain.model.values import InvitationId, OfficeId, Value


class Erased(Value):
    """How much was erased: persons by the links they had, texts that somebody wrote, mails by their recipients."""

    recipients: int = 0
    messages: int = 0
    mails: int = 0


class ErasureReport(Value):
    """What was erased of an office's invitations on one day (Europe/Stockholm).

    `digest`: SHA-256, in hexadecimal digits, of the digest before (empty at first) followed by an invitation's id, for
    each invitation in turn. Whoever knows the ids, in the order of their `persons-erased` entries, can check it.
    """

    office_id: OfficeId
    day: date
    invitations: int = 0
    recipients: int = 0
    messages: int = 0
    mails: int = 0
    digest: str = ""
    revision: int = 0

    def with_invitation(self, invitation_id: InvitationId, erased: Erased) -> "ErasureReport":
        """The report after one more invitation."""
        return self.replace(
            invitations=self.invitations + 1,
            recipients=self.recipients + erased.recipients,
            messages=self.messages + erased.messages,
            mails=self.mails + erased.mails,
            digest=sha256(f"{self.digest}{invitation_id}".encode()).hexdigest(),
            revision=self.revision + 1,
        )
