"""The invitation: its states, and the one table of what may be done in which."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.faults import Fault, RefusedError, Slug
from collaboration.domain.model.history import Subject
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    Delivery,
    Email,
    EmployeeId,
    InvitationId,
    Moment,
    OfficeId,
    OrganisationNumber,
    Scenario,
    TaskId,
    Value,
)


class InvitationState(StrEnum):
    """The state of an invitation; it is expired as soon as its expiry has come."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Choice(StrEnum):
    """What an administrator decides."""

    ACCEPT = "accept"
    DECLINE = "decline"


class Obstacle(StrEnum):
    """What keeps an invitation from being accepted, or the office from reminding of it or sending it again.

    Nobody can accept while the subscription that it was to join has gone, or is by now a variant of the other kind,
    which is not shared. It cannot be sent again under the number that its company or account has by now, nor to an
    account without administrators; nor reminded of where nobody who was asked is one, or wrong digits closed all links.
    """

    SUBSCRIPTION_GONE = "subscription-gone"
    OTHER_KIND = "other-kind"
    NUMBER_CHANGED = "number-changed"
    NO_ADMINISTRATOR = "no-administrator"
    RECIPIENTS_GONE = "recipients-gone"
    LINKS_CLOSED = "links-closed"

    @property
    def keeps_from_accepting(self) -> bool:
        """Whether nobody can accept because of it: the digest tells of such a one."""
        return self in {Obstacle.SUBSCRIPTION_GONE, Obstacle.OTHER_KIND}

    @property
    def allows_resend(self) -> bool:
        """Whether the office may send it again all the same: a resend asks others, or opens the links."""
        return self in {Obstacle.RECIPIENTS_GONE, Obstacle.LINKS_CLOSED}


class Sender(Value):
    """The employee who sent it, as they were called then."""

    employee_id: EmployeeId
    name: str


class InvitationRecipient(Value):
    """An administrator with a link of their own. A link of an older `version` is dead; so is a `removed` one.

    `reported_at`: when it was said by their link that the invitation is not for them; `fetched_at`: when the link was
    first fetched, by a person or by software; `fetches`: how often.
    """

    email: Email
    name: str
    version: int = 1
    removed: bool = False
    reported_at: Moment | None = None
    delivery: Delivery = Delivery.QUEUED
    fetched_at: Moment | None = None
    fetches: int = 0

    @property
    def has_bounced(self) -> bool:
        """Whether their latest mail bounced."""
        return self.delivery is Delivery.BOUNCED


class Decision(Value):
    """What was decided, by whom (`recipient` is the link used) and when."""

    choice: Choice
    recipient: str
    by: str
    at: Moment
    message: str | None = None


class Invitation(Value):
    """An invitation to a customer. What became of each recipient's mail, `obstacle` and `notes` are stored apart.

    `scenario`, `setup`, `paid_by_another`, `customer_owned`: the terms as they were when it was sent, and from the
    acceptance on those that were accepted. `automatic_done`: the one automatic reminder has gone out, or never will;
    `revived_at`: since when it lives, where a resend gave it a new life; `readdressed_at`: when it last went out to a
    new address in place of one that bounced; `asked_again_at`: when the customer last asked for a new one;
    `recipients_numbered`: how many recipients there were ever, where the register was asked anew; `erased_at`: since
    when it holds nobody's name, address or message but the sender's name; `erased_links`: the version of each link that
    was good then, by the recipient's key; `paid_by_another`: the invoice recipients that mean another office, where
    they are the office; `obstacle`: what keeps it from being accepted, reminded of or sent again, as far as was heard
    of it; `notes`: how often a bounced mail or what is in its way was noted beside it.
    """

    agreement: AgreementId
    office_id: OfficeId
    customer_id: CustomerId
    customer_name: str
    organisation_number: OrganisationNumber
    account_id: AccountId
    account_name: str
    solution: str
    scenario: Scenario
    task_id: TaskId
    setup: SetUp
    paid_by_another: tuple[SetUpField, ...] = ()
    customer_owned: bool
    terms_version: str
    message: str | None
    sent_by: Sender
    sent_at: Moment
    expires_at: Moment
    state: InvitationState = InvitationState.PENDING
    reminders: int = 0
    reminded_at: Moment | None = None
    automatic_done: bool = False
    revived_at: Moment | None = None
    readdressed_at: Moment | None = None
    asked_again_at: Moment | None = None
    revoked_at: Moment | None = None
    erased_at: Moment | None = None
    erased_links: Mapping[str, int] = {}
    decision: Decision | None = None
    revision: int = 1
    recipients: Mapping[str, InvitationRecipient] = {}
    recipients_numbered: int = 0
    obstacle: Obstacle | None = None
    notes: int = 0

    @property
    def id(self) -> InvitationId:
        """Its public id."""
        return InvitationId.of(self.agreement)

    @property
    def collaboration_id(self) -> CollaborationId | None:
        """The collaboration that came of it."""
        return CollaborationId.of(self.agreement) if self.state is InvitationState.ACCEPTED else None

    @property
    def subject(self) -> Subject:
        """What its history entries are about."""
        return Subject(
            office_id=self.office_id,
            agreement=self.agreement,
            customer_id=self.customer_id,
            account_id=self.account_id,
            solution=self.solution,
        )

    @property
    def shown_message(self) -> str | None:
        """The message as the customer's people read it: without the digits that they are asked for."""
        return self.organisation_number.hidden_in(self.message) if self.message else None

    @property
    def bounced(self) -> Mapping[str, InvitationRecipient]:
        """The recipients whose latest mail bounced, among those who have a link."""
        return {key: person for key, person in self.recipients.items() if person.has_bounced and not person.removed}

    @property
    def has_links(self) -> bool:
        """Whether anybody who was asked has a link still."""
        return any(not person.removed for person in self.recipients.values())

    @property
    def began_at(self) -> datetime:
        """When its present life began: when it was sent, or revived."""
        return self.revived_at or self.sent_at

    def state_at(self, now: datetime) -> InvitationState:
        """The state at `now`: expired as soon as `now >= expires_at`, whatever clean-up has or has not done."""
        if self.state is InvitationState.PENDING and now >= self.expires_at:
            return InvitationState.EXPIRED
        return self.state

    def obstacle_at(self, now: datetime) -> Obstacle | None:
        """What is in the way at `now`, as far as was heard of it: of accepting, reminding or sending it again.

        None for what is decided, revoked or erased. Whom an expired one was sent to, and by which links, is no matter:
        a resend asks anew.
        """
        state = self.state_at(now)
        if state is InvitationState.PENDING:
            return self.obstacle
        if (
            state is InvitationState.EXPIRED
            and not self.erased_at
            and self.obstacle
            and not self.obstacle.allows_resend
        ):
            return self.obstacle
        return None

    @property
    def died_at(self) -> datetime | None:
        """When it was declined, revoked, or marked as expired: that moment, its expiry. None while it may be answered.

        Version 0.1.0 did not write when an invitation was revoked; it would have died at its expiry at the latest.
        """
        if self.state is InvitationState.DECLINED and self.decision:
            return self.decision.at
        if self.state is InvitationState.REVOKED:
            return self.revoked_at or self.expires_at
        return self.expires_at if self.state is InvitationState.EXPIRED else None


class Action(StrEnum):
    """What can be done with an invitation."""

    VIEW = "look"
    ACCEPT = "accept"
    DECLINE = "decline"
    REMIND = "remind"
    RESEND = "resend"
    REVOKE = "revoke"
    ASK_AGAIN = "ask-again"
    NOT_ME = "not-me"


class ViewerState(StrEnum):
    """A column of the table: the state, as seen by the person who asks."""

    PENDING = "pending"
    EXPIRED = "expired"
    ERASED = "expired, erased"
    ACCEPTED_BY_ME = "accepted, same person"
    ACCEPTED = "accepted, another"
    DECLINED_BY_ME = "declined, same person"
    DECLINED = "declined"
    REVOKED = "revoked"


class Verdict(StrEnum):
    """The ways in which an action is let through: it is done, it was done before, or there is nothing to do."""

    ALLOWED = "go"
    ALREADY_DONE = "again"
    NO_EFFECT = "idle"


_GONE = {
    ViewerState.EXPIRED: Slug.INVITATION_EXPIRED,
    ViewerState.ERASED: Slug.INVITATION_EXPIRED,
    ViewerState.REVOKED: Slug.INVITATION_REVOKED,
}


_DECIDED = {
    ViewerState.ACCEPTED_BY_ME: Slug.INVITATION_ACCEPTED,
    ViewerState.ACCEPTED: Slug.INVITATION_ACCEPTED,
    ViewerState.DECLINED_BY_ME: Slug.INVITATION_DECLINED,
    ViewerState.DECLINED: Slug.INVITATION_DECLINED,
}


# What may be done in which state. The check before every transition, the `actions` of every answer, the reason of
# every refusal and the documentation come from here and from nowhere else.
TRANSITIONS: Mapping[Action, Mapping[ViewerState, Verdict | Slug]] = {
    Action.VIEW: dict.fromkeys(ViewerState, Verdict.ALLOWED),
    Action.ACCEPT: {
        ViewerState.PENDING: Verdict.ALLOWED,
        **_GONE,
        **_DECIDED,
        ViewerState.ACCEPTED_BY_ME: Verdict.ALREADY_DONE,
    },
    Action.DECLINE: {
        ViewerState.PENDING: Verdict.ALLOWED,
        **_GONE,
        **_DECIDED,
        ViewerState.DECLINED_BY_ME: Verdict.ALREADY_DONE,
    },
    Action.REMIND: {ViewerState.PENDING: Verdict.ALLOWED, **_GONE, **_DECIDED},
    Action.RESEND: {ViewerState.PENDING: Verdict.ALLOWED, **_GONE, **_DECIDED, ViewerState.EXPIRED: Verdict.ALLOWED},
    Action.REVOKE: {
        ViewerState.PENDING: Verdict.ALLOWED,
        **_GONE,
        **_DECIDED,
        ViewerState.REVOKED: Verdict.ALREADY_DONE,
    },
    # Always the same answer, so that it reveals nothing: only a dead end notifies the office.
    Action.ASK_AGAIN: {
        **dict.fromkeys(ViewerState, Verdict.NO_EFFECT),
        ViewerState.EXPIRED: Verdict.ALLOWED,
        ViewerState.REVOKED: Verdict.ALLOWED,
    },
    # Only while the link can be used: afterwards there is nothing that its holder could still do with it.
    Action.NOT_ME: {ViewerState.PENDING: Verdict.ALLOWED, **_GONE, **_DECIDED},
}


# Why something is refused that is done with a pending invitation only, in the order in which documents name them.
NOT_PENDING = (
    Slug.INVITATION_ACCEPTED,
    Slug.INVITATION_DECLINED,
    Slug.INVITATION_EXPIRED,
    Slug.INVITATION_REVOKED,
)


OFFICE_ACTIONS = (Action.REMIND, Action.RESEND, Action.REVOKE)


HOLDER_ACTIONS = (Action.ACCEPT, Action.DECLINE, Action.ASK_AGAIN)


MOST_REMINDERS = 3


REMINDER_PAUSE = timedelta(hours=24)


AUTOMATIC_BEFORE_EXPIRY = timedelta(days=3)


def viewer_state(invitation: Invitation, now: datetime, recipient: str | None = None) -> ViewerState:
    """The column of the table for the person who holds `recipient`'s link, or for somebody at the office."""
    mine = invitation.decision is not None and invitation.decision.recipient == recipient
    match invitation.state_at(now):
        case InvitationState.PENDING:
            return ViewerState.PENDING
        case InvitationState.EXPIRED:
            return ViewerState.ERASED if invitation.erased_at else ViewerState.EXPIRED
        case InvitationState.REVOKED:
            return ViewerState.REVOKED
        case InvitationState.ACCEPTED:
            return ViewerState.ACCEPTED_BY_ME if mine else ViewerState.ACCEPTED
        case InvitationState.DECLINED:
            return ViewerState.DECLINED_BY_ME if mine else ViewerState.DECLINED


def check_transition(invitation: Invitation, action: Action, now: datetime, recipient: str | None = None) -> Verdict:
    """Whether `action` may be done now, or was done already by the same person.

    Raises:
        RefusedError: the table says no.
    """
    column = viewer_state(invitation, now, recipient)
    found = TRANSITIONS[action][column]
    if isinstance(found, Verdict):
        return found
    location = None
    if found is Slug.INVITATION_ACCEPTED and action in OFFICE_ACTIONS:
        location = f"collaborations/{invitation.collaboration_id}"
    hint = action if action is Action.REVOKE else None
    raise RefusedError(Fault(found, hint="erased" if column is ViewerState.ERASED else hint, location=location))


def office_actions(invitation: Invitation, now: datetime, *, is_replaced: bool = False) -> tuple[Action, ...]:
    """What the office may do with the invitation now: by the table, what is in the way, and how often it did lately.

    `is_replaced`: it has expired, and another agreement of the customer in the solution is live by now.
    """
    found = _open(OFFICE_ACTIONS, viewer_state(invitation, now))
    return tuple(action for action in found if not is_replaced and _is_possible(invitation, action, now))


def _is_possible(invitation: Invitation, action: Action, now: datetime) -> bool:
    obstacle = invitation.obstacle
    if action is Action.REVOKE:
        return True
    if obstacle is not None and (action is Action.REMIND or not obstacle.allows_resend):
        return False
    if invitation.state_at(now) is InvitationState.EXPIRED:
        return True
    too_soon = invitation.reminded_at is not None and now < invitation.reminded_at + REMINDER_PAUSE
    # What wrong digits closed is opened by a resend, however many reminders went out.
    left = invitation.reminders < MOST_REMINDERS or obstacle is Obstacle.LINKS_CLOSED
    return left and not too_soon and (action is Action.RESEND or invitation.has_links)


def holder_actions(invitation: Invitation, now: datetime, recipient: str) -> tuple[Action, ...]:
    """What the holder of `recipient`'s link may do with the invitation now, by the table alone."""
    return _open(HOLDER_ACTIONS, viewer_state(invitation, now, recipient))


def _open(actions: tuple[Action, ...], column: ViewerState) -> tuple[Action, ...]:
    return tuple(action for action in actions if TRANSITIONS[action][column] is Verdict.ALLOWED)


# The clean-up has done by then what was due; a reminder that it could not send is announced for the next day.
_TRIED_WITHIN = timedelta(hours=1)


def next_automatic(invitation: Invitation, now: datetime) -> datetime | None:
    """When the automatic reminder goes out, as things are at `now`.

    None while a mail bounced, nobody has a link, or nobody can accept.
    """
    if invitation.bounced or not invitation.has_links or invitation.obstacle:
        return None
    return next_reminder_try(invitation, now - _TRIED_WITHIN)


def next_reminder_try(invitation: Invitation, after: datetime) -> datetime | None:
    """The first time after `after` at which the automatic reminder is tried; None when there is none.

    As planned, and each day from then on until it goes out or the invitation expires.
    """
    at = automatic_reminder_at(invitation)
    while at is not None and at <= after:
        at = at + REMINDER_PAUSE if at + REMINDER_PAUSE < invitation.expires_at else None
    return at


def automatic_reminder_at(invitation: Invitation) -> datetime | None:
    """When the automatic reminder is planned: three days before the expiry, and not in a life of three days or less.

    None when it has gone out, none are left, or the 24 hours since the last mail leave no time. A bounce does not
    change the plan: a resend, or another address, may cure it before the time comes.
    """
    if (
        invitation.state is not InvitationState.PENDING
        or invitation.automatic_done
        or invitation.reminders >= MOST_REMINDERS
        or invitation.expires_at - invitation.began_at <= AUTOMATIC_BEFORE_EXPIRY
    ):
        return None
    at = invitation.expires_at - AUTOMATIC_BEFORE_EXPIRY
    # Who has just got the invitation, or a reminder of it, is left in peace for a day.
    for lately in (invitation.reminded_at, invitation.readdressed_at):
        if lately is not None:
            at = max(at, lately + REMINDER_PAUSE)
    return at if at < invitation.expires_at else None


def can_remind(invitation: Invitation, now: datetime) -> bool:
    """Whether a reminder is left, and may go out before the invitation expires."""
    lately = invitation.reminded_at
    earliest = lately + REMINDER_PAUSE if lately is not None else now
    return invitation.reminders < MOST_REMINDERS and max(earliest, now) < invitation.expires_at


# An invitation that died keeps what it holds of persons for so long.
KEPT_AFTER_DEATH = timedelta(days=30)


def erasure_due_at(invitation: Invitation) -> datetime | None:
    """When what an invitation holds of persons is to be erased: `erased-thirty-days-after-death`. None while it lives.

    An accepted one is not dead: it is what the collaboration was agreed by.
    """
    return invitation.died_at + KEPT_AFTER_DEATH if invitation.died_at else None


def expiry_notice_at(invitation: Invitation) -> datetime | None:
    """When the office is told that a pending invitation expires soon: three days before, and not on its first day.

    None for an invitation that is not pending, and for one that has expired by then.
    """
    if invitation.state is not InvitationState.PENDING:
        return None
    at = max(invitation.expires_at - AUTOMATIC_BEFORE_EXPIRY, invitation.began_at + timedelta(days=1))
    return at if at < invitation.expires_at else None


def asked_again_since(invitation: Invitation) -> datetime | None:
    """When a new invitation was asked for in place of a dead one; None when nobody has asked since it was last sent."""
    asked = invitation.asked_again_at
    if asked is None or invitation.state not in {InvitationState.EXPIRED, InvitationState.REVOKED}:
        return None
    return asked if asked >= invitation.began_at else None


def due_at(invitation: Invitation) -> datetime:
    """When the clean-up has something to do with a pending invitation: its planned reminder, else its expiry."""
    return automatic_reminder_at(invitation) or invitation.expires_at
