"""The nightly access audit of every office, some collaborations at a time: compare, repair, report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collaboration.access.reconcile import load_access_context, reconcile_all
from collaboration.domain.decisions.access import drift_of
from collaboration.domain.model.access import Drift, DriftReport
from collaboration.domain.model.values import AgreementId, OfficeId
from collaboration.services import Services
from collaboration.storage import actions, items, keys, lists

# How many collaborations one call looks at: three reads each, well within the function's time.
AT_ONCE = 100


KEPT = timedelta(days=90)


def offices(services: Services) -> Iterator[OfficeId]:
    """All offices.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    return (OfficeId(lists.position_of(row)) for row in lists.all_rows(services.table, lists.offices()))


@dataclass(frozen=True, slots=True)
class AuditPage:
    """What was found, and the position at which to go on (None: the office is done)."""

    report: DriftReport
    after: str | None


def audit_page(services: Services, office_id: OfficeId, after: str | None) -> AuditPage:
    """Compare desire and grants of the next collaborations of an office, repair what differs, and keep the report."""
    now = services.clock()
    # A page holds the collaborations and beside them the items of their mails.
    found, more = lists.read_page(services.table, lists.collaborations_of(office_id), after, limit=AT_ONCE)
    rows = [row for row, _ in found]
    drifted = [drift for row in rows if (drift := _compare(services, items.agreement_of(row)))]
    reconcile_all(services, [drift.collaboration_id.agreement for drift in drifted if drift.collaboration_id.agreement])
    report = DriftReport(office_id=office_id, at=now, checked=len(rows), drifted=tuple(drifted))
    _save_report(services, report, now)
    return AuditPage(report, more)


def _compare(services: Services, agreement: AgreementId) -> Drift | None:
    run_key, collaboration_key = keys.access_run(agreement), keys.collaboration(agreement)
    found = services.table.get(run_key, collaboration_key)
    if collaboration_key not in found:
        return None
    collaboration = items.collaboration(found[collaboration_key])
    present = tuple(items.access(item) for item in services.table.partition(run_key.pk, keys.GRANTS))
    ran_at = items.integer(found.get(run_key, {}), "at")
    since = datetime.fromtimestamp(ran_at / 1000, UTC) if ran_at else collaboration.started_at
    return drift_of(collaboration, load_access_context(services, collaboration), present, since)


def _save_report(services: Services, report: DriftReport, now: datetime) -> None:
    report_key = keys.report("drift", now, report.office_id)
    ttl = items.number(int((now + KEPT).timestamp()))
    services.table.write([actions.put({**items.key(report_key), "data": items.data(report), "ttl": ttl})])
