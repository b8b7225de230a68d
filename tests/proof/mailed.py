"""Which mails go with which change: a table of everything that can happen to an agreement, and who hears of it by mail.

`mails_with_the_change` holds each write to it: a mail that is due is in the same transaction and goes to whom it
should, and no mail is there that nothing made due. Of a digest, which comes later, the notice is due at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collaboration.domain.model.collaboration import Collaboration, Origin
from collaboration.domain.model.digest import DigestReason
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind
from collaboration.domain.model.invitation import (
    AUTOMATIC_BEFORE_EXPIRY,
    Invitation,
    InvitationState,
)
from collaboration.domain.model.mail import DigestContent, LoginContent, Mail
from collaboration.domain.model.values import Side
from collaboration.storage import items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collaboration.domain.model.accounts import Account

    from proof.invariants import Stored, Write


@dataclass(frozen=True)
class Occurrence:
    """What one write made of one agreement. `stored` is everything as it is afterwards.

    `invitation` and `collaboration` are as they were before and as they are after; None where they are not touched.
    """

    stored: Stored
    entries: tuple[Entry, ...]
    mails: tuple[Mail, ...]
    invitation: tuple[Invitation | None, Invitation] | None
    collaboration: tuple[Collaboration | None, Collaboration] | None

    def entry(self, kind: EntryKind) -> Entry | None:
        """The line that it adds to the timeline of this kind."""
        return next((entry for entry in self.entries if entry.what is kind), None)

    @property
    def before(self) -> Invitation | None:
        """The invitation as it was."""
        return self.invitation[0] if self.invitation else None

    @property
    def sent(self) -> Invitation:
        """The invitation as it is."""
        if self.invitation is None:
            raise AssertionError("a line about an invitation comes with the invitation")
        return self.invitation[1]

    @property
    def agreed(self) -> Collaboration:
        """The collaboration as it is."""
        if self.collaboration is None:
            raise AssertionError("a line about a collaboration comes with the collaboration")
        return self.collaboration[1]

    @property
    def account(self) -> Account | None:
        """The account of the collaboration, if it is there."""
        return self.stored.accounts.get(self._account_place)

    @property
    def account_changed(self) -> bool:
        """Whether the account was written since the beginning: the mail may go to whom it had before."""
        return self._account_place in self.stored.changed

    @property
    def _account_place(self) -> tuple[str, str]:
        return f"ORGANISATION#{self.agreed.organisation_number}", f"ACCOUNT#{self.agreed.account_id}"


Whom = dict[str, str]
"""The addresses that a mail goes to, by the key of each recipient."""


def _linked(invitation: Invitation | None) -> Whom:
    found = invitation.recipients.items() if invitation else ()
    return {key: str(person.email) for key, person in found if not person.removed}


def _everybody_with_a_link(one: Occurrence, to: Whom) -> bool:
    return to == _linked(one.sent)


def _some_with_a_link(one: Occurrence, to: Whom) -> bool:
    # Who has a link and is an administrator no more gets no reminder.
    return bool(to) and to.items() <= _linked(one.sent).items()


def _everybody_with_a_new_link(one: Occurrence, to: Whom) -> bool:
    before = _linked(one.before)
    return to == {key: email for key, email in _linked(one.sent).items() if key not in before}


def _administrators(one: Occurrence, to: Whom) -> bool:
    account = one.account
    if account is None or one.account_changed:
        return bool(to)
    return sorted(to.values()) == sorted(str(user.email) for user in account.administrators)


@dataclass(frozen=True)
class _Office:
    """Who hears of something at an office: the active ones among some employees, else the office itself."""

    office_id: str
    customer_id: str | None
    task_id: str | None
    also: tuple[str | None, ...]

    def hears(self, stored: Stored, to: Whom) -> bool:
        at_office = f"OFFICE#{self.office_id}"
        office = stored.directory.get((at_office, "OFFICE"))
        task = stored.task(self.office_id, self.customer_id, self.task_id)
        people = dict.fromkeys((*self.also, task.owner if task else None))
        employees = [(name, stored.employee(self.office_id, name)) for name in people if name]
        expected = {f"e-{name}": str(found.email) for name, found in employees if found is not None and found.active}
        expected = expected or {"office": str(getattr(office, "email", ""))}
        places = {
            (at_office, "OFFICE"),
            *((at_office, f"EMPLOYEE#{name}") for name in people),
            (f"CUSTOMER#{self.office_id}#{self.customer_id}", f"TASK#{self.task_id}"),
        }
        # Where one of them was written since, the mail may go to whom it was before.
        return bool(to) if places & stored.changed else to == expected


def _sender_and_owner(one: Occurrence, to: Whom) -> bool:
    found = one.sent
    whom = _Office(found.office_id, found.customer_id, found.task_id, (found.sent_by.employee_id,))
    return whom.hears(one.stored, to)


def _owner(one: Occurrence, to: Whom) -> bool:
    found = one.agreed
    return _Office(found.office_id, found.customer_id, found.task_id, ()).hears(one.stored, to)


def _always(_: Occurrence) -> bool:
    return True


def _by_a_person(one: Occurrence) -> bool:
    entry = one.entry(EntryKind.INVITATION_RESENT)
    return entry is not None and entry.by != SYSTEM


def _by_the_register(one: Occurrence) -> bool:
    return not _by_a_person(one)


def _created_account(one: Occurrence) -> bool:
    return one.entry(EntryKind.ACCOUNT_CREATED) is not None


def _had_account(one: Occurrence) -> bool:
    return not _created_account(one) and one.agreed.origin is not Origin.IMPORT and _reachable(one)


def _reachable(one: Occurrence) -> bool:
    """Whether the account has anybody to hear of it: an import may be of a company that has none."""
    return one.account is not None and bool(one.account.administrators)


def _ended_by(side: Side) -> Callable[[Occurrence], bool]:
    def ended(one: Occurrence) -> bool:
        by = one.agreed.ended_by
        if by is None or (by.side is Side.CUSTOMER) != (side is Side.CUSTOMER):
            return False
        return side is Side.CUSTOMER or _reachable(one)

    return ended


@dataclass(frozen=True)
class Due:
    """A mail that is due with something: of which kind, whom it goes to, and in which case."""

    kind: str
    whom: Callable[[Occurrence, Whom], bool]
    case: Callable[[Occurrence], bool] = _always


NOBODY: tuple[Due, ...] = ()

# Each kind of line of a timeline, and the mails that are due with it.
MAILED: Mapping[EntryKind, tuple[Due, ...]] = {
    EntryKind.INVITATION_SENT: (Due("invitation", _everybody_with_a_link),),
    EntryKind.INVITATION_REMINDED: (Due("reminder", _some_with_a_link),),
    EntryKind.INVITATION_RESENT: (
        Due("invitation", _everybody_with_a_link, _by_a_person),
        Due("invitation", _everybody_with_a_new_link, _by_the_register),
    ),
    EntryKind.INVITATION_ACCEPTED: (Due("accepted", _sender_and_owner),),
    EntryKind.INVITATION_DECLINED: (Due("declined", _sender_and_owner),),
    EntryKind.INVITATION_REVOKED: NOBODY,
    # By the digest: see `notices_with_the_change`.
    EntryKind.INVITATION_EXPIRED: NOBODY,
    EntryKind.INVITATION_DELIVERED: NOBODY,
    EntryKind.INVITATION_BOUNCED: NOBODY,
    EntryKind.DIGITS_LOCKED: NOBODY,
    EntryKind.DIGITS_EXHAUSTED: NOBODY,
    EntryKind.RECIPIENT_REPORTED: (Due("wrong-recipient", _sender_and_owner),),
    EntryKind.NEW_INVITATION_ASKED_FOR: (Due("new-invitation-asked-for", _sender_and_owner),),
    EntryKind.COLLABORATION_IMPORTED: NOBODY,
    EntryKind.COLLABORATION_STARTED: (
        Due("login-instructions", _administrators, _created_account),
        Due("information", _administrators, _had_account),
    ),
    EntryKind.COLLABORATION_CHANGED: NOBODY,
    EntryKind.COLLABORATION_LINKED: NOBODY,
    EntryKind.COLLABORATION_UNLINKED: NOBODY,
    EntryKind.COLLABORATION_ENDED: (
        Due("ended", _administrators, _ended_by(Side.OFFICE)),
        Due("ended", _owner, _ended_by(Side.CUSTOMER)),
    ),
    EntryKind.END_SCHEDULED: NOBODY,
    EntryKind.END_CANCELLED: NOBODY,
    EntryKind.END_FAILED: (Due("end-failed", _owner),),
    EntryKind.SUBSCRIPTION_STARTED: NOBODY,
    EntryKind.SUBSCRIPTION_CHANGED: NOBODY,
    EntryKind.SUBSCRIPTION_RENEWED: NOBODY,
    EntryKind.ACCOUNT_CREATED: NOBODY,
    EntryKind.LOGIN_RESENT: (Due("login-instructions", _administrators),),
    EntryKind.ACCESS_GRANTED: NOBODY,
    EntryKind.ACCESS_REVOKED: NOBODY,
    # Of login instructions: see `login_bounce_is_mailed`.
    EntryKind.MAIL_BOUNCED: NOBODY,
    EntryKind.PERSONS_ERASED: NOBODY,
}

# What the digest says of an invitation, and the state that it then has.
HOLDING = {DigestReason.EXPIRING: InvitationState.PENDING, DigestReason.EXPIRED: InvitationState.EXPIRED}
DEAD = {InvitationState.EXPIRED, InvitationState.REVOKED}
# These go with a mail that came back, and with the day of a digest.
APART = {"login-bounced", "digest"}


def due_of(one: Occurrence) -> Iterator[Due]:
    """The mails that are due with what one write made of an agreement."""
    for entry in one.entries:
        yield from (due for due in MAILED[entry.what] if due.case(one))


def may_be_mailed(one: Occurrence) -> set[str]:
    """The kinds of mail that something of it makes due, in whatever case."""
    kinds = {due.kind for entry in one.entries for due in MAILED[entry.what]}
    return kinds | {due.kind for due in due_of(one)} | APART


def occurrences(write: Write, stored: Stored) -> Sequence[tuple[str, Occurrence]]:
    """What a write made of each agreement that it touches, by the name of that agreement; read once for all rules."""
    if id(stored) not in write.occurrences:
        write.occurrences[id(stored)] = tuple(_occurrences(write, stored))
    return write.occurrences[id(stored)]


def _occurrences(write: Write, stored: Stored) -> Iterator[tuple[str, Occurrence]]:
    for pk in dict.fromkeys(pk for pk, _ in write.changes if pk.startswith("AGREEMENT#")):
        entries = tuple(items.entry(item) for item in write.added(pk, "HISTORY#"))
        mails = tuple(items.parsed(Mail, item) for item in write.added(pk, "OUTBOX#") if "data" in item)
        agreed = write.changes.get((pk, "COLLABORATION"))
        sent = write.changes.get((pk, "INVITATION"))
        if not (entries or mails or agreed or sent):
            continue
        yield (
            pk.partition("#")[2],
            Occurrence(stored, entries, mails, _read(items.invitation, sent), _read(items.collaboration, agreed)),
        )


def _read(read: Callable[[Any], Any], images: tuple[Any, Any] | None) -> Any:
    if images is None or images[1] is None:
        return None
    before, after = images
    return read(before) if before else None, read(after)


def mails_with_the_change(write: Write, stored: Stored) -> Iterator[str]:
    """Every mail that is due with a change is in its transaction, to whom it should go; and no other is."""
    for name, one in occurrences(write, stored):
        due = [*due_of(one)]
        for each in due:
            there = [mail for mail in one.mails if mail.mail_kind == each.kind]
            if len(there) != 1:
                yield f"{len(there)} mails of kind {each.kind} with what happened to {name}, instead of one"
                continue
            to = {recipient.key: str(recipient.email) for recipient in there[0].recipients}
            if not each.whom(one, to):
                yield f"the mail {each.kind} of {name} goes to {sorted(to)}"
        for mail in one.mails:
            if mail.mail_kind not in may_be_mailed(one):
                yield f"a mail of kind {mail.mail_kind} of {name}, for which nothing happened"


def notices_with_the_change(write: Write, stored: Stored) -> Iterator[str]:
    """What the digest is to say is noted with the change: that an invitation will expire, and that it has."""
    for name, one in occurrences(write, stored):
        if one.invitation is None:
            continue
        before, after = one.invitation
        revived = before is not None and after.revived_at != before.revived_at
        lives = after.expires_at - after.began_at > AUTOMATIC_BEFORE_EXPIRY
        if (before is None or revived) and lives and not _noted(write, name, "pending"):
            yield f"{after.id} will expire, and no digest will say so"
        # One that is sent again had expired, and lives: there is nothing to tell.
        dead = one.entry(EntryKind.INVITATION_EXPIRED) and after.state is InvitationState.EXPIRED
        if dead and not _noted(write, name, "expired"):
            yield f"{after.id} has expired, and no digest will say so"


def _noted(write: Write, name: str, marker: str) -> bool:
    _, after = write.changes.get((f"AGREEMENT#{name}", f"MARKER#{marker}"), (None, None))
    return bool(after) and "noticeAt" in after


def digest_says_what_was_noted(write: Write, stored: Stored) -> Iterator[str]:
    """The day of a digest is written with its mail, and what is noted is struck off only where the mail says it."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "DIGEST" or after is None or (before or {}).get("day") == after["day"]:
            continue
        found = [items.parsed(Mail, item) for item in write.added(pk, "OUTBOX#")]
        contents = [mail.content for mail in found if isinstance(mail.content, DigestContent) and mail.recipients]
        if len(contents) != 1:
            yield f"a digest's day with {len(contents)} digests"
            continue
        said = {line.invitation_id for line in contents[0].lines}
        for line in contents[0].lines:
            invitation = stored.invitations[line.invitation_id.removeprefix("inv-")]
            state = invitation.state_at(stored.now)
            if state in DEAD and _replaced(stored, invitation):
                yield f"the digest names {line.invitation_id}, in whose place is another"
            if line.reason in HOLDING and state is not HOLDING[line.reason]:
                yield f"the digest says that {line.invitation_id} is {line.reason}, and it is {state}"
        for name, marker in _struck_off(write):
            noted = stored.invitations.get(name)
            if noted is None or noted.id in said or contents[0].more:
                continue
            if _concerns(stored, marker, noted):
                yield f"the digest does not say that {noted.id} is {noted.state}"


def _replaced(stored: Stored, invitation: Invitation) -> bool:
    """Whether another holds the guard, and has held it from the beginning: the digest was made when it did."""
    place = f"CUSTOMER#{invitation.office_id}#{invitation.customer_id}", f"GUARD#{invitation.solution}"
    guard = stored.guards.get(place)
    return guard is not None and guard.excludes(invitation.id, stored.now) and place not in stored.changed


def _struck_off(write: Write) -> Iterator[tuple[str, str]]:
    """The agreements of which a notice goes, each with the marker that had it."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk.startswith("MARKER#") and before and "noticeAt" in before and "noticeAt" not in (after or {}):
            yield pk.partition("#")[2], sk.partition("#")[2]


def _concerns(stored: Stored, marker: str, invitation: Invitation) -> bool:
    """Whether the office is still to hear what a marker of an invitation said, and nothing came after it."""
    state = invitation.state_at(stored.now)
    if invitation.erased_at or (marker, state) not in {
        ("pending", InvitationState.PENDING),
        ("expired", InvitationState.EXPIRED),
        ("asked-again", InvitationState.EXPIRED),
        ("asked-again", InvitationState.REVOKED),
    }:
        return False
    of = invitation.office_id, invitation.customer_id, invitation.solution
    others: list[Invitation | Collaboration] = [*stored.invitations.values(), *stored.collaborations.values()]
    return not any((each.office_id, each.customer_id, each.solution) == of for each in others if each is not invitation)


def login_bounce_is_mailed(write: Write, stored: Stored) -> Iterator[str]:
    """Whoever activated hears that the login instructions came back."""
    for (pk, sk), (before, after) in write.changes.items():
        if not sk.startswith("MAIL#") or after is None or before is None:
            continue
        state = after["delivery"]["S"]
        if state == before["delivery"]["S"] or state not in {"bounced", "perhaps-bounced"}:
            continue
        agreement, mail_id = pk.partition("#")[2], sk.split("#")[1]
        mail = stored.outbox.get((agreement, mail_id))
        if mail and isinstance(mail.content, LoginContent) and (agreement, f"{mail_id}-bounced") not in stored.outbox:
            yield f"{mail_id} of {agreement} came back, and nobody hears of it"
