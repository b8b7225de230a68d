"""The customer's side, signed in: invitations to, and collaborations of, the caller's companies."""

from datetime import datetime
from typing import Any, Self

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import NOT_PENDING, Action, Choice
from collaboration.domain.model.values import AccountId, InvitationId, Locale, Message, Side, Value
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.collaborations import (
    ENDING,
    CollaborationResponse,
    EndBody,
    collaboration_fields,
    ending_actions,
)
from collaboration.http.contract.customers import SolutionResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.recipients import DecidedResponse, RecipientInvitationResponse
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class MyDecisionBody(Value):
    """What an account user decides; being signed in proves who they are."""

    decision: Choice
    message: Message | None = None


class MyCollaborationResponse(CollaborationResponse):
    """A collaboration as an account user sees it: with the office, and what the customer may do now."""

    office_name: str | None

    @classmethod
    def for_user(cls, collaboration: Collaboration, end_problem: ProblemResponse | None) -> Self:
        """A collaboration of one of the user's companies."""
        active = collaboration.state is CollaborationState.ACTIVE
        return cls(
            **collaboration_fields(collaboration, Side.CUSTOMER, end_problem),
            actions=tuple(ending_actions(collaboration, Side.CUSTOMER)) if active else (),
            office_name=collaboration.list_row.office_name,
        )


class MyEndedResponse(Value):
    """A collaboration after an end was decided, and the company's others that go on, and go on costing."""

    collaboration: MyCollaborationResponse
    remaining: tuple[MyCollaborationResponse, ...]


class MyInvitationResponse(RecipientInvitationResponse):
    """A request as an account user sees it, among those of all their companies."""

    id: InvitationId
    account_id: AccountId

    @classmethod
    def _fields(cls, context: RecipientContext, locale: Locale, now: datetime) -> dict[str, Any]:
        invitation = context.invitation
        named = {"id": invitation.id, "account_id": invitation.account_id}
        # Asking for a new one goes by the link: who is signed in can ask the office themselves.
        fields = super()._fields(context, locale, now)
        actions = tuple(action for action in fields["actions"] if action is not Action.ASK_AGAIN)
        return {**named, **fields, "actions": actions}


LIST_MY_SOLUTIONS = Operation(
    name="listMySolutions",
    function="my",
    method="GET",
    path="/my/solutions",
    caller=CallerClass.ACCOUNT_USER,
    summary="The solutions that occur in the requests to, and the collaborations of, the caller's companies",
    body=NoBody,
    query=NoQuery,
    answers={200: Page[SolutionResponse]},
)

LIST_MY_INVITATIONS = Operation(
    name="listMyInvitations",
    function="my",
    method="GET",
    path="/my/requests",
    caller=CallerClass.ACCOUNT_USER,
    summary="The requests to the companies that the caller is an administrator of, newest first",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[MyInvitationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

DECIDE_MY_INVITATION = Operation(
    name="decideMyInvitation",
    function="my",
    method="POST",
    path="/my/requests/{invitationId}/decision",
    caller=CallerClass.ACCOUNT_USER,
    summary="Accept or decline, signed in",
    body=MyDecisionBody,
    query=NoQuery,
    answers={200: DecidedResponse},
    refusals=(
        Slug.SITUATION_CHANGED,
        *NOT_PENDING,
    ),
)

LIST_MY_COLLABORATIONS = Operation(
    name="listMyCollaborations",
    function="my",
    method="GET",
    path="/my/collaborations",
    caller=CallerClass.ACCOUNT_USER,
    summary="The collaborations of the companies that the caller is an administrator of, newest first",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[MyCollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_MY_ACCESS = Operation(
    name="showMyAccess",
    function="my",
    method="GET",
    path="/my/collaborations/{collaborationId}/access",
    caller=CallerClass.ACCOUNT_USER,
    summary="Who may open what through a collaboration, since when, and why",
    body=NoBody,
    query=NoQuery,
    answers={200: Page[AccessResponse]},
)

SHOW_MY_HISTORY = Operation(
    name="showMyHistory",
    function="my",
    method="GET",
    path="/my/collaborations/{collaborationId}/history",
    caller=CallerClass.ACCOUNT_USER,
    summary="The customer's part of what happened in a collaboration, newest first",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

END_MINE = Operation(
    name="endMyCollaboration",
    function="my",
    method="POST",
    path="/my/collaborations/{collaborationId}/end",
    caller=CallerClass.ACCOUNT_USER,
    summary="End it now, or arrange its end on a day",
    body=EndBody,
    query=NoQuery,
    answers={200: MyEndedResponse},
    refusals=ENDING,
    matched=True,
    tagged=True,
)

CANCEL_MY_END = Operation(
    name="cancelMyEnd",
    function="my",
    method="DELETE",
    path="/my/collaborations/{collaborationId}/scheduled-end",
    caller=CallerClass.ACCOUNT_USER,
    summary="Call an arranged end off",
    body=NoBody,
    query=NoQuery,
    answers={200: MyCollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    matched=True,
    tagged=True,
)
