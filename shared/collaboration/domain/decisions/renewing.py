"""A renewal and all that rests on it: the collaborations' copies of the terms move with the subscription."""

from collections.abc import Iterable
from datetime import datetime

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, with_terms
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind, differences, history_entries
from collaboration.domain.model.subscriptions import Subscription


def renewal(
    account: Account, before: Subscription, after: Subscription, subscribers: Iterable[Collaboration], now: datetime
) -> Change:
    """What renewing a subscription changes. Timelines tell of it where what is agreed changes, and not every month."""
    steps: list[Transition[Collaboration]] = []
    history: list[Entry] = []
    for collaboration in subscribers:
        moved = with_terms(collaboration, after)
        steps.append(Transition(collaboration, moved))
        changes = tuple(differences(collaboration.setup.as_fields(), moved.setup.as_fields()))
        if changes:
            renewed, changed = history_entries(
                moved.subject, SYSTEM, now, EntryKind.SUBSCRIPTION_RENEWED, EntryKind.SUBSCRIPTION_CHANGED
            )
            history += [renewed.replace(changes=changes), changed]
    return Change(
        at=now,
        siblings=tuple(step for step in steps if step.before != step.after),
        subscriptions=(SubscriptionTransition(account.id, account.organisation_number, Transition(before, after)),),
        history=tuple(history),
    )
