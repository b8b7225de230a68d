"""What an acceptance of an invitation would give, and why nobody can accept: from the invitation and the account."""

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import Invitation, InvitationState, Obstacle
from collaboration.domain.model.setup import resolve_setup
from collaboration.domain.model.subscriptions import ComingTerms, Subscription
from collaboration.domain.model.values import Kind, Scenario
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class InvitationTerms:
    """An invitation and its account as it is now; None where the account is gone.

    Of an accepted one the terms are those that were accepted, whatever has become of them: `a-receipt-stays-true`.
    """

    invitation: Invitation
    account: Account | None

    @property
    def subscription(self) -> Subscription | None:
        """The account's subscription to the solution, now."""
        return self.account.subscription(self.invitation.solution) if self.account else None

    @property
    def company_name(self) -> str:
        """The account's name; what it was at the invitation, where the account is gone: `mails-say-what-holds`."""
        name = self.account.name if self.account else self.invitation.account_name
        return self.invitation.organisation_number.hidden_in(name)

    @property
    def obstacle(self) -> Obstacle | None:
        """What keeps everybody from accepting: `nothing-starts-on-terms-nobody-chose`. None where nothing does.

        The subscription that it was to join has gone, and not all that is asked of a new one was chosen; or another
        office paid for it, and this one never agreed to. Or the subscription has a variant by now that an office runs
        by itself, which nobody asks a company to share.
        """
        solution = catalogue().solution(self.invitation.solution)
        if solution is None:
            return None
        if self.subscription is not None:
            return Obstacle.OTHER_KIND if solution.kind_of(self.setup.variant) is Kind.OFFICE_TOOL else None
        not_chosen = self.invitation.paid_by_another or resolve_setup(solution, None, self.invitation.setup)[1]
        return Obstacle.SUBSCRIPTION_GONE if not_chosen else None

    @property
    def acceptance_fault(self) -> Fault | None:
        """The obstacle, for the customer's people. None when it can be accepted."""
        return Fault(Slug.SITUATION_CHANGED, hint=self.obstacle) if self.obstacle else None

    @property
    def sending_obstacle(self) -> Obstacle | None:
        """The obstacle for whose sake nothing is sent: `no-mail-in-vain`.

        None too where the account has gone: then there is nobody to send to.
        """
        return self.obstacle if self.account else None

    @property
    def sending_fault(self) -> Fault | None:
        """Why nothing is sent while nobody can accept, for the office. None when it can be accepted."""
        obstacle = self.sending_obstacle
        return Fault(Slug.SITUATION_CHANGED, hint=f"{obstacle}.office") if obstacle else None

    @property
    def is_accepted(self) -> bool:
        """Whether it was accepted."""
        return self.invitation.state is InvitationState.ACCEPTED

    @property
    def scenario(self) -> Scenario:
        """Whether an acceptance now joins a subscription, or starts one."""
        if self.is_accepted:
            return self.invitation.scenario
        return Scenario.HAS_SOLUTION if self.subscription else Scenario.WITHOUT_SOLUTION

    @property
    def coming_terms(self) -> ComingTerms | None:
        """What changes at the next renewal of the subscription that an acceptance joins; None for nothing."""
        if self.subscription is None or self.is_accepted:
            return None
        return self.subscription.coming_terms(self.invitation.office_id)

    @property
    def customer_owned(self) -> bool:
        """Whether the account has the solution, and manages the subscription itself."""
        if self.is_accepted:
            return self.invitation.customer_owned
        return self.subscription is not None and self.subscription.terms.customer_owned

    @property
    def setup(self) -> SetUp:
        """The set-up that an acceptance now would give."""
        if self.subscription is None or self.is_accepted:
            return self.invitation.setup
        return self._inherited(self.subscription)

    @property
    def next_setup(self) -> SetUp | None:
        """The set-up that would hold from the subscription's next renewal on, where that differs."""
        subscription = self.subscription
        if subscription is None or subscription.next_setup is None or self.is_accepted:
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
        if self.subscription is None or self.is_accepted:
            return frozenset(self.invitation.paid_by_another)
        return self.subscription.paid_by_another(self.invitation.office_id)

    @property
    def next_paid_by_another(self) -> frozenset[SetUpField]:
        """As `paid_by_another`, from the subscription's next renewal on."""
        if self.subscription is None or self.is_accepted:
            return self.paid_by_another
        return self.subscription.next_paid_by_another(self.invitation.office_id)
