"""Rules that what is decided keeps, whoever comes first: limits of time and number, who may decide, what is left.

Each is a pure function over what one write made of an agreement, as those of `invariants`, which look at what every
write keeps. What was written since the beginning may have been another when it was decided: there it cannot be told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, Origin, account_of, kind_of
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.history import EntryKind
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import InvitationContent
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import Kind, Outcome, Side
from collaboration.mailing.ses import tag_text
from collaboration.storage import items

from proof.mailed import Occurrence, occurrences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from support.ses import SentMail

    from proof.invariants import Stored, Write

DAY = timedelta(days=1)
# The clocks of processes are less than this apart.
CLOCKS_APART = timedelta(minutes=1)
REMINDERS = 3


def reminders_are_limited(write: Write, stored: Stored) -> Iterator[str]:
    """At most one reminder in 24 hours and three in all; what is sent again of a pending invitation counts as one."""
    for _, one in occurrences(write, stored):
        before = one.before
        if before is None or not _reminds(one, before):
            continue
        after = one.sent
        # New links after wrong digits had closed all of them: also when no reminders are left.
        reopened = before.agreement not in stored.attempts and _attempts_are_gone(write, before)
        if after.reminders > REMINDERS or (after.reminders != before.reminders + 1 and not reopened):
            yield f"{after.id} has {after.reminders} reminders, after {before.reminders}"
        if before.reminded_at and after.reminded_at and after.reminded_at < before.reminded_at + DAY:
            yield f"{after.id} was reminded {after.reminded_at - before.reminded_at} after the last time"


def _reminds(one: Occurrence, before: Invitation) -> bool:
    if one.entry(EntryKind.INVITATION_REMINDED):
        return True
    resent = one.entry(EntryKind.INVITATION_RESENT)
    by_a_person = resent is not None and resent.by.side is Side.OFFICE
    return by_a_person and one.sent.revived_at == before.revived_at


def _attempts_are_gone(write: Write, invitation: Invitation) -> bool:
    before, after = write.changes.get((f"AGREEMENT#{invitation.agreement}", "ATTEMPTS"), (None, None))
    return before is not None and after is None


def login_mails_are_limited(write: Write, stored: Stored) -> Iterator[str]:
    """Login instructions go again at most once in 24 hours and three times in all, as reminders do."""
    for _, one in occurrences(write, stored):
        if one.collaboration is None or not one.entry(EntryKind.LOGIN_RESENT):
            continue
        before, after = one.collaboration
        if after.login_mails > REMINDERS:
            yield f"{after.id} has {after.login_mails} login mails again"
        last = before.login_mail_at if before else None
        if last and after.login_mail_at and after.login_mail_at < last + DAY:
            yield f"{after.id} has its login mail again {after.login_mail_at - last} after the last time"


def asked_again_once_a_day(write: Write, stored: Stored) -> Iterator[str]:
    """The office hears at most once a day that a new invitation is wanted, and of a dead one only."""
    for _, one in occurrences(write, stored):
        before = one.before
        if before is None or one.sent.asked_again_at is None or one.sent.asked_again_at == before.asked_again_at:
            continue
        if before.asked_again_at and one.sent.asked_again_at < before.asked_again_at + DAY:
            yield f"{before.id} was asked for {one.sent.asked_again_at - before.asked_again_at} after the last time"


def decided_by_an_administrator(write: Write, stored: Stored) -> Iterator[str]:
    """Who decides is an administrator of the account, and nobody who works at the office that asks."""
    for _, one in occurrences(write, stored):
        if one.before is None or one.before.state is not InvitationState.PENDING or one.sent.decision is None:
            continue
        after, decision = one.sent, one.sent.decision
        place = f"ORGANISATION#{after.organisation_number}", f"ACCOUNT#{after.account_id}"
        account = stored.accounts.get(place)
        if account is None or place in stored.changed:
            continue
        link = after.recipients.get(decision.recipient)
        # Who signs in decides under another key than that of a link: by the name that the register has.
        deciders = [
            user.email.folded
            for user in account.administrators
            if (user.email.folded == link.email.folded if link else user.name == decision.by)
        ]
        if not deciders:
            yield f"{decision.choice} of {after.id} by {decision.recipient}, who is no administrator"
        elif _works_at(stored, after.office_id, deciders[0]):
            yield f"{decision.choice} of {after.id} by {decision.recipient}, who works at the office"


def _works_at(stored: Stored, office: str, email: str) -> bool:
    return any(
        isinstance(found, Employee) and found.active and found.email.folded == email
        for place, found in stored.directory.items()
        if place[0] == f"OFFICE#{office}" and place not in stored.changed
    )


def starts_as_agreed(write: Write, stored: Stored) -> Iterator[str]:
    """What is accepted is shared, and rests on a subscription that was there, or on terms that somebody chose."""
    for name, one in occurrences(write, stored):
        if one.collaboration is None or not one.entry(EntryKind.INVITATION_ACCEPTED):
            continue
        agreed, invitation = one.agreed, stored.invitations[name]
        if kind_of(agreed) is not Kind.SHARED:
            yield f"{agreed.id} was accepted, and is not shared"
        place = f"ACCOUNT#{agreed.account_id}#SUBSCRIPTION#{agreed.solution}"
        before, _ = write.changes.get((f"ORGANISATION#{agreed.organisation_number}", place), (None, None))
        had = before is not None and items.parsed(Subscription, before).is_open
        solution = catalogue().solution(invitation.solution)
        asked = {field for field in solution.setup if field not in solution.defaults} if solution else set()
        if (missing := asked - invitation.setup.given().keys()) and not had:
            yield f"{agreed.id} was accepted, and nobody chose its {sorted(missing)}"


def agreed_for_active_tasks(write: Write, stored: Stored) -> Iterator[str]:
    """What is asked for, what starts, and what gets another task has one that is active, of an active customer."""
    for _, one in occurrences(write, stored):
        pairs: tuple[tuple[Invitation | Collaboration | None, Invitation | Collaboration] | None, ...]
        pairs = one.invitation, one.collaboration
        for before, after in (pair for pair in pairs if pair):
            if after.task_id is None or (before is not None and before.task_id == after.task_id):
                continue
            pk = f"CUSTOMER#{after.office_id}#{after.customer_id}"
            places = (pk, "CUSTOMER"), (pk, f"TASK#{after.task_id}")
            found = [stored.directory.get(place) for place in places]
            active = all(isinstance(each, Customer | Task) and each.active for each in found)
            if not active and stored.changed.isdisjoint(places):
                yield f"{after.id} has the task {after.task_id}, which is not active"


def ends_as_allowed(write: Write, stored: Stored) -> Iterator[str]:
    """An office closes or deletes nothing that the account had before, and nobody what somebody else works in."""
    for name, one in occurrences(write, stored):
        before, after = one.collaboration or (None, None)
        if before is None or after is None:
            continue
        scheduled = one.entry(EntryKind.END_SCHEDULED)
        arranged = after.arranged_end(scheduled.by.side) if scheduled else None
        if one.entry(EntryKind.COLLABORATION_ENDED):
            by, outcome = after.ended_by, after.outcome
        else:
            by, outcome = (arranged.by, arranged.outcome) if arranged else (None, None)
        if by is None or outcome in {None, Outcome.CONTINUE}:
            continue
        if by.side is Side.OFFICE and (before.had_subscription or before.customer_owned):
            yield f"{after.id} ends with {outcome} by the office, and the account had it before"
        others = [
            other.id
            for agreement, other in stored.collaborations.items()
            if (other.account_id, other.solution) == (after.account_id, after.solution)
            and agreement != name
            and other.state is CollaborationState.ACTIVE
            and (f"AGREEMENT#{agreement}", "COLLABORATION") not in stored.changed
        ]
        if others:
            yield f"{after.id} ends with {outcome}, and {others} rest on the same"


def edited_as_sold(write: Write, stored: Stored) -> Iterator[str]:
    """What somebody changes is a set-up that the catalogue knows, and never the kind: whether approval is asked for."""
    for _, one in occurrences(write, stored):
        before, after = one.collaboration or (None, None)
        if before is None or after is None or not one.entry(EntryKind.COLLABORATION_CHANGED):
            continue
        if kind_of(before) is not kind_of(after):
            yield f"{after.id} was {kind_of(before)}, and is {kind_of(after)}"
        for setup in filter(None, (after.setup, after.next_setup)):
            yield from (f"{after.id} has {what}" for what in _unsold(after.solution or "", setup))


def recorded_as_sold(write: Write) -> Iterator[str]:
    """The terms of a subscription, now or from its next renewal on, have values that the catalogue knows."""
    for (pk, sk), (before, after) in write.changes.items():
        if "#SUBSCRIPTION#" not in sk or after is None:
            continue
        known = items.parsed(Subscription, before) if before else None
        found = items.parsed(Subscription, after)
        for setup in (found.terms.setup(), found.coming_setup):
            if known is None or setup not in {known.terms.setup(), known.coming_setup}:
                yield from (f"{sk} of {pk} has {what}" for what in _unsold(found.terms.solution, setup))


def _unsold(name: str, setup: SetUp) -> Iterator[str]:
    """What a set-up of a solution has that the catalogue does not know."""
    solution = catalogue().solution(name)
    for field, value in setup.given().items():
        if solution is None or value not in solution.values_of(field):
            yield f"{field} {value}, which nobody sells"


def left_in_hands(write: Write, stored: Stored) -> Iterator[str]:
    """An account with which a collaboration ends, or is to end, has a main contact: it is left in somebody's hands."""
    for _, one in occurrences(write, stored):
        if one.collaboration is None or not (
            one.entry(EntryKind.COLLABORATION_ENDED) or one.entry(EntryKind.END_SCHEDULED)
        ):
            continue
        before, after = one.collaboration
        number = f"ORGANISATION#{after.organisation_number}"
        accounts = [account for (pk, _), account in stored.accounts.items() if pk == number]
        account = account_of(before or after, accounts)
        if account is None or (number, f"ACCOUNT#{account.id}") in stored.changed:
            continue
        if not account.has_main_contact:
            yield f"{after.id} ends, and {account.id} has no main contact"


def ends_where_it_was(write: Write, stored: Stored) -> Iterator[str]:
    """A collaboration ends with the account that it is with at that moment.

    An import may come to it with its end. It may end without any where its own has left the number: another may have
    come since.
    """
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "COLLABORATION" or before is None or after is None or before["state"] == after["state"]:
            continue
        if before.get("accountPk") == after.get("accountPk"):
            continue
        ended = stored.collaborations[pk.partition("#")[2]]
        place = f"ORGANISATION#{ended.organisation_number}"
        there = {each.id: each for (number, _), each in stored.accounts.items() if number == place}
        account = account_of(ended, there.values())
        left = "accountPk" in before and items.string(before, "accountPk").partition("#")[2] not in there
        if ended.account_id != (account.id if account else None) and (ended.account_id or not left):
            yield f"{ended.id} ended with {ended.account_id}, and was with another account"


def responses_stay(write: Write, stored: Stored) -> Iterator[str]:
    """A stored response that is valid is neither deleted nor another by then: same key, same answer."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "IDEMPOTENCY" or before is None or before == after:
            continue
        if items.integer(before, "until") > (stored.now + CLOCKS_APART).timestamp() * 1000:
            yield f"the response of {pk.partition('#')[2]} was valid, and is {'another' if after else 'deleted'}"


def login_mails_are_counted(write: Write) -> Iterator[str]:
    """How often login instructions were sent again is counted one by one, and never taken back."""
    for (_, sk), (before, after) in write.changes.items():
        if sk != "COLLABORATION" or before is None or after is None:
            continue
        was, is_ = (items.integer(image, "loginMails") for image in (before, after))
        if is_ not in {was, was + 1}:
            yield f"{is_} login mails again, after {was}"


def erased_with_all_around(write: Write, stored: Stored) -> Iterator[str]:
    """When nothing is due any more of what is erased, no mail of it is left. What became of one names nobody."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "INVITATION" or before is None or after is None or "duePk" not in before or "duePk" in after:
            continue
        name = pk.partition("#")[2]
        if stored.invitations[name].erased_at is None:
            continue
        left = sorted(mail for agreement, mail in stored.outbox if agreement == name)
        if left:
            yield f"{left} of {stored.invitations[name].id} are left"


WRITTEN: tuple[Callable[[Write], Iterator[str]], ...] = (login_mails_are_counted, recorded_as_sold)
DECIDED: tuple[Callable[[Write, Stored], Iterator[str]], ...] = (
    reminders_are_limited,
    login_mails_are_limited,
    asked_again_once_a_day,
    decided_by_an_administrator,
    starts_as_agreed,
    agreed_for_active_tasks,
    ends_as_allowed,
    edited_as_sold,
    left_in_hands,
    ends_where_it_was,
    responses_stay,
    erased_with_all_around,
)


# At every moment


def erased_hold_nobody(stored: Stored) -> Iterator[str]:
    """What is erased names nobody of the customer's, and holds no message."""
    for each in stored.invitations.values():
        decision = each.decision
        named = decision is not None and (decision.by or decision.recipient or decision.message)
        if each.erased_at and (each.recipients or each.message or named):
            yield f"{each.id} is erased, and holds {[*each.recipients]}, {each.message!r}, {decision}"


def approved_before_it_starts(stored: Stored) -> Iterator[str]:
    """A shared solution of a company that had an account starts with its acceptance, or was imported.

    Without one only what made the account, whose contact person is asked for by the office, or an office tool. What
    the register has made a shared solution since goes on.
    """
    for name, each in stored.collaborations.items():
        if each.state is not CollaborationState.ACTIVE or each.origin is Origin.IMPORT:
            continue
        invitation = stored.invitations.get(name)
        accepted = invitation is not None and invitation.state is InvitationState.ACCEPTED
        if not accepted and _asks_approval(stored, name, each):
            yield f"{each.id} started, and nobody of {each.account_id} has approved it"


def _asks_approval(stored: Stored, name: str, each: Collaboration) -> bool:
    entries = sorted(stored.history.get(name, {}).values(), key=lambda entry: entry.id)
    variants = [change.before for entry in entries for change in entry.changes if change.field == SetUpField.VARIANT]
    started = each.replace(setup=each.setup.replace(variant=variants[0])) if variants else each
    return kind_of(started) is Kind.SHARED and not stored.kinds(name)[EntryKind.ACCOUNT_CREATED]


def ended_rests_on_nothing(stored: Stored) -> Iterator[str]:
    """What has ended rests on no subscription of any account."""
    for (_, sk), subscription in stored.subscriptions.items():
        for use in subscription.subscribers:
            found = stored.collaborations.get(use.collaboration_id.removeprefix("col-"))
            if found is None or found.state is CollaborationState.ENDED:
                yield f"{use.collaboration_id} has ended, and rests on {sk}"


# Of mails


def sent_while_good(stored: Stored, sent: Sequence[SentMail]) -> Iterator[str]:
    """An invitation that was decided or has died while its mail waited is not sent, nor is a link that has died.

    Args:
        stored: what was stored when these were sent, and nothing else happened meanwhile.
        sent: the mails.
    """
    for mail in sent:
        agreement, mail_id, recipient = (tag_text(mail.tags[name]) for name in ("agreement", "mail", "recipient"))
        invitation, found = stored.invitations.get(agreement), stored.outbox.get((agreement, mail_id))
        if invitation is None or found is None or not isinstance(found.content, InvitationContent):
            continue
        to = next(each for each in found.recipients if each.key == recipient)
        link = invitation.recipients.get(to.recipient or "")
        good = link is not None and not link.removed and link.version == to.version
        if not good or not stored.pending(invitation):
            yield f"{mail_id} of {invitation.id} was sent to {recipient}, which is {invitation.state_at(stored.now)}"


STATES: tuple[Callable[[Stored], Iterator[str]], ...] = (
    erased_hold_nobody,
    approved_before_it_starts,
    ended_rests_on_nothing,
)
