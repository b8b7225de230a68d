"""A request as its holder sees it, before and after the decision: in JSON here, as a page in `pages`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

from collaboration.domain.deciding import RecipientContext, holder_fault
from collaboration.domain.invitation import Action, Choice, InvitationState, holder_actions
from collaboration.domain.values import AccountId, InvitationId, Locale, Timestamp
from collaboration.http.answers import SenderResponse, SetUpResponse, ResponseModel, TermsResponse
from collaboration.wording import text
from collaboration.wording.particulars import solution_name


class OutcomeResponse(ResponseModel):
    """What was decided, not by whom."""

    decision: Choice
    at: Timestamp


class RecipientInvitationResponse(ResponseModel):
    """A request as the holder of a link sees it. It never holds the organisation number."""

    optional = frozenset({"message"})

    status: InvitationState
    office_name: str
    company_name: str
    solution: str
    setup: SetUpResponse
    access: tuple[str, ...]
    terms: TermsResponse
    other_office: bool
    sent_by: SenderResponse
    expires_at: Timestamp
    message: str | None = None
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
            "company_name": invitation.account_name,
            "solution": invitation.solution,
            "setup": SetUpResponse.of(context.setup, invitation.task_id),
            "access": context.office_names,
            "terms": TermsResponse(version=invitation.terms_version, text=tuple(accepting_means(context, locale))),
            "other_office": context.other_office,
            "sent_by": SenderResponse(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            "expires_at": invitation.expires_at,
            "message": invitation.message,
            "decision": OutcomeResponse(decision=decision.choice, at=decision.at) if decision else None,
            "actions": () if holder_fault(context) else holder_actions(invitation, now, context.recipient),
        }


class MyInvitationResponse(RecipientInvitationResponse):
    """A request as an account user sees it, among those of all their companies."""

    id: InvitationId
    account_id: AccountId

    @classmethod
    def _fields(cls, context: RecipientContext, locale: Locale, now: datetime) -> dict[str, Any]:
        invitation = context.invitation
        named = {"id": invitation.id, "account_id": invitation.account_id}
        # Asking for a new one goes by the link: who is signed in can ask the office themselves.
        fields = super()._fields(context, locale, now)
        actions = tuple(action for action in fields["actions"] if action is not Action.ASK_AGAIN)
        return {**named, **fields, "actions": actions}


def accepting_means(context: RecipientContext, locale: Locale) -> Iterator[str]:
    """The terms of accepting now, in words: what the company gets, who may open it, and how it ends."""
    names = {
        "company": context.invitation.account_name,
        "solution": solution_name(locale, context.invitation.solution),
    }
    for key in (_what_the_company_gets(context), "access", "told", "end", "information"):
        yield text(locale, f"request-terms.{key}", **names)


def _what_the_company_gets(context: RecipientContext) -> str:
    if context.subscription is None:
        return "without-solution"
    return "owned" if context.subscription.terms.customer_owned else "has-solution"
