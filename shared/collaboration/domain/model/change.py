"""What a decision changes: all of it in one transaction, or nothing."""

from datetime import date, datetime
from typing import Generic, TypeVar

from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account, AccountGuard
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.digest import Notice
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import Entry
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import AccountId, AgreementId, CustomerId, OfficeId, OrganisationNumber
from collaboration.frozen import dataclass

Entity = TypeVar("Entity")

# A transaction holds 100 actions, and each sibling takes up to five. Those beyond this many follow in transactions of
# their own, by the access service.
SIBLINGS_AT_ONCE = 16


@dataclass(frozen=True)
class Transition(Generic[Entity]):
    """An entity before and after a change. It is written only while the entity is as it was `before`; None: absent."""

    before: Entity | None
    after: Entity | None


@dataclass(frozen=True)
class SubscriptionTransition:
    """The transition of one subscription of an account."""

    account_id: AccountId
    organisation_number: OrganisationNumber
    transition: Transition[Subscription]

    @property
    def renewed(self) -> Subscription | None:
        """The subscription as it was, where the transition takes a renewal along; None where it takes none."""
        before, after = self.transition.before, self.transition.after
        return before if before and after and before.terms.renews_on < after.terms.renews_on else None


@dataclass(frozen=True)
class NewAccount:
    """An account that is created, unless another of its organisation number has been created meanwhile.

    `stale_guard`: the account guard of that number as it was read, where it names an account that is gone.
    """

    account: Account
    stale_guard: AccountGuard | None = None


@dataclass(frozen=True)
class CustomerUnchanged:
    """The customer must still have the organisation number that was decided upon."""

    office_id: OfficeId
    customer_id: CustomerId
    organisation_number: OrganisationNumber


@dataclass(frozen=True)
class NoSubscription:
    """There must still be no subscription of the account to the solution, in whatever status."""

    organisation_number: OrganisationNumber
    account_id: AccountId
    solution: str


@dataclass(frozen=True)
class AttemptsTransition:
    """The wrong digits typed on an invitation's links before and after; None after: the count starts anew.

    It takes place only while nobody has typed wrong digits in the meantime, and nothing has closed the invitation, but
    for one that starts anew: that always does. Where `after` is `before`, nothing is written and the rest of the change
    depends on it.
    """

    agreement: AgreementId
    before: AttemptLimit
    after: AttemptLimit | None


@dataclass(frozen=True)
class DigestTransition:
    """The day (in Sweden) of an office's latest digest before and after, and the notices that need no telling any more.

    It takes place only while `before` is the day of the latest digest; `after` is `before` where no mail goes out.
    `postponed`: the notices that wait until `postponed_until` (UTC), since nobody can accept what they are about.
    `id`: what notices name the digest by that do not fit into its transaction; None where all do.
    """

    office_id: OfficeId
    before: date | None
    after: date | None
    notices: tuple[Notice, ...]
    postponed: tuple[Notice, ...]
    postponed_until: datetime
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """Everything one command changes at `at` (UTC).

    `siblings`: other collaborations that rest on the same subscription; `attempts_unchanged` and `customer_unchanged`
    are what must still hold when it is written; `erasure`: the account of what the change erases.
    """

    at: datetime
    invitation: Transition[Invitation] | None = None
    collaboration: Transition[Collaboration] | None = None
    siblings: tuple[Transition[Collaboration], ...] = ()
    new_account: NewAccount | None = None
    subscriptions: tuple[SubscriptionTransition, ...] = ()
    guards: tuple[Transition[Guard], ...] = ()
    access: tuple[Transition[Access], ...] = ()
    customer_unchanged: CustomerUnchanged | None = None
    no_subscription: NoSubscription | None = None
    attempts: AttemptsTransition | None = None
    digest: DigestTransition | None = None
    history: tuple[Entry, ...] = ()
    mails: tuple[Mail, ...] = ()
    erasure: Transition[ErasureReport] | None = None
