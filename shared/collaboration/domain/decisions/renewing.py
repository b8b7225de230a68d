"""Renew a subscription, with the copies of its terms in the collaborations that rest on it."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.change import SIBLINGS_AT_ONCE, Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, with_terms
from collaboration.domain.model.history import SYSTEM, Entry, EntryKind, differences, history_entries
from collaboration.domain.model.subscriptions import Subscription


def renewal(
    account: Account, before: Subscription, after: Subscription, subscribers: Iterable[Collaboration], now: datetime
) -> Change:
    """What renewing a subscription changes. It is history where what is agreed changes, and not every month."""
    transitions: list[Transition[Collaboration]] = []
    history: list[Entry] = []
    for collaboration in islice(subscribers, SIBLINGS_AT_ONCE):
        renewed = with_terms(collaboration, after)
        transitions.append(Transition(collaboration, renewed))
        changes = tuple(differences(collaboration.setup.as_fields(), renewed.setup.as_fields()))
        if changes:
            entry, changed = history_entries(
                renewed.subject, SYSTEM, now, EntryKind.SUBSCRIPTION_RENEWED, EntryKind.SUBSCRIPTION_CHANGED
            )
            history += [entry.replace(changes=changes), changed]
    return Change(
        at=now,
        siblings=tuple(moved for moved in transitions if moved.before != moved.after),
        subscriptions=(SubscriptionTransition(account.id, account.organisation_number, Transition(before, after)),),
        history=tuple(history),
    )
