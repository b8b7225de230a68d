"""Mails to the customer's people, composed from the entities they are about."""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, kind_of
from collaboration.domain.model.directory import Office
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.invitation_terms import InvitationTerms
from collaboration.domain.model.mail import (
    MOST_NAMES,
    DecisionContent,
    EndFailedContent,
    InformationContent,
    InvitationContent,
    LoginBouncedContent,
    LoginContent,
    Mail,
    administrator_recipients,
)
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import Kind, Locale, OfficeId, Scenario


def invitation_mail(
    invitation: Invitation,
    office: Office,
    locale: Locale,
    access: Sequence[str],
    now: datetime,
    *,
    company_name: str,
    setup: SetUp,
    subscription: Subscription | None,
    reminder: bool = False,
    only: Container[str] | None = None,
) -> Mail:
    """The invitation or a reminder, with a link of their own to each administrator who has one.

    Args:
        invitation: the invitation, as it is after the change.
        office: the office that invites.
        locale: the customer's language.
        access: the names of the employees who would get access.
        now: the time of the change.
        company_name: what the account register calls the company.
        setup: the set-up that an acceptance now would give.
        subscription: what an acceptance now would join; None where one would start.
        reminder: whether it is a reminder.
        only: the keys of the recipients who get it; None for all.
    """
    return Mail(
        id=f"{'reminder' if reminder else 'invitation'}-{invitation.revision}",
        agreement=invitation.agreement,
        office_id=invitation.office_id,
        at=now,
        locale=locale,
        recipients=tuple(
            MailRecipient(key=key, email=person.email, name=person.name, recipient=key, version=person.version)
            for key, person in invitation.recipients.items()
            if not person.removed and (only is None or key in only)
        ),
        content=InvitationContent(
            office_name=office.name,
            office_email=office.email,
            company_name=invitation.organisation_number.hidden_in(company_name),
            solution=invitation.solution,
            **_present_terms(invitation.office_id, setup, subscription),
            sender_name=invitation.sent_by.name,
            access=_listed(access),
            access_more=_more(access),
            sent_at=invitation.began_at,
            expires_at=invitation.expires_at,
            message=invitation.shown_message,
            reminder=reminder,
        ),
    )


def with_present_terms(mail: Mail, terms: InvitationTerms, now: datetime) -> Mail:
    """The mail of an invitation as it reads now, also with the days that are left to answer: `mails-say-what-holds`.

    With the company's name and the terms of now. Any other mail as it is.
    """
    if not isinstance(mail.content, InvitationContent):
        return mail
    present = _present_terms(terms.invitation.office_id, terms.setup, terms.subscription)
    return mail.replace(at=now, content=mail.content.replace(company_name=terms.company_name, **present))


def with_present_collaboration(
    mail: Mail, collaboration: Collaboration, access: Sequence[str] | None = None
) -> Mail | None:
    """The mail about a collaboration as it reads now: `mails-say-what-holds`. Any other mail as it is.

    None where it has ended and there is nothing left to know or to do; the end has a mail of its own. That the customer
    had accepted, and what they wrote, the office hears all the same.

    Args:
        mail: the mail.
        collaboration: what it is about.
        access: the names of the employees who have access now; None for those that the mail has. Where the link was
            undone nobody has.
    """
    names = access if collaboration.linked else ()
    ended, content = collaboration.state is CollaborationState.ENDED, mail.content
    match content:
        case DecisionContent():
            return mail.replace(content=content.replace(ended=ended, linked=content.linked and collaboration.linked))
        case LoginBouncedContent():
            return mail.replace(content=content.replace(can_resend=content.can_resend and not ended))
        case InformationContent() | LoginContent() | EndFailedContent() if ended:
            return None
        case InformationContent() | LoginContent() if names is not None:
            return mail.replace(content=content.replace(access=_listed(names), access_more=_more(names)))
    return mail


def _present_terms(office_id: OfficeId, setup: SetUp, subscription: Subscription | None) -> dict[str, Any]:
    """What an invitation's mail says of the terms."""
    return {
        "scenario": Scenario.HAS_SOLUTION if subscription else Scenario.WITHOUT_SOLUTION,
        "setup": setup,
        "paid_by_another": _paid_by_another(subscription, office_id),
        "coming": subscription.coming_terms(office_id) if subscription else None,
        "customer_owned": subscription is not None and subscription.terms.customer_owned,
    }


def information_mail(
    collaboration: Collaboration,
    account: Account,
    office: Office,
    locale: Locale,
    access: Sequence[str],
    now: datetime,
    *,
    subscription: Subscription,
    decided_by: str | None = None,
) -> Mail:
    """To all administrators of the account: what was started, and who at the office may open it.

    Args:
        collaboration: the collaboration, just started.
        account: its account.
        office: its office.
        locale: the customer's language.
        access: the names of the employees who have access.
        now: the time of the change.
        subscription: what it rests on.
        decided_by: the administrator who accepted; None where no approval was asked.
    """
    return Mail(
        id="information",
        agreement=collaboration.agreement,
        office_id=collaboration.office_id,
        at=now,
        locale=locale,
        recipients=administrator_recipients(account),
        content=InformationContent(
            office_name=office.name,
            office_email=office.email,
            company_name=account.shown_name,
            solution=collaboration.solution or "",
            solution_kind=kind_of(collaboration) or Kind.SHARED,
            scenario=Scenario.HAS_SOLUTION if collaboration.had_subscription else Scenario.WITHOUT_SOLUTION,
            setup=collaboration.setup,
            paid_by_another=_paid_by_another(subscription, collaboration.office_id),
            coming=subscription.coming_terms(collaboration.office_id),
            access=_listed(access),
            access_more=_more(access),
            decided_by=decided_by,
        ),
    )


def login_mail(
    mail_id: str,
    collaboration: Collaboration,
    account: Account,
    office: Office,
    locale: Locale,
    access: Sequence[str],
    now: datetime,
    *,
    named: Container[str],
) -> Mail:
    """The login instructions, to the administrators of an account that an activation has created.

    Args:
        mail_id: the mail's id among those of the agreement.
        collaboration: the collaboration that was activated.
        account: its account.
        office: its office.
        locale: the customer's language.
        access: the names of the employees who have access.
        now: the time of the change.
        named: the folded addresses of those whom the office has named as the company's contact person.
    """
    recipients = administrator_recipients(account)
    main_contact = account.main_contact.folded if account.main_contact else None
    return Mail(
        id=mail_id,
        agreement=collaboration.agreement,
        office_id=collaboration.office_id,
        at=now,
        locale=locale,
        recipients=recipients,
        content=LoginContent(
            office_name=office.name,
            office_email=office.email,
            company_name=account.shown_name,
            solution=collaboration.solution or "",
            solution_kind=kind_of(collaboration) or Kind.SHARED,
            access=_listed(access),
            access_more=_more(access),
            not_main_contact=tuple(person.key for person in recipients if person.email.folded != main_contact),
            from_register=tuple(person.key for person in recipients if person.email.folded not in named),
        ),
    )


def _listed(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[:MOST_NAMES])


def _more(names: Sequence[str]) -> int:
    return len(names[MOST_NAMES:])


def _paid_by_another(subscription: Subscription | None, office_id: OfficeId) -> tuple[SetUpField, ...]:
    return tuple(sorted(subscription.paid_by_another(office_id))) if subscription else ()
