"""Guards broken on purpose: without one of them the simulation finds what it guards against, or proves nothing.

A guard is a condition of a transaction, which is left out of what is sent to the table, or a check in the code, which
is replaced. A row is lost when every run that there is was made and no rule was broken.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from collaboration.access import reconcile
from collaboration.commands import idempotency
from collaboration.domain.decisions import access as access_decisions
from collaboration.domain.model.access import access_of_office
from collaboration.queries.ask_context import load_ask_context
from collaboration.storage import commit, unreadable

from proof import equivalents
from proof.checks import CHECKS
from proof.conditions import (
    ABSENT,
    AGREEMENT,
    AS_AUDITED,
    CLAIM,
    COLLABORATION,
    COUNTED,
    EQUIVALENT,
    EXISTS,
    FIRST,
    FREE,
    GRANT,
    INVITATION,
    LOGIN,
    NEWS,
    NO_ACCOUNT,
    NOTES,
    OWNED,
    POSTPONED,
    REVOKED,
    ROW,
    SAME_ACCOUNT,
    TRIED,
    UNCHANGED,
    Condition,
    of,
    part,
    recorded,
    with_condition,
)
from proof.interleavings import Search, begin
from proof.report import Row
from proof.simulation import Client, each_simulated
from proof.touching import touching
from proof.worlds import LARGE, RARE, SITUATIONS, situation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from collaboration.domain.contexts.ask import AskContext

    from proof.report import Effort
    from proof.worlds import Command, Situation

SUBSCRIPTION = "ORGANISATION ACCOUNT SUBSCRIPTION"
TRIES = "AGREEMENT ATTEMPTS"
# What keeps a second digest of a day away as well as the day itself: its mail, and the notices that it clears. The day
# and the mail are each the same as the others, which `EQUIVALENT` says; only without all is there a second one.
ONE_DIGEST = (
    *of("Put", "AGREEMENT OUTBOX", ABSENT),
    *of("Update", "AGREEMENT MARKER", "#noticeDueAt = :due"),
    *of("Delete", "AGREEMENT MARKER", "#noticeDueAt = :due"),
)


@dataclass(frozen=True)
class Guard:
    """A guard that is broken. `rule`: by which rule it is to be found; `where`: the situation.

    `conditions`: which they are; several, where one guards what another does and both are left out; `commands`: the two
    that are tried, where what one of them sends follows from what the other has done.
    """

    what: str
    broken: Callable[[], AbstractContextManager[object]]
    rule: str
    where: str
    conditions: tuple[Condition, ...] = ()
    commands: tuple[str, ...] = ()


@contextmanager
def without(conditions: Collection[Condition]) -> Iterator[None]:
    """Leave out conditions, or their parts, wherever they are sent."""
    transact, update = Client.transact_write_items, Client.update_item

    def careless(self: Client, **request: Any) -> Any:
        found = [kept for action in request["TransactItems"] if (kept := _careless(action))]
        return transact(self, **{**request, "TransactItems": found}) if found else {}

    def careless_update(self: Client, **request: Any) -> Any:
        return update(self, **(_careless({"Update": request}) or {"Update": request})["Update"])

    def _careless(action: dict[str, Any]) -> dict[str, Any] | None:
        [(verb, parts)] = action.items()
        condition = next((each for each in conditions if each.is_in(verb, parts)), None)
        if condition is None:
            return action
        left = condition.rest(parts["ConditionExpression"])
        return None if verb == "ConditionCheck" and not left else {verb: with_condition(parts, left)}

    with (
        patch.object(Client, "transact_write_items", careless),
        patch.object(Client, "update_item", careless_update),
    ):
        yield


def _no_stored_response() -> AbstractContextManager[object]:
    return patch.multiple(idempotency, find=lambda *_: None, load_ask_context=_without_stored)


def _without_stored(*arguments: Any) -> tuple[AskContext, None]:
    return load_ask_context(*arguments)[0], None


def _no(*parts: str) -> Callable[[], AbstractContextManager[object]]:
    """Commits that leave these parts of a change out."""
    real = commit._actions

    def some(change: Any, *others: Any) -> Any:
        return real(replace(change, **dict.fromkeys(parts, ())), *others)

    return lambda: patch.object(commit, "_actions", some)


def _everybody_of_the_task() -> AbstractContextManager[object]:
    """Access of employees who have left."""

    def careless(task_id: Any, task: Any, customer: Any, employees: Any, collaboration_id: Any = None) -> Any:
        active = {name: employee.replace(active=True) for name, employee in employees.items()}
        return access_of_office(task_id, task, customer, active, collaboration_id)

    return patch.object(access_decisions, "access_of_office", careless)


def _forgets_siblings() -> AbstractContextManager[object]:
    return patch.object(reconcile, "diff_grants", lambda *_, **__: None)


def _guard(
    what: str, conditions: tuple[Condition, ...], where: str, rule: str = "", commands: tuple[str, ...] = ()
) -> Guard:
    return Guard(what, lambda: without(conditions), rule, where, conditions, commands)


def _part(conditions: Iterable[Condition], part: str) -> tuple[Condition, ...]:
    """Those of some conditions that have a part, of which that alone is left out: else the others hide it."""
    return tuple(replace(condition, part=part) for condition in conditions if part in condition.text)


GUARDS = (
    _guard("one live per customer and solution", of("Put", "CUSTOMER GUARD", FREE), "nothing", "one_live"),
    _guard(
        "nobody decides in another's place, by whatever clock",
        of("Put", "CUSTOMER GUARD", OWNED),
        "at-expiry",
        "one_live",
        ("accept by 1", "invite scanner, later"),
    ),
    _guard(
        "nobody releases another's place, by whatever clock",
        of("Delete", "CUSTOMER GUARD", OWNED),
        "at-expiry",
        "guards_agree",
        ("revoke", "invite scanner, later"),
    ),
    _guard("a decision on what was read", INVITATION, "pending", "one_outcome"),
    _guard("what is dead on what was read", INVITATION, "erasure"),
    _guard("what has expired on what was read", INVITATION, "expired"),
    _guard("an end on what was read", COLLABORATION, "collaborating", "history_agrees"),
    _guard("an agreement once", of("Put", AGREEMENT, ABSENT), "nothing", "history_agrees"),
    _guard("one account per new company", of("Put", "ORGANISATION GUARD", ABSENT), "new-company", "one_account"),
    _guard("an account in one place", of("Put", "ACCOUNT ACCOUNT", ABSENT), "new-company", "account_is_found"),
    _guard("the account is still there", of("Update", "ORGANISATION ACCOUNT", EXISTS), "nothing"),
    _guard("an account as it was read", of("Put", "ORGANISATION ACCOUNT", UNCHANGED), "login-sent"),
    _guard(
        "nothing live comes to an account that moves",
        of("Delete", "ORGANISATION ACCOUNT", UNCHANGED),
        "nothing",
        "account_is_there",
    ),
    _guard("a subscription as it was read", of("Put", SUBSCRIPTION, UNCHANGED), "shared", "subscriptions_agree"),
    _guard("a subscription once", of("Put", SUBSCRIPTION, ABSENT), "nothing"),
    _guard(
        "the customer keeps its number",
        of("ConditionCheck", "CUSTOMER CUSTOMER", "#organisationNumber = :number"),
        "new-company",
        "number_agrees",
    ),
    _guard("nothing live of a number that changes", of("ConditionCheck", "CUSTOMER GUARD", FREE), "new-company"),
    _guard("a customer as it was read", of("Put", "CUSTOMER CUSTOMER", UNCHANGED), "new-company"),
    _guard("a task as it was read", of("Put", "CUSTOMER TASK", UNCHANGED), "new-company"),
    _guard("an employee as it was read", of("Put", "OFFICE EMPLOYEE", UNCHANGED), "nothing"),
    _guard("an office as it was read", of("Put", "OFFICE OFFICE", UNCHANGED), "nothing"),
    _guard("wrong digits are counted", of("Put", "AGREEMENT ATTEMPTS", ABSENT), "older", "tries_are_counted"),
    _guard(
        "a mail is claimed by one",
        of("Update", "AGREEMENT MAIL", CLAIM),
        "mail-waiting",
        "sent_at_most_once",
    ),
    _guard("a mail is handed out once", of("Put", "AGREEMENT MAIL", ABSENT), "mail-waiting", "sent_at_most_once"),
    _guard("what became of a mail, from SES", of("Update", "AGREEMENT MAIL", "#delivery = :before"), "erasure"),
    _guard("what is shown of a mail", of("Update", "AGREEMENT INVITATION-DELIVERY", NEWS), "erasure"),
    _guard(
        "what is shown of a mail, the more lasting",
        part(
            "Update",
            "AGREEMENT INVITATION-DELIVERY",
            NEWS,
            " AND attribute_not_exists(#map.#entry) OR #map.#entry <= :value",
        ),
        "pending",
        "deliveries_move_on",
        ("mail event, bounce", "mail event, delivery"),
    ),
    _guard("what is fetched is there", of("Update", "AGREEMENT INVITATION-DELIVERY", EXISTS), "erasure"),
    _guard(
        "a second is counted on",
        of("Update", "SEND-RATE SEND-RATE", COUNTED),
        "bounce-cured",
        "turns_are_of_this_second",
    ),
    _guard("a notice as it was read, kept", of("Update", "AGREEMENT MARKER", "#noticeDueAt = :due"), "bounced"),
    _guard(
        "the audit repairs what it has seen",
        of("ConditionCheck", AGREEMENT, AS_AUDITED),
        "older",
        "markers_agree",
    ),
    _guard(
        "audit and backfill of an invitation that they have seen",
        of("ConditionCheck", "AGREEMENT INVITATION", UNCHANGED),
        "older",
        "markers_agree",
    ),
    _guard(
        "same key, same answer, whatever else is live",
        (*of("Put", "IDEMPOTENCY IDEMPOTENCY", FREE), *of("Put", "CUSTOMER GUARD", FREE)),
        "nothing",
        "same key",
    ),
    _guard("a wrong try on the one before", of("Put", TRIES, TRIED), "four-tries", "tries_are_counted"),
    _guard("no decision beside the fifth", of("ConditionCheck", TRIES, TRIED), "four-tries", "decided_while_open"),
    _guard("no decision beside five", of("ConditionCheck", TRIES, ABSENT), "five-tries", "decided_while_open"),
    _guard(
        "what became of a mail, from sending it",
        of("Update", "AGREEMENT MAIL", "#delivery = :queued"),
        "mail-waiting",
        "deliveries_move_on",
        ("mail", "mail event, delivery"),
    ),
    _guard("what was erased stays so", of("Update", "AGREEMENT OUTBOX", EXISTS), "waiting-for-long", "all_readable"),
    _guard(
        "a reminder put off as it was read",
        of("Update", "AGREEMENT INVITATION", UNCHANGED),
        "reminder-waits",
        "work_ends",
    ),
    _guard(
        "what is shown of a mail that is not sent",
        of("Update", "AGREEMENT INVITATION-DELIVERY", FIRST),
        "waiting-for-long",
    ),
    _guard(
        "what is shown of a mail that is not sent, if nothing is of another",
        part("Update", "AGREEMENT INVITATION-DELIVERY", FIRST, " AND attribute_not_exists(#map.#entry)"),
        "reminder-obsolete",
        "what_was_sent_is_shown",
    ),
    # Nothing is set within what is not there: the table refuses to, and whoever asked for it fails.
    _guard(
        "what is shown of a mail that is not sent, where something is kept",
        part("Update", "AGREEMENT INVITATION-DELIVERY", FIRST, "attribute_exists(#pk) AND "),
        "waiting-for-long",
        "ended by",
        ("mail", "clean-up"),
    ),
    _guard(
        "what is shown of a mail, where something is kept",
        part("Update", "AGREEMENT INVITATION-DELIVERY", NEWS, "attribute_exists(#pk) AND "),
        "deliveries-apart",
        "ended by",
    ),
    _guard(
        "what is shown of a login mail, where something is kept",
        part("Update", "AGREEMENT COLLABORATION-DELIVERY", NEWS, "attribute_exists(#pk) AND "),
        "login-deliveries-apart",
        "ended by",
    ),
    _guard(
        "what is shown of a login mail",
        of("Update", "AGREEMENT COLLABORATION-DELIVERY", NEWS),
        "login-sent",
        "deliveries_move_on",
    ),
    _guard(
        "what is shown of a login mail, the more lasting",
        part(
            "Update",
            "AGREEMENT COLLABORATION-DELIVERY",
            NEWS,
            " AND attribute_not_exists(#map.#entry) OR #map.#entry <= :value",
        ),
        "login-sent",
        "deliveries_move_on",
        ("mail event, bounce", "mail event, delivery"),
    ),
    _guard(
        "a second begins once",
        of("Update", "SEND-RATE SEND-RATE", "attribute_not_exists(#second) OR #second < :second"),
        "mail-waiting",
        "turns_are_counted",
    ),
    _guard("a list row as it was read", of("Update", AGREEMENT, f"{UNCHANGED}{ROW}"), "row-behind", "rows_move_on"),
    _guard(
        "one digest a day, the first",
        (*of("Put", "AGREEMENT DIGEST", ABSENT), *ONE_DIGEST),
        "reminder",
        "mails_stay",
    ),
    _guard(
        "one digest a day",
        (*of("Put", "AGREEMENT DIGEST", "#day = :day"), *ONE_DIGEST),
        "digest-again",
        "mails_stay",
    ),
    _guard(
        "the day of a digest as it was read",
        of("Delete", "AGREEMENT DIGEST", "#day = :day"),
        "digest-old",
        "day_of_digest_is_kept",
    ),
    _guard("the first erasure of a day", of("Put", "REPORT", ABSENT), "two-erasures", "erasures_are_counted"),
    _guard("an erasure of a day", of("Put", "REPORT", UNCHANGED), "more-erasures", "erasures_are_counted"),
    _guard(
        "a subscription that goes, as it was read",
        of("Delete", SUBSCRIPTION, UNCHANGED),
        "import-to-come",
        "subscriptions_are_released",
    ),
    _guard(
        "a mail put off as it was read",
        of("Update", "AGREEMENT MAIL", POSTPONED),
        "mails-held",
        "work_ends",
    ),
    _guard(
        "what is shown of mails begins once",
        of("Put", "AGREEMENT INVITATION-DELIVERY", ABSENT),
        "deliveries-apart",
        "deliveries_move_on",
        ("mail event, bounce of r1", "mail event, delivery of r2"),
    ),
    _guard(
        "what is shown of login mails begins once",
        of("Put", "AGREEMENT COLLABORATION-DELIVERY", ABSENT),
        "login-deliveries-apart",
        "deliveries_move_on",
    ),
    _guard(
        "a bounce made good as it was noted",
        of("Delete", "AGREEMENT MARKER", "#noticeAt = :at"),
        "bounce-cured",
        "bounces_are_counted",
    ),
    _guard(
        "a bounce made good as it was told",
        of("Delete", "AGREEMENT MARKER", "attribute_not_exists(#noticeAt)"),
        "told-bounce-cured",
        "bounces_are_counted",
    ),
    _guard(
        "a bounce counted by the audit, if by nobody else",
        of("Put", "AGREEMENT MARKER", ABSENT),
        "bounce-uncounted",
        "notices_are_news",
    ),
    _guard(
        "a bounce counted in its place as it was read",
        of("Put", "AGREEMENT MARKER", "#listSk = :listSk"),
        "bounce-elsewhere",
        "notices_are_news",
    ),
    _guard(
        "a notice as it was read, cleared",
        of("Delete", "AGREEMENT MARKER", "#noticeDueAt = :due"),
        "expired",
        "digest_says_what_was_noted",
        ("resend", "clean-up"),
    ),
    _guard(
        "the backfill marks a collaboration that it has seen",
        of("ConditionCheck", AGREEMENT, UNCHANGED),
        "older",
        "markers_agree",
    ),
    _guard(
        "the backfill lists an employee that it has seen",
        of("Update", "OFFICE EMPLOYEE", UNCHANGED),
        "unlisted",
        "employees_are_listed",
    ),
    _guard("a grant goes that nobody has come to rely on", REVOKED, "access-elsewhere", "losses_are_told"),
    _guard(
        "a grant goes that nobody has come to rely on for the account",
        _part(REVOKED, "attribute_not_exists(#accountBy) AND "),
        "access-elsewhere",
        "losses_are_told",
    ),
    _guard(
        "a grant goes that nobody else has come to rely on",
        REVOKED[-1:],
        "access-third",
        "losses_are_told",
        ("access, third", "PUT the task, inactive, then access"),
    ),
    _guard(
        "a grant goes that nobody has come to rely on for the solution",
        _part(REVOKED, " AND attribute_not_exists(#solutionBy)"),
        "solution-elsewhere",
        "losses_are_told",
        ("access, second", "end, then access"),
    ),
    _guard(
        "a grant that another relies on",
        of("Update", GRANT, "#accountPk = :accountPk"),
        "access-elsewhere",
        "all_readable",
    ),
    _guard(
        "a loss that is left to another to tell",
        of("ConditionCheck", GRANT, "#accountPk = :accountPk"),
        "access-twice",
        "losses_are_told",
    ),
    _guard(
        "an import ends before there is a subscription",
        of("ConditionCheck", SUBSCRIPTION, ABSENT),
        "import-ends-new",
        "subscriptions_agree",
    ),
    _guard(
        "one account where one has gone",
        of("Put", "ORGANISATION GUARD", "#owner = :owner"),
        "account-returns",
        "made_for_who_has_none",
    ),
    _guard(
        "no account is made where one comes back",
        of("ConditionCheck", "ORGANISATION ACCOUNT", ABSENT),
        "account-returns",
        "made_for_who_has_none",
    ),
    _guard(
        "an import comes to an account that is there",
        of("ConditionCheck", "ORGANISATION ACCOUNT", EXISTS),
        "nothing",
        "comes_to_what_is_there",
    ),
    _guard(
        "an account is found where it was",
        of("Put", "ACCOUNT ACCOUNT", "#organisationNumber = :organisationNumber"),
        "nothing",
        "account_is_found",
    ),
    _guard(
        "a reminder on what was read, though it is pending still",
        _part(INVITATION, f"{UNCHANGED} AND "),
        "pending",
        "nothing_is_written_over",
        ("remind", "not me"),
    ),
    _guard(
        "what goes out again looks at what was noted meanwhile",
        _part(INVITATION, NOTES),
        "bounced",
        "bounces_are_counted",
        ("readdress", "mail event, bounce"),
    ),
    _guard(
        "what is resent looks at what was noted meanwhile",
        _part(INVITATION, NOTES),
        "one-try-left",
        "obstacles_are_noted",
        ("resend", "wrong digits by 1"),
    ),
    _guard(
        "what is in the way is noted on what was read",
        of("Update", "AGREEMENT INVITATION", f"{UNCHANGED}{NOTES}"),
        "one-try-left",
        "obstacles_are_noted",
        ("resend", "wrong digits by 1"),
    ),
    _guard(
        "what is in the way is noted on what was read, whatever else is noted",
        part("Update", "AGREEMENT INVITATION", f"{UNCHANGED}{NOTES}", f"{UNCHANGED} AND "),
        "one-try-left",
        "obstacles_are_noted",
        ("resend", "wrong digits by 1"),
    ),
    _guard(
        "what is in the way is noted after what was noted before",
        part("Update", "AGREEMENT INVITATION", f"{UNCHANGED}{NOTES}", NOTES),
        "register-wavers",
        "obstacles_are_noted",
        ("PUT the account, others, then access", "PUT the account, who was asked, then access"),
    ),
    _guard(
        "a bounce is counted on what was read",
        of("Update", "AGREEMENT INVITATION", UNCHANGED),
        "pending",
        "bounces_are_counted",
        ("not me", "mail event, bounce"),
    ),
    _guard(
        "so many mails in a second",
        part("Update", "SEND-RATE SEND-RATE", COUNTED, " AND #taken < :most"),
        "pace-met",
        "turns_are_limited",
        ("mail", "mail"),
    ),
    _guard(
        "a mail is counted to this second",
        part("Update", "SEND-RATE SEND-RATE", COUNTED, "#second = :second AND "),
        "bounce-cured",
        "turns_are_of_this_second",
    ),
    _guard(
        "a mail is claimed that waits",
        part("Update", "AGREEMENT MAIL", CLAIM, "#delivery = :queued AND "),
        "mail-in-vain",
        "claimed_when_due",
        ("mail", "revoke, then mail"),
    ),
    _guard(
        "a mail is claimed when it is the time",
        part("Update", "AGREEMENT MAIL", CLAIM, " AND #nextTry <= :now"),
        "mail-in-vain",
        "claimed_when_due",
        ("mail", "PUT the account, no terms, then mail"),
    ),
    _guard(
        "a mail is put off that waits",
        part("Update", "AGREEMENT MAIL", POSTPONED, "#delivery = :queued AND "),
        "mails-held",
        "work_ends",
        ("mail", "revoke, then mail"),
    ),
    _guard(
        "a mail is put off that nobody has claimed",
        part("Update", "AGREEMENT MAIL", POSTPONED, " AND #attempts = :attempts"),
        "mails-held",
        "claimed_when_due",
        ("mail", "PUT the account, terms again, then mail"),
    ),
    _guard(
        "only its own response is erased with an invitation",
        of("Delete", "IDEMPOTENCY IDEMPOTENCY", "attribute_not_exists(#pk) OR contains(#location, :agreement)"),
        "erasure-key",
        "responses_stay",
    ),
    _guard(
        "an import ends with the account that it was read with",
        _part(COLLABORATION, SAME_ACCOUNT),
        "import-passes",
        "subscriptions_agree",
    ),
    _guard(
        "an import ends without an account that it has got",
        _part(COLLABORATION, NO_ACCOUNT),
        "import-found",
        "ends_where_it_was",
    ),
    _guard(
        "the audit repairs what it has seen of an import",
        part("ConditionCheck", AGREEMENT, AS_AUDITED, " AND #data = :data"),
        "import-found",
        "markers_agree",
        ("PUT the account, then access", "access audit"),
    ),
    _guard(
        "a wrong try on the count before, closed or not",
        part("Put", TRIES, TRIED, "#attempts = :attempts AND "),
        "four-tries",
        "tries_are_counted",
        ("wrong digits by 1", "wrong digits by 1"),
    ),
    _guard(
        "a wrong try opens nothing that was closed",
        part("Put", TRIES, TRIED, " AND attribute_not_exists(#closed)"),
        "tries-closed",
        "tries_are_counted",
        ("wrong digits by 1", "the links are closed"),
    ),
    _guard(
        "no decision beside the fifth, closed or not",
        part("ConditionCheck", TRIES, TRIED, "#attempts = :attempts AND "),
        "four-tries",
        "decided_while_open",
        ("wrong digits by 1", "accept by 1"),
    ),
    _guard(
        "an edit on what was read, whatever else is compared",
        _part(COLLABORATION, f"{UNCHANGED} AND "),
        "collaborating",
        "nothing_is_written_over",
        ("edit the task", "end"),
    ),
    _guard(
        "the count of login instructions as it was read",
        _part(COLLABORATION, LOGIN),
        "login-again",
        "login_mails_are_counted",
        ("resend the login", "edit the task"),
    ),
    _guard(
        "a list row as it was read, by an edit",
        _part(COLLABORATION, ROW),
        "row-behind",
        "rows_move_on",
        ("access", "edit the task"),
    ),
    Guard("same key, same answer", _no_stored_response, "same key", "nothing"),
    Guard("history with the change", _no("history"), "history_with_the_change", "pending"),
    Guard("mails with the change", _no("mails"), "mails_with_the_change", "pending"),
    Guard("the guard goes with what it guards", _no("guards"), "guards_agree", "pending"),
    _guard(
        "a run of access on the latest run",
        (*of("Put", "AGREEMENT ACCESS", ABSENT), *of("Put", "AGREEMENT ACCESS", "#run = :run")),
        "access-runs",
        "grants_equal_desire",
    ),
    Guard("grants follow", _forgets_siblings, "grants_equal_desire", "collaborating"),
    Guard("who has left has no access", _everybody_of_the_task, "grants_equal_desire", "collaborating"),
    *(Guard(each.what, each.broken, each.rule, each.where, commands=each.commands) for each in CHECKS),
)

BROKEN = frozenset(condition for guard in GUARDS for condition in guard.conditions) - EQUIVALENT.keys()

# A pair is searched a little first, and then more: a guard is mostly missed soon, or not by this pair.
ROUNDS = (25, 150, 1000)
# What a search for a guard may take.
MOST_RUNS = 4000


@contextmanager
def reports_expected() -> Iterator[list[str]]:
    """Keep what the product reports of stored items that it cannot read: without a guard there may be some."""
    logger = logging.getLogger(unreadable.__name__)
    reports: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        reports.append(record.getMessage())
        return False

    logger.addFilter(keep)
    try:
        yield reports
    finally:
        logger.removeFilter(keep)


def found(guard: Guard) -> tuple[int, str]:
    """After how many runs a guard was missed, and by what; nothing where it was not."""
    runs = 0
    place = situation(guard.where)
    tried = _promising(guard, place)
    with guard.broken(), reports_expected():
        for most in ROUNDS:
            unfinished = []
            for pair in tried:
                explored = Search(place, pair, most_runs=most).run(until_broken=guard.rule)
                runs += explored.runs
                for broken_rule in explored.broken:
                    for what in broken_rule.what:
                        if what.startswith(guard.rule):
                            return runs, f"{' | '.join(broken_rule.commands)}: {what}"
                if explored.bounded or explored.broken:
                    unfinished.append(pair)
                if runs >= MOST_RUNS:
                    return runs, ""
            tried = unfinished
    return runs, ""


def _promising(guard: Guard, place: Situation) -> Sequence[tuple[Command, ...]]:
    """The pairs of which one command sends the condition and both touch what it is about; all where it is none."""
    if guard.commands:
        return [tuple(next(each for each in place.commands if each.name == name) for name in guard.commands)]
    if not guard.conditions:
        return [*combinations_with_replacement(place.commands, 2)]
    return touching(place, guard.conditions)


@each_simulated
def prove(effort: Effort) -> Iterator[Row]:
    """A row for each guard: lost when the simulation does not miss it."""
    with recorded() as seen:
        unbroken_row = unbroken()
    yield listed({condition for _, condition in seen if condition})
    yield unbroken_row
    for guard in GUARDS:
        yield row(guard)
    yield from equivalents.rows()


def sent_conditions() -> set[Condition]:
    """The conditions that the commands of all situations send, each alone."""
    with recorded() as seen:
        for name in (*SITUATIONS, *LARGE, *RARE):
            place = situation(name)
            for command in place.commands:
                simulation, _ = begin(place.world, [command])
                for _ in simulation.run():
                    pass
    return {condition for _, condition in seen if condition}


def unlisted(sent: Iterable[Condition]) -> list[Condition]:
    """Those that are neither broken nor shown to be the same as another."""
    return [each for each in sent if each not in BROKEN and each not in EQUIVALENT]


def unsent(sent: Iterable[Condition]) -> list[Condition]:
    """Those that are listed and that nobody sends any more: what is left out of them below was left out before."""
    whole = {replace(condition, part="") for condition in (*BROKEN, *EQUIVALENT)}
    return sorted(whole - {*sent}, key=str)


def listed(more: Iterable[Condition] = ()) -> Row:
    """The row of all conditions: which are broken below, and which are not. `more`: those that pairs have sent."""
    sent = sent_conditions() | {*more}
    lost = [f"not listed: {each}" for each in unlisted(sent)] + [f"sent by nobody: {each}" for each in unsent(sent)]
    detail = f"{len(sent & BROKEN)} broken below, {len(sent - BROKEN)} shown to be the same as another"
    return Row(
        "guards",
        "conditions of writes, all listed and all sent",
        len(sent),
        len(lost),
        "; ".join(lost[:3]) if lost else detail,
    )


# What a pair may take of a situation that is there for one guard.
RARE_RUNS = 150


def unbroken() -> Row:
    """The row of the situations that are there for one guard: with all guards every pair there keeps the rules."""
    steps = 0
    broken: list[str] = []
    for name in RARE:
        place = situation(name)
        for pair in combinations_with_replacement(place.commands, 2):
            explored = Search(place, pair, most_runs=RARE_RUNS).run()
            steps += explored.steps
            broken += map(str, explored.broken)
    detail = broken[0] if broken else f"{len(RARE)} situations, up to {RARE_RUNS} runs of a pair"
    return Row("guards", "with all guards, where one is brought out", steps, len(broken), detail)


def row(guard: Guard) -> Row:
    """The row of a guard."""
    runs, what = found(guard)
    detail = f"found after {runs} runs, {what}" if what else "not found"
    return Row("guards", f"without: {guard.what}", runs, int(not what), detail)
