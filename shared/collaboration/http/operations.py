"""Every operation of the API, once: the dispatcher, the OpenAPI document and the test of the template read it here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from collaboration.domain.directory import AccountRecord, Customer, Employee, Office, Task
from collaboration.domain.faults import Slug
from collaboration.domain.values import Value
from collaboration.http import answers, bodies
from collaboration.http.request import CallerClass
from collaboration.http.request_view import MyInvitationResponse, RecipientInvitationResponse

Body = TypeVar("Body", bound=Value)
Query = TypeVar("Query", bound=Value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Body, Query]):
    """One method on one path.

    `answers` are the successes, by status; `refusals` the reasons besides those that every operation of its caller
    may give; `decides` needs full user rights and administrator, both; `keyed` needs an Idempotency-Key, `matched` an
    If-Match; `tagged` answers carry an ETag; `form` takes an HTML form beside JSON.
    """

    name: str
    function: str
    method: str
    path: str
    caller: CallerClass
    summary: str
    body: type[Body]
    query: type[Query]
    answers: Mapping[int, type[Value] | None]
    refusals: tuple[Slug, ...] = ()
    decides: bool = False
    keyed: bool = False
    matched: bool = False
    tagged: bool = False
    form: bool = False
    html: bool = False
    located: tuple[int, ...] = field(default=())

    @property
    def route(self) -> tuple[str, str]:
        """What the gateway names it by."""
        return self.method, self.path

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def all_refusals(self) -> tuple[Slug, ...]:
        """Every reason for which it may be refused, its own and those of its kind, each once."""
        signed_in = self.caller not in {CallerClass.ANYONE, CallerClass.HOLDER}
        found = [
            *((Slug.UNAUTHENTICATED, Slug.NOT_ALLOWED) if signed_in else ()),
            *((Slug.NOT_FOUND,) if self.path_parameters or "customer_id" in self.body.model_fields else ()),
            *(_UNREADABLE if self.body is not bodies.NoBody else ()),
            *((Slug.IDEMPOTENCY_KEY_MISSING, Slug.IDEMPOTENCY_KEY_REUSED) if self.keyed else ()),
            *((Slug.IF_MATCH_MISSING, Slug.REVISION_CONFLICT) if self.matched else ()),
            *self.refusals,
            Slug.VALIDATION_FAILED,
            Slug.TOO_MANY_REQUESTS,
            Slug.TEMPORARILY_UNAVAILABLE,
        ]
        return tuple(dict.fromkeys(found))


_UNREADABLE = (Slug.MALFORMED_REQUEST, Slug.PAYLOAD_TOO_LARGE, Slug.UNSUPPORTED_MEDIA_TYPE)

PROPOSAL_REFUSALS = (
    Slug.CUSTOMER_MUST_APPROVE,
    Slug.CUSTOMER_NOT_REGISTERED,
    Slug.APPROVAL_NOT_NEEDED,
    Slug.SITUATION_CHANGED,
    Slug.ALREADY_INVITED,
    Slug.ALREADY_COLLABORATING,
    Slug.ACCOUNT_AMBIGUOUS,
    Slug.NO_ACTIVE_TASK,
    Slug.TASK_NOT_SELECTABLE,
    Slug.CONTACT_INCOMPLETE,
    Slug.CONTACT_IS_EMPLOYEE,
    Slug.NO_ADMINISTRATOR,
    Slug.TERMS_OUTDATED,
)

LIST_SOLUTIONS = Operation(
    name="listSolutions",
    function="collaborations",
    method="GET",
    path="/solutions",
    caller=CallerClass.EMPLOYEE,
    summary="The catalogue of solutions",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.Page[answers.SolutionResponse]},
)
LIST_CUSTOMERS = Operation(
    name="listCustomers",
    function="collaborations",
    method="GET",
    path="/customers",
    caller=CallerClass.EMPLOYEE,
    summary="The office's customers, by name",
    body=bodies.NoBody,
    query=bodies.CustomersQuery,
    answers={200: answers.Page[answers.CustomerResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
SHOW_CUSTOMER = Operation(
    name="showCustomer",
    function="collaborations",
    method="GET",
    path="/customers/{customerId}",
    caller=CallerClass.EMPLOYEE,
    summary="A customer with its tasks, pending requests and active collaborations",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.CustomerInFullResponse},
)
PREVIEW = Operation(
    name="previewCollaboration",
    function="invite",
    method="POST",
    path="/collaborations/preview",
    caller=CallerClass.EMPLOYEE,
    summary="What would happen, before anything does",
    body=bodies.ProposalBody,
    query=bodies.NoQuery,
    answers={200: answers.PreviewResponse},
)
SEND_INVITATION = Operation(
    name="sendInvitation",
    function="invite",
    method="POST",
    path="/invitations",
    caller=CallerClass.EMPLOYEE,
    summary="Invite the customer to collaborate in a solution",
    body=bodies.InvitationBody,
    query=bodies.NoQuery,
    answers={201: answers.InvitationResponse},
    refusals=PROPOSAL_REFUSALS,
    decides=True,
    keyed=True,
    located=(201,),
)
LIST_INVITATIONS = Operation(
    name="listInvitations",
    function="invite",
    method="GET",
    path="/invitations",
    caller=CallerClass.EMPLOYEE,
    summary="Sent requests, newest first",
    body=bodies.NoBody,
    query=bodies.InvitationsQuery,
    answers={200: answers.Page[answers.InvitationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
SHOW_INVITATION = Operation(
    name="showInvitation",
    function="invite",
    method="GET",
    path="/invitations/{invitationId}",
    caller=CallerClass.EMPLOYEE,
    summary="A sent request",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.InvitationResponse},
)
SHOW_INVITATION_HISTORY = Operation(
    name="showInvitationHistory",
    function="invite",
    method="GET",
    path="/invitations/{invitationId}/history",
    caller=CallerClass.EMPLOYEE,
    summary="What happened to a request, newest first",
    body=bodies.NoBody,
    query=bodies.PageQuery,
    answers={200: answers.Page[answers.HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)


def _step(name: str, verb: str, status: int, summary: str, *refusals: Slug) -> Operation[bodies.NoBody, bodies.NoQuery]:
    return Operation(
        name=name,
        function="invite",
        method="POST",
        path=f"/invitations/{{invitationId}}/{verb}",
        caller=CallerClass.EMPLOYEE,
        summary=summary,
        body=bodies.NoBody,
        query=bodies.NoQuery,
        answers={status: answers.InvitationResponse},
        refusals=(
            Slug.INVITATION_ACCEPTED,
            Slug.INVITATION_DECLINED,
            Slug.INVITATION_EXPIRED,
            Slug.INVITATION_REVOKED,
            *refusals,
        ),
        decides=True,
    )


_COUNTED = (Slug.REMINDER_TOO_SOON, Slug.NO_REMINDERS_LEFT)
REMIND = _step("remindInvitation", "remind", 202, "Remind everybody who was asked", *_COUNTED)
RESEND = _step(
    "resendInvitation",
    "resend",
    202,
    "Ask whoever is administrator now; an expired request lives anew",
    *_COUNTED,
    Slug.ALREADY_INVITED,
    Slug.ALREADY_COLLABORATING,
    Slug.NO_ADMINISTRATOR,
)
REVOKE = _step("revokeInvitation", "revoke", 200, "Take the request back")
SEND_BATCH = Operation(
    name="sendInvitations",
    function="invite",
    method="POST",
    path="/invitations/batch",
    caller=CallerClass.EMPLOYEE,
    summary="Invite up to 50 customers; each row stands alone, and the whole can be sent again",
    body=bodies.BatchBody,
    query=bodies.NoQuery,
    answers={200: answers.BatchResponse},
    decides=True,
)
ACTIVATE = Operation(
    name="activateSolution",
    function="activate",
    method="POST",
    path="/activations",
    caller=CallerClass.EMPLOYEE,
    summary="Start a collaboration at once: for a company that is new, or in an office tool",
    body=bodies.ActivationBody,
    query=bodies.NoQuery,
    answers={201: answers.CollaborationResponse},
    refusals=PROPOSAL_REFUSALS,
    decides=True,
    keyed=True,
    located=(201,),
)
GET_RECIPIENT_INVITATION = Operation(
    name="lookAtRequest",
    function="accept",
    method="GET",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="The request behind a mailed link; changes nothing",
    body=bodies.NoBody,
    query=bodies.LanguageQuery,
    answers={200: RecipientInvitationResponse},
    html=True,
)
HEAD_RECIPIENT_INVITATION = Operation(
    name="peekAtRequest",
    function="accept",
    method="HEAD",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="As GET, without the body",
    body=bodies.NoBody,
    query=bodies.LanguageQuery,
    answers={200: None},
)
DECIDE = Operation(
    name="decideRequest",
    function="accept",
    method="POST",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="Accept or decline, proving to know the company by the last four digits of its number",
    body=bodies.DecisionBody,
    query=bodies.LanguageQuery,
    answers={200: answers.DecidedResponse},
    refusals=(
        Slug.NOT_ALLOWED,
        Slug.ORGANISATION_NUMBER_MISMATCH,
        Slug.TOO_MANY_REQUESTS,
        Slug.INVITATION_ACCEPTED,
        Slug.INVITATION_DECLINED,
        Slug.INVITATION_EXPIRED,
        Slug.INVITATION_REVOKED,
    ),
    form=True,
    html=True,
)
ASK_AGAIN = Operation(
    name="askAgain",
    function="accept",
    method="POST",
    path="/accept/{token}/ask-again",
    caller=CallerClass.HOLDER,
    summary="Ask the office for a new invitation; always the same answer",
    body=bodies.NoBody,
    query=bodies.LanguageQuery,
    answers={202: answers.AskedAgainResponse},
    html=True,
)
LIST_MY_INVITATIONS = Operation(
    name="listMyRequests",
    function="accept",
    method="GET",
    path="/my/requests",
    caller=CallerClass.ACCOUNT_USER,
    summary="The requests to the companies that the caller is an administrator of, newest first",
    body=bodies.NoBody,
    query=bodies.PageQuery,
    answers={200: answers.Page[MyInvitationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
DECIDE_MY_INVITATION = Operation(
    name="decideMyRequest",
    function="accept",
    method="POST",
    path="/my/requests/{invitationId}/decision",
    caller=CallerClass.ACCOUNT_USER,
    summary="Accept or decline, signed in",
    body=bodies.MyDecisionBody,
    query=bodies.NoQuery,
    answers={200: answers.DecidedResponse},
    refusals=(
        Slug.INVITATION_ACCEPTED,
        Slug.INVITATION_DECLINED,
        Slug.INVITATION_EXPIRED,
        Slug.INVITATION_REVOKED,
    ),
)
LIST_COLLABORATIONS = Operation(
    name="listCollaborations",
    function="collaborations",
    method="GET",
    path="/collaborations",
    caller=CallerClass.EMPLOYEE,
    summary="The office's collaborations, newest first",
    body=bodies.NoBody,
    query=bodies.CollaborationsQuery,
    answers={200: answers.Page[answers.CollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
SHOW_COLLABORATION = Operation(
    name="showCollaboration",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="A collaboration",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.CollaborationResponse},
    tagged=True,
)
SHOW_ACCESS = Operation(
    name="showAccess",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/access",
    caller=CallerClass.EMPLOYEE,
    summary="Who may open what through a collaboration, since when, and why",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.Page[answers.AccessResponse]},
)
SHOW_HISTORY = Operation(
    name="showHistory",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/history",
    caller=CallerClass.EMPLOYEE,
    summary="What happened in a collaboration, newest first, its invitation included",
    body=bodies.NoBody,
    query=bodies.PageQuery,
    answers={200: answers.Page[answers.HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
LINK = Operation(
    name="linkCollaboration",
    function="link",
    method="PUT",
    path="/collaborations/{collaborationId}/link",
    caller=CallerClass.EMPLOYEE,
    summary="Link a collaboration to a customer's task, or move its link",
    body=bodies.LinkBody,
    query=bodies.NoQuery,
    answers={200: answers.CollaborationResponse},
    refusals=(
        Slug.ALREADY_INVITED,
        Slug.ALREADY_COLLABORATING,
        Slug.ACCOUNT_AMBIGUOUS,
        Slug.CUSTOMER_NOT_REGISTERED,
        Slug.TASK_NOT_SELECTABLE,
        Slug.COLLABORATION_ENDED,
    ),
    matched=True,
    tagged=True,
)


UNLINK = Operation(
    name="unlinkCollaboration",
    function="link",
    method="DELETE",
    path="/collaborations/{collaborationId}/link",
    caller=CallerClass.EMPLOYEE,
    summary="Undo the link: nobody at the office has access through it any more",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.CollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    matched=True,
    tagged=True,
)
SUGGEST_LINKS = Operation(
    name="suggestLinks",
    function="link",
    method="GET",
    path="/collaborations/{collaborationId}/link-suggestions",
    caller=CallerClass.EMPLOYEE,
    summary="Tasks that a collaboration may belong to, latest changed first, and why",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.Page[answers.SuggestionResponse]},
)
EDIT = Operation(
    name="editCollaboration",
    function="collaborations",
    method="PATCH",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="Change the task, what is to do, or the set-up; the set-up needs full user rights and administrator, both",
    body=bodies.EditBody,
    query=bodies.NoQuery,
    answers={200: answers.CollaborationResponse},
    refusals=(
        Slug.COLLABORATION_ENDED,
        Slug.TASK_NOT_SELECTABLE,
        Slug.CUSTOMER_OWNED_SUBSCRIPTION,
        Slug.KIND_DIFFERS,
        Slug.CONFIRMATION_NEEDED,
    ),
    matched=True,
    tagged=True,
)
_ENDING = (Slug.COLLABORATION_ENDED, Slug.MAIN_CONTACT_MISSING, Slug.CONFIRMATION_NEEDED)
END = Operation(
    name="endCollaboration",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/end",
    caller=CallerClass.EMPLOYEE,
    summary="End it now, or arrange its end on a day",
    body=bodies.EndBody,
    query=bodies.NoQuery,
    answers={200: answers.EndedResponse},
    refusals=_ENDING,
    decides=True,
    matched=True,
    tagged=True,
)
CANCEL_END = Operation(
    name="cancelEnd",
    function="collaborations",
    method="DELETE",
    path="/collaborations/{collaborationId}/scheduled-end",
    caller=CallerClass.EMPLOYEE,
    summary="Call an arranged end off",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.CollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    decides=True,
    matched=True,
    tagged=True,
)
RESEND_LOGIN = Operation(
    name="resendLogin",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/resend-login",
    caller=CallerClass.EMPLOYEE,
    summary="Send the login instructions of an activation again, while nobody has signed in",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={202: answers.CollaborationResponse},
    refusals=_COUNTED,
    decides=True,
    tagged=True,
)
LIST_MY_COLLABORATIONS = Operation(
    name="listMyCollaborations",
    function="collaborations",
    method="GET",
    path="/my/collaborations",
    caller=CallerClass.ACCOUNT_USER,
    summary="The collaborations of the companies that the caller is an administrator of, newest first",
    body=bodies.NoBody,
    query=bodies.PageQuery,
    answers={200: answers.Page[answers.MyCollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
SHOW_MY_ACCESS = Operation(
    name="showMyAccess",
    function="collaborations",
    method="GET",
    path="/my/collaborations/{collaborationId}/access",
    caller=CallerClass.ACCOUNT_USER,
    summary="Who may open what through a collaboration, since when, and why",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.Page[answers.AccessResponse]},
)
SHOW_MY_HISTORY = Operation(
    name="showMyHistory",
    function="collaborations",
    method="GET",
    path="/my/collaborations/{collaborationId}/history",
    caller=CallerClass.ACCOUNT_USER,
    summary="The customer's part of what happened in a collaboration, newest first",
    body=bodies.NoBody,
    query=bodies.PageQuery,
    answers={200: answers.Page[answers.HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
END_MINE = Operation(
    name="endMyCollaboration",
    function="collaborations",
    method="POST",
    path="/my/collaborations/{collaborationId}/end",
    caller=CallerClass.ACCOUNT_USER,
    summary="End it now, or arrange its end on a day",
    body=bodies.EndBody,
    query=bodies.NoQuery,
    answers={200: answers.MyEndedResponse},
    refusals=_ENDING,
    matched=True,
    tagged=True,
)
CANCEL_MY_END = Operation(
    name="cancelMyEnd",
    function="collaborations",
    method="DELETE",
    path="/my/collaborations/{collaborationId}/scheduled-end",
    caller=CallerClass.ACCOUNT_USER,
    summary="Call an arranged end off",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.MyCollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    matched=True,
    tagged=True,
)


def _directory_operations(
    name: str, path: str, body: type[Body], shape: type[Value], summary: str, *refusals: Slug
) -> tuple[Operation[Body, bodies.NoQuery], Operation[bodies.NoBody, bodies.NoQuery]]:
    put = Operation(
        name=f"put{name}",
        function="directory",
        method="PUT",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"Feed {summary}",
        body=body,
        query=bodies.NoQuery,
        answers={201: shape, 200: shape},
        refusals=refusals,
    )
    get = Operation(
        name=f"get{name}",
        function="directory",
        method="GET",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"What was fed of {summary}",
        body=bodies.NoBody,
        query=bodies.NoQuery,
        answers={200: shape},
    )
    return put, get


_OFFICE = "/platform/offices/{officeId}"
_CUSTOMER = f"{_OFFICE}/customers/{{customerId}}"
PUT_OFFICE, GET_OFFICE = _directory_operations("Office", _OFFICE, Office, answers.OfficeResponse, "an office")
PUT_EMPLOYEE, GET_EMPLOYEE = _directory_operations(
    "Employee", f"{_OFFICE}/employees/{{employeeId}}", Employee, answers.EmployeeResponse, "an employee"
)
PUT_CUSTOMER, GET_CUSTOMER = _directory_operations(
    "Customer", _CUSTOMER, Customer, answers.CustomerResponse, "a customer", Slug.IN_USE, Slug.COMPANY_TYPE_LOCKED
)
PUT_TASK, GET_TASK = _directory_operations("Task", f"{_CUSTOMER}/tasks/{{taskId}}", Task, answers.TaskResponse, "a task")
PUT_ACCOUNT, GET_ACCOUNT = _directory_operations(
    "Account", "/platform/accounts/{accountId}", AccountRecord, answers.AccountResponse, "an account", Slug.IN_USE
)
IMPORT = Operation(
    name="importCollaborations",
    function="directory",
    method="POST",
    path=f"{_OFFICE}/collaborations/import",
    caller=CallerClass.PLATFORM,
    summary="Import unlinked collaborations of the older program; repeatable",
    body=bodies.ImportBody,
    query=bodies.NoQuery,
    answers={200: answers.ImportResponse},
)
MASS_UPDATE = Operation(
    name="reassignTasks",
    function="directory",
    method="POST",
    path=f"{_OFFICE}/tasks/mass-update",
    caller=CallerClass.PLATFORM,
    summary="Another owner, more or fewer participants, for many tasks; at most 100 a call, repeatable",
    body=bodies.MassUpdateBody,
    query=bodies.NoQuery,
    answers={200: answers.MassUpdateResponse},
)
RECORD_MAIL_EVENT = Operation(
    name="tellMailEvent",
    function="directory",
    method="POST",
    path="/platform/mail-events",
    caller=CallerClass.PLATFORM,
    summary="What became of a mail: an SES event as EventBridge delivers it; repeatable, in any order",
    body=bodies.MailEventBody,
    query=bodies.NoQuery,
    answers={202: answers.MailEventResponse},
)
LIST_REPORTS = Operation(
    name="listReports",
    function="directory",
    method="GET",
    path="/platform/reports",
    caller=CallerClass.PLATFORM,
    summary="What nightly work has found and done, newest first",
    body=bodies.NoBody,
    query=bodies.ReportsQuery,
    answers={200: answers.Page[answers.DriftReportResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
SHOW_OPENAPI = Operation(
    name="showOpenApi",
    function="docs",
    method="GET",
    path="/openapi.json",
    caller=CallerClass.ANYONE,
    summary="This document",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: None},
)
SHOW_DOCS = Operation(
    name="showDocs",
    function="docs",
    method="GET",
    path="/docs",
    caller=CallerClass.ANYONE,
    summary="This document, for people",
    body=bodies.NoBody,
    query=bodies.LanguageQuery,
    answers={200: None},
    html=True,
)
SHOW_HEALTH = Operation(
    name="showHealth",
    function="docs",
    method="GET",
    path="/health",
    caller=CallerClass.ANYONE,
    summary="Whether the service answers",
    body=bodies.NoBody,
    query=bodies.NoQuery,
    answers={200: answers.HealthResponse},
)
SHOW_PROBLEM = Operation(
    name="showProblem",
    function="docs",
    method="GET",
    path="/problems/{slug}",
    caller=CallerClass.ANYONE,
    summary="What a problem means, and what to do",
    body=bodies.NoBody,
    query=bodies.LanguageQuery,
    answers={200: None},
    html=True,
)

OPERATIONS: tuple[Operation[Value, Value], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Operation)
)
