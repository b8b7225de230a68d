"""The account register records an account: what becomes of its subscriptions, and of all that rest on them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from collaboration.domain.model.accounts import Account, AccountRecord
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, binds_account, with_terms
from collaboration.domain.model.faults import Fault, RefusedError, Slug
from collaboration.domain.model.history import (
    PLATFORM,
    SYSTEM,
    Actor,
    Difference,
    Entry,
    EntryKind,
    differences,
    history_entries,
)
from collaboration.domain.model.setup import terms_faults
from collaboration.domain.model.subscription_transitions import joined, with_subscriber
from collaboration.domain.model.subscriptions import (
    Subscription,
    SubscriptionStatus,
    Terms,
    left_out,
    recorded,
    unused,
)
from collaboration.domain.model.values import AccountId


def check_record(record: AccountRecord) -> None:
    """Let through a record whose subscriptions the catalogue knows: `terms-checked-wherever-they-enter`.

    Raises:
        RefusedError: `validation-failed`, naming every field that is wrong.
    """
    faults = [
        fault
        for index, terms in enumerate(record.subscriptions)
        for fault in terms_faults(terms, f"#/subscriptions/{index}")
    ]
    if faults:
        raise RefusedError(Fault(Slug.VALIDATION_FAILED, fields=tuple(faults)))


def recorded_account(account_id: AccountId, record: AccountRecord, before: Account | None, today: date) -> Account:
    """The account as the register records it; `before` itself where nothing changes.

    A subscription that the record leaves out goes, unless a collaboration rests on it. Under another organisation
    number nothing does: only unlinked imports may have, and they stay with their number. `today`: the date in Sweden.
    """
    present = {subscription.terms.solution: subscription for subscription in (before.subscriptions if before else ())}
    if before and before.organisation_number != record.organisation_number:
        present = {key: kept for key, known in present.items() if (kept := unused(known))}
    named = tuple(recorded(terms, present.pop(terms.solution, None), today) for terms in record.subscriptions)
    in_use = tuple(left_out(subscription) for subscription in present.values() if subscription.subscribers)
    # In the order in which they are read again, so that a record that changes nothing is seen to.
    subscriptions = tuple(sorted((*named, *in_use), key=lambda subscription: subscription.terms.solution))
    after = Account(
        id=account_id,
        organisation_number=record.organisation_number,
        name=record.name,
        users=record.users,
        main_contact=record.main_contact,
        subscriptions=subscriptions,
        signed_in=before.signed_in if before else False,
        revision=before.revision if before else 0,
    )
    return after if after == before else after.replace(revision=after.revision + 1)


def restored(account: Account, collaborations: Iterable[Collaboration]) -> Account:
    """The account with the subscriptions that cannot be read, as the collaborations that rest on them know them.

    A subscription on which nothing rests is not known at all. The account still says what could not be read.

    Args:
        account: the account as far as it can be read.
        collaborations: the active collaborations of the account.
    """
    subscribers: dict[str, list[Collaboration]] = {}
    for collaboration in collaborations:
        if collaboration.solution and collaboration.solution in account.unreadable_subscriptions:
            subscribers.setdefault(collaboration.solution, []).append(collaboration)
    again = (
        _restored_subscription(solution, found, account.unreadable_subscriptions[solution])
        for solution, found in subscribers.items()
    )
    return account.replace(subscriptions=(*account.subscriptions, *again))


def _restored_subscription(solution: str, subscribers: list[Collaboration], revision: int) -> Subscription:
    subscription: Subscription | None = None
    for collaboration in subscribers:
        subscription = with_subscriber(subscription, solution, collaboration)
    if subscription is None:
        raise AssertionError("something rests on it")
    copied = next((collaboration for collaboration in subscribers if collaboration.renews_on), None)
    if copied is None or copied.renews_on is None:
        return subscription.replace(revision=revision)
    return subscription.replace(
        status=SubscriptionStatus.OPEN,
        terms=Terms(
            solution=solution,
            renews_on=copied.renews_on,
            customer_owned=copied.customer_owned,
            **dict(copied.setup),
        ),
        next_setup=copied.next_setup,
        revision=revision,
    )


def changed_subscriptions(before: Account | None, after: Account) -> tuple[Subscription, ...]:
    """The subscriptions that the register has changed or added, and on which collaborations rest."""
    present = {subscription.terms.solution: subscription for subscription in (before.subscriptions if before else ())}
    return tuple(
        subscription
        for subscription in after.subscriptions
        if subscription.subscribers and present.get(subscription.terms.solution) != subscription
    )


def join_subscription(collaboration: Collaboration, account: Account | None, now: datetime) -> Change | None:
    """Let a collaboration rest on its account's solution, where it does not: `rests-on-its-accounts-solution`.

    Version 0.1.0 let one that was linked before the register had recorded the subscription rest on nothing. None where
    it rests on it, has ended, or has no account or no solution; an import without a link is `assign_account`'s.

    Args:
        collaboration: a collaboration.
        account: its account.
        now: the time, in UTC.

    Raises:
        UnreadableError: what is stored of the subscription cannot be read.
    """
    if collaboration.state is CollaborationState.ENDED or account is None or not binds_account(collaboration):
        return None
    subscriptions = tuple(joined(account, collaboration))
    if not subscriptions:
        return None
    # Nothing of it changes, but it must not have ended meanwhile.
    return Change(at=now, collaboration=Transition(collaboration, collaboration), subscriptions=subscriptions)


def follow_terms(collaboration: Collaboration, account: Account | None, now: datetime) -> Change | None:
    """What brings a collaboration up to the terms of the subscription it rests on; None when it has them.

    Terms that start or change while it rests on the subscription usually reach it in the same transaction; those of a
    subscription that another collaboration has started reach it here.
    """
    active = collaboration.state is CollaborationState.ACTIVE
    subscription = (
        account.any_subscription(collaboration.solution) if account and active and collaboration.solution else None
    )
    if subscription is None or not subscription.is_used_by(collaboration.id):
        return None
    change = terms_recorded(subscription, (collaboration,), now, by=SYSTEM)
    return change if change.siblings else None


def terms_recorded(
    subscription: Subscription, subscribers: Iterable[Collaboration], now: datetime, *, by: Actor = PLATFORM
) -> Change:
    """What new terms of a subscription change in the collaborations that rest on it: `register-changes-are-told`.

    Each copies the terms. Where its set-up changes, now or from the renewal on, that is history and an event: also
    where the register makes an office's tool a shared solution, or the other way round, which no office may
    (`kind-is-agreed`).

    Args:
        subscription: the subscription as recorded.
        subscribers: the collaborations that rest on it.
        now: the time, in UTC.
        by: who changed them; by default the register.
    """
    transitions: list[Transition[Collaboration]] = []
    history: list[Entry] = []
    for collaboration in subscribers:
        after = with_terms(collaboration, subscription)
        if after == collaboration:
            continue
        transitions.append(Transition(collaboration, after))
        changes = tuple(_terms_changes(collaboration, after))
        if by is PLATFORM:
            # A renewal carried out here moves the day as well, and is told as such.
            changes += tuple(differences({"renewsOn": collaboration.renews_on}, {"renewsOn": after.renews_on}))
        if changes:
            entries = history_entries(after.subject, by, now, EntryKind.SUBSCRIPTION_CHANGED)
            history += [entry.replace(changes=changes) for entry in entries]
    return Change(at=now, siblings=tuple(transitions), history=tuple(history))


def _terms_changes(before: Collaboration, after: Collaboration) -> Iterator[Difference]:
    """What changes now, then what else is agreed for the renewal."""
    changed = set()
    for change in differences(before.setup.as_fields(), after.setup.as_fields()):
        changed.add(change.field)
        yield change
    coming_before, coming_after = (before.next_setup or before.setup), (after.next_setup or after.setup)
    for change in differences(coming_before.as_fields(), coming_after.as_fields()):
        if change.field not in changed:
            yield change
    if before.customer_owned is not after.customer_owned:
        yield Difference(
            field="customerOwned", before=str(before.customer_owned).lower(), after=str(after.customer_owned).lower()
        )
