"""Each rule of the simulation that looks at what goes with a change is missed when the product leaves it out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from collaboration.composition import EventBridgePublisher
from collaboration.domain.model.history import EntryKind
from collaboration.mailing import delivery
from collaboration.storage import actions, commit, keys, markers

from proof import crashes, equivalents, guards, pairs
from proof.conditions import ABSENT, EQUIVALENT, FREE, INVITATION, UNCHANGED, Condition
from proof.interleavings import Search, begin
from proof.invariants import (
    Stored,
    broken_by,
    broken_of,
    broken_when_quiet,
    sent_at_least_once,
    sent_at_most_once,
)
from proof.mailed import MAILED
from proof.parts import again
from proof.report import Effort
from proof.simulation import Fault, simulated
from proof.worlds import LARGE, RARE, SITUATIONS, Command, Situation, situation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.domain.model.change import Change
    from collaboration.domain.model.mail import Mail


@pytest.fixture(autouse=True)
def in_simulation() -> Iterator[None]:
    """No threads."""
    with simulated():
        yield


def named(where: str, name: str) -> tuple[Situation, Command]:
    """A command of a situation."""
    found = situation(where)
    return found, next(command for command in found.commands if command.name == name)


def broken(where: str, name: str, patched: AbstractContextManager[object] | None = None) -> str:
    """What a command breaks alone, with the product as it is or patched.

    The situation is made by the product as it is: it is kept for the tests that come after, in whatever order they run.
    """
    found, command = named(where, name)
    with patched or nullcontext():
        return " ".join(map(str, Search(found, (command,), most_runs=50).run().broken))


def test_the_table_of_mails_has_every_kind_of_line() -> None:
    """A new kind of line says who hears of it."""
    assert MAILED.keys() == set(EntryKind)


MAILS = [
    ("nothing", "invite scanner", "invitation"),
    ("nothing", "activate tax-annual-accounts", "information"),
    ("new-company", "activate scanner", "login-instructions"),
    ("pending", "remind", "reminder"),
    ("pending", "resend", "invitation"),
    ("bounced", "readdress", "invitation"),
    ("pending", "accept by 1", "accepted"),
    ("pending", "accept by 1", "information"),
    ("pending", "decline by 1", "declined"),
    ("pending", "not me", "wrong-recipient"),
    ("expired", "ask again", "new-invitation-asked-for"),
    ("expired", "clean-up", "digest"),
    ("reminder", "clean-up", "reminder"),
    ("collaborating", "end", "ended"),
    ("collaborating", "end by the company", "ended"),
    ("end-due", "clean-up", "ended"),
    ("end-fails", "clean-up", "end-failed"),
    ("login-sent", "resend the login", "login-instructions"),
]


@pytest.mark.parametrize(("where", "name", "kind"), MAILS)
def test_a_mail_that_is_left_out_is_missed(where: str, name: str, kind: str) -> None:
    """Whichever change it belongs to."""
    real = commit._actions

    def without(change: Change, *others: Any) -> Any:
        mails = tuple(mail for mail in change.mails if mail.mail_kind != kind)
        return real(replace(change, mails=mails), *others)

    assert broken(where, name) == ""
    what = broken(where, name, patch.object(commit, "_actions", without))
    assert ("digest_says_what_was_noted" if kind == "digest" else f"0 mails of kind {kind}") in what


@pytest.mark.parametrize(("where", "name", "kind"), [each for each in MAILS if each[2] != "digest"])
def test_a_mail_that_goes_to_somebody_else_is_missed(where: str, name: str, kind: str) -> None:
    """One recipient less than there are, or another than there is."""
    real = commit._actions

    def otherwise(change: Change, *others: Any) -> Any:
        mails = tuple(
            mail.replace(recipients=(mail.recipients[0].replace(key="x1", email="x@else.example"),))
            if mail.mail_kind == kind
            else mail
            for mail in change.mails
        )
        return real(replace(change, mails=mails), *others)

    assert f"the mail {kind} of" in broken(where, name, patch.object(commit, "_actions", otherwise))


def test_a_mail_for_which_nothing_happened_is_seen() -> None:
    """A revocation mails nobody."""
    found, command = named("pending", "revoke")
    real = commit._actions
    mails: list[Mail] = []

    def keep(change: Change, *others: Any) -> Any:
        mails.extend(change.mails)
        return real(change, *others)

    broken("pending", "decline by 1", patch.object(commit, "_actions", keep))
    with patch.object(commit, "_actions", lambda change, *others: real(replace(change, mails=(mails[0],)), *others)):
        what = Search(found, (command,), most_runs=50).run().broken
    assert "for which nothing happened" in str(what[0])


@pytest.mark.parametrize(("where", "name"), [("nothing", "invite scanner"), ("expired", "clean-up")])
def test_a_notice_that_is_left_out_is_missed(where: str, name: str) -> None:
    """That an invitation will expire, and that it has."""
    left_out = patch.object(commit, "invitation_notices", return_value={})
    assert "no digest will say so" in broken(where, name, left_out)


def test_login_instructions_that_came_back_unheard_are_missed() -> None:
    """Whoever activated hears of it."""
    assert broken("login-sent", "mail event, bounce") == ""
    unheard = patch.object(delivery, "login_notes", return_value=())
    assert "nobody hears of it" in broken("login-sent", "mail event, bounce", unheard)


def test_what_the_publisher_leaves_out_is_missed() -> None:
    """All of it, alone; and what the bus did not take, when that is hit."""
    left_out = patch.object(EventBridgePublisher, "publish_records", return_value=[])
    assert "everything_is_published" in broken("mail-waiting", "publish", left_out)
    real = EventBridgePublisher.publish_records

    def careless(self: EventBridgePublisher, records: Any) -> list[str]:
        real(self, records)
        return []

    found, command = named("mail-waiting", "publish")
    with patch.object(EventBridgePublisher, "publish_records", careless):
        assert "everything_is_published" in crashes.row(found, [command]).detail


def test_a_second_copy_more_is_seen() -> None:
    """One lost answer allows one copy more of that mail."""
    found, command = named("mail-waiting", "mail")
    world = found.world
    shared = world.restore()
    crash = crashes.Crashes(found)
    calls, _ = crash.run(command, None, Fault.NONE)
    [place, *_] = [place for place, others in enumerate(calls) if Fault.REJECTED in others]
    crash.run(command, place, Fault.LOST)
    assert crash.broken == []
    sent = [*shared.ses.sent]
    first = next(mail for mail in sent if mail.tags == sent[0].tags)
    key = first.tags["agreement"], first.tags["mail"], first.tags["recipient"]
    assert [*sent_at_most_once([first, first], {key: 1})] == []
    assert len([*sent_at_most_once([first, first, first], {key: 1})]) == 1


def test_a_mail_that_was_given_up_without_a_refusal_is_missed() -> None:
    """SES would have taken it."""
    found, command = named("mail-waiting", "mail")
    crash = crashes.Crashes(found)
    crash.run(command, None, Fault.NONE)
    client = found.world.app.client
    stored = Stored.of(client.items, found.world.now)
    key = next(iter(stored.mails))
    stored.mails[key] = "failed"
    assert f"{key} was given up" in " ".join(sent_at_least_once(stored, found.world.app.ses.sent))
    assert [*sent_at_least_once(stored, found.world.app.ses.sent, {key})] == []


@pytest.mark.parametrize(
    ("pk", "sk", "more"),
    [
        ("AGREEMENT#x", "NOVELTY", {}),
        ("NOVELTY#x", "NOVELTY", {}),
        ("AGREEMENT#x", "MARKER#novelty", {"listSk": {"S": "0000000000001#x"}}),
        ("AGREEMENT#x", "ACCESS", {"run": {"N": "0"}, "at": {"N": "1"}}),
        ("EMPLOYEE#o#e", "TASK#c#t", {"novelty": {"S": "x"}}),
        ("IDEMPOTENCY#o#x", "IDEMPOTENCY", {"status": {"N": "500"}}),
    ],
)
def test_what_nobody_reads_is_seen(pk: str, sk: str, more: dict[str, Any]) -> None:
    """A kind of item without a reader, and an item that its reader refuses."""
    found = situation("nothing").world
    place = pk, sk
    item = {"pk": {"S": pk}, "sk": {"S": sk}, **more}
    assert broken_of(Stored.of(found.items, found.now)) == []
    what = broken_of(Stored.of({**found.items, place: item}, found.now))
    assert what == [f"all_readable: {sk} of {pk.partition('#')[0]} cannot be read"]


Items = dict[tuple[str, str], dict[str, Any]]


def broken_state(where: str, items: Items) -> list[str]:
    """The rules of every moment that these items break, at the moment of a situation."""
    return broken_of(Stored.of(items, situation(where).world.now))


def one_of(items: Items, prefix: str) -> tuple[tuple[str, str], dict[str, Any]]:
    """The first item whose sort key begins so."""
    return next((place, item) for place, item in sorted(items.items()) if place[1].startswith(prefix))


def test_access_before_an_approval_is_seen() -> None:
    """A grant through an invitation that nobody has accepted, beside an account that is there."""
    items: Items = {**situation("pending").world.items}
    [(agreement, _), _] = one_of(items, "INVITATION")
    (_, sk), grant = one_of({**situation("collaborating").world.items}, "GRANT#customer#")
    assert broken_state("pending", items) == []
    items[agreement, sk] = {**grant, "pk": {"S": agreement}}
    name = agreement.partition("#")[2]
    assert broken_state("pending", items) == [
        f"no_access_before_approval: 1 grants through {name}, which is no collaboration"
    ]


def test_an_unlinked_collaboration_that_is_not_found_is_seen() -> None:
    """Its entry is gone; or there is one of a collaboration that is linked."""
    items: Items = {**situation("unlinked").world.items}
    place, entry = one_of(items, "UNLINKED#")
    name = place[1].rpartition("#")[2].removeprefix("col-")
    assert broken_state("unlinked", items) == []
    del items[place]
    assert broken_state("unlinked", items) == [f"unlinked_are_found: unlinked {name} is not found"]
    linked: Items = {**situation("collaborating").world.items}
    [(agreement, _), _] = one_of(linked, "COLLABORATION")
    other = agreement.partition("#")[2]
    linked[place[0], place[1].replace(name, other)] = entry
    assert broken_state("collaborating", linked) == [f"unlinked_are_found: {other} is found as unlinked"]


@pytest.mark.parametrize("after", ["removed", "changed"])
def test_an_entry_of_a_timeline_that_goes_is_seen(after: str) -> None:
    """Removed, or with other words in it; that a name in it is erased is none of these."""
    world = situation("pending").world
    (pk, sk), entry = one_of({**world.items}, "HISTORY#")
    stored = Stored.of(world.items, world.now)

    def broken_with(image: dict[str, Any] | None) -> list[str]:
        images = {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "OldImage": entry}
        return broken_by([{"dynamodb": images | ({"NewImage": image} if image else {})}], stored)

    assert broken_with({**entry, "affectedPerson": {"S": "x"}}) == []
    gone = {"removed": None, "changed": {**entry, "data": {"S": entry["data"]["S"].replace("sent", "resent")}}}
    assert broken_with(gone[after]) == [f"history_only_grows: {sk} was {after}"]


def test_an_import_on_an_account_that_is_gone_is_seen_when_all_is_quiet() -> None:
    """Not before: an import that nobody has linked follows its number, and what follows takes a moment."""
    world = situation("unlinked").world
    items: Items = {**world.items}
    sent = world.app.ses.sent

    def quiet(found: Items) -> list[str]:
        return [what for what in broken_when_quiet(found, world.now, sent) if what.startswith("every_account")]

    assert quiet(items) == []
    [each] = Stored.of(items, world.now).active
    del items[f"ORGANISATION#{each.organisation_number}", f"ACCOUNT#{each.account_id}"]
    assert quiet(items) == [f"every_account_is_there: {each.id} rests on {each.account_id}, which is not there"]
    assert not any(what.startswith("account_is_there") for what in broken_state("unlinked", items))


def test_every_condition_that_is_sent_is_listed_and_every_listed_one_is_sent() -> None:
    """A new one is broken in the proof, or says why not."""
    sent = guards.sent_conditions()
    assert guards.unlisted(sent) == []
    assert guards.unlisted([Condition("Put", "NOVELTY", "attribute_exists(#novelty)")]) != []
    assert guards.unsent(sent) == []


def test_a_condition_that_the_product_has_lost_is_missed() -> None:
    """However seldom it is needed."""
    # They are made once for all tests: not by a product that has lost something.
    for name in (*SITUATIONS, *LARGE, *RARE):
        situation(name)
    with patch.object(commit, "_attempts", lambda given: actions.delete(keys.attempts(given.agreement))):
        row = guards.listed()
    assert row.lost == 4
    assert row.detail.startswith("sent by nobody: ConditionCheck of AGREEMENT ATTEMPTS if ")


def test_a_condition_that_refuses_alone_is_not_the_same_as_another() -> None:
    """One that is, and one that nothing else stands in for; and one that nobody sends proves nothing."""
    same, free = Condition("Put", "IDEMPOTENCY IDEMPOTENCY", FREE), Condition("Put", "CUSTOMER GUARD", FREE)
    held, alone = equivalents.rows_of("nothing", {same: EQUIVALENT[same][1], free: "a mistake"})
    assert held.holds
    assert not alone.holds
    assert "refused alone" in alone.detail
    [never] = equivalents.rows_of("row-behind", {Condition("Put", "NOVELTY", FREE): ""})
    assert never.detail == "never sent"


def test_a_check_beside_a_write_is_looked_at_too() -> None:
    """It has nothing but its condition."""
    check = Condition("ConditionCheck", "AGREEMENT DIGEST", ABSENT)
    where, why = EQUIVALENT[check]
    [row] = equivalents.rows_of(where, {check: why})
    assert row.holds, row.detail


def test_a_part_of_a_condition_that_refuses_alone_is_seen() -> None:
    """The revision is the same as nothing; the expiry is, beside it."""
    expiring = next(each for each in INVITATION if "> :now" in each.text)
    revision, expiry = (replace(expiring, part=part) for part in (f"{UNCHANGED} AND ", " AND #expiresAt > :now"))
    alone, same = equivalents.rows_of("at-expiry", {revision: "a mistake", expiry: EQUIVALENT[expiry][1]})
    assert same.holds
    assert "refused alone" in alone.detail


def test_what_has_expired_by_one_clock_alone_breaks_no_rule() -> None:
    """By the clock that is behind there are two live ones in one place; by that which is ahead there is one."""
    found, early = named("at-expiry", "remind")
    _, late = named("at-expiry", "invite scanner, later")
    [free] = [each for each in guards.GUARDS if each.what == "one live per customer and solution"]
    assert Search(found, (early, late), most_runs=400).run().broken == []
    simulation, shared = begin(found.world, [late])
    for _ in simulation.run():
        pass
    items = {**shared.client.items}
    expiry = found.world.now + timedelta(milliseconds=200)
    assert any(what.startswith("one_live") for what in broken_of(Stored.of(items, expiry - timedelta(milliseconds=1))))
    assert broken_of(Stored.of(items, expiry)) == []
    with free.broken():
        explored = Search(found, (named("at-expiry", "accept by 1")[1], late), most_runs=400).run()
    assert explored.breaks("one_live")


def test_each_write_is_looked_at_whatever_is_stored_after_it() -> None:
    """Two orders that end in the same: an account that is made beside another, and another that comes after it."""
    found, activate = named("account-returns", "activate scanner")
    _, put = named("account-returns", "PUT the account")
    guard = next(guard for guard in guards.GUARDS if guard.what == "no account is made where one comes back")
    with guard.broken():
        assert Search(found, (activate, put), most_runs=100).run().breaks("made_for_who_has_none")
    assert Search(found, (activate, put), most_runs=100).run().broken == []


def test_a_bounce_that_comes_twice_is_counted_whoever_makes_the_item_for_it() -> None:
    """Of an invitation of a version that had none: one of two makes it while the other one marks the bounce."""
    found, bounce = named("deliveries-apart", "mail event, bounce of r1")
    assert Search(found, (bounce, bounce), most_runs=100).run().broken == []


def test_what_a_row_names_is_seen_again() -> None:
    """A pair by its order of calls, a crash by its place and fault: the row's text is enough."""
    guard = next(guard for guard in guards.GUARDS if guard.what == "history with the change")
    found, command = named("pending", "revoke")
    with guard.broken():
        row = pairs.row("pairs-before", replace(found, commands=(command,)), Effort())
        name, order = row.detail.split()[1].removesuffix(":").rsplit(":", 1)
        assert name == "pairs-before:pending:0,0"
        number = found.commands.index(command)
        lines = [*again(f"pairs-before:pending:{number},{number}:{order}")]
        assert any("BROKEN history_with_the_change" in line for line in lines)
        crash = crashes.row(found, [command])
        lines = [*again(crash.detail.split(": ")[0].removeprefix("again "))]
        assert any("BROKEN history_with_the_change" in line for line in lines)


def test_markers_have_their_names() -> None:
    """The rules name the markers that a digest follows from."""
    assert {"pending", "expired", "asked-again"} <= set(markers.Marker)
