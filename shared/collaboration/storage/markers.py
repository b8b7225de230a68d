"""Markers: one small item for each thing that an office counts or filters its lists by, in the index of lists.

They make both sparse: a query of the partition of a marker reads nothing but what is counted or listed. A marker is
written and removed by the transaction that changes what it marks.

A marker of an invitation is also the notice that the office's digest is to tell: until it has, it is due work.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.digest import DigestReason, Notice
from collaboration.domain.model.invitation import (
    AUTOMATIC_BEFORE_EXPIRY,
    Invitation,
    InvitationState,
    Obstacle,
    asked_again_since,
    expiry_notice_at,
)
from collaboration.domain.model.values import AgreementId, OfficeId, local_date, local_midnight
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, EXISTS, UNCHANGED, Action
from collaboration.storage.items import Attribute, Item
from collaboration.storage.table import Table


class Marker(StrEnum):
    """What is counted. Each is in order of a time, given here."""

    PENDING = "pending"
    """A pending invitation; its expiry."""
    BOUNCED = "bounced"
    """A pending invitation of which a mail has bounced; its expiry."""
    EXPIRED = "expired"
    """An expired invitation of which the office has not been told; its expiry."""
    ASKED_AGAIN = "asked-again"
    """A dead invitation in whose place a new one was asked for, of which the digest has not told; when it was asked."""
    OBSTRUCTED = "obstructed"
    """A pending invitation that something is in the way of; its expiry."""
    ACTIVE = "active"
    """An active collaboration; its start."""
    UNLINKED = "unlinked"
    """An active collaboration without a task; its start."""
    ENDING = "ending"
    """An active collaboration with an arranged end; the start of its day in Sweden."""
    RENEWING = "renewing"
    """An active collaboration whose subscription renews; the start of that day in Sweden."""
    PROBLEM = "problem"
    """An active collaboration with an arranged end that could not be carried out; the collaboration's start."""


# How many notices fit into the transaction that tells them, beside all else: it holds 100 actions.
NOTICES_AT_ONCE = 90


Marked = Mapping[Marker, datetime]


# What the digest tells of an invitation with a marker.
REASONS = {
    Marker.PENDING: DigestReason.EXPIRING,
    Marker.BOUNCED: DigestReason.BOUNCED,
    Marker.EXPIRED: DigestReason.EXPIRED,
    Marker.ASKED_AGAIN: DigestReason.ASKED_AGAIN,
    Marker.OBSTRUCTED: DigestReason.CANNOT_BE_ACCEPTED,
}


_MARKERS = {reason: marker for marker, reason in REASONS.items()}


# These are counted, whether or not the digest has told of them; the others go when it has.
_COUNTED = frozenset({Marker.PENDING, Marker.BOUNCED, Marker.OBSTRUCTED})


def invitation_markers(invitation: Invitation | None) -> Marked:
    """The markers of an invitation but `BOUNCED`, which the mail service writes, and `OBSTRUCTED`, of what is noted."""
    if invitation is None:
        return {}
    found = {}
    if invitation.state is InvitationState.PENDING:
        found[Marker.PENDING] = invitation.expires_at
    if invitation.state is InvitationState.EXPIRED:
        found[Marker.EXPIRED] = invitation.expires_at
    if asked := asked_again_since(invitation):
        found[Marker.ASKED_AGAIN] = asked
    return found


def invitation_notices(invitation: Invitation, now: datetime) -> Mapping[Marker, Notice]:
    """What the digest is to tell of an invitation whose markers are written at `now`.

    That a new one was asked for is told by a mail at once; the digest says so the day after, where nothing was done.
    """
    marked = invitation_markers(invitation)
    due = {
        Marker.PENDING: expiry_notice_at(invitation),
        Marker.EXPIRED: now,
        Marker.ASKED_AGAIN: local_midnight(local_date(now) + timedelta(days=1)),
    }
    return {
        marker: Notice(agreement=invitation.agreement, reason=REASONS[marker], at=at, due_at=due_at)
        for marker, at in marked.items()
        if (due_at := due[marker])
    }


def collaboration_markers(collaboration: Collaboration | None) -> Marked:
    """The markers of a collaboration."""
    if collaboration is None or collaboration.state is not CollaborationState.ACTIVE:
        return {}
    found = {Marker.ACTIVE: collaboration.started_at}
    if not collaboration.linked:
        found[Marker.UNLINKED] = collaboration.started_at
    if following := collaboration.next_end:
        found[Marker.ENDING] = local_midnight(following.on)
    if collaboration.renews_on:
        found[Marker.RENEWING] = local_midnight(collaboration.renews_on)
    if collaboration.has_problem:
        found[Marker.PROBLEM] = collaboration.started_at
    return found


def marker_actions(
    office_id: OfficeId,
    agreement: AgreementId,
    before: Marked,
    after: Marked,
    notices: Mapping[Marker, Notice] | None = None,
) -> Iterator[Action]:
    """The actions that bring the markers of an agreement from `before` to `after`, new ones with their `notices`."""
    for marker, at in after.items():
        if before.get(marker) != at:
            yield put_marker(office_id, agreement, marker, at, (notices or {}).get(marker))
    for marker in before.keys() - after.keys():
        yield delete_marker(agreement, marker)


def pending_marker_actions(invitation: Invitation, now: datetime) -> Iterator[Action]:
    """The actions that write the markers of an invitation while it is pending, `BOUNCED` included; else none.

    Not `OBSTRUCTED`, which is written with what it marks, and with nothing else.
    """
    if invitation.state is not InvitationState.PENDING:
        return
    wanted = (Marker.PENDING, Marker.BOUNCED) if invitation.bounced else (Marker.PENDING,)
    marked = dict.fromkeys(wanted, invitation.expires_at)
    notices = {**invitation_notices(invitation, now), Marker.BOUNCED: _notice_at(invitation, Marker.BOUNCED, now)}
    yield from marker_actions(invitation.office_id, invitation.agreement, {}, marked, notices)


def _notice_at(invitation: Invitation, marker: Marker, now: datetime) -> Notice:
    return Notice(agreement=invitation.agreement, reason=REASONS[marker], at=now, due_at=now)


def customer_marker_actions(
    before: Invitation | Collaboration | None, after: Invitation | Collaboration
) -> Iterator[Action]:
    """The actions after which an invitation or collaboration is found among those of its customer, and of no other."""
    if before is not None and before.customer_id == after.customer_id:
        return
    if item := customer_marker_item(after):
        yield actions.put(item)
    elif before is not None:
        yield actions.delete(keys.customer_marker(after.agreement, _list_of(after)))


def customer_marker_item(of: Invitation | Collaboration) -> Item | None:
    """The marker by which an invitation or collaboration is found among those of its customer; None without one."""
    if of.customer_id is None:
        return None
    at = of.sent_at if isinstance(of, Invitation) else of.started_at
    return {
        **items.key(keys.customer_marker(of.agreement, _list_of(of))),
        "listPk": items.text(keys.customer_marker_list(of.office_id, of.customer_id, _list_of(of))),
        "listSk": items.text(f"{keys.sortable(at)}#{of.agreement}"),
    }


def _list_of(found: Invitation | Collaboration) -> str:
    return keys.INVITATIONS if isinstance(found, Invitation) else keys.COLLABORATIONS


def put_marker(
    office_id: OfficeId, agreement: AgreementId, marker: Marker, at: datetime, notice: Notice | None = None
) -> Action:
    """The action that writes a marker, with what the digest is to tell of it."""
    return actions.put(marker_item(office_id, agreement, marker, at, notice))


def marker_item(
    office_id: OfficeId, agreement: AgreementId, marker: Marker, at: datetime, notice: Notice | None = None
) -> Item:
    """A marker, with what the digest is to tell of it: nothing without a notice."""
    return {
        **items.key(keys.marker(agreement, marker)),
        "listPk": items.text(keys.marker_list(office_id, marker)),
        "listSk": items.text(f"{keys.sortable(at)}#{agreement}"),
        **(_notice_attributes(notice) if notice else {}),
    }


def _notice_attributes(notice: Notice) -> Mapping[str, Attribute]:
    due = items.due_attributes("DIGEST", notice.agreement, notice.due_at, of=_MARKERS[notice.reason])
    return {"noticeAt": items.milliseconds(notice.at), "noticeDueAt": items.milliseconds(notice.due_at), **due}


_NOTICE = ("noticeAt", "noticeDueAt", "noticeDigest", "duePk", "dueSk")


def notice_of(item: Item | None) -> tuple[OfficeId, Notice] | None:
    """The office, and what its digest is to tell of a marker; None where it has been told, or there is no marker."""
    if item is None or "noticeAt" not in item:
        return None
    notice = Notice(
        agreement=items.agreement_of(item),
        reason=REASONS[Marker(items.string(item, "sk").removeprefix(keys.MARKERS))],
        at=items.moment(item["noticeAt"]),
        due_at=items.moment(item["noticeDueAt"]),
    )
    notice = notice.replace(digest_id=_digest_of(item, notice))
    return keys.office_of_marker_list(items.string(item, "listPk")), notice


def due_notices(table: Table, office_id: OfficeId, now: datetime) -> list[Notice]:
    """What an office's digest is to tell at `now`, the earliest first, as far as the index of lists knows of it.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    found = []
    for marker in REASONS:
        # Of the pending ones, only those that expire soon; of the others there are none that are not to be told soon.
        until = keys.sortable_after(now + AUTOMATIC_BEFORE_EXPIRY) if marker is Marker.PENDING else keys.LAST_SORTABLE
        marked = table.all_pages(keys.marker_list(office_id, marker), index=keys.LISTS, max_key=until)
        found += [known[1] for item in marked if (known := notice_of(item)) and known[1].due_at <= now]
    return sorted(found, key=lambda notice: notice.due_at)


def clear_notice(notice: Notice) -> Action:
    """The action after which a notice is told no more, if it is as it was read."""
    marker = _MARKERS[notice.reason]
    marker_key, as_read = keys.marker(notice.agreement, marker), {"due": items.milliseconds(notice.due_at)}
    if marker in _COUNTED:
        return actions.remove(marker_key, _NOTICE, "#noticeDueAt = :due", **as_read)
    return actions.delete(marker_key, "#noticeDueAt = :due", **as_read)


def name_digest(notice: Notice, digest_id: str) -> Action:
    """The action by which a notice names the digest that is about to tell it, if it is as it was read."""
    named = {"noticeDigest": items.text(f"{_due_text(notice)} {digest_id}")}
    marker_key = keys.marker(notice.agreement, _MARKERS[notice.reason])
    return actions.update(marker_key, named, "#noticeDueAt = :due", due=items.milliseconds(notice.due_at))


def _digest_of(item: Item, notice: Notice) -> str | None:
    if "noticeDigest" not in item:
        return None
    # What was postponed since, or noted anew, is told another time.
    due, _, digest_id = items.string(item, "noticeDigest").partition(" ")
    return digest_id if due == _due_text(notice) else None


def _due_text(notice: Notice) -> str:
    return items.milliseconds(notice.due_at)["N"]


def postpone_notice(notice: Notice, until: datetime) -> Action:
    """The action that lets a notice wait until a time (UTC), if it is as it was read."""
    later = _notice_attributes(notice.replace(due_at=until))
    marker_key = keys.marker(notice.agreement, _MARKERS[notice.reason])
    return actions.update(marker_key, later, "#noticeDueAt = :due", due=items.milliseconds(notice.due_at))


def obstacle_actions(invitation: Invitation, obstacle: Obstacle | None, now: datetime) -> Iterator[Action]:
    """The actions that note what keeps an invitation from being accepted or sent, or that nothing does any more.

    The digest tells of what nobody can accept. They take place only while the invitation is as it was read.
    """
    agreement = invitation.agreement
    yield _noted(invitation, NOTES_UNCHANGED, notes=items.number(invitation.notes))
    delivery_key = keys.invitation_delivery(agreement)
    if obstacle is None:
        yield actions.remove(delivery_key, ["obstacle"], EXISTS)
    else:
        yield actions.update(delivery_key, {"obstacle": items.text(obstacle)}, EXISTS)
    if obstacle is None or invitation.state_at(now) is not InvitationState.PENDING:
        yield delete_marker(agreement, Marker.OBSTRUCTED)
    else:
        notice = _notice_at(invitation, Marker.OBSTRUCTED, now) if obstacle.keeps_from_accepting else None
        yield put_marker(invitation.office_id, agreement, Marker.OBSTRUCTED, invitation.expires_at, notice)


def delete_marker(agreement: AgreementId, marker: Marker) -> Action:
    """The action that removes a marker, where there is one."""
    return actions.delete(keys.marker(agreement, marker))


def cured_marker(table: Table, agreement: AgreementId) -> Action | None:
    """The action that removes an invitation from those with a bounced mail; None while one is shown, or for no marker.

    A bounce that is recorded in the meantime stays counted.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    marker_key = keys.marker(agreement, Marker.BOUNCED)
    # First the marker: it is written after what it counts.
    marker = table.get(marker_key).get(marker_key)
    if marker is None:
        return None
    invitation = items.invitation_at(table.get(*keys.invitation_keys(agreement)), agreement)
    if invitation is None or invitation.bounced:
        return None
    if "noticeAt" in marker:
        return actions.delete(marker_key, "#noticeAt = :at", at=marker["noticeAt"])
    return actions.delete(marker_key, "attribute_not_exists(#noticeAt)")


def missing_bounced_marker(table: Table, agreement: AgreementId, now: datetime) -> Iterator[Action]:
    """The actions that count an invitation among those with a bounced mail, where one is shown and it is not counted.

    They take place only while the invitation is as it was read, and nobody else has counted it.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    marker_key = keys.marker(agreement, Marker.BOUNCED)
    found = table.get(marker_key, *keys.invitation_keys(agreement))
    invitation = items.invitation_at(found, agreement)
    if invitation is None or marker_key in found or not invitation.bounced:
        return
    if invitation.state_at(now) is InvitationState.PENDING:
        yield from bounced_actions(invitation, now, ABSENT)


def bounced_actions(invitation: Invitation, now: datetime, condition: str | None = None) -> Iterator[Action]:
    """The actions that count a pending invitation among those with a bounced mail, of which the digest tells.

    They take place only while the invitation is as it was read. `condition`: what else the marker must meet.
    """
    agreement, marker = invitation.agreement, Marker.BOUNCED
    yield _noted(invitation)
    notice = _notice_at(invitation, marker, now)
    yield actions.put(marker_item(invitation.office_id, agreement, marker, invitation.expires_at, notice), condition)


# A transition that removes a note is of somebody who has read it.
NOTES_UNCHANGED = "(attribute_not_exists(#notes) OR #notes = :notes)"


def _noted(invitation: Invitation, *conditions: str, **values: Attribute) -> Action:
    """The action that counts a note beside an invitation, while this is as it was read, and under more `conditions`."""
    condition, revision = " AND ".join((UNCHANGED, *conditions)), items.number(invitation.revision)
    return actions.increment(keys.invitation(invitation.agreement), "notes", condition, revision=revision, **values)


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
