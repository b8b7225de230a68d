"""A renewal and all that rests on it: the collaborations' copies of the terms move with the subscription."""

from collections.abc import Iterable
from datetime import datetime

from collaboration.domain.change import Change, Step, SubscriptionStep
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.directory import Account, Subscription
from collaboration.domain.history import SYSTEM, Entry, What, differences, told
from collaboration.domain.subscribing import with_terms


def renewal(
    account: Account, before: Subscription, after: Subscription, resting: Iterable[Collaboration], now: datetime
) -> Change:
    """What renewing a subscription changes. Timelines tell of it where what is agreed changes, and not every month."""
    steps: list[Step[Collaboration]] = []
    history: list[Entry] = []
    for collaboration in resting:
        moved = with_terms(collaboration, after)
        steps.append(Step(collaboration, moved))
        changes = tuple(differences(collaboration.setup.as_fields(), moved.setup.as_fields()))
        if changes:
            renewed, changed = told(moved.subject, SYSTEM, now, What.SUBSCRIPTION_RENEWED, What.SUBSCRIPTION_CHANGED)
            history += [renewed.model_copy(update={"changes": changes}), changed]
    return Change(
        at=now,
        beside=tuple(step for step in steps if step.before != step.after),
        subscriptions=(SubscriptionStep(account.id, account.organisation_number, Step(before, after)),),
        history=tuple(history),
    )
