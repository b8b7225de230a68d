"""The customers of an office, for employees."""

from typing import Annotated

from pydantic import StringConstraints

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import TaskId
from collaboration.http.contract.collaboration import CollaborationResponse
from collaboration.http.contract.directory import CustomerResponse, TaskResponse
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from collaboration.http.request import CallerClass
from collaboration.queries.customers import ShownTask


class CustomersQuery(PageQuery):
    """Part of a customer's name, in any case."""

    query: Annotated[str, StringConstraints(max_length=200)] = ""


class CustomerTaskResponse(TaskResponse):
    """A task of a customer; its participants are cut where those of all tasks together are very many."""

    participant_count: int

    @classmethod
    def of(cls, task_id: TaskId, shown: ShownTask) -> "CustomerTaskResponse":
        """A task as employees see it."""
        values = {**dict(shown.task), "participants": shown.participants}
        return cls(id=task_id, **values, participant_count=len(shown.task.participants))


class CustomerInFullResponse(CustomerResponse):
    """A customer with everything that is going on."""

    tasks: tuple[CustomerTaskResponse, ...]
    invitations: tuple[InvitationResponse, ...]
    collaborations: tuple[CollaborationResponse, ...]


LIST_CUSTOMERS = Operation(
    name="listCustomers",
    function="collaborations",
    method="GET",
    path="/customers",
    caller=CallerClass.EMPLOYEE,
    summary="The office's customers, by name",
    body=NoBody,
    query=CustomersQuery,
    answers={200: Page[CustomerResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

SHOW_CUSTOMER = Operation(
    name="showCustomer",
    function="collaborations",
    method="GET",
    path="/customers/{customerId}",
    caller=CallerClass.EMPLOYEE,
    summary="A customer with its tasks, pending requests and active collaborations",
    body=NoBody,
    query=NoQuery,
    answers={200: CustomerInFullResponse},
)
