"""An office's digest: which invitations stand in it, who gets it, and what need not be told."""

from datetime import datetime, timedelta

from collaboration.domain.contexts.digest import DigestCandidate, DigestContext
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.model.change import Change, DigestTransition
from collaboration.domain.model.digest import DigestReason, Notice, digest_mail_id, next_digest_at, next_morning
from collaboration.domain.model.invitation import Invitation, InvitationState, can_remind, erasure_due_at
from collaboration.domain.model.mail import DigestContent, DigestLine, Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import digests_of, local_date

_A_DAY = timedelta(days=1)

# An item of the table holds 400 KB: so many bytes of lines and recipients leave room for all else.
_MOST_BYTES = 250_000


# An invitation stands in a digest once, for the first of these notices that it has.
_PRECEDENCE = (
    DigestReason.CANNOT_BE_ACCEPTED,
    DigestReason.ASKED_AGAIN,
    DigestReason.BOUNCED,
    DigestReason.EXPIRED,
    DigestReason.EXPIRING,
)


_DEAD = frozenset({InvitationState.EXPIRED, InvitationState.REVOKED})


def digest(context: DigestContext, now: datetime) -> Change | None:
    """The digest of this day in Sweden: `one-digest-a-day`. None when it is not the time.

    A change without a mail where nothing that was due holds any more.
    """
    if next_digest_at(context.latest, now) > now:
        return None
    day = local_date(now)
    lines: list[DigestLine] = []
    recipients: dict[str, MailRecipient] = {}
    size = more = 0
    for candidate in context.candidates:
        notice = _notice(candidate, now)
        if notice is None:
            continue
        people = tuple(candidate.context.decision_recipients)
        line = _line(candidate.context, notice, people, now)
        new = [person for person in people if person.key not in recipients]
        size += sum(len(value.model_dump_json().encode()) for value in (line, *new))
        if size > _MOST_BYTES:
            more += 1
            continue
        lines.append(line)
        recipients |= {person.key: person for person in new}
    more += len({notice.agreement for notice in context.beyond})
    postponed = tuple(notice for candidate in context.candidates for notice in _postponed(candidate, now))
    notices = (*(notice for candidate in context.candidates for notice in candidate.notices), *context.beyond)
    over = tuple(notice for notice in notices if notice not in postponed)
    mail = Mail(
        id=digest_mail_id(day),
        agreement=digests_of(context.office_id),
        office_id=context.office_id,
        at=now,
        locale=context.office.locale,
        recipients=tuple(recipients.values()),
        content=DigestContent(day=day, lines=tuple(lines), more=more),
    )
    return Change(
        at=now,
        digest=DigestTransition(
            context.office_id,
            context.latest,
            day if lines else context.latest,
            (*over, *context.sent),
            postponed,
            next_morning(day),
        ),
        mails=(mail,) if lines else (),
    )


def _notice(candidate: DigestCandidate, now: datetime) -> Notice | None:
    """For what an invitation stands in the digest now; None when nothing of its notices holds any more, or yet."""
    invitation = candidate.context.invitation
    state = invitation.state_at(now)
    holding: set[DigestReason] = set()
    if state is InvitationState.PENDING:
        if candidate.context.sending_obstacle:
            holding = {DigestReason.CANNOT_BE_ACCEPTED}
        else:
            holding = {DigestReason.EXPIRING, DigestReason.BOUNCED} if invitation.bounced else {DigestReason.EXPIRING}
    elif invitation.erased_at is None and state in _DEAD and not _replaced(candidate, now):
        holding = {DigestReason.ASKED_AGAIN}
        if state is InvitationState.EXPIRED:
            holding.add(DigestReason.EXPIRED)
    due = {notice.reason: notice for notice in candidate.notices if notice.reason in holding}
    return next((due[reason] for reason in _PRECEDENCE if reason in due), None)


def _postponed(candidate: DigestCandidate, now: datetime) -> tuple[Notice, ...]:
    """What is told once the invitation can be accepted again: until then the office has heard that it cannot."""
    invitation = candidate.context.invitation
    if invitation.state_at(now) is not InvitationState.PENDING or candidate.context.sending_obstacle is None:
        return ()
    return tuple(notice for notice in candidate.notices if notice.reason is not DigestReason.CANNOT_BE_ACCEPTED)


def _replaced(candidate: DigestCandidate, now: datetime) -> bool:
    """Whether the customer has a later invitation, or collaborates, in the same solution."""
    guard = candidate.guard
    return guard is not None and guard.excludes(candidate.context.invitation.id, now)


def _line(context: InvitationContext, notice: Notice, people: tuple[MailRecipient, ...], now: datetime) -> DigestLine:
    reason = _reason(context, notice, now)
    ends = reason in {DigestReason.CANNOT_BE_ACCEPTED, DigestReason.LINKS_CLOSED}
    return DigestLine(
        reason=reason,
        invitation_id=context.invitation.id,
        customer_name=context.customer_name,
        solution=context.invitation.solution,
        at=context.invitation.expires_at if ends else notice.at,
        recipients=tuple(person.key for person in people),
    )


def _reason(context: InvitationContext, notice: Notice, now: datetime) -> DigestReason:
    """The reason of a notice, by what the office can do about it now: `digest-says-what-can-be-done`."""
    invitation = context.invitation
    for_good = context.revival_fault is not None or _is_erased_soon(invitation, now)
    match notice.reason:
        case DigestReason.EXPIRING | DigestReason.BOUNCED if context.digits_exhausted:
            return DigestReason.LINKS_CLOSED
        case DigestReason.EXPIRING if not can_remind(invitation, now):
            return DigestReason.UNREMINDED
        case DigestReason.EXPIRED if for_good:
            return DigestReason.EXPIRED_FOR_GOOD
        case DigestReason.ASKED_AGAIN if for_good or invitation.state_at(now) is not InvitationState.EXPIRED:
            return DigestReason.ASKED_ANEW
        case reason:
            return reason


def _is_erased_soon(invitation: Invitation, now: datetime) -> bool:
    """Whether it will be erased, and then cannot be sent again, on the day of the digest."""
    at = erasure_due_at(invitation)
    return at is not None and at <= now + _A_DAY
