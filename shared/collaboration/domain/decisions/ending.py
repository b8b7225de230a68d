"""End a collaboration, from either side: now, or at the start of a day in Sweden."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from collaboration.domain.contexts.collaboration import EndContext
from collaboration.domain.model.accounts import choose_account
from collaboration.domain.model.catalogue import Named
from collaboration.domain.model.change import Change, NoSubscription, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import (
    ArrangedEnd,
    Collaboration,
    CollaborationState,
    allowed_outcomes,
    binds_account,
    is_unlinked_import,
    main_contact_hint,
    with_terms,
)
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of, refused
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import (
    SYSTEM,
    Actor,
    AffectedPerson,
    Difference,
    EntryKind,
    differences,
    history_entries,
)
from collaboration.domain.model.import_account import ends_left_behind, with_only_account
from collaboration.domain.model.mail import EndedContent, EndFailedContent, Mail, administrator_recipients, sent_mails
from collaboration.domain.model.subscription_transitions import released, with_subscriber
from collaboration.domain.model.subscriptions import (
    Subscription,
    SubscriptionStatus,
    customer_pays_from,
    with_missed_renewals,
    without_collaboration,
)
from collaboration.domain.model.values import Locale, Outcome, Side, local_date
from collaboration.frozen import dataclass

BANK_INTEGRATION = Named(
    key="bank-integration",
    name={Locale.EN: "the bank integration is active, and stops", Locale.SV: "bankkopplingen är aktiv, och upphör"},
)


@dataclass(frozen=True, kw_only=True)
class End:
    """How it is to end. `on` None: now; `confirm_solution` and `checklist` are what the caller confirmed."""

    on: date | None
    outcome: Outcome
    confirm_solution: str | None
    checklist: tuple[str, ...]


def end(context: EndContext, command: End, by: Actor, now: datetime) -> Change:
    """What ending, or arranging an end, changes: `each-side-its-own-end`.

    An end on a day replaces the one that the same side has arranged before, and leaves the other side's alone.

    Args:
        context: the collaboration, and what ending it has to know.
        command: how it is to end.
        by: who ends it.
        now: the time, in UTC.

    Raises:
        RefusedError: it has ended, the outcome is not allowed, something is not confirmed, nobody would be left in
            charge of the account.
    """
    today = local_date(now)
    check(context, command, by, today)
    later = command.on is not None and command.on > today
    if later:
        return _arranged(context, command, by, now)
    # Where an end was due before, and the run is late, nobody pays for what comes after that.
    due = context.collaboration.next_end if is_due(context.collaboration, now) else None
    return _ended(context, command.outcome, by, now, renews_until=_day_before(due) if due else today)


def check(context: EndContext, command: End, by: Actor, today: date) -> None:
    """Let an end through that is possible now.

    Raises:
        RefusedError: as `end`.
    """
    before = context.collaboration
    if before.state is CollaborationState.ENDED:
        raise refused(Slug.COLLABORATION_ENDED)
    if fault := first_of(_faults(context, command, by.side, today)):
        raise RefusedError(fault)


def _faults(context: EndContext, command: End, side: Side, today: date) -> Iterator[Fault]:
    fields = []
    if command.on is not None and command.on < today:
        fields.append(FieldFault("#/on", Code.INVALID, hint="past"))
    if command.outcome not in outcomes_now(context, side):
        fields.append(FieldFault("#/outcome", Code.NOT_AVAILABLE))
    required = checklist(context, command.outcome)
    must_name_solution = bool(required) or command.outcome is Outcome.DELETE
    if not must_name_solution and command.confirm_solution not in (None, context.collaboration.solution):
        fields.append(FieldFault("#/confirmSolution", Code.INVALID))
    known = {item.key for item in required}
    known |= {item.key for item in context.solution.checklist} if context.solution else set()
    fields += [
        FieldFault(f"#/checklist/{index}", Code.UNKNOWN)
        for index, key in enumerate(command.checklist)
        if key not in known
    ]
    if fields:
        yield Fault(Slug.VALIDATION_FAILED, fields=tuple(fields))
    yield from _main_contact_faults(context, side)
    unconfirmed = [item for item in required if item.key not in command.checklist]
    keys = [item.key for item in unconfirmed]
    if must_name_solution and context.solution and command.confirm_solution != context.solution.key:
        keys.append(context.solution.key)
    if keys:
        yield Fault(Slug.CONFIRMATION_NEEDED, hint="end", confirm=tuple(keys), named=tuple(unconfirmed))


def _main_contact_faults(context: EndContext, side: Side) -> Iterator[Fault]:
    if context.account is not None and not context.account.has_main_contact:
        yield Fault(Slug.MAIN_CONTACT_MISSING, hint=main_contact_hint(side))


def checklist(context: EndContext, outcome: Outcome) -> tuple[Named, ...]:
    """What has to be done or known before: the solution's own list, and a bank integration that would stop."""
    if context.solution is None:
        return ()
    active = context.subscription is not None and context.subscription.terms.bank_integration_active
    warned = context.solution.warns_of_bank_integration and active and outcome is not Outcome.CONTINUE
    return (*context.solution.checklist, *((BANK_INTEGRATION,) if warned else ()))


def outcomes_now(context: EndContext, side: Side) -> tuple[Outcome, ...]:
    """What may become of the subscription, as things are now."""
    allowed = allowed_outcomes(context.collaboration, side, shares_subscription=context.shares_subscription)
    # Of an unlinked import that is with no account any more there is nothing to close.
    return allowed if context.account else tuple(outcome for outcome in allowed if outcome is Outcome.CONTINUE)


def _arranged(context: EndContext, command: End, by: Actor, now: datetime) -> Change:
    if command.on is None:
        raise AssertionError("an end on a day has a day")
    before = context.collaboration
    replaced = before.arranged_end(by.side)
    arranged = ArrangedEnd(on=command.on, outcome=command.outcome, by=by)
    # Its end binds an unlinked import to its account, which nobody has chosen: it is the one that it has now.
    present, subscriptions = (before, ()) if binds_account(before) else with_only_account(before, context.accounts)
    after = _with_arranged_end(present, by.side, arranged)
    moved = tuple(differences(replaced.as_fields() if replaced else {}, arranged.as_fields()))
    entries = history_entries(after.subject, by, now, EntryKind.END_SCHEDULED)
    return Change(
        at=now,
        collaboration=Transition(before, after),
        subscriptions=subscriptions,
        history=(
            *(entry.replace(changes=moved) for entry in entries),
            *ends_left_behind(before, present, now, index=len(entries)),
        ),
    )


def _with_arranged_end(collaboration: Collaboration, side: Side, end: ArrangedEnd | None) -> Collaboration:
    """The collaboration with `end` as the one that `side` has arranged; None for no such end."""
    others = tuple(arranged for arranged in collaboration.arranged_ends if arranged.by.side is not side)
    arranged_ends = others if end is None else (*others, end)
    return collaboration.replace(arranged_ends=arranged_ends, revision=collaboration.revision + 1)


def _ended(context: EndContext, outcome: Outcome, by: Actor, now: datetime, *, renews_until: date) -> Change:
    """The end, after the renewals that were due until `renews_until` and were missed: `in-the-order-of-time`.

    Until it ends, whoever pays goes on paying.
    """
    before, subscription = context.collaboration, context.subscription
    here = _with_its_account(context)
    # Also where the access service has not said yet that it rests there.
    used = with_subscriber(subscription, subscription.terms.solution, before) if subscription else None
    missed = with_missed_renewals(used, renews_until) if used else None
    present = missed or used
    agreed = with_terms(here, missed) if missed else here
    after = agreed.replace(
        state=CollaborationState.ENDED,
        ended_at=now,
        ended_by=by,
        outcome=outcome,
        arranged_ends=(),
        next_setup=None,
        revision=before.revision + 1,
    )
    renewal = tuple(differences(here.setup.as_fields(), agreed.setup.as_fields()))
    kinds: list[EntryKind | tuple[EntryKind, Mapping[str, str | tuple[str, ...]]]] = [
        *((EntryKind.SUBSCRIPTION_RENEWED,) if renewal else ()),
        (EntryKind.COLLABORATION_ENDED, {"outcome": outcome}),
    ]
    subscriptions: tuple[SubscriptionTransition, ...] = ()
    office_stays = context.office_stays
    remaining = without_collaboration(present, before.id, outcome, office_stays=office_stays) if present else None
    if subscription and context.account:
        number = context.account.organisation_number
        subscriptions = (SubscriptionTransition(context.account.id, number, Transition(subscription, remaining)),)
    if _concerns_register(subscription, outcome):
        kinds.append((EntryKind.SUBSCRIPTION_CHANGED, {"outcome": outcome}))
    none_yet = _no_subscription(context) if subscription is None and is_unlinked_import(before) else None
    subscriptions += tuple(_released_elsewhere(context))
    mail = _ended_mail(context, after, remaining, by, now)
    mails = {**after.mails, **dict(sent_mails(mail))} if mail.shown_on_collaboration else after.mails
    guard = Guard.for_collaboration(before)
    changes = {
        EntryKind.SUBSCRIPTION_RENEWED: renewal,
        EntryKind.COLLABORATION_ENDED: (Difference(field="outcome", before=None, after=outcome),),
    }
    entries = history_entries(after.subject, by, now, *kinds)
    return Change(
        at=now,
        collaboration=Transition(before, after.replace(mails=mails)),
        subscriptions=subscriptions,
        guards=(Transition(guard, None),) if guard else (),
        no_subscription=none_yet,
        history=(
            *(
                entry.replace(
                    by=SYSTEM if entry.what is EntryKind.SUBSCRIPTION_RENEWED else by,
                    changes=changes.get(entry.what, ()),
                )
                for entry in entries
            ),
            *ends_left_behind(before, here, now, index=len(entries)),
        ),
        mails=(mail,) if mail.recipients else (),
    )


def _with_its_account(context: EndContext) -> Collaboration:
    """The collaboration with its account of now, which the access service would give it, but not once it has ended.

    Whose people hear of the end, and what history and events name, is then the same company.
    """
    before, account = context.collaboration, context.account
    if binds_account(before) or before.account_id == (account.id if account else None):
        return before
    moved, _ = with_only_account(before, context.accounts)
    return moved.replace(list_row=moved.list_row.replace(account_name=account.name if account else None))


def _concerns_register(subscription: Subscription | None, outcome: Outcome) -> bool:
    """Whether the account register has to hear of an end: also that what it has not recorded here yet is to go."""
    if subscription and subscription.is_there:
        return subscription.is_open
    return outcome is not Outcome.CONTINUE


def _released_elsewhere(context: EndContext) -> Iterator[SubscriptionTransition]:
    """The subscription on which an unlinked import rests with an account that it is with no longer.

    The access service would release it, but not once it has ended: `an-end-releases-what-it-rested-on`.
    """
    before = context.collaboration
    if before.account_id is None or (context.account and context.account.id == before.account_id):
        return
    if former := choose_account(context.accounts, before.account_id):
        yield from released(former, before)


def _no_subscription(context: EndContext) -> NoSubscription | None:
    """That there is no subscription yet on which an import would rest: it must not come to, while it ends."""
    account, solution = context.account, context.collaboration.solution
    if account is None or solution is None:
        return None
    return NoSubscription(account.organisation_number, account.id, solution)


def _ended_mail(
    context: EndContext, ended: Collaboration, remaining: Subscription | None, by: Actor, now: datetime
) -> Mail:
    to = Side.OFFICE if by.side is Side.CUSTOMER else Side.CUSTOMER
    if to is Side.OFFICE:
        recipients, locale = tuple(context.office_recipients), context.office.locale
    else:
        recipients = administrator_recipients(context.account) if context.account else ()
        locale = context.customer_locale
    closed = remaining is not None and remaining.status is SubscriptionStatus.CLOSED
    return Mail(
        id=f"ended-{ended.revision}",
        agreement=ended.agreement,
        office_id=ended.office_id,
        at=now,
        locale=locale,
        recipients=recipients,
        content=EndedContent(
            to=to,
            office_name=context.office.name,
            office_email=context.office.email,
            company_name=context.customer_name if to is Side.OFFICE else context.shown_company_name,
            solution=ended.solution or "",
            ended_by=by.name or context.office.name,
            # Nobody keeps what was closed before.
            outcome=Outcome.CLOSE if closed else ended.outcome or Outcome.CONTINUE,
            has_subscription=context.subscription is not None and context.subscription.is_there,
            pays_from=customer_pays_from(remaining, local_date(now)) if remaining else None,
            pays_already=remaining is not None and remaining.customer_pays,
        ),
    )


def cancel(collaboration: Collaboration, by: Actor, now: datetime) -> Change | None:
    """Cancel the end that the actor's side has arranged; None when it has arranged none.

    Raises:
        RefusedError: it has ended.
    """
    if collaboration.state is CollaborationState.ENDED:
        raise refused(Slug.COLLABORATION_ENDED)
    arranged = collaboration.arranged_end(by.side)
    if arranged is None:
        return None
    after = _with_arranged_end(collaboration, by.side, None)
    cancelled = tuple(differences(arranged.as_fields(), {}))
    entries = history_entries(after.subject, by, now, EntryKind.END_CANCELLED)
    return Change(
        at=now,
        collaboration=Transition(collaboration, after),
        history=tuple(entry.replace(changes=cancelled) for entry in entries),
    )


def is_due(collaboration: Collaboration, now: datetime) -> bool:
    """Whether the day of an arranged end that has not failed has come in Sweden."""
    following = collaboration.next_end
    active = collaboration.state is CollaborationState.ACTIVE
    return active and following is not None and local_date(now) >= following.on


def _day_before(arranged: ArrangedEnd) -> date:
    return arranged.on - timedelta(days=1)


def carry_out(context: EndContext, now: datetime) -> Change:
    """The next arranged end, whose day has come: `dated-end-checked-again`. What is in the way is reported.

    What was confirmed when it was arranged is confirmed still; what is allowed now may be something else. The other
    side's end stays arranged when this one fails.
    """
    arranged = context.collaboration.next_end
    if arranged is None:
        raise AssertionError("an end that is carried out was arranged")
    problem: Slug | None = None
    if arranged.outcome not in outcomes_now(context, arranged.by.side):
        problem = Slug.VALIDATION_FAILED
    elif any(_main_contact_faults(context, arranged.by.side)):
        problem = Slug.MAIN_CONTACT_MISSING
    if problem is None:
        return _ended(context, arranged.outcome, arranged.by, now, renews_until=_day_before(arranged))
    return _failed(context, arranged, problem, now)


def _failed(context: EndContext, arranged: ArrangedEnd, problem: Slug, now: datetime) -> Change:
    before, here = context.collaboration, _with_its_account(context)
    after = _with_arranged_end(here, arranged.by.side, arranged.replace(problem=problem))
    mail = Mail(
        id=f"end-failed-{after.revision}",
        agreement=after.agreement,
        office_id=after.office_id,
        at=now,
        locale=context.office.locale,
        recipients=tuple(context.office_recipients),
        content=EndFailedContent(
            company_name=context.customer_name,
            solution=after.solution or "",
            on=arranged.on,
            problem=problem,
            arranged_by=arranged.by.side,
            outcome=arranged.outcome,
        ),
    )
    entries = history_entries(after.subject, SYSTEM, now, EntryKind.END_FAILED)
    # Each side has an end of its own: the line says whose this one was.
    person = AffectedPerson(**dict(arranged.by))
    return Change(
        at=now,
        collaboration=Transition(before, after),
        history=(
            *(entry.replace(person=person) for entry in entries),
            *ends_left_behind(before, here, now, index=len(entries)),
        ),
        mails=(mail,),
    )
