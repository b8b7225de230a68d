"""Accept and decline: what an administrator decides, with everything it depends on checked again."""

import re
from datetime import datetime

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.change import (
    AttemptsTransition,
    Change,
    CustomerUnchanged,
    SubscriptionTransition,
    Transition,
)
from collaboration.domain.model.collaboration import Collaboration, ListRow, Origin, copied_terms
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, refused
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import EntryKind, history_entries
from collaboration.domain.model.invitation import (
    Action,
    Choice,
    Decision,
    Invitation,
    InvitationState,
    Verdict,
    check_transition,
)
from collaboration.domain.model.mail import DecisionContent, Mail, sent_mails
from collaboration.domain.model.mail_composition import information_mail
from collaboration.domain.model.subscriptions import Subscription, SubscriptionUse, with_collaboration
from collaboration.domain.model.values import CollaborationId, written_time

_FOUR_DIGITS = re.compile(r"[0-9]{4}", re.ASCII)


class WrongDigitsError(RefusedError):
    """The digits were wrong. `change` counts the try: it must be committed before the answer is given.

    `closing` is the kind of history entry when this try locked the link or closed the invitation, else None.
    """

    def __init__(self, fault: Fault, change: Change, closing: EntryKind | None) -> None:
        super().__init__(fault)
        self.change = change
        self.closing = closing


def check_digits(context: RecipientContext, ending: str | None, now: datetime) -> None:
    """The last four digits of the organisation number: `digits-prove-the-person`, `five-wrong-close-the-door`.

    What is not four digits is refused before any try is counted or any limit looked at.

    Raises:
        RefusedError: `validation-failed`, they are missing or not four digits; `digits-exhausted`, the invitation has
            no tries left; `too-many-requests`, the link is locked.
        WrongDigitsError: they are not the company's.
    """
    pointer = "#/organisationNumberEnding"
    if not ending:
        raise refused(Slug.VALIDATION_FAILED, FieldFault(pointer, Code.MISSING, hint="ending"))
    if not _FOUR_DIGITS.fullmatch(ending):
        raise refused(Slug.VALIDATION_FAILED, FieldFault(pointer, Code.INVALID, hint="ending"))
    if closed := context.closed_link(now):
        raise RefusedError(closed)
    if ending != context.invitation.organisation_number.ending:
        raise _wrong_digits(context, now)


def _wrong_digits(context: RecipientContext, now: datetime) -> WrongDigitsError:
    invitation, before = context.invitation, context.attempt_limit
    after = before.after_failed_attempt(context.recipient, context.tries_allowed, now)
    left = after.tries_left(context.recipient, context.tries_allowed, now)
    if after.is_exhausted(context.tries_allowed):
        closing, hint = EntryKind.DIGITS_EXHAUSTED, "exhausted"
    elif left == 0:
        closing, hint = EntryKind.DIGITS_LOCKED, "locked"
    else:
        closing, hint = None, "one-left" if left == 1 else "left"
    change = Change(
        at=now,
        attempts=AttemptsTransition(invitation.agreement, before, after),
        history=history_entries(invitation.subject, context.actor, now, closing) if closing else (),
    )
    fault = Fault(Slug.ORGANISATION_NUMBER_MISMATCH, hint=hint, params={"left": str(left)}, tries_left=left)
    return WrongDigitsError(fault, change, closing)


def check_decider(context: RecipientContext, ending: str | None, now: datetime) -> Change:
    """Judge the holder as a decision does, before they choose: `review-before-the-decision`.

    Nothing changes. The change says that nobody has typed wrong digits in the meantime: who tries many endings at once
    learns no more by it than by deciding.

    Raises:
        RefusedError: as `decide`.
        WrongDigitsError: the digits are wrong.
    """
    check_transition(context.invitation, Action.ACCEPT, now, context.recipient)
    if fault := context.holder_fault:
        raise RefusedError(fault)
    check_digits(context, ending, now)
    return Change(at=now, attempts=_no_more_attempts(context))


def _no_more_attempts(context: RecipientContext) -> AttemptsTransition:
    """That nobody has typed wrong digits since the context was read: else the right ones are judged again."""
    limit = context.attempt_limit
    return AttemptsTransition(context.invitation.agreement, limit, limit)


def decide(
    context: RecipientContext,
    choice: Choice,
    ending: str | None,
    message: str | None,
    now: datetime,
    *,
    by_link: bool = True,
) -> Change | None:
    """What deciding changes: `first-decision-wins`. Nothing when the same person decided the same before.

    By link the change then says that nobody has typed wrong digits in the meantime, as that of a decision does.

    Raises:
        RefusedError: the invitation is decided or dead, the digits are missing or wrong, the holder may not decide, or
            the subscription that was to be joined has gone and its terms were never asked for.
    """
    verdict = check_transition(context.invitation, Action(choice), now, context.recipient)
    if fault := context.holder_fault:
        raise RefusedError(fault)
    done = verdict is Verdict.ALREADY_DONE
    # Before the digits: a refusal that only the right ones get would give them away, and is not committed.
    if choice is Choice.ACCEPT and not done:
        _check_acceptable(context)
    if by_link:
        check_digits(context, ending, now)
    unchanged = _no_more_attempts(context) if by_link else None
    if done:
        return Change(at=now, attempts=unchanged) if unchanged else None
    decided = context.invitation.replace(
        state=InvitationState.ACCEPTED if choice is Choice.ACCEPT else InvitationState.DECLINED,
        decision=Decision(choice=choice, recipient=context.recipient, by=context.holder_name, at=now, message=message),
        revision=context.invitation.revision + 1,
    )
    return (
        _accepted(context, decided, unchanged, now)
        if choice is Choice.ACCEPT
        else _declined(context, decided, unchanged, now)
    )


def _check_acceptable(context: RecipientContext) -> None:
    """Let an acceptance through that gives what was asked for, at the company that was asked.

    Raises:
        RefusedError: nobody can accept, or the customer is another company by now: somebody's clock says that this has
            expired.
    """
    if context.number_changed:
        raise refused(Slug.INVITATION_EXPIRED)
    if fault := context.acceptance_fault:
        raise RefusedError(fault)


def _declined(
    context: RecipientContext, decided: Invitation, unchanged: AttemptsTransition | None, now: datetime
) -> Change:
    return Change(
        at=now,
        invitation=Transition(context.invitation, decided),
        guards=(Transition(Guard.for_invitation(context.invitation), None),),
        attempts=unchanged,
        history=history_entries(
            decided.subject, context.actor, now, (EntryKind.INVITATION_DECLINED, _invited_at(decided))
        ),
        mails=(_decision_mail(context, decided, now),),
    )


def _accepted(
    context: RecipientContext, decided: Invitation, unchanged: AttemptsTransition | None, now: datetime
) -> Change:
    if context.account is None:
        raise AssertionError("an administrator of no account has been refused before")
    decided = decided.replace(
        scenario=context.scenario,
        setup=context.setup,
        paid_by_another=tuple(sorted(context.paid_by_another & context.setup.paid_by_office())),
        customer_owned=context.customer_owned,
    )
    collaboration_id = CollaborationId.of(decided.agreement)
    use = SubscriptionUse(office_id=decided.office_id, collaboration_id=collaboration_id)
    existing = context.account.any_subscription(decided.solution)
    subscription = with_collaboration(existing, decided.solution, context.setup, use, now)
    collaboration = _collaboration(context, context.account, subscription, now)
    guard = Guard.for_invitation(context.invitation)
    information = information_mail(
        collaboration,
        context.account,
        context.office,
        context.customer_locale,
        context.office_names,
        now,
        subscription=subscription,
        decided_by=context.holder_name,
    )
    kinds = [EntryKind.COLLABORATION_STARTED]
    if context.subscription is None:
        kinds.insert(0, EntryKind.SUBSCRIPTION_STARTED)
    elif context.subscription.terms != subscription.terms:
        kinds.append(EntryKind.SUBSCRIPTION_CHANGED)
    return Change(
        at=now,
        invitation=Transition(context.invitation, decided),
        collaboration=Transition(None, collaboration.replace(mails=dict(sent_mails(information)))),
        subscriptions=(
            SubscriptionTransition(
                context.account.id, context.account.organisation_number, Transition(existing, subscription)
            ),
        ),
        guards=(Transition(guard, guard.replace(owner=collaboration_id, until=None)),),
        customer_unchanged=CustomerUnchanged(decided.office_id, decided.customer_id, decided.organisation_number)
        if context.customer
        else None,
        attempts=unchanged,
        history=history_entries(
            decided.subject, context.actor, now, (EntryKind.INVITATION_ACCEPTED, _invited_at(decided)), *kinds
        ),
        mails=(
            _decision_mail(context, decided, now, linked=collaboration.linked, access=bool(context.office_names)),
            information,
        ),
    )


def _invited_at(invitation: Invitation) -> dict[str, str]:
    return {"invitedAt": written_time(invitation.began_at)}


def _collaboration(
    context: RecipientContext, account: Account, subscription: Subscription, now: datetime
) -> Collaboration:
    invitation = context.invitation
    solution = catalogue().solution(invitation.solution)
    task = context.task if context.linkable_task else None
    started = Collaboration(
        agreement=invitation.agreement,
        office_id=invitation.office_id,
        organisation_number=invitation.organisation_number,
        origin=Origin.INVITATION,
        started_at=now,
        customer_id=invitation.customer_id,
        account_id=account.id,
        solution=invitation.solution,
        task_id=context.linkable_task,
        had_subscription=context.subscription is not None,
        terms_version=invitation.terms_version,
        to_do=tuple(item.key for item in solution.to_do) if solution else (),
        list_row=ListRow(
            customer_name=context.customer.name if context.customer else invitation.customer_name,
            account_name=account.name,
            account_manager=context.customer.account_manager if context.customer else None,
        )
        .with_payers(subscription, invitation.office_id)
        .with_task(task, context.employees),
    )
    return started.replace(**copied_terms(subscription))


def _decision_mail(
    context: RecipientContext, decided: Invitation, now: datetime, *, linked: bool = True, access: bool = True
) -> Mail:
    decision = decided.decision
    if decision is None:
        raise AssertionError("a decided invitation has a decision")
    return Mail(
        id="decision",
        agreement=decided.agreement,
        office_id=decided.office_id,
        at=now,
        locale=context.office.locale,
        recipients=tuple(context.decision_recipients),
        content=DecisionContent(
            choice=decision.choice,
            company_name=context.customer_name,
            solution=decided.solution,
            decided_by=decision.by,
            message=decision.message,
            linked=linked,
            access=access,
        ),
    )
