"""A change of the domain as one transaction: states, guards, history, outbox and stored response, all or nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from collaboration.domain.model.access import Access, AccessScope, Resource
from collaboration.domain.model.accounts import Account, AccountGuard, AccountUser
from collaboration.domain.model.change import (
    AttemptsTransition,
    Change,
    DigestTransition,
    NewAccount,
    SubscriptionTransition,
    Transition,
)
from collaboration.domain.model.collaboration import Collaboration, binds_account
from collaboration.domain.model.digest import DIGEST_KEPT
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.values import AccountId, AgreementId, OrganisationNumber, digests_of
from collaboration.frozen import dataclass
from collaboration.storage import account_items, actions, delivery, grant_items, items, keys
from collaboration.storage.actions import ABSENT, EXISTS, UNCHANGED, Action
from collaboration.storage.erasure import FORMER_ATTRIBUTES, RESPONSE_PK, put_report
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse, store
from collaboration.storage.markers import (
    NOTES_UNCHANGED,
    NOTICES_AT_ONCE,
    Marker,
    clear_notice,
    collaboration_markers,
    customer_marker_actions,
    delete_marker,
    invitation_markers,
    invitation_notices,
    marker_actions,
)
from collaboration.storage.table import Table

# The stream usually wakes the mail service in a second; what it missed is due a minute later.
MAIL_DUE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class AccessRun:
    """The run of the access service that writes grants: only one that saw the latest run's result may write.

    `run` is the number of the latest run; `scope` what the grants open; `row` the collaboration with the list row
    before and after, where it differs; `relied_on` grants of other collaborations that must be there still, each with
    those that are given beside it; `stored` the grants there are, by their key.
    """

    agreement: AgreementId
    run: int
    scope: AccessScope = AccessScope()
    row: Transition[Collaboration] | None = None
    relied_on: Mapping[keys.Key, Mapping[Resource, keys.Key]] = field(default_factory=dict)
    stored: Mapping[keys.Key, items.Item] = field(default_factory=dict)


def commit(
    table: Table,
    change: Change,
    *,
    idempotent: tuple[IdempotencyKey, StoredResponse] | None = None,
    run: AccessRun | None = None,
) -> None:
    """Write everything that `change` holds.

    Args:
        table: the table.
        change: what a decision changes.
        idempotent: the caller's idempotency key and the response to store under it.
        run: the run of the access service, where the change writes grants.

    Raises:
        ConflictError: what the decision was based on has changed since it was read; nothing was written.
        TableUnavailableError: the table does not answer.
    """
    table.write([*_actions(change, idempotent, run)])


def change_actions(change: Change) -> Iterator[Action]:
    """What writes a change, for a transaction that writes more than that."""
    return _actions(change, None, None)


def _actions(
    change: Change, idempotent: tuple[IdempotencyKey, StoredResponse] | None, run: AccessRun | None
) -> Iterator[Action]:
    yield from _preconditions(change)
    yield from _account_preconditions(change)
    if change.invitation:
        yield from _invitation(change.invitation, change.at, idempotent[0] if idempotent else None)
    if change.collaboration:
        yield from collaboration_actions(change.collaboration)
    for step in change.siblings:
        yield from collaboration_actions(step)
    if change.new_account:
        yield from _new_account(change.new_account)
    yield from (_subscription(subscription) for subscription in change.subscriptions)
    yield from (_guard(guard, change.at) for guard in change.guards)
    if run:
        yield from _run_actions(run, change.at)
    yield from (_access(_required(run), step) for step in change.access)
    yield from (actions.put(items.history_item(entry), ABSENT) for entry in change.history)
    yield from (actions.put(outbox_item(mail), ABSENT) for mail in change.mails)
    if change.erasure:
        yield put_report(change.erasure)
    if change.digest:
        yield _digest(change.digest, change.at)
        yield from (clear_notice(notice) for notice in change.digest.notices[:NOTICES_AT_ONCE])
    if idempotent:
        key, response = idempotent
        yield store(key, response, change.at)


def _preconditions(change: Change) -> Iterator[Action]:
    if change.customer_unchanged:
        stays = change.customer_unchanged
        yield actions.check(
            keys.customer(stays.office_id, stays.customer_id),
            "#organisationNumber = :number",
            number=items.text(stays.organisation_number),
        )
    if change.attempts:
        yield _attempts(change.attempts)
    if change.no_subscription:
        absent = change.no_subscription
        yield actions.check(keys.subscription(absent.organisation_number, absent.account_id, absent.solution), ABSENT)


def _attempts(transition: AttemptsTransition) -> Action:
    attempts_key, before, after = keys.attempts(transition.agreement), transition.before, transition.after
    if after is None:
        # Whatever was typed in the meantime was typed on links that die in the same transaction.
        return actions.delete(attempts_key)
    counted = {"attempts": items.number(before.count)} if before.count else {}
    unchanged = "#attempts = :attempts" if counted else ABSENT
    if counted and not before.closed:
        unchanged += " AND attribute_not_exists(#closed)"
    if after == before:
        return actions.check(attempts_key, unchanged, **counted)
    return actions.put(items.attempts_item(attempts_key, after), unchanged, **counted)


def _digest(transition: DigestTransition, now: datetime) -> Action:
    """The day of an office's latest digest. It is due when the digest is to be deleted."""
    before, after = transition.before, transition.after
    digest_key = keys.digest(transition.office_id)
    unchanged, values = ABSENT, {}
    if before:
        unchanged, values = "#day = :day", {"day": items.text(before.isoformat())}
    if after is None or after == before:
        return actions.check(digest_key, unchanged, **values)
    due = items.due_attributes("DIGEST", digests_of(transition.office_id), now + DIGEST_KEPT)
    digest = {**items.key(digest_key), "day": items.text(after.isoformat()), **due}
    if transition.id:
        digest["id"] = items.text(transition.id)
    return actions.put(digest, unchanged, **values)


def _account_preconditions(change: Change) -> Iterator[Action]:
    """The accounts that a change is about must still be there under their organisation number.

    Else a subscription would be nobody's. The revision of one that something comes to rest on or to wait for moves: an
    account that moves to another number is written at the revision before it was asked what it has
    (`nothing-new-while-an-account-moves`).
    """
    created = change.new_account.account.id if change.new_account else None
    bound = {(number, account_id) for number, account_id in _accounts_bound(change) if account_id != created}
    used = {(step.organisation_number, step.account_id) for step in change.subscriptions}
    if change.collaboration and (after := change.collaboration.after) and after.account_id:
        before = change.collaboration.before
        if before is None or before.account_id != after.account_id:
            used.add((after.organisation_number, after.account_id))
    yield from (actions.increment(keys.account(*account), "revision", EXISTS) for account in sorted(bound))
    others = {(number, account_id) for number, account_id in used - bound if account_id != created}
    yield from (actions.check(keys.account(*account), EXISTS) for account in sorted(others))


def _accounts_bound(change: Change) -> Iterator[tuple[OrganisationNumber, AccountId]]:
    """The accounts, by number and id, that an invitation or a collaboration comes to hold where they are."""
    for step in change.subscriptions:
        if step.transition.before is None:
            yield step.organisation_number, step.account_id
    if change.collaboration and (after := change.collaboration.after) and after.account_id and binds_account(after):
        before = change.collaboration.before
        if before is None or before.account_id != after.account_id or not binds_account(before):
            yield after.organisation_number, after.account_id
    if change.invitation and (invitation := change.invitation.after):
        sent = change.invitation.before
        if sent is None or sent.expires_at != invitation.expires_at:
            yield invitation.organisation_number, invitation.account_id


def _invitation(step: Transition[Invitation], now: datetime, stored_under: IdempotencyKey | None) -> Iterator[Action]:
    after, before = step.after, step.before
    if after is None:
        raise AssertionError("an invitation is never deleted")
    item_key, attributes = keys.invitation(after.agreement), items.invitation_attributes(after)
    marked = invitation_markers(before), invitation_markers(after)
    yield from marker_actions(after.office_id, after.agreement, *marked, invitation_notices(after, now))
    yield from customer_marker_actions(before, after)
    if before and _cured(before, after):
        yield delete_marker(after.agreement, Marker.BOUNCED)
    if before and before.obstacle and not after.obstacle:
        yield actions.remove(keys.invitation_delivery(after.agreement), ["obstacle"], EXISTS)
    if before and before.obstacle and (not after.obstacle or _lives_anew(before, after)):
        yield delete_marker(after.agreement, Marker.OBSTRUCTED)
    if before is None:
        response = {RESPONSE_PK: items.text(stored_under.item_key.pk)} if stored_under else {}
        yield actions.put({**items.key(item_key), **attributes, **response}, ABSENT)
        yield actions.put(delivery.new_item(keys.invitation_delivery(after.agreement), attributes))
        return
    obsolete = [name for name in ("duePk", "dueSk") if name not in attributes]
    if after.erased_at:
        obsolete += FORMER_ATTRIBUTES
    condition, clock = f"{UNCHANGED} AND {NOTES_UNCHANGED} AND #state = :state", {}
    # What is decided stays so whatever the time; a pending request is pending before its expiry, and not after.
    if before.state is InvitationState.PENDING:
        expired = before.state_at(now) is InvitationState.EXPIRED
        condition += f" AND #expiresAt {'<=' if expired else '>'} :now"
        clock["now"] = items.milliseconds(now)
    yield actions.update(
        item_key,
        attributes,
        condition,
        remove=obsolete,
        revision=items.number(before.revision),
        notes=items.number(before.notes),
        state=items.text(before.state),
        **clock,
    )


def _lives_anew(before: Invitation, after: Invitation) -> bool:
    """Whether an invitation is not pending any more, or has another expiry."""
    return after.state is not InvitationState.PENDING or before.expires_at != after.expires_at


def _cured(before: Invitation, after: Invitation) -> bool:
    """Whether an invitation is not any more among those with a bounced mail, which it may have been."""
    # Who has no link any more counts no longer, also when their mail bounced since the invitation was read.
    had_link = {key for key, person in before.recipients.items() if not person.removed}
    somebody_left = any(after.recipients[key].removed for key in had_link & after.recipients.keys())
    return _lives_anew(before, after) or bool((before.bounced or somebody_left) and not after.bounced)


def collaboration_actions(step: Transition[Collaboration]) -> Iterator[Action]:
    """The actions that write a transition of a collaboration, and the entry by which unlinked ones are found."""
    after, before = step.after, step.before
    if after is None:
        raise AssertionError("a collaboration is never deleted")
    item_key, attributes = keys.collaboration(after.agreement), items.collaboration_attributes(after)
    if before is None:
        attributes |= items.list_row_attributes(after.list_row)
        yield actions.put({**items.key(item_key), **attributes}, ABSENT)
        yield actions.put(delivery.new_item(keys.collaboration_delivery(after.agreement), attributes))
    else:
        obsolete = tuple(name for name in ("duePk", "dueSk", "accountPk", "accountSk") if name not in attributes)
        condition, values = _collaboration_as_read(before)
        if before.list_row != after.list_row:
            # The access service copies names into the row beside transitions: the newer copy stays.
            attributes |= _next_list_row(before, after)
            condition, values = f"{condition} AND {ROW_UNCHANGED}", {**values, **_row_version(before)}
        yield actions.update(item_key, attributes, condition, remove=obsolete, **values)
    marked = collaboration_markers(before), collaboration_markers(after)
    yield from marker_actions(after.office_id, after.agreement, *marked)
    yield from customer_marker_actions(before, after)
    unlinked_key = keys.unlinked(after.organisation_number, after.office_id, after.id)
    if items.is_unlinked(after):
        yield actions.put(unlinked_item(after))
    elif items.is_unlinked(before):
        yield actions.delete(unlinked_key)


def _collaboration_as_read(before: Collaboration) -> tuple[str, dict[str, items.Attribute]]:
    # The account of an unlinked import follows its number, which moves no revision: what was decided about one account
    # is not written over another.
    unchanged = f"{UNCHANGED} AND (attribute_not_exists(#loginMails) OR #loginMails = :loginMails)"
    read = {"revision": items.number(before.revision), "loginMails": items.number(before.login_mails)}
    if before.account_id is None:
        return f"{unchanged} AND attribute_not_exists(#accountPk)", read
    account = items.text(keys.account_list(before.account_id))
    return f"{unchanged} AND #accountPk = :accountPk", {**read, "accountPk": account}


def unlinked_item(collaboration: Collaboration) -> items.Item:
    """The index entry by which an unlinked collaboration is found under its organisation number."""
    unlinked_key = keys.unlinked(collaboration.organisation_number, collaboration.office_id, collaboration.id)
    solution = {"solution": items.text(collaboration.solution)} if collaboration.solution else {}
    return {**items.key(unlinked_key), **solution}


ROW_UNCHANGED = "(attribute_not_exists(#rowVersion) OR #rowVersion = :rowVersion)"


def _row_version(before: Collaboration) -> dict[str, items.Attribute]:
    return {"rowVersion": items.number(before.list_row.version)}


def _next_list_row(before: Collaboration, after: Collaboration) -> dict[str, items.Attribute]:
    return items.list_row_attributes(after.list_row.replace(version=before.list_row.version + 1))


def _new_account(new: NewAccount) -> Iterator[Action]:
    account, stale = new.account, new.stale_guard
    yield put_account_guard(account.organisation_number, account.id, stale)
    if stale and stale.owner:
        yield actions.check(keys.account(account.organisation_number, stale.owner), ABSENT)
    yield put_account_place(account, None)
    yield actions.put(account_items.account_item(account), ABSENT)
    yield from (actions.put(item) for item in person_items(account, account.administrators))


def put_account_guard(number: OrganisationNumber, owner: AccountId, before: AccountGuard | None) -> Action:
    """The action that lets the guard of an organisation number name `owner`, while it is as it was read."""
    condition, values = _guard_as_read(before)
    return actions.put(account_items.account_guard_item(number, owner), condition, **values)


def delete_account_guard(number: OrganisationNumber, before: AccountGuard) -> Action:
    """The action that removes the guard of an organisation number, while it is as it was read."""
    condition, values = _guard_as_read(before)
    return actions.delete(keys.account_guard(number), condition, **values)


def _guard_as_read(before: AccountGuard | None) -> tuple[str, dict[str, items.Attribute]]:
    if before is None:
        return ABSENT, {}
    if before.owner is None:
        return "attribute_not_exists(#owner)", {}
    return "#owner = :owner", {"owner": items.text(before.owner)}


def person_items(account: Account, people: Iterable[AccountUser]) -> Iterator[items.Item]:
    """Index entries by which people who sign in find their account; whoever reads one asks the account itself."""
    for user in people:
        yield items.key(keys.person(user.email, account.organisation_number, account.id))


def put_account_place(account: Account, before: account_items.AccountPlace | None) -> Action:
    """The action that writes the index entry by which an account is found by its id alone: it is in one place only.

    `before`: where it was found; None for nowhere. The numbers that it left are kept beside.
    """
    number = account.organisation_number
    entry = {
        **items.key(keys.account_place(account.id)),
        "organisationNumber": items.text(number),
        **(items.former_numbers_attribute(before.number, before.former, number) if before else {}),
    }
    if before is None:
        return actions.put(entry, ABSENT)
    return actions.put(entry, "#organisationNumber = :organisationNumber", organisationNumber=items.text(before.number))


def _subscription(change: SubscriptionTransition) -> Action:
    before, after = change.transition.before, change.transition.after
    known = after or before
    if known is None:
        raise AssertionError("a transition has a state before or after")
    item_key = keys.subscription(change.organisation_number, change.account_id, known.terms.solution)
    if before is None:
        return actions.put(account_items.subscription_item(item_key, known), ABSENT)
    revision = items.number(before.revision)
    if after is None:
        return actions.delete(item_key, UNCHANGED, revision=revision)
    return actions.put(account_items.subscription_item(item_key, after), UNCHANGED, revision=revision)


def _guard(step: Transition[Guard], now: datetime) -> Action:
    if step.before is None and step.after is not None:
        free = f"{ABSENT} OR #until <= :now"
        return actions.put(items.guard_item(step.after), free, now=items.milliseconds(now))
    held = step.before
    if held is None:
        raise AssertionError("a transition has a state before or after")
    owner = items.text(held.owner)
    if step.after is None:
        item_key = keys.guard(held.office_id, held.customer_id, held.solution)
        # A guard that is gone has nothing to release.
        return actions.delete(item_key, f"{ABSENT} OR #owner = :owner", owner=owner)
    # Nor has anybody else the place of a guard that is gone.
    return actions.put(items.guard_item(step.after), f"{ABSENT} OR #owner = :owner", owner=owner)


def _required(run: AccessRun | None) -> AccessRun:
    if run is None:
        raise AssertionError("grants are written by runs of the access service only")
    return run


def _list_row(step: Transition[Collaboration]) -> Action:
    before, after = step.before, step.after
    if before is None or after is None:
        raise AssertionError("a list row belongs to a collaboration")
    return actions.update(
        keys.collaboration(after.agreement),
        _next_list_row(before, after),
        f"{UNCHANGED} AND {ROW_UNCHANGED}",
        revision=items.number(before.revision),
        **_row_version(before),
    )


def _run_actions(run: AccessRun, now: datetime) -> Iterator[Action]:
    yield _run(run, now)
    if run.row:
        yield _list_row(run.row)
    for grant_key in sorted(run.relied_on):
        yield grant_items.rely(run.scope.account_id, grant_key, run.relied_on[grant_key])


def _run(run: AccessRun, now: datetime) -> Action:
    item_key = keys.access_run(run.agreement)
    item = {**items.key(item_key), "run": items.number(run.run + 1), "at": items.milliseconds(now)}
    if run.run == 0:
        return actions.put(item, ABSENT)
    return actions.put(item, "#run = :run", run=items.number(run.run))


def _access(run: AccessRun, step: Transition[Access]) -> Action:
    known = step.after or step.before
    if known is None:
        raise AssertionError("a transition has a state before or after")
    item_key = keys.grant(run.agreement, known.key)
    if step.after is None:
        return grant_items.revoke(item_key, run.stored.get(item_key, {}))
    return actions.put(grant_items.grant_item(run.agreement, step.after, run.scope))


def outbox_item(mail: Mail) -> items.Item:
    """A queued mail. It is due soon, in case the stream wakes nobody."""
    return {
        **items.key(keys.outbox(mail.agreement, mail.id)),
        "data": items.data(mail, defaults=True),
        **items.due_attributes("MAIL", mail.agreement, mail.at + MAIL_DUE_AFTER, of=mail.id),
        **items.correlation(),
    }
