"""Collaborations, for employees: list and show."""

from collaboration.domain.model.collaboration import CollaborationState
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import CustomerId, Day, EmployeeId, TaskId
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import Flag, PageQuery, SolutionFilter, is_true
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass
from collaboration.queries.collaborations import CollaborationFilter


class CollaborationsQuery(PageQuery):
    """Filters of the list of collaborations, combined with AND."""

    customer_id: CustomerId | None = None
    solution: SolutionFilter | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: Flag | None = None
    ends_before: Day | None = None
    renews_before: Day | None = None
    with_problem: Flag | None = None

    def filter(self) -> CollaborationFilter:
        """The filter that the parameters ask for."""
        return CollaborationFilter(
            customer_id=self.customer_id,
            solution=self.solution,
            task_id=self.task_id,
            task_owner=self.task_owner,
            account_manager=self.account_manager,
            state=self.state,
            linked=is_true(self.linked),
            ends_before=self.ends_before,
            renews_before=self.renews_before,
            with_problem=is_true(self.with_problem),
        )


LIST_COLLABORATIONS = Operation(
    name="listCollaborations",
    function="collaborations",
    method="GET",
    path="/collaborations",
    caller=CallerClass.EMPLOYEE,
    summary="The office's collaborations, newest first",
    body=NoBody,
    query=CollaborationsQuery,
    answers={200: Page[CollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_COLLABORATION = Operation(
    name="showCollaboration",
    function="collaborations",
    method="GET",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="A collaboration",
    body=NoBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    tagged=True,
)
