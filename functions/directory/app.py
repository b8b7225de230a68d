"""What the neighbours feed, one thing or many at once; and what nightly work has found."""

from collaboration.commands import feeding, linking, proving, reassigning
from collaboration.commands.reading import PageRequest
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.directory import AccountRecord, Customer, Employee, Office, Task
from collaboration.domain.values import AccountId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.http import operations
from collaboration.http.answers import (
    AccountResponse,
    CustomerResponse,
    DriftReportResponse,
    EmployeeResponse,
    MailEventResponse,
    OfficeResponse,
    TaskResponse,
)
from collaboration.http.answers import Page as PageResponse
from collaboration.http.bodies import ImportBody, MailEventBody, NoBody, NoQuery, MassUpdateBody, ReportsQuery
from collaboration.http.dispatch import Response, Api, Call
from collaboration.http.imports import import_answer, import_rows
from collaboration.http.reassignments import mass_update_response
from collaboration.mailing.fates import record_delivery, mail_event

handler = Api(services, logger)


@handler.on(operations.PUT_OFFICE)
def put_office(call: Call[Office, NoQuery], services: Services) -> Response:
    """Keep an office."""
    office_id = call.id("officeId", OfficeId)
    put = feeding.put_office(services, office_id, call.body)
    return Response(201 if put.new else 200, OfficeResponse(id=office_id, **dict(put.value)))


@handler.on(operations.GET_OFFICE)
def get_office(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An office as it was put."""
    office_id = call.id("officeId", OfficeId)
    return Response(200, OfficeResponse(id=office_id, **dict(feeding.get_office(services, office_id))))


@handler.on(operations.PUT_EMPLOYEE)
def put_employee(call: Call[Employee, NoQuery], services: Services) -> Response:
    """Keep an employee."""
    employee_id = call.id("employeeId", EmployeeId)
    put = feeding.put_employee(services, call.id("officeId", OfficeId), employee_id, call.body)
    return Response(201 if put.new else 200, EmployeeResponse(id=employee_id, **dict(put.value)))


@handler.on(operations.GET_EMPLOYEE)
def get_employee(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An employee as they were put."""
    employee_id = call.id("employeeId", EmployeeId)
    found = feeding.get_employee(services, call.id("officeId", OfficeId), employee_id)
    return Response(200, EmployeeResponse(id=employee_id, **dict(found)))


@handler.on(operations.PUT_CUSTOMER)
def put_customer(call: Call[Customer, NoQuery], services: Services) -> Response:
    """Keep a customer."""
    customer_id = call.id("customerId", CustomerId)
    put = feeding.put_customer(services, call.id("officeId", OfficeId), customer_id, call.body)
    return Response(201 if put.new else 200, CustomerResponse(id=customer_id, **dict(put.value)))


@handler.on(operations.GET_CUSTOMER)
def get_customer(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A customer as it was put."""
    customer_id = call.id("customerId", CustomerId)
    found = feeding.get_customer(services, call.id("officeId", OfficeId), customer_id)
    return Response(200, CustomerResponse(id=customer_id, **dict(found)))


@handler.on(operations.PUT_TASK)
def put_task(call: Call[Task, NoQuery], services: Services) -> Response:
    """Keep a task."""
    task_id = call.id("taskId", TaskId)
    at_customer = call.id("officeId", OfficeId), call.id("customerId", CustomerId)
    put = feeding.put_task(services, *at_customer, task_id, call.body)
    return Response(201 if put.new else 200, TaskResponse(id=task_id, **dict(put.value)))


@handler.on(operations.GET_TASK)
def get_task(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A task as it was put."""
    task_id = call.id("taskId", TaskId)
    found = feeding.get_task(services, call.id("officeId", OfficeId), call.id("customerId", CustomerId), task_id)
    return Response(200, TaskResponse(id=task_id, **dict(found)))


@handler.on(operations.PUT_ACCOUNT)
def put_account(call: Call[AccountRecord, NoQuery], services: Services) -> Response:
    """Keep an account, and the subscriptions that collaborations rest on."""
    account_id = call.id("accountId", AccountId)
    put = feeding.put_account(services, account_id, call.body)
    return Response(201 if put.new else 200, AccountResponse(id=account_id, **dict(put.value)))


@handler.on(operations.GET_ACCOUNT)
def get_account(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """An account as it is kept."""
    account_id = call.id("accountId", AccountId)
    return Response(200, AccountResponse(id=account_id, **dict(feeding.get_account(services, account_id))))


@handler.on(operations.IMPORT)
def import_collaborations(call: Call[ImportBody, NoQuery], services: Services) -> Response:
    """Import rows, each on its own."""
    rows = import_rows(call.body)
    imported = linking.import_rows(services, call.id("officeId", OfficeId), [row.parsed for row in rows])
    return Response(200, import_answer(rows, imported, call.request))


@handler.on(operations.MASS_UPDATE)
def reassign(call: Call[MassUpdateBody, NoQuery], services: Services) -> Response:
    """Many tasks at once, each as if it had been edited alone."""
    office_id, body = call.id("officeId", OfficeId), call.body
    feeding.get_office(services, office_id)
    rows, cursor = reassigning.mass_update_tasks(services, office_id, body.customer_ids, body.reassign(), body.cursor)
    return Response(200, mass_update_response(rows, cursor, call.request))


@handler.on(operations.LIST_REPORTS)
def reports(call: Call[NoBody, ReportsQuery], services: Services) -> Response:
    """What nightly work has found and done."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found, cursor = proving.list_reports(services, call.query.kind, page)
    rows = tuple(DriftReportResponse.of(report) for report in found)
    return Response(200, PageResponse[DriftReportResponse](items=rows, next=cursor))


@handler.on(operations.RECORD_MAIL_EVENT)
def mail_fate(call: Call[MailEventBody, NoQuery], services: Services) -> Response:
    """What became of a mail, told again by hand; one that is not ours changes nothing."""
    said = mail_event(call.body.detail)
    return Response(202, MailEventResponse(kept=said is not None and record_delivery(services, said)))
