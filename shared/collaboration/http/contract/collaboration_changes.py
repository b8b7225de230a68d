"""Collaborations, for employees: edit and end."""

from typing import Annotated

from pydantic import Field, StrictStr, StringConstraints

from collaboration.domain.decisions.editing import Edit
from collaboration.domain.decisions.ending import End
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import (
    Day,
    Outcome,
    TaskId,
    Value,
)
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.operation import REMINDER_REFUSALS, NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass

Keys = Annotated[tuple[Annotated[str, StringConstraints(max_length=100)], ...], Field(max_length=20)]


class EditBody(SetUp):
    """What is to change; what is left out stays. `confirm` names what may be lost, `toDoDone` what has been done."""

    task_id: TaskId | None = None
    to_do_done: Keys = ()
    confirm: Keys = ()

    def edit(self) -> Edit:
        """What the domain is asked."""
        return Edit(
            task_id=self.task_id,
            setup=SetUp(**{name: getattr(self, name) for name in SetUp.model_fields}),
            to_do_done=self.to_do_done,
            confirm=self.confirm,
        )


class EndBody(Value):
    """How it is to end: now, or on the start of a day in Sweden. What cannot be undone names the solution's key."""

    on: Day | None = None
    outcome: Outcome
    confirm_solution: StrictStr | None = None
    checklist: Keys = ()

    def end(self) -> End:
        """What the domain is asked."""
        return End(on=self.on, outcome=self.outcome, confirm_solution=self.confirm_solution, checklist=self.checklist)


class EndedResponse(Value):
    """A collaboration after an end was decided, and the customer's others that go on, and go on costing."""

    collaboration: CollaborationResponse
    remaining: tuple[CollaborationResponse, ...]


EDIT = Operation(
    name="editCollaboration",
    function="collaborations",
    method="PATCH",
    path="/collaborations/{collaborationId}",
    caller=CallerClass.EMPLOYEE,
    summary="Change the task, what is to do, or the set-up; the set-up needs full user rights and administrator, both",
    body=EditBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(
        Slug.COLLABORATION_ENDED,
        Slug.TASK_NOT_SELECTABLE,
        Slug.CUSTOMER_OWNED_SUBSCRIPTION,
        Slug.KIND_DIFFERS,
        Slug.CONFIRMATION_NEEDED,
    ),
    matched=True,
    tagged=True,
)

ENDING = (Slug.COLLABORATION_ENDED, Slug.MAIN_CONTACT_MISSING, Slug.CONFIRMATION_NEEDED)

END = Operation(
    name="endCollaboration",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/end",
    caller=CallerClass.EMPLOYEE,
    summary="End it now, or arrange its end on a day",
    body=EndBody,
    query=NoQuery,
    answers={200: EndedResponse},
    refusals=ENDING,
    decides=True,
    matched=True,
    tagged=True,
)

CANCEL_END = Operation(
    name="cancelEnd",
    function="collaborations",
    method="DELETE",
    path="/collaborations/{collaborationId}/scheduled-end",
    caller=CallerClass.EMPLOYEE,
    summary="Call an arranged end off",
    body=NoBody,
    query=NoQuery,
    answers={200: CollaborationResponse},
    refusals=(Slug.COLLABORATION_ENDED,),
    decides=True,
    matched=True,
    tagged=True,
)

RESEND_LOGIN = Operation(
    name="resendLogin",
    function="collaborations",
    method="POST",
    path="/collaborations/{collaborationId}/resend-login",
    caller=CallerClass.EMPLOYEE,
    summary="Send the login instructions of an activation again, while nobody has signed in",
    body=NoBody,
    query=NoQuery,
    answers={202: CollaborationResponse},
    refusals=REMINDER_REFUSALS,
    decides=True,
    tagged=True,
)
