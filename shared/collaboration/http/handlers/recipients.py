"""The holder of a mailed link sees the invitation and decides. A forged link is refused before the table is read."""

from collaboration.commands import deciding
from collaboration.composition import app
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions.deciding import WrongDigitsError
from collaboration.domain.model.faults import Fault, RefusedError
from collaboration.domain.model.invitation import InvitationState
from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody
from collaboration.http.contract.parameters import LanguageQuery
from collaboration.http.contract.recipients import (
    ASK_AGAIN,
    DECIDE,
    GET_RECIPIENT_INVITATION,
    HEAD_RECIPIENT_INVITATION,
    LEAVE_ASK_AGAIN,
    LEAVE_NOT_ME,
    REPORT_WRONG_RECIPIENT,
    AskedAgainResponse,
    DecidedResponse,
    DecisionBody,
    DecisionForm,
    FormStep,
    NextResponse,
    RecipientInvitationResponse,
    ReportedResponse,
    WrongRecipientBody,
)
from collaboration.http.recipient_pages import RecipientPage, TypedAnswer, link_fault_page, shows_fault
from collaboration.http.recipients import language
from collaboration.http.request import Request, form_fields
from collaboration.http.response import Response
from collaboration.http.routes import Handlers
from collaboration.link_tokens import TokenClaims
from collaboration.services import Services, not_found
from collaboration.storage.table import TableUnavailableError
from collaboration.telemetry import Metric
from collaboration.wording import text

handlers = Handlers()


def claims(request: Request) -> TokenClaims:
    """The claims of the link's token.

    Raises:
        RefusedError: the token was not made here.
    """
    found = app().signer.read(request.path["token"])
    if found is None:
        raise not_found()
    return found


def page_of(context: RecipientContext, request: Request, services: Services) -> RecipientPage:
    """The pages of the holder's request."""
    locale = language(request, context)
    return RecipientPage(context=context, locale=locale, now=services.clock(), request=request)


def typed_answer(request: Request) -> TypedAnswer:
    """What was typed into a form of ours, as it came; nothing where the request is none."""
    if not request.is_form:
        return TypedAnswer()
    try:
        fields = form_fields(request)
    except RefusedError:
        return TypedAnswer()
    return TypedAnswer(
        digits=fields.get("organisationNumberEnding", ""),
        message=fields.get("message", ""),
        email=fields.get("email", ""),
        decision=fields.get("decision", ""),
    )


def refusal_page(fault: Fault, request: Request) -> Response:
    """Why something was refused: on the page of the request where that can be shown, with all that was typed."""
    typed = typed_answer(request)
    if not shows_fault(fault):
        return link_fault_page(fault, request, typed)
    services = app().services
    try:
        context, _ = deciding.view_invitation(services, claims(request))
    except RefusedError as refusal:
        return link_fault_page(refusal.fault, request, typed)
    except TableUnavailableError:
        return link_fault_page(fault, request, typed)
    return page_of(context, request, services).show(typed, fault)


@handlers.on(HEAD_RECIPIENT_INVITATION, faults_as_pages=refusal_page)
@handlers.on(GET_RECIPIENT_INVITATION, faults_as_pages=refusal_page)
def show(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """The invitation, as a page for a person and as JSON for a program."""
    context, now = deciding.view_invitation(services, claims(call.request))
    if call.request.wants_page:
        return page_of(context, call.request, services).show()
    return Response(200, RecipientInvitationResponse.of(context, language(call.request, context), now))


@handlers.on(DECIDE, faults_as_pages=refusal_page)
def decide(call: Call[DecisionBody | DecisionForm, LanguageQuery], services: Services) -> Response:
    """The first decision wins; the same again by the same person gets the same answer."""
    try:
        if isinstance(call.body, DecisionForm):
            return take_form(call.body, call.request, services)
        return take_decision(call.body, call.request, services)
    except WrongDigitsError:
        app().metrics.record(Metric.WRONG_DIGITS, 1)
        raise


def take_decision(body: DecisionBody, request: Request, services: Services) -> Response:
    """A decision, answered in JSON."""
    ending = body.organisation_number_ending
    context = deciding.decide_by_link(services, claims(request), body.decision, ending, body.message)
    locale, state = language(request, context), context.invitation.state
    steps = [NextResponse(text=text(locale, f"next.{state}"), href=None)]
    if state is InvitationState.ACCEPTED:
        steps.append(NextResponse(text=text(locale, "next.my"), href=request.reference("my")))
    return Response(200, DecidedResponse.of(context.invitation, *steps))


def take_form(form: DecisionForm, request: Request, services: Services) -> Response:
    """A step on the page: the answer is shown, changed, or given."""
    holder, ending, typed = claims(request), form.organisation_number_ending, typed_answer(request)
    if form.choice:
        context = deciding.decide_by_link(services, holder, form.choice, ending, form.message)
        return page_of(context, request, services).show()
    if form.decision is FormStep.CHANGE:
        context, _ = deciding.view_invitation(services, holder)
        return page_of(context, request, services).show(typed)
    context = deciding.check_by_link(services, holder, ending)
    shown = page_of(context, request, services)
    pending = context.invitation.state is InvitationState.PENDING
    return shown.review(typed) if pending and not context.acceptance_fault else shown.show()


@handlers.on(ASK_AGAIN, faults_as_pages=refusal_page)
def ask_again(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """Always the same answer; the office gets a mail only for a dead end, once a day."""
    context = deciding.ask_again(services, claims(call.request))
    if call.request.wants_page:
        return page_of(context, call.request, services).asked_again()
    return Response(202, AskedAgainResponse.of(text(language(call.request, context), "page.ask-again.sent")))


@handlers.on(REPORT_WRONG_RECIPIENT, faults_as_pages=refusal_page)
def report_wrong_recipient(call: Call[WrongRecipientBody, LanguageQuery], services: Services) -> Response:
    """Close the link of somebody who got the mail by mistake, and tell the office."""
    context = deciding.report_wrong_recipient(services, claims(call.request), call.body.email)
    page = page_of(context, call.request, services)
    if call.request.wants_page:
        return page.reported()
    return Response(200, ReportedResponse.of(text(page.locale, "page.not-me.done.lead", office=context.office.name)))


@handlers.on(LEAVE_ASK_AGAIN, faults_as_pages=refusal_page)
@handlers.on(LEAVE_NOT_ME, faults_as_pages=refusal_page)
def leave(call: Call[NoBody, LanguageQuery], services: Services) -> Response:
    """Back to the page of the request: a browser has opened the address that one of its forms was sent to."""
    claims(call.request)
    chosen = f"?lang={call.query.lang}" if call.query.lang else ""
    return Response(302, None, {"Location": call.request.reference(f"accept/{call.request.path['token']}") + chosen})
