"""Erase what an invitation that died holds of persons, and say how much that was."""

from datetime import datetime

from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.erasure import Erased, ErasureReport
from collaboration.domain.model.history import SYSTEM, EntryKind, history_entries
from collaboration.domain.model.invitation import Invitation, erasure_due_at


def erase(invitation: Invitation, report: ErasureReport, mails: int, now: datetime) -> Change | None:
    """What erasing an invitation changes: `erased-thirty-days-after-death`. None when it is not the time, or was done.

    Names and addresses of recipients, who decided, and both messages go. What was asked, when, by which employee, what
    became of it, and for which company stays: the directory holds these as well.

    Args:
        invitation: the invitation.
        report: the office's report of the day, as it is now.
        mails: how many mails of the invitation are erased with it, each counted once per recipient.
        now: the time (UTC).
    """
    at = erasure_due_at(invitation)
    if at is None or now < at or invitation.erased_at is not None:
        return None
    decision = invitation.decision
    after = invitation.replace(
        message=None,
        recipients={},
        # Who signs in decides under a key that a hash of the address makes.
        decision=decision.replace(recipient="", by="", message=None) if decision else None,
        erased_at=now,
        erased_links={key: person.version for key, person in invitation.recipients.items() if not person.removed},
        revision=invitation.revision + 1,
    )
    erased = Erased(
        recipients=len(invitation.recipients),
        messages=sum(text is not None for text in (invitation.message, decision.message if decision else None)),
        mails=mails,
    )
    return Change(
        at=now,
        invitation=Transition(invitation, after),
        history=history_entries(after.subject, SYSTEM, now, EntryKind.PERSONS_ERASED),
        erasure=Transition(report, report.with_invitation(after.id, erased)),
    )
