"""Who may open what of an account, over all collaborations together."""

from collaboration.domain.model.values import AccountId
from collaboration.http.call import Call
from collaboration.http.contract.account_access import SHOW_ACCOUNT_ACCESS, AccountAccessQuery, PersonAccessResponse
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.response import Page
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.queries.account_access import show_account_access
from collaboration.queries.paging import PageRequest
from collaboration.services import Services

handlers = Handlers()


@handlers.on(SHOW_ACCOUNT_ACCESS)
def account_access(call: Call[NoBody, AccountAccessQuery], services: Services) -> Response:
    """Who may open what of an account."""
    query, account_id = call.query, call.id("accountId", AccountId)
    page = PageRequest(query.limit, query.cursor)
    found, cursor = show_account_access(services, account_id, page, email=query.email, solution=query.solution)
    rows = tuple(PersonAccessResponse.of(access) for access in found)
    return Response(200, Page[PersonAccessResponse](items=rows, next=cursor))
