"""The holder of a mailed link sees the invitation and decides. A forged link is refused before the table is read."""

from collaboration.commands import deciding
from collaboration.composition import app
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions.deciding import WrongDigitsError
from collaboration.domain.model.history import EntryKind
from collaboration.domain.model.values import Locale
from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import LanguageQuery
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
from collaboration.http.dispatch import Api
from collaboration.http.pages import asked_again_page, fault_page, invitation_page
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.link_tokens import TokenClaims
from collaboration.services import Services, not_found
from collaboration.wording import text

handler = Api(app)

# The metrics that count when wrong digits lock a link, and when they close an invitation.
CLOSINGS = {EntryKind.DIGITS_LOCKED: "DigitsLocked", EntryKind.DIGITS_EXHAUSTED: "DigitsExhausted"}


def claims(request: Request) -> TokenClaims:
    """The claims of the link's token.

    Raises:
        RefusedError: the token was not made here.
    """
    found = app().signer.read(request.path["token"])
    if found is None:
        raise not_found()
    return found


def language(request: Request, context: RecipientContext) -> Locale:
    """The language that was asked for, else the customer's."""
    return request.language or (context.customer.locale if context.customer else Locale.SV)


@handler.on(HEAD_RECIPIENT_INVITATION, faults_as_pages=fault_page)
@handler.on(GET_RECIPIENT_INVITATION, faults_as_pages=fault_page)
def show(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The invitation, as a page for a person and as JSON for a program."""
    context, now = deciding.view_invitation(services, claims(call.request))
    locale = language(call.request, context)
    if call.request.wants_page:
        return invitation_page(context, locale, now, call.request.path["token"])
    return Response(200, RecipientInvitationResponse.of(context, locale, now))


@handler.on(DECIDE, faults_as_pages=fault_page)
def decide(call: Call[DecisionBody, LanguageQuery], services: Services) -> Response:
    """The first decision wins; the same again by the same person gets the same answer."""
    choice, ending, message = call.body.decision, call.body.organisation_number_ending, call.body.message
    try:
        context = deciding.decide_by_link(services, claims(call.request), choice, ending, message)
    except WrongDigitsError as wrong:
        if wrong.closing:
            app().metrics.count(CLOSINGS[wrong.closing], 1)
        raise
    locale = language(call.request, context)
    if call.request.is_form:
        return invitation_page(context, locale, services.clock(), call.request.path["token"])
    return Response(200, DecidedResponse.of(context.invitation, text(locale, f"next.{context.invitation.state}")))


@handler.on(ASK_AGAIN, faults_as_pages=fault_page)
def ask_again(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """Always the same answer; the office gets a mail only for an expired or revoked invitation, once a day."""
    locale = language(call.request, deciding.ask_again(services, claims(call.request)))
    if call.request.wants_page:
        return asked_again_page(locale)
    return Response(202, AskedAgainResponse.of(text(locale, "page.ask-again.sent")))
