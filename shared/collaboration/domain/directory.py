"""What the neighbours feed: offices and their people, customers and tasks, accounts and their subscriptions.

The values here are also the bodies of the platform's PUT requests; `id` is the one of the path.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from collaboration.domain.catalogue import SetUp
from collaboration.domain.values import (
    AccountId,
    AccountRole,
    CollaborationId,
    CompanyType,
    Email,
    EmployeeId,
    Locale,
    Name,
    OfficeId,
    OrganisationNumber,
    Value,
)

# A contact person may be half known: what is missing is asked for when an account is to be created, not before.
Loose = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f]*$")]


class Office(Value):
    """An accounting office. `invitation_days` is how long its invitations live."""

    name: Name
    email: Email
    locale: Locale
    invitation_days: Annotated[StrictInt, Field(ge=1, le=60)] = 14


class Employee(Value):
    """Somebody who works at an office."""

    name: Name
    email: Email
    full_user_rights: StrictBool
    administrator: StrictBool
    active: StrictBool

    @property
    def may_decide(self) -> bool:
        """Whether they may invite, activate, change terms and end: full user rights and administrator, both."""
        return self.active and self.full_user_rights and self.administrator


class Address(Value):
    """A postal address, perhaps incomplete."""

    street: Loose = ""
    postal_code: Loose = ""
    city: Loose = ""


class Contact(Value):
    """The customer's contact person, as far as the office has written it down."""

    name: Loose
    email: Loose
    phone: Loose | None = None
    address: Address | None = None


class Customer(Value):
    """A customer of an office."""

    name: Name
    organisation_number: OrganisationNumber
    company_type: CompanyType
    contact: Contact
    account_manager: EmployeeId | None = None
    active: StrictBool
    locale: Locale


class Task(Value):
    """An assignment at a customer: one owner, any participants."""

    name: Name
    owner: EmployeeId
    participants: Annotated[tuple[EmployeeId, ...], Field(max_length=500)] = ()
    active: StrictBool

    @property
    def people(self) -> tuple[EmployeeId, ...]:
        """Everybody on the task, the owner first, each once."""
        return tuple(dict.fromkeys((self.owner, *self.participants)))


class AccountUser(Value):
    """A person in an account."""

    email: Email
    name: Name
    role: AccountRole


class Terms(SetUp):
    """What a subscription is bound to, as the register knows it."""

    solution: str
    renews_on: date
    customer_owned: StrictBool = False
    bank_integration_active: StrictBool = False

    def setup(self) -> SetUp:
        """The set-up fields alone."""
        return SetUp(**{name: getattr(self, name) for name in SetUp.model_fields})


class AccountRecord(Value):
    """An account as the register feeds it, subscriptions included."""

    organisation_number: OrganisationNumber
    name: Name
    users: Annotated[tuple[AccountUser, ...], Field(max_length=200)] = ()
    main_contact: Email | None = None
    subscriptions: Annotated[tuple[Terms, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _names_each_thing_once(self) -> Self:
        solutions = [terms.solution for terms in self.subscriptions]
        if len(set(solutions)) < len(solutions):
            raise ValueError("each solution at most once")
        addresses = {user.email.folded for user in self.users}
        if len(addresses) < len(self.users):
            raise ValueError("each address at most once")
        return self


class SubscriptionUse(Value):
    """A collaboration that rests on a subscription."""

    office_id: OfficeId
    collaboration_id: CollaborationId


class SubscriptionStatus(StrEnum):
    """Whether anything may be written in the solution."""

    OPEN = "open"
    CLOSED = "closed"


class Subscription(Value):
    """An account's right to a solution, with the active collaborations that rest on it.

    `next_setup`: what holds from `terms.renews_on` on, where that differs.
    """

    terms: Terms
    next_setup: SetUp | None = None
    subscribers: tuple[SubscriptionUse, ...] = ()
    status: SubscriptionStatus = SubscriptionStatus.OPEN
    revision: int = 0

    def others(self, collaboration_id: CollaborationId) -> tuple[SubscriptionUse, ...]:
        """The other active collaborations that rest on it."""
        return tuple(use for use in self.subscribers if use.collaboration_id != collaboration_id)

    def other_offices(self, office_id: OfficeId) -> bool:
        """Whether another office collaborates in this solution already."""
        return any(use.office_id != office_id for use in self.subscribers)


class Account(Value):
    """A company that is a customer of Spiris. `signed_in`: an administrator has been here since it was created."""

    id: AccountId
    organisation_number: OrganisationNumber
    name: Name
    users: tuple[AccountUser, ...] = ()
    main_contact: Email | None = None
    subscriptions: tuple[Subscription, ...] = ()
    signed_in: bool = False
    revision: int = 0

    @property
    def administrators(self) -> tuple[AccountUser, ...]:
        """The people who decide for the account."""
        return tuple(user for user in self.users if user.role is AccountRole.ADMINISTRATOR)

    def administrator(self, email: str) -> AccountUser | None:
        """The administrator with that address, if there is one."""
        return next((user for user in self.administrators if user.email.folded == email.lower()), None)

    def subscription(self, solution: str) -> Subscription | None:
        """The account's open subscription to a solution, if there is one."""
        any_subscription = self.any_subscription(solution)
        return any_subscription if any_subscription and any_subscription.status is SubscriptionStatus.OPEN else None

    def any_subscription(self, solution: str) -> Subscription | None:
        """The account's subscription to a solution, open or closed."""
        return next((found for found in self.subscriptions if found.terms.solution == solution), None)
