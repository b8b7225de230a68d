"""An account user ends a collaboration."""

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Value
from collaboration.http.contract.collaboration_changes import ENDING, EndBody
from collaboration.http.contract.my_collaborations import MyCollaborationResponse
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass


class MyEndedResponse(Value):
    """A collaboration after an end was decided, and the company's others that go on, and go on costing."""

    collaboration: MyCollaborationResponse
    remaining: tuple[MyCollaborationResponse, ...]


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
