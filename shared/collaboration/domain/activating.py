"""Activate: start a collaboration at once, for a company that is new or a tool that the office runs itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.change import Change, CustomerStays, Step, SubscriptionStep
from collaboration.domain.collaboration import Collaboration, Copied, Origin, SentMail
from collaboration.domain.directory import Account, Resting, Subscription
from collaboration.domain.guard import Guard
from collaboration.domain.history import What, told
from collaboration.domain.inviting import employee
from collaboration.domain.letters import InformationLetter, LoginLetter, Outgoing, administrators_of
from collaboration.domain.preview import Agreed, Ask, Preview, World, check_door, new_administrator, preview
from collaboration.domain.subscribing import with_collaboration
from collaboration.domain.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    Door,
    Kind,
    Scenario,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate:
    """An ask, and what the caller agreed to."""

    ask: Ask
    agreed: Agreed


def activate(world: World, command: Activate, agreement: AgreementId, new_account: AccountId, now: datetime) -> Change:
    """A new collaboration; in C a new account with it, under the id `new_account`.

    Raises:
        Refused: something is in the way; the fault names it and the preview shows the rest.
    """
    seen = preview(world, command.ask, now)
    check_door(seen, Door.ACTIVATE, command.agreed)
    account = seen.account or created_account(world, new_account)
    resting = Resting(office_id=world.office_id, collaboration_id=CollaborationId.of(agreement))
    kept = account.kept(seen.solution.key)
    subscription = with_collaboration(kept, seen.solution.key, seen.setup, resting, now)
    collaboration = _collaboration(world, command.ask, seen, account, subscription, agreement, now)
    mail = _login_mail(world, seen, collaboration, account, now)
    if seen.account is not None:
        mail = information_mail(world, seen, collaboration, account, now)
    happened = [What.COLLABORATION_STARTED]
    if seen.subscription is None:
        happened.insert(0, What.SUBSCRIPTION_STARTED)
    if seen.account is None:
        happened.insert(0, What.ACCOUNT_CREATED)
    return Change(
        at=now,
        collaboration=Step(None, collaboration.model_copy(update={"mails": dict(sent_mails(mail))})),
        new_account=account if seen.account is None else None,
        subscriptions=(SubscriptionStep(account.id, account.organisation_number, Step(kept, subscription)),),
        guards=(
            Step(
                None,
                Guard(
                    office_id=world.office_id,
                    customer_id=world.customer_id,
                    solution=seen.solution.key,
                    owner=collaboration.id,
                ),
            ),
        ),
        customer_stays=CustomerStays(world.office_id, world.customer_id, account.organisation_number),
        history=told(collaboration.subject, employee(world), now, *happened),
        mails=(mail,) if mail.readers else (),
    )


def created_account(world: World, account_id: AccountId) -> Account:
    """The account of a company that is new: the contact person is its administrator and its main contact."""
    contact = new_administrator(world.customer.contact)
    if contact is None:
        raise AssertionError("the activate door is open only with a complete contact person")
    return Account(
        id=account_id,
        organisation_number=world.customer.organisation_number,
        name=world.customer.name,
        users=(contact,),
        main_contact=contact.email,
        revision=1,
    )


def _collaboration(
    world: World,
    ask: Ask,
    seen: Preview,
    account: Account,
    subscription: Subscription,
    agreement: AgreementId,
    now: datetime,
) -> Collaboration:
    task = world.tasks.get(ask.task_id) if ask.task_id else None
    return Collaboration(
        agreement=agreement,
        office_id=world.office_id,
        organisation_number=account.organisation_number,
        origin=Origin.ACTIVATION,
        started_at=now,
        started_by=world.caller_id,
        customer_id=world.customer_id,
        account_id=account.id,
        solution=seen.solution.key,
        task_id=ask.task_id,
        setup=seen.setup,
        renews_on=subscription.terms.renews_on,
        customer_owned=subscription.terms.customer_owned,
        had_subscription=seen.subscription is not None,
        terms_version=seen.terms_version,
        to_do=tuple(item.key for item in seen.solution.to_do),
        copied=Copied(
            customer_name=world.customer.name,
            account_name=account.name,
            task_owner=task.owner if task else None,
            account_manager=world.customer.account_manager,
            office_name=world.office.name,
        ),
    )


def office_names(seen: Preview) -> tuple[str, ...]:
    """Who at the office may open it."""
    return tuple(access.person.name for access in seen.access if access.person.employee_id)


def _login_mail(world: World, seen: Preview, collaboration: Collaboration, account: Account, now: datetime) -> Outgoing:
    return Outgoing(
        id="login-instructions",
        agreement=collaboration.agreement,
        at=now,
        locale=world.customer.locale,
        readers=administrators_of(account),
        letter=LoginLetter(
            office_name=world.office.name,
            office_email=world.office.email,
            company_name=account.name,
            solution=seen.solution.key,
            solution_kind=seen.kind or Kind.SHARED,
            access=office_names(seen),
        ),
    )


def information_mail(
    world: World, seen: Preview, collaboration: Collaboration, account: Account, now: datetime
) -> Outgoing:
    """To all administrators of an office tool's account: what was started, and who may open it."""
    return Outgoing(
        id="information",
        agreement=collaboration.agreement,
        at=now,
        locale=world.customer.locale,
        readers=administrators_of(account),
        letter=InformationLetter(
            office_name=world.office.name,
            office_email=world.office.email,
            company_name=account.name,
            solution=seen.solution.key,
            solution_kind=seen.kind or Kind.OFFICE_TOOL,
            scenario=Scenario.HAS_SOLUTION if collaboration.had_subscription else Scenario.WITHOUT_SOLUTION,
            setup=collaboration.setup,
            access=office_names(seen),
        ),
    )


def sent_mails(mail: Outgoing) -> Iterator[tuple[str, SentMail]]:
    """What the collaboration shows of a mail, by the key under which its fate is written."""
    for reader in mail.readers:
        yield f"{mail.id}.{reader.key}", SentMail(kind=mail.mail_kind, to=reader.email)
