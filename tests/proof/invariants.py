"""What must hold of what is stored, each rule a pure function with a name. A rule yields what breaks it, in words.

`STATE` rules hold at every moment, `WRITE` rules of every single write (a transaction is one), `QUIET` rules once
everything that follows from what was done has been done.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from collaboration.commands.obstacle_notes import is_concerned
from collaboration.domain.contexts.invitation import SendingContext
from collaboration.domain.decisions.mail_retry import HELD_FOR
from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.attempt_limit import TRIES_PER_INVITATION, AttemptLimit
from collaboration.domain.model.collaboration import (
    Collaboration,
    CollaborationState,
    Origin,
    account_of,
    binds_account,
    kind_of,
)
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.digest import DIGEST_KEPT
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import Entry, EntryKind
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import InvitationContent, Mail
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import Kind, Scenario, Side, Value, folded, local_date
from collaboration.mailing.ses import tag_text
from collaboration.storage import delivery, items, keys, migration

from proof.decisions import CLOCKS_APART, DECIDED, STATES, WRITTEN
from proof.mailed import (
    digest_says_what_was_noted,
    login_bounce_is_mailed,
    mails_with_the_change,
    notices_with_the_change,
)
from proof.readable import NOT_NEEDED, read_mail, read_marker, read_other
from proof.simulation import MAILS_A_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from support.ses import SentMail

    from proof.mailed import Occurrence

Parsed = TypeVar("Parsed", bound=Value)
Place = tuple[str, str]

OUTCOMES = {
    InvitationState.ACCEPTED: EntryKind.INVITATION_ACCEPTED,
    InvitationState.DECLINED: EntryKind.INVITATION_DECLINED,
    InvitationState.REVOKED: EntryKind.INVITATION_REVOKED,
    InvitationState.EXPIRED: EntryKind.INVITATION_EXPIRED,
}


Named = dict[str, dict[str, Parsed]]


@dataclass(frozen=True)
class DeliveryItem:
    """What is stored beside an invitation: `delivery`, what became of its mails, and what is noted to be in its way."""

    delivery: Mapping[str, str]
    obstacle: str | None


@dataclass
class Stored:
    """What is stored, read: agreements and directory by what names them; `unreadable` are the places that cannot be.

    `changed` are the places of which something else was read before; `mails_a_second` is how many may leave in one.
    """

    now: datetime
    invitations: dict[str, Invitation] = field(default_factory=dict)
    collaborations: dict[str, Collaboration] = field(default_factory=dict)
    guards: dict[Place, Guard] = field(default_factory=dict)
    accounts: dict[Place, Account] = field(default_factory=dict)
    account_guards: dict[str, str] = field(default_factory=dict)
    account_places: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[Place, Subscription] = field(default_factory=dict)
    grants: Named[Access] = field(default_factory=lambda: defaultdict(dict))
    history: Named[Entry] = field(default_factory=lambda: defaultdict(dict))
    outbox: dict[tuple[str, str], Mail] = field(default_factory=dict)
    mails: dict[tuple[str, str, str], str] = field(default_factory=dict)
    attempts: dict[str, AttemptLimit] = field(default_factory=dict)
    markers: dict[str, dict[str, bool]] = field(default_factory=lambda: defaultdict(dict))
    shown: dict[str, DeliveryItem] = field(default_factory=dict)
    unlinked: dict[str, bool] = field(default_factory=dict)
    directory: dict[Place, Value] = field(default_factory=dict)
    unreadable: dict[Place, bool] = field(default_factory=dict)
    changed: set[Place] = field(default_factory=set)
    mails_a_second: int = MAILS_A_SECOND
    _kept: dict[Place, tuple[dict[Any, Any], Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Mapping[Place, Any], now: datetime) -> Stored:
        """What these items say at `now`."""
        stored = cls(now)
        for place, item in found.items():
            stored.change(place, item)
        return stored

    def change(self, place: Place, item: Any) -> None:
        """Read a place anew; None: nothing is there any more."""
        before = None
        if place in self._kept:
            kept, name = self._kept.pop(place)
            before = kept.pop(name, None)
        after = self._keep(place, item) if item is not None else None
        if before is not None and before != after:
            self.changed.add(place)

    def _keep(self, place: Place, item: Any) -> Any:
        try:
            read = self._read(place, item)
        except (ValueError, KeyError, TypeError, AttributeError):
            read = self.unreadable, place, True
        if read is None:
            return None
        kept, name, value = read
        kept[name] = value
        self._kept[place] = kept, name
        return value

    def _read(self, place: Place, item: Any) -> tuple[dict[Any, Any], Any, Any] | None:
        """Where a place is kept, under which name, and what it holds; None for what no rule but one looks at.

        Raises:
            ValueError: it cannot be read, or nobody reads such an item; KeyError and the like as well.
        """
        pk, sk = place
        kind, _, name = pk.partition("#")
        model = DIRECTORY.get((kind, sk.partition("#")[0]))
        if model:
            return self.directory, place, _parsed(model, item)
        if kind == "AGREEMENT":
            return self._read_agreement(name, sk, item)
        if kind == "CUSTOMER" and sk.startswith("GUARD#"):
            return self.guards, place, items.guard(item)
        if kind == "ORGANISATION" and (found := self._read_organisation(place, item)):
            return found
        read_other(pk, sk, item)
        if (kind, sk) == ("ACCOUNT", "ACCOUNT"):
            return self.account_places, name, item["organisationNumber"]["S"]
        return None

    def _read_organisation(self, place: Place, item: Any) -> tuple[dict[Any, Any], Any, Any] | None:
        pk, sk = place
        if sk == "GUARD":
            return self.account_guards, pk.partition("#")[2], item["owner"]["S"]
        if sk.startswith("UNLINKED#"):
            return self.unlinked, sk.split("#")[2].removeprefix("col-"), True
        if "#SUBSCRIPTION#" in sk:
            return self.subscriptions, place, _parsed(Subscription, item)
        if sk.startswith("ACCOUNT#"):
            return self.accounts, place, _parsed(Account, item)
        return None

    def _read_agreement(self, name: str, sk: str, item: Any) -> tuple[dict[Any, Any], Any, Any] | None:
        kind, _, rest = sk.partition("#")
        mail, _, recipient = rest.rpartition("#")
        match kind:
            case "INVITATION":
                found = _parsed(Invitation, item).replace(revision=int(item["revision"]["N"]))
                kept: tuple[dict[Any, Any], Any, Any] = self.invitations, name, found
            case "COLLABORATION":
                kept = self.collaborations, name, items.collaboration(item)
            case "GRANT":
                kept = self.grants[name], rest, _parsed(Access, item)
            case "HISTORY":
                kept = self.history[name], rest, _entry(item)
            case "OUTBOX":
                kept = self.outbox, (name, rest), _parsed(Mail, item)
            case "MAIL":
                kept = self.mails, (name, mail, recipient), read_mail(item)
            case "ATTEMPTS":
                read_other(f"AGREEMENT#{name}", sk, item)
                kept = self.attempts, name, items.attempt_limit(item)
            case "MARKER":
                read_marker(item)
                kept = self.markers[name], rest, True
            case "INVITATION-DELIVERY":
                read_other(f"AGREEMENT#{name}", sk, item)
                entries = {entry: value["S"] for entry, value in item["delivery"]["M"].items()}
                kept = self.shown, name, DeliveryItem(entries, delivery.obstacle_of(item))
            case _:
                read_other(f"AGREEMENT#{name}", sk, item)
                return None
        return kept

    def customer(self, office: str, customer: str | None) -> Customer | None:
        """A customer."""
        return cast("Customer | None", self.directory.get((f"CUSTOMER#{office}#{customer}", "CUSTOMER")))

    def task(self, office: str, customer: str | None, task: str | None) -> Task | None:
        """A task."""
        return cast("Task | None", self.directory.get((f"CUSTOMER#{office}#{customer}", f"TASK#{task}")))

    def employee(self, office: str, employee: str) -> Employee | None:
        """An employee."""
        return cast("Employee | None", self.directory.get((f"OFFICE#{office}", f"EMPLOYEE#{employee}")))

    def kinds(self, agreement: str) -> Counter[EntryKind]:
        """How often what happened to an agreement."""
        return Counter(entry.what for entry in self.history.get(agreement, {}).values())

    def pending(self, invitation: Invitation) -> bool:
        """Whether it may be answered."""
        return invitation.state_at(self.now) is InvitationState.PENDING

    @property
    def active(self) -> Iterator[Collaboration]:
        """The active collaborations."""
        return (each for each in self.collaborations.values() if each.state is CollaborationState.ACTIVE)


DIRECTORY: Mapping[tuple[str, str], type[Value]] = {
    ("OFFICE", "OFFICE"): Office,
    ("OFFICE", "EMPLOYEE"): Employee,
    ("CUSTOMER", "CUSTOMER"): Customer,
    ("CUSTOMER", "TASK"): Task,
}


def _parsed(model: type[Parsed], item: Any) -> Parsed:
    return cast("Parsed", _read_data(model, migration.data_of(item)))


def _entry(item: Any) -> Entry:
    """A line of a timeline, with the name of whom it is about."""
    name = items.string(item, "affectedPerson") if "affectedPerson" in item else None
    return _with_name(migration.data_of(item), name) if name else _parsed(Entry, item)


@lru_cache(maxsize=50_000)
def _with_name(data: str, name: str) -> Entry:
    entry = Entry.model_validate_json(data)
    return entry.replace(person=entry.person.replace(name=name)) if entry.person else entry


@lru_cache(maxsize=50_000)
def _read_data(model: type[Value], data: str) -> Value:
    return model.model_validate_json(data)


# At every moment


def one_live(stored: Stored) -> Iterator[str]:
    """One live invitation or collaboration per customer and solution."""
    live: Counter[tuple[str, str | None, str | None]] = Counter()
    for invitation in stored.invitations.values():
        if stored.pending(invitation):
            live[invitation.office_id, invitation.customer_id, invitation.solution] += 1
    for each in stored.active:
        if each.customer_id and each.solution:
            live[each.office_id, each.customer_id, each.solution] += 1
    yield from (f"{count} live of {key}" for key, count in live.items() if count > 1)


def guards_agree(stored: Stored) -> Iterator[str]:
    """A guard for what is live, and for nothing else."""
    wanted = {guard.owner: guard for each in stored.active if (guard := Guard.for_collaboration(each))}
    for invitation in stored.invitations.values():
        if stored.pending(invitation):
            wanted[invitation.id] = Guard.for_invitation(invitation)
    held = {guard.owner: guard for guard in stored.guards.values() if guard.holds(stored.now)}
    yield from (f"no guard of {owner}" for owner in wanted.keys() - held.keys())
    yield from (f"a guard of {owner}, which is not live" for owner in held.keys() - wanted.keys())
    yield from (
        f"the guard of {owner} differs" for owner in wanted.keys() & held.keys() if wanted[owner] != held[owner]
    )


def one_outcome(stored: Stored) -> Iterator[str]:
    """An invitation has one outcome, and history agrees with its state."""
    for name, invitation in stored.invitations.items():
        kinds = stored.kinds(name)
        decided = kinds[EntryKind.INVITATION_ACCEPTED] + kinds[EntryKind.INVITATION_DECLINED]
        decided += kinds[EntryKind.INVITATION_REVOKED]
        final = invitation.state in OUTCOMES and invitation.state is not InvitationState.EXPIRED
        if decided != final:
            yield f"{invitation.id} is {invitation.state}, and has {decided} outcomes"
        if (kind := OUTCOMES.get(invitation.state)) and not kinds[kind]:
            yield f"{invitation.id} is {invitation.state}, which history does not say"
        if kinds[EntryKind.INVITATION_SENT] != 1:
            yield f"{invitation.id} was sent {kinds[EntryKind.INVITATION_SENT]} times"
        if (invitation.state is InvitationState.ACCEPTED) != (name in stored.collaborations):
            yield f"{invitation.id} is {invitation.state}: a collaboration is {'' if final else 'not '}due"


def history_agrees(stored: Stored) -> Iterator[str]:
    """A collaboration started once and ended at most once, and history agrees with its state."""
    for name, each in stored.collaborations.items():
        kinds = stored.kinds(name)
        started = kinds[EntryKind.COLLABORATION_STARTED] + kinds[EntryKind.COLLABORATION_IMPORTED]
        ended = kinds[EntryKind.COLLABORATION_ENDED]
        if started != 1 or ended != (each.state is CollaborationState.ENDED):
            yield f"{each.id} is {each.state}, started {started} times, ended {ended} times"


def one_account(stored: Stored) -> Iterator[str]:
    """One account per new company, and the guard of a number names an account that is there."""
    made = Counter(pk for pk, sk in stored.accounts if sk.startswith("ACCOUNT#acc-"))
    yield from (f"{count} new accounts of one company" for count in made.values() if count > 1)
    for number, owner in stored.account_guards.items():
        if (f"ORGANISATION#{number}", f"ACCOUNT#{owner}") not in stored.accounts:
            yield f"the account guard names {owner}, which is not there"


def account_is_found(stored: Stored) -> Iterator[str]:
    """An account is under one organisation number, that by which its id finds it."""
    for pk, sk in stored.accounts:
        number, account_id = pk.partition("#")[2], sk.partition("#")[2]
        if stored.account_places.get(account_id) != number:
            yield f"{account_id} is not found under its number"


def account_is_there(stored: Stored) -> Iterator[str]:
    """Every active collaboration, and every invitation that may be answered, has an account that is there."""
    for each in stored.active:
        if each.account_id and _account(each.organisation_number, each.account_id) not in stored.accounts:
            # An unlinked import follows its number: the account is settled when all is quiet.
            if each.origin is Origin.IMPORT and not each.linked:
                continue
            yield f"{each.id} rests on {each.account_id}, which is not there"
    for invitation in stored.invitations.values():
        at = _account(invitation.organisation_number, invitation.account_id)
        if stored.pending(invitation) and at not in stored.accounts:
            yield f"{invitation.id} asks the people of {invitation.account_id}, which is not there"


def _account(number: str, account_id: str) -> Place:
    return f"ORGANISATION#{number}", f"ACCOUNT#{account_id}"


def subscriptions_agree(stored: Stored) -> Iterator[str]:
    """A subscription knows the active collaborations that rest on it, each once, and no other."""
    uses: dict[Place, list[str]] = defaultdict(list)
    for each in stored.active:
        if each.account_id and each.solution and (each.origin is not Origin.IMPORT or each.linked):
            pk, sk = _account(each.organisation_number, each.account_id)
            uses[pk, f"{sk}#SUBSCRIPTION#{each.solution}"].append(each.id)
    for place in uses.keys() - stored.subscriptions.keys():
        yield f"no subscription for {uses[place]}"
    for place, subscription in stored.subscriptions.items():
        known = sorted(use.collaboration_id for use in subscription.subscribers)
        supported = sorted(uses.get(place, []))
        imports = {each.id for each in stored.active if each.origin is Origin.IMPORT and not each.linked}
        if [name for name in known if name not in imports] != supported:
            yield f"subscribers {known}, resting on it {supported}"
        if place[1].partition("#SUBSCRIPTION#")[0] not in {sk for pk, sk in stored.accounts if pk == place[0]}:
            yield "a subscription of an account that is not there"


def no_access_before_approval(stored: Stored) -> Iterator[str]:
    """Grants are of a collaboration only: nobody has access before it is approved."""
    for name, grants in stored.grants.items():
        if grants and name not in stored.collaborations:
            yield f"{len(grants)} grants through {name}, which is no collaboration"


def markers_agree(stored: Stored) -> Iterator[str]:
    """What is counted is what is there: pending invitations and active, unlinked, ending or renewing collaborations."""
    for name, invitation in stored.invitations.items():
        # One whose expiry no clean-up has marked is counted as pending still, and the count asks the time.
        if ("pending" in stored.markers[name]) != (invitation.state is InvitationState.PENDING):
            yield f"{invitation.id} is {invitation.state}, and counted otherwise"
    for name, each in stored.collaborations.items():
        active = each.state is CollaborationState.ACTIVE
        wanted = {
            "active": active,
            "unlinked": active and not each.linked,
            "ending": active and each.next_end is not None,
            "renewing": active and each.renews_on is not None,
            "problem": active and each.has_problem,
        }
        yield from (
            f"{each.id} is {'not ' if is_ else ''}counted as {key}"
            for key, is_ in wanted.items()
            if (key in stored.markers[name]) != is_
        )


def unlinked_are_found(stored: Stored) -> Iterator[str]:
    """The entry by which an unlinked collaboration is found is there as long as it is one."""
    wanted = {name for name, each in stored.collaborations.items() if items.is_unlinked(each)}
    yield from (f"unlinked {name} is not found" for name in wanted - stored.unlinked.keys())
    yield from (f"{name} is found as unlinked" for name in stored.unlinked.keys() - wanted)


def number_agrees(stored: Stored) -> Iterator[str]:
    """What is live is of a customer that has the organisation number that was decided upon."""
    live: list[Invitation | Collaboration] = [each for each in stored.invitations.values() if stored.pending(each)]
    for each in (*live, *stored.active):
        customer = stored.customer(each.office_id, each.customer_id)
        if customer is not None and customer.organisation_number != each.organisation_number:
            yield f"{each.id} is of another organisation number than its customer"


def _bounces(stored: Stored, name: str) -> bool:
    """Whether the office sees a mail of an invitation that came back: the latest of somebody who has a link."""
    shown = stored.shown[name].delivery if name in stored.shown else {}
    recipients = stored.invitations[name].recipients.items()
    entries = (delivery.entry_of(key, person.version) for key, person in recipients if not person.removed)
    return any(shown.get(entry, "").endswith("#bounced") for entry in entries)


def all_readable(stored: Stored) -> Iterator[str]:
    """Nothing that cannot be read is stored."""
    yield from (f"{sk} of {pk.partition('#')[0]} cannot be read" for pk, sk in stored.unreadable)


STATE: tuple[Callable[[Stored], Iterator[str]], ...] = (
    one_live,
    guards_agree,
    one_outcome,
    history_agrees,
    one_account,
    account_is_found,
    account_is_there,
    subscriptions_agree,
    no_access_before_approval,
    markers_agree,
    unlinked_are_found,
    number_agrees,
    all_readable,
    *STATES,
)


# Of every write


@dataclass(frozen=True)
class Write:
    """What one call wrote, by place: before and after (None: not there).

    `occurrences` is what `mailed.occurrences` made of it, by what was stored.
    """

    changes: Mapping[Place, tuple[Any, Any]]
    occurrences: dict[int, Sequence[tuple[str, Occurrence]]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> Write:
        """What records of the stream say."""
        changes: dict[Place, tuple[Any, Any]] = {}
        for record in records:
            images = record["dynamodb"]
            place = images["Keys"]["pk"]["S"], images["Keys"]["sk"]["S"]
            before = changes[place][0] if place in changes else images.get("OldImage")
            changes[place] = before, images.get("NewImage")
        return cls(changes)

    def added(self, pk: str, prefix: str) -> list[Any]:
        """The new items of a partition whose sort key starts so."""
        return [
            after
            for (place, sk), (before, after) in self.changes.items()
            if place == pk and sk.startswith(prefix) and before is None and after is not None
        ]


# What says of a transition to a state that it happened. Which mails go with it is in `mailed`.
ENTRIES: Mapping[str, frozenset[EntryKind]] = {
    "accepted": frozenset({EntryKind.INVITATION_ACCEPTED}),
    "declined": frozenset({EntryKind.INVITATION_DECLINED}),
    "revoked": frozenset({EntryKind.INVITATION_REVOKED}),
    "expired": frozenset({EntryKind.INVITATION_EXPIRED}),
    "pending": frozenset({EntryKind.INVITATION_SENT, EntryKind.INVITATION_RESENT}),
    "active": frozenset({EntryKind.COLLABORATION_STARTED, EntryKind.COLLABORATION_IMPORTED}),
    "ended": frozenset({EntryKind.COLLABORATION_ENDED}),
}


def history_with_the_change(write: Write) -> Iterator[str]:
    """Every change of a state has its history in the same transaction."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk not in {"INVITATION", "COLLABORATION"} or after is None:
            continue
        was, state = (before or {}).get("state"), after["state"]["S"]
        if was != after["state"]:
            entries = [_parsed(Entry, item).what for item in write.added(pk, "HISTORY#")]
            if not ENTRIES[state] & set(entries):
                yield f"{sk.lower()} became {state}, and history says {entries}"


def history_only_grows(write: Write) -> Iterator[str]:
    """An entry of a timeline is never removed, and changes in nothing but the names that are erased."""
    for (_, sk), (before, after) in write.changes.items():
        if sk.startswith("HISTORY#") and before is not None and (after is None or before["data"] != after["data"]):
            yield f"{sk} was {'changed' if after else 'removed'}"


def tries_are_counted(write: Write) -> Iterator[str]:
    """Wrong digits are counted one by one, and what they closed stays closed, also when the office closed it."""
    for (_, sk), (before, after) in write.changes.items():
        if sk == "ATTEMPTS" and after is not None:
            counted = items.integer(before or {}, "attempts"), items.integer(after, "attempts")
            was_closed, is_closed = ("closed" in (image or {}) for image in (before, after))
            if counted[1] != counted[0] + (was_closed or not is_closed) and counted[1] != counted[0] + 1:
                yield f"{counted[1]} wrong tries after {counted[0]}"
            if was_closed and not is_closed:
                yield f"{counted[1]} wrong tries, and not closed any more"


def nothing_is_written_over(write: Write) -> Iterator[str]:
    """What somebody else has written since it was read is not written over: a value moves its revision on."""
    for (_, sk), (before, after) in write.changes.items():
        if before is None or after is None or "revision" not in after or _data(before) == _data(after):
            continue
        was, is_ = (items.integer(image, "revision") for image in (before, after))
        # Login instructions that are sent again are counted apart.
        again = items.integer(after, "loginMails") - items.integer(before, "loginMails")
        if is_ <= was and again != 1:
            yield f"{sk} went from revision {was} to {is_}"


def deliveries_move_on(write: Write) -> Iterator[str]:
    """Of two reports of a mail the more lasting holds: what became of it never goes back."""
    for (_, sk), (before, after) in write.changes.items():
        if before is None or after is None:
            continue
        if sk.startswith("MAIL#"):
            was, is_ = before["delivery"]["S"], after["delivery"]["S"]
            if NOT_NEEDED not in {was, is_} and DeliveryState(is_).rank < DeliveryState(was).rank:
                yield f"{sk} was {was}, and is {is_}"
        if sk.endswith("-DELIVERY"):
            shown = after["delivery"]["M"]
            for name, value in before["delivery"]["M"].items():
                # A dead link's goes when its successor's comes.
                dropped = name not in shown and any(_former_entry(entry) == name for entry in shown)
                if not dropped and shown.get(name, {"S": ""})["S"] < value["S"]:
                    yield f"{name} of {sk} went back from {value['S']}"


def _former_entry(entry: str) -> str | None:
    """The entry of the link whose place the link of this entry took."""
    recipient, _, version = entry.rpartition(".")
    return delivery.former_entry_of(recipient, int(version)) if recipient and version.isdecimal() else None


def rows_move_on(write: Write) -> Iterator[str]:
    """A list row is not copied over one that was copied since it was read: its version moves on."""
    for (_, sk), (before, after) in write.changes.items():
        if sk != "COLLABORATION" or before is None or after is None or before.get("listRow") == after.get("listRow"):
            continue
        was, is_ = (items.integer(image, "rowVersion") for image in (before, after))
        if is_ <= was:
            yield f"the row went from version {was} to {is_}"


def mails_stay(write: Write) -> Iterator[str]:
    """A mail of the outbox is put there once: none takes the place of another, and none is there without its text."""
    for (_, sk), (before, after) in write.changes.items():
        if sk.startswith("OUTBOX#") and after is not None and before is not None and before["data"] != after["data"]:
            yield f"{sk} was written over"


def work_ends(write: Write) -> Iterator[str]:
    """Of a mail that is not to be sent any more nothing is due, and of an invitation what its state asks for."""
    for (_, sk), (_, after) in write.changes.items():
        if after is None or "duePk" not in after:
            continue
        if sk.startswith("MAIL#") and after["delivery"]["S"] != "queued":
            yield f"{sk} is {after['delivery']['S']}, and due"
        if sk == "INVITATION":
            pending, kind = after["state"]["S"] == "pending", after["duePk"]["S"].split("#")[1]
            if pending != (kind == "INVITATION"):
                yield f"{sk} is {after['state']['S']}, and due for {kind}"


def turns_are_counted(write: Write) -> Iterator[str]:
    """Each mail is counted to its second, and no second is counted from the beginning again."""
    for (_, sk), (before, after) in write.changes.items():
        if sk != "SEND-RATE" or after is None:
            continue
        was, is_ = ([items.integer(image or {}, name) for name in ("second", "taken")] for image in (before, after))
        if is_ not in ([was[0], was[1] + 1], [max(is_[0], was[0] + 1), 1]):
            yield f"{is_[1]} mails of second {is_[0]}, after {was[1]} of {was[0]}"


def erasures_are_counted(write: Write) -> Iterator[str]:
    """The report of a day counts each invitation that is erased, in the same transaction."""
    counted: Counter[str] = Counter()
    for (pk, sk), (before, after) in write.changes.items():
        if pk == keys.reports("erasure") and after is not None:
            reports = [_parsed(ErasureReport, image).invitations if image else 0 for image in (before, after)]
            counted["in the report"] += reports[1] - reports[0]
        if sk == "INVITATION" and before is not None and after is not None:
            erased = [_parsed(Invitation, image).erased_at for image in (before, after)]
            counted["erased"] += erased[0] is None and erased[1] is not None
    if counted["erased"] != counted["in the report"]:
        yield f"{counted['erased']} erased, {counted['in the report']} more in the report"


def turns_are_of_this_second(write: Write, stored: Stored) -> Iterator[str]:
    """A mail is counted to the second in which it leaves. Only where time stands still meanwhile."""
    for (_, sk), (_, after) in write.changes.items():
        if sk == "SEND-RATE" and after is not None:
            second = datetime.fromtimestamp(items.integer(after, "second"), UTC)
            if abs(second - stored.now) > CLOCKS_APART:
                yield f"a mail was counted to {second:%H:%M:%S}, at {stored.now:%H:%M:%S}"


def turns_are_limited(write: Write, stored: Stored) -> Iterator[str]:
    """No more mails leave in a second than may."""
    for (_, sk), (_, after) in write.changes.items():
        if sk == "SEND-RATE" and after is not None and items.integer(after, "taken") > stored.mails_a_second:
            yield f"{items.integer(after, 'taken')} mails of a second, out of {stored.mails_a_second}"


def claimed_when_due(write: Write, stored: Stored) -> Iterator[str]:
    """A mail is claimed only while it waits and it is the time for it; while it is claimed nobody else puts it off.

    Only where time stands still meanwhile: who waits for somebody who can accept puts it off for longer than a claim.
    """
    for (_, sk), (before, after) in write.changes.items():
        if not sk.startswith("MAIL#") or before is None or after is None:
            continue
        had, has = (items.integer(image, "attempts") for image in (before, after))
        due, until = (items.moment(image["nextTry"]) for image in (before, after))
        early = due > stored.now + CLOCKS_APART
        state = before["delivery"]["S"]
        if has > had and (early or state != "queued"):
            yield f"{sk} is claimed, and was {state} until {due:%H:%M}"
        if has == had > 0 and early and until > stored.now + HELD_FOR - CLOCKS_APART:
            yield f"{sk} is put off until {until:%H:%M}, and was claimed until {due:%H:%M}"


def decided_while_open(write: Write, stored: Stored) -> Iterator[str]:
    """Whoever decides by a link that takes no digits any more is refused. Of those only who decides by a link."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "INVITATION" or before is None or after is None or before["state"] == after["state"]:
            continue
        name = pk.partition("#")[2]
        decision, limit = stored.invitations[name].decision, stored.attempts.get(name, AttemptLimit())
        if decision and (
            limit.is_exhausted(TRIES_PER_INVITATION) or limit.locked_until(decision.recipient, stored.now)
        ):
            yield f"{decision.choice} by {decision.recipient}, whose link was closed"


def day_of_digest_is_kept(write: Write, stored: Stored) -> Iterator[str]:
    """The day of the latest digest is there until its mails are erased: else there could be a second one that day."""
    for (_, sk), (before, after) in write.changes.items():
        if sk == "DIGEST" and before is not None and after is None:
            day = date.fromisoformat(items.string(before, "day"))
            if day > local_date(stored.now - DIGEST_KEPT):
                yield f"the day of the digest of {day} was removed"


def subscriptions_are_released(write: Write, stored: Stored) -> Iterator[str]:
    """A subscription goes only when nothing active rests on it, but for one that moves with its account.

    An import that nobody has linked does not follow an account that leaves its number, and leaves one that is not the
    only one of its number any more. One whose link was undone has no
    solution any more, where that was chosen with the link. Neither rests on it after that.
    """
    for (pk, sk), (before, after) in write.changes.items():
        if "#SUBSCRIPTION#" not in sk or before is None or after is not None:
            continue
        elsewhere = {other[1] for other, (_, is_) in write.changes.items() if other[0] != pk and is_ is not None}
        account, _, solution = sk.partition("#SUBSCRIPTION#")
        for use in _parsed(Subscription, before).subscribers:
            found = stored.collaborations.get(use.collaboration_id.removeprefix("col-"))
            if found is None or found.state is not CollaborationState.ACTIVE or sk in elsewhere:
                continue
            left = account in elsewhere or found.account_id != account.removeprefix("ACCOUNT#")
            left_behind = left and not binds_account(found)
            if found.solution == solution and not left_behind:
                yield f"{found.id} rested on a subscription that was removed"


def notices_are_news(write: Write) -> Iterator[str]:
    """What a digest has told of a bounce is not noted once more, unless another mail has bounced: it is told once."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "MARKER#bounced" or before is None or after is None or "noticeAt" in before or "noticeAt" not in after:
            continue
        if not any(at == pk and other.startswith("MAIL#") for at, other in write.changes):
            yield f"{sk} is to be told again, and nothing has bounced"


def employees_are_listed(write: Write) -> Iterator[str]:
    """An employee who is in the list of the office stands there by the name that they have."""
    for (_, sk), (_, after) in write.changes.items():
        if sk.startswith("EMPLOYEE#") and after is not None and "listSk" in after and "data" in after:
            name = keys.in_order(folded(_parsed(Employee, after).name))
            if items.string(after, "listSk") != f"{name}#{sk.partition('#')[2]}":
                yield f"{sk} is listed by another name"


def what_was_sent_is_shown(write: Write, stored: Stored) -> Iterator[str]:
    """That a mail went out is not hidden by one that was not needed: as failed is shown only what has failed."""
    for (pk, sk), (before, after) in write.changes.items():
        if not sk.endswith("-DELIVERY") or before is None or after is None:
            continue
        was, is_ = before["delivery"]["M"], after["delivery"]["M"]
        agreement = pk.partition("#")[2]
        for entry in was.keys() & is_.keys():
            at, _, state = is_[entry]["S"].split("#")
            if was[entry] != is_[entry] and state == "failed" and not _has_failed(stored, agreement, at):
                yield f"{entry} of {sk} was {was[entry]['S']}, and is shown as failed"


def _has_failed(stored: Stored, agreement: str, at: str) -> bool:
    """Whether a mail of that moment has failed with one of its recipients."""
    mails = {name for (of, name), mail in stored.outbox.items() if of == agreement and keys.sortable(mail.at) == at}
    return any(of == agreement and name in mails and state == "failed" for (of, name, _), state in stored.mails.items())


def made_for_who_has_none(write: Write, stored: Stored) -> Iterator[str]:
    """An account is made here only of a company that has none."""
    for (pk, sk), (before, after) in write.changes.items():
        if before is None and after is not None and sk.startswith("ACCOUNT#") and "#SUBSCRIPTION#" not in sk:
            others = [other for number, other in stored.accounts if number == pk and other != sk]
            if others and sk.startswith("ACCOUNT#acc-"):
                yield f"{sk} was made beside {others}"


def comes_to_what_is_there(write: Write, stored: Stored) -> Iterator[str]:
    """A collaboration comes to an account that is there at that moment."""
    for (pk, sk), (before, after) in write.changes.items():
        if sk != "COLLABORATION" or after is None or (before or {}).get("accountPk") == after.get("accountPk"):
            continue
        one = stored.collaborations[pk.partition("#")[2]]
        if one.account_id and _account(one.organisation_number, one.account_id) not in stored.accounts:
            yield f"{one.id} came to {one.account_id}, which is not there"


def losses_are_told(write: Write, stored: Stored) -> Iterator[str]:
    """That somebody lost access is told by what takes the last of it away, and by nothing else."""
    for (pk, sk), (before, after) in write.changes.items():
        if not sk.startswith("GRANT#") or before is None or after is not None:
            continue
        lost, name = _parsed(Access, before), pk.partition("#")[2]
        one = stored.collaborations.get(name)
        if one is None or one.account_id is None or _account_of_grant(before) != one.account_id:
            continue
        announced = _told(map(_entry, write.added(pk, "HISTORY#")), EntryKind.ACCESS_REVOKED, lost)
        # What it opened: an import whose link was undone may have no solution any more.
        solution = items.string(before, "solution") if "solution" in before else one.solution
        for what in lost.what:
            others = [*_others(stored, one.replace(solution=solution), lost, what)]
            # One that began when this one had ended already was told as a gain.
            unheard = [name for name, grant in others if what not in _gain(stored, name, grant)]
            active = [name for name in unheard if stored.collaborations[name].state is CollaborationState.ACTIVE]
            if what in announced and active:
                yield f"{lost.key} is told to have lost the {what} through {one.id}, and has it through {active}"
            if what not in announced and not others:
                yield f"{lost.key} has lost the {what} through {one.id}, which is not told"


def _account_of_grant(item: Any) -> str:
    return items.string(item, "accountPk").partition("#")[2] if "accountPk" in item else ""


def _told(entries: Iterable[Entry], kind: EntryKind, access: Access) -> set[str]:
    """What entries of a timeline say that a person has gained or lost."""
    name = access.person.name
    found = (entry for entry in entries if entry.what is kind and entry.person and entry.person.name == name)
    return {what for entry in found for what in entry.facts.get("what", ())}


def _gain(stored: Stored, agreement: str, grant: Access) -> set[str]:
    """What was told when a grant was given."""
    entries = (entry for entry in stored.history[agreement].values() if entry.at == grant.since)
    return _told(entries, EntryKind.ACCESS_GRANTED, grant)


def _others(stored: Stored, one: Collaboration, lost: Access, what: str) -> Iterator[tuple[str, Access]]:
    """The grants through others of the same account that give the same person the same thing."""
    for name, grants in stored.grants.items():
        other = stored.collaborations.get(name)
        if other is None or other.id == one.id or other.account_id != one.account_id:
            continue
        if what == "solution" and other.solution != one.solution:
            continue
        for grant in grants.values():
            same_office = other.office_id == one.office_id
            if lost.is_of_same_person(grant, same_office=same_office) and what in grant.what:
                yield name, grant


def _data(item: Any) -> Any:
    """What moves the revision of an item: of an import that is not linked, which follows its number, nothing."""
    data = json.loads(item.get("data", {}).get("S", "{}"))
    return None if data.get("origin") == "import" and "taskId" not in data and "task_id" not in data else data


WRITE: tuple[Callable[[Write], Iterator[str]], ...] = (
    history_with_the_change,
    history_only_grows,
    tries_are_counted,
    nothing_is_written_over,
    deliveries_move_on,
    rows_move_on,
    mails_stay,
    work_ends,
    turns_are_counted,
    erasures_are_counted,
    *WRITTEN,
    notices_are_news,
    employees_are_listed,
)

# Those that have to know what is stored beside it.
CHANGE: tuple[Callable[[Write, Stored], Iterator[str]], ...] = (
    mails_with_the_change,
    notices_with_the_change,
    digest_says_what_was_noted,
    login_bounce_is_mailed,
    day_of_digest_is_kept,
    subscriptions_are_released,
    *DECIDED,
    what_was_sent_is_shown,
    made_for_who_has_none,
    comes_to_what_is_there,
    losses_are_told,
)


# Looked at in pairs only.
IN_PAIRS: tuple[Callable[[Write, Stored], Iterator[str]], ...] = (
    turns_are_of_this_second,
    turns_are_limited,
    claimed_when_due,
)


# Of mails


MailKey = tuple[str, str, str]
# A mail that SES does not take is tried for three days, the last time up to four hours before.
TRIED_FOR = timedelta(days=2, hours=20)


def mail_key(mail: SentMail) -> MailKey:
    """The agreement, the mail and the recipient that a mail names by its tags."""
    agreement, mail_id, recipient = (tag_text(mail.tags[name]) for name in ("agreement", "mail", "recipient"))
    return agreement, mail_id, recipient


def sent_at_most_once(sent: Sequence[SentMail], copies: Mapping[MailKey, int] | None = None) -> Iterator[str]:
    """No mail is sent twice to a recipient, but as often more as an answer of SES was lost: `copies`."""
    allowed = copies or {}
    for key, count in Counter(map(mail_key, sent)).items():
        if count > 1 + allowed.get(key, 0):
            yield f"{key} was sent {count} times"


def sent_at_least_once(stored: Stored, sent: Sequence[SentMail], rejected: Collection[MailKey] = ()) -> Iterator[str]:
    """Once all is quiet every mail of the outbox has been sent, or need not be.

    One that has failed was refused for good (`rejected`), or tried for three days.
    """
    taken = set(map(mail_key, sent))
    for (agreement, mail_id), mail in stored.outbox.items():
        for recipient in mail.recipients:
            key = agreement, mail_id, recipient.key
            state = stored.mails.get(key)
            if state == "queued" and waits_for_terms(stored, agreement, mail):
                continue
            if state in {None, "queued"} or (key not in taken and state in {"sent", "delivered"}):
                yield f"{key} is {state}, and {'was' if key in taken else 'was not'} sent"
            if state == "failed" and key not in rejected and stored.now < mail.at + TRIED_FOR:
                yield f"{key} was given up, and nobody had refused it for good"


def waits_for_terms(stored: Stored, agreement: str, mail: Mail) -> bool:
    """Whether a mail asks to join a subscription that is not there now: nobody could accept, so it waits."""
    invitation = stored.invitations.get(agreement)
    if invitation is None or invitation.scenario is not Scenario.HAS_SOLUTION:
        return False
    pk, sk = _account(invitation.organisation_number, invitation.account_id)
    gone = (pk, f"{sk}#SUBSCRIPTION#{invitation.solution}") not in stored.subscriptions
    return gone and isinstance(mail.content, InvitationContent) and stored.now < mail.at + TRIED_FOR


def everything_is_published(records: Sequence[Mapping[str, Any]], bus: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Whatever the stream says that others are to hear of has been on the bus: events by their id, mails by theirs."""
    heard = set()
    for message in bus:
        detail = json.loads(message["Detail"])
        heard.add((message["DetailType"], detail.get("id") or (detail.get("agreement"), detail.get("mail"))))
    for record in records:
        item = record["dynamodb"].get("NewImage")
        if record["eventName"] != "INSERT" or item is None:
            continue
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        if sk.startswith("HISTORY#"):
            entry = _parsed(Entry, item)
            if entry.what.event and (entry.what.event, entry.id) not in heard:
                yield f"{entry.what.event} of {pk.partition('#')[2]}"
        if sk.startswith("OUTBOX#"):
            mail = pk.partition("#")[2], sk.partition("#")[2]
            if ("MailQueued", mail) not in heard:
                yield f"MailQueued of {mail}"


# Once quiet


def grants_equal_desire(stored: Stored) -> Iterator[str]:
    """Who has access is who should: the task's people, and of a shared solution the account's administrators."""
    by_number: dict[str, list[Account]] = defaultdict(list)
    for (pk, _), account in stored.accounts.items():
        by_number[pk.partition("#")[2]].append(account)
    for name, each in stored.collaborations.items():
        wanted: set[str] = set()
        if each.state is CollaborationState.ACTIVE:
            wanted |= _office_people(stored, each)
            owner = account_of(each, by_number[each.organisation_number])
            if owner is not None and kind_of(each) is Kind.SHARED:
                wanted |= {f"{Side.CUSTOMER}#{user.email.folded}" for user in owner.administrators}
        had = set(stored.grants.get(name, ()))
        if had != wanted:
            yield f"{each.id}: {sorted(had - wanted)} too many, {sorted(wanted - had)} missing"


def _office_people(stored: Stored, each: Collaboration) -> set[str]:
    customer = stored.customer(each.office_id, each.customer_id)
    task = stored.task(each.office_id, each.customer_id, each.task_id)
    if customer is None or task is None or not customer.active or not task.active:
        return set()
    people = ((name, stored.employee(each.office_id, name)) for name in task.people)
    return {f"{Side.OFFICE}#{name}" for name, employee in people if employee is not None and employee.active}


def every_account_is_there(stored: Stored) -> Iterator[str]:
    """Once all is quiet an import that nobody has linked has an account that is there, too, or none."""
    for each in stored.active:
        if each.account_id and _account(each.organisation_number, each.account_id) not in stored.accounts:
            yield f"{each.id} rests on {each.account_id}, which is not there"


def bounces_are_counted(stored: Stored) -> Iterator[str]:
    """A pending invitation is among those with a bounced mail as long as the office sees one, and no other is."""
    for name, invitation in stored.invitations.items():
        bounced = stored.pending(invitation) and _bounces(stored, name)
        # Of one whose expiry no clean-up has marked the count asks the time.
        counted = stored.pending(invitation) and "bounced" in stored.markers[name]
        if bounced != counted:
            yield f"{invitation.id} has {'a' if bounced else 'no'} bounced mail, and is counted otherwise"


def obstacles_are_noted(stored: Stored) -> Iterator[str]:
    """What keeps an invitation from being accepted, reminded of or sent again is noted on it, and nothing else is.

    Not at once where who was to note it was stopped: then the nightly audit does.
    """
    for name, invitation in stored.invitations.items():
        if not is_concerned(invitation, stored.now):
            continue
        pk, sk = _account(invitation.organisation_number, invitation.account_id)
        account = stored.accounts.get((pk, sk))
        subscription = stored.subscriptions.get((pk, f"{sk}#SUBSCRIPTION#{invitation.solution}"))
        context = SendingContext(
            invitation=invitation,
            account=account and account.replace(subscriptions=(subscription,) if subscription else ()),
            customer=stored.customer(invitation.office_id, invitation.customer_id),
            attempt_limit=stored.attempts.get(name, AttemptLimit()),
        )
        noted = stored.shown[name].obstacle if name in stored.shown else None
        if noted != context.any_obstacle:
            yield f"{invitation.id} has {context.any_obstacle} in its way, and {noted} is noted"


QUIET: tuple[Callable[[Stored], Iterator[str]], ...] = (
    grants_equal_desire,
    every_account_is_there,
    bounces_are_counted,
)


def broken_of(stored: Stored) -> list[str]:
    """The rules of every moment that do not hold of what is stored, each with its name."""
    return [f"{rule.__name__}: {what}" for rule in STATE for what in rule(stored)]


def broken_by(records: Sequence[Mapping[str, Any]], stored: Stored) -> list[str]:
    """The rules of every write that do not hold of what one call wrote, each with its name.

    Args:
        records: what it wrote, as records of the stream.
        stored: what is stored after it.
    """
    if not records:
        return []
    write = Write.of(records)
    broken = [f"{rule.__name__}: {what}" for rule in WRITE for what in rule(write)]
    return broken + [f"{rule.__name__}: {what}" for rule in CHANGE for what in rule(write, stored)]


def broken_when_quiet(
    found: Mapping[Place, Any],
    now: datetime,
    sent: Sequence[SentMail],
    *,
    copies: Mapping[MailKey, int] | None = None,
    rejected: Collection[MailKey] = (),
) -> list[str]:
    """The rules of every moment and of quiet that do not hold, each with its name.

    Args:
        found: what is stored.
        now: the time.
        sent: the mails that SES took.
        copies: how many copies more of a mail there may be, since nobody could learn that it was taken.
        rejected: the mails that SES has refused for good.
    """
    stored = Stored.of(found, now)
    broken = broken_of(stored) + [f"sent_at_most_once: {what}" for what in sent_at_most_once(sent, copies)]
    broken += [f"{rule.__name__}: {what}" for rule in QUIET for what in rule(stored)]
    return broken + [f"sent_at_least_once: {what}" for what in sent_at_least_once(stored, sent, rejected)]
