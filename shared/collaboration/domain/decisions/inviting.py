"""Invite: ask the customer's administrators to approve a collaboration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from collaboration.domain.contexts.ask import AskContext, Proposal, employee
from collaboration.domain.contexts.invitation import invitation_mail
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.change import Change, CustomerUnchanged, Transition
from collaboration.domain.model.guard import held
from collaboration.domain.model.history import EntryKind, history_entries
from collaboration.domain.model.invitation import Invitation, InvitationRecipient, Sender
from collaboration.domain.model.preview import Consent, Preview, require_route
from collaboration.domain.model.values import AgreementId, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An ask, what the caller agreed to, and a message to the customer."""

    proposal: Proposal
    consent: Consent
    message: str | None


def invite(context: AskContext, command: Invite, agreement: AgreementId, now: datetime) -> Change:
    """A new request, with a mail to every administrator.

    Raises:
        Refused: something is in the way; the fault names it and the preview shows the rest.
    """
    seen = preview(context, command.proposal, now)
    require_route(seen, Route.INVITE, command.consent)
    invitation = _invitation(context, command, seen, agreement, now)
    guard = held(invitation)
    access = tuple(access.person.name for access in seen.access if access.person.employee_id)
    mail = invitation_mail(invitation, context.office, context.customer.locale, access, now)
    return Change(
        at=now,
        invitation=Transition(None, invitation),
        guards=(Transition(None, guard),),
        customer_unchanged=CustomerUnchanged(context.office_id, context.customer_id, invitation.organisation_number),
        history=history_entries(invitation.subject, employee(context), now, EntryKind.INVITATION_SENT),
        mails=(mail,),
    )


def _invitation(
    context: AskContext, command: Invite, seen: Preview, agreement: AgreementId, now: datetime
) -> Invitation:
    account, task_id = seen.account, command.proposal.task_id
    if account is None or task_id is None:
        raise AssertionError("the invite door is open only with an account and a task")
    return Invitation(
        agreement=agreement,
        office_id=context.office_id,
        customer_id=context.customer_id,
        customer_name=context.customer.name,
        organisation_number=context.customer.organisation_number,
        account_id=account.id,
        account_name=account.name,
        solution=seen.solution.key,
        scenario=seen.scenario,
        task_id=task_id,
        setup=seen.setup,
        customer_owned=seen.subscription is not None and seen.subscription.terms.customer_owned,
        terms_version=seen.terms_version,
        message=command.message,
        sent_by=Sender(employee_id=context.caller_id, name=context.caller.name),
        sent_at=now,
        # Whole seconds, so that the expiry shown is the expiry meant.
        expires_at=now.replace(microsecond=0) + timedelta(days=context.office.invitation_days),
        recipients={
            f"r{place}": InvitationRecipient(email=user.email, name=user.name)
            for place, user in enumerate(account.administrators, start=1)
        },
    )
