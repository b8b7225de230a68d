"""Link a collaboration to a customer's task, move its link, or undo it."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.contexts.link import LinkContext
from collaboration.domain.model.accounts import Account, choose_account
from collaboration.domain.model.catalogue import SetUp, Solution
from collaboration.domain.model.change import Change, CustomerUnchanged, SubscriptionTransition, Transition
from collaboration.domain.model.collaboration import (
    Collaboration,
    CollaborationState,
    ListRow,
    Origin,
    account_of,
    copied_terms,
    missing_unlinked,
)
from collaboration.domain.model.directory import task_is_active
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.model.guard import Guard, conflict_fault
from collaboration.domain.model.history import Actor, EntryKind, differences, history_entries
from collaboration.domain.model.import_account import account_name
from collaboration.domain.model.setup import solution_asked
from collaboration.domain.model.subscription_transitions import joined, released
from collaboration.domain.model.subscriptions import (
    Subscription,
)
from collaboration.domain.model.values import AccountId, CustomerId, Side, TaskId
from collaboration.frozen import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """What an employee links a collaboration to."""

    customer_id: CustomerId
    task_id: TaskId
    solution: str
    account_id: AccountId | None


def link(context: LinkContext, command: Link, now: datetime) -> Change | None:
    """Link, or move the link: the task's people get access. None when it is so already.

    A collaboration that was approved or activated keeps its account: `approved-keeps-its-account`.

    Raises:
        RefusedError: another solution, company or account, no account, no such task, or the customer has another live
            invitation or collaboration in the solution.
    """
    before = context.collaboration
    solution = solution_asked(command.solution)
    account = choose_account(context.accounts, command.account_id or _present_account(before))
    if fault := first_of(_faults(context, command, account, now)):
        raise RefusedError(fault)
    if account is None:
        raise AssertionError("linking without an account has been refused before")
    present = (before.customer_id, before.task_id, before.solution, before.account_id)
    if present == (command.customer_id, command.task_id, solution.key, account.id):
        return None
    existing = account.any_subscription(solution.key)
    after = _linked(context, command, solution, account, existing)
    changes = tuple(differences(_link_fields(before), _link_fields(after)))
    return Change(
        at=now,
        collaboration=Transition(before, after),
        subscriptions=(
            *_release(before, (account.id, solution.key), context.accounts),
            *joined(account, after),
        ),
        guards=tuple(_guards(before, after)),
        customer_unchanged=CustomerUnchanged(before.office_id, command.customer_id, before.organisation_number),
        history=tuple(
            entry.replace(changes=changes)
            for entry in history_entries(after.subject, context.actor, now, EntryKind.COLLABORATION_LINKED)
        ),
    )


def _present_account(collaboration: Collaboration) -> AccountId | None:
    """The account that stays where none is named: not that of an unlinked import, which nobody has chosen."""
    chosen = collaboration.linked or collaboration.origin is not Origin.IMPORT
    return collaboration.account_id if chosen else None


def _link_fields(collaboration: Collaboration) -> dict[str, object]:
    return {
        "customerId": collaboration.customer_id,
        "taskId": collaboration.task_id,
        "solution": collaboration.solution,
        "accountId": collaboration.account_id,
    }


def _faults(context: LinkContext, command: Link, account: Account | None, now: datetime) -> Iterator[Fault]:
    before = context.collaboration
    if before.state is CollaborationState.ENDED:
        yield Fault(Slug.COLLABORATION_ENDED)
    if fields := tuple(_field_faults(context, command, account)):
        yield Fault(Slug.VALIDATION_FAILED, fields=fields)
    # What was confirmed for one account's solution is confirmed for no other: `arranged-end-stays-where-confirmed`.
    rests_on = (account.id if account else None, command.solution)
    if before.next_end is not None and rests_on != (before.account_id, before.solution):
        own = before.arranged_end(Side.OFFICE)
        # The other side's end is the other side's to cancel: `each-side-its-own-end`.
        may_cancel = own is not None and own.problem is None and context.caller.may_decide
        yield Fault(Slug.IN_USE, hint="arranged-end", actions=("cancel-end",) if may_cancel else ())
    if context.guard and context.guard.excludes(before.id, now):
        yield conflict_fault(context.guard)
    if not context.accounts:
        yield Fault(Slug.CUSTOMER_NOT_REGISTERED, hint="link")
    elif account is None and command.account_id is None:
        choices = tuple((account.id, account.name) for account in context.accounts)
        yield Fault(Slug.ACCOUNT_AMBIGUOUS, accounts=choices)
    task = context.tasks.get(command.task_id)
    if not task_is_active(task, context.customer):
        code = Code.UNKNOWN if task is None else Code.NOT_AVAILABLE
        yield Fault(Slug.TASK_NOT_SELECTABLE, fields=(FieldFault("#/taskId", code),))


def _field_faults(context: LinkContext, command: Link, account: Account | None) -> Iterator[FieldFault]:
    before = context.collaboration
    imported = before.origin is Origin.IMPORT
    fixed = before.imported_solution if imported else before.solution
    if fixed not in (None, command.solution):
        yield FieldFault("#/solution", Code.NOT_AVAILABLE, hint="link.solution")
    if context.customer.organisation_number != before.organisation_number:
        yield FieldFault("#/customerId", Code.NOT_AVAILABLE, hint="link.customer")
    elif command.account_id is not None and not imported and command.account_id != before.account_id:
        yield FieldFault("#/accountId", Code.NOT_AVAILABLE)
    elif command.account_id is not None and account is None:
        yield FieldFault("#/accountId", Code.UNKNOWN)


def _linked(
    context: LinkContext, command: Link, solution: Solution, account: Account, existing: Subscription | None
) -> Collaboration:
    before, task = context.collaboration, context.tasks[command.task_id]
    stays = (before.account_id, before.solution) == (account.id, solution.key)
    copied = {
        # What it copied of another account's subscription, or of one to another solution, says nothing here.
        "setup": before.setup if stays else SetUp(),
        "next_setup": None,
        "renews_on": None,
        "customer_owned": False,
        # Nor does an end that has failed there.
        "arranged_ends": before.arranged_ends if stays else (),
        **(copied_terms(existing) if existing else {}),
    }
    return before.replace(
        **copied,
        customer_id=command.customer_id,
        account_id=account.id,
        solution=solution.key,
        task_id=command.task_id,
        had_subscription=before.had_subscription or before.origin is Origin.IMPORT,
        revision=before.revision + 1,
        list_row=ListRow(
            customer_name=context.customer.name,
            account_name=account.name,
            account_manager=context.customer.account_manager,
            version=before.list_row.version,
        )
        .with_payers(existing, before.office_id)
        .with_task(task, context.employees),
    )


def _release(
    before: Collaboration, rests_on: tuple[AccountId, str] | None, accounts: tuple[Account, ...]
) -> Iterator[SubscriptionTransition]:
    """The subscription that it rested on before, and does no longer."""
    if before.account_id is None or before.solution is None or (before.account_id, before.solution) == rests_on:
        return
    if account := choose_account(accounts, before.account_id):
        yield from released(account, before)


def unlink(collaboration: Collaboration, accounts: tuple[Account, ...], by: Actor, now: datetime) -> Change | None:
    """Undo the link: nobody at the office has access any more. None when it is not linked.

    An imported one is what it was before it was linked, unless an end is arranged: that still happens, and until then
    the company sees what it is about. Any other keeps its customer, its account and its terms.

    Raises:
        RefusedError: it has ended.
    """
    if collaboration.state is CollaborationState.ENDED:
        raise RefusedError(Fault(Slug.COLLABORATION_ENDED))
    if not collaboration.linked:
        return None
    undone: dict[str, object] = {"task_id": None, "revision": collaboration.revision + 1}
    if collaboration.origin is Origin.IMPORT:
        undone |= {"customer_id": None, "list_row": ListRow(version=collaboration.list_row.version)}
        if collaboration.next_end is None:
            undone |= _as_imported(collaboration, accounts)
    unlinked = collaboration.replace(**undone)
    after = unlinked.replace(list_row=_row_without_task(unlinked, accounts))
    changes = tuple(differences(_link_fields(collaboration), _link_fields(after)))
    # About it as it was: the customer and the account have to hear of it too.
    entries = history_entries(collaboration.subject, by, now, EntryKind.COLLABORATION_UNLINKED)
    rests_on = (after.account_id, after.solution) if after.account_id and after.solution else None
    return Change(
        at=now,
        collaboration=Transition(collaboration, after),
        subscriptions=tuple(_release(collaboration, rests_on, accounts)),
        guards=tuple(_guards(collaboration, after)),
        history=tuple(entry.replace(changes=changes) for entry in entries),
    )


def _row_without_task(unlinked: Collaboration, accounts: tuple[Account, ...]) -> ListRow:
    """The row as it is read at once: an import's names anew, and what is missing. Its customer was there until now."""
    row = unlinked.list_row.with_task(None, {}).replace(missing=missing_unlinked())
    if unlinked.origin is Origin.IMPORT:
        missing = missing_unlinked(has_account=account_of(unlinked, accounts) is not None)
        row = row.replace(account_name=account_name(unlinked, accounts), missing=missing)
    return row


def _as_imported(collaboration: Collaboration, accounts: tuple[Account, ...]) -> dict[str, object]:
    """What an unlinked import has by itself: its account is the only one with its organisation number."""
    account = choose_account(accounts, None)
    rests_still = account is not None and account.id == collaboration.account_id
    if rests_still and collaboration.imported_solution == collaboration.solution:
        return {}
    return {
        "account_id": account.id if account else None,
        "solution": collaboration.imported_solution,
        "setup": SetUp(),
        "next_setup": None,
        "renews_on": None,
        "customer_owned": False,
        # Nor what has failed there: an end that has not keeps it where it is.
        "arranged_ends": (),
    }


def _guards(before: Collaboration, after: Collaboration) -> Iterator[Transition[Guard]]:
    old, new = Guard.for_collaboration(before), Guard.for_collaboration(after)
    if old == new:
        return
    if new:
        yield Transition(None, new)
    if old:
        yield Transition(old, None)
