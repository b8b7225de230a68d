"""Invite: ask the customer's administrators to approve a collaboration."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from collaboration.domain.change import Change, CustomerUnchanged, Transition
from collaboration.domain.directory import Office
from collaboration.domain.guard import Guard
from collaboration.domain.history import Actor, EntryKind, history_entries
from collaboration.domain.invitation import InvitationRecipient, Invitation, Sender
from collaboration.domain.letters import InvitationContent, Mail, MailRecipient
from collaboration.domain.preview import Consent, Proposal, Preview, AskContext, require_route, preview
from collaboration.domain.values import AgreementId, Route, Locale, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An ask, what the caller agreed to, and a message to the customer."""

    proposal: Proposal
    consent: Consent
    message: str | None


def employee(context: AskContext) -> Actor:
    """The caller, as history names them."""
    return Actor(side=Side.OFFICE, name=context.caller.name, employee_id=context.caller_id)


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


def _invitation(context: AskContext, command: Invite, seen: Preview, agreement: AgreementId, now: datetime) -> Invitation:
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


def invitation_mail(
    invitation: Invitation,
    office: Office,
    locale: Locale,
    access: tuple[str, ...],
    now: datetime,
    *,
    reminder: bool = False,
) -> Mail:
    """The mail with a link of their own to each administrator who has one. `access`: who at the office would get it."""
    return Mail(
        id=f"{'reminder' if reminder else 'invitation'}-{invitation.revision}",
        agreement=invitation.agreement,
        at=now,
        locale=locale,
        recipients=tuple(
            MailRecipient(key=key, email=person.email, name=person.name, recipient=key, version=person.version)
            for key, person in invitation.recipients.items()
            if not person.gone
        ),
        content=InvitationContent(
            office_name=office.name,
            office_email=office.email,
            company_name=invitation.account_name,
            solution=invitation.solution,
            scenario=invitation.scenario,
            setup=invitation.setup,
            customer_owned=invitation.customer_owned,
            sender_name=invitation.sent_by.name,
            access=access,
            expires_at=invitation.expires_at,
            message=invitation.message,
            reminder=reminder,
        ),
    )


def held(invitation: Invitation) -> Guard:
    """The place that a live request holds."""
    return Guard(
        office_id=invitation.office_id,
        customer_id=invitation.customer_id,
        solution=invitation.solution,
        owner=invitation.id,
        until=invitation.expires_at,
    )
