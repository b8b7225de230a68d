"""Accounts: companies that are customers of Spiris, with their users and subscriptions."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from collaboration.domain.model.directory import Contact
from collaboration.domain.model.faults import UnreadableError
from collaboration.domain.model.subscriptions import Subscription, Terms
from collaboration.domain.model.values import AccountId, AccountRole, Email, Name, OrganisationNumber, Value
from collaboration.frozen import dataclass


class AccountUser(Value):
    """A person in an account."""

    email: Email
    name: Name
    role: AccountRole


def _each_address_once(users: tuple[AccountUser, ...]) -> tuple[AccountUser, ...]:
    if len({user.email.folded for user in users}) < len(users):
        raise ValueError("each address at most once")
    return users


def _each_solution_once(subscriptions: tuple[Terms, ...]) -> tuple[Terms, ...]:
    if len({terms.solution for terms in subscriptions}) < len(subscriptions):
        raise ValueError("each solution at most once")
    return subscriptions


class AccountRecord(Value):
    """An account as the register feeds it, subscriptions included."""

    organisation_number: OrganisationNumber
    name: Name
    users: Annotated[tuple[AccountUser, ...], Field(max_length=200), AfterValidator(_each_address_once)] = ()
    main_contact: Email | None = None
    subscriptions: Annotated[tuple[Terms, ...], Field(max_length=50), AfterValidator(_each_solution_once)] = ()


class Account(Value):
    """A company that is a customer of Spiris. `signed_in`: an administrator has been here since it was created.

    `unreadable`: only its id and its number are known, since what is stored of it cannot be read.
    `unreadable_subscriptions`: the solutions of which the same is true, with the revisions stored: whatever rests on
    either is refused (`unreadable-closes-what-rests-on-it`).
    """

    id: AccountId
    organisation_number: OrganisationNumber
    name: Name
    users: tuple[AccountUser, ...] = ()
    main_contact: Email | None = None
    subscriptions: tuple[Subscription, ...] = ()
    signed_in: bool = False
    revision: int = 0
    unreadable: bool = False
    unreadable_subscriptions: Mapping[str, int] = {}

    @property
    def shown_name(self) -> str:
        """The name as mails to the company's people have it: without the digits that they may be asked for."""
        return self.organisation_number.hidden_in(self.name)

    @property
    def administrators(self) -> tuple[AccountUser, ...]:
        """The people who decide for the account."""
        return tuple(user for user in self.users if user.role is AccountRole.ADMINISTRATOR)

    def administrator(self, email: str) -> AccountUser | None:
        """The administrator with that address, if there is one."""
        return next((user for user in self.administrators if user.email.folded == email.lower()), None)

    @property
    def has_main_contact(self) -> bool:
        """Whether the account is in somebody's hands: its main contact is one of its users, in whichever role."""
        main_contact = self.main_contact
        return main_contact is not None and any(user.email.folded == main_contact.folded for user in self.users)

    def subscription(self, solution: str) -> Subscription | None:
        """The account's open subscription to a solution, if there is one."""
        any_subscription = self.any_subscription(solution)
        return any_subscription if any_subscription and any_subscription.is_open else None

    def has_open(self, solution: str) -> bool:
        """Whether an open subscription to a solution is known, whatever cannot be read."""
        return any(found.terms.solution == solution and found.is_open for found in self.subscriptions)

    def any_subscription(self, solution: str) -> Subscription | None:
        """The account's subscription to a solution, whatever its status.

        Raises:
            UnreadableError: what is stored of it cannot be read.
        """
        if solution in self.unreadable_subscriptions:
            raise UnreadableError("subscription")
        return next((found for found in self.subscriptions if found.terms.solution == solution), None)


@dataclass(frozen=True)
class AccountGuard:
    """Keeps two activations from creating two accounts of one organisation number: `one-account-per-number`.

    `owner` is the account that it names; None in a guard from before guards named one.
    """

    owner: AccountId | None


def choose_account(accounts: Iterable[Account], account_id: AccountId | None) -> Account | None:
    """The account of that id; without an id the only one there is. None where neither names one.

    Args:
        accounts: all accounts of one organisation number.
        account_id: the one meant, where it was said.

    Raises:
        UnreadableError: what is stored of it cannot be read.
    """
    found = tuple(accounts)
    if account_id is None:
        chosen = found[0] if len(found) == 1 else None
    else:
        chosen = next((account for account in found if account.id == account_id), None)
    if chosen and chosen.unreadable:
        raise UnreadableError("account")
    return chosen


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
