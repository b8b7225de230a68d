"""An office's digest: which invitations stand in it, who gets it, and what need not be told."""

from datetime import datetime

from collaboration.domain.contexts.digest import DigestCandidate, DigestContext
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.model.change import Change, DigestTransition
from collaboration.domain.model.digest import DigestReason, Notice, digest_mail_id, next_digest_at
from collaboration.domain.model.invitation import InvitationState
from collaboration.domain.model.mail import DigestContent, DigestLine, Mail
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import digests_of, local_date

# An item of the table holds 400 KB: so many bytes of lines and recipients leave room for all else.
_MOST_BYTES = 250_000


# An invitation stands in a digest once, for the first of these reasons that it has.
_PRECEDENCE = (DigestReason.ASKED_AGAIN, DigestReason.BOUNCED, DigestReason.EXPIRED, DigestReason.EXPIRING)


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
        line = _line(candidate.context, notice, people)
        new = [person for person in people if person.key not in recipients]
        size += sum(len(value.model_dump_json().encode()) for value in (line, *new))
        if size > _MOST_BYTES:
            more += 1
            continue
        lines.append(line)
        recipients |= {person.key: person for person in new}
    more += len({notice.agreement for notice in context.beyond})
    notices = (*(notice for candidate in context.candidates for notice in candidate.notices), *context.beyond)
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
        digest=DigestTransition(context.office_id, context.latest, day if lines else context.latest, notices),
        mails=(mail,) if lines else (),
    )


def _notice(candidate: DigestCandidate, now: datetime) -> Notice | None:
    """For what an invitation stands in the digest now; None when nothing of its notices holds any more."""
    invitation = candidate.context.invitation
    state = invitation.state_at(now)
    holding: set[DigestReason] = set()
    if state is InvitationState.PENDING:
        holding = {DigestReason.EXPIRING, DigestReason.BOUNCED} if invitation.bounced else {DigestReason.EXPIRING}
    elif invitation.erased_at is None and state in _DEAD and not _replaced(candidate, now):
        holding = {DigestReason.ASKED_AGAIN}
        if state is InvitationState.EXPIRED:
            holding.add(DigestReason.EXPIRED)
    due = {notice.reason: notice for notice in candidate.notices if notice.reason in holding}
    return next((due[reason] for reason in _PRECEDENCE if reason in due), None)


def _replaced(candidate: DigestCandidate, now: datetime) -> bool:
    """Whether the customer has a later invitation, or collaborates, in the same solution."""
    guard = candidate.guard
    return guard is not None and guard.holds(now) and guard.owner != candidate.context.invitation.id


def _line(context: InvitationContext, notice: Notice, people: tuple[MailRecipient, ...]) -> DigestLine:
    pending = notice.reason in {DigestReason.EXPIRING, DigestReason.BOUNCED}
    in_vain = pending and context.sending_fault is not None
    return DigestLine(
        reason=DigestReason.CANNOT_BE_ACCEPTED if in_vain else notice.reason,
        invitation_id=context.invitation.id,
        customer_name=context.customer_name,
        solution=context.invitation.solution,
        at=context.invitation.expires_at if in_vain else notice.at,
        recipients=tuple(person.key for person in people),
    )
