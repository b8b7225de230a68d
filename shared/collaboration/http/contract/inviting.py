"""Invite, for employees."""

from collaboration.domain.model.values import (
    Message,
)
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.proposal import PROPOSAL_REFUSALS, ActivationBody
from collaboration.http.request import CallerClass


class InvitationBody(ActivationBody):
    """An ask, what the caller agreed to, and perhaps a message to the customer."""

    message: Message | None = None


SEND_INVITATION = Operation(
    name="sendInvitation",
    function="invite",
    method="POST",
    path="/invitations",
    caller=CallerClass.EMPLOYEE,
    summary="Invite the customer to collaborate in a solution",
    body=InvitationBody,
    query=NoQuery,
    answers={201: InvitationResponse},
    refusals=PROPOSAL_REFUSALS,
    decides=True,
    keyed=True,
    located=(201,),
)
