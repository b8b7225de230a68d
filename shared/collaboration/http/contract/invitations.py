"""Invitations, for employees: list, show, remind, resend, revoke."""

from datetime import datetime

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import (
    NOT_PENDING,
    Action,
    Choice,
    Invitation,
    InvitationState,
    next_automatic,
    office_actions,
)
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Delivery,
    EmployeeId,
    InvitationId,
    Moment,
    OrganisationNumber,
    Scenario,
    Timestamp,
)
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.operation import REMINDER_REFUSALS, NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import Flag, PageQuery, SolutionFilter, is_true
from collaboration.http.contract.response import Page, ResponseModel
from collaboration.http.contract.sender import SenderResponse
from collaboration.http.contract.setup import SetUpResponse
from collaboration.http.request import CallerClass
from collaboration.queries.invitations import InvitationFilter


class InvitationsQuery(PageQuery):
    """Filters of *Sent requests*, combined with AND."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: SolutionFilter | None = None
    sent_by: EmployeeId | None = None
    expiring_before: Moment | None = None
    bounced: Flag | None = None

    def filter(self) -> InvitationFilter:
        """The filter that the parameters ask for."""
        return InvitationFilter(
            status=self.status,
            customer_id=self.customer_id,
            solution=self.solution,
            sent_by=self.sent_by,
            expiring_before=self.expiring_before,
            bounced=is_true(self.bounced),
        )


class RecipientResponse(ResponseModel):
    """An administrator who was asked; one who has said since that it is not for them has no link any more."""

    optional = frozenset({"reportedAt"})

    email: str
    delivery: Delivery
    fetched_at: Timestamp | None
    fetches: int
    reported_at: Timestamp | None = None


class DecisionResponse(ResponseModel):
    """What was decided; `by` is empty once the name was erased."""

    optional = frozenset({"message"})

    decision: Choice
    by: str
    at: Timestamp
    message: str | None = None


class InvitationResponse(ResponseModel):
    """A sent request.

    `erasedAt`: since when nothing is left of its recipients, of who decided, and of what both sides wrote.
    """

    optional = frozenset({"message", "erasedAt"})

    id: InvitationId
    customer_id: CustomerId
    customer_name: str
    organisation_number: OrganisationNumber
    account_id: AccountId
    solution: str
    scenario: Scenario
    setup: SetUpResponse
    status: InvitationState
    message: str | None = None
    sent_by: SenderResponse
    sent_at: Timestamp
    expires_at: Timestamp
    reminders: int
    next_reminder_at: Timestamp | None
    recipients: tuple[RecipientResponse, ...]
    decision: DecisionResponse | None
    collaboration_id: CollaborationId | None
    erased_at: Timestamp | None = None
    actions: tuple[Action, ...]
    revision: int

    @classmethod
    def of(cls, invitation: Invitation, caller: Employee, now: datetime) -> "InvitationResponse":
        """A request as `caller` sees it at `now`: its actions are what they may do now."""
        decision = invitation.decision
        return cls(
            id=invitation.id,
            customer_id=invitation.customer_id,
            customer_name=invitation.customer_name,
            organisation_number=invitation.organisation_number,
            account_id=invitation.account_id,
            solution=invitation.solution,
            scenario=invitation.scenario,
            setup=SetUpResponse.of(invitation.setup, invitation.task_id),
            status=invitation.state_at(now),
            message=invitation.message,
            sent_by=SenderResponse(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            sent_at=invitation.sent_at,
            expires_at=invitation.expires_at,
            reminders=invitation.reminders,
            next_reminder_at=next_automatic(invitation, now)
            if invitation.state_at(now) is InvitationState.PENDING
            else None,
            recipients=tuple(
                RecipientResponse(
                    email=person.email,
                    delivery=person.delivery,
                    fetched_at=person.fetched_at,
                    fetches=person.fetches,
                    reported_at=person.reported_at,
                )
                for person in invitation.recipients.values()
                if not person.removed or person.reported_at
            ),
            decision=DecisionResponse(
                decision=decision.choice, by=decision.by, at=decision.at, message=decision.message
            )
            if decision
            else None,
            collaboration_id=invitation.collaboration_id,
            erased_at=invitation.erased_at,
            actions=office_actions(invitation, now) if caller.may_decide else (),
            revision=invitation.revision,
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
