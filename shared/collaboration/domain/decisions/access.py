"""Desired access, its difference to the grants there are, and what the list row copies."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.model.access import (
    Access,
    AccessScope,
    Drift,
    Resource,
    access_of_customer,
    access_of_office,
)
from collaboration.domain.model.accounts import choose_account
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.collaboration import (
    Collaboration,
    CollaborationState,
    ListRow,
    kind_of,
    missing_unlinked,
)
from collaboration.domain.model.history import SYSTEM, AffectedPerson, Entry, EntryKind, Subject, history_entries


def drift_of(
    collaboration: Collaboration,
    directory: AccessContext,
    present: tuple[Access, ...],
    since: datetime,
    *,
    stale_terms: bool = False,
    index_entries: int = 0,
) -> Drift | None:
    """How far what is derived from a collaboration is from what it should be; None when all is equal.

    Args:
        collaboration: the collaboration.
        directory: what its grants and its list row follow from.
        present: the grants there are.
        since: when they were last brought up to date (UTC).
        stale_terms: whether its account, or what it copies of the terms there, is another than it should be.
        index_entries: how many of its index entries are missing or left over.
    """
    wanted = {access.key: access.reasons for access in desired(collaboration, directory)}
    had = {access.key: access.reasons for access in present}
    differing = sum(wanted.get(key) != had.get(key) for key in {*wanted, *had})
    stale_row = list_row(collaboration, directory) != collaboration.list_row
    if not any((differing, stale_row, stale_terms, index_entries)):
        return None
    return Drift(
        collaboration_id=collaboration.id,
        grants=differing,
        list_row=stale_row,
        stale_terms=stale_terms,
        index_entries=index_entries,
        since=since,
    )


# A transaction holds 100 actions: each change of a grant is an entry of the timeline as well, and may rely on a grant
# of another collaboration for the account, and on another for the solution.
AT_ONCE = 24


NOTHING_ELSE: Mapping[str, frozenset[Resource]] = MappingProxyType({})


def desired(collaboration: Collaboration, directory: AccessContext) -> Iterator[Access]:
    """Who should have access through a collaboration: `access-follows-task`, `customers-people-only-in-shared`."""
    if collaboration.state is not CollaborationState.ACTIVE:
        return
    yield from access_of_office(
        collaboration.task_id, directory.task, directory.customer, directory.employees, collaboration.id
    )
    if directory.account is not None:
        yield from access_of_customer(kind_of(collaboration), directory.account.administrators, collaboration.id)


def diff_grants(
    collaboration: Collaboration,
    directory: AccessContext,
    present: tuple[Access, ...],
    now: datetime,
    *,
    others: Mapping[str, frozenset[Resource]] = NOTHING_ELSE,
) -> Change | None:
    """What brings the grants closer to the desire; None when they are equal. Who stays keeps the time since when.

    At most `AT_ONCE` grants change at a time, revocations first; the next run goes on where this one stopped.

    Args:
        collaboration: whose grants they are.
        directory: what the desired grants follow from.
        present: the grants there are, all of them for the collaboration's account and solution.
        now: the time (UTC).
        others: what persons may open through other active collaborations of the account, by the keys of their access.
            History and events tell of what somebody really gained or lost.
    """
    return _difference(collaboration.subject, tuple(desired(collaboration, directory)), present, now, others)


def revoke_former(
    collaboration: Collaboration,
    former: AccessScope,
    present: tuple[Access, ...],
    now: datetime,
    *,
    others: Mapping[str, frozenset[Resource]] = NOTHING_ELSE,
) -> Change | None:
    """What takes away grants for an account or a solution that the collaboration has left: `moved-access-begins-anew`.

    Whoever has access there as well gets a grant of its own, from then on. At most `AT_ONCE` grants go at a time.

    Args:
        collaboration: whose grants they are.
        former: what they open.
        present: the grants there are for it.
        now: the time (UTC).
        others: what persons may open through other active collaborations of that account, by the keys of their access.
    """
    subject = collaboration.subject.replace(account_id=former.account_id, solution=former.solution)
    return _difference(subject, (), present, now, others)


def _difference(
    subject: Subject,
    desire: tuple[Access, ...],
    present: tuple[Access, ...],
    now: datetime,
    others: Mapping[str, frozenset[Resource]],
) -> Change | None:
    wanted = {access.key: access for access in desire}
    had = {access.key: access for access in present}
    transitions: list[Transition[Access]] = []
    entries: list[tuple[EntryKind, Access | None]] = []
    for key in sorted({*wanted, *had}, key=lambda key: (key in wanted, key)):
        if len(transitions) == AT_ONCE:
            break
        before, after = had.get(key), wanted.get(key)
        if after is not None:
            after = after.replace(since=before.since if before else now)
        if before == after:
            continue
        transitions.append(Transition(before, after))
        if before is None or after is None:
            entries.append((EntryKind.ACCESS_REVOKED if after is None else EntryKind.ACCESS_GRANTED, after or before))
    if not transitions:
        return None
    # Who is on the task and an administrator as well opens by the one what they lose or gain by the other.
    staying = [wanted[key] for key in wanted.keys() & had.keys()]
    known = {
        access.key: others.get(access.key, frozenset()).union(
            *(kept.what for kept in staying if access.is_of_same_person(kept, same_office=True))
        )
        for _, access in entries
        if access is not None
    }
    return Change(at=now, access=tuple(transitions), history=tuple(_access_entries(subject, entries, known, now)))


def list_row(collaboration: Collaboration, directory: AccessContext) -> ListRow:
    """What the collaboration's row should copy, as the directory has it now."""
    linked = collaboration.task_id is not None and directory.task is not None
    # Not `directory.account`: what has ended stays with its own, whoever has its number by now.
    account = choose_account(directory.accounts, collaboration.account_id) if collaboration.account_id else None
    subscription = account.any_subscription(collaboration.solution) if account and collaboration.solution else None
    active = collaboration.state is CollaborationState.ACTIVE
    missing = missing_unlinked(has_account=directory.account is not None, has_customer=directory.has_customer)
    row = ListRow(
        customer_name=directory.customer.name if directory.customer else None,
        account_name=account.name if account else _former_account_name(collaboration),
        account_manager=directory.customer.account_manager if directory.customer else None,
        version=collaboration.list_row.version,
        shares_subscription=active and subscription is not None and bool(subscription.others(collaboration.id)),
        missing=missing if active and not collaboration.linked else (),
    )
    payers = row.with_payers(subscription if active else None, collaboration.office_id)
    return payers.with_task(directory.task if linked else None, directory.employees)


def _former_account_name(collaboration: Collaboration) -> str | None:
    """The name of an account that is not found any more: of what has ended it stays, as history."""
    ended = collaboration.state is CollaborationState.ENDED and collaboration.account_id is not None
    return collaboration.list_row.account_name if ended else None


def _access_entries(
    subject: Subject,
    entries: list[tuple[EntryKind, Access | None]],
    others: Mapping[str, frozenset[Resource]],
    now: datetime,
) -> Iterator[Entry]:
    known = [(what, access) for what, access in entries if access is not None]
    happenings = [(what, _facts(access, others)) for what, access in known]
    found = history_entries(subject, SYSTEM, now, *happenings)
    for entry, (_, access) in zip(found, known, strict=True):
        person = access.person
        affected = AffectedPerson(side=access.side, name=person.name, employee_id=person.employee_id)
        yield entry.replace(person=affected)


def _facts(access: Access, others: Mapping[str, frozenset[Resource]]) -> Mapping[str, str | tuple[str, ...]]:
    # Neither a name nor an address: the customer's people are known to the account's register alone.
    facts: dict[str, str | tuple[str, ...]] = {
        "side": access.side,
        "what": tuple(what for what in access.what if what not in others.get(access.key, ())),
        "roles": tuple(reason.role for reason in access.reasons),
    }
    if access.person.employee_id:
        facts["employeeId"] = access.person.employee_id
    return facts
