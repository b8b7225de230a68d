"""The login instructions of an activation, sent again while nobody has signed in."""

from datetime import datetime

from collaboration.domain.contexts.collaboration import EndContext
from collaboration.domain.model.access import access_of_office
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, kind_of
from collaboration.domain.model.faults import Fault, RefusedError, Slug
from collaboration.domain.model.invitation import MOST_REMINDERS, REMINDER_PAUSE
from collaboration.domain.model.mail import LoginContent, Mail, administrator_recipients, sent_mails
from collaboration.domain.model.values import Kind, Locale


def resend_login(context: EndContext, now: datetime) -> Change:
    """The login instructions once more: `one-reminder-a-day-three-in-all` holds for them too.

    Raises:
        Refused: there were none, somebody has signed in, it is too soon, or none are left.
    """
    before = context.collaboration
    _check(context, now)
    after = before.replace(login_mails=before.login_mails + 1, login_mail_at=now, revision=before.revision + 1)
    mail = _mail(context, after, now)
    shown = {**after.mails, **dict(sent_mails(mail))}
    return Change(at=now, collaboration=Transition(before, after.replace(mails=shown)), mails=(mail,))


def _check(context: EndContext, now: datetime) -> None:
    collaboration = context.collaboration
    had_one = any(mail.kind == "login-instructions" for mail in collaboration.mails.values())
    if not had_one or context.account is None or collaboration.state is CollaborationState.ENDED:
        raise RefusedError(Fault(Slug.NO_REMINDERS_LEFT, hint="no-login-mail"))
    if context.account.signed_in:
        raise RefusedError(Fault(Slug.NO_REMINDERS_LEFT, hint="signed-in"))
    if collaboration.login_mails >= MOST_REMINDERS:
        raise RefusedError(Fault(Slug.NO_REMINDERS_LEFT, hint="login"))
    last = collaboration.login_mail_at
    if last is not None and now < last + REMINDER_PAUSE:
        raise RefusedError(Fault(Slug.REMINDER_TOO_SOON, retry_at=last + REMINDER_PAUSE))


def _mail(context: EndContext, after: Collaboration, now: datetime) -> Mail:
    account = context.account
    if account is None:
        raise AssertionError("an account has been checked")
    people: tuple[str, ...] = ()
    if after.task_id and context.task:
        people = tuple(
            access.person.name for access in access_of_office(after.task_id, context.task, context.employees)
        )
    return Mail(
        id=f"login-instructions-{after.revision}",
        agreement=after.agreement,
        at=now,
        locale=context.customer.locale if context.customer else Locale.SV,
        recipients=administrator_recipients(account),
        content=LoginContent(
            office_name=context.office.name,
            office_email=context.office.email,
            company_name=account.name,
            solution=after.solution or "",
            solution_kind=kind_of(after) or Kind.SHARED,
            access=people,
        ),
    )
