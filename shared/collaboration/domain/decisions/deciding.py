"""Accept and decline: what an administrator decides, with the world checked again."""

from datetime import datetime

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.change import AttemptsUnchanged, Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, ListRow, Origin
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
from collaboration.domain.model.values import CollaborationId


class WrongDigitsError(RefusedError):
    """The digits were wrong: nothing changed but the `door`, which must be kept before the answer is given."""

    def __init__(self, attempt_limit: AttemptLimit) -> None:
        super().__init__(Fault(Slug.ORGANISATION_NUMBER_MISMATCH))
        self.attempt_limit = attempt_limit


def check_digits(context: RecipientContext, ending: str | None, now: datetime) -> None:
    """The last four digits of the organisation number: `digits-prove-the-person`, `five-wrong-close-the-door`.

    Raises:
        RefusedError: missing, or the door is closed.
        WrongDigits: they are not the company's.
    """
    if unlocks_at := context.attempt_limit.locked_until(now):
        raise RefusedError(Fault(Slug.TOO_MANY_REQUESTS, hint="digits", retry_at=unlocks_at))
    if not ending:
        missing = FieldFault("#/organisationNumberEnding", Code.MISSING, hint="ending")
        raise refused(Slug.VALIDATION_FAILED, missing)
    if ending != context.invitation.organisation_number.ending:
        raise WrongDigitsError(context.attempt_limit.after_failed_attempt(now))


def decide(
    context: RecipientContext,
    choice: Choice,
    ending: str | None,
    message: str | None,
    now: datetime,
    *,
    by_link: bool = True,
) -> Change | None:
    """What deciding changes; None when the same person decided the same before: `first-decision-wins`.

    Raises:
        RefusedError: the request is decided or dead, the digits are missing or wrong, or the holder may not decide.
    """
    verdict = check_transition(context.invitation, Action(choice), now, context.recipient)
    if by_link:
        check_digits(context, ending, now)
    if fault := context.holder_fault:
        raise RefusedError(fault)
    if verdict is Verdict.ALREADY_DONE:
        return None
    decided = context.invitation.replace(
        state=InvitationState.ACCEPTED if choice is Choice.ACCEPT else InvitationState.DECLINED,
        decision=Decision(choice=choice, recipient=context.recipient, by=context.holder.name, at=now, message=message),
        revision=context.invitation.revision + 1,
    )
    unchanged = (
        AttemptsUnchanged(decided.agreement, context.recipient, context.attempt_limit.attempts) if by_link else None
    )
    return (
        _accepted(context, decided, unchanged, now)
        if choice is Choice.ACCEPT
        else _declined(context, decided, unchanged, now)
    )


def _declined(
    context: RecipientContext, decided: Invitation, unchanged: AttemptsUnchanged | None, now: datetime
) -> Change:
    return Change(
        at=now,
        invitation=Transition(context.invitation, decided),
        guards=(Transition(Guard.for_invitation(context.invitation), None),),
        attempts_unchanged=unchanged,
        history=history_entries(decided.subject, context.actor, now, EntryKind.INVITATION_DECLINED),
        mails=(_decision_mail(context, decided, now),),
    )


def _accepted(
    context: RecipientContext, decided: Invitation, unchanged: AttemptsUnchanged | None, now: datetime
) -> Change:
    if context.account is None:
        raise AssertionError("an administrator of no account has been refused before")
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
        decided_by=context.holder.name,
    )
    kinds = [EntryKind.INVITATION_ACCEPTED, EntryKind.COLLABORATION_STARTED]
    if context.subscription is None:
        kinds.insert(1, EntryKind.SUBSCRIPTION_STARTED)
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
        attempts_unchanged=unchanged,
        history=history_entries(decided.subject, context.actor, now, *kinds),
        mails=(_decision_mail(context, decided, now, linked=collaboration.linked), information),
    )


def _collaboration(
    context: RecipientContext, account: Account, subscription: Subscription, now: datetime
) -> Collaboration:
    invitation = context.invitation
    solution = catalogue().solution(invitation.solution)
    task = context.task if context.linkable_task else None
    return Collaboration(
        agreement=invitation.agreement,
        office_id=invitation.office_id,
        organisation_number=invitation.organisation_number,
        origin=Origin.INVITATION,
        started_at=now,
        customer_id=invitation.customer_id,
        account_id=account.id,
        solution=invitation.solution,
        task_id=context.linkable_task,
        setup=context.setup,
        renews_on=subscription.terms.renews_on,
        customer_owned=subscription.terms.customer_owned,
        had_subscription=context.subscription is not None,
        terms_version=invitation.terms_version,
        to_do=tuple(item.key for item in solution.to_do) if solution else (),
        list_row=ListRow(
            customer_name=context.customer.name if context.customer else invitation.customer_name,
            account_name=account.name,
            account_manager=context.customer.account_manager if context.customer else None,
            office_name=context.office.name,
        ).with_task(task, context.employees),
    )


def _decision_mail(context: RecipientContext, decided: Invitation, now: datetime, *, linked: bool = True) -> Mail:
    decision = decided.decision
    if decision is None:
        raise AssertionError("a decided request has a decision")
    return Mail(
        id="decision",
        agreement=decided.agreement,
        at=now,
        locale=context.office.locale,
        recipients=tuple(context.decision_recipients),
        content=DecisionContent(
            choice=decision.choice,
            company_name=decided.account_name,
            solution=decided.solution,
            decided_by=decision.by,
            message=decision.message,
            linked=linked,
        ),
    )
