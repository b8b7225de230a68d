"""The holder of a mailed link: see the invitation, decide, ask for a new one."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, StringConstraints

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.catalogue import SetUpField
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import (
    NOT_PENDING,
    Action,
    Choice,
    Invitation,
    InvitationState,
    holder_actions,
)
from collaboration.domain.model.values import CollaborationId, Email, Locale, Message, Scenario, Timestamp, Value
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import LanguageQuery
from collaboration.http.contract.response import Omissible
from collaboration.http.contract.sender import SenderResponse
from collaboration.http.contract.setup import SetUpResponse, setup_fields
from collaboration.http.contract.terms import TermsResponse
from collaboration.http.request import CallerClass
from collaboration.wording import text
from collaboration.wording.particulars import coming_setup, solution_name


class DecisionBody(Value):
    """What the holder of a link decides. The digits prove that a person who knows the company decides."""

    decision: Choice
    organisation_number_ending: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] | None = None
    message: Message | None = None


# A whole organisation number with or without the century and signs between, and a VAT number, which holds one.
_WHOLE_NUMBER = re.compile(r"(?:16|19|20)?[0-9]{6}([0-9]{4})|SE[0-9]{6}([0-9]{4})01", re.ASCII)


def typed_ending(typed: object) -> object:
    """The last four digits of a whole number that was typed or pasted; anything else as it is, without spaces."""
    if not isinstance(typed, str):
        return typed
    bare = re.sub(r"[\s\u2010-\u2015-]", "", typed)
    whole = _WHOLE_NUMBER.fullmatch(bare.replace("+", "").upper())
    return whole[1] or whole[2] if whole else bare


def _typed_lines(typed: object) -> object:
    # A form sends the end of a line as two characters, and the reader has counted one.
    return typed.replace("\r\n", "\n").strip() or None if isinstance(typed, str) else typed


class FormStep(StrEnum):
    """What was pressed on the page: to see the answer before it is given, to change it, or one of the two answers."""

    REVIEW = "review"
    CHANGE = "change"
    ACCEPT = "accept"
    DECLINE = "decline"


class DecisionForm(Value):
    """What a page sends. Without a button, as when Enter is pressed in a field, it is shown and not decided."""

    decision: FormStep = FormStep.REVIEW
    organisation_number_ending: Annotated[
        Annotated[str, StringConstraints(max_length=20)] | None, BeforeValidator(typed_ending)
    ] = None
    message: Annotated[Message | None, BeforeValidator(_typed_lines)] = None

    @property
    def choice(self) -> Choice | None:
        """What is decided; None while nothing is."""
        return Choice(self.decision.value) if self.decision in {FormStep.ACCEPT, FormStep.DECLINE} else None


class WrongRecipientBody(Value):
    """Somebody got the mail by mistake: the address that it came to, which the page does not show."""

    email: Email


class NextResponse(Value):
    """What the holder of a link may do next."""

    text: str
    href: str | None


class ReportedResponse(Value):
    """A recipient has said that the request is not for them: their link is closed."""

    next: tuple[NextResponse, ...]

    @classmethod
    def of(cls, words: str) -> "ReportedResponse":
        """The answer in words."""
        return cls(next=(NextResponse(text=words, href=None),))


class AskedAgainResponse(Value):
    """The one answer to whoever asks for a new invitation."""

    next: tuple[NextResponse, ...]

    @classmethod
    def of(cls, words: str) -> "AskedAgainResponse":
        """The answer in words."""
        return cls(next=(NextResponse(text=words, href=None),))


class DecidedResponse(Value):
    """A request after a decision."""

    status: InvitationState
    collaboration_id: Omissible[CollaborationId] = None
    next: tuple[NextResponse, ...]

    @classmethod
    def of(cls, invitation: Invitation, *next_steps: NextResponse) -> "DecidedResponse":
        """A decided request, and what comes next."""
        return cls(status=invitation.state, collaboration_id=invitation.collaboration_id, next=next_steps)


class OutcomeResponse(Value):
    """What was decided, not by whom."""

    decision: Choice
    at: Timestamp


class RecipientInvitationResponse(Value):
    """A request as the holder of a link sees it. It never holds the organisation number."""

    status: InvitationState
    office_name: str
    company_name: str
    solution: str
    setup: SetUpResponse
    next_setup: SetUpResponse | None
    paid_by_another_office: tuple[SetUpField, ...]
    next_paid_by_another_office: tuple[SetUpField, ...] | None
    renews_on: date | None
    customer_owned: bool
    access: tuple[str, ...]
    terms: TermsResponse
    other_office: bool
    sent_by: SenderResponse
    expires_at: Timestamp
    message: Omissible[str] = None
    decision: OutcomeResponse | None
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, context: RecipientContext, locale: Locale, now: datetime) -> Self:
        """The request at `now`, its terms in the reader's language."""
        return cls(**cls._fields(context, locale, now))

    @classmethod
    def _fields(cls, context: RecipientContext, locale: Locale, now: datetime) -> dict[str, Any]:
        invitation = context.invitation
        decision = invitation.decision
        return {
            "status": invitation.state_at(now),
            "office_name": context.office.name,
            "company_name": context.company_name,
            "solution": invitation.solution,
            **setup_fields(
                context.setup,
                context.next_setup,
                invitation.task_id,
                paid_by_another=context.paid_by_another,
                next_paid_by_another=context.next_paid_by_another,
            ),
            "renews_on": context.subscription.terms.renews_on if context.subscription else None,
            "customer_owned": context.customer_owned,
            "access": context.office_names,
            "terms": TermsResponse(version=invitation.terms_version, text=tuple(accepting_means(context, locale))),
            "other_office": context.other_office,
            "sent_by": SenderResponse(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            "expires_at": invitation.expires_at,
            "message": invitation.shown_message,
            "decision": OutcomeResponse(decision=decision.choice, at=decision.at) if decision else None,
            "actions": tuple(_actions(context, now)),
        }


def _actions(context: RecipientContext, now: datetime) -> Iterator[Action]:
    """What the holder may do now: nothing as a stranger, and no decision when the digits are exhausted.

    What nobody can accept leads to a new invitation.
    """
    if context.holder_fault:
        return
    for allowed in holder_actions(context.invitation, now, context.recipient):
        action = Action.ASK_AGAIN if allowed is Action.ACCEPT and context.acceptance_fault else allowed
        if action is Action.ASK_AGAIN or not context.digits_exhausted:
            yield action


def accepting_means(context: RecipientContext, locale: Locale) -> Iterator[str]:
    """The terms of accepting now, in words: what the company gets, who may open it, and how it ends."""
    names = {
        "company": context.company_name,
        "solution": solution_name(locale, context.invitation.solution),
    }
    for key in (_what_the_company_gets(context), "access", "told", "end", "information"):
        yield text(locale, f"request-terms.{key}", **names)
    if context.coming_terms:
        yield coming_setup(
            locale,
            context.invitation.solution,
            context.coming_terms,
            office=context.office.name,
            company=context.company_name,
        )


def _what_the_company_gets(context: RecipientContext) -> str:
    if context.scenario is Scenario.WITHOUT_SOLUTION:
        return "without-solution"
    if context.customer_owned:
        return "owned"
    return "has-solution.changing" if context.coming_terms else "has-solution"


GET_RECIPIENT_INVITATION = Operation(
    name="showInvitationByLink",
    function="accept",
    method="GET",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="The request behind a mailed link; changes nothing",
    body=NoBody,
    query=LanguageQuery,
    answers={200: RecipientInvitationResponse},
    html=True,
)

HEAD_RECIPIENT_INVITATION = Operation(
    name="checkInvitationLink",
    function="accept",
    method="HEAD",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="As GET, without the body",
    body=NoBody,
    query=LanguageQuery,
    answers={200: None},
)

DECIDE: Operation[DecisionBody | DecisionForm, LanguageQuery] = Operation(
    name="decideInvitationByLink",
    function="accept",
    method="POST",
    path="/accept/{token}",
    caller=CallerClass.HOLDER,
    summary="Accept or decline, proving to know the company by the last four digits of its number",
    body=DecisionBody,
    query=LanguageQuery,
    answers={200: DecidedResponse},
    refusals=(
        Slug.NOT_ALLOWED,
        Slug.ORGANISATION_NUMBER_MISMATCH,
        Slug.DIGITS_EXHAUSTED,
        Slug.TOO_MANY_REQUESTS,
        Slug.SITUATION_CHANGED,
        *NOT_PENDING,
    ),
    form=DecisionForm,
    html=True,
)

ASK_AGAIN = Operation(
    name="askForNewInvitation",
    function="accept",
    method="POST",
    path="/accept/{token}/ask-again",
    caller=CallerClass.HOLDER,
    summary="Ask the office for a new invitation; always the same answer",
    body=NoBody,
    query=LanguageQuery,
    answers={202: AskedAgainResponse},
    html=True,
)


def _back(name: str, verb: Action) -> Operation[NoBody, LanguageQuery]:
    return Operation(
        name=name,
        function="accept",
        method="GET",
        path=f"/accept/{{token}}/{verb}",
        caller=CallerClass.HOLDER,
        summary="Where a form was sent from, for a browser that opens its address: leads to the page of the request",
        body=NoBody,
        query=LanguageQuery,
        answers={302: None},
        located=(302,),
        html=True,
    )


LEAVE_ASK_AGAIN = _back("leaveAskAgain", Action.ASK_AGAIN)

LEAVE_NOT_ME = _back("leaveNotMe", Action.NOT_ME)

REPORT_WRONG_RECIPIENT = Operation(
    name="reportWrongRecipient",
    function="accept",
    method="POST",
    path="/accept/{token}/not-me",
    caller=CallerClass.HOLDER,
    summary="The request is not for whoever got the mail: close their link and tell the office",
    body=WrongRecipientBody,
    query=LanguageQuery,
    answers={200: ReportedResponse},
    refusals=(*NOT_PENDING,),
    form=WrongRecipientBody,
    html=True,
)
