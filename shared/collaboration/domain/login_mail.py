"""The login instructions of an activation, sent again while nobody has signed in."""

from datetime import datetime

from collaboration.domain.access import access_of_office
from collaboration.domain.activating import sent_mails
from collaboration.domain.change import Change, Step
from collaboration.domain.collaboration import Collaboration, CollaborationState
from collaboration.domain.ending import Endable
from collaboration.domain.faults import Fault, Refused, Slug
from collaboration.domain.granting import kind_of
from collaboration.domain.letters import LoginLetter, Outgoing, administrators_of
from collaboration.domain.reminding import MOST_REMINDERS, REMINDER_PAUSE
from collaboration.domain.values import Kind, Locale


def resend_login(world: Endable, now: datetime) -> Change:
    """The login instructions once more: `one-reminder-a-day-three-in-all` holds for them too.

    Raises:
        Refused: there were none, somebody has signed in, it is too soon, or none are left.
    """
    before = world.collaboration
    _check(world, now)
    after = before.model_copy(
        update={"login_mails": before.login_mails + 1, "login_mail_at": now, "revision": before.revision + 1}
    )
    mail = _mail(world, after, now)
    shown = {**after.mails, **dict(sent_mails(mail))}
    return Change(at=now, collaboration=Step(before, after.model_copy(update={"mails": shown})), mails=(mail,))


def _check(world: Endable, now: datetime) -> None:
    collaboration = world.collaboration
    had_one = any(mail.kind == "login-instructions" for mail in collaboration.mails.values())
    if not had_one or world.account is None or collaboration.state is CollaborationState.ENDED:
        raise Refused(Fault(Slug.NO_REMINDERS_LEFT, hint="no-login-mail"))
    if world.account.signed_in:
        raise Refused(Fault(Slug.NO_REMINDERS_LEFT, hint="signed-in"))
    if collaboration.login_mails >= MOST_REMINDERS:
        raise Refused(Fault(Slug.NO_REMINDERS_LEFT, hint="login"))
    last = collaboration.login_mail_at
    if last is not None and now < last + REMINDER_PAUSE:
        raise Refused(Fault(Slug.REMINDER_TOO_SOON, retry_at=last + REMINDER_PAUSE))


def _mail(world: Endable, after: Collaboration, now: datetime) -> Outgoing:
    account = world.account
    if account is None:
        raise AssertionError("an account has been checked")
    people: tuple[str, ...] = ()
    if after.task_id and world.task:
        people = tuple(access.person.name for access in access_of_office(after.task_id, world.task, world.employees))
    return Outgoing(
        id=f"login-instructions-{after.revision}",
        agreement=after.agreement,
        at=now,
        locale=world.customer.locale if world.customer else Locale.SV,
        readers=administrators_of(account),
        letter=LoginLetter(
            office_name=world.office.name,
            office_email=world.office.email,
            company_name=account.name,
            solution=after.solution or "",
            solution_kind=kind_of(after) or Kind.SHARED,
            access=people,
        ),
    )
