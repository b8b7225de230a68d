"""Activation, for employees: a collaboration that starts at once."""

from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.proposal import PROPOSAL_REFUSALS, ActivationBody
from collaboration.http.request import CallerClass

ACTIVATE = Operation(
    name="activateSolution",
    function="activate",
    method="POST",
    path="/activations",
    caller=CallerClass.EMPLOYEE,
    summary="Start a collaboration at once: for a company that is new, or in an office tool",
    body=ActivationBody,
    query=NoQuery,
    answers={201: CollaborationResponse},
    refusals=PROPOSAL_REFUSALS,
    decides=True,
    keyed=True,
    located=(201,),
)
