"""The index entries by which a collaboration and the people around it are found: what is missing or left over."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.decisions.guarding import guard_drift
from collaboration.domain.model.change import Change
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.guard import Guard
from collaboration.frozen import dataclass
from collaboration.services import Services
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action
from collaboration.storage.commit import change_actions, person_items, unlinked_item
from collaboration.storage.markers import (
    Marker,
    collaboration_markers,
    customer_marker_item,
    marker_item,
)


@dataclass(frozen=True)
class IndexDrift:
    """How many index entries are missing or left over, and what puts them right."""

    entries: int
    repairs: tuple[Action, ...]


def index_drift(services: Services, collaboration: Collaboration, context: AccessContext, now: datetime) -> IndexDrift:
    """The index entries of a collaboration that are missing or left over at `now` (UTC).

    Looks at the membership of the task's people, the administrators of the account, the customer by its organisation
    number, the entry of an unlinked collaboration, the guard, and the markers: each in its list, at its time. A guard
    that another agreement holds is counted, and left to that.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    active = collaboration.state is CollaborationState.ACTIVE
    expected = [*_entries(collaboration, context)] if active else []
    if of_customer := customer_marker_item(collaboration):
        expected.append(of_customer)
    agreement = collaboration.agreement
    marked = collaboration_markers(collaboration)
    expected += [marker_item(collaboration.office_id, agreement, marker, at) for marker, at in marked.items()]
    leftover = {keys.marker(agreement, marker) for marker in Marker}
    leftover |= {keys.customer_marker(agreement, keys.COLLABORATIONS)}
    leftover -= {items.key_of(entry) for entry in expected}
    if not items.is_unlinked(collaboration):
        leftover.add(keys.unlinked(collaboration.organisation_number, collaboration.office_id, collaboration.id))
    guard = Guard.for_collaboration(collaboration)
    guard_keys = [keys.guard(guard.office_id, guard.customer_id, guard.solution)] if guard else []
    found = services.table.get(*(items.key_of(entry) for entry in expected), *leftover, *guard_keys)
    stored = next((items.guard(found[key]) for key in guard_keys if key in found), None)
    drift = guard_drift(stored, guard if active else None, agreement, now) if guard else None
    guards = (drift.repair,) if drift and drift.repair else ()
    missing = [entry for entry in expected if not entry.items() <= found.get(items.key_of(entry), {}).items()]
    repairs = (
        *(actions.put(entry) for entry in missing),
        *(actions.delete(key) for key in sorted(leftover) if key in found),
    )
    entries = len(repairs) + (drift is not None)
    return IndexDrift(entries, (*repairs, *change_actions(Change(at=now, guards=guards))))


def _entries(collaboration: Collaboration, context: AccessContext) -> Iterator[items.Item]:
    office_id, customer_id, task_id = collaboration.office_id, collaboration.customer_id, collaboration.task_id
    if customer_id and task_id and context.task:
        for person in context.task.people:
            yield items.key(keys.task_membership(office_id, person, customer_id, task_id))
    if customer_id and context.customer:
        yield items.key(keys.customer_by_number(context.customer.organisation_number, office_id, customer_id))
    if context.account:
        yield from person_items(context.account, context.account.administrators)
    if items.is_unlinked(collaboration):
        yield unlinked_item(collaboration)
