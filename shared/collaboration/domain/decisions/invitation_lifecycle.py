"""The life of an invitation after it was sent: remind, resend, revoke, expire, ask again."""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta

from collaboration.domain.contexts.invitation import InvitationContext, RecipientContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import AttemptsTransition, Change, CustomerUnchanged, Transition
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, refused
from collaboration.domain.model.guard import Guard, conflict_fault
from collaboration.domain.model.history import SYSTEM, Actor, Entry, EntryKind, history_entries
from collaboration.domain.model.invitation import (
    MOST_REMINDERS,
    REMINDER_PAUSE,
    Action,
    Invitation,
    InvitationRecipient,
    InvitationState,
    Verdict,
    automatic_reminder_at,
    check_transition,
)
from collaboration.domain.model.mail import AskedAgainContent, Mail, MailContent, WrongRecipientContent
from collaboration.domain.model.mail_composition import invitation_mail
from collaboration.domain.model.values import Email
from collaboration.frozen import dataclass

ASK_AGAIN_PAUSE = timedelta(days=1)


@dataclass(frozen=True)
class OfficeActor:
    """Who acts at the office, and the guard that a revived invitation would take."""

    actor: Actor
    guard: Guard | None = None


def remind(context: InvitationContext, actor: Actor, now: datetime) -> Change:
    """A reminder to everybody who has a link and is administrator still: `one-reminder-a-day-three-in-all`.

    Raises:
        RefusedError: the invitation is not pending, nobody can accept it any more, it is too soon, none are left,
            wrong digits closed all links, or nobody who was asked is administrator any more.
    """
    check_transition(context.invitation, Action.REMIND, now)
    if fault := context.sending_fault:
        raise RefusedError(fault)
    if context.digits_exhausted:
        raise refused(Slug.DIGITS_EXHAUSTED, hint="reminder")
    check_reminders(context.invitation, now)
    if not context.present_recipients:
        others = context.account is not None and context.account.administrators
        raise refused(Slug.NO_ADMINISTRATOR, hint="recipients-gone" if others else None)
    return _reminded(context, actor, now)


def check_reminders(invitation: Invitation, now: datetime) -> None:
    """Let a reminder through, or what counts as one.

    Raises:
        RefusedError: `no-reminders-left`, or `reminder-too-soon` with the time to come back.
    """
    if invitation.reminders >= MOST_REMINDERS:
        raise refused(Slug.NO_REMINDERS_LEFT)
    _check_pause(invitation, now)


def _check_pause(invitation: Invitation, now: datetime) -> None:
    if invitation.reminded_at is not None and now < invitation.reminded_at + REMINDER_PAUSE:
        raise RefusedError(Fault(Slug.REMINDER_TOO_SOON, retry_at=invitation.reminded_at + REMINDER_PAUSE))


def remind_automatically(context: InvitationContext, now: datetime) -> Change | None:
    """The one automatic reminder: `one-automatic-reminder`. None when it is not the time, or there is to be none."""
    invitation = context.invitation
    at = automatic_reminder_at(invitation)
    if invitation.state_at(now) is not InvitationState.PENDING or at is None or now < at:
        return None
    if invitation.bounced or context.digits_exhausted or context.sending_fault:
        return None
    return _reminded(context, SYSTEM, now) if context.present_recipients else None


def _reminded(context: InvitationContext, actor: Actor, now: datetime) -> Change:
    before = context.invitation
    after = before.replace(
        reminders=before.reminders + 1,
        reminded_at=now,
        automatic_done=before.automatic_done or actor is SYSTEM,
        revision=before.revision + 1,
    )
    return Change(
        at=now,
        invitation=Transition(before, after),
        history=history_entries(after.subject, actor, now, EntryKind.INVITATION_REMINDED),
        mails=(_mail(context, after.replace(recipients=context.present_recipients), now, reminder=True),),
    )


def resend(context: InvitationContext, office: OfficeActor, now: datetime) -> Change:
    """Ask whoever is administrator now: `register-asked-anew`, `resend-revives-expired`.

    A pending invitation stays what it is, and the mail counts as a reminder. An expired one is revived under its id,
    with a new expiry and a new count, unless a later one is live. After wrong digits everybody gets a new link; where
    these closed all of them, also when no reminders are left.

    Raises:
        RefusedError: it is decided or revoked, a later one is live, the company or its account has another organisation
            number by now, nobody can accept it any more, there is nobody to ask, or the reminders are used up.
    """
    check_transition(context.invitation, Action.RESEND, now)
    before = context.invitation
    revived = before.state_at(now) is InvitationState.EXPIRED
    if revived and office.guard and office.guard.excludes(before.id, now):
        raise RefusedError(conflict_fault(office.guard))
    if fault := context.revival_fault if revived else context.sending_fault:
        raise RefusedError(fault)
    if revived and context.account is None:
        # The register has corrected its number. While an invitation is pending it cannot.
        raise refused(Slug.INVITATION_EXPIRED, hint="account-gone")
    if not revived and context.digits_exhausted:
        _check_pause(before, now)
    elif not revived:
        check_reminders(before, now)
    if context.account is None or not context.account.administrators:
        raise refused(Slug.NO_ADMINISTRATOR)
    # Whoever typed wrong digits may hold a link that is not theirs: the count starts anew on new links only.
    renewed = context.attempt_limit.count > 0
    recipients, numbered = _asked_anew(before, context.account, renewed=renewed)
    began = now.replace(microsecond=0)
    life = {
        "state": InvitationState.PENDING,
        "revived_at": began,
        "expires_at": began + timedelta(days=context.office.invitation_days),
        "reminders": 0,
        "reminded_at": None,
        "automatic_done": False,
    }
    count = {"reminders": min(before.reminders + 1, MOST_REMINDERS), "reminded_at": now}
    after = before.replace(
        **life if revived else count,
        recipients=recipients,
        recipients_numbered=numbered,
        obstacle=None,
        revision=before.revision + 1,
    )
    return Change(
        at=now,
        invitation=Transition(before, after),
        guards=(Transition(None, Guard.for_invitation(after)),) if revived else (),
        customer_unchanged=CustomerUnchanged(after.office_id, after.customer_id, after.organisation_number)
        if revived
        else None,
        attempts=AttemptsTransition(after.agreement, context.attempt_limit, None) if renewed else None,
        history=tuple(_entries_after_expiry(before, after, office.actor, now, EntryKind.INVITATION_RESENT)),
        mails=(_mail(context, after, now, reminder=False),),
    )


def _entries_after_expiry(
    before: Invitation, after: Invitation, actor: Actor, now: datetime, kind: EntryKind
) -> Iterator[Entry]:
    """What `actor` did, and before that that the invitation had expired, where the clean-up has not marked it."""
    unmarked = expire(before, now) is not None
    kinds = (*((EntryKind.INVITATION_EXPIRED,) if unmarked else ()), kind)
    for entry in history_entries(after.subject, actor, now, *kinds):
        yield entry.replace(by=SYSTEM) if entry.what is EntryKind.INVITATION_EXPIRED else entry


def readdress(context: InvitationContext, now: datetime) -> Change | None:
    """Send a bounced invitation to whom the register has by now: `bounced-goes-out-again`.

    Only while it is pending, and when an address that bounced is no administrator's any more and another has come. Who
    has no link gets one, who is gone loses theirs, as with a resend; but whoever said that the invitation is not for
    them hears no more of it. It is no reminder, and nobody else gets a mail. None when there is nothing to do, so also
    when it is done again; while wrong digits have closed all links, which the office's resend opens; and while nobody
    can accept.
    """
    before, account = context.invitation, context.account
    if before.state_at(now) is not InvitationState.PENDING or account is None or context.digits_exhausted:
        return None
    if context.sending_fault:
        return None
    if all(account.administrator(person.email) for person in before.bounced.values()):
        return None
    declared = {key: person for key, person in before.recipients.items() if person.reported_at is not None}
    found, numbered = _asked_anew(before, account, renewed=False)
    recipients = {**found, **declared}
    added = {
        key
        for key, person in recipients.items()
        if not person.removed and (key not in before.recipients or before.recipients[key].removed)
    }
    if not added:
        return None
    after = before.replace(
        recipients=recipients,
        recipients_numbered=numbered,
        readdressed_at=now,
        obstacle=None,
        revision=before.revision + 1,
    )
    mail = _mail(context, after, now, only=added)
    return Change(
        at=now,
        invitation=Transition(before, after),
        history=history_entries(after.subject, SYSTEM, now, EntryKind.INVITATION_RESENT),
        mails=(mail,),
    )


def _asked_anew(
    invitation: Invitation, account: Account, *, renewed: bool
) -> tuple[dict[str, InvitationRecipient], int]:
    """The recipients as the register has them, and how many there were ever."""
    before = invitation.recipients_numbered or len(invitation.recipients)
    recipients = asked_anew(invitation.recipients, account, before, renewed=renewed)
    return recipients, before + len(recipients.keys() - invitation.recipients.keys())


def asked_anew(
    recipients: Mapping[str, InvitationRecipient], account: Account, asked: int, *, renewed: bool
) -> dict[str, InvitationRecipient]:
    """The recipients as the register has them: new ones get a link, removed ones lose theirs.

    The others keep the link they have, or, when links are `renewed`, get a new one in its place. `asked`: how many were
    ever asked; a number is given once, so that an old link stays dead.
    """
    present = {user.email.folded: user for user in account.administrators}
    # Who was removed before, and is not back, is forgotten: else the item would grow with every resend.
    found = {key: person for key, person in recipients.items() if not person.removed or person.email.folded in present}
    for key, person in [*found.items()]:
        user = present.pop(person.email.folded, None)
        if user is None:
            found[key] = person.replace(removed=True)
        elif not person.removed and not renewed:
            found[key] = person.replace(name=user.name)
        else:
            # Also for somebody who is back: the old link stays dead.
            found[key] = InvitationRecipient(email=user.email, name=user.name, version=person.version + 1)
    for number, user in enumerate(present.values(), start=asked + 1):
        found[f"r{number}"] = InvitationRecipient(email=user.email, name=user.name)
    return found


def revoke(invitation: Invitation, actor: Actor, now: datetime) -> Change | None:
    """Revoke the invitation; None when it was revoked before.

    Raises:
        RefusedError: it is decided, or expired.
    """
    if check_transition(invitation, Action.REVOKE, now) is Verdict.ALREADY_DONE:
        return None
    after = invitation.replace(state=InvitationState.REVOKED, revoked_at=now, revision=invitation.revision + 1)
    return Change(
        at=now,
        invitation=Transition(invitation, after),
        guards=(Transition(Guard.for_invitation(invitation), None),),
        history=history_entries(after.subject, actor, now, EntryKind.INVITATION_REVOKED),
    )


def ask_again(context: RecipientContext, now: datetime) -> Change | None:
    """Notify the office that a new invitation is wanted: `ask-again-once-a-day`. None when it is not notified.

    Only from a dead end, which one that nobody can accept is too, once a day, and for an administrator.
    """
    before = context.invitation
    verdict = check_transition(before, Action.ASK_AGAIN, now, context.recipient)
    pending = before.state_at(now) is InvitationState.PENDING
    dead = verdict is Verdict.ALLOWED or (pending and context.acceptance_fault is not None)
    lately = before.asked_again_at is not None and now < before.asked_again_at + ASK_AGAIN_PAUSE
    if not dead or lately or context.holder_fault or context.holder is None:
        return None
    marked = expire(before, now)
    after = marked.invitation.after if marked and marked.invitation else before
    if after is None:
        raise AssertionError("marking keeps the invitation")
    asked = after.replace(asked_again_at=now, revision=before.revision + 1)
    content = AskedAgainContent(
        company_name=context.customer_name, solution=asked.solution, asked_by=context.holder_name
    )
    history = _entries_after_expiry(before, asked, context.actor, now, EntryKind.NEW_INVITATION_ASKED_FOR)
    return Change(
        at=now,
        invitation=Transition(before, asked),
        history=tuple(history),
        mails=(_office_mail(context, f"asked-again-{asked.revision}", content, now),),
    )


def report_wrong_recipient(context: RecipientContext, address: Email, now: datetime) -> Change:
    """The holder says that the invitation is not for them: their link dies, and the office is told: `not-me`.

    They prove to be a person by the address that the mail came to, which the page does not hold. The invitation stays
    what it is for everybody else, and a resend asks the register anew.

    Raises:
        RefusedError: the invitation is decided or dead, or the mail came to another address.
    """
    before = context.invitation
    check_transition(before, Action.NOT_ME, now, context.recipient)
    if address.folded != context.known_holder.email.folded:
        raise refused(Slug.VALIDATION_FAILED, FieldFault("#/email", Code.INVALID, hint="own-address"))
    content = WrongRecipientContent(
        company_name=context.customer_name, solution=before.solution, reported_by=context.known_holder.name
    )
    removed = context.known_holder.replace(removed=True, reported_at=now)
    after = before.replace(recipients={**before.recipients, context.recipient: removed}, revision=before.revision + 1)
    return Change(
        at=now,
        invitation=Transition(before, after),
        history=history_entries(after.subject, context.actor, now, EntryKind.RECIPIENT_REPORTED),
        mails=(_office_mail(context, f"wrong-recipient-{after.revision}", content, now),),
    )


def _office_mail(context: InvitationContext, mail_id: str, content: MailContent, now: datetime) -> Mail:
    """A mail to the sender and the task's owner."""
    return Mail(
        id=mail_id,
        agreement=context.invitation.agreement,
        office_id=context.invitation.office_id,
        at=now,
        locale=context.office.locale,
        recipients=tuple(context.decision_recipients),
        content=content,
    )


def _mail(
    context: InvitationContext,
    after: Invitation,
    now: datetime,
    *,
    reminder: bool = False,
    only: Container[str] | None = None,
) -> Mail:
    return invitation_mail(
        after,
        context.office,
        context.customer_locale,
        context.office_names,
        now,
        company_name=context.company_name,
        setup=context.setup,
        subscription=context.subscription,
        reminder=reminder,
        only=only,
    )


def expire(invitation: Invitation, now: datetime) -> Change | None:
    """What marking the invitation as expired changes; None when it has not expired, or was marked or decided before."""
    if invitation.state is not InvitationState.PENDING or invitation.state_at(now) is not InvitationState.EXPIRED:
        return None
    marked = invitation.replace(state=InvitationState.EXPIRED, revision=invitation.revision + 1)
    return Change(
        at=now,
        invitation=Transition(invitation, marked),
        history=history_entries(marked.subject, SYSTEM, now, EntryKind.INVITATION_EXPIRED),
    )
