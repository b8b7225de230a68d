"""What the neighbours feed, one thing or many at once; and what nightly work has found."""

from collaboration.commands import feeding, linking, proving, reassigning
from collaboration.commands.reading import Page
from collaboration.commands.services import Services
from collaboration.composition import logger, services
from collaboration.domain.directory import AccountRecord, Customer, Employee, Office, Task
from collaboration.domain.values import AccountId, CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.http import operations
from collaboration.http.answers import (
    AccountShape,
    CustomerShape,
    DriftReportShape,
    EmployeeShape,
    MailEventShape,
    OfficeShape,
    TaskShape,
)
from collaboration.http.answers import Page as PageShape
from collaboration.http.bodies import ImportBody, MailEventBody, NoBody, NoQuery, ReassignBody, ReportsQuery
from collaboration.http.dispatch import Answer, Api, Call
from collaboration.http.imports import import_answer, import_rows
from collaboration.http.reassignments import reassignment
from collaboration.mailing.fates import keep_fate, mail_event

handler = Api(services, logger)


@handler.on(operations.PUT_OFFICE)
def put_office(call: Call[Office, NoQuery], house: Services) -> Answer:
    """Keep an office."""
    office_id = call.id("officeId", OfficeId)
    put = feeding.put_office(house, office_id, call.body)
    return Answer(201 if put.new else 200, OfficeShape(id=office_id, **dict(put.value)))


@handler.on(operations.GET_OFFICE)
def get_office(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """An office as it was put."""
    office_id = call.id("officeId", OfficeId)
    return Answer(200, OfficeShape(id=office_id, **dict(feeding.get_office(house, office_id))))


@handler.on(operations.PUT_EMPLOYEE)
def put_employee(call: Call[Employee, NoQuery], house: Services) -> Answer:
    """Keep an employee."""
    employee_id = call.id("employeeId", EmployeeId)
    put = feeding.put_employee(house, call.id("officeId", OfficeId), employee_id, call.body)
    return Answer(201 if put.new else 200, EmployeeShape(id=employee_id, **dict(put.value)))


@handler.on(operations.GET_EMPLOYEE)
def get_employee(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """An employee as they were put."""
    employee_id = call.id("employeeId", EmployeeId)
    found = feeding.get_employee(house, call.id("officeId", OfficeId), employee_id)
    return Answer(200, EmployeeShape(id=employee_id, **dict(found)))


@handler.on(operations.PUT_CUSTOMER)
def put_customer(call: Call[Customer, NoQuery], house: Services) -> Answer:
    """Keep a customer."""
    customer_id = call.id("customerId", CustomerId)
    put = feeding.put_customer(house, call.id("officeId", OfficeId), customer_id, call.body)
    return Answer(201 if put.new else 200, CustomerShape(id=customer_id, **dict(put.value)))


@handler.on(operations.GET_CUSTOMER)
def get_customer(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """A customer as it was put."""
    customer_id = call.id("customerId", CustomerId)
    found = feeding.get_customer(house, call.id("officeId", OfficeId), customer_id)
    return Answer(200, CustomerShape(id=customer_id, **dict(found)))


@handler.on(operations.PUT_TASK)
def put_task(call: Call[Task, NoQuery], house: Services) -> Answer:
    """Keep a task."""
    task_id = call.id("taskId", TaskId)
    at_customer = call.id("officeId", OfficeId), call.id("customerId", CustomerId)
    put = feeding.put_task(house, *at_customer, task_id, call.body)
    return Answer(201 if put.new else 200, TaskShape(id=task_id, **dict(put.value)))


@handler.on(operations.GET_TASK)
def get_task(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """A task as it was put."""
    task_id = call.id("taskId", TaskId)
    found = feeding.get_task(house, call.id("officeId", OfficeId), call.id("customerId", CustomerId), task_id)
    return Answer(200, TaskShape(id=task_id, **dict(found)))


@handler.on(operations.PUT_ACCOUNT)
def put_account(call: Call[AccountRecord, NoQuery], house: Services) -> Answer:
    """Keep an account, and the subscriptions that collaborations rest on."""
    account_id = call.id("accountId", AccountId)
    put = feeding.put_account(house, account_id, call.body)
    return Answer(201 if put.new else 200, AccountShape(id=account_id, **dict(put.value)))


@handler.on(operations.GET_ACCOUNT)
def get_account(call: Call[NoBody, NoQuery], house: Services) -> Answer:
    """An account as it is kept."""
    account_id = call.id("accountId", AccountId)
    return Answer(200, AccountShape(id=account_id, **dict(feeding.get_account(house, account_id))))


@handler.on(operations.IMPORT)
def import_collaborations(call: Call[ImportBody, NoQuery], house: Services) -> Answer:
    """Import rows, each on its own."""
    rows = import_rows(call.body)
    imported = linking.import_rows(house, call.id("officeId", OfficeId), [row.parsed for row in rows])
    return Answer(200, import_answer(rows, imported, call.request))


@handler.on(operations.REASSIGN)
def reassign(call: Call[ReassignBody, NoQuery], house: Services) -> Answer:
    """Many tasks at once, each as if it had been edited alone."""
    office_id, body = call.id("officeId", OfficeId), call.body
    feeding.get_office(house, office_id)
    rows, cursor = reassigning.reassign_tasks(house, office_id, body.customer_ids, body.reassign(), body.cursor)
    return Answer(200, reassignment(rows, cursor, call.request))


@handler.on(operations.LIST_REPORTS)
def reports(call: Call[NoBody, ReportsQuery], house: Services) -> Answer:
    """What nightly work has found and done."""
    page = Page(call.query.limit, call.query.cursor)
    found, cursor = proving.list_reports(house, call.query.kind, page)
    rows = tuple(DriftReportShape.of(report) for report in found)
    return Answer(200, PageShape[DriftReportShape](items=rows, next=cursor))


@handler.on(operations.TELL_MAIL_EVENT)
def mail_fate(call: Call[MailEventBody, NoQuery], house: Services) -> Answer:
    """What became of a mail, told again by hand; one that is not ours changes nothing."""
    said = mail_event(call.body.detail)
    return Answer(202, MailEventShape(kept=said is not None and keep_fate(house, said)))
