"""An invitation, as employees see it."""

from datetime import datetime

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.invitation import (
    Action,
    Choice,
    Invitation,
    InvitationState,
    Obstacle,
    next_automatic,
    office_actions,
)
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    CustomerId,
    Delivery,
    InvitationId,
    OrganisationNumber,
    Scenario,
    Timestamp,
    Value,
)
from collaboration.http.contract.response import Omissible
from collaboration.http.contract.sender import SenderResponse
from collaboration.http.contract.setup import SetUpResponse


class RecipientResponse(Value):
    """An administrator who was asked; one who has said since that it is not for them has no link any more."""

    email: str
    delivery: Delivery
    fetched_at: Timestamp | None
    fetches: int
    reported_at: Omissible[Timestamp] = None


class DecisionResponse(Value):
    """What was decided; `by` is empty once the name was erased."""

    decision: Choice
    by: str
    at: Timestamp
    message: Omissible[str] = None


class InvitationResponse(Value):
    """A sent request.

    `erasedAt`: since when nothing is left of its recipients, of who decided, and of what both sides wrote.
    """

    id: InvitationId
    customer_id: CustomerId
    customer_name: str
    organisation_number: OrganisationNumber
    account_id: AccountId
    solution: str
    scenario: Scenario
    setup: SetUpResponse
    status: InvitationState
    message: Omissible[str] = None
    sent_by: SenderResponse
    sent_at: Timestamp
    expires_at: Timestamp
    reminders: int
    next_reminder_at: Timestamp | None
    obstacle: Obstacle | None
    recipients: tuple[RecipientResponse, ...]
    decision: DecisionResponse | None
    collaboration_id: CollaborationId | None
    erased_at: Omissible[Timestamp] = None
    actions: tuple[Action, ...]
    revision: int

    @classmethod
    def of(
        cls, invitation: Invitation, caller: Employee, now: datetime, *, is_replaced: bool = False
    ) -> "InvitationResponse":
        """A request as `caller` sees it at `now`: its actions are what they may do now.

        `is_replaced`: it has expired, and another is live in its place.
        """
        decision = invitation.decision
        return cls(
            id=invitation.id,
            customer_id=invitation.customer_id,
            customer_name=invitation.customer_name,
            organisation_number=invitation.organisation_number,
            account_id=invitation.account_id,
            solution=invitation.solution,
            scenario=invitation.scenario,
            setup=SetUpResponse.of(invitation.setup, invitation.task_id),
            status=invitation.state_at(now),
            message=invitation.message,
            sent_by=SenderResponse(employee_id=invitation.sent_by.employee_id, name=invitation.sent_by.name),
            sent_at=invitation.sent_at,
            expires_at=invitation.expires_at,
            reminders=invitation.reminders,
            next_reminder_at=next_automatic(invitation, now)
            if invitation.state_at(now) is InvitationState.PENDING
            else None,
            obstacle=invitation.obstacle_at(now),
            recipients=tuple(
                RecipientResponse(
                    email=person.email,
                    delivery=person.delivery,
                    fetched_at=person.fetched_at,
                    fetches=person.fetches,
                    reported_at=person.reported_at,
                )
                for person in invitation.recipients.values()
                if not person.removed or person.reported_at
            ),
            decision=DecisionResponse(
                decision=decision.choice, by=decision.by, at=decision.at, message=decision.message
            )
            if decision
            else None,
            collaboration_id=invitation.collaboration_id,
            erased_at=invitation.erased_at,
            actions=office_actions(invitation, now, is_replaced=is_replaced) if caller.may_decide else (),
            revision=invitation.revision,
        )
