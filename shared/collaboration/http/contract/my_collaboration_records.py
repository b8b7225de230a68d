"""Who has access through a collaboration of an account user's company, and its history."""

from collaboration.domain.model.faults import Slug
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass

SHOW_MY_ACCESS = Operation(
    name="showMyAccess",
    function="my",
    method="GET",
    path="/my/collaborations/{collaborationId}/access",
    caller=CallerClass.ACCOUNT_USER,
    summary="Who may open what through a collaboration, since when, and why",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[AccessResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
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
