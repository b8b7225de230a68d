"""Preview: the situation, the set-up, the consequences and everything in the way, if an office asked now."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.model.access import Access, access_of_customer, access_of_office
from collaboration.domain.model.accounts import Account, AccountUser, choose_account, contact_email, new_administrator
from collaboration.domain.model.directory import Contact, is_read_at_office
from collaboration.domain.model.faults import ORDER, Code, Fault, FieldFault, Slug
from collaboration.domain.model.guard import conflict_fault
from collaboration.domain.model.preview import Effect, Preview, WarningKind
from collaboration.domain.model.setup import resolve_setup, solution_asked
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.terms import TERMS_VERSION, terms_of
from collaboration.domain.model.values import Kind, Route, Scenario, TaskId


def preview(context: AskContext, proposal: Proposal, now: datetime) -> Preview:
    """The preview of `proposal` at `now`, whoever asks and whatever is in the way.

    Raises:
        RefusedError: the solution is not in the catalogue.
    """
    solution = solution_asked(proposal.solution)
    account = choose_account(context.accounts, proposal.account_id)
    scenario = _scenario(context.accounts, account, solution.key)
    subscription = account.subscription(solution.key) if account else None
    setup, setup_faults = resolve_setup(solution, subscription, proposal.setup)
    kind = solution.kind_of(setup.variant)
    route = route_of(scenario, kind)
    fields = _task_missing(context, proposal) + setup_faults
    access = tuple(_foreseen_access(context, proposal.task_id, kind, account))
    faults = [*_faults(context, proposal, scenario, kind, account, now)]
    if fields:
        faults.append(Fault(Slug.VALIDATION_FAILED, fields=fields, hint="set-up"))
    by_another = subscription.paid_by_another(context.office_id) if subscription else frozenset()
    another_pays = bool(by_another & setup.paid_by_office())
    terms_change = subscription is not None and subscription.coming_terms(context.office_id) is not None
    effects = _effects(scenario, kind, subscription, another_pays=another_pays, terms_change=terms_change)
    nobody_to_inform = account is not None and not account.administrators
    return Preview(
        office_id=context.office_id,
        office_name=context.office.name,
        company_name=account.name if account else context.customer.name,
        contact_name=context.customer.contact.name,
        task_id=proposal.task_id,
        scenario=scenario,
        kind=kind,
        route=route,
        solution=solution,
        account=account,
        subscription=subscription,
        paid_by_another=by_another,
        setup=setup,
        missing=tuple(fault.pointer.removeprefix("#/") for fault in fields if fault.code is Code.MISSING),
        effects=tuple(effect for effect in effects if not (nobody_to_inform and effect is Effect.ADMINISTRATORS_TOLD)),
        mails=tuple(_mails(context, kind, account)),
        access=access,
        terms_version=TERMS_VERSION,
        terms=terms_of(scenario, kind),
        warnings=tuple(_warnings(context, proposal, access, account if route is Route.INVITE else None)),
        unlinked=context.unlinked,
        faults=tuple(sorted(faults, key=lambda fault: ORDER.index(fault.slug))),
    )


def route_of(scenario: Scenario, kind: Kind | None) -> Route | None:
    """The route that is right; None until the variant decides the kind."""
    if kind is None:
        return None
    if kind is Kind.OFFICE_TOOL or scenario is Scenario.NOT_A_CUSTOMER:
        return Route.ACTIVATE
    return Route.INVITE


def _scenario(accounts: tuple[Account, ...], account: Account | None, solution: str) -> Scenario:
    if not accounts:
        return Scenario.NOT_A_CUSTOMER
    # While it is open which account is meant, the one that has the solution is the likelier.
    candidates = (account,) if account else accounts
    if any(candidate.has_open(solution) for candidate in candidates):
        return Scenario.HAS_SOLUTION
    return Scenario.WITHOUT_SOLUTION


def _task_missing(context: AskContext, proposal: Proposal) -> tuple[FieldFault, ...]:
    if proposal.task_id is None and _has_active_task(context):
        return (FieldFault("#/taskId", Code.MISSING),)
    return ()


def _has_active_task(context: AskContext) -> bool:
    return context.customer.active and any(task.active for task in context.tasks.values())


def _faults(
    context: AskContext,
    proposal: Proposal,
    scenario: Scenario,
    kind: Kind | None,
    account: Account | None,
    now: datetime,
) -> Iterator[Fault]:
    if not context.caller.may_decide:
        yield Fault(Slug.NOT_ALLOWED, hint="rights")
    if context.guard and context.guard.holds(now):
        yield conflict_fault(context.guard)
    if len(context.accounts) > 1 and proposal.account_id is None:
        choices = tuple((account.id, account.name) for account in context.accounts)
        yield Fault(Slug.ACCOUNT_AMBIGUOUS, accounts=choices)
    elif proposal.account_id is not None and account is None:
        yield Fault(Slug.VALIDATION_FAILED, fields=(FieldFault("#/accountId", Code.UNKNOWN),))
    if not _has_active_task(context):
        yield Fault(Slug.NO_ACTIVE_TASK, hint=None if context.customer.active else "customer-inactive")
    elif proposal.task_id is not None and not _selectable(context, proposal.task_id):
        unavailable = FieldFault("#/taskId", Code.NOT_AVAILABLE if proposal.task_id in context.tasks else Code.UNKNOWN)
        yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(unavailable,))
    if scenario is Scenario.NOT_A_CUSTOMER:
        yield from _contact_person_faults(context)
    elif kind is not Kind.OFFICE_TOOL and account is not None and not account.administrators:
        yield Fault(Slug.NO_ADMINISTRATOR)


def _contact_person_faults(context: AskContext) -> Iterator[Fault]:
    if missing := contact_faults(context.customer.contact):
        yield Fault(Slug.CONTACT_INCOMPLETE, fields=missing)
    if context.contact_is_employee:
        yield Fault(Slug.CONTACT_IS_EMPLOYEE, fields=(FieldFault("#/contact/email", Code.NOT_AVAILABLE),))


def _selectable(context: AskContext, task_id: TaskId) -> bool:
    task = context.tasks.get(task_id)
    return task is not None and task.active


def contact_faults(contact: Contact) -> tuple[FieldFault, ...]:
    """What the contact person lacks before they can be given an account: `contact-complete`."""
    faults = []
    if not contact.name:
        faults.append(FieldFault("#/contact/name", Code.MISSING, hint="contact.name"))
    if not contact.email:
        faults.append(FieldFault("#/contact/email", Code.MISSING, hint="contact.email"))
    elif contact_email(contact) is None:
        faults.append(FieldFault("#/contact/email", Code.INVALID, hint="contact.email-invalid"))
    address = contact.address
    for name, value in (
        ("street", address and address.street),
        ("postalCode", address and address.postal_code),
        ("city", address and address.city),
    ):
        if not value:
            faults.append(FieldFault(f"#/contact/address/{name}", Code.MISSING, hint=f"contact.address.{name}"))
    return tuple(faults)


def _administrators(context: AskContext, account: Account | None) -> tuple[AccountUser, ...]:
    if account is not None:
        return account.administrators
    created = new_administrator(context.customer.contact) if not context.accounts else None
    return (created,) if created else ()


def _foreseen_access(
    context: AskContext, task_id: TaskId | None, kind: Kind | None, account: Account | None
) -> Iterator[Access]:
    task = context.tasks.get(task_id) if task_id else None
    yield from access_of_office(task_id, task, context.customer, context.people)
    yield from access_of_customer(kind, _administrators(context, account))


def _effects(
    scenario: Scenario,
    kind: Kind | None,
    subscription: Subscription | None,
    *,
    another_pays: bool,
    terms_change: bool,
) -> Iterator[Effect]:
    # Without a route nothing can happen yet, and nothing is promised.
    if kind is None:
        return
    if scenario is Scenario.NOT_A_CUSTOMER:
        yield from (Effect.ACCOUNT_CREATED, Effect.CONTACT_BECOMES_ADMINISTRATOR, Effect.SUBSCRIPTION_AT_ONCE)
        yield from (Effect.ACCESS_AT_ONCE, Effect.LOGIN_MAIL)
        if kind is Kind.OFFICE_TOOL:
            yield Effect.NO_CUSTOMER_ACCESS
    elif kind is Kind.OFFICE_TOOL:
        yield Effect.JOINS_AT_ONCE if subscription else Effect.SUBSCRIPTION_AT_ONCE
        if another_pays:
            yield Effect.ANOTHER_OFFICE_PAYS
        if terms_change:
            yield Effect.TERMS_CHANGE_AT_RENEWAL
        yield from (Effect.ACCESS_AT_ONCE, Effect.NO_CUSTOMER_ACCESS, Effect.ADMINISTRATORS_TOLD)
    else:
        customer_owned = subscription is not None and subscription.terms.customer_owned
        yield Effect.ACCESS_REQUESTED if customer_owned else Effect.APPROVAL_ASKED
        yield Effect.JOINS_SUBSCRIPTION if subscription else Effect.SUBSCRIPTION_AT_ACCEPTANCE
        if another_pays:
            yield Effect.ANOTHER_OFFICE_PAYS
        if terms_change:
            yield Effect.TERMS_CHANGE_AT_RENEWAL
        yield from (Effect.ACCESS_AT_ACCEPTANCE, Effect.ADMINISTRATORS_TOLD)


def _mails(context: AskContext, kind: Kind | None, account: Account | None) -> Iterator[tuple[str, str]]:
    people = _administrators(context, account)
    if kind is None:
        return
    if not context.accounts:
        yield from (("login-instructions", user.email) for user in people)
        return
    if kind is Kind.SHARED:
        yield from (("invitation", user.email) for user in people)
    yield from (("information", user.email) for user in people)


def _warnings(
    context: AskContext, proposal: Proposal, access: tuple[Access, ...], asked: Account | None
) -> Iterator[WarningKind]:
    """What the office should know. `asked`: the account that is asked to approve; None where no approval is asked."""
    if context.unlinked:
        yield WarningKind.UNLINKED_EXISTS
    if (
        proposal.task_id is not None
        and _selectable(context, proposal.task_id)
        and not any(given.person.employee_id for given in access)
    ):
        yield WarningKind.NOBODY_GETS_ACCESS
    people = asked.administrators if asked else ()
    if people and all(_works_at_office(context, user.email.folded) for user in people):
        yield WarningKind.NOBODY_MAY_APPROVE


def _works_at_office(context: AskContext, address: str) -> bool:
    """Whether an address, in small letters, is one of the office, which does not approve its own request.

    As far as its employees are known here: who asks, those on the task, and who has the contact person's address. The
    acceptance asks for everybody (`domain.contexts.invitation`).
    """
    contact = contact_email(context.customer.contact) if context.contact_is_employee else None
    of_contact = contact is not None and contact.folded == address
    return of_contact or is_read_at_office(context.office, (context.caller, *context.people.values()), address)
