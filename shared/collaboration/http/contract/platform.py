"""The platform: directory sync, import, mail events and reports."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictStr, StringConstraints, model_validator

from collaboration.domain.decisions.mass_update import MassUpdate
from collaboration.domain.model.access import DriftReport
from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import (
    CollaborationId,
    CustomerId,
    Email,
    EmployeeId,
    Name,
    OfficeId,
    OrganisationNumber,
    Side,
    TaskId,
    Timestamp,
    Value,
)
from collaboration.http.contract.access import PersonResponse, ReasonResponse
from collaboration.http.contract.directory import (
    AccountResponse,
    CustomerResponse,
    EmployeeResponse,
    OfficeResponse,
    TaskResponse,
)
from collaboration.http.contract.operation import Body_co, NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery, SolutionFilter
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Page, ResponseModel
from collaboration.http.request import CallerClass
from collaboration.queries.account_access import PersonAccess


class ImportRow(Value):
    """A collaboration of the older program."""

    organisation_number: OrganisationNumber
    solution: StrictStr | None = None
    reference: Name


class ImportBody(Value):
    """Up to 200 rows, each judged on its own."""

    rows: Annotated[tuple[dict[str, object], ...], Field(min_length=1, max_length=200)]


class SesMail(Value):
    """The mail that an SES event is about: its id or the tags that it was sent with."""

    model_config = ConfigDict(extra="allow")

    message_id: Annotated[StrictStr, StringConstraints(min_length=1)] | None = None
    tags: dict[str, tuple[StrictStr, ...]] | None = None

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        if not self.message_id and not self.tags:
            raise ValueError("neither id nor tags")
        return self


class SesEvent(Value):
    """What SES says of a mail."""

    model_config = ConfigDict(extra="allow")

    event_type: StrictStr
    mail: SesMail


class MailEventBody(Value):
    """An SES event as EventBridge delivers it. What is not needed may be there, and is left alone."""

    model_config = ConfigDict(extra="ignore")

    detail: SesEvent


class OwnerChange(Value):
    """From whom to whom; JSON's `from` is a word of Python's."""

    before: EmployeeId = Field(alias="from")
    after: EmployeeId = Field(alias="to")


People = Annotated[tuple[EmployeeId, ...], Field(max_length=100)]


class MassUpdateBody(Value):
    """What happens to the tasks of the office, or of some of its customers. Something has to."""

    customer_ids: Annotated[tuple[CustomerId, ...], Field(min_length=1, max_length=1000)] | None = None
    owner: OwnerChange | None = None
    add_participants: People = ()
    remove_participants: People = ()
    cursor: Annotated[str, StringConstraints(max_length=1000)] | None = None

    def reassign(self) -> MassUpdate:
        """What the domain is asked."""
        return MassUpdate(
            owner=(self.owner.before, self.owner.after) if self.owner else None,
            add=self.add_participants,
            remove=self.remove_participants,
        )


class ReportsQuery(PageQuery):
    """Which scheduled work to report of: the nightly access audit, or erasure."""

    kind: Literal["drift", "erasure"]


class AccountAccessQuery(PageQuery):
    """Whose access, and to which solution; both together are the question of one sign-in."""

    email: Email | None = None
    solution: SolutionFilter | None = None


class SolutionAccessResponse(ResponseModel):
    """A solution that a person may open, and why."""

    optional = frozenset({"variant", "since"})

    key: str
    variant: str | None = None
    since: Timestamp | None = None
    reasons: tuple[ReasonResponse, ...]


class PersonAccessResponse(Value):
    """A person, and the solutions of the account that they may open."""

    person: PersonResponse
    side: Side
    solutions: tuple[SolutionAccessResponse, ...]

    @classmethod
    def of(cls, access: PersonAccess) -> "PersonAccessResponse":
        """What a person may open."""
        return cls(
            person=PersonResponse(**dict(access.person)),
            side=access.side,
            solutions=tuple(
                SolutionAccessResponse(
                    key=solution.key,
                    variant=solution.variant,
                    since=solution.since,
                    reasons=tuple(ReasonResponse(**dict(reason)) for reason in solution.reasons),
                )
                for solution in access.solutions
            ),
        )


class MassUpdateStatus(StrEnum):
    """What became of a task of a mass update."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class MassUpdateRowResponse(ResponseModel):
    """What became of a task."""

    optional = frozenset({"problem"})

    customer_id: CustomerId
    task_id: TaskId
    status: MassUpdateStatus
    problem: ProblemResponse | None = None


class MassUpdateResponse(Value):
    """What became of the tasks of a call; `next` is the cursor of the rest."""

    rows: tuple[MassUpdateRowResponse, ...]
    next: str | None = None


class DriftResponse(Value):
    """A collaboration whose access was not what it should be; since when nobody had looked."""

    collaboration_id: CollaborationId
    grants: int
    list_row: bool
    stale_terms: bool
    index_entries: int
    since: Timestamp


class DriftReportResponse(Value):
    """What a look over some of an office's collaborations has found, and repaired."""

    office_id: OfficeId
    at: Timestamp
    checked: int
    drifted: tuple[DriftResponse, ...]
    failed: tuple[CollaborationId, ...]

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


class ImportStatus(StrEnum):
    """What became of a row of an import."""

    IMPORTED = "imported"
    EXISTS = "exists"
    FAILED = "failed"


class ImportedResponse(ResponseModel):
    """What became of a row of an import."""

    optional = frozenset({"reference", "collaborationId", "problem"})

    reference: str | None = None
    status: ImportStatus
    collaboration_id: CollaborationId | None = None
    problem: ProblemResponse | None = None


class ImportResponse(Value):
    """What became of every row."""

    rows: tuple[ImportedResponse, ...]


class MailEventResponse(Value):
    """Whether the event told something new."""

    kept: bool


def _directory_operations(
    name: str, path: str, body: type[Body_co], response: type[Value], summary: str, *refusals: Slug
) -> tuple[Operation[Body_co, NoQuery], Operation[NoBody, NoQuery]]:
    put = Operation(
        name=f"put{name}",
        function="directory",
        method="PUT",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"Feed {summary}",
        body=body,
        query=NoQuery,
        answers={201: response, 200: response},
        refusals=refusals,
    )
    get = Operation(
        name=f"get{name}",
        function="directory",
        method="GET",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"What was fed of {summary}",
        body=NoBody,
        query=NoQuery,
        answers={200: response},
    )
    return put, get


_OFFICE = "/platform/offices/{officeId}"
_CUSTOMER = f"{_OFFICE}/customers/{{customerId}}"
PUT_OFFICE, GET_OFFICE = _directory_operations("Office", _OFFICE, Office, OfficeResponse, "an office")

PUT_EMPLOYEE, GET_EMPLOYEE = _directory_operations(
    "Employee", f"{_OFFICE}/employees/{{employeeId}}", Employee, EmployeeResponse, "an employee"
)

PUT_CUSTOMER, GET_CUSTOMER = _directory_operations(
    "Customer", _CUSTOMER, Customer, CustomerResponse, "a customer", Slug.IN_USE, Slug.COMPANY_TYPE_LOCKED
)

PUT_TASK, GET_TASK = _directory_operations("Task", f"{_CUSTOMER}/tasks/{{taskId}}", Task, TaskResponse, "a task")

PUT_ACCOUNT, GET_ACCOUNT = _directory_operations(
    "Account", "/platform/accounts/{accountId}", AccountRecord, AccountResponse, "an account", Slug.IN_USE
)

SHOW_ACCOUNT_ACCESS = Operation(
    name="showAccountAccess",
    function="directory",
    method="GET",
    path="/platform/accounts/{accountId}/access",
    caller=CallerClass.PLATFORM,
    summary="Who may open what of an account, over all collaborations together, and why",
    body=NoBody,
    query=AccountAccessQuery,
    answers={200: Page[PersonAccessResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

IMPORT = Operation(
    name="importCollaborations",
    function="directory",
    method="POST",
    path=f"{_OFFICE}/collaborations/import",
    caller=CallerClass.PLATFORM,
    summary="Import unlinked collaborations of the older program; repeatable",
    body=ImportBody,
    row=ImportRow,
    query=NoQuery,
    answers={200: ImportResponse},
)

MASS_UPDATE = Operation(
    name="reassignTasks",
    function="directory",
    method="POST",
    path=f"{_OFFICE}/tasks/mass-update",
    caller=CallerClass.PLATFORM,
    summary="Another owner, more or fewer participants, for many tasks; at most 100 a call, repeatable",
    body=MassUpdateBody,
    query=NoQuery,
    answers={200: MassUpdateResponse},
)

RECORD_MAIL_EVENT = Operation(
    name="recordMailEvent",
    function="directory",
    method="POST",
    path="/platform/mail-events",
    caller=CallerClass.PLATFORM,
    summary="What became of a mail: an SES event as EventBridge delivers it; repeatable, in any order",
    body=MailEventBody,
    query=NoQuery,
    answers={202: MailEventResponse},
)

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
