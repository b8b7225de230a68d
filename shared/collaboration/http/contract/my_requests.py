"""Requests to an account user's companies."""

from datetime import datetime
from typing import Any

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import NOT_PENDING, Action, Choice
from collaboration.domain.model.values import AccountId, InvitationId, Locale, Message, Value
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.recipients import DecidedResponse, RecipientInvitationResponse
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class MyDecisionBody(Value):
    """What an account user decides; being signed in proves who they are."""

    decision: Choice
    message: Message | None = None


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
