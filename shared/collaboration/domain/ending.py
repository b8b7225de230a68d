"""End a collaboration, from either side: now, or at the start of a day in Sweden."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from collaboration.domain.activating import sent_mails
from collaboration.domain.catalogue import Named, Solution, catalogue
from collaboration.domain.change import Change, Step, SubscriptionStep
from collaboration.domain.collaboration import Collaboration, CollaborationState, ScheduledEnd
from collaboration.domain.directory import Account, Customer, Employee, Office, Subscription, Task
from collaboration.domain.faults import Code, Fault, FieldFault, Refused, Slug, first_of, refused
from collaboration.domain.history import SYSTEM, Actor, Difference, What, told
from collaboration.domain.letters import EndedLetter, EndFailedLetter, Outgoing, Reader, administrators_of
from collaboration.domain.linking import guard_of
from collaboration.domain.subscribing import without_collaboration
from collaboration.domain.values import EmployeeId, Locale, Outcome, Side, local_date

BANK_INTEGRATION = Named(
    key="bank-integration",
    name={Locale.EN: "the bank integration is active, and stops", Locale.SV: "bankkopplingen är aktiv, och upphör"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How it is to end. `on` None: now; `confirm_solution` and `checklist` are what the caller confirmed."""

    on: date | None
    outcome: Outcome
    confirm_solution: str | None
    checklist: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endable:
    """A collaboration, and what ending it has to know. What is not there is None."""

    collaboration: Collaboration
    office: Office
    employees: Mapping[EmployeeId, Employee]
    customer: Customer | None
    task: Task | None
    account: Account | None

    @property
    def subscription(self) -> Subscription | None:
        """The subscription that it rests on."""
        solution = self.collaboration.solution
        kept = self.account.subscription(solution) if self.account and solution else None
        resting = kept and any(rest.collaboration_id == self.collaboration.id for rest in kept.resting)
        return kept if resting else None

    @property
    def solution(self) -> Solution | None:
        """The solution, where it is known."""
        return catalogue().solution(self.collaboration.solution) if self.collaboration.solution else None


def allowed_outcomes(collaboration: Collaboration, side: Side, *, shares_subscription: bool) -> tuple[Outcome, ...]:
    """What may become of the subscription: `nobody-deletes-what-is-not-theirs`."""
    solution = catalogue().solution(collaboration.solution) if collaboration.solution else None
    if collaboration.state is CollaborationState.ENDED:
        return ()
    theirs = collaboration.had_subscription or collaboration.customer_owned
    nothing_to_close = solution is None or collaboration.account_id is None
    if nothing_to_close or shares_subscription or (side is Side.OFFICE and theirs):
        return (Outcome.CONTINUE,)
    return solution.outcomes if solution else ()


def end(world: Endable, command: End, by: Actor, now: datetime) -> Change:
    """What ending, or arranging an end, changes.

    Raises:
        Refused: it has ended, the outcome is not allowed, something is not confirmed, nobody would be left in charge
            of the account, or the other side has arranged an earlier end.
    """
    today = local_date(now)
    check(world, command, by, today)
    later = command.on is not None and command.on > today
    return _scheduled(world, command, by, now) if later else _ended(world, command.outcome, by, now)


def check(world: Endable, command: End, by: Actor, today: date) -> None:
    """Let an end through.

    Raises:
        Refused: as `end`.
    """
    before = world.collaboration
    if before.state is CollaborationState.ENDED:
        raise refused(Slug.COLLABORATION_ENDED)
    theirs = before.scheduled is not None and before.scheduled.by.side is not by.side
    if before.scheduled and theirs and (command.on or today) > before.scheduled.on:
        raise refused(Slug.NOT_ALLOWED, hint="other-sides-end")
    if fault := first_of(_faults(world, command, by.side, today)):
        raise Refused(fault)


def _faults(world: Endable, command: End, side: Side, today: date) -> Iterator[Fault]:
    fields = []
    if command.on is not None and command.on < today:
        fields.append(FieldFault("#/on", Code.INVALID, hint="past"))
    if command.outcome not in outcomes_now(world, side):
        fields.append(FieldFault("#/outcome", Code.NOT_AVAILABLE))
    wanted = checklist(world, command.outcome)
    to_name = bool(wanted) or command.outcome is Outcome.DELETE
    if not to_name and command.confirm_solution not in (None, world.collaboration.solution):
        fields.append(FieldFault("#/confirmSolution", Code.INVALID))
    known = {item.key for item in wanted}
    known |= {item.key for item in world.solution.checklist} if world.solution else set()
    fields += [
        FieldFault(f"#/checklist/{place}", Code.UNKNOWN)
        for place, key in enumerate(command.checklist)
        if key not in known
    ]
    if fields:
        yield Fault(Slug.VALIDATION_FAILED, fields=tuple(fields))
    yield from _nobody_in_charge(world)
    named = [item for item in wanted if item.key not in command.checklist]
    keys = [item.key for item in named]
    if to_name and world.solution and command.confirm_solution != world.solution.key:
        keys.append(world.solution.key)
    if keys:
        yield Fault(Slug.CONFIRMATION_NEEDED, hint="end", confirm=tuple(keys), named=tuple(named))


def _nobody_in_charge(world: Endable) -> Iterator[Fault]:
    if world.account is not None and world.account.main_contact is None:
        yield Fault(Slug.MAIN_CONTACT_MISSING)


def checklist(world: Endable, outcome: Outcome) -> tuple[Named, ...]:
    """What has to be done or known before: the solution's own list, and a bank integration that would stop."""
    if world.solution is None:
        return ()
    active = world.subscription is not None and world.subscription.terms.bank_integration_active
    warned = world.solution.warns_of_bank_integration and active and outcome is not Outcome.CONTINUE
    return (*world.solution.checklist, *((BANK_INTEGRATION,) if warned else ()))


def outcomes_now(world: Endable, side: Side) -> tuple[Outcome, ...]:
    """What may become of the subscription, as things are now."""
    shares = world.subscription is not None and bool(world.subscription.others(world.collaboration.id))
    return allowed_outcomes(world.collaboration, side, shares_subscription=shares)


def _scheduled(world: Endable, command: End, by: Actor, now: datetime) -> Change:
    if command.on is None:
        raise AssertionError("an end on a day has a day")
    before = world.collaboration
    scheduled = ScheduledEnd(on=command.on, outcome=command.outcome, by=by)
    after = before.model_copy(update={"scheduled": scheduled, "revision": before.revision + 1})
    was = before.scheduled.on.isoformat() if before.scheduled else None
    moved = (Difference(field="endsOn", before=was, after=command.on.isoformat()),)
    entries = told(after.subject, by, now, What.END_SCHEDULED)
    return Change(
        at=now,
        collaboration=Step(before, after),
        history=tuple(entry.model_copy(update={"changes": moved}) for entry in entries),
    )


def _ended(world: Endable, outcome: Outcome, by: Actor, now: datetime) -> Change:
    before, subscription = world.collaboration, world.subscription
    after = before.model_copy(
        update={
            "state": CollaborationState.ENDED,
            "ended_at": now,
            "ended_by": by,
            "outcome": outcome,
            "scheduled": None,
            "next_setup": None,
            "revision": before.revision + 1,
        }
    )
    what: list[What | tuple[What, Mapping[str, str | tuple[str, ...]]]] = [
        (What.COLLABORATION_ENDED, {"outcome": outcome})
    ]
    steps: tuple[SubscriptionStep, ...] = ()
    left = without_collaboration(subscription, before.id, outcome) if subscription else None
    if subscription and world.account:
        steps = (SubscriptionStep(world.account.id, world.account.organisation_number, Step(subscription, left)),)
        what.append((What.SUBSCRIPTION_CHANGED, {"outcome": outcome}))
    mail = _ended_mail(world, after, left, by, now)
    shown = {**after.mails, **dict(sent_mails(mail))} if mail.shown_on_collaboration else after.mails
    guard = guard_of(before)
    return Change(
        at=now,
        collaboration=Step(before, after.model_copy(update={"mails": shown})),
        subscriptions=steps,
        guards=(Step(guard, None),) if guard else (),
        history=told(after.subject, by, now, *what),
        mails=(mail,) if mail.readers else (),
    )


def _ended_mail(world: Endable, ended: Collaboration, left: Subscription | None, by: Actor, now: datetime) -> Outgoing:
    to = Side.OFFICE if by.side is Side.CUSTOMER else Side.CUSTOMER
    if to is Side.OFFICE:
        readers, locale = tuple(readers_at_office(world)), world.office.locale
    else:
        readers = administrators_of(world.account) if world.account else ()
        locale = world.customer.locale if world.customer else world.office.locale
    return Outgoing(
        id=f"ended-{ended.revision}",
        agreement=ended.agreement,
        at=now,
        locale=locale,
        readers=readers,
        letter=EndedLetter(
            to=to,
            office_name=world.office.name,
            office_email=world.office.email,
            company_name=company_name(world),
            solution=ended.solution or "",
            ended_by=by.name or world.office.name,
            outcome=ended.outcome or Outcome.CONTINUE,
            pays_from=left.terms.renews_on if left and left.next_setup else None,
        ),
    )


def company_name(world: Endable) -> str:
    """What the company is called, as far as anybody knows."""
    if world.account:
        return world.account.name
    return world.customer.name if world.customer else world.collaboration.reference or ""


def readers_at_office(world: Endable) -> Iterator[Reader]:
    """The task's owner; the office itself when there is none who works there."""
    owner = world.employees.get(world.task.owner) if world.task else None
    if world.task and owner and owner.active:
        yield Reader(key=f"e-{world.task.owner}", email=owner.email, name=owner.name)
    else:
        yield Reader(key="office", email=world.office.email, name=world.office.name)


def cancel(collaboration: Collaboration, by: Actor, now: datetime) -> Change | None:
    """Call an arranged end off; None when none is arranged.

    Raises:
        Refused: it has ended, or the end is the other side's.
    """
    if collaboration.state is CollaborationState.ENDED:
        raise refused(Slug.COLLABORATION_ENDED)
    if collaboration.scheduled is None:
        return None
    if collaboration.scheduled.by.side is not by.side:
        raise refused(Slug.NOT_ALLOWED, hint="other-sides-end")
    after = collaboration.model_copy(update={"scheduled": None, "revision": collaboration.revision + 1})
    return Change(
        at=now,
        collaboration=Step(collaboration, after),
        history=told(after.subject, by, now, What.END_CANCELLED),
    )


def is_due(collaboration: Collaboration, now: datetime) -> bool:
    """Whether an arranged end has come, and has not failed before."""
    scheduled = collaboration.scheduled
    return (
        collaboration.state is CollaborationState.ACTIVE
        and scheduled is not None
        and scheduled.problem is None
        and local_date(now) >= scheduled.on
    )


def carry_out(world: Endable, now: datetime) -> Change:
    """An arranged end whose day has come: `dated-end-checked-again`. What is in the way is reported, never passed over.

    What was confirmed when it was arranged is confirmed still; what is allowed now may be something else.
    """
    scheduled = world.collaboration.scheduled
    if scheduled is None:
        raise AssertionError("an arranged end is arranged")
    outcome = scheduled.outcome
    problem: Slug | None = None
    if outcome not in outcomes_now(world, scheduled.by.side):
        problem = Slug.VALIDATION_FAILED
    elif any(_nobody_in_charge(world)):
        problem = Slug.MAIN_CONTACT_MISSING
    if problem is None:
        return _ended(world, outcome, scheduled.by, now)
    return _failed(world, _with_problem(world.collaboration, scheduled, problem), problem, now)


def _with_problem(collaboration: Collaboration, scheduled: ScheduledEnd, problem: Slug) -> Collaboration:
    return collaboration.model_copy(
        update={
            "scheduled": scheduled.model_copy(update={"problem": problem}),
            "revision": collaboration.revision + 1,
        }
    )


def _failed(world: Endable, after: Collaboration, problem: Slug, now: datetime) -> Change:
    if after.scheduled is None:
        raise AssertionError("a failed end was arranged")
    mail = Outgoing(
        id=f"end-failed-{after.revision}",
        agreement=after.agreement,
        at=now,
        locale=world.office.locale,
        readers=tuple(readers_at_office(world)),
        letter=EndFailedLetter(
            company_name=company_name(world),
            solution=after.solution or "",
            on=after.scheduled.on,
            problem=problem,
        ),
    )
    return Change(
        at=now,
        collaboration=Step(world.collaboration, after),
        history=told(after.subject, SYSTEM, now, What.END_FAILED),
        mails=(mail,),
    )
