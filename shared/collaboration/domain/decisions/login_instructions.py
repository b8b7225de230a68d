"""The login instructions of an activation, sent again while nobody has signed in."""

from datetime import datetime

from collaboration.domain.contexts.collaboration import EndContext
from collaboration.domain.model.accounts import Account, contact_email
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.domain.model.history import Actor, EntryKind, history_entries
from collaboration.domain.model.invitation import REMINDER_PAUSE
from collaboration.domain.model.login_resend import login_resend_fault
from collaboration.domain.model.mail import sent_mails
from collaboration.domain.model.mail_composition import login_mail

# What the keys of the mails of the activation begin with.
_FIRST_MAIL = "login-instructions."


def resend_login(context: EndContext, by: Actor, now: datetime) -> Change:
    """The login instructions once more: `one-reminder-a-day-three-in-all` holds for them too.

    Raises:
        RefusedError: there were none, somebody has signed in, it is too soon, none are left, or nobody would get one.
    """
    before = context.collaboration
    account = _require_resendable(context, now)
    after = before.replace(login_mails=before.login_mails + 1, login_mail_at=now)
    mail = login_mail(
        f"login-instructions-again-{after.login_mails}",
        after,
        account,
        context.office,
        context.customer_locale,
        context.employees_with_access(after.task_id),
        now,
        named=_named(context),
    )
    mails = {**after.mails, **dict(sent_mails(mail))}
    return Change(
        at=now,
        collaboration=Transition(before, after.replace(mails=mails)),
        history=history_entries(after.subject, by, now, EntryKind.LOGIN_RESENT),
        mails=(mail,),
    )


def _named(context: EndContext) -> frozenset[str]:
    """The folded addresses of the contact persons whom the office has named: at the activation, and now."""
    first = {sent.to.folded for key, sent in context.collaboration.mails.items() if key.startswith(_FIRST_MAIL)}
    present = contact_email(context.customer.contact) if context.customer else None
    return frozenset({*first, *((present.folded,) if present else ())})


def _require_resendable(context: EndContext, now: datetime) -> Account:
    """The account, where its login instructions may be sent again.

    Raises:
        RefusedError: as `resend_login`.
    """
    collaboration, account = context.collaboration, context.account
    had_one = any(mail.kind == "login-instructions" for mail in collaboration.mails.values())
    if not had_one or account is None:
        raise refused(Slug.NO_REMINDERS_LEFT, hint="no-login-mail")
    if fault := login_resend_fault(collaboration, signed_in=account.signed_in):
        raise RefusedError(fault)
    last = collaboration.login_mail_at
    if last is not None and now < last + REMINDER_PAUSE:
        raise RefusedError(Fault(Slug.REMINDER_TOO_SOON, retry_at=last + REMINDER_PAUSE))
    if not account.administrators:
        raise refused(Slug.NO_ADMINISTRATOR, hint="login")
    return account
