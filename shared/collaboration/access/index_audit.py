"""The index entries by which a collaboration and the people around it are found: what is missing or left over."""

from collections.abc import Iterator

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.services import Services
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action
from collaboration.storage.commit import person_items, unlinked_item
from collaboration.storage.markers import (
    REASONS,
    Marker,
    collaboration_markers,
    customer_marker_item,
    marker_item,
)


def index_repairs(services: Services, collaboration: Collaboration, context: AccessContext) -> tuple[Action, ...]:
    """The actions that write the missing index entries of a collaboration, and remove what is left over.

    Looks at the membership of the task's people, the administrators of the account, the customer by its organisation
    number, the entry of an unlinked collaboration, and the markers: each in its list, at its time.

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
    leftover = {keys.marker(agreement, marker) for marker in Marker if marker not in REASONS}
    leftover |= {keys.customer_marker(agreement, keys.COLLABORATIONS)}
    leftover -= {items.key_of(entry) for entry in expected}
    if not items.is_unlinked(collaboration):
        leftover.add(keys.unlinked(collaboration.organisation_number, collaboration.office_id, collaboration.id))
    found = services.table.get(*(items.key_of(entry) for entry in expected), *leftover)
    missing = [entry for entry in expected if not entry.items() <= found.get(items.key_of(entry), {}).items()]
    return (
        *(actions.put(entry) for entry in missing),
        *(actions.delete(key) for key in sorted(leftover) if key in found),
    )


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
