"""What would happen if an office asked now: the situation, the set-up, the consequences and everything in the way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collaboration.domain.access import Access, access_of_customer, access_of_office
from collaboration.domain.catalogue import SetUp, SetUpField, Solution, catalogue
from collaboration.domain.directory import Account, AccountUser, Contact, Customer, Employee, Office, Subscription, Task
from collaboration.domain.faults import ORDER, Code, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.guard import Guard
from collaboration.domain.terms import TERMS_VERSION, terms_of
from collaboration.domain.values import (
    AccountId,
    AccountRole,
    CollaborationId,
    CustomerId,
    Route,
    Email,
    EmployeeId,
    Kind,
    OfficeId,
    InvoiceRecipient,
    Scenario,
    TaskId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What an employee asks for: a customer, a solution, a task and the set-up."""

    customer_id: CustomerId
    solution: str
    task_id: TaskId | None
    account_id: AccountId | None
    setup: SetUp


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContext:
    """What a decision about a customer and a solution has to know, as read at one moment.

    `accounts` are those of the customer's organisation number; `people` the employees on the chosen task;
    `contact_is_employee` whether the contact person's address is one of the office's own; `waiting` the unlinked
    collaborations with that number and solution.
    """

    office_id: OfficeId
    office: Office
    caller_id: EmployeeId
    caller: Employee
    customer_id: CustomerId
    customer: Customer
    tasks: Mapping[TaskId, Task]
    guard: Guard | None
    accounts: tuple[Account, ...]
    people: Mapping[EmployeeId, Employee]
    contact_is_employee: bool
    unlinked: tuple[CollaborationId, ...]


class Effect(StrEnum):
    """The consequences, in the order they are told."""

    ACCESS_REQUESTED = "access-requested"
    APPROVAL_ASKED = "approval-asked"
    JOINS_SUBSCRIPTION = "joins-subscription"
    SUBSCRIPTION_AT_ACCEPTANCE = "subscription-at-acceptance"
    ACCESS_AT_ACCEPTANCE = "access-at-acceptance"
    ACCOUNT_CREATED = "account-created"
    CONTACT_BECOMES_ADMINISTRATOR = "contact-becomes-administrator"
    SUBSCRIPTION_AT_ONCE = "subscription-at-once"
    JOINS_AT_ONCE = "joins-at-once"
    ACCESS_AT_ONCE = "access-at-once"
    NO_CUSTOMER_ACCESS = "no-customer-access"
    LOGIN_MAIL = "login-mail"
    ADMINISTRATORS_TOLD = "administrators-told"


class WarningKind(StrEnum):
    """What the office should look at first, though nothing is in the way."""

    UNLINKED_EXISTS = "unlinked-exists"
    NOBODY_GETS_ACCESS = "nobody-gets-access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen. `faults` stand in the order in which they name an answer; `setup` has defaults filled in."""

    office_name: str
    company_name: str
    contact_name: str
    task_id: TaskId | None
    scenario: Scenario
    kind: Kind | None
    route: Route | None
    solution: Solution
    account: Account | None
    subscription: Subscription | None
    setup: SetUp
    missing: tuple[str, ...]
    effects: tuple[Effect, ...]
    mails: tuple[tuple[str, str], ...]
    access: tuple[Access, ...]
    terms_version: str
    terms: str
    warnings: tuple[WarningKind, ...]
    unlinked: tuple[CollaborationId, ...]
    faults: tuple[Fault, ...]


def solution_asked(key: str) -> Solution:
    """The solution of that key.

    Raises:
        Refused: there is none, `validation-failed`.
    """
    found = catalogue().solution(key)
    if found is None:
        unknown = FieldFault("#/solution", Code.UNKNOWN, hint="solution")
        raise RefusedError(Fault(Slug.VALIDATION_FAILED, fields=(unknown,)))
    return found


def preview(context: AskContext, proposal: Proposal, now: datetime) -> Preview:
    """Everything about asking for `ask` at `now`, whoever asks and whatever is in the way.

    Raises:
        Refused: the solution is not in the catalogue.
    """
    solution = solution_asked(proposal.solution)
    account = _account(context.accounts, proposal.account_id)
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
    return Preview(
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
        setup=setup,
        missing=tuple(fault.pointer.removeprefix("#/") for fault in fields if fault.code is Code.MISSING),
        effects=tuple(_effects(scenario, kind, subscription)),
        mails=tuple(_mails(context, kind, account)),
        access=access,
        terms_version=TERMS_VERSION,
        terms=terms_of(scenario, kind),
        warnings=tuple(_warnings(context, proposal, access)),
        unlinked=context.unlinked,
        faults=tuple(sorted(faults, key=lambda fault: ORDER.index(fault.slug))),
    )


@dataclass(frozen=True, slots=True)
class Consent:
    """What the caller was shown and agreed to."""

    scenario: Scenario
    terms_version: str


def require_route(preview_: Preview, route: Route, consent: Consent) -> None:
    """Let the caller through `door`, or say what is in the way: `right-door-only`, `situation-checked-again`.

    Raises:
        Refused: with the preview, and the first of all faults naming the answer.
    """
    faults = list(preview_.faults)
    if consent.scenario is not preview_.scenario:
        faults.append(Fault(Slug.SITUATION_CHANGED))
    if preview_.route is not None and preview_.route is not route:
        faults.append(Fault(_wrong_door(preview_, route), actions=(preview_.route,)))
    if consent.terms_version != preview_.terms_version:
        faults.append(Fault(Slug.TERMS_OUTDATED, fields=(FieldFault("#/termsVersion", Code.INVALID),)))
    if fault := first_of(faults):
        raise RefusedError(fault, preview=preview_)


def _wrong_door(preview_: Preview, route: Route) -> Slug:
    if route is Route.ACTIVATE:
        return Slug.CUSTOMER_MUST_APPROVE
    return Slug.APPROVAL_NOT_NEEDED if preview_.kind is Kind.OFFICE_TOOL else Slug.CUSTOMER_NOT_REGISTERED


def route_of(scenario: Scenario, kind: Kind | None) -> Route | None:
    """The right door; None until the variant decides the kind."""
    if kind is None:
        return None
    if kind is Kind.OFFICE_TOOL or scenario is Scenario.NOT_A_CUSTOMER:
        return Route.ACTIVATE
    return Route.INVITE


def _account(accounts: tuple[Account, ...], chosen: AccountId | None) -> Account | None:
    if chosen is None:
        return accounts[0] if len(accounts) == 1 else None
    return next((account for account in accounts if account.id == chosen), None)


def _scenario(accounts: tuple[Account, ...], account: Account | None, solution: str) -> Scenario:
    if not accounts:
        return Scenario.NOT_A_CUSTOMER
    # While it is open which account is meant, the one that has the solution is the likelier.
    looked_at = (account,) if account else accounts
    if any(candidate.subscription(solution) for candidate in looked_at):
        return Scenario.HAS_SOLUTION
    return Scenario.WITHOUT_SOLUTION


def resolve_setup(solution: Solution, subscription: Subscription | None, given: SetUp) -> tuple[SetUp, tuple[FieldFault, ...]]:
    """The set-up that will hold, and what is wrong with the one given: `asked-set-up-only`, `terms-inherited`."""
    if subscription is not None:
        return _inherited(solution, subscription, given)
    return _asked(solution, given)


def _inherited(solution: Solution, subscription: Subscription, given: SetUp) -> tuple[SetUp, tuple[FieldFault, ...]]:
    kept = dict(subscription.terms.setup().given())
    if not subscription.terms.customer_owned:
        for field in solution.setup:
            if field.is_invoice_recipient:
                kept.setdefault(field, InvoiceRecipient.CUSTOMER)
            elif field in solution.defaults:
                kept.setdefault(field, solution.defaults[field])
    faults = []
    for field, value in given.given().items():
        if subscription.terms.customer_owned or field not in solution.setup:
            faults.append(FieldFault(f"#/{field}", Code.NOT_ASKED))
        elif kept.get(field) != value:
            faults.append(FieldFault(f"#/{field}", Code.INHERITED))
    return SetUp.model_validate(kept), tuple(faults)


def _asked(solution: Solution, given: SetUp) -> tuple[SetUp, tuple[FieldFault, ...]]:
    values = given.given()
    variant = solution.variant(given.variant)
    fixed = variant.fixed if variant else {}
    faults, settled = [], dict[SetUpField, str | int]()
    for field in SetUpField:
        value = values.get(field)
        if field not in solution.setup:
            if value is not None:
                faults.append(FieldFault(f"#/{field}", Code.NOT_ASKED))
        elif field in fixed:
            settled[field] = fixed[field]
            if value not in (None, fixed[field]):
                faults.append(FieldFault(f"#/{field}", Code.NOT_AVAILABLE))
        elif value is None and field not in solution.defaults:
            faults.append(FieldFault(f"#/{field}", Code.MISSING))
        elif value is not None and value not in solution.values_of(field):
            faults.append(FieldFault(f"#/{field}", Code.INVALID))
        else:
            settled[field] = solution.defaults[field] if value is None else value
    return SetUp.model_validate(settled), tuple(faults)


def _task_missing(context: AskContext, proposal: Proposal) -> tuple[FieldFault, ...]:
    if proposal.task_id is None and _has_active_task(context):
        return (FieldFault("#/taskId", Code.MISSING),)
    return ()


def _has_active_task(context: AskContext) -> bool:
    return context.customer.active and any(task.active for task in context.tasks.values())


def _faults(
    context: AskContext, proposal: Proposal, scenario: Scenario, kind: Kind | None, account: Account | None, now: datetime
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
        wrong = FieldFault("#/taskId", Code.NOT_AVAILABLE if proposal.task_id in context.tasks else Code.UNKNOWN)
        yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(wrong,))
    if scenario is Scenario.NOT_A_CUSTOMER:
        yield from _contact_in_the_way(context)
    elif kind is not Kind.OFFICE_TOOL and account is not None and not account.administrators:
        yield Fault(Slug.NO_ADMINISTRATOR)


def _contact_in_the_way(context: AskContext) -> Iterator[Fault]:
    if missing := contact_faults(context.customer.contact):
        yield Fault(Slug.CONTACT_INCOMPLETE, fields=missing)
    if context.contact_is_employee:
        yield Fault(Slug.CONTACT_IS_EMPLOYEE, fields=(FieldFault("#/contact/email", Code.NOT_AVAILABLE),))


def conflict_fault(guard: Guard) -> Fault:
    """The fault that points to what holds a guard: `one-live-per-solution`."""
    if guard.invitation:
        return Fault(Slug.ALREADY_INVITED, location=f"invitations/{guard.invitation}")
    return Fault(Slug.ALREADY_COLLABORATING, location=f"collaborations/{guard.owner}")


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


def contact_email(contact: Contact) -> Email | None:
    """The contact person's address, if what was written down is one."""
    try:
        return Email(contact.email)
    except ValueError:
        return None


def new_administrator(contact: Contact) -> AccountUser | None:
    """The contact person as the administrator of a new account, once complete enough."""
    email = contact_email(contact)
    if email is None or not contact.name:
        return None
    return AccountUser(email=email, name=contact.name, role=AccountRole.ADMINISTRATOR)


def _customers_people(context: AskContext, account: Account | None) -> tuple[AccountUser, ...]:
    if account is not None:
        return account.administrators
    coming = new_administrator(context.customer.contact) if not context.accounts else None
    return (coming,) if coming else ()


def _foreseen_access(
    context: AskContext, task_id: TaskId | None, kind: Kind | None, account: Account | None
) -> Iterator[Access]:
    if task_id is not None and task_id in context.tasks:
        yield from access_of_office(task_id, context.tasks[task_id], context.people)
    yield from access_of_customer(kind, _customers_people(context, account))


def _effects(scenario: Scenario, kind: Kind | None, subscription: Subscription | None) -> Iterator[Effect]:
    if scenario is Scenario.NOT_A_CUSTOMER:
        yield from (Effect.ACCOUNT_CREATED, Effect.CONTACT_BECOMES_ADMINISTRATOR, Effect.SUBSCRIPTION_AT_ONCE)
        yield from (Effect.ACCESS_AT_ONCE, Effect.LOGIN_MAIL)
        if kind is Kind.OFFICE_TOOL:
            yield Effect.NO_CUSTOMER_ACCESS
    elif kind is Kind.OFFICE_TOOL:
        yield Effect.JOINS_AT_ONCE if subscription else Effect.SUBSCRIPTION_AT_ONCE
        yield from (Effect.ACCESS_AT_ONCE, Effect.NO_CUSTOMER_ACCESS, Effect.ADMINISTRATORS_TOLD)
    else:
        owned = subscription is not None and subscription.terms.customer_owned
        yield Effect.ACCESS_REQUESTED if owned else Effect.APPROVAL_ASKED
        yield Effect.JOINS_SUBSCRIPTION if subscription else Effect.SUBSCRIPTION_AT_ACCEPTANCE
        yield from (Effect.ACCESS_AT_ACCEPTANCE, Effect.ADMINISTRATORS_TOLD)


def _mails(context: AskContext, kind: Kind | None, account: Account | None) -> Iterator[tuple[str, str]]:
    people = _customers_people(context, account)
    if not context.accounts:
        yield from (("login-instructions", user.email) for user in people)
        return
    if kind is not Kind.OFFICE_TOOL:
        yield from (("invitation", user.email) for user in people)
    yield from (("information", user.email) for user in people)


def _warnings(context: AskContext, proposal: Proposal, access: tuple[Access, ...]) -> Iterator[WarningKind]:
    if context.unlinked:
        yield WarningKind.UNLINKED_EXISTS
    if proposal.task_id is not None and _selectable(context, proposal.task_id) and not any(a.person.employee_id for a in access):
        yield WarningKind.NOBODY_GETS_ACCESS
