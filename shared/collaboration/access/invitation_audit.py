"""The audit of what is derived from an invitation: its guard, and the markers by which it is counted and listed."""

from collections.abc import Collection
from datetime import datetime

from collaboration.domain.decisions.guarding import guard_drift
from collaboration.domain.model.access import InvitationDrift
from collaboration.domain.model.change import Change
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AgreementId
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, UNCHANGED
from collaboration.storage.commit import change_actions
from collaboration.storage.markers import (
    Marker,
    cured_marker,
    customer_marker_item,
    marker_item,
    pending_marker_actions,
)

_OF_INVITATION = (Marker.PENDING, Marker.BOUNCED, Marker.OBSTRUCTED)


def is_to_audit(row: items.Item, now: datetime) -> bool:
    """Whether the guard and the markers of the invitation of a row have an effect: it has not expired.

    Of an accepted one the collaboration has the guard. In the list of its customer each stands for good
    (`audit_lists_of_customers`).
    """
    return items.string(row, "state") != InvitationState.ACCEPTED and items.moment(row["expiresAt"]) > now


def audit_lists_of_customers(services: Services, invitations: Collection[Invitation]) -> list[InvitationDrift]:
    """Put these invitations back into the lists of their customers; those that one lacked.

    Raises:
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """
    wanted = {invitation.id: item for invitation in invitations if (item := customer_marker_item(invitation))}
    found = services.table.get(*map(items.key_of, wanted.values())) if wanted else {}
    # Where an invitation is listed never changes, so nothing that happens meanwhile matters.
    lacking = {
        invitation_id: item
        for invitation_id, item in wanted.items()
        if not item.items() <= found.get(items.key_of(item), {}).items()
    }
    puts = [actions.put(item) for item in lacking.values()]
    retry_on_conflict(lambda _: services.table.write_in_parts(puts), services)
    return [InvitationDrift(invitation_id=invitation_id, guard=False, markers=1) for invitation_id in lacking]


def audit_invitation(services: Services, agreement: AgreementId) -> InvitationDrift | None:
    """Compare and repair what is derived from an invitation; None where all is as it should be.

    Raises:
        UnreadableError: what is stored of it cannot be read.
        RefusedError: `temporarily-unavailable`, somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """
    return retry_on_conflict(lambda now: _compare(services, agreement, now), services)


def _compare(services: Services, agreement: AgreementId, now: datetime) -> InvitationDrift | None:
    of_customer = keys.customer_marker(agreement, keys.INVITATIONS)
    marker_keys = {marker: keys.marker(agreement, marker) for marker in _OF_INVITATION}
    found = services.table.get(*keys.invitation_keys(agreement), *marker_keys.values(), of_customer)
    invitation = items.invitation_at(found, agreement)
    if invitation is None or invitation.state is InvitationState.ACCEPTED:
        return None
    pending = invitation.state_at(now) is InvitationState.PENDING
    wanted = Guard.for_invitation(invitation)
    guard_key = keys.guard(wanted.office_id, wanted.customer_id, wanted.solution)
    stored = services.table.get(guard_key).get(guard_key)
    drift = guard_drift(items.guard(stored) if stored else None, wanted if pending else None, agreement, now)
    repairs = []
    expected = {Marker.PENDING, *((Marker.BOUNCED,) if invitation.bounced else ())} if pending else set()
    puts = {items.key_of(action["Put"]["Item"]): action for action in pending_marker_actions(invitation, now)}
    for marker, marker_key in marker_keys.items():
        present = found.get(marker_key)
        if marker in expected:
            item = marker_item(invitation.office_id, agreement, marker, invitation.expires_at)
            if present is None or not item.items() <= present.items():
                # As it was read: a bounce that comes at this moment has more to tell.
                as_read = ("#listSk = :listSk", {"listSk": present["listSk"]}) if present else (ABSENT, {})
                repairs.append(actions.put(puts[marker_key]["Put"]["Item"], as_read[0], **as_read[1]))
        elif present is not None:
            repairs += _removed(services, agreement, marker) if pending else [actions.delete(marker_key)]
    listed = customer_marker_item(invitation)
    if listed and not listed.items() <= found.get(of_customer, {}).items():
        repairs.append(actions.put(listed))
    if drift is None and not repairs:
        return None
    guards = (drift.repair,) if drift and drift.repair else ()
    unchanged = actions.check(keys.invitation(agreement), UNCHANGED, revision=items.number(invitation.revision))
    services.table.write([unchanged, *repairs, *change_actions(Change(at=now, guards=guards))])
    return InvitationDrift(invitation_id=invitation.id, guard=drift is not None, markers=len(repairs))


def _removed(services: Services, agreement: AgreementId, marker: Marker) -> list[actions.Action]:
    """The action that removes a marker which a pending invitation should not have; none for what others see to."""
    if marker is Marker.OBSTRUCTED:
        # It is written with what it marks, and put right with it (`commands.obstacle_notes.note_obstacle`).
        return []
    # A mail may come back at this moment: then it is counted.
    repair = cured_marker(services.table, agreement)
    return [repair] if repair else []
