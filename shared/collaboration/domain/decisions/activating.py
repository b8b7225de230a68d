"""Activate: start a collaboration at once, for a company that is new or a tool that the office runs itself."""

from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal, employee
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.accounts import Account, new_administrator
from collaboration.domain.model.change import Change, CustomerUnchanged, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, ListRow, Origin
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import EntryKind, history_entries
from collaboration.domain.model.mail import InformationContent, LoginContent, Mail, administrator_recipients, sent_mails
from collaboration.domain.model.preview import Consent, Preview, require_route
from collaboration.domain.model.subscriptions import Subscription, SubscriptionUse, with_collaboration
from collaboration.domain.model.values import AccountId, AgreementId, CollaborationId, Kind, Route, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate:
    """An ask, and what the caller agreed to."""

    proposal: Proposal
    consent: Consent


def activate(
    context: AskContext, command: Activate, agreement: AgreementId, new_account: AccountId, now: datetime
) -> Change:
    """A new collaboration; in C a new account with it, under the id `new_account`.

    Raises:
        Refused: something is in the way; the fault names it and the preview shows the rest.
    """
    seen = preview(context, command.proposal, now)
    require_route(seen, Route.ACTIVATE, command.consent)
    account = seen.account or created_account(context, new_account)
    subscribers = SubscriptionUse(office_id=context.office_id, collaboration_id=CollaborationId.of(agreement))
    existing = account.any_subscription(seen.solution.key)
    subscription = with_collaboration(existing, seen.solution.key, seen.setup, subscribers, now)
    collaboration = _collaboration(context, command.proposal, seen, account, subscription, agreement, now)
    mail = _login_mail(context, seen, collaboration, account, now)
    if seen.account is not None:
        mail = information_mail(context, seen, collaboration, account, now)
    happened = [EntryKind.COLLABORATION_STARTED]
    if seen.subscription is None:
        happened.insert(0, EntryKind.SUBSCRIPTION_STARTED)
    if seen.account is None:
        happened.insert(0, EntryKind.ACCOUNT_CREATED)
    return Change(
        at=now,
        collaboration=Transition(None, collaboration.replace(mails=dict(sent_mails(mail)))),
        new_account=account if seen.account is None else None,
        subscriptions=(
            SubscriptionTransition(account.id, account.organisation_number, Transition(existing, subscription)),
        ),
        guards=(
            Transition(
                None,
                Guard(
                    office_id=context.office_id,
                    customer_id=context.customer_id,
                    solution=seen.solution.key,
                    owner=collaboration.id,
                ),
            ),
        ),
        customer_unchanged=CustomerUnchanged(context.office_id, context.customer_id, account.organisation_number),
        history=history_entries(collaboration.subject, employee(context), now, *happened),
        mails=(mail,) if mail.recipients else (),
    )


def created_account(context: AskContext, account_id: AccountId) -> Account:
    """The account of a company that is new: the contact person is its administrator and its main contact."""
    contact = new_administrator(context.customer.contact)
    if contact is None:
        raise AssertionError("the activate door is open only with a complete contact person")
    return Account(
        id=account_id,
        organisation_number=context.customer.organisation_number,
        name=context.customer.name,
        users=(contact,),
        main_contact=contact.email,
        revision=1,
    )


def _collaboration(
    context: AskContext,
    proposal: Proposal,
    seen: Preview,
    account: Account,
    subscription: Subscription,
    agreement: AgreementId,
    now: datetime,
) -> Collaboration:
    task = context.tasks.get(proposal.task_id) if proposal.task_id else None
    return Collaboration(
        agreement=agreement,
        office_id=context.office_id,
        organisation_number=account.organisation_number,
        origin=Origin.ACTIVATION,
        started_at=now,
        started_by=context.caller_id,
        customer_id=context.customer_id,
        account_id=account.id,
        solution=seen.solution.key,
        task_id=proposal.task_id,
        setup=seen.setup,
        renews_on=subscription.terms.renews_on,
        customer_owned=subscription.terms.customer_owned,
        had_subscription=seen.subscription is not None,
        terms_version=seen.terms_version,
        to_do=tuple(item.key for item in seen.solution.to_do),
        list_row=ListRow(
            customer_name=context.customer.name,
            account_name=account.name,
            task_owner=task.owner if task else None,
            account_manager=context.customer.account_manager,
            office_name=context.office.name,
        ),
    )


def office_names(seen: Preview) -> tuple[str, ...]:
    """Who at the office may open it."""
    return tuple(access.person.name for access in seen.access if access.person.employee_id)


def _login_mail(
    context: AskContext, seen: Preview, collaboration: Collaboration, account: Account, now: datetime
) -> Mail:
    return Mail(
        id="login-instructions",
        agreement=collaboration.agreement,
        at=now,
        locale=context.customer.locale,
        recipients=administrator_recipients(account),
        content=LoginContent(
            office_name=context.office.name,
            office_email=context.office.email,
            company_name=account.name,
            solution=seen.solution.key,
            solution_kind=seen.kind or Kind.SHARED,
            access=office_names(seen),
        ),
    )


def information_mail(
    context: AskContext, seen: Preview, collaboration: Collaboration, account: Account, now: datetime
) -> Mail:
    """To all administrators of an office tool's account: what was started, and who may open it."""
    return Mail(
        id="information",
        agreement=collaboration.agreement,
        at=now,
        locale=context.customer.locale,
        recipients=administrator_recipients(account),
        content=InformationContent(
            office_name=context.office.name,
            office_email=context.office.email,
            company_name=account.name,
            solution=seen.solution.key,
            solution_kind=seen.kind or Kind.OFFICE_TOOL,
            scenario=Scenario.HAS_SOLUTION if collaboration.had_subscription else Scenario.WITHOUT_SOLUTION,
            setup=collaboration.setup,
            access=office_names(seen),
        ),
    )
