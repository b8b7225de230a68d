"""Unlinked collaborations: imported from the older program, then linked to a customer's task, moved or undone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from collaboration.domain.contexts.link import LinkContext
from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp, Solution
from collaboration.domain.model.change import Change, CustomerUnchanged, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, ListRow, Origin
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.model.guard import Guard, conflict_fault
from collaboration.domain.model.history import Actor, EntryKind, differences, history_entries
from collaboration.domain.model.setup import resolve_setup, solution_asked
from collaboration.domain.model.subscriptions import (
    Subscription,
    SubscriptionUse,
    with_collaboration,
    without_collaboration,
)
from collaboration.domain.model.values import AccountId, CustomerId, Outcome, TaskId


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What an employee links a collaboration to."""

    customer_id: CustomerId
    task_id: TaskId
    solution: str
    account_id: AccountId | None


def link(context: LinkContext, command: Link, now: datetime) -> Change | None:
    """Link, or move the link: the task's people get access. None when it is so already.

    Raises:
        RefusedError: another solution, another company, no account, no such task, or something live in the place.
    """
    before = context.collaboration
    solution = solution_asked(command.solution)
    account = choose_account(context.accounts, command.account_id)
    if fault := first_of(_faults(context, command, account, now)):
        raise RefusedError(fault)
    if account is None:
        raise AssertionError("linking without an account has been refused before")
    if (before.customer_id, before.task_id, before.solution) == (command.customer_id, command.task_id, solution.key):
        return None
    subscription = account.subscription(solution.key)
    after = _linked(context, command, solution, account, subscription)
    return Change(
        at=now,
        collaboration=Transition(before, after),
        subscriptions=(
            *_release(before, (account.id, solution.key), context.accounts),
            *_join(after, account, subscription, now),
        ),
        guards=tuple(_guards(before, after)),
        customer_unchanged=CustomerUnchanged(before.office_id, command.customer_id, before.organisation_number),
        history=tuple(
            entry.replace(changes=tuple(differences(_link_fields(before), _link_fields(after))))
            for entry in history_entries(after.subject, context.actor, now, EntryKind.COLLABORATION_LINKED)
        ),
    )


def _link_fields(collaboration: Collaboration) -> dict[str, object]:
    return {
        "customerId": collaboration.customer_id,
        "taskId": collaboration.task_id,
        "solution": collaboration.solution,
    }


def _faults(context: LinkContext, command: Link, account: Account | None, now: datetime) -> Iterator[Fault]:
    before = context.collaboration
    if before.state is CollaborationState.ENDED:
        yield Fault(Slug.COLLABORATION_ENDED)
    wrong = []
    fixed = before.imported_solution if before.origin is Origin.IMPORT else before.solution
    if fixed not in (None, command.solution):
        wrong.append(FieldFault("#/solution", Code.NOT_AVAILABLE, hint="link.solution"))
    if context.customer.organisation_number != before.organisation_number:
        wrong.append(FieldFault("#/customerId", Code.NOT_AVAILABLE, hint="link.customer"))
    elif command.account_id is not None and account is None:
        wrong.append(FieldFault("#/accountId", Code.UNKNOWN))
    if wrong:
        yield Fault(Slug.VALIDATION_FAILED, fields=tuple(wrong))
    if context.guard and context.guard.holds(now) and context.guard.owner != before.id:
        yield conflict_fault(context.guard)
    if not context.accounts:
        yield Fault(Slug.CUSTOMER_NOT_REGISTERED, hint="link")
    elif len(context.accounts) > 1 and command.account_id is None:
        choices = tuple((account.id, account.name) for account in context.accounts)
        yield Fault(Slug.ACCOUNT_AMBIGUOUS, accounts=choices)
    task = context.tasks.get(command.task_id)
    if task is None or not task.active or not context.customer.active:
        code = Code.UNKNOWN if task is None else Code.NOT_AVAILABLE
        yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(FieldFault("#/taskId", code),))


def _linked(
    context: LinkContext, command: Link, solution: Solution, account: Account, subscription: Subscription | None
) -> Collaboration:
    before, task = context.collaboration, context.tasks[command.task_id]
    setup = resolve_setup(solution, subscription, SetUp())[0] if subscription else before.setup
    return before.replace(
        customer_id=command.customer_id,
        account_id=account.id,
        solution=solution.key,
        task_id=command.task_id,
        setup=setup,
        renews_on=subscription.terms.renews_on if subscription else None,
        customer_owned=subscription.terms.customer_owned if subscription else False,
        had_subscription=before.had_subscription or before.origin is Origin.IMPORT,
        revision=before.revision + 1,
        list_row=ListRow(
            customer_name=context.customer.name,
            account_name=account.name,
            account_manager=context.customer.account_manager,
            version=before.list_row.version,
        ).with_task(task, context.employees),
    )


def _join(
    after: Collaboration, account: Account, subscription: Subscription | None, now: datetime
) -> Iterator[SubscriptionTransition]:
    subscribers = SubscriptionUse(office_id=after.office_id, collaboration_id=after.id)
    if subscription is None or after.solution is None or subscribers in subscription.subscribers:
        return
    joined = with_collaboration(subscription, after.solution, after.setup, subscribers, now)
    yield SubscriptionTransition(account.id, after.organisation_number, Transition(subscription, joined))


def _release(
    before: Collaboration, rests_on: tuple[AccountId, str] | None, accounts: tuple[Account, ...]
) -> Iterator[SubscriptionTransition]:
    """The subscription that it rested on before, and does no longer."""
    if before.account_id is None or before.solution is None or (before.account_id, before.solution) == rests_on:
        return
    account = choose_account(accounts, before.account_id)
    subscription = account.subscription(before.solution) if account else None
    if account and subscription and len(subscription.others(before.id)) < len(subscription.subscribers):
        left = without_collaboration(subscription, before.id, Outcome.CONTINUE)
        yield SubscriptionTransition(account.id, account.organisation_number, Transition(subscription, left))


def unlink(collaboration: Collaboration, accounts: tuple[Account, ...], by: Actor, now: datetime) -> Change | None:
    """Undo the link: nobody at the office has access any more. None when it is not linked.

    An imported one is what it was before it was linked; any other keeps its customer, its account and its terms.

    Raises:
        RefusedError: it has ended.
    """
    if collaboration.state is CollaborationState.ENDED:
        raise RefusedError(Fault(Slug.COLLABORATION_ENDED))
    if not collaboration.linked:
        return None
    undone: dict[str, object] = {"task_id": None, "revision": collaboration.revision + 1}
    steps: tuple[SubscriptionTransition, ...] = ()
    if collaboration.origin is Origin.IMPORT:
        steps = tuple(_release(collaboration, None, accounts))
        undone |= {
            "customer_id": None,
            "account_id": None,
            "solution": collaboration.imported_solution,
            "setup": SetUp(),
            "next_setup": None,
            "renews_on": None,
            "customer_owned": False,
            "list_row": ListRow(version=collaboration.list_row.version),
        }
    after = collaboration.replace(**undone)
    changes = tuple(differences(_link_fields(collaboration), _link_fields(after)))
    # Told of as what it was: the customer and the account have to hear of it too.
    entries = history_entries(collaboration.subject, by, now, EntryKind.COLLABORATION_UNLINKED)
    return Change(
        at=now,
        collaboration=Transition(collaboration, after),
        subscriptions=steps,
        guards=tuple(_guards(collaboration, after)),
        history=tuple(entry.replace(changes=changes) for entry in entries),
    )


def _guards(before: Collaboration, after: Collaboration) -> Iterator[Transition[Guard]]:
    old, new = Guard.for_collaboration(before), Guard.for_collaboration(after)
    if old == new:
        return
    if new:
        yield Transition(None, new)
    if old:
        yield Transition(old, None)
