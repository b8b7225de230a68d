"""What scheduled work reports: the access audit, and erasure."""

from datetime import date
from typing import Literal

from collaboration.domain.model.access import DriftReport
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import (
    CollaborationId,
    InvitationId,
    OfficeId,
    Timestamp,
    Value,
)
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class ReportsQuery(PageQuery):
    """Which scheduled work to report of: the nightly access audit, or erasure."""

    kind: Literal["drift", "erasure"]


class DriftResponse(Value):
    """A collaboration whose access was not what it should be; since when nobody had looked."""

    collaboration_id: CollaborationId
    grants: int
    list_row: bool
    stale_terms: bool
    index_entries: int
    since: Timestamp


class InvitationDriftResponse(Value):
    """An invitation that may be answered, or no more, whose guard or markers were not what they should be."""

    invitation_id: InvitationId
    guard: bool
    markers: int


class DriftReportResponse(Value):
    """What a look over some of an office's collaborations and invitations has found, and repaired."""

    office_id: OfficeId
    at: Timestamp
    checked: int
    drifted: tuple[DriftResponse, ...]
    failed: tuple[CollaborationId, ...]
    checked_invitations: int
    drifted_invitations: tuple[InvitationDriftResponse, ...]
    failed_invitations: tuple[InvitationId, ...]

    @classmethod
    def of(cls, report: DriftReport) -> "DriftReportResponse":
        """A report."""
        return cls.model_validate(report.model_dump())


class ErasureReportResponse(Value):
    """What was erased of an office's dead invitations on one day (Europe/Stockholm): how much, and of which.

    `digest`: SHA-256, in hexadecimal digits, of the digest before (empty at first) followed by the id of an invitation,
    for each of them in turn.
    """

    office_id: OfficeId
    day: date
    invitations: int
    recipients: int
    messages: int
    mails: int
    digest: str

    @classmethod
    def of(cls, report: ErasureReport) -> "ErasureReportResponse":
        """A report."""
        return cls(**{name: getattr(report, name) for name in cls.model_fields})


class ReportPage(Page[DriftReportResponse | ErasureReportResponse]):
    """Part of the reports of one kind."""


def report_response(report: DriftReport | ErasureReport) -> DriftReportResponse | ErasureReportResponse:
    """A report of either kind."""
    return DriftReportResponse.of(report) if isinstance(report, DriftReport) else ErasureReportResponse.of(report)


LIST_REPORTS = Operation(
    name="listReports",
    function="directory",
    method="GET",
    path="/platform/reports",
    caller=CallerClass.PLATFORM,
    summary="What the access audit found and what was erased, newest first",
    body=NoBody,
    query=ReportsQuery,
    answers={200: ReportPage},
    refusals=(Slug.MALFORMED_REQUEST,),
)
