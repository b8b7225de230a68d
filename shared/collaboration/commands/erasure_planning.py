"""Plan the erasure of invitations that died under version 0.1.0, which planned none: done once, by an operator."""

from collaboration.domain.model.invitation import erasure_due_at
from collaboration.domain.model.values import OfficeId
from collaboration.services import Services
from collaboration.storage import actions, items, lists
from collaboration.storage.actions import UNCHANGED
from collaboration.storage.table import ConflictError
from collaboration.storage.unreadable import readable


def plan_erasures(services: Services) -> int:
    """Make every dead invitation due whose erasure is not planned, and tell how many that were. Repeatable.

    It reads all invitations. One that changes meanwhile is left: its change has planned it.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    planned = 0
    for office in lists.all_rows(services.table, lists.offices()):
        rows = lists.all_rows(services.table, lists.invitations_of(OfficeId(lists.position_of(office))))
        for row, invitation in readable(rows, items.invitation):
            at = erasure_due_at(invitation)
            if at is None or invitation.erased_at is not None or "duePk" in row:
                continue
            due = items.due_attributes("ERASURE", invitation.agreement, at)
            revision = items.number(invitation.revision)
            try:
                services.table.write([actions.update(items.key_of(row), due, UNCHANGED, revision=revision)])
            except ConflictError:
                continue
            planned += 1
    return planned
