"""Activate: start a collaboration at once, for a company that is new or a tool that the office runs itself."""

from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.model.accounts import Account, new_administrator
from collaboration.domain.model.change import Change, CustomerUnchanged, NewAccount, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, ListRow, Origin, copied_terms
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import EntryKind, history_entries
from collaboration.domain.model.mail import Mail, sent_mails
from collaboration.domain.model.mail_composition import information_mail, login_mail
from collaboration.domain.model.preview import Consent, Preview, require_route
from collaboration.domain.model.subscriptions import Subscription, SubscriptionUse, with_collaboration
from collaboration.domain.model.values import AccountId, AgreementId, CollaborationId, Route
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class Activate:
    """A proposal, and what the caller agreed to."""

    proposal: Proposal
    consent: Consent


def activate(
    context: AskContext,
    preview: Preview,
    command: Activate,
    agreement: AgreementId,
    new_account: AccountId,
    now: datetime,
) -> Change:
    """A new collaboration; for a company without an account a new account with it.

    Args:
        context: what is known, as read at `now`.
        preview: the preview of `command.proposal` in that context.
        command: what the caller wants and agreed to.
        agreement: the id of the new agreement.
        new_account: the id of the account, where one is created.
        now: the time, in UTC.

    Raises:
        RefusedError: something is in the way; the fault names it and the preview shows the rest.
    """
    require_route(preview, Route.ACTIVATE, command.consent)
    account = preview.account or _created_account(context, new_account)
    use = SubscriptionUse(office_id=context.office_id, collaboration_id=CollaborationId.of(agreement))
    existing = account.any_subscription(preview.solution.key)
    subscription = with_collaboration(existing, preview.solution.key, preview.setup, use, now)
    collaboration = _collaboration(context, preview, account, subscription, agreement, now)
    mail = _mail(context, preview, collaboration, account, subscription, now)
    guard = Guard.for_collaboration(collaboration)
    return Change(
        at=now,
        collaboration=Transition(None, collaboration.replace(mails=dict(sent_mails(mail)))),
        new_account=NewAccount(account, context.account_guard) if preview.account is None else None,
        subscriptions=(
            SubscriptionTransition(account.id, account.organisation_number, Transition(existing, subscription)),
        ),
        guards=(Transition(None, guard),),
        customer_unchanged=CustomerUnchanged(context.office_id, context.customer_id, account.organisation_number),
        history=history_entries(collaboration.subject, context.actor, now, *_entry_kinds(preview, subscription)),
        mails=(mail,) if mail.recipients else (),
    )


def _entry_kinds(preview: Preview, subscription: Subscription) -> tuple[EntryKind, ...]:
    kinds = [EntryKind.COLLABORATION_STARTED]
    if preview.subscription is None:
        kinds.insert(0, EntryKind.SUBSCRIPTION_STARTED)
    elif preview.subscription.terms != subscription.terms:
        kinds.append(EntryKind.SUBSCRIPTION_CHANGED)
    if preview.account is None:
        kinds.insert(0, EntryKind.ACCOUNT_CREATED)
    return tuple(kinds)


def _created_account(context: AskContext, account_id: AccountId) -> Account:
    """The account of a company that is new: the contact person is its administrator and its main contact."""
    contact = new_administrator(context.customer.contact)
    if contact is None:
        raise AssertionError("activating is allowed only with a complete contact person")
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
    preview: Preview,
    account: Account,
    subscription: Subscription,
    agreement: AgreementId,
    now: datetime,
) -> Collaboration:
    task = context.tasks.get(preview.task_id) if preview.task_id else None
    started = Collaboration(
        agreement=agreement,
        office_id=context.office_id,
        organisation_number=account.organisation_number,
        origin=Origin.ACTIVATION,
        started_at=now,
        started_by=context.caller_id,
        customer_id=context.customer_id,
        account_id=account.id,
        solution=preview.solution.key,
        task_id=preview.task_id,
        had_subscription=preview.subscription is not None,
        terms_version=preview.terms_version,
        to_do=tuple(item.key for item in preview.solution.to_do),
        list_row=ListRow(
            customer_name=context.customer.name,
            account_name=account.name,
            account_manager=context.customer.account_manager,
        )
        .with_payers(subscription, context.office_id)
        .with_task(task, context.people),
    )
    return started.replace(**copied_terms(subscription))


def _mail(
    context: AskContext,
    preview: Preview,
    collaboration: Collaboration,
    account: Account,
    subscription: Subscription,
    now: datetime,
) -> Mail:
    """Login instructions where the account is new, else the information to its administrators."""
    office, locale, names = context.office, context.customer.locale, preview.office_names
    if preview.account is None:
        named = {user.email.folded for user in account.administrators}
        return login_mail("login-instructions", collaboration, account, office, locale, names, now, named=named)
    return information_mail(collaboration, account, office, locale, names, now, subscription=subscription)
