"""What the access audit found, and what was erased."""

from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.reports import LIST_REPORTS, ReportPage, ReportsQuery, report_response
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries import reports as report_queries
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(LIST_REPORTS)
def reports(call: Call[NoBody, ReportsQuery], services: Services) -> Response:
    """What the access audit found, or what was erased."""
    page = PageRequest(call.query.limit, call.query.cursor)
    found, cursor = report_queries.list_reports(services, call.query.kind, page)
    rows = tuple(report_response(report) for report in found)
    return Response(200, ReportPage(items=rows, next=cursor))
