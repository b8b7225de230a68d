"""Edit a collaboration: its task, what is to do, and the set-up of the subscription it rests on."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from collaboration.domain.contexts.collaboration import EditContext
from collaboration.domain.model.catalogue import SetUp, SetUpField, Solution
from collaboration.domain.model.change import SIBLINGS_AT_ONCE, Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, with_terms
from collaboration.domain.model.directory import task_is_active
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of, refused
from collaboration.domain.model.history import SYSTEM, Actor, Difference, Entry, EntryKind, differences, history_entries
from collaboration.domain.model.subscriptions import Subscription, with_missed_renewals, with_set_up
from collaboration.domain.model.values import TaskId, local_date
from collaboration.frozen import dataclass

_TASK = "taskId"

# A kind of history entry, and what changed.
_Line: TypeAlias = tuple[EntryKind, tuple[Difference, ...]]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What an employee changes; what is None or empty stays. `confirm` names what may be lost."""

    task_id: TaskId | None
    setup: SetUp
    to_do_done: tuple[str, ...]
    confirm: tuple[str, ...]


def edit(context: EditContext, command: Edit, now: datetime) -> Change | None:
    """What editing changes; None when all is so already: `variant-at-once`, `other-terms-at-renewal`.

    Raises:
        RefusedError: rights are missing, it has ended, a field is wrong, the subscription is the customer's own, the
            variant is of the other kind, or something would be lost and is not confirmed.
    """
    before = context.collaboration
    given = command.setup.given()
    if given and not context.caller.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")
    if before.state is CollaborationState.ENDED:
        raise refused(Slug.COLLABORATION_ENDED)
    if fault := first_of(_faults(context, command)):
        raise RefusedError(fault)
    after = _with_task(context, command.task_id)
    to_do = tuple(key for key in after.to_do if key not in command.to_do_done)
    present = _present(context.subscription, now)
    changed = _with_given(context, present, given, command.confirm) if given and present else present
    after = after.replace(to_do=to_do)
    if changed is not None and changed is not present:
        after = with_terms(after, changed).replace(revision=before.revision)
    if after == before:
        return None
    after = after.replace(revision=before.revision + 1)
    return _change(context, after, present, changed, now)


def _present(subscription: Subscription | None, now: datetime) -> Subscription | None:
    """The subscription after the renewals that are due by now and were missed: `in-the-order-of-time`.

    What is agreed now holds from the next renewal on, and not from one that has passed.
    """
    if subscription is None or not subscription.renews_here:
        return subscription
    return with_missed_renewals(subscription, local_date(now)) or subscription


def _change(
    context: EditContext,
    after: Collaboration,
    present: Subscription | None,
    changed: Subscription | None,
    now: datetime,
) -> Change:
    before, subscription, subscriptions, siblings = context.collaboration, context.subscription, [], []
    agreed = before
    at_subscription: tuple[_Line, ...] = ()
    if subscription and present and changed is not None and changed is not present and context.account:
        agreed = with_terms(before, present)
        subscriptions = [
            SubscriptionTransition(
                context.account.id, context.account.organisation_number, Transition(subscription, changed)
            )
        ]
        siblings = [Transition(other, with_terms(other, changed)) for other in context.siblings[:SIBLINGS_AT_ONCE]]
        at_subscription = ((EntryKind.SUBSCRIPTION_CHANGED, ()),)
    lines = (*_agreed_lines(agreed, after), *at_subscription)
    history = [*_entries(before, agreed, after, context.actor, now, *lines)]
    for sibling in siblings:
        if sibling.before is None or sibling.after is None or present is None:
            continue
        # Who changed it is that office's to know: `anna` at another one is somebody else.
        by = context.actor if sibling.after.office_id == before.office_id else SYSTEM
        renewed_sibling = with_terms(sibling.before, present)
        line = (EntryKind.SUBSCRIPTION_CHANGED, _changes(renewed_sibling, sibling.after))
        history += _entries(sibling.before, renewed_sibling, sibling.after, by, now, line)
    return Change(
        at=now,
        collaboration=Transition(before, after),
        siblings=tuple(siblings),
        subscriptions=tuple(subscriptions),
        history=tuple(history),
    )


def _agreed_lines(agreed: Collaboration, after: Collaboration) -> Iterator[_Line]:
    """What is agreed anew. A new link stands by itself: the customer's part of the timeline is without it."""
    changes = _changes(agreed, after)
    if agreed.linked or not after.linked:
        yield EntryKind.COLLABORATION_CHANGED, changes
        return
    yield EntryKind.COLLABORATION_LINKED, tuple(change for change in changes if change.field == _TASK)
    if others := tuple(change for change in changes if change.field != _TASK):
        yield EntryKind.COLLABORATION_CHANGED, others


def _entries(
    before: Collaboration, agreed: Collaboration, after: Collaboration, by: Actor, now: datetime, *lines: _Line
) -> Iterator[Entry]:
    """The lines of a timeline, after one of the renewals that were missed, where these change something.

    `agreed`: the collaboration after those renewals.
    """
    renewal = tuple(differences(before.setup.as_fields(), agreed.setup.as_fields()))
    missed: tuple[_Line, ...] = ((EntryKind.SUBSCRIPTION_RENEWED, renewal),) if renewal else ()
    known = (*missed, *lines)
    entries = history_entries(after.subject, by, now, *(kind for kind, _ in known))
    for entry, (kind, changes) in zip(entries, known, strict=True):
        yield entry.replace(by=SYSTEM if kind is EntryKind.SUBSCRIPTION_RENEWED else by, changes=changes)


def _changes(agreed: Collaboration, after: Collaboration) -> tuple[Difference, ...]:
    return tuple(differences(_agreed_fields(agreed), _agreed_fields(after)))


def _agreed_fields(collaboration: Collaboration) -> dict[str, object]:
    """The fields whose changes are history: the task, what is to do, and the set-up agreed for the renewal."""
    agreed = collaboration.next_setup or collaboration.setup
    return {_TASK: collaboration.task_id, "toDo": ", ".join(collaboration.to_do) or None, **agreed.as_fields()}


def _with_task(context: EditContext, task_id: TaskId | None) -> Collaboration:
    if task_id is None or task_id == context.collaboration.task_id:
        return context.collaboration
    list_row = context.collaboration.list_row.with_task(context.tasks[task_id], context.employees)
    return context.collaboration.replace(task_id=task_id, list_row=list_row)


def _with_given(
    context: EditContext, subscription: Subscription, given: Mapping[SetUpField, str | int], confirmed: tuple[str, ...]
) -> Subscription:
    """The subscription with what was given: the variant now, everything else at the next renewal."""
    solution = context.solution
    present = subscription.terms.setup()
    coming = subscription.coming_setup
    variant: dict[SetUpField, str | int] = {
        field: value for field, value in given.items() if field is SetUpField.VARIANT
    }
    if solution and variant:
        _check_variant(solution, present.variant, str(given[SetUpField.VARIANT]), confirmed)
    at_once = SetUp.model_validate({**present.given(), **variant})
    later = SetUp.model_validate({**coming.given(), **given})
    if (at_once, later) == (present, coming):
        return subscription
    return with_set_up(subscription, at_once, later, context.collaboration.office_id)


def _check_variant(solution: Solution, before: str | None, after: str, confirmed: tuple[str, ...]) -> None:
    """Let a change to another variant through: `kind-is-agreed`, `downgrade-confirmed`.

    Raises:
        RefusedError: it is of the other kind, or the kind is not known, or what would be lost is not confirmed.
    """
    if solution.kind_of(before) is None:
        raise refused(Slug.KIND_DIFFERS, hint="unknown")
    if solution.kind_of(before) is not solution.kind_of(after):
        raise refused(Slug.KIND_DIFFERS)
    lost = solution.lost(before, after)
    if not {named.key for named in lost} <= set(confirmed):
        keys = tuple(named.key for named in lost)
        raise RefusedError(Fault(Slug.CONFIRMATION_NEEDED, hint="variant", confirm=keys, named=lost))


def _faults(context: EditContext, command: Edit) -> Iterator[Fault]:
    if fields := (*_field_faults(context, command), *_to_do_faults(context, command)):
        yield Fault(Slug.VALIDATION_FAILED, fields=fields)
    task_id = command.task_id
    if task_id is not None and task_id != context.collaboration.task_id:
        task = context.tasks.get(task_id)
        if not task_is_active(task, context.customer):
            code = Code.UNKNOWN if task is None else Code.NOT_AVAILABLE
            yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(FieldFault("#/taskId", code),))
    if command.setup.given() and context.customer_owned:
        yield Fault(Slug.CUSTOMER_OWNED_SUBSCRIPTION)


def _field_faults(context: EditContext, command: Edit) -> Iterator[FieldFault]:
    solution = context.solution
    present = context.subscription.terms.setup() if context.subscription else SetUp()
    variant = solution.variant(command.setup.variant or present.variant) if solution else None
    for field, value in command.setup.given().items():
        if context.customer_owned:
            continue
        if solution is None or field not in solution.setup:
            yield FieldFault(f"#/{field}", Code.NOT_ASKED)
        elif value not in solution.values_of(field):
            yield FieldFault(f"#/{field}", Code.INVALID)
        elif context.subscription is None or (variant and variant.fixed.get(field, value) != value):
            yield FieldFault(f"#/{field}", Code.NOT_AVAILABLE)


def _to_do_faults(context: EditContext, command: Edit) -> Iterator[FieldFault]:
    solution = context.solution
    known = {item.key for item in solution.to_do} if solution else set()
    for index, key in enumerate(command.to_do_done):
        if key not in known:
            yield FieldFault(f"#/toDoDone/{index}", Code.UNKNOWN)
