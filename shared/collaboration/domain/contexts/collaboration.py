"""TODO domain.contexts.collaboration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.history import Actor
from collaboration.domain.model.mail import MailRecipient
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import EmployeeId, Side, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndContext:
    """A collaboration, and what ending it has to know. What is not there is None."""

    collaboration: Collaboration
    office: Office
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    account: Account | None

    @property
    def subscription(self) -> Subscription | None:
        """The subscription that it rests on."""
        solution = self.collaboration.solution
        kept = self.account.subscription(solution) if self.account and solution else None
        subscribers = kept and any(use.collaboration_id == self.collaboration.id for use in kept.subscribers)
        return kept if subscribers else None

    @property
    def solution(self) -> Solution | None:
        """The solution, where it is known."""
        return catalogue().solution(self.collaboration.solution) if self.collaboration.solution else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditContext:
    """A collaboration, and what editing it has to know. `beside`: the others that rest on its subscription."""

    caller_id: EmployeeId
    caller: Employee
    collaboration: Collaboration
    customer: Customer | None
    tasks: Mapping[TaskId, Task]
    account: Account | None
    siblings: tuple[Collaboration, ...]

    @property
    def subscription(self) -> Subscription | None:
        """The subscription that it rests on."""
        solution = self.collaboration.solution
        return self.account.subscription(solution) if self.account and solution else None

    @property
    def actor(self) -> Actor:
        """The caller, as history names them."""
        return Actor(side=Side.OFFICE, name=self.caller.name, employee_id=self.caller_id)


def company_name(context: EndContext) -> str:
    """What the company is called, as far as anybody knows."""
    if context.account:
        return context.account.name
    return context.customer.name if context.customer else context.collaboration.reference or ""


def office_recipients(context: EndContext) -> Iterator[MailRecipient]:
    """The task's owner; the office itself when there is none who works there."""
    owner = context.employees.get(context.task.owner) if context.task else None
    if context.task and owner and owner.active:
        yield MailRecipient(key=f"e-{context.task.owner}", email=owner.email, name=owner.name)
    else:
        yield MailRecipient(key="office", email=context.office.email, name=context.office.name)
