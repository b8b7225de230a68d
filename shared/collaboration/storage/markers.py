"""Markers: one small item for each thing that the summary of an office counts, in the index of lists.

They make the counts sparse: a query of the partition of a marker reads nothing but what is counted. A marker is
written and removed by the transaction that changes what it marks.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.values import AgreementId, OfficeId, local_midnight
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action
from collaboration.storage.table import Table


class Marker(StrEnum):
    """What is counted. Each is in order of a time, given here."""

    PENDING = "pending"
    """A pending invitation; its expiry."""
    BOUNCED = "bounced"
    """A pending invitation of which a mail has bounced; its expiry."""
    ACTIVE = "active"
    """An active collaboration; its start."""
    UNLINKED = "unlinked"
    """An active collaboration without a task; its start."""
    ENDING = "ending"
    """An active collaboration with an arranged end; the start of its day in Sweden."""
    PROBLEM = "problem"
    """An active collaboration with an arranged end that could not be carried out; the collaboration's start."""


Marked = Mapping[Marker, datetime]


def invitation_markers(invitation: Invitation | None) -> Marked:
    """The markers of an invitation but `BOUNCED`, which the mail service writes."""
    if invitation is None or invitation.state is not InvitationState.PENDING:
        return {}
    return {Marker.PENDING: invitation.expires_at}


def collaboration_markers(collaboration: Collaboration | None) -> Marked:
    """The markers of a collaboration."""
    if collaboration is None or collaboration.state is not CollaborationState.ACTIVE:
        return {}
    found = {Marker.ACTIVE: collaboration.started_at}
    if not collaboration.linked:
        found[Marker.UNLINKED] = collaboration.started_at
    if following := collaboration.next_end:
        found[Marker.ENDING] = local_midnight(following.on)
    if collaboration.has_problem:
        found[Marker.PROBLEM] = collaboration.started_at
    return found


def marker_actions(office_id: OfficeId, agreement: AgreementId, before: Marked, after: Marked) -> Iterator[Action]:
    """The actions that bring the markers of an agreement from `before` to `after`."""
    for marker, at in after.items():
        if before.get(marker) != at:
            yield put_marker(office_id, agreement, marker, at)
    for marker in before.keys() - after.keys():
        yield delete_marker(agreement, marker)


def put_marker(office_id: OfficeId, agreement: AgreementId, marker: Marker, at: datetime) -> Action:
    """The action that writes a marker."""
    return actions.put(
        {
            **items.key(keys.marker(agreement, marker)),
            "listPk": items.text(keys.marker_list(office_id, marker)),
            "listSk": items.text(f"{keys.sortable(at)}#{agreement}"),
        }
    )


def delete_marker(agreement: AgreementId, marker: Marker) -> Action:
    """The action that removes a marker, where there is one."""
    return actions.delete(keys.marker(agreement, marker))


def count_marked(
    table: Table, office_id: OfficeId, marker: Marker, limit: int, *, after: datetime | None, before: datetime | None
) -> tuple[int, bool]:
    """How many there are of a marker within an office, at most `limit`, and whether there are more.

    Args:
        table: the table.
        office_id: the office.
        marker: what is counted.
        limit: the most that is counted.
        after: only those at a later time than this (UTC); None for all.
        before: only those at an earlier time than this (UTC); None for all.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    min_key = keys.sortable_after(after) if after else keys.FIRST_SORTABLE
    max_key = keys.sortable(before) if before else keys.LAST_SORTABLE
    found = table.count(
        keys.marker_list(office_id, marker), index=keys.LISTS, min_key=min_key, max_key=max_key, limit=limit + 1
    )
    return min(found, limit), found > limit
