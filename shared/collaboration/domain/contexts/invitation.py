"""TODO domain.contexts.invitation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.model.access import access_of_office
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.catalogue import SetUp, catalogue
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.domain.model.mail import InvitationContent, Mail, MailRecipient
from collaboration.domain.model.setup import resolve_setup
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import EmployeeId, Locale, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationContext:
    """An invitation, and the world around it as it is now. What is gone since is None."""

    invitation: Invitation
    office: Office
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    account: Account | None

    @property
    def linkable_task(self) -> TaskId | None:
        """The task, if the collaboration can be linked to it: it and its customer are there and active."""
        usable = self.customer and self.customer.active and self.task and self.task.active
        return self.invitation.task_id if usable else None

    @property
    def office_names(self) -> tuple[str, ...]:
        """Who at the office gets access."""
        if self.task is None or self.linkable_task is None:
            return ()
        return tuple(
            access.person.name for access in access_of_office(self.invitation.task_id, self.task, self.employees)
        )

    @property
    def subscription(self) -> Subscription | None:
        """The account's subscription to the solution, now."""
        return self.account.subscription(self.invitation.solution) if self.account else None

    @property
    def other_office(self) -> bool:
        """Whether another office already collaborates in the solution."""
        return self.subscription is not None and self.subscription.other_offices(self.invitation.office_id)

    @property
    def setup(self) -> SetUp:
        """The set-up that an acceptance now would give."""
        solution = catalogue().solution(self.invitation.solution)
        if self.subscription is None or solution is None:
            return self.invitation.setup
        return resolve_setup(solution, self.subscription, SetUp())[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientContext(InvitationContext):
    """An administrator at an invitation: `recipient` is the link they hold, `door` what was typed on it before."""

    recipient: str
    holder: InvitationRecipient
    attempt_limit: AttemptLimit


def invitation_mail(
    invitation: Invitation,
    office: Office,
    locale: Locale,
    access: tuple[str, ...],
    now: datetime,
    *,
    reminder: bool = False,
) -> Mail:
    """The mail with a link of their own to each administrator who has one. `access`: who at the office would get it."""
    return Mail(
        id=f"{'reminder' if reminder else 'invitation'}-{invitation.revision}",
        agreement=invitation.agreement,
        at=now,
        locale=locale,
        recipients=tuple(
            MailRecipient(key=key, email=person.email, name=person.name, recipient=key, version=person.version)
            for key, person in invitation.recipients.items()
            if not person.removed
        ),
        content=InvitationContent(
            office_name=office.name,
            office_email=office.email,
            company_name=invitation.account_name,
            solution=invitation.solution,
            scenario=invitation.scenario,
            setup=invitation.setup,
            customer_owned=invitation.customer_owned,
            sender_name=invitation.sent_by.name,
            access=access,
            expires_at=invitation.expires_at,
            message=invitation.message,
            reminder=reminder,
        ),
    )


def holder_fault(context: RecipientContext) -> Fault | None:
    """Why the holder of the link may not decide: `register-decides-who-approves`. None when they may.

    Only a present administrator decides, and nobody of the inviting office.
    """
    if context.account is None or context.account.administrator(context.holder.email) is None:
        return Fault(Slug.NOT_ALLOWED, hint="no-longer-administrator")
    if any(employee.email.folded == context.holder.email.folded for employee in context.employees.values()):
        return Fault(Slug.NOT_ALLOWED, hint="employee-of-office")
    return None


def decision_recipients(context: InvitationContext) -> Iterator[MailRecipient]:
    """The sender and the task's owner, each once; the office itself when neither works there any more."""
    owner = (context.task.owner,) if context.task else ()
    found = False
    for employee_id in dict.fromkeys((context.invitation.sent_by.employee_id, *owner)):
        employee = context.employees.get(employee_id)
        if employee is not None and employee.active:
            found = True
            yield MailRecipient(key=f"e-{employee_id}", email=employee.email, name=employee.name)
    if not found:
        yield MailRecipient(key="office", email=context.office.email, name=context.office.name)
