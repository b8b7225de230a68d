"""What would happen, for employees, before anything does."""

from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.problem import PreviewResponse
from collaboration.http.contract.proposal import ProposalBody
from collaboration.http.request import CallerClass

PREVIEW = Operation(
    name="previewCollaboration",
    function="invite",
    method="POST",
    path="/collaborations/preview",
    caller=CallerClass.EMPLOYEE,
    summary="What would happen, before anything does",
    body=ProposalBody,
    query=NoQuery,
    answers={200: PreviewResponse},
)
