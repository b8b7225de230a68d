"""What ending and editing a collaboration have to know."""

from collections.abc import Iterator, Mapping

from collaboration.domain.contexts.agreement import AgreementContext
from collaboration.domain.contexts.caller import CallerContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration, is_unlinked_import
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import CollaborationId, EmployeeId, OfficeId, TaskId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class EndContext(AgreementContext):
    """A collaboration, and what ending it has to know.

    `accounts` are all with its organisation number, `unlinked` all unlinked collaborations with that in its solution,
    each with its office.
    """

    collaboration: Collaboration
    accounts: tuple[Account, ...] = ()
    unlinked: tuple[tuple[CollaborationId, OfficeId], ...] = ()

    @property
    def subscription(self) -> Subscription | None:
        """The subscription that the collaboration rests on: `rests-on-its-accounts-solution`.

        Also while it does not say so: an import is with its account before the access service lets it rest there.
        """
        solution = self.collaboration.solution
        return self.account.any_subscription(solution) if self.account and solution else None

    @property
    def shares_subscription(self) -> bool:
        """Whether another active collaboration rests on the subscription.

        Also an import that is with the account, the only one of its number, and does not say so yet.
        """
        others = self.subscription.others(self.collaboration.id) if self.subscription else ()
        return bool(others or self._other_imports)

    @property
    def office_stays(self) -> bool:
        """Whether another active collaboration of the same office rests on the subscription without saying so yet."""
        return self.collaboration.office_id in self._other_imports.values()

    @property
    def _other_imports(self) -> Mapping[CollaborationId, OfficeId]:
        """The other imports that are with the account, the only one of its number, and the office of each."""
        if len(self.accounts) != 1:
            return {}
        return {name: office_id for name, office_id in self.unlinked if name != self.collaboration.id}

    @property
    def solution(self) -> Solution | None:
        """The solution, where it is known."""
        return catalogue().solution(self.collaboration.solution) if self.collaboration.solution else None

    @property
    def company_name(self) -> str:
        """The account's name, else the customer's, else the reference of the import."""
        if self.account:
            return self.account.name
        return self.customer.name if self.customer else self.collaboration.reference or ""

    @property
    def shown_company_name(self) -> str:
        """The name as mails to the company's people have it: without the digits that they may be asked for."""
        return self.collaboration.organisation_number.hidden_in(self.company_name)

    @property
    def customer_name(self) -> str:
        """What the office calls the company: the customer's name, else as `company_name`."""
        return self.customer.name if self.customer else self.company_name

    @property
    def office_recipients(self) -> Iterator[MailRecipient]:
        """The task's owner; the office itself when there is none who is active."""
        return self.active_recipients(self.task.owner if self.task else None)


@dataclass(frozen=True, kw_only=True)
class EditContext(CallerContext):
    """A collaboration, and what editing it has to know.

    `tasks` are the customer's; `employees` the office's, where the task is to be changed; `siblings` the other active
    collaborations that rest on the same subscription.
    """

    collaboration: Collaboration
    customer: Customer | None
    tasks: Mapping[TaskId, Task]
    employees: Mapping[EmployeeId, Employee]
    account: Account | None
    siblings: tuple[Collaboration, ...]

    @property
    def subscription(self) -> Subscription | None:
        """The open subscription whose terms the collaboration shares.

        None of an unlinked import, which is with its account by its organisation number alone.
        """
        solution = self.collaboration.solution
        if solution is None or self.account is None or is_unlinked_import(self.collaboration):
            return None
        return self.account.subscription(solution)

    @property
    def customer_owned(self) -> bool:
        """Whether the subscription is the customer's own.

        What the collaboration has copied may be older: of many on one subscription some follow a little later.
        """
        return self.subscription.terms.customer_owned if self.subscription else self.collaboration.customer_owned

    @property
    def solution(self) -> Solution | None:
        """The solution, where it is known."""
        return catalogue().solution(self.collaboration.solution) if self.collaboration.solution else None
