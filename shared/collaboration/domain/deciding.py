"""Accept and decline: what an administrator decides, with the world checked again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from collaboration.domain.access import access_of_office
from collaboration.domain.activating import sent_mails
from collaboration.domain.catalogue import SetUp, catalogue
from collaboration.domain.change import Change, LinkUntouched, Step, SubscriptionStep
from collaboration.domain.collaboration import Collaboration, Copied, Origin
from collaboration.domain.directory import Account, Customer, Employee, Office, Resting, Subscription, Task
from collaboration.domain.faults import Code, Fault, FieldFault, Refused, Slug, refused
from collaboration.domain.history import Actor, What, told
from collaboration.domain.invitation import (
    Action,
    Addressee,
    Choice,
    Decision,
    Invitation,
    InvitationState,
    Verdict,
    judge,
)
from collaboration.domain.inviting import held
from collaboration.domain.letters import DecisionLetter, InformationLetter, Outgoing, Reader, administrators_of
from collaboration.domain.preview import settle
from collaboration.domain.subscribing import with_collaboration
from collaboration.domain.values import (
    CollaborationId,
    EmployeeId,
    Kind,
    Moment,
    Scenario,
    Side,
    TaskId,
    Value,
)

WRONG_ALLOWED = 5
CLOSED_FOR = timedelta(hours=1)


class LinkDoor(Value):
    """The wrong digits typed on one link: five within an hour close its door for an hour."""

    wrong_at: tuple[Moment, ...] = ()
    attempts: int = 0

    def closed_until(self, now: datetime) -> datetime | None:
        """When the door opens again; None while it is open."""
        if len(self.wrong_at) < WRONG_ALLOWED:
            return None
        opens = self.wrong_at[-1] + CLOSED_FOR
        return opens if now < opens else None

    def after_wrong(self, now: datetime) -> "LinkDoor":
        """The door after one more wrong try."""
        recent = tuple(moment for moment in self.wrong_at if now - moment < CLOSED_FOR)
        return LinkDoor(wrong_at=(*recent, now)[-WRONG_ALLOWED:], attempts=self.attempts + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """An invitation, and the world around it as it is now. What is gone since is None."""

    invitation: Invitation
    office: Office
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    account: Account | None

    @property
    def linkable_task(self) -> TaskId | None:
        """The task, if the collaboration can be linked to it: it and its customer are there and active."""
        usable = self.customer and self.customer.active and self.task and self.task.active
        return self.invitation.task_id if usable else None

    @property
    def office_names(self) -> tuple[str, ...]:
        """Who at the office gets access."""
        if self.task is None or self.linkable_task is None:
            return ()
        return tuple(
            access.person.name for access in access_of_office(self.invitation.task_id, self.task, self.employees)
        )

    @property
    def subscription(self) -> Subscription | None:
        """The account's subscription to the solution, now."""
        return self.account.subscription(self.invitation.solution) if self.account else None

    @property
    def other_office(self) -> bool:
        """Whether another office already collaborates in the solution."""
        return self.subscription is not None and self.subscription.other_offices(self.invitation.office_id)

    @property
    def setup(self) -> SetUp:
        """The set-up that an acceptance now would give."""
        solution = catalogue().solution(self.invitation.solution)
        if self.subscription is None or solution is None:
            return self.invitation.setup
        return settle(solution, self.subscription, SetUp())[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Context):
    """An administrator at an invitation: `recipient` is the link they hold, `door` what was typed on it before."""

    recipient: str
    holder: Addressee
    door: LinkDoor


class WrongDigits(Refused):
    """The digits were wrong: nothing changed but the `door`, which must be kept before the answer is given."""

    def __init__(self, door: LinkDoor) -> None:
        super().__init__(Fault(Slug.ORGANISATION_NUMBER_MISMATCH))
        self.door = door


def check_digits(visit: Visit, ending: str | None, now: datetime) -> None:
    """The last four digits of the organisation number: `digits-prove-the-person`, `five-wrong-close-the-door`.

    Raises:
        Refused: missing, or the door is closed.
        WrongDigits: they are not the company's.
    """
    if opens := visit.door.closed_until(now):
        raise Refused(Fault(Slug.TOO_MANY_REQUESTS, hint="digits", retry_at=opens))
    if not ending:
        missing = FieldFault("#/organisationNumberEnding", Code.MISSING, hint="ending")
        raise refused(Slug.VALIDATION_FAILED, missing)
    if ending != visit.invitation.organisation_number.ending:
        raise WrongDigits(visit.door.after_wrong(now))


def holder_fault(visit: Visit) -> Fault | None:
    """Why the holder of the link may not decide: `register-decides-who-approves`. None when they may.

    Only a present administrator decides, and nobody of the inviting office.
    """
    if visit.account is None or visit.account.administrator(visit.holder.email) is None:
        return Fault(Slug.NOT_ALLOWED, hint="no-longer-administrator")
    if any(employee.email.folded == visit.holder.email.folded for employee in visit.employees.values()):
        return Fault(Slug.NOT_ALLOWED, hint="employee-of-office")
    return None


def decide(
    visit: Visit, choice: Choice, ending: str | None, message: str | None, now: datetime, *, by_link: bool = True
) -> Change | None:
    """What deciding changes; None when the same person decided the same before: `first-decision-wins`.

    Raises:
        Refused: the request is decided or dead, the digits are missing or wrong, or the holder may not decide.
    """
    verdict = judge(visit.invitation, Action(choice), now, visit.recipient)
    if by_link:
        check_digits(visit, ending, now)
    if fault := holder_fault(visit):
        raise Refused(fault)
    if verdict is Verdict.AGAIN:
        return None
    decided = visit.invitation.model_copy(
        update={
            "state": InvitationState.ACCEPTED if choice is Choice.ACCEPT else InvitationState.DECLINED,
            "decision": Decision(
                choice=choice, recipient=visit.recipient, by=visit.holder.name, at=now, message=message
            ),
            "revision": visit.invitation.revision + 1,
        }
    )
    untouched = LinkUntouched(decided.agreement, visit.recipient, visit.door.attempts) if by_link else None
    return (
        _accepted(visit, decided, untouched, now)
        if choice is Choice.ACCEPT
        else _declined(visit, decided, untouched, now)
    )


def _person(visit: Visit) -> Actor:
    return Actor(side=Side.CUSTOMER, name=visit.holder.name)


def _declined(visit: Visit, decided: Invitation, untouched: LinkUntouched | None, now: datetime) -> Change:
    return Change(
        at=now,
        invitation=Step(visit.invitation, decided),
        guards=(Step(held(visit.invitation), None),),
        link_untouched=untouched,
        history=told(decided.subject, _person(visit), now, What.INVITATION_DECLINED),
        mails=(_answer_mail(visit, decided, now),),
    )


def _accepted(visit: Visit, decided: Invitation, untouched: LinkUntouched | None, now: datetime) -> Change:
    if visit.account is None:
        raise AssertionError("an administrator of no account has been refused before")
    collaboration_id = CollaborationId.of(decided.agreement)
    resting = Resting(office_id=decided.office_id, collaboration_id=collaboration_id)
    kept = visit.account.kept(decided.solution)
    subscription = with_collaboration(kept, decided.solution, visit.setup, resting, now)
    collaboration = _collaboration(visit, visit.account, subscription, now)
    place = held(visit.invitation)
    information = _information_mail(visit, visit.account, collaboration, now)
    happened = [What.INVITATION_ACCEPTED, What.COLLABORATION_STARTED]
    if visit.subscription is None:
        happened.insert(1, What.SUBSCRIPTION_STARTED)
    return Change(
        at=now,
        invitation=Step(visit.invitation, decided),
        collaboration=Step(None, collaboration.model_copy(update={"mails": dict(sent_mails(information))})),
        subscriptions=(
            SubscriptionStep(visit.account.id, visit.account.organisation_number, Step(kept, subscription)),
        ),
        guards=(Step(place, place.model_copy(update={"owner": collaboration_id, "until": None})),),
        link_untouched=untouched,
        history=told(decided.subject, _person(visit), now, *happened),
        mails=(_answer_mail(visit, decided, now, linked=collaboration.linked), information),
    )


def _collaboration(visit: Visit, account: Account, subscription: Subscription, now: datetime) -> Collaboration:
    invitation = visit.invitation
    solution = catalogue().solution(invitation.solution)
    task = visit.task if visit.linkable_task else None
    return Collaboration(
        agreement=invitation.agreement,
        office_id=invitation.office_id,
        organisation_number=invitation.organisation_number,
        origin=Origin.INVITATION,
        started_at=now,
        customer_id=invitation.customer_id,
        account_id=account.id,
        solution=invitation.solution,
        task_id=visit.linkable_task,
        setup=visit.setup,
        renews_on=subscription.terms.renews_on,
        customer_owned=subscription.terms.customer_owned,
        had_subscription=visit.subscription is not None,
        terms_version=invitation.terms_version,
        to_do=tuple(item.key for item in solution.to_do) if solution else (),
        copied=Copied(
            customer_name=visit.customer.name if visit.customer else invitation.customer_name,
            account_name=account.name,
            task_owner=task.owner if task else None,
            account_manager=visit.customer.account_manager if visit.customer else None,
            office_name=visit.office.name,
        ),
    )


def office_readers(visit: Context) -> Iterator[Reader]:
    """The sender and the task's owner, each once; the office itself when neither works there any more."""
    owner = (visit.task.owner,) if visit.task else ()
    found = False
    for employee_id in dict.fromkeys((visit.invitation.sent_by.employee_id, *owner)):
        employee = visit.employees.get(employee_id)
        if employee is not None and employee.active:
            found = True
            yield Reader(key=f"e-{employee_id}", email=employee.email, name=employee.name)
    if not found:
        yield Reader(key="office", email=visit.office.email, name=visit.office.name)


def _answer_mail(visit: Visit, decided: Invitation, now: datetime, *, linked: bool = True) -> Outgoing:
    decision = decided.decision
    if decision is None:
        raise AssertionError("a decided request has a decision")
    return Outgoing(
        id="decision",
        agreement=decided.agreement,
        at=now,
        locale=visit.office.locale,
        readers=tuple(office_readers(visit)),
        letter=DecisionLetter(
            choice=decision.choice,
            company_name=decided.account_name,
            solution=decided.solution,
            decided_by=decision.by,
            message=decision.message,
            linked=linked,
        ),
    )


def _information_mail(visit: Visit, account: Account, collaboration: Collaboration, now: datetime) -> Outgoing:
    return Outgoing(
        id="information",
        agreement=collaboration.agreement,
        at=now,
        locale=visit.customer.locale if visit.customer else visit.office.locale,
        readers=administrators_of(account),
        letter=InformationLetter(
            office_name=visit.office.name,
            office_email=visit.office.email,
            company_name=account.name,
            solution=visit.invitation.solution,
            solution_kind=Kind.SHARED,
            scenario=Scenario.HAS_SOLUTION if collaboration.had_subscription else Scenario.WITHOUT_SOLUTION,
            setup=collaboration.setup,
            access=visit.office_names,
            decided_by=visit.holder.name,
        ),
    )
