"""The nightly access audit of every office, some collaborations at a time: compare, repair, report."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collaboration.access.index_audit import index_drift
from collaboration.access.invitation_audit import audit_invitation, audit_lists_of_customers, is_to_audit
from collaboration.access.reconcile import load_access_context, reconcile_all, scope_of, update_of
from collaboration.commands.obstacle_notes import is_concerned, note_obstacle
from collaboration.commands.readdressing import readdress_one
from collaboration.domain.decisions.access import drift_of
from collaboration.domain.model.access import Drift, DriftReport, InvitationDrift
from collaboration.domain.model.invitation import InvitationState
from collaboration.domain.model.values import AgreementId, CollaborationId, InvitationId, OfficeId
from collaboration.frozen import dataclass
from collaboration.services import Services, retry_on_conflict
from collaboration.storage import actions, grant_items, items, keys, lists
from collaboration.storage.actions import UNCHANGED
from collaboration.storage.unreadable import readable

if TYPE_CHECKING:
    from collaboration.domain.model.invitation import Invitation

# How many of each kind one call looks at: four reads each, one after another, well within the function's time.
AT_ONCE = 100


KEPT = timedelta(days=90)


# How many offices one call begins with, each by a message: the bus takes ten at a time.
OFFICES_AT_ONCE = 500


def offices_page(services: Services, after: str | None) -> tuple[list[OfficeId], str | None]:
    """The next `OFFICES_AT_ONCE` offices, and the position at which to go on (None: these are the last).

    Raises:
        TableUnavailableError: the table does not answer.
    """
    found, more = lists.read_page(services.table, lists.offices(), after, limit=OFFICES_AT_ONCE)
    return [OfficeId(lists.position_of(row)) for row, _ in found], more


@dataclass(frozen=True)
class AuditPage:
    """What was found, and the position at which to go on (None: the office is done)."""

    report: DriftReport
    after: str | None


# What the position of an invitation begins with; that of a collaboration begins with a digit.
_INVITATIONS = "invitations "


def audit_page(services: Services, office_id: OfficeId, after: str | None) -> AuditPage:
    """Compare the next things of an office with what is derived from them, repair it, and store the report.

    First its collaborations: the grants, the copies in the list row and of the terms, the guard and the index entries.
    Then its invitations: the guard and the markers. What cannot be compared or repaired is reported, and stops no
    other.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()
    report = DriftReport(office_id=office_id, at=now, checked=0)
    if after is None or not after.startswith(_INVITATIONS):
        report, after = _audit_collaborations(services, report, after)
        if after is not None:
            _save_report(services, report, now)
            return AuditPage(report, after)
    report, more = _audit_invitations(services, report, after.removeprefix(_INVITATIONS) if after else None)
    _save_report(services, report, now)
    return AuditPage(report, f"{_INVITATIONS}{more}" if more else None)


def _audit_collaborations(services: Services, report: DriftReport, after: str | None) -> tuple[DriftReport, str | None]:
    # A page holds the collaborations and beside them the items of their mails.
    found, more = lists.read_page(services.table, lists.collaborations_of(report.office_id), after, limit=AT_ONCE)
    drifted: list[Drift] = []
    failed: list[CollaborationId] = []
    for row, _ in found:
        try:
            drift = _audit_one(services, items.agreement_of(row))
        except Exception:  # noqa: BLE001 - whatever is wrong with one, the others are looked at as well
            failed.append(items.collaboration_id_of(row))
            continue
        if drift:
            drifted.append(drift)
    return report.replace(checked=len(found), drifted=tuple(drifted), failed=tuple(failed)), more


def _audit_invitations(services: Services, report: DriftReport, after: str | None) -> tuple[DriftReport, str | None]:
    found, more = lists.read_page(services.table, lists.invitations_of(report.office_id), after, limit=AT_ONCE)
    drifted: list[InvitationDrift] = []
    failed: list[InvitationId] = []
    over: list[Invitation] = []
    for row, mails in found:
        agreement = items.agreement_of(row)
        try:
            invitation = items.invitation(row, mails)
            if is_to_audit(row, report.at):
                drift = audit_invitation(services, agreement)
            else:
                drift = None
                over.append(invitation)
            # Of an expired one too: the office is offered to send it again where somebody could accept it.
            if is_concerned(invitation, report.at):
                note_obstacle(services, agreement)
            if invitation.bounced and invitation.state_at(report.at) is InvitationState.PENDING:
                readdress_one(services, agreement)
        except Exception:  # noqa: BLE001 - whatever is wrong with one, the others are looked at as well
            failed.append(InvitationId.of(agreement))
            continue
        if drift:
            drifted.append(drift)
    try:
        drifted += audit_lists_of_customers(services, over)
    except Exception:  # noqa: BLE001 - nor do they stop the rest of the office
        failed = [*dict.fromkeys((*failed, *(invitation.id for invitation in over)))]
    return report.replace(
        checked_invitations=len(found), drifted_invitations=tuple(drifted), failed_invitations=tuple(failed)
    ), more


def _audit_one(services: Services, agreement: AgreementId) -> Drift | None:
    """Compare and repair one collaboration; once more from the start when it changes meanwhile."""
    return retry_on_conflict(lambda now: _compare(services, agreement, now), services)


def _compare(services: Services, agreement: AgreementId, now: datetime) -> Drift | None:
    run_key, collaboration_key = keys.access_run(agreement), keys.collaboration(agreement)
    found = services.table.get(run_key, collaboration_key)
    if collaboration_key not in found:
        return None
    collaboration = items.collaboration(found[collaboration_key])
    grants = services.table.partition(run_key.pk, keys.GRANTS)
    present = tuple(access for _, access in readable(grants, grant_items.access))
    ran_at = items.integer(found.get(run_key, {}), "at")
    since = keys.moment(ran_at) if ran_at else collaboration.started_at
    context = load_access_context(services, collaboration)
    index = index_drift(services, collaboration, context, now)
    scope = scope_of(collaboration, context)
    moved = sum(grant_items.scope_of_grant(item, scope) != scope for item in grants)
    unreadable = len(grants) - len(present)
    outdated = update_of(collaboration, context, now)
    drift = drift_of(
        collaboration,
        context,
        present,
        since,
        stale_terms=outdated is not None,
        index_entries=index.entries + moved + unreadable,
    )
    if drift is None:
        return None
    # What was read of a collaboration that has changed since says nothing of its index entries now. An import that gets
    # its account, and the terms there, changes without moving its revision.
    read = found[collaboration_key]
    unchanged = actions.check(
        collaboration_key, f"{UNCHANGED} AND #data = :data", revision=read["revision"], data=read["data"]
    )
    services.table.write_in_parts(index.repairs, checks=[unchanged])
    reconcile_all(services, [agreement])
    return drift


def _save_report(services: Services, report: DriftReport, now: datetime) -> None:
    report_key = keys.report("drift", now, report.office_id)
    ttl = items.number(int((now + KEPT).timestamp()))
    services.table.write([actions.put({**items.key(report_key), "data": items.data(report), "ttl": ttl})])
