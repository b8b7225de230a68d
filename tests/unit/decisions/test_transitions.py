"""What may be done with an invitation in which state; the table below is written out by hand, as the code's is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.decisions.invitation_lifecycle import (
    OfficeActor,
    ask_again,
    asked_anew,
    expire,
    remind,
    remind_automatically,
    resend,
    revoke,
)
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import SYSTEM, EntryKind
from collaboration.domain.model.invitation import (
    Action,
    Choice,
    Decision,
    Invitation,
    InvitationRecipient,
    InvitationState,
    check_transition,
    holder_actions,
    next_automatic,
    office_actions,
)
from collaboration.domain.model.values import Delivery, Email

from .builders import (
    AT_OFFICE,
    NOW,
    OTHER_AGREEMENT,
    account,
    administrator,
    around,
    collaboration,
    invitation,
    recipient_context,
)

GO, AGAIN, NOTHING = "go", "again", "idle"
EXPIRED, REVOKED = "invitation-expired", "invitation-revoked"
ACCEPTED, DECLINED = "invitation-accepted", "invitation-declined"
COLUMNS = ("pending", "expired", "erased", "accepted mine", "accepted", "declined mine", "declined", "revoked")
CELLS = {
    "look": (GO, GO, GO, GO, GO, GO, GO, GO),
    "accept": (GO, EXPIRED, EXPIRED, AGAIN, ACCEPTED, DECLINED, DECLINED, REVOKED),
    "decline": (GO, EXPIRED, EXPIRED, ACCEPTED, ACCEPTED, AGAIN, DECLINED, REVOKED),
    "remind": (GO, EXPIRED, EXPIRED, ACCEPTED, ACCEPTED, DECLINED, DECLINED, REVOKED),
    "resend": (GO, GO, EXPIRED, ACCEPTED, ACCEPTED, DECLINED, DECLINED, REVOKED),
    "revoke": (GO, EXPIRED, EXPIRED, ACCEPTED, ACCEPTED, DECLINED, DECLINED, AGAIN),
    "ask-again": (NOTHING, GO, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, GO),
    "not-me": (GO, EXPIRED, EXPIRED, ACCEPTED, ACCEPTED, DECLINED, DECLINED, REVOKED),
}


def in_state(column: str) -> Invitation:
    """An invitation in the state of a column, `mine` decided by the link r1."""
    state, _, mine = column.partition(" ")
    if state == "pending":
        return invitation()
    if state == "expired":
        return invitation(expires_at=NOW)
    if state == "erased":
        return invitation(state=InvitationState.EXPIRED, expires_at=NOW, erased_at=NOW)
    if state == "revoked":
        return invitation(state=InvitationState.REVOKED)
    choice = Choice.ACCEPT if state == "accepted" else Choice.DECLINE
    decision = Decision(choice=choice, recipient="r1" if mine else "r2", by="Carl Ceder", at=NOW)
    return invitation(state=InvitationState(state), decision=decision)


@pytest.mark.parametrize("action", CELLS)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_action_in_every_state(action: str, column: str) -> None:
    """Let through, done before, without effect, or refused with its reason."""
    expected = CELLS[action][COLUMNS.index(column)]
    try:
        found = str(check_transition(in_state(column), Action(action), NOW, "r1"))
    except RefusedError as refusal:
        found = refusal.fault.slug
    assert found == expected


@pytest.mark.parametrize("column", COLUMNS)
def test_what_is_offered_is_what_is_let_through(column: str) -> None:
    """To the office and to the holder of the link."""
    nth = COLUMNS.index(column)
    office = [action for action in ("remind", "resend", "revoke") if CELLS[action][nth] == GO]
    holder = [action for action in ("accept", "decline", "ask-again") if CELLS[action][nth] == GO]
    assert list(office_actions(in_state(column), NOW)) == office
    assert list(holder_actions(in_state(column), NOW, "r1")) == holder


CARL = InvitationRecipient(email=Email("carl@ceder.example"), name="Carl Ceder")
BOUNCED = {"r1": CARL.replace(delivery=Delivery.BOUNCED)}
GONE = {"r1": CARL.replace(delivery=Delivery.BOUNCED, removed=True)}
LAST = NOW + timedelta(days=13)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, LAST - timedelta(days=3)),
        ({"automatic_done": True}, None),
        ({"reminders": 3}, None),
        ({"reminders": 2}, LAST - timedelta(days=3)),
        ({"recipients": BOUNCED}, None),
        ({"recipients": {**GONE, "r2": CARL}}, LAST - timedelta(days=3)),
        ({"recipients": GONE}, None),
        ({"sent_at": LAST - timedelta(days=3)}, None),
        ({"sent_at": LAST - timedelta(days=3, seconds=1)}, LAST - timedelta(days=3)),
        ({"revived_at": LAST - timedelta(days=2)}, None),
        ({"reminded_at": LAST - timedelta(days=3, hours=1)}, LAST - timedelta(days=2, hours=1)),
        ({"reminded_at": LAST - timedelta(hours=24)}, None),
        ({"state": InvitationState.REVOKED}, None),
    ],
)
def test_the_automatic_reminder_goes_out_once(changes: dict[str, Any], expected: datetime | None) -> None:
    """Three days before the expiry, a day after the last reminder, and not where it would be of no use."""
    assert next_automatic(invitation(**changes), NOW) == expected


@pytest.mark.parametrize(
    ("hours", "following"),
    [(0, 0), (1, 24), (24, 24), (25, 48), (48, 48), (49, None), (71, None)],
)
def test_a_reminder_that_could_not_go_out_is_tried_every_day(hours: int, following: int | None) -> None:
    """It is announced for the next of these times, until none is left before the expiry."""
    planned = LAST - timedelta(days=3)
    expected = None if following is None else planned + timedelta(hours=following)
    assert next_automatic(invitation(), planned + timedelta(hours=hours)) == expected


def context_of(asked: Invitation, **changes: Any) -> InvitationContext:
    """The invitation and what surrounds it."""
    return InvitationContext(**around(**{"invitation": asked, **changes}))


def test_the_automatic_reminder_counts_as_one() -> None:
    """Not a moment before its time, and no second one."""
    at = LAST - timedelta(days=3)
    context = context_of(invitation())
    assert remind_automatically(context, at - timedelta(seconds=1)) is None
    change = remind_automatically(context, at)
    assert change is not None
    assert change.invitation is not None
    assert change.invitation.after is not None
    assert (change.invitation.after.reminders, change.invitation.after.automatic_done) == (1, True)
    assert remind_automatically(context_of(change.invitation.after), at + timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"reminders": 3, "reminded_at": NOW - timedelta(days=2)}, "no-reminders-left"),
        ({"reminders": 1, "reminded_at": NOW - timedelta(hours=23)}, "reminder-too-soon"),
    ],
)
def test_one_reminder_a_day_and_three_in_all(changes: dict[str, Any], slug: str) -> None:
    """A resend of a pending invitation counts as one."""
    context = context_of(invitation(**changes))
    with pytest.raises(RefusedError) as reminding:
        remind(context, AT_OFFICE, NOW)
    with pytest.raises(RefusedError) as resending:
        resend(context, OfficeActor(AT_OFFICE), NOW)
    assert reminding.value.fault.slug == resending.value.fault.slug == slug


def test_a_resend_revives_an_expired_invitation() -> None:
    """Under its id, with a new life and a new count, and the guard of its customer and solution."""
    expired = invitation(expires_at=NOW, reminders=3, reminded_at=NOW, automatic_done=True)
    change = resend(context_of(expired), OfficeActor(AT_OFFICE), NOW)
    assert change.invitation is not None
    after = change.invitation.after
    assert after is not None
    assert (after.id, after.reminders, after.automatic_done, after.expires_at) == (
        expired.id,
        0,
        False,
        NOW + timedelta(days=14),
    )
    assert [(guard.before, guard.after) for guard in change.guards] == [(None, Guard.for_invitation(after))]


@pytest.mark.parametrize("marked", [True, False])
def test_a_revived_invitation_has_expired_before(marked: bool) -> None:  # noqa: FBT001
    """Whether or not the clean-up has marked it: the timeline says so either way, once."""
    expired = invitation(expires_at=NOW - timedelta(minutes=1))
    earlier = expire(expired, NOW)
    assert earlier is not None
    assert earlier.invitation is not None
    before = earlier.invitation.after if marked else expired
    assert before is not None
    change = resend(context_of(before), OfficeActor(AT_OFFICE), NOW)
    entries = [(entry.what, entry.by) for entry in change.history]
    resent = (EntryKind.INVITATION_RESENT, AT_OFFICE)
    assert entries == ([resent] if marked else [(EntryKind.INVITATION_EXPIRED, SYSTEM), resent])


def test_a_later_live_one_is_not_displaced() -> None:
    """The refusal points to it."""
    other = Guard.for_collaboration(collaboration(agreement=OTHER_AGREEMENT))
    with pytest.raises(RefusedError) as refusal:
        resend(context_of(invitation(expires_at=NOW)), OfficeActor(AT_OFFICE, other), NOW)
    assert (refusal.value.fault.slug, refusal.value.fault.location) == (
        "already-collaborating",
        "collaborations/col-other-agreement",
    )


def test_links_go_to_whoever_is_administrator_now() -> None:
    """A new one gets a link, one who is gone loses theirs, one who is back gets a new version."""
    dora = InvitationRecipient(email=Email("dora@ceder.example"), name="Dora Dal")
    had = {"r1": CARL, "r2": dora, "r3": dora.replace(email=Email("eva@ceder.example"), removed=True)}
    now = account(users=(administrator(), administrator("Eva Ek"), administrator("Filip Falk")))
    found = asked_anew(had, now, len(had), renewed=False)
    assert found["r1"] == CARL
    assert found["r2"].removed
    assert (found["r3"].removed, found["r3"].version) == (False, 2)
    assert found["r4"].email == "filip@ceder.example"
    assert asked_anew(had, now, len(had), renewed=True)["r1"].version == 2


def test_revoking_and_expiring_happen_once() -> None:
    """The guard is released by revoking; an expired one holds nothing anyway."""
    revoked = revoke(invitation(), AT_OFFICE, NOW)
    assert revoked is not None
    assert [guard.after for guard in revoked.guards] == [None]
    assert revoke(in_state("revoked"), AT_OFFICE, NOW) is None
    marked = expire(in_state("expired"), NOW)
    assert marked is not None
    assert [entry.what for entry in marked.history] == ["invitation-expired"]
    assert expire(invitation(), NOW) is None
    assert expire(in_state("revoked"), NOW) is None


@pytest.mark.parametrize(
    ("asked", "changes", "mails"),
    [
        (in_state("expired"), {}, 1),
        (in_state("revoked"), {}, 1),
        (in_state("pending"), {}, 0),
        (in_state("expired").replace(asked_again_at=NOW - timedelta(hours=23)), {}, 0),
        (in_state("expired").replace(asked_again_at=NOW - timedelta(hours=24)), {}, 1),
        (in_state("expired"), {"account": account(users=())}, 0),
    ],
)
def test_the_office_is_asked_for_a_new_invitation_once_a_day(
    asked: Invitation, changes: dict[str, Any], mails: int
) -> None:
    """From a dead end only, and by an administrator only."""
    change = ask_again(recipient_context(invitation=asked, **changes), NOW)
    assert len(change.mails if change else ()) == mails
