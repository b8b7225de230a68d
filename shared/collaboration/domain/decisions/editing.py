"""Edit a collaboration: its task, what is to do, and the set-up of the subscription it rests on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.collaboration import EditContext
from collaboration.domain.model.catalogue import SetUp, SetUpField, Solution
from collaboration.domain.model.change import SIBLINGS_AT_ONCE, Change, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, with_terms
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of, refused
from collaboration.domain.model.history import SYSTEM, EntryKind, differences, history_entries
from collaboration.domain.model.subscriptions import Subscription, with_set_up
from collaboration.domain.model.values import TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
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
    subscription = context.subscription
    changed = _with_given(context, subscription, given, command.confirm) if given and subscription else subscription
    after = after.replace(to_do=to_do)
    if changed is not None and changed is not subscription:
        after = with_terms(after, changed).replace(revision=before.revision)
    if after == before:
        return None
    after = after.replace(revision=before.revision + 1)
    return _change(context, after, subscription, changed, now)


def _change(
    context: EditContext,
    after: Collaboration,
    subscription: Subscription | None,
    changed: Subscription | None,
    now: datetime,
) -> Change:
    before, subscriptions, siblings = context.collaboration, [], []
    kinds = [EntryKind.COLLABORATION_LINKED if after.linked and not before.linked else EntryKind.COLLABORATION_CHANGED]
    if subscription is not None and changed is not None and changed is not subscription and context.account:
        subscriptions = [
            SubscriptionTransition(
                context.account.id, context.account.organisation_number, Transition(subscription, changed)
            )
        ]
        siblings = [Transition(other, with_terms(other, changed)) for other in context.siblings[:SIBLINGS_AT_ONCE]]
        kinds.append(EntryKind.SUBSCRIPTION_CHANGED)
    entries = history_entries(after.subject, context.actor, now, *kinds)
    changes = tuple(differences(_agreed_fields(before), _agreed_fields(after)))
    history = [entries[0].replace(changes=changes), *entries[1:]]
    for sibling in siblings:
        if sibling.before is None or sibling.after is None:
            continue
        # Who changed it is that office's to know: `anna` at another one is somebody else.
        by = context.actor if sibling.after.office_id == before.office_id else SYSTEM
        copied = tuple(differences(_agreed_fields(sibling.before), _agreed_fields(sibling.after)))
        found = history_entries(sibling.after.subject, by, now, EntryKind.SUBSCRIPTION_CHANGED)
        history += [entry.replace(changes=copied) for entry in found]
    return Change(
        at=now,
        collaboration=Transition(before, after),
        siblings=tuple(siblings),
        subscriptions=tuple(subscriptions),
        history=tuple(history),
    )


def _agreed_fields(collaboration: Collaboration) -> dict[str, object]:
    """The fields whose changes are history: the task, what is to do, and the set-up agreed for the renewal."""
    agreed = collaboration.next_setup or collaboration.setup
    return {"taskId": collaboration.task_id, "toDo": ", ".join(collaboration.to_do) or None, **agreed.as_fields()}


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
        RefusedError: it is of the other kind, or what would be lost is not confirmed.
    """
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
        usable = task is not None and task.active and context.customer is not None and context.customer.active
        if not usable:
            code = Code.UNKNOWN if task is None else Code.NOT_AVAILABLE
            yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(FieldFault("#/taskId", code),))
    if command.setup.given() and context.collaboration.customer_owned:
        yield Fault(Slug.CUSTOMER_OWNED_SUBSCRIPTION)


def _field_faults(context: EditContext, command: Edit) -> Iterator[FieldFault]:
    solution = context.solution
    present = context.subscription.terms.setup() if context.subscription else SetUp()
    variant = solution.variant(command.setup.variant or present.variant) if solution else None
    for field, value in command.setup.given().items():
        if context.collaboration.customer_owned:
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
