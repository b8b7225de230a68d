"""The index entries by which a collaboration and the people around it are found: what is missing or left over."""

from collections.abc import Iterator

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.invitation import InvitationState
from collaboration.domain.model.values import AgreementId, OfficeId
from collaboration.services import Services
from collaboration.storage import actions, items, keys, lists
from collaboration.storage.actions import Action
from collaboration.storage.commit import person_items, unlinked_item
from collaboration.storage.markers import (
    REASONS,
    Marker,
    collaboration_markers,
    customer_marker_actions,
    customer_marker_item,
    delete_marker,
    invitation_notices,
    put_marker,
)


def index_repairs(services: Services, collaboration: Collaboration, context: AccessContext) -> tuple[Action, ...]:
    """The actions that write the missing index entries of a collaboration, and remove what is left over.

    Looks at the membership of the task's people, the administrators of the account, the customer by its organisation
    number, the entry of an unlinked collaboration, and the markers.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    active = collaboration.state is CollaborationState.ACTIVE
    expected = [*_entries(collaboration, context)] if active else []
    if marker_of_customer := customer_marker_item(collaboration):
        expected.append(marker_of_customer)
    unlinked_key = keys.unlinked(collaboration.organisation_number, collaboration.office_id, collaboration.id)
    marker_keys = {keys.marker(collaboration.agreement, marker): marker for marker in Marker}
    found = services.table.get(*(items.key_of(entry) for entry in expected), unlinked_key, *marker_keys)
    repairs = [actions.put(entry) for entry in expected if items.key_of(entry) not in found]
    if unlinked_key in found and not items.is_unlinked(collaboration):
        repairs.append(actions.delete(unlinked_key))
    marked = collaboration_markers(collaboration)
    for key, marker in marker_keys.items():
        if marker in marked and key not in found:
            repairs.append(put_marker(collaboration.office_id, collaboration.agreement, marker, marked[marker]))
        elif key in found and marker not in marked and marker not in REASONS:
            repairs.append(delete_marker(collaboration.agreement, marker))
    return tuple(repairs)


def complete_index(services: Services, office_id: OfficeId) -> None:
    """Write the index entries and markers that an older version did not, of all that an office has; once.

    Raises:
        ConflictError: somebody writes the same entries right now; the next audit starts again.
        TableUnavailableError: the table does not answer.
    """
    table, office_key = services.table, keys.office(office_id)
    found = table.get(office_key)
    if office_key not in found or items.is_indexed(found.values()):
        return
    employees = items.employees(table.partition(office_key.pk))
    entries = [keys.employee_by_address(office_id, employee.email, name) for name, employee in employees.items()]
    table.write_in_parts([actions.put(items.key(entry)) for entry in entries])
    for of in (lists.collaborations_of(office_id), lists.invitations_of(office_id)):
        agreements = [items.agreement_of(row) for row in lists.all_rows(table, of)]
        for agreement in agreements:
            _complete_markers(services, agreement)
    table.write([actions.update(office_key, items.INDEXED, actions.EXISTS)])


def _complete_markers(services: Services, agreement: AgreementId) -> None:
    """Write the missing markers of an agreement. One that is left over does no harm: the row itself is asked."""
    table = services.table
    marker_keys = {keys.marker(agreement, marker): marker for marker in Marker}
    found = table.get(*keys.invitation_keys(agreement), *keys.collaboration_keys(agreement), *marker_keys)
    missing: list[Action] = []
    for collaboration in items.collaborations(found):
        missing += customer_marker_actions(None, collaboration)
        marked = collaboration_markers(collaboration)
        missing += [
            put_marker(collaboration.office_id, agreement, marker, marked[marker])
            for key, marker in marker_keys.items()
            if marker in marked and key not in found
        ]
    for invitation in items.invitations(found):
        missing += customer_marker_actions(None, invitation)
        if invitation.state is not InvitationState.PENDING:
            continue
        notices = invitation_notices(invitation, services.clock())
        wanted = (Marker.PENDING, Marker.BOUNCED) if invitation.bounced else (Marker.PENDING,)
        missing += [
            put_marker(invitation.office_id, agreement, marker, invitation.expires_at, notices.get(marker))
            for marker in wanted
            if keys.marker(agreement, marker) not in found
        ]
    if missing:
        table.write(missing)


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
