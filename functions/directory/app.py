"""The platform syncs its directory, one value or many at once, imports, reports mail events, and reads reports."""

from collections.abc import Callable, Mapping
from typing import Any

from collaboration.commands import account_sync, directory_sync, importing, mass_update
from collaboration.composition import app
from collaboration.domain.model.values import AccountId, CustomerId, EmployeeId, Identifier, OfficeId, TaskId, Value
from collaboration.http.call import Call
from collaboration.http.contract import directory as responses
from collaboration.http.contract import platform
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.response import Page
from collaboration.http.dispatch import Api
from collaboration.http.imports import import_response, import_rows
from collaboration.http.mass_updates import mass_update_response
from collaboration.http.response import Response
from collaboration.mailing.delivery import mail_event, record_delivery
from collaboration.queries import directory
from collaboration.queries import reports as report_queries
from collaboration.queries.account_access import show_account_access
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handler = Api(app)

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

    handler.on(put)(run_put)
    handler.on(get)(run_get)


serve(
    platform.PUT_OFFICE,
    platform.GET_OFFICE,
    OFFICE,
    responses.OfficeResponse,
    directory_sync.put_office,
    directory.get_office,
)
serve(
    platform.PUT_EMPLOYEE,
    platform.GET_EMPLOYEE,
    EMPLOYEE,
    responses.EmployeeResponse,
    directory_sync.put_employee,
    directory.get_employee,
)
serve(
    platform.PUT_CUSTOMER,
    platform.GET_CUSTOMER,
    CUSTOMER,
    responses.CustomerResponse,
    directory_sync.put_customer,
    directory.get_customer,
)
serve(
    platform.PUT_TASK,
    platform.GET_TASK,
    TASK,
    responses.TaskResponse,
    directory_sync.put_task,
    directory.get_task,
)
serve(
    platform.PUT_ACCOUNT,
    platform.GET_ACCOUNT,
    ACCOUNT,
    responses.AccountResponse,
    account_sync.put_account,
    directory.get_account,
)


@handler.on(platform.SHOW_ACCOUNT_ACCESS)
def account_access(call: Call[NoBody, platform.AccountAccessQuery], services: Services) -> Response:
    """Who may open what of an account."""
    query, account_id = call.query, call.id("accountId", AccountId)
    page = PageRequest(query.limit, query.cursor)
    found, cursor = show_account_access(services, account_id, page, email=query.email, solution=query.solution)
    rows = tuple(platform.PersonAccessResponse.of(access) for access in found)
    return Response(200, Page[platform.PersonAccessResponse](items=rows, next=cursor))


@handler.on(platform.IMPORT)
def import_collaborations(call: Call[platform.ImportBody, NoQuery], services: Services) -> Response:
    """Import rows, each on its own."""
    rows = import_rows(call.body)
    imported = importing.import_rows(services, call.id("officeId", OfficeId), [row.parsed for row in rows])
    return Response(200, import_response(rows, imported, call.request))


@handler.on(platform.MASS_UPDATE)
def reassign(call: Call[platform.MassUpdateBody, NoQuery], services: Services) -> Response:
    """Change many tasks at once, each as if it had been changed alone."""
    office_id, body = call.id("officeId", OfficeId), call.body
    directory.get_office(services, office_id)
    rows, cursor = mass_update.mass_update_tasks(services, office_id, body.customer_ids, body.reassign(), body.cursor)
    return Response(200, mass_update_response(rows, cursor, call.request))


@handler.on(platform.LIST_REPORTS)
def reports(call: Call[NoBody, platform.ReportsQuery], services: Services) -> Response:
    """What the access audit found, or what was erased."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found, cursor = report_queries.list_reports(services, call.query.kind, page)
    rows = tuple(platform.report_response(report) for report in found)
    return Response(200, platform.ReportPage(items=rows, next=cursor))


@handler.on(platform.RECORD_MAIL_EVENT)
def record_mail_event(call: Call[platform.MailEventBody, NoQuery], services: Services) -> Response:
    """The delivery of a mail, reported by hand; one that is not ours changes nothing."""
    event = mail_event(call.body.detail.model_dump(by_alias=True, mode="json"))
    return Response(202, platform.MailEventResponse(kept=event is not None and record_delivery(services, event)))
