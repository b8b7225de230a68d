"""The holder of a mailed link looks, and decides. A forged link is refused before the table is asked."""

from dataclasses import replace

from collaboration.commands import accepting
from collaboration.commands.services import Services, not_found
from collaboration.composition import logger, secret_links, services
from collaboration.domain.deciding import Visit
from collaboration.domain.values import Locale
from collaboration.http import operations
from collaboration.http.answers import DecidedShape, NextShape
from collaboration.http.bodies import DecisionBody, LanguageQuery, NoBody
from collaboration.http.dispatch import Answer, Api, Call
from collaboration.http.pages import fault_page, request_page
from collaboration.http.request import Request
from collaboration.http.request_view import RequestView
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
    if call.request.wants_json:
        return Answer(200, RequestView.of(visit, locale, now))
    return request_page(visit, locale, now)


@handler.on(operations.DECIDE, faults_as_pages=fault_page)
def decide(call: Call[DecisionBody, LanguageQuery], house: Services) -> Answer:
    """The first decision wins; the same again by the same person gets the same answer."""
    choice, ending, message = call.body.decision, call.body.organisation_number_ending, call.body.message
    decided = accepting.decide_by_link(house, holder(call.request), choice, ending, message)
    visit = replace(decided.visit, invitation=decided.invitation)
    locale = language(call.request, visit)
    if call.request.is_form:
        return request_page(visit, locale, house.clock())
    state = visit.invitation.state
    shape = DecidedShape(
        status=state,
        collaboration_id=visit.invitation.collaboration_id,
        next=(NextShape(text=text(locale, f"next.{state}"), href=None),),
    )
    return Answer(200, shape)
