"""Collaborations of the domain, worded for the people of the company.

Apart from what employees see: their functions need not import what describes these answers.
"""

from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.values import Locale, Side
from collaboration.http.collaborations import end_problem
from collaboration.http.contract.my_collaborations import MyCollaborationResponse
from collaboration.http.request import Request


def for_user(collaboration: Collaboration, request: Request) -> MyCollaborationResponse:
    """A collaboration as an account user sees it."""
    problem = end_problem(
        collaboration,
        Side.CUSTOMER,
        request,
        lambda: request.language or collaboration.list_row.customer_locale or Locale.SV,
    )
    return MyCollaborationResponse.for_user(collaboration, problem)
