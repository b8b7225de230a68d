"""An administrator looks at a request, and decides: by the link that was mailed, or signed in.

A forged link is refused before the table is asked.
"""

from dataclasses import replace

from collaboration.commands import account_user as account_user_commands
from collaboration.commands import deciding
from collaboration.composition import app
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.values import InvitationId, Locale
from collaboration.http.contract.my import (
    DECIDE_MY_INVITATION,
    LIST_MY_INVITATIONS,
    MyDecisionBody,
    MyInvitationResponse,
)
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.parameters import LanguageQuery, PageQuery
from collaboration.http.contract.recipients import (
    ASK_AGAIN,
    DECIDE,
    GET_RECIPIENT_INVITATION,
    HEAD_RECIPIENT_INVITATION,
    AskedAgainResponse,
    DecidedResponse,
    DecisionBody,
    RecipientInvitationResponse,
)
from collaboration.http.contract.response import Page as PageResponse
from collaboration.http.dispatch import Api, Call, Response
from collaboration.http.pages import asked_again_page, fault_page, invitation_page
from collaboration.http.request import Request
from collaboration.link_tokens import TokenClaims
from collaboration.queries import account_user
from collaboration.queries.paging import PageRequest
from collaboration.services import Services, not_found
from collaboration.wording import text

handler = Api(app)


def holder(request: Request) -> TokenClaims:
    """Whose link it is."""
    found = app().signer.read(request.path["token"])
    if found is None:
        raise not_found()
    return found


def language(request: Request, context: RecipientContext) -> Locale:
    """The one asked for, else the customer's."""
    return request.language or (context.customer.locale if context.customer else Locale.SV)


@handler.on(HEAD_RECIPIENT_INVITATION, faults_as_pages=fault_page)
@handler.on(GET_RECIPIENT_INVITATION, faults_as_pages=fault_page)
def look(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The request, as a page for a person and as JSON for a program."""
    context, now = deciding.view_invitation(services, holder(call.request))
    locale = language(call.request, context)
    if call.request.wants_page:
        return invitation_page(context, locale, now, call.request.path["token"])
    return Response(200, RecipientInvitationResponse.of(context, locale, now))


@handler.on(DECIDE, faults_as_pages=fault_page)
def decide(call: Call[DecisionBody, LanguageQuery], services: Services) -> Response:
    """The first decision wins; the same again by the same person gets the same answer."""
    choice, ending, message = call.body.decision, call.body.organisation_number_ending, call.body.message
    decided = deciding.decide_by_link(services, holder(call.request), choice, ending, message)
    context = replace(decided.context, invitation=decided.invitation)
    locale = language(call.request, context)
    if call.request.is_form:
        return invitation_page(context, locale, services.clock(), call.request.path["token"])
    return Response(200, DecidedResponse.of(context.invitation, text(locale, f"next.{context.invitation.state}")))


@handler.on(ASK_AGAIN, faults_as_pages=fault_page)
def ask_again(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """Always the same answer; the office hears of it from a dead end only, once a day."""
    locale = language(call.request, deciding.ask_again(services, holder(call.request)))
    if call.request.wants_page:
        return asked_again_page(locale)
    return Response(202, AskedAgainResponse.of(text(locale, "page.ask-again.sent")))


@handler.on(LIST_MY_INVITATIONS)
def my_requests(call: Call[NoBody, PageQuery], services: Services) -> Response:
    """The requests to the caller's companies."""
    page = PageRequest(call.query.limit, call.query.cursor)
    contexts, cursor, now = account_user.list_invitations(services, call.account_user, page)
    rows = tuple(MyInvitationResponse.of(context, language(call.request, context), now) for context in contexts)
    return Response(200, PageResponse[MyInvitationResponse](items=rows, next=cursor))


@handler.on(DECIDE_MY_INVITATION)
def decide_mine(call: Call[MyDecisionBody, NoQuery], services: Services) -> Response:
    """The same decision as by link; being signed in takes the place of the digits."""
    invitation_id, body = call.id("invitationId", InvitationId), call.body
    context = account_user_commands.decide_invitation(
        services, call.account_user, invitation_id, body.decision, body.message
    )
    state = context.invitation.state
    return Response(200, DecidedResponse.of(context.invitation, text(language(call.request, context), f"next.{state}")))
