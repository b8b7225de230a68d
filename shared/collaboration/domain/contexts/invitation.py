"""What decisions about an invitation have to know."""

from collections.abc import Iterator
from dataclasses import field
from datetime import datetime

from collaboration.domain.contexts.agreement import AgreementContext
from collaboration.domain.model.attempt_limit import TRIES_AT_PERSONAL_NUMBER, TRIES_PER_INVITATION, AttemptLimit
from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.directory import is_active_employee
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.setup import resolve_setup
from collaboration.domain.model.subscriptions import ComingTerms, Subscription
from collaboration.domain.model.values import CompanyType, Kind, Side, TaskId
from collaboration.frozen import dataclass

_PERSONS = frozenset({CompanyType.SOLE_TRADER, CompanyType.PRIVATE_INDIVIDUAL})


@dataclass(frozen=True, kw_only=True)
class InvitationContext(AgreementContext):
    """An invitation, and the entities around it as they are now.

    `attempt_limit` holds the wrong digits typed on its links.
    """

    invitation: Invitation
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
    def subscription(self) -> Subscription | None:
        """The account's subscription to the solution, now."""
        return self.account.subscription(self.invitation.solution) if self.account else None

    @property
    def other_office(self) -> bool:
        """Whether another office already collaborates in the solution."""
        found = self.account.any_subscription(self.invitation.solution) if self.account else None
        return found is not None and found.other_offices(self.invitation.office_id)

    @property
    def acceptance_fault(self) -> Fault | None:
        """Why nobody can accept: `nothing-starts-on-terms-nobody-chose`. None when it can be accepted.

        The subscription that it was to join has gone, and not all that is asked of a new one was chosen; or another
        office paid for it, and this one never agreed to. Or the subscription has a variant by now that an office runs
        by itself, which nobody asks a company to share.
        """
        solution = catalogue().solution(self.invitation.solution)
        if solution is None:
            return None
        if self.subscription is not None:
            other_kind = solution.kind_of(self.setup.variant) is Kind.OFFICE_TOOL
            return Fault(Slug.SITUATION_CHANGED, hint="other-kind") if other_kind else None
        not_chosen = self.invitation.paid_by_another or resolve_setup(solution, None, self.invitation.setup)[1]
        return Fault(Slug.SITUATION_CHANGED, hint="subscription-gone") if not_chosen else None

    @property
    def sending_fault(self) -> Fault | None:
        """Why nothing is sent while nobody can accept, for the office: `no-mail-in-vain`. None when it can be accepted.

        None too where the account has gone: then there is nobody to send to.
        """
        fault = self.acceptance_fault if self.account else None
        return Fault(fault.slug, hint=f"{fault.hint}.office") if fault else None

    @property
    def coming_terms(self) -> ComingTerms | None:
        """What changes at the subscription's next renewal; None for nothing."""
        return self.subscription.coming_terms(self.invitation.office_id) if self.subscription else None

    @property
    def customer_owned(self) -> bool:
        """Whether the account has the solution, and manages the subscription itself."""
        return self.subscription is not None and self.subscription.terms.customer_owned

    @property
    def setup(self) -> SetUp:
        """The set-up that an acceptance now would give."""
        return self._inherited(self.subscription) if self.subscription else self.invitation.setup

    @property
    def next_setup(self) -> SetUp | None:
        """The set-up that would hold from the subscription's next renewal on, where that differs."""
        subscription = self.subscription
        if subscription is None or subscription.next_setup is None:
            return None
        return self._inherited(subscription.replace(terms=subscription.terms.replace(**dict(subscription.next_setup))))

    def _inherited(self, subscription: Subscription) -> SetUp:
        solution = catalogue().solution(self.invitation.solution)
        if solution is None:
            return self.invitation.setup
        # A variant was chosen in the invitation where the register named none.
        return resolve_setup(solution, subscription, SetUp(variant=self.invitation.setup.variant))[0]

    @property
    def paid_by_another(self) -> frozenset[SetUpField]:
        """The invoice recipients that mean another office, where they are the office."""
        if self.subscription is None:
            return frozenset(self.invitation.paid_by_another)
        return self.subscription.paid_by_another(self.invitation.office_id)

    @property
    def next_paid_by_another(self) -> frozenset[SetUpField]:
        """As `paid_by_another`, from the subscription's next renewal on."""
        if self.subscription is None:
            return self.paid_by_another
        return self.subscription.next_paid_by_another(self.invitation.office_id)

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

        Only a present administrator decides, and nobody of the inviting office.
        """
        holder = self.holder
        if holder is None or self.account is None or self.account.administrator(holder.email) is None:
            return Fault(Slug.NOT_ALLOWED, hint="no-longer-administrator")
        if is_active_employee(self.employees.values(), holder.email.folded):
            return Fault(Slug.NOT_ALLOWED, hint="employee-of-office")
        return None
