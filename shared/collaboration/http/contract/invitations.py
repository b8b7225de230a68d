"""Invitations, for employees: list, show, remind, resend, revoke."""

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import NOT_PENDING, InvitationState
from collaboration.domain.model.values import CustomerId, EmployeeId
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.operation import REMINDER_REFUSALS, NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import Flag, PageQuery, QueryMoment, SolutionFilter, is_true
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass
from collaboration.queries.invitations import InvitationFilter


class InvitationsQuery(PageQuery):
    """Filters of *Sent requests*, combined with AND."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: SolutionFilter | None = None
    sent_by: EmployeeId | None = None
    expiring_before: QueryMoment | None = None
    bounced: Flag | None = None
    with_obstacle: Flag | None = None

    def filter(self) -> InvitationFilter:
        """The filter that the parameters ask for."""
        return InvitationFilter(
            status=self.status,
            customer_id=self.customer_id,
            solution=self.solution,
            sent_by=self.sent_by,
            expiring_before=self.expiring_before,
            bounced=is_true(self.bounced),
            with_obstacle=is_true(self.with_obstacle),
        )


LIST_INVITATIONS = Operation(
    name="listInvitations",
    function="invite",
    method="GET",
    path="/invitations",
    caller=CallerClass.EMPLOYEE,
    summary="Sent requests, newest first",
    body=NoBody,
    query=InvitationsQuery,
    answers={200: Page[InvitationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_INVITATION = Operation(
    name="showInvitation",
    function="invite",
    method="GET",
    path="/invitations/{invitationId}",
    caller=CallerClass.EMPLOYEE,
    summary="A sent request",
    body=NoBody,
    query=NoQuery,
    answers={200: InvitationResponse},
)

SHOW_INVITATION_HISTORY = Operation(
    name="showInvitationHistory",
    function="invite",
    method="GET",
    path="/invitations/{invitationId}/history",
    caller=CallerClass.EMPLOYEE,
    summary="What happened to a request, newest first",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)


def _transition(name: str, verb: str, status: int, summary: str, *refusals: Slug) -> Operation[NoBody, NoQuery]:
    return Operation(
        name=name,
        function="invite",
        method="POST",
        path=f"/invitations/{{invitationId}}/{verb}",
        caller=CallerClass.EMPLOYEE,
        summary=summary,
        body=NoBody,
        query=NoQuery,
        answers={status: InvitationResponse},
        refusals=(
            *NOT_PENDING,
            *refusals,
        ),
        decides=True,
    )


REMIND = _transition(
    "remindInvitation",
    "remind",
    202,
    "Remind everybody who was asked",
    *REMINDER_REFUSALS,
    Slug.DIGITS_EXHAUSTED,
    Slug.SITUATION_CHANGED,
)

RESEND = _transition(
    "resendInvitation",
    "resend",
    202,
    "Ask whoever is administrator now; an expired request lives anew",
    *REMINDER_REFUSALS,
    Slug.SITUATION_CHANGED,
    Slug.ALREADY_INVITED,
    Slug.ALREADY_COLLABORATING,
)

REVOKE = _transition("revokeInvitation", "revoke", 200, "Take the request back")
