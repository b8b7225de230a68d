"""The life of a request after it was sent: remind, resend, revoke, ask again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collaboration.domain.change import Change, CustomerStays, Step
from collaboration.domain.deciding import Context, Visit, holder_fault, office_readers
from collaboration.domain.directory import Account
from collaboration.domain.expiring import expired
from collaboration.domain.faults import Fault, Refused, Slug, refused
from collaboration.domain.guard import Guard
from collaboration.domain.history import SYSTEM, Actor, What, told
from collaboration.domain.invitation import Action, Addressee, Invitation, InvitationState, Verdict, judge
from collaboration.domain.inviting import held, request_mail
from collaboration.domain.letters import AskedAgainLetter, Outgoing
from collaboration.domain.preview import taken
from collaboration.domain.values import Delivery, Locale

MOST_REMINDERS = 3
REMINDER_PAUSE = timedelta(hours=24)
AUTOMATIC_BEFORE_EXPIRY = timedelta(days=3)
ASK_AGAIN_PAUSE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Office:
    """Who acts at the office, and the place that the request would take when it is revived."""

    actor: Actor
    guard: Guard | None = None


def remind(context: Context, actor: Actor, now: datetime) -> Change:
    """A reminder to every administrator who has a link: `one-reminder-a-day-three-in-all`.

    Raises:
        Refused: the request is not pending, it is too soon, or none are left.
    """
    judge(context.invitation, Action.REMIND, now)
    check_reminders(context.invitation, now)
    return _reminded(context, actor, now)


def check_reminders(invitation: Invitation, now: datetime) -> None:
    """Let a reminder through, or what counts as one.

    Raises:
        Refused: `no-reminders-left`, or `reminder-too-soon` with the time to come back.
    """
    if invitation.reminders >= MOST_REMINDERS:
        raise refused(Slug.NO_REMINDERS_LEFT)
    if invitation.reminded_at is not None and now < invitation.reminded_at + REMINDER_PAUSE:
        raise Refused(Fault(Slug.REMINDER_TOO_SOON, retry_at=invitation.reminded_at + REMINDER_PAUSE))


def next_automatic(invitation: Invitation) -> datetime | None:
    """When the automatic reminder goes out: three days before the expiry, and not in a life of three days or less.

    None when it has gone out, none are left, a mail bounced, or the 24 hours since the last one leave no time.
    """
    began = invitation.revived_at or invitation.sent_at
    bounced = any(person.delivery is Delivery.BOUNCED for person in invitation.recipients.values() if not person.gone)
    if (
        invitation.state is not InvitationState.PENDING
        or invitation.automatic_done
        or invitation.reminders >= MOST_REMINDERS
        or invitation.expires_at - began <= AUTOMATIC_BEFORE_EXPIRY
        or bounced
    ):
        return None
    at = invitation.expires_at - AUTOMATIC_BEFORE_EXPIRY
    if invitation.reminded_at is not None:
        at = max(at, invitation.reminded_at + REMINDER_PAUSE)
    return at if at < invitation.expires_at else None


def due_at(invitation: Invitation) -> datetime:
    """When the clean-up has something to do with a pending request: its automatic reminder, else its expiry."""
    return next_automatic(invitation) or invitation.expires_at


def remind_automatically(context: Context, now: datetime) -> Change | None:
    """The one automatic reminder: `one-automatic-reminder`. None when it is not the time, or there is to be none."""
    at = next_automatic(context.invitation)
    if context.invitation.state_at(now) is not InvitationState.PENDING or at is None or now < at:
        return None
    return _reminded(context, SYSTEM, now)


def _reminded(context: Context, actor: Actor, now: datetime) -> Change:
    before = context.invitation
    after = before.model_copy(
        update={
            "reminders": before.reminders + 1,
            "reminded_at": now,
            "automatic_done": before.automatic_done or actor is SYSTEM,
            "revision": before.revision + 1,
        }
    )
    return Change(
        at=now,
        invitation=Step(before, after),
        history=told(after.subject, actor, now, What.INVITATION_REMINDED),
        mails=(_mail(context, after, now, reminder=True),),
    )


def resend(context: Context, office: Office, now: datetime) -> Change:
    """Ask whoever is administrator now: `register-asked-anew`, `resend-revives-expired`.

    A pending request stays what it is, and the mail counts as a reminder. An expired one lives anew under its id, with
    a new expiry and a new count, unless a later one took its place.

    Raises:
        Refused: it is decided or revoked, a later one is live, there is nobody to ask, or the reminders are used up.
    """
    judge(context.invitation, Action.RESEND, now)
    before = context.invitation
    revived = before.state_at(now) is InvitationState.EXPIRED
    if revived and office.guard and office.guard.holds(now) and office.guard.owner != before.id:
        raise Refused(taken(office.guard))
    if not revived:
        check_reminders(before, now)
    if context.account is None or not context.account.administrators:
        raise refused(Slug.NO_ADMINISTRATOR)
    recipients = asked_anew(before.recipients, context.account)
    began = now.replace(microsecond=0)
    life = {
        "state": InvitationState.PENDING,
        "revived_at": began,
        "expires_at": began + timedelta(days=context.office.invitation_days),
        "reminders": 0,
        "reminded_at": None,
        "automatic_done": False,
    }
    count = {"reminders": before.reminders + 1, "reminded_at": now}
    after = before.model_copy(
        update={**(life if revived else count), "recipients": recipients, "revision": before.revision + 1}
    )
    return Change(
        at=now,
        invitation=Step(before, after),
        guards=(Step(None, held(after)),) if revived else (),
        customer_stays=CustomerStays(after.office_id, after.customer_id, after.organisation_number)
        if revived
        else None,
        history=told(after.subject, office.actor, now, What.INVITATION_RESENT),
        mails=(_mail(context, after, now, reminder=False),),
    )


def asked_anew(recipients: Mapping[str, Addressee], account: Account) -> dict[str, Addressee]:
    """The recipients as the register has them: new ones get a link, gone ones lose theirs, the others keep it."""
    found = dict(recipients)
    present = {user.email.folded: user for user in account.administrators}
    for key, person in recipients.items():
        user = present.pop(person.email.folded, None)
        if user is None:
            found[key] = person.model_copy(update={"gone": True})
        elif person.gone:
            # Somebody who is back: the old link stays dead.
            found[key] = Addressee(email=user.email, name=user.name, version=person.version + 1)
    for place, user in enumerate(present.values(), start=len(recipients) + 1):
        found[f"r{place}"] = Addressee(email=user.email, name=user.name)
    return found


def revoke(invitation: Invitation, actor: Actor, now: datetime) -> Change | None:
    """Take the request back; None when it was taken back before.

    Raises:
        Refused: it is decided, or expired.
    """
    if judge(invitation, Action.REVOKE, now) is Verdict.AGAIN:
        return None
    after = invitation.model_copy(update={"state": InvitationState.REVOKED, "revision": invitation.revision + 1})
    return Change(
        at=now,
        invitation=Step(invitation, after),
        guards=(Step(held(invitation), None),),
        history=told(after.subject, actor, now, What.INVITATION_REVOKED),
    )


def ask_again(visit: Visit, now: datetime) -> Change | None:
    """Tell the office that a new invitation is wanted: `ask-again-once-a-day`. None when it is not to be told.

    It is told from a dead end only, once a day, and of an administrator only.
    """
    before = visit.invitation
    verdict = judge(before, Action.ASK_AGAIN, now, visit.recipient)
    lately = before.asked_again_at is not None and now < before.asked_again_at + ASK_AGAIN_PAUSE
    if verdict is not Verdict.GO or lately or holder_fault(visit):
        return None
    marked = expired(before, now)
    after = marked.invitation.after if marked and marked.invitation else before
    if after is None:
        raise AssertionError("marking keeps the request")
    asked = after.model_copy(update={"asked_again_at": now, "revision": before.revision + 1})
    mail = Outgoing(
        id=f"asked-again-{asked.revision}",
        agreement=asked.agreement,
        at=now,
        locale=visit.office.locale,
        readers=tuple(office_readers(visit)),
        letter=AskedAgainLetter(company_name=asked.account_name, solution=asked.solution, asked_by=visit.holder.name),
    )
    change = marked or Change(at=now)
    return replace(change, invitation=Step(before, asked), mails=(mail,))


def _mail(context: Context, after: Invitation, now: datetime, *, reminder: bool) -> Outgoing:
    locale = context.customer.locale if context.customer else Locale.SV
    return request_mail(after, context.office, locale, context.office_names, now, reminder=reminder)
