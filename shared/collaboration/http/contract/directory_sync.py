"""The platform syncs its directory."""

from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import (
    Value,
)
from collaboration.http.contract.directory import (
    AccountResponse,
    CustomerResponse,
    EmployeeResponse,
    OfficeResponse,
    TaskResponse,
)
from collaboration.http.contract.operation import Body_co, NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass


def _directory_operations(
    name: str, path: str, body: type[Body_co], response: type[Value], summary: str, *refusals: Slug
) -> tuple[Operation[Body_co, NoQuery], Operation[NoBody, NoQuery]]:
    put = Operation(
        name=f"put{name}",
        function="directory",
        method="PUT",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"Feed {summary}",
        body=body,
        query=NoQuery,
        answers={201: response, 200: response},
        refusals=refusals,
    )
    get = Operation(
        name=f"get{name}",
        function="directory",
        method="GET",
        path=path,
        caller=CallerClass.PLATFORM,
        summary=f"What was fed of {summary}",
        body=NoBody,
        query=NoQuery,
        answers={200: response},
    )
    return put, get


_OFFICE = "/platform/offices/{officeId}"

_CUSTOMER = f"{_OFFICE}/customers/{{customerId}}"

PUT_OFFICE, GET_OFFICE = _directory_operations("Office", _OFFICE, Office, OfficeResponse, "an office")

PUT_EMPLOYEE, GET_EMPLOYEE = _directory_operations(
    "Employee", f"{_OFFICE}/employees/{{employeeId}}", Employee, EmployeeResponse, "an employee"
)

PUT_CUSTOMER, GET_CUSTOMER = _directory_operations(
    "Customer", _CUSTOMER, Customer, CustomerResponse, "a customer", Slug.IN_USE, Slug.COMPANY_TYPE_LOCKED
)

PUT_TASK, GET_TASK = _directory_operations("Task", f"{_CUSTOMER}/tasks/{{taskId}}", Task, TaskResponse, "a task")

PUT_ACCOUNT, GET_ACCOUNT = _directory_operations(
    "Account", "/platform/accounts/{accountId}", AccountRecord, AccountResponse, "an account", Slug.IN_USE
)
