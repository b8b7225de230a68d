"""An administrator looks at a request, and decides: by the link that was mailed, or signed in.

A forged link is refused before the table is asked.
"""

from dataclasses import replace

from collaboration.commands import accepting, account_user
from collaboration.commands.reading import Page
from collaboration.commands.services import Services, not_found
from collaboration.composition import logger, secret_links, services
from collaboration.domain.deciding import Visit
from collaboration.domain.values import InvitationId, Locale
from collaboration.http import operations
from collaboration.http.answers import AskedAgainShape, DecidedShape
from collaboration.http.answers import Page as PageShape
from collaboration.http.bodies import DecisionBody, LanguageQuery, MyDecisionBody, NoBody, NoQuery, PageQuery
from collaboration.http.dispatch import Answer, Api, Call
from collaboration.http.pages import asked_again_page, fault_page, request_page
from collaboration.http.request import Request
from collaboration.http.request_view import MyRequestView, RequestView
from collaboration.links import LinkHolder
from collaboration.wording import text

handler = Api(services, logger)


def holder(request: Request) -> LinkHolder:
    """Whose link it is."""
    found = secret_links().read(request.path["token"])
    if found is None:
        raise not_found()
    return found


def language(request: Request, visit: Visit) -> Locale:
    """The one asked for, else the customer's."""
    return request.language or (visit.customer.locale if visit.customer else Locale.SV)


@handler.on(operations.PEEK_AT_REQUEST, faults_as_pages=fault_page)
@handler.on(operations.LOOK_AT_REQUEST, faults_as_pages=fault_page)
def look(call: Call[NoBody, LanguageQuery], house: Services) -> Answer:
    """The request, as a page for a person and as JSON for a program."""
    visit, now = accepting.look(house, holder(call.request))
    locale = language(call.request, visit)
    if call.request.wants_page:
        return request_page(visit, locale, now, call.request.path["token"])
    return Answer(200, RequestView.of(visit, locale, now))


@handler.on(operations.DECIDE, faults_as_pages=fault_page)
def decide(call: Call[DecisionBody, LanguageQuery], house: Services) -> Answer:
    """The first decision wins; the same again by the same person gets the same answer."""
    choice, ending, message = call.body.decision, call.body.organisation_number_ending, call.body.message
    decided = accepting.decide_by_link(house, holder(call.request), choice, ending, message)
    visit = replace(decided.visit, invitation=decided.invitation)
    locale = language(call.request, visit)
    if call.request.is_form:
        return request_page(visit, locale, house.clock(), call.request.path["token"])
    return Answer(200, DecidedShape.of(visit.invitation, text(locale, f"next.{visit.invitation.state}")))


@handler.on(operations.ASK_AGAIN, faults_as_pages=fault_page)
def ask_again(call: Call[NoBody, LanguageQuery], house: Services) -> Answer:
    """Always the same answer; the office hears of it from a dead end only, once a day."""
    locale = language(call.request, accepting.ask_again(house, holder(call.request)))
    if call.request.wants_page:
        return asked_again_page(locale)
    return Answer(202, AskedAgainShape.of(text(locale, "page.ask-again.sent")))


@handler.on(operations.LIST_MY_REQUESTS)
def my_requests(call: Call[NoBody, PageQuery], house: Services) -> Answer:
    """The requests to the caller's companies."""
    page = Page(call.query.limit, call.query.cursor)
    visits, cursor, now = account_user.list_requests(house, call.account_user, page)
    rows = tuple(MyRequestView.of(visit, language(call.request, visit), now) for visit in visits)
    return Answer(200, PageShape[MyRequestView](items=rows, next=cursor))


@handler.on(operations.DECIDE_MY_REQUEST)
def decide_mine(call: Call[MyDecisionBody, NoQuery], house: Services) -> Answer:
    """The same decision as by link; being signed in takes the place of the digits."""
    invitation_id, body = call.id("invitationId", InvitationId), call.body
    visit = account_user.decide_request(house, call.account_user, invitation_id, body.decision, body.message)
    state = visit.invitation.state
    return Answer(200, DecidedShape.of(visit.invitation, text(language(call.request, visit), f"next.{state}")))
