"""The solutions that occur at an account user's companies."""

from collaboration.domain.model.faults import Slug
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.contract.solutions import SolutionResponse
from collaboration.http.request import CallerClass

LIST_MY_SOLUTIONS = Operation(
    name="listMySolutions",
    function="my",
    method="GET",
    path="/my/solutions",
    caller=CallerClass.ACCOUNT_USER,
    summary="The solutions that occur in the requests to, and the collaborations of, the caller's companies",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[SolutionResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
