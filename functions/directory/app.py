"""What the neighbours feed, one thing or many at once; and what nightly work has found."""

from collaboration.commands import account_sync, directory_sync, importing, mass_update
from collaboration.composition import app
from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.values import AccountId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.http.contract.directory import (
    AccountResponse,
    CustomerResponse,
    EmployeeResponse,
    OfficeResponse,
    TaskResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.platform import (
    GET_ACCOUNT,
    GET_CUSTOMER,
    GET_EMPLOYEE,
    GET_OFFICE,
    GET_TASK,
    IMPORT,
    LIST_REPORTS,
    MASS_UPDATE,
    PUT_ACCOUNT,
    PUT_CUSTOMER,
    PUT_EMPLOYEE,
    PUT_OFFICE,
    PUT_TASK,
    RECORD_MAIL_EVENT,
    DriftReportResponse,
    ImportBody,
    MailEventBody,
    MailEventResponse,
    MassUpdateBody,
    ReportsQuery,
)
from collaboration.http.contract.response import Page as PageResponse
from collaboration.http.dispatch import Api, Call, Response
from collaboration.http.imports import import_answer, import_rows
from collaboration.http.mass_updates import mass_update_response
from collaboration.mailing.delivery import mail_event, record_delivery
from collaboration.queries import directory
from collaboration.queries import reports as reports_queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handler = Api(app)


@handler.on(PUT_OFFICE)
def put_office(call: Call[Office, NoQuery], services: Services) -> Response:
    """Keep an office."""
    office_id = call.id("officeId", OfficeId)
    put = directory_sync.put_office(services, office_id, call.body)
    return Response(201 if put.new else 200, OfficeResponse(id=office_id, **dict(put.value)))


@handler.on(GET_OFFICE)
def get_office(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An office as it was put."""
    office_id = call.id("officeId", OfficeId)
    return Response(200, OfficeResponse(id=office_id, **dict(directory.get_office(services, office_id))))


@handler.on(PUT_EMPLOYEE)
def put_employee(call: Call[Employee, NoQuery], services: Services) -> Response:
    """Keep an employee."""
    employee_id = call.id("employeeId", EmployeeId)
    put = directory_sync.put_employee(services, call.id("officeId", OfficeId), employee_id, call.body)
    return Response(201 if put.new else 200, EmployeeResponse(id=employee_id, **dict(put.value)))


@handler.on(GET_EMPLOYEE)
def get_employee(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An employee as they were put."""
    employee_id = call.id("employeeId", EmployeeId)
    found = directory.get_employee(services, call.id("officeId", OfficeId), employee_id)
    return Response(200, EmployeeResponse(id=employee_id, **dict(found)))


@handler.on(PUT_CUSTOMER)
def put_customer(call: Call[Customer, NoQuery], services: Services) -> Response:
    """Keep a customer."""
    customer_id = call.id("customerId", CustomerId)
    put = directory_sync.put_customer(services, call.id("officeId", OfficeId), customer_id, call.body)
    return Response(201 if put.new else 200, CustomerResponse(id=customer_id, **dict(put.value)))


@handler.on(GET_CUSTOMER)
def get_customer(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A customer as it was put."""
    customer_id = call.id("customerId", CustomerId)
    found = directory.get_customer(services, call.id("officeId", OfficeId), customer_id)
    return Response(200, CustomerResponse(id=customer_id, **dict(found)))


@handler.on(PUT_TASK)
def put_task(call: Call[Task, NoQuery], services: Services) -> Response:
    """Keep a task."""
    task_id = call.id("taskId", TaskId)
    at_customer = call.id("officeId", OfficeId), call.id("customerId", CustomerId)
    put = directory_sync.put_task(services, *at_customer, task_id, call.body)
    return Response(201 if put.new else 200, TaskResponse(id=task_id, **dict(put.value)))


@handler.on(GET_TASK)
def get_task(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A task as it was put."""
    task_id = call.id("taskId", TaskId)
    found = directory.get_task(services, call.id("officeId", OfficeId), call.id("customerId", CustomerId), task_id)
    return Response(200, TaskResponse(id=task_id, **dict(found)))


@handler.on(PUT_ACCOUNT)
def put_account(call: Call[AccountRecord, NoQuery], services: Services) -> Response:
    """Keep an account, and the subscriptions that collaborations rest on."""
    account_id = call.id("accountId", AccountId)
    put = account_sync.put_account(services, account_id, call.body)
    return Response(201 if put.new else 200, AccountResponse(id=account_id, **dict(put.value)))


@handler.on(GET_ACCOUNT)
def get_account(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An account as it is kept."""
    account_id = call.id("accountId", AccountId)
    return Response(200, AccountResponse(id=account_id, **dict(directory.get_account(services, account_id))))


@handler.on(IMPORT)
def import_collaborations(call: Call[ImportBody, NoQuery], services: Services) -> Response:
    """Import rows, each on its own."""
    rows = import_rows(call.body)
    imported = importing.import_rows(services, call.id("officeId", OfficeId), [row.parsed for row in rows])
    return Response(200, import_answer(rows, imported, call.request))


@handler.on(MASS_UPDATE)
def reassign(call: Call[MassUpdateBody, NoQuery], services: Services) -> Response:
    """Many tasks at once, each as if it had been edited alone."""
    office_id, body = call.id("officeId", OfficeId), call.body
    directory.get_office(services, office_id)
    rows, cursor = mass_update.mass_update_tasks(services, office_id, body.customer_ids, body.reassign(), body.cursor)
    return Response(200, mass_update_response(rows, cursor, call.request))


@handler.on(LIST_REPORTS)
def reports(call: Call[NoBody, ReportsQuery], services: Services) -> Response:
    """What nightly work has found and done."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found, cursor = reports_queries.list_reports(services, call.query.kind, page)
    rows = tuple(DriftReportResponse.of(report) for report in found)
    return Response(200, PageResponse[DriftReportResponse](items=rows, next=cursor))


@handler.on(RECORD_MAIL_EVENT)
def mail_fate(call: Call[MailEventBody, NoQuery], services: Services) -> Response:
    """What became of a mail, told again by hand; one that is not ours changes nothing."""
    said = mail_event(call.body.detail)
    return Response(202, MailEventResponse(kept=said is not None and record_delivery(services, said)))
