"""The backfill: index entries and markers of what was stored before there were any, some things at a time.

The nightly audit begins with it. While a deployment is gradual, the version before writes beside this one, so an office
is gone through twice: by the first audit, and by the next. Its employees are every time: nothing else would
find the addresses that the version before stored while it was deployed again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from collaboration.commands.directory_sync import write_index_entries
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import AgreementId, OfficeId
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import actions, items, keys, lists
from collaboration.storage.actions import EXISTS, UNCHANGED, Action
from collaboration.storage.markers import (
    Marker,
    collaboration_markers,
    customer_marker_item,
    marker_actions,
    pending_marker_actions,
)
from collaboration.storage.unreadable import readable

# How many things one call looks at: a read and a write each, one after another.
AT_ONCE = 100

# How often all that an office has is gone through.
TIMES = 2


def backfill_page(services: Services, office_id: OfficeId, after: str | None) -> str | None:
    """Write the index entries and markers that the next things of an office lack. Repeatable, and in any order.

    Args:
        services: the application's services.
        office_id: the office.
        after: where the call before ended; None to begin.

    Returns:
        Where to go on; None when the office is done, or was before.

    Raises:
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """
    office_key = keys.office(office_id)
    office_item = services.table.get(office_key).get(office_key)
    if office_item is None:
        return None
    done = items.backfills(office_item) >= TIMES
    kinds = [_EMPLOYEES] if done else [*_PAGES]
    # The time is part of the position: who ends one twice has not gone through the office twice.
    time, kind, position = (after or f"{items.backfills(office_item) + 1} {kinds[0]} ").split(" ", 2)
    if kind not in kinds:
        return None
    more = _PAGES[kind](services, office_id, position or None)
    if more is not None:
        return f"{time} {kind} {more}"
    following = kinds[kinds.index(kind) + 1 :]
    if following:
        return f"{time} {following[0]} "
    if done:
        return None
    services.table.write([actions.update(office_key, items.indexed(int(time)), EXISTS)])
    return None


def _employees(services: Services, office_id: OfficeId, after: str | None) -> str | None:
    found, more = lists.read_partition_page(
        services.table, keys.office(office_id).pk, keys.EMPLOYEES, after, limit=AT_ONCE
    )
    known = [*readable(found, lambda item: items.parsed(Employee, item))]
    # One that is left over, of an address that changes meanwhile, does no harm: the employee is asked.
    entries = [
        keys.employee_by_address(office_id, employee.email, items.employee_id_of(item)) for item, employee in known
    ]
    present = services.table.get(*entries)
    lacking = [items.key(entry) for entry in entries if entry not in present]
    retry_on_conflict(lambda _: write_index_entries(services, lacking), services)
    for item, _ in known:
        if "listPk" not in item:
            _list_employee(services, items.key_of(item))
    return more


def _list_employee(services: Services, employee_key: keys.Key) -> None:
    def attempt(now: datetime) -> None:
        item = services.table.get(employee_key)[employee_key]
        revision = items.integer(item, "revision")
        listed = items.directory_item(employee_key, items.parsed(Employee, item), revision, now)
        attributes = {name: listed[name] for name in ("listPk", "listSk")}
        services.table.write([actions.update(employee_key, attributes, UNCHANGED, revision=items.number(revision))])

    retry_on_conflict(attempt, services)


def _collaborations(services: Services, office_id: OfficeId, after: str | None) -> str | None:
    return _agreements(services, lists.collaborations_of(office_id), after, _collaboration_actions)


def _invitations(services: Services, office_id: OfficeId, after: str | None) -> str | None:
    return _agreements(services, lists.invitations_of(office_id), after, _invitation_actions)


Missing = Callable[[AgreementId, Mapping[keys.Key, items.Item], datetime], Sequence[Action]]
"""What writes the markers that an agreement lacks: its id, its items, the time (UTC)."""


def _agreements(services: Services, row_list: lists.RowList, after: str | None, missing: Missing) -> str | None:
    found, more = lists.read_page(services.table, row_list, after, limit=AT_ONCE)
    for row, _ in found:
        agreement = items.agreement_of(row)

        def attempt(now: datetime, agreement: AgreementId = agreement) -> None:
            wanted = (*keys.collaboration_keys(agreement), *keys.invitation_keys(agreement))
            markers = (keys.marker(agreement, marker) for marker in Marker)
            of_customer = (keys.customer_marker(agreement, of) for of in (keys.COLLABORATIONS, keys.INVITATIONS))
            known = services.table.get(*wanted, *markers, *of_customer)
            if lacking := missing(agreement, known, now):
                services.table.write(lacking)

        retry_on_conflict(attempt, services)
    return more


def _collaboration_actions(
    agreement: AgreementId, found: Mapping[keys.Key, items.Item], _now: datetime
) -> Sequence[Action]:
    for collaboration in items.collaborations(found):
        markers = marker_actions(collaboration.office_id, agreement, {}, collaboration_markers(collaboration))
        return _lacking(collaboration, keys.collaboration(agreement), markers, found)
    return ()


def _invitation_actions(
    agreement: AgreementId, found: Mapping[keys.Key, items.Item], now: datetime
) -> Sequence[Action]:
    for invitation in items.invitations(found):
        return _lacking(invitation, keys.invitation(agreement), pending_marker_actions(invitation, now), found)
    return ()


def _lacking(
    of: Invitation | Collaboration,
    stored_at: keys.Key,
    markers: Iterable[Action],
    found: Mapping[keys.Key, items.Item],
) -> Sequence[Action]:
    """What writes the markers that are not there, that of its customer's list included."""
    of_customer = customer_marker_item(of)
    wanted = (*markers, *((actions.put(of_customer),) if of_customer else ()))
    lacking = [action for action in wanted if items.key_of(action["Put"]["Item"]) not in found]
    # As it was read: a marker of what has changed since would be counted, and never removed.
    unchanged = actions.check(stored_at, UNCHANGED, revision=items.number(of.revision))
    return [unchanged, *lacking] if lacking else ()


_EMPLOYEES = "employees"

_PAGES: Mapping[str, Callable[[Services, OfficeId, str | None], str | None]] = {
    _EMPLOYEES: _employees,
    "collaborations": _collaborations,
    "invitations": _invitations,
}
