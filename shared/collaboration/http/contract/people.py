"""Whoever is signed in, and the employees of an office."""

from typing import Annotated

from pydantic import Field, StringConstraints

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import AccountId, Email, EmployeeId, Locale, OfficeId, Value
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.problem import AccountChoiceResponse
from collaboration.http.contract.response import Omissible, Page
from collaboration.http.request import CallerClass
from collaboration.services import Caller


class EmployeesQuery(PageQuery):
    """Part of an employee's name, without case and accents."""

    query: Annotated[str, StringConstraints(max_length=200)] = ""


class MyOfficeResponse(Value):
    """The office of the employee who is signed in."""

    name: str
    locale: Locale


class MeResponse(Value):
    """Who is signed in: an employee, an account user or the platform, each with their own fields."""

    caller_class: CallerClass = Field(alias="class")
    office_id: Omissible[OfficeId] = None
    office: Omissible[MyOfficeResponse] = None
    employee_id: Omissible[EmployeeId] = None
    name: Omissible[str] = None
    email: Omissible[str] = None
    may_decide: Omissible[bool] = None
    accounts: Omissible[tuple[AccountChoiceResponse, ...]] = None

    @classmethod
    def of_employee(cls, caller: Caller, employee: Employee, office: Office) -> "MeResponse":
        """An employee of an office."""
        return cls.model_validate(
            {
                "class": CallerClass.EMPLOYEE,
                "officeId": caller.office_id,
                "office": {"name": office.name, "locale": office.locale},
                "employeeId": caller.employee_id,
                "name": employee.name,
                "email": employee.email,
                "mayDecide": employee.may_decide,
            }
        )

    @classmethod
    def of_account_user(cls, email: Email, accounts: dict[AccountId, str]) -> "MeResponse":
        """An account user, with the names of the accounts that they are an administrator of."""
        choices = [{"id": account_id, "name": name} for account_id, name in accounts.items()]
        return cls.model_validate({"class": CallerClass.ACCOUNT_USER, "email": email, "accounts": choices})

    @classmethod
    def of_platform(cls) -> "MeResponse":
        """The platform."""
        return cls.model_validate({"class": CallerClass.PLATFORM})


class EmployeeRowResponse(Value):
    """An employee as colleagues find them."""

    id: EmployeeId
    name: str
    active: bool


SHOW_ME = Operation(
    name="showMe",
    function="collaborations",
    method="GET",
    path="/me",
    caller=CallerClass.SIGNED_IN,
    summary="Who is signed in",
    body=NoBody,
    query=NoQuery,
    answers={200: MeResponse},
)

LIST_EMPLOYEES = Operation(
    name="listEmployees",
    function="collaborations",
    method="GET",
    path="/employees",
    caller=CallerClass.EMPLOYEE,
    summary="The office's employees, by name",
    body=NoBody,
    query=EmployeesQuery,
    answers={200: Page[EmployeeRowResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)
