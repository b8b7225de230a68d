"""Collaborations of the domain, worded for employees."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from collaboration.domain.model.collaboration import ArrangedEnd, Collaboration, main_contact_hint
from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.values import Locale, Outcome, Side
from collaboration.http import problems
from collaboration.http.call import Call
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.request import Request
from collaboration.services import Services


def for_employee(
    call: Call[Any, Any], services: Services, caller: Employee
) -> Callable[[Collaboration], CollaborationResponse]:
    """Words collaborations for an employee; their office's language is read once, when a text needs it."""
    language = cache(partial(call.language, services))

    def worded(collaboration: Collaboration) -> CollaborationResponse:
        problem = end_problem(collaboration, Side.OFFICE, call.request, language)
        return CollaborationResponse.of(collaboration, caller, problem)

    return worded


def end_problem(
    collaboration: Collaboration, side: Side, request: Request, language: Callable[[], Locale]
) -> ProblemResponse | None:
    """Why an arranged end has failed: that of `side`, else that of the other side. None when none has failed."""
    for end in sorted(collaboration.arranged_ends, key=lambda end: end.by.side is not side):
        if end.problem is not None:
            fault = Fault(end.problem, hint=_end_hint(end, side))
            return problems.problem(fault, language(), request.reference)
    return None


def _end_hint(end: ArrangedEnd, side: Side) -> str | None:
    if end.problem is not Slug.VALIDATION_FAILED:
        return main_contact_hint(side)
    return "outcome-continue" if end.outcome is Outcome.CONTINUE else "outcome"
