"""Linking, for employees: the task that a collaboration belongs to."""

from pydantic import StrictStr

from collaboration.domain.decisions.linking import Link
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import AccountId, CustomerId, TaskId, Value
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class LinkBody(Value):
    """The customer, the task and the solution to link to; the account where the company has several."""

    customer_id: CustomerId
    task_id: TaskId
    solution: StrictStr
    account_id: AccountId | None = None

    def link(self) -> Link:
        """What the domain is asked."""
        return Link(
            customer_id=self.customer_id,
            task_id=self.task_id,
            solution=self.solution,
            account_id=self.account_id,
        )


class SuggestionResponse(Value):
    """A task that a collaboration may belong to, and why."""

    customer_id: CustomerId
    customer_name: str
    task_id: TaskId
    task_name: str
    solution: str | None
    why: tuple[str, ...]


LINK = Operation(
    name="linkCollaboration",
    function="link",
    method="PUT",
    path="/collaborations/{collaborationId}/link",
    caller=CallerClass.EMPLOYEE,
    summary="Link a collaboration to a customer's task, or move its link",
    body=LinkBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(
        Slug.ALREADY_INVITED,
        Slug.ALREADY_COLLABORATING,
        Slug.ACCOUNT_AMBIGUOUS,
        Slug.CUSTOMER_NOT_REGISTERED,
        Slug.IN_USE,
        Slug.TASK_NOT_SELECTABLE,
        Slug.COLLABORATION_ENDED,
    ),
    matched=True,
    tagged=True,
)

UNLINK = Operation(
    name="unlinkCollaboration",
    function="link",
    method="DELETE",
    path="/collaborations/{collaborationId}/link",
    caller=CallerClass.EMPLOYEE,
    summary="Undo the link: nobody at the office has access through it any more",
    body=NoBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    matched=True,
    tagged=True,
)

SUGGEST_LINKS = Operation(
    name="suggestLinks",
    function="link",
    method="GET",
    path="/collaborations/{collaborationId}/link-suggestions",
    caller=CallerClass.EMPLOYEE,
    summary="Tasks that a collaboration may belong to, latest changed first, and why",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[SuggestionResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
