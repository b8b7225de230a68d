"""Refusals that no other test of a decision looks at: each with what makes it, and the reason that it gives."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.decisions.deciding import check_decider
from collaboration.domain.decisions.ending import cancel
from collaboration.domain.decisions.invitation_lifecycle import remind
from collaboration.domain.decisions.linking import unlink
from collaboration.domain.decisions.login_instructions import resend_login
from collaboration.domain.decisions.mass_update import MassUpdate, apply_mass_update
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import CollaborationState, SentMail
from collaboration.domain.model.directory import MOST_PARTICIPANTS
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.values import Email, EmployeeId

from .builders import (
    AT_OFFICE,
    NOW,
    account,
    administrator,
    around,
    collaboration,
    end_context,
    invitation,
    recipient_context,
    task,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from collaboration.domain.contexts.collaboration import EndContext
    from collaboration.domain.model.collaboration import Collaboration


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    """The slug and the hint with which something is refused."""
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value.fault.slug, refused.value.fault.hint


def ended() -> Collaboration:
    """A collaboration that ended an hour ago."""
    return collaboration(state=CollaborationState.ENDED, ended_at=NOW - timedelta(hours=1), ended_by=AT_OFFICE)


def test_who_is_no_administrator_any_more_reviews_nothing() -> None:
    """The right digits do not help them."""
    others = account(users=(administrator("Dora Dal"),))
    slug, _ = refusal(lambda: check_decider(recipient_context(account=others), "0001", NOW))
    assert slug == "not-allowed"


def test_nobody_is_reminded_of_what_nobody_can_accept() -> None:
    """It was to join a subscription that has gone, and nobody chose terms for a new one."""
    context = InvitationContext(invitation=invitation(setup=SetUp()), **around())
    slug, _ = refusal(lambda: remind(context, AT_OFFICE, NOW))
    assert slug == "situation-changed"


@pytest.mark.parametrize(("users", "hint"), [((), None), ((administrator("Dora Dal"),), "recipients-gone")])
def test_a_reminder_goes_to_somebody(users: tuple[object, ...], hint: str | None) -> None:
    """There is nobody, or the administrators are others."""
    context = InvitationContext(invitation=invitation(), **around(account=account(users=users)))
    assert refusal(lambda: remind(context, AT_OFFICE, NOW)) == ("no-administrator", hint)


def test_an_end_that_has_come_is_not_cancelled() -> None:
    """It ended: there is nothing to cancel, and the office hears it."""
    assert refusal(lambda: cancel(ended(), AT_OFFICE, NOW))[0] == "collaboration-ended"


def test_what_has_ended_is_not_unlinked() -> None:
    """It stays in the history as it was."""
    assert refusal(lambda: unlink(ended(), (account(),), AT_OFFICE, NOW))[0] == "collaboration-ended"


def _activated(**changes: object) -> EndContext:
    sent = SentMail(kind="login-instructions", to=Email("carl@ceder.example"))
    return end_context(collaboration=collaboration(mails={"login-instructions.a1": sent}), **changes)


def test_login_instructions_that_never_went_are_not_sent_again() -> None:
    """The company had an account before."""
    assert refusal(lambda: resend_login(end_context(), AT_OFFICE, NOW)) == ("no-reminders-left", "no-login-mail")


def test_login_instructions_go_to_somebody() -> None:
    """Nobody is administrator of the account any more."""
    nobody = _activated(account=account(users=(), main_contact=None))
    assert refusal(lambda: resend_login(nobody, AT_OFFICE, NOW)) == ("no-administrator", "login")
    assert resend_login(_activated(), AT_OFFICE, NOW).mails


def test_a_task_holds_so_many_participants() -> None:
    """One more is refused, and the task stays what it is."""
    full = task(participants=tuple(EmployeeId(f"e{nth}") for nth in range(MOST_PARTICIPANTS)))
    more = MassUpdate(owner=None, add=(EmployeeId("bo"),), remove=())
    assert refusal(lambda: apply_mass_update(full, more))[0] == "validation-failed"
    instead = MassUpdate(owner=None, add=(EmployeeId("bo"),), remove=(EmployeeId("e0"),))
    assert len(apply_mass_update(full, instead).participants) == MOST_PARTICIPANTS
