"""What decisions about an invitation have to know."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime

from collaboration.domain.contexts.agreement import AgreementContext
from collaboration.domain.model.attempt_limit import TRIES_AT_PERSONAL_NUMBER, TRIES_PER_INVITATION, AttemptLimit
from collaboration.domain.model.directory import Customer, is_read_at_office
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import InvitationRecipient, Obstacle
from collaboration.domain.model.invitation_terms import InvitationTerms
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import CompanyType, Side, TaskId
from collaboration.frozen import dataclass

_PERSONS = frozenset({CompanyType.SOLE_TRADER, CompanyType.PRIVATE_INDIVIDUAL})


@dataclass(frozen=True, kw_only=True)
class SendingContext(InvitationTerms):
    """An invitation, and what says whether it may be sent: also once more, or as a reminder.

    `customer` is the office's as it is now; `attempt_limit` holds the wrong digits typed on its links.
    """

    customer: Customer | None
    attempt_limit: AttemptLimit = field(default_factory=AttemptLimit)

    @property
    def tries_allowed(self) -> int:
        """How many wrong tries at the digits the invitation takes in all: `three-tries-at-a-persons-number`.

        The number is a person's where the office says so, or where it does not say and the number looks like one.
        """
        company_type = self.customer.company_type if self.customer else CompanyType.OTHER
        looks_personal = company_type is CompanyType.OTHER and self.invitation.organisation_number.is_personal
        return TRIES_AT_PERSONAL_NUMBER if company_type in _PERSONS or looks_personal else TRIES_PER_INVITATION

    @property
    def digits_exhausted(self) -> bool:
        """Whether no tries at the digits are left on any link: `ten-wrong-close-the-invitation`."""
        return self.attempt_limit.is_exhausted(self.tries_allowed)

    @property
    def number_changed(self) -> bool:
        """Whether the office has given the customer another organisation number, as it may once this has expired."""
        customer, number = self.customer, self.invitation.organisation_number
        return customer is not None and customer.organisation_number != number

    @property
    def present_recipients(self) -> Mapping[str, InvitationRecipient]:
        """The recipients who have a link and are administrators now: `links-to-administrators-only`."""
        account = self.account
        return {
            key: person
            for key, person in self.invitation.recipients.items()
            if account is not None and not person.removed and account.administrator(person.email)
        }

    @property
    def any_obstacle(self) -> Obstacle | None:
        """What keeps it from being accepted, sent again or reminded of: `actions-are-accepted`. None for nothing."""
        # In the register too: the account is looked for under the number that was asked.
        if self.account is None or self.customer is None or self.number_changed:
            return Obstacle.NUMBER_CHANGED
        if not self.account.administrators:
            return Obstacle.NO_ADMINISTRATOR
        if self.sending_obstacle:
            return self.sending_obstacle
        if self.digits_exhausted:
            return Obstacle.LINKS_CLOSED
        return None if self.present_recipients else Obstacle.RECIPIENTS_GONE


@dataclass(frozen=True, kw_only=True)
class InvitationContext(AgreementContext, SendingContext):
    """An invitation, and the entities around it as they are now."""

    @property
    def linkable_task(self) -> TaskId | None:
        """The task, if the collaboration can be linked to it: it and its customer exist and are active."""
        return self.invitation.task_id if self.has_active_task else None

    @property
    def customer_name(self) -> str:
        """What the office calls the customer; what it did when it invited, where the customer is gone."""
        return self.customer.name if self.customer else self.invitation.customer_name

    @property
    def office_names(self) -> tuple[str, ...]:
        """The names of the employees who get access."""
        return self.employees_with_access(self.invitation.task_id)

    @property
    def other_office(self) -> bool:
        """Whether another office already collaborates in the solution."""
        found = self.account.any_subscription(self.invitation.solution) if self.account else None
        return found is not None and found.other_offices(self.invitation.office_id)

    @property
    def revival_fault(self) -> Fault | None:
        """Why it cannot be sent again once it has expired, for the office. None when it can.

        The company has another organisation number by now, or nobody could accept.
        """
        if self.customer is None or self.number_changed:
            return Fault(Slug.INVITATION_EXPIRED, hint="number-changed")
        return self.sending_fault

    @property
    def decision_recipients(self) -> Iterator[MailRecipient]:
        """The sender and the task's owner, each once; the office itself when neither is active."""
        return self.active_recipients(self.invitation.sent_by.employee_id, self.task.owner if self.task else None)


@dataclass(frozen=True, kw_only=True)
class RecipientContext(InvitationContext):
    """An administrator at an invitation.

    `recipient` is the key of the link they hold, `holder` the recipient of that key; None once that was erased.
    """

    recipient: str
    holder: InvitationRecipient | None

    @property
    def known_holder(self) -> InvitationRecipient:
        """The holder of a link that can still be used for something."""
        if self.holder is None:
            raise AssertionError("nobody is let through by the link of an invitation that was erased")
        return self.holder

    @property
    def holder_name(self) -> str:
        """The holder's name as the register has it now: an address may have passed to somebody else since."""
        user = self.account.administrator(self.known_holder.email) if self.account else None
        return user.name if user else self.known_holder.name

    @property
    def actor(self) -> Actor:
        """The holder, as history entries name them."""
        return Actor(side=Side.CUSTOMER, name=self.holder_name)

    def link_fault(self, now: datetime) -> Fault | None:
        """Why the holder cannot decide by their link at `now`, whatever is typed there. None when they can."""
        return self.holder_fault or self.closed_link(now)

    def closed_link(self, now: datetime) -> Fault | None:
        """Why the link takes no digits at `now`: none are left on the invitation, or the link is locked."""
        if self.digits_exhausted:
            return Fault(Slug.DIGITS_EXHAUSTED)
        unlocks_at = self.attempt_limit.locked_until(self.recipient, now)
        return Fault(Slug.TOO_MANY_REQUESTS, hint="digits", retry_at=unlocks_at) if unlocks_at else None

    def tries_left(self, now: datetime) -> int:
        """How many wrong tries the link takes at `now` before it closes."""
        return self.attempt_limit.tries_left(self.recipient, self.tries_allowed, now)

    @property
    def holder_fault(self) -> Fault | None:
        """Why the holder may not decide: `register-decides-who-approves`. None when they may.

        Only a present administrator decides, and nobody of the inviting office: whoever reads its mail is one of them.
        """
        holder = self.holder
        if holder is None or self.account is None or self.account.administrator(holder.email) is None:
            return Fault(Slug.NOT_ALLOWED, hint="no-longer-administrator")
        if is_read_at_office(self.office, self.employees.values(), holder.email.folded):
            return Fault(Slug.NOT_ALLOWED, hint="employee-of-office")
        return None
