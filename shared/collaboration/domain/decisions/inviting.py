"""Invite: ask the customer's administrators to approve a collaboration."""

from datetime import datetime, timedelta

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.model.change import Change, CustomerUnchanged, Transition
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import EntryKind, history_entries
from collaboration.domain.model.invitation import Invitation, InvitationRecipient, Sender
from collaboration.domain.model.mail_composition import invitation_mail
from collaboration.domain.model.preview import Consent, Preview, require_route
from collaboration.domain.model.values import AgreementId, Route
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class Invite:
    """A proposal, what the caller agreed to, and a message to the customer."""

    proposal: Proposal
    consent: Consent
    message: str | None


def invite(context: AskContext, preview: Preview, command: Invite, agreement: AgreementId, now: datetime) -> Change:
    """A new invitation, with a mail to every administrator.

    Args:
        context: what is known, as read at `now`.
        preview: the preview of `command.proposal` in that context.
        command: what the caller wants and agreed to.
        agreement: the id of the new agreement.
        now: the time, in UTC.

    Raises:
        RefusedError: something is in the way; the fault names it and the preview shows the rest.
    """
    require_route(preview, Route.INVITE, command.consent)
    invitation = _invitation(context, preview, command, agreement, now)
    mail = invitation_mail(
        invitation,
        context.office,
        context.customer.locale,
        preview.office_names,
        now,
        company_name=invitation.account_name,
        setup=preview.setup,
        subscription=preview.subscription,
    )
    return Change(
        at=now,
        invitation=Transition(None, invitation),
        guards=(Transition(None, Guard.for_invitation(invitation)),),
        customer_unchanged=CustomerUnchanged(context.office_id, context.customer_id, invitation.organisation_number),
        history=history_entries(invitation.subject, context.actor, now, EntryKind.INVITATION_SENT),
        mails=(mail,),
    )


def _invitation(
    context: AskContext, preview: Preview, command: Invite, agreement: AgreementId, now: datetime
) -> Invitation:
    account, task_id = preview.account, preview.task_id
    if account is None or task_id is None:
        raise AssertionError("inviting is allowed only with an account and a task")
    return Invitation(
        agreement=agreement,
        office_id=context.office_id,
        customer_id=context.customer_id,
        customer_name=context.customer.name,
        organisation_number=context.customer.organisation_number,
        account_id=account.id,
        account_name=account.name,
        solution=preview.solution.key,
        scenario=preview.scenario,
        task_id=task_id,
        setup=preview.setup,
        paid_by_another=tuple(sorted(preview.paid_by_another & preview.setup.paid_by_office())),
        customer_owned=preview.subscription is not None and preview.subscription.terms.customer_owned,
        terms_version=preview.terms_version,
        message=command.message,
        sent_by=Sender(employee_id=context.caller_id, name=context.caller.name),
        sent_at=now,
        # Whole seconds, so that the expiry shown is the expiry meant.
        expires_at=now.replace(microsecond=0) + timedelta(days=context.office.invitation_days),
        recipients={
            f"r{number}": InvitationRecipient(email=user.email, name=user.name)
            for number, user in enumerate(account.administrators, start=1)
        },
    )
