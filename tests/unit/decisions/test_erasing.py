"""What erasing an invitation changes, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from collaboration.domain.decisions.erasing import erase
from collaboration.domain.model.erasure import Erased, ErasureReport
from collaboration.domain.model.invitation import Choice, Decision, Invitation, InvitationRecipient, InvitationState
from collaboration.domain.model.values import Email, local_date

from .builders import NOW, invitation

MONTH = timedelta(days=30)
CARL = InvitationRecipient(email=Email("carl@ceder.example"), name="Carl Ceder", version=3)
DORA = InvitationRecipient(email=Email("dora@ceder.example"), name="Dora Dal", removed=True)


def dead(state: InvitationState, at: datetime = NOW, **changes: object) -> Invitation:
    """An invitation that died at a time."""
    match state:
        case InvitationState.DECLINED | InvitationState.ACCEPTED:
            choice = Choice.DECLINE if state is InvitationState.DECLINED else Choice.ACCEPT
            changes["decision"] = Decision(choice=choice, recipient="r1", by="Carl Ceder", at=at, message="No.")
        case InvitationState.REVOKED:
            changes["revoked_at"] = at
        case _:
            changes["expires_at"] = at
    return invitation(state=state, message="Yes?", recipients={"r1": CARL, "r2": DORA}, **changes)


def report(invitation: Invitation) -> ErasureReport:
    """The office's empty report of the day."""
    return ErasureReport(office_id=invitation.office_id, day=local_date(NOW))


@pytest.mark.parametrize("state", [InvitationState.DECLINED, InvitationState.REVOKED, InvitationState.EXPIRED])
def test_thirty_days_after_death(state: InvitationState) -> None:
    """`erased-thirty-days-after-death`: not a moment before, and once."""
    before = dead(state)
    assert erase(before, report(before), 0, NOW + MONTH - timedelta(milliseconds=1)) is None
    change = erase(before, report(before), 5, NOW + MONTH)
    assert change is not None
    assert change.invitation is not None
    after = change.invitation.after
    assert after is not None
    assert (after.recipients, after.message, after.erased_links) == ({}, None, {"r1": 3})
    assert "Carl" not in after.model_dump_json()
    assert (after.state, after.sent_by, after.customer_name) == (before.state, before.sent_by, before.customer_name)
    assert [entry.what for entry in change.history] == ["persons-erased"]
    assert erase(after, report(after), 0, NOW + MONTH * 2) is None


@pytest.mark.parametrize("state", [InvitationState.PENDING, InvitationState.ACCEPTED])
def test_what_is_not_dead_is_never_erased(state: InvitationState) -> None:
    """However long ago: an expiry counts once it is marked, since until then it may be revived unseen."""
    living = dead(state)
    assert erase(living, report(living), 0, NOW + MONTH * 100) is None


def test_one_that_version_0_1_0_revoked_dies_at_its_expiry() -> None:
    """It did not write when that was."""
    revoked = invitation(state=InvitationState.REVOKED, expires_at=NOW)
    assert erase(revoked, report(revoked), 0, NOW + MONTH - timedelta(seconds=1)) is None
    assert erase(revoked, report(revoked), 0, NOW + MONTH) is not None


def test_the_account_counts_and_chains() -> None:
    """Persons by their links, texts, mails; the digest goes over the ids in turn."""
    before = dead(InvitationState.DECLINED)
    change = erase(before, report(before), 5, NOW + MONTH)
    assert change is not None
    assert change.erasure is not None
    first = change.erasure.after
    assert first is not None
    assert (first.invitations, first.recipients, first.messages, first.mails) == (1, 2, 2, 5)
    second = first.with_invitation(before.id, Erased(recipients=1))
    assert (second.invitations, second.recipients, second.mails) == (2, 3, 5)
    one = sha256(before.id.encode()).hexdigest()
    assert (first.digest, second.digest) == (one, sha256(f"{one}{before.id}".encode()).hexdigest())
