"""A request as its holder sees it, before and after the decision: in JSON here, as a page in `pages`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

from collaboration.domain.deciding import Visit, holder_fault
from collaboration.domain.invitation import Action, Choice, InvitationState, holder_actions
from collaboration.domain.values import AccountId, InvitationId, Locale, Timestamp
from collaboration.http.answers import SenderShape, SetUpShape, Shape, TermsShape
from collaboration.wording import text
from collaboration.wording.particulars import solution_name


class OutcomeShape(Shape):
    """What was decided, not by whom."""

    decision: Choice
    at: Timestamp


class RequestView(Shape):
    """A request as the holder of a link sees it. It never holds the organisation number."""

    optional = frozenset({"message"})

    status: InvitationState
    office_name: str
    company_name: str
    solution: str
    setup: SetUpShape
    access: tuple[str, ...]
    terms: TermsShape
    other_office: bool
    sent_by: SenderShape
    expires_at: Timestamp
    message: str | None = None
    decision: OutcomeShape | None
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, visit: Visit, locale: Locale, now: datetime) -> Self:
        """The request at `now`, its terms in the reader's language."""
        return cls(**cls._fields(visit, locale, now))

    @classmethod
    def _fields(cls, visit: Visit, locale: Locale, now: datetime) -> dict[str, Any]:
        invitation = visit.invitation
        decision = invitation.decision
        return {
            "status": invitation.state_at(now),
            "office_name": visit.office.name,
            "company_name": invitation.account_name,
            "solution": invitation.solution,
            "setup": SetUpShape.of(visit.setup, invitation.task_id),
            "access": visit.office_names,
            "terms": TermsShape(version=invitation.terms_version, text=tuple(accepting_means(visit, locale))),
            "other_office": visit.other_office,
            "sent_by": SenderShape(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            "expires_at": invitation.expires_at,
            "message": invitation.message,
            "decision": OutcomeShape(decision=decision.choice, at=decision.at) if decision else None,
            "actions": () if holder_fault(visit) else holder_actions(invitation, now, visit.recipient),
        }


class MyRequestView(RequestView):
    """A request as an account user sees it, among those of all their companies."""

    id: InvitationId
    account_id: AccountId

    @classmethod
    def _fields(cls, visit: Visit, locale: Locale, now: datetime) -> dict[str, Any]:
        invitation = visit.invitation
        named = {"id": invitation.id, "account_id": invitation.account_id}
        # Asking for a new one goes by the link: who is signed in can ask the office themselves.
        fields = super()._fields(visit, locale, now)
        actions = tuple(action for action in fields["actions"] if action is not Action.ASK_AGAIN)
        return {**named, **fields, "actions": actions}


def accepting_means(visit: Visit, locale: Locale) -> Iterator[str]:
    """The terms of accepting now, in words: what the company gets, who may open it, and how it ends."""
    names = {
        "company": visit.invitation.account_name,
        "solution": solution_name(locale, visit.invitation.solution),
    }
    for key in (_what_the_company_gets(visit), "access", "told", "end", "information"):
        yield text(locale, f"request-terms.{key}", **names)


def _what_the_company_gets(visit: Visit) -> str:
    if visit.subscription is None:
        return "without-solution"
    return "owned" if visit.subscription.terms.customer_owned else "has-solution"
