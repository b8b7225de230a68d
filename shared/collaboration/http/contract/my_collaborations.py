"""Collaborations of an account user's companies."""

from typing import Self

from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Side
from collaboration.http.contract.collaboration import CollaborationResponse, collaboration_fields, ending_actions
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass


class MyCollaborationResponse(CollaborationResponse):
    """A collaboration as an account user sees it: with the office, and what the customer may do now."""

    office_name: str | None

    @classmethod
    def for_user(cls, collaboration: Collaboration, end_problem: ProblemResponse | None) -> Self:
        """A collaboration of one of the user's companies."""
        active = collaboration.state is CollaborationState.ACTIVE
        return cls(
            **collaboration_fields(collaboration, Side.CUSTOMER, end_problem),
            actions=tuple(ending_actions(collaboration, Side.CUSTOMER)) if active else (),
            office_name=collaboration.list_row.office_name,
        )


LIST_MY_COLLABORATIONS = Operation(
    name="listMyCollaborations",
    function="my",
    method="GET",
    path="/my/collaborations",
    caller=CallerClass.ACCOUNT_USER,
    summary="The collaborations of the companies that the caller is an administrator of, newest first",
    body=NoBody,
    query=PageQuery,
    answers={200: Page[MyCollaborationResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
