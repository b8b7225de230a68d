"""The nightly proof: is access what it should be, and if not, where and for how long."""

from datetime import datetime

from collaboration.domain.access import Access
from collaboration.domain.collaboration import Collaboration
from collaboration.domain.granting import AccessContext, desired
from collaboration.domain.values import CollaborationId, Moment, OfficeId, Value


class Drift(Value):
    """A collaboration whose grants are not what they should be. `since`: when they were last brought up to date."""

    collaboration_id: CollaborationId
    grants: int
    since: Moment


class DriftReport(Value):
    """What a look over some of an office's collaborations has found, and repaired."""

    office_id: OfficeId
    at: Moment
    checked: int
    drifted: tuple[Drift, ...] = ()


def drift_of(
    collaboration: Collaboration, directory: AccessContext, present: tuple[Access, ...], since: datetime
) -> Drift | None:
    """How far the grants of a collaboration are from what they should be; None when they are equal."""
    wanted = {access.key: access.reasons for access in desired(collaboration, directory)}
    had = {access.key: access.reasons for access in present}
    differing = sum(wanted.get(key) != had.get(key) for key in {*wanted, *had})
    if not differing:
        return None
    return Drift(collaboration_id=collaboration.id, grants=differing, since=since)
