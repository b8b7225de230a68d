"""The platform syncs its directory: one value at a time, put and read back."""

from collections.abc import Callable, Mapping
from typing import Any

from collaboration.commands import account_sync, directory_sync
from collaboration.domain.model.values import AccountId, CustomerId, EmployeeId, Identifier, OfficeId, TaskId, Value
from collaboration.http.call import Call
from collaboration.http.contract import directory as responses
from collaboration.http.contract import directory_sync as operations
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import directory
from collaboration.services import Services

handlers = Handlers()


OFFICE = {"officeId": OfficeId}
EMPLOYEE = {**OFFICE, "employeeId": EmployeeId}
CUSTOMER = {**OFFICE, "customerId": CustomerId}
TASK = {**CUSTOMER, "taskId": TaskId}
ACCOUNT = {"accountId": AccountId}


def serve(
    put: Operation[Any, NoQuery],
    get: Operation[NoBody, NoQuery],
    path: Mapping[str, type[Identifier]],
    response: Callable[..., Value],
    store: Callable[..., directory_sync.PutResult[Any]],
    load: Callable[..., Value],
) -> None:
    """Answer PUT and GET of one kind of value; the last id of `path` is the value's own."""

    def ids(call: Call[Any, NoQuery]) -> list[Identifier]:
        return [call.id(name, model) for name, model in path.items()]

    def run_put(call: Call[Any, NoQuery], services: Services) -> Response:
        result = store(services, *ids(call), call.body)
        return Response(201 if result.new else 200, response(id=ids(call)[-1], **dict(result.value)))

    def run_get(call: Call[NoBody, NoQuery], services: Services) -> Response:
        return Response(200, response(id=ids(call)[-1], **dict(load(services, *ids(call)))))

    handlers.on(put)(run_put)
    handlers.on(get)(run_get)


serve(
    operations.PUT_OFFICE,
    operations.GET_OFFICE,
    OFFICE,
    responses.OfficeResponse,
    directory_sync.put_office,
    directory.get_office,
)
serve(
    operations.PUT_EMPLOYEE,
    operations.GET_EMPLOYEE,
    EMPLOYEE,
    responses.EmployeeResponse,
    directory_sync.put_employee,
    directory.get_employee,
)
serve(
    operations.PUT_CUSTOMER,
    operations.GET_CUSTOMER,
    CUSTOMER,
    responses.CustomerResponse,
    directory_sync.put_customer,
    directory.get_customer,
)
serve(
    operations.PUT_TASK,
    operations.GET_TASK,
    TASK,
    responses.TaskResponse,
    directory_sync.put_task,
    directory.get_task,
)
serve(
    operations.PUT_ACCOUNT,
    operations.GET_ACCOUNT,
    ACCOUNT,
    responses.AccountResponse,
    account_sync.put_account,
    directory.get_account,
)
