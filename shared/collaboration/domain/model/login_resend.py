"""Whether login instructions may be sent again."""

from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import MOST_REMINDERS


def login_resend_fault(collaboration: Collaboration, *, signed_in: bool) -> Fault | None:
    """Why login instructions are not sent again, now or later; None where they may be. `signed_in`: somebody has."""
    if collaboration.state is CollaborationState.ENDED:
        return Fault(Slug.NO_REMINDERS_LEFT, hint="no-login-mail")
    if signed_in:
        return Fault(Slug.NO_REMINDERS_LEFT, hint="signed-in")
    if collaboration.login_mails >= MOST_REMINDERS:
        return Fault(Slug.NO_REMINDERS_LEFT, hint="login")
    return None
