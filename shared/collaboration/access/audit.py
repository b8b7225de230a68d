"""The nightly proof over every office, some collaborations at a time: compare, repair, report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collaboration.access.reconcile import load_access_context, reconcile_all
from collaboration.domain.decisions.access import drift_of
from collaboration.domain.model.access import Drift, DriftReport
from collaboration.domain.model.values import AgreementId, OfficeId
from collaboration.services import Services
from collaboration.storage import actions, items, keys
from collaboration.storage.delivery import rows_of

# How many collaborations one call looks at: three reads each, well within the function's time.
AT_ONCE = 100


KEPT = timedelta(days=90)


def offices(services: Services) -> Iterator[OfficeId]:
    """Every office there is."""
    after = None
    while True:
        rows, after = services.table.page("OFFICES", index=keys.LISTS, after=after)
        yield from (OfficeId(items.string(row, "listSk")) for row in rows)
        if after is None:
            return


@dataclass(frozen=True, slots=True)
class AuditPage:
    """What was found, and where to go on (None: the office is done)."""

    report: DriftReport
    after: str | None


def audit_page(services: Services, office_id: OfficeId, after: str | None) -> AuditPage:
    """Compare desire and grants of the next collaborations of an office, repair what differs, and keep the report."""
    now = services.clock()
    partition = f"OFFICE#{office_id}#COLLABORATIONS"
    start = None
    if after is not None:
        place = keys.collaboration(AgreementId(after.partition("#")[2]))
        start = {**items.key(place), "listPk": items.text(partition), "listSk": items.text(after)}
    # A collaboration is two items of the list: its row, and beside it what became of its mails.
    found, more = services.table.page(partition, index=keys.LISTS, limit=AT_ONCE * 2, after=start)
    rows = [row for row, _ in rows_of(found)]
    drifted = [drift for row in rows if (drift := _compare(services, items.agreement_of(row)))]
    reconcile_all(services, [drift.collaboration_id.agreement for drift in drifted if drift.collaboration_id.agreement])
    report = DriftReport(office_id=office_id, at=now, checked=len(rows), drifted=tuple(drifted))
    _save_report(services, report, now)
    return AuditPage(report, items.string(rows[-1], "listSk") if more and rows else None)


def _compare(services: Services, agreement: AgreementId) -> Drift | None:
    at_run, at_collaboration = keys.access_run(agreement), keys.collaboration(agreement)
    found = services.table.get(at_run, at_collaboration)
    if at_collaboration not in found:
        return None
    collaboration = items.collaboration(found[at_collaboration])
    present = tuple(items.access(item) for item in services.table.partition(at_run.pk, "GRANT#"))
    ran_at = items.integer(found.get(at_run, {}), "at")
    since = datetime.fromtimestamp(ran_at / 1000, UTC) if ran_at else collaboration.started_at
    return drift_of(collaboration, load_access_context(services, collaboration), present, since)


def _save_report(services: Services, report: DriftReport, now: datetime) -> None:
    place = keys.report("drift", now, report.office_id)
    ttl = items.number(int((now + KEPT).timestamp()))
    services.table.write([actions.put({**items.key(place), "data": items.data(report), "ttl": ttl})])
