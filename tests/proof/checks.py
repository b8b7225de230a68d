"""Checks of the product's decisions that are broken by hand, one by one: what the rules of `decisions` are for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import PropertyMock, patch

from collaboration.access import index_audit, invitation_audit
from collaboration.commands import account_sync, due_work
from collaboration.domain.contexts import invitation as invitation_context
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.decisions import (
    deciding,
    digest,
    editing,
    ending,
    erasing,
    invitation_lifecycle,
    linking,
    login_instructions,
    preview,
)
from collaboration.domain.model.change import Change, Transition
from collaboration.domain.model.values import Route
from collaboration.mailing import outbox
from collaboration.storage import erasure

if TYPE_CHECKING:
    from collections.abc import Callable

    from collaboration.domain.model.invitation import Invitation

Broken = AbstractContextManager[object]


@dataclass(frozen=True)
class Check:
    """A check of a decision. `commands`: those that are tried beside each other, or one alone, without it.

    `broken` takes it out; `rule`: by which rule that is to be found; `where`: the situation.
    """

    what: str
    broken: Callable[[], Broken]
    rule: str
    where: str
    commands: tuple[str, ...]


def _passes(module: Any, name: str, answer: Any = None) -> Callable[[], Broken]:
    """A check that finds nothing."""
    return lambda: patch.object(module, name, lambda *_, **__: answer)


def _is(module: Any, name: str, value: Any) -> Callable[[], Broken]:
    """A limit that is another."""
    return lambda: patch.object(module, name, value)


def _keeps_people() -> Broken:
    def careless(invitation: Invitation, *others: Any) -> Change | None:
        change = erasing.erase(invitation, *others)
        if change is None or change.invitation is None or change.invitation.after is None:
            return change
        after = change.invitation.after.replace(recipients=invitation.recipients, message=invitation.message)
        return replace(change, invitation=Transition(invitation, after))

    return patch.object(due_work, "erase", careless)


def _anybody() -> Broken:
    return patch.object(RecipientContext, "holder_fault", PropertyMock(return_value=None))


CHECKS = (
    Check(
        "one reminder in 24 hours",
        _passes(invitation_lifecycle, "_check_pause"),
        "reminders_are_limited",
        "pending",
        ("remind", "remind"),
    ),
    Check(
        "three reminders in all",
        _is(invitation_lifecycle, "MOST_REMINDERS", 99),
        "reminders_are_limited",
        "reminders-used",
        ("remind", "resend"),
    ),
    Check(
        "login instructions again once in 24 hours",
        _is(login_instructions, "REMINDER_PAUSE", timedelta()),
        "login_mails_are_limited",
        "login-again",
        ("resend the login", "resend the login"),
    ),
    Check(
        "login instructions again three times in all",
        _passes(login_instructions, "login_resend_fault"),
        "login_mails_are_limited",
        "login-used",
        ("resend the login", "edit the task"),
    ),
    Check(
        "the mail of what is revoked is not sent",
        _passes(outbox, "_leads_anywhere", answer=True),
        "sent_while_good",
        "mail-waiting",
        ("revoke", "accept, signed in"),
    ),
    Check(
        "who is no administrator any more does not decide",
        _anybody,
        "decided_by_an_administrator",
        "holder-gone",
        ("accept by 1", "revoke"),
    ),
    Check(
        "who works at the office does not decide",
        _passes(invitation_context, "is_read_at_office", answer=False),
        "decided_by_an_administrator",
        "holder-gone",
        ("accept, signed in", "revoke"),
    ),
    Check(
        "a new invitation is asked for once a day",
        _is(invitation_lifecycle, "ASK_AGAIN_PAUSE", timedelta()),
        "asked_again_once_a_day",
        "expired",
        ("ask again", "ask again"),
    ),
    Check(
        "no end without a main contact",
        _passes(ending, "_main_contact_faults", answer=()),
        "left_in_hands",
        "end-fails",
        ("clean-up", "cancel, company"),
    ),
    Check("who is erased is not kept", _keeps_people, "erased_hold_nobody", "erasure", ("clean-up", "invite scanner")),
    Check(
        "mails are erased with what they are of",
        _passes(erasure, "_removals", answer=()),
        "erased_with_all_around",
        "erasure",
        ("clean-up", "invite scanner"),
    ),
    Check(
        "the door of a customer is not that of a new one",
        _passes(preview, "route_of", answer=Route.ACTIVATE),
        "approved_before_it_starts",
        "wrong-doors",
        ("activate scanner", "PUT the account, no terms"),
    ),
    Check(
        "nobody invites for a task that is not active",
        _passes(preview, "_selectable", answer=True),
        "agreed_for_active_tasks",
        "task-idle",
        ("invite", "PUT the office"),
    ),
    Check(
        "nobody activates for a customer that is not active",
        _passes(preview, "_has_active_task", answer=True),
        "agreed_for_active_tasks",
        "customer-idle",
        ("activate", "PUT the office"),
    ),
    Check(
        "nobody links to a task that is not active",
        _passes(linking, "task_is_active", answer=True),
        "agreed_for_active_tasks",
        "task-idle",
        ("link", "PUT the office"),
    ),
    Check(
        "nobody works on a task that is not active",
        _passes(editing, "_faults", answer=()),
        "agreed_for_active_tasks",
        "customer-idle",
        ("edit the task", "PUT the office"),
    ),
    Check(
        "nobody closes what is not theirs",
        _passes(ending, "_faults", answer=()),
        "ends_as_allowed",
        "agreed-otherwise",
        ("end, closing", "edit the task"),
    ),
    Check(
        "nobody arranges to close what is not theirs",
        _passes(ending, "_faults", answer=()),
        "ends_as_allowed",
        "agreed-otherwise",
        ("arrange an end, closing", "edit the task"),
    ),
    Check(
        "nobody closes what others work in",
        _passes(ending, "_faults", answer=()),
        "ends_as_allowed",
        "agreed-otherwise",
        ("end by the company, closing", "edit the task"),
    ),
    Check(
        "a set-up is one that is sold",
        _passes(editing, "_field_faults", answer=()),
        "edited_as_sold",
        "agreed-otherwise",
        ("edit the period", "edit the task"),
    ),
    Check(
        "the register records what is sold",
        _passes(account_sync, "check_record"),
        "recorded_as_sold",
        "agreed-otherwise",
        ("PUT the account, unknown variant", "edit the task"),
    ),
    Check(
        "the kind is agreed anew",
        _passes(editing, "_check_variant"),
        "edited_as_sold",
        "agreed-otherwise",
        ("edit the kind", "edit the task"),
    ),
    Check(
        "a digest names nothing that was asked for anew",
        _passes(digest, "_replaced", answer=False),
        "digest_says_what_was_noted",
        "digest-clears",
        ("clean-up", "mail event, bounce, then clean-up"),
    ),
    Check(
        "digits prove the person",
        _passes(deciding, "check_digits"),
        "digits_prove_the_person",
        "pending",
        ("wrong digits by 1", "revoke"),
    ),
    Check(
        "nobody accepts terms that nobody chose",
        _passes(deciding, "_check_acceptable"),
        "starts_as_agreed",
        "terms-go",
        ("accept by 1", "PUT the account"),
    ),
    Check(
        "nobody accepts what is not shared any more",
        _passes(deciding, "_check_acceptable"),
        "starts_as_agreed",
        "terms-turn",
        ("accept, signed in", "PUT the account"),
    ),
    Check(
        "nobody accepts for another company",
        _passes(deciding, "_check_acceptable"),
        "answered 503",
        "number-changes",
        ("accept by 1", "PUT the customer, other number"),
    ),
    Check(
        "who ends rests nowhere any more",
        _passes(ending, "_released_elsewhere", answer=()),
        "ended_rests_on_nothing",
        "import-shared",
        ("PUT another account", "end"),
    ),
    Check(
        "the audit finds the guard of an invitation",
        _passes(invitation_audit, "guard_drift"),
        "after the audit: guards_agree",
        "guards-astray",
        ("access audit", "PUT the office"),
    ),
    Check(
        "the audit finds the guard of a collaboration",
        _passes(index_audit, "guard_drift"),
        "after the audit: guards_agree",
        "guards-astray",
        ("access audit", "PUT the office"),
    ),
)
