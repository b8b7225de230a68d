"""Who has access through a collaboration, and its history, for employees."""

from collaboration.domain.model.faults import Slug
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.history import HistoryResponse
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass

SHOW_ACCESS = Operation(
    name="showAccess",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/access",
    caller=CallerClass.EMPLOYEE,
    summary="Who may open what through a collaboration, since when, and why",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[AccessResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_HISTORY = Operation(
    name="showHistory",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}/history",
    caller=CallerClass.EMPLOYEE,
    summary="What happened in a collaboration, newest first, its invitation included",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[HistoryResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
