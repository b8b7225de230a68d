"""Collaborations come to rest on a subscription, and rest on it no longer, without agreeing or ending anything."""

from collections.abc import Iterator

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.subscriptions import Subscription, SubscriptionUse, released_by, with_use


def joined(account: Account, collaboration: Collaboration) -> Iterator[SubscriptionTransition]:
    """The account's subscription that a collaboration rests on from now: `rests-on-its-accounts-solution`.

    Recorded or not; nothing where it rests on it already, or where its solution is not known.

    Raises:
        UnreadableError: what is stored of the subscription cannot be read.
    """
    if collaboration.solution is None:
        return
    existing = account.any_subscription(collaboration.solution)
    after = with_subscriber(existing, collaboration.solution, collaboration)
    if after is not existing:
        yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, after))


def with_subscriber(existing: Subscription | None, solution: str, collaboration: Collaboration) -> Subscription:
    """A subscription with a collaboration that rests on it; as it is where that does so already."""
    if existing and existing.is_used_by(collaboration.id):
        return existing
    use = SubscriptionUse(office_id=collaboration.office_id, collaboration_id=collaboration.id)
    return with_use(existing, solution, use)


def released(account: Account, collaboration: Collaboration) -> Iterator[SubscriptionTransition]:
    """The account's subscription without a collaboration that has rested on it; nothing where it has not.

    Raises:
        UnreadableError: what is stored of the subscription cannot be read.
    """
    existing = account.any_subscription(collaboration.solution) if collaboration.solution else None
    if existing and existing.is_used_by(collaboration.id):
        after = released_by(existing, collaboration.id)
        yield SubscriptionTransition(account.id, account.organisation_number, Transition(existing, after))
