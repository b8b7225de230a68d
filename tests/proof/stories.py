"""Long random runs: two offices, their customers, the platform, the stream, the bus, SES and the clock, all at once.

A story is a list of moves, drawn from a seed: somebody asks for something, a task takes its next step (or meets a
fault), records are published, a message is delivered (late, twice, in any order), SES says what became of a mail, a
schedule comes round, time passes. A move names what it picks by numbers, so that a story makes sense with any of its
moves left out: one that fails is shrunk to the shortest that fails by the same rule.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from collaboration import composition
from collaboration.domain.model.values import AgreementId
from collaboration.link_tokens import TokenClaims, TokenSigner
from stack import demonstration
from stack.demonstration import ALMBERG, BJORK, CEDER, DAHL
from support.app import App, Response
from support.items import copied
from support.people import Office, Person
from support.samples import sample
from support.template import listeners

from proof.invariants import TRIED_FOR, MailKey, Stored, broken_by, broken_of, broken_when_quiet, mail_key
from proof.quiet import faults_of
from proof.report import Row
from proof.simulation import Fault, Outcome, Process, Setting, Simulation, Task, each_simulated
from proof.worlds import BOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collaboration.domain.model.collaboration import Collaboration
    from collaboration.domain.model.invitation import Invitation

    from proof.report import Effort
    from proof.simulation import Turn

Place = tuple[str, str]

CUSTOMERS = (ALMBERG, BJORK, CEDER, DAHL)
SOLUTIONS = ("scanner", "bookkeeping-invoicing", "tax-annual-accounts", "employee-payslip", "bookkeeping-invoicing")
NUMBERS = ("5560360793", "5561234567")
JUMPS = tuple(timedelta(hours=hours) for hours in (0.2, 0.5, 1, 4, 24, 26, 73, 24 * 11, 24 * 15, 24 * 31))
FAULTS = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.LOST, Fault.REFUSED)
# Of the calls that are answered otherwise without having failed, as many as this in hundred.
OTHERWISE = 15
SHARDS = 4
# As many requests and consumers are under way at once, at most: each is of an actor of its own.
ACTORS = 20
# By how much the clock of a process may be wrong, in milliseconds.
CLOCK_ERROR = 800
SIGNER = TokenSigner(b"a key of the tests")
# What moves there are, and how often each is drawn.
WEIGHTS = {
    "step": 80,
    "fault": 3,
    "start": 9,
    "publish": 10,
    "deliver": 20,
    "report": 2,
    "schedule": 3,
    "wait": 2,
    "set_clock": 2,
    "lose": 3,
    "redrive": 1,
    "jump": 1,
    "repeat": 1,
}
SCHEDULES = (
    ("mail, by schedule", "mail", "mail-every-minute"),
    ("clean-up", "cleanup", "cleanup-every-quarter"),
    ("audit", "access", "access-every-night"),
)
CLEAN_UP, AUDIT = 1, 2
# Something live is there already.
IN_THE_WAY = 409
# For so long the answer under a key is there for whoever asks again: an hour less than it is kept, whatever the clocks.
ANSWERS_KEPT = timedelta(hours=23)
# Of repetitions every so many is by a client that had its answer.
AGAIN_THOUGH_ANSWERED = 3
# A command that is tried so often, and never succeeds, tries nothing.
OFTEN = 40


@dataclass(frozen=True)
class Move:
    """Something that happens. `a`, `b` and `c` pick what, among what there is then."""

    kind: str
    a: int
    b: int
    c: int


@dataclass
class Asked:
    """A call of a function that is under way.

    `kind`: what is asked, without of whom; `key`: its Idempotency-Key, or that of its rows (`rows`), each of which is
    answered for itself; `done`: what follows when it succeeds, `failed` when it does not; `faulty`: a call of it has
    failed; `disturbed`: or was answered otherwise than in full; `in_hand`: the mail that SES has taken last, until that
    is recorded.
    """

    kind: str
    name: str
    folder: str
    event: dict[str, Any]
    key: str | None = None
    rows: bool = False
    done: Callable[[], None] = lambda: None
    failed: Callable[[], None] = lambda: None
    faulty: bool = False
    disturbed: bool = False
    in_hand: MailKey | None = None


@dataclass
class Told:
    """How a story went.

    `steps`: how many calls were made; `under_way`: of each of them, how many requests and consumers were under way
    then, added up, and `most`: how many at most; `outcomes`: how often each kind of request and consumer came to which
    end; `broken`: the rules that do not hold, none when all do.
    """

    steps: int = 0
    under_way: int = 0
    most: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    heard: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def drawn(seed: int, length: int) -> list[Move]:
    """The moves of a seed."""
    chance = random.Random(seed)  # noqa: S311 - a story, no secret
    kinds = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    return [
        Move(kind, chance.randrange(1 << 16), chance.randrange(1 << 16), chance.randrange(1 << 16)) for kind in kinds
    ]


def beginning() -> Setting:
    """Two offices with the same customers, and nothing agreed."""
    app = App()
    office = Office(app)
    office.feed()
    for customer in CUSTOMERS:
        path = f"/platform/offices/{office.id}/customers/{customer.id}/tasks/other"
        office.put(path, {"name": "Annat", "owner": "bo", "participants": ["anna"], "active": True})
    other = Office(app, "siffror")
    other.feed_office_only()
    app.drain_events()
    return Setting(app)


class Story:
    """The telling of a story from a beginning."""

    def __init__(self, world: Setting) -> None:
        self._world, self._app = world, world.app
        self._shared = world.restore()
        self._simulation = Simulation(self._shared, digests=False)
        self._offices = (Office(self._app), Office(self._app, "siffror"))
        self._stored = Stored.of(self._shared.client.items, self._shared.now)
        self._streams: list[list[dict[str, Any]]] = [[] for _ in range(SHARDS)]
        self._busy: set[int] = set()
        self._bag: list[tuple[str, dict[str, Any]]] = []
        # What the bus has given up, to be delivered again by hand; what it has lost is nowhere.
        self._dead: list[tuple[str, dict[str, Any]]] = []
        self._lost = 0
        self._crowd = True
        self._failed: list[Asked] = []
        self._said: list[str] = []
        self._asks: dict[Task, Asked] = {}
        self._answers: dict[str, tuple[int, str]] = {}
        self._answered_at: dict[str, datetime] = {}
        self._had_answers: list[Asked] = []
        self._sent: Counter[MailKey] = Counter(map(mail_key, self._shared.ses.sent))
        # How often SES took a mail when nobody could learn of it, or keep it: so many copies more there may be.
        self._copies: Counter[MailKey] = Counter()
        self._processes = 0
        self._keys = 0
        self.heard = Told()

    def narrate(self, moves: Sequence[Move]) -> Told:
        """Make these moves, then let all become quiet; stops at the first rule that does not hold."""
        try:
            for move in moves:
                getattr(self, f"_{move.kind}")(move)
                if self.heard.broken:
                    return self.heard
            self._end()
        finally:
            self._simulation.close()
        self.heard.calls = self._shared.calls
        return self.heard

    # Moves

    def _step(self, move: Move) -> None:
        if choices := self._simulation.choices:
            choice = choices[move.a % len(choices)]
            otherwise = sorted(self._simulation.call_of(choice).otherwise)
            other = otherwise and move.b % 100 < OTHERWISE
            self._take(choice, otherwise[move.c % len(otherwise)] if other else Fault.NONE)

    def _fault(self, move: Move) -> None:
        if choices := self._simulation.choices:
            # One in three hits a mail, where one is about to go out: that is where it matters whether SES has it.
            mails = [choice for choice in choices if self._simulation.call_of(choice).name == "send_email"]
            if mails and move.c % 3 == 0:
                kinds = (*FAULTS, Fault.REJECTED)
                self._take(mails[move.a % len(mails)], kinds[move.b % len(kinds)])
            else:
                self._take(choices[move.a % len(choices)], FAULTS[move.b % len(FAULTS)])

    def _start(self, move: Move) -> None:
        makers = (
            *(self._invite, self._invite, self._activate, self._of_invitation, self._of_invitation),
            *(self._by_link, self._by_link, self._by_link, self._signed_in, self._of_collaboration),
            *(self._of_collaboration, self._of_collaboration, self._put, self._put, self._account, self._import),
            self._invite_several,
        )
        if len(self._asks) < ACTORS and (ask := makers[move.a % len(makers)](move.b, move.c)):
            self._begin(ask)

    def _publish(self, move: Move) -> None:
        shard = move.a % SHARDS
        stream = self._streams[shard]
        if not stream or shard in self._busy:
            return
        batch = stream[: 1 + move.b % 60]
        self._busy.add(shard)

        def done() -> None:
            # Delivered again now and then, though it was taken.
            if move.c % 10:
                del stream[: len(batch)]
            self._busy.discard(shard)

        free = lambda: self._busy.discard(shard)  # noqa: E731 - as short as it is
        event = {"Records": batch}
        self._begin(Asked("publish", f"publish {len(batch)}", "publish", event, done=done, failed=free))

    def _deliver(self, move: Move) -> None:
        if not self._bag or len(self._asks) >= ACTORS + 3:
            return
        place = move.a % len(self._bag)
        folder, event = self._bag[place] if move.b % 10 == 0 else self._bag.pop(place)
        name = f"{folder} {event.get('detail-type', '')}"
        self._begin(Asked(name, name, folder, event, failed=lambda: self._bag.append((folder, event))))

    def _lose(self, move: Move) -> None:
        """The bus gives a message up, which is then delivered again by hand, or loses it."""
        if self._bag:
            folder, event = self._bag.pop(move.a % len(self._bag))
            if move.b % 2:
                self._dead.append((folder, event))
            else:
                self._lost += 1
            self._say(f"{'given up' if move.b % 2 else 'lost'}: {folder} {event.get('detail-type', '')}")

    def _redrive(self, _: Move) -> None:
        """What the bus has given up is delivered again."""
        self._bag += self._dead
        self._dead.clear()

    def _report(self, move: Move) -> None:
        """SES says what became of a mail."""
        sent = self._shared.ses.sent
        if not sent:
            return
        number = move.a % len(sent)
        kind = ("delivery", "delivery", "bounce", "delivery-delay", "complaint", "send")[move.b % 6]
        event = sample(f"mail_events-{kind}")
        mail = event["detail"]["mail"]
        mail["tags"] = {**mail["tags"], **{name: [value] for name, value in sent[number].tags.items()}}
        mail["messageId"] = f"message-{number + 1}"
        self._bag.append(("mail_events", event))

    def _schedule(self, move: Move) -> None:
        name, folder, event = SCHEDULES[move.a % len(SCHEDULES)]
        if len(self._asks) < ACTORS:
            self._begin(Asked(name, name, folder, sample(event)))

    def _set_clock(self, move: Move) -> None:
        """The clock of a process is put right, or wrong: it steps forward or back."""
        if self._asks:
            process = [*self._asks][move.a % len(self._asks)].process
            process._ahead = timedelta(milliseconds=move.b % (2 * CLOCK_ERROR) - CLOCK_ERROR)

    def _wait(self, move: Move) -> None:
        # An index is hardly a second behind.
        self._shared.now += timedelta(milliseconds=move.b % 3000)
        self._shared.indexed = len(self._shared.client.records)

    def _jump(self, move: Move) -> None:
        """So much time passes that no call is under way any more: each has ended, or was stopped by its time-out."""
        for task in [*self._asks]:
            if move.c % 3 == 0:
                self._asks[task].faulty = self._asks[task].disturbed = True
                self._simulation.kill(task)
        self._look_for_ends()
        self._run_all()
        self._shared.now += JUMPS[move.b % len(JUMPS)]
        self._shared.indexed = len(self._shared.client.records)
        self._say(f"{self._shared.now:%Y-%m-%d %H:%M}")

    def _repeat(self, move: Move) -> None:
        """A client asks once more, with the same key: one that had no answer, now and then one that had."""
        waiting = self._had_answers if move.b % AGAIN_THOUGH_ANSWERED == 1 else self._failed
        if waiting and len(self._asks) < ACTORS:
            ask = waiting.pop(move.a % len(waiting))
            self._begin(Asked(ask.kind, ask.name, ask.folder, ask.event, ask.key, ask.rows))

    # What is asked

    def _request(
        self, kind: str, of: str, person: Person, method: str, path: str, body: Any = None, **more: str
    ) -> Asked:
        headers = {"Accept-Language": "en", **{key.replace("_", "-"): value for key, value in more.items()}}
        folder, event = self._app.event(method, path, body, claims=person.claims, headers=headers)
        return Asked(kind, f"{kind} {of}", folder, event, more.get("Idempotency_Key"))

    def _office(self, pick: int) -> Office:
        return self._offices[0 if pick % 4 else 1]

    def _propose(self, path: str, b: int, c: int) -> Asked | None:
        office, customer = self._office(b), CUSTOMERS[c % len(CUSTOMERS)]
        solution = SOLUTIONS[(b >> 4) % len(SOLUTIONS)]
        task = "other" if (c >> 4) % 2 and office is self._offices[0] else "lopande"
        body: dict[str, object] = {"customerId": customer.id, "solution": solution, "taskId": task}
        asked = {**body, **BOOKS} if solution == "bookkeeping-invoicing" else body
        seen = self._read(self._request("preview", customer.id, office.anna, "POST", "/collaborations/preview", asked))
        if seen.status != 200:
            return None
        # Where the account has the solution, its terms are inherited.
        body = body if seen.json["scenario"] == "has-solution" else asked
        body |= {"scenario": seen.json["scenario"], "termsVersion": seen.json["terms"]["version"]}
        self._keys += 1
        of, key = f"{solution} of {customer.id} by {office.id}", f"story-{self._keys:06d}"
        return self._request(path[1:], of, office.anna, "POST", path, body, Idempotency_Key=key)

    def _read(self, ask: Asked) -> Response:
        """Ask for what changes nothing, at once."""
        process = Process(self._shared, "z")
        composition.use(process)
        answer: Response = process.invoke(ask.folder, ask.event)
        return answer

    def _invite(self, b: int, c: int) -> Asked | None:
        return self._propose("/invitations", b, c)

    def _invite_several(self, b: int, c: int) -> Asked | None:
        """A batch: the same solution for three customers."""
        office = self._office(b)
        asked = [self._propose("/invitations", b, c + number) for number in range(3)]
        rows = [{**json.loads(each.event["body"]), "key": each.key} for each in asked if each]
        if not rows:
            return None
        of, body = f"{len(rows)} by {office.id}", {"rows": rows}
        made = self._request("invite several", of, office.anna, "POST", "/invitations/batch", body)
        return replace(made, key=rows[0]["key"], rows=True)

    def _activate(self, b: int, c: int) -> Asked | None:
        return self._propose("/activations", b, c)

    def _invitation(self, pick: int) -> Invitation | None:
        """One of the invitations, of the later ones."""
        names = sorted(self._stored.invitations)[-6:]
        return self._stored.invitations[names[pick % len(names)]] if names else None

    def _collaboration(self, pick: int) -> Collaboration | None:
        active = sorted(each.agreement for each in self._stored.active)
        return self._stored.collaborations[active[pick % len(active)]] if active else None

    def _by(self, office_id: str) -> Office:
        return next(office for office in self._offices if office.id == office_id)

    def _of_invitation(self, b: int, c: int) -> Asked | None:
        if (found := self._invitation(b)) is None:
            return None
        verb = ("remind", "resend", "resend", "revoke")[c % 4]
        path = f"/invitations/{found.id}/{verb}"
        return self._request(verb, found.id, self._by(found.office_id).anna, "POST", path)

    def _by_link(self, b: int, c: int) -> Asked | None:
        if (found := self._invitation(b)) is None or not found.recipients:
            return None
        key = sorted(found.recipients)[c % len(found.recipients)]
        person = found.recipients[key]
        version = max(1, person.version - (c >> 4) % 2)
        link = f"/accept/{SIGNER.token(TokenClaims(AgreementId(found.agreement), key, version))}"
        nobody = self._offices[0].nobody
        digits = "0000" if (c >> 5) % 4 == 0 else found.organisation_number[-4:]
        what = ("accept", "accept", "decline", "fetch", "ask-again", "not-me")[(b >> 4) % 6]
        of = f"by {key} of {found.id}"
        if what == "fetch":
            return self._request(what, of, nobody, "GET", link)
        if what == "ask-again":
            return self._request(what, of, nobody, "POST", f"{link}/ask-again", {})
        if what == "not-me":
            return self._request(what, of, nobody, "POST", f"{link}/not-me", {"email": person.email})
        body = {"decision": what, "organisationNumberEnding": digits}
        return self._request(what, of, nobody, "POST", link, body)

    def _signed_in(self, b: int, c: int) -> Asked | None:
        if (found := self._invitation(b)) is None or not found.recipients:
            return None
        person = found.recipients[sorted(found.recipients)[c % len(found.recipients)]]
        decision = ("accept", "decline")[(c >> 4) % 2]
        user, path = self._offices[0].user(person.email), f"/my/requests/{found.id}/decision"
        return self._request(f"{decision}, signed in,", found.id, user, "POST", path, {"decision": decision})

    def _of_collaboration(self, b: int, c: int) -> Asked | None:
        if (found := self._collaboration(b)) is None:
            return None
        office, user = self._by(found.office_id), self._user_of(found, c)
        path, tag = f"/collaborations/{found.id}", f'"{found.revision}"'
        day = f"{self._shared.now + timedelta(days=1 + (c >> 4) % 40):%Y-%m-%d}"
        end = {"outcome": "continue"} if (c >> 8) % 2 else {"outcome": "continue", "on": day}
        customer = next((each for each in CUSTOMERS if each.organisation_number == found.organisation_number), DAHL)
        link = {"customerId": customer.id, "taskId": "lopande", "solution": found.solution or "scanner"}
        payer, period = ("customer", "office")[(c >> 5) % 2], (3, 12)[(c >> 6) % 2]
        terms = {"invoiceRecipient": payer, "periodMonths": period}
        # Of an import that is not linked there is nothing to edit: it is linked.
        if not found.linked:
            edits: list[tuple[str, Person, str, str, Any]] = [("link", office.anna, "PUT", f"{path}/link", link)]
        elif found.solution == "bookkeeping-invoicing" and (c >> 7) % 4:
            edits = [("edit the terms", office.anna, "PATCH", path, terms)]
        else:
            task = "lopande" if found.task_id == "other" or office is not self._offices[0] else "other"
            edits = [("edit the task", office.bo, "PATCH", path, {"taskId": task})]
        verbs: tuple[tuple[str, Person, str, str, Any], ...] = (
            *(edits * 2),
            ("end", office.anna, "POST", f"{path}/end", end),
            ("end, company", user, "POST", f"/my{path}/end", end),
            ("cancel", office.anna, "DELETE", f"{path}/scheduled-end", None),
            ("cancel, company", user, "DELETE", f"/my{path}/scheduled-end", None),
            ("link", office.anna, "PUT", f"{path}/link", link),
            ("unlink", office.anna, "DELETE", f"{path}/link", None),
            ("resend the login", office.anna, "POST", f"{path}/resend-login", None),
        )
        name, person, method, where, body = verbs[(b >> 4) % len(verbs)]
        return self._request(name, found.id, person, method, where, body, If_Match=tag)

    def _user_of(self, found: Collaboration, pick: int) -> Person:
        """An administrator of a collaboration's account."""
        accounts = (account for account in self._stored.accounts.values() if account.id == found.account_id)
        users = [user.email for account in accounts for user in account.administrators]
        return self._offices[0].user(users[pick % len(users)] if users else "nobody@else.example")

    def _put(self, b: int, c: int) -> Asked | None:
        office, customer = self._office(b), CUSTOMERS[c % len(CUSTOMERS)]
        base = f"/platform/offices/{office.id}"
        path = f"{base}/customers/{customer.id}"
        flag = bool((c >> 4) % 3)
        people = [name for place, name in enumerate(("anna", "bo", "cecilia", "david")) if (c >> (6 + place)) % 2]
        owner = ("bo", "anna", "cecilia")[(c >> 10) % 3]
        number = NUMBERS[(c >> 4) % 2] if (c >> 5) % 4 == 0 else customer.organisation_number
        employee = demonstration.EMPLOYEES[(c >> 6) % 4]
        email = employee.email if office is self._offices[0] else f"{employee.id}@siffror.example"
        fed = {**customer.body(), "name": f"Kund {c % 7} AB", "active": flag, "organisationNumber": number}
        task = {"name": "Löpande", "owner": owner, "participants": people, "active": flag}
        several = [each.id for each in CUSTOMERS] if (c >> 12) % 2 else [customer.id]
        update = {"customerIds": several, "addParticipants": people or ["bo"]}
        who = {**employee.body(), "email": email, "active": flag}
        puts: tuple[tuple[str, str, str, Any], ...] = (
            ("PUT", "office", base, {**demonstration.OFFICE, "name": f"Byrån {c % 5}"}),
            ("PUT", "employee", f"{base}/employees/{employee.id}", who),
            ("PUT", "customer", path, fed),
            ("PUT", "task", f"{path}/tasks/lopande", task),
            ("POST", "mass update", f"{base}/tasks/mass-update", update),
        )
        method, what, where, body = puts[(b >> 4) % len(puts)]
        return self._request(f"feed {what}", where.rpartition("/")[2], office.platform, method, where, body)

    def _account(self, b: int, c: int) -> Asked | None:
        """The register feeds an account: its people, what it has, its number."""
        customer = CUSTOMERS[c % len(CUSTOMERS)]
        made = sorted(account.id for account in self._stored.accounts.values() if account.id.startswith("acc-"))
        account_id = customer.account.id if customer.account else (*made, "account-new")[0]
        domain = customer.contact.email.partition("@")[2]
        users = [
            {"name": f"Person {place}", "email": f"p{place}@{domain}", "role": "administrator"}
            for place in range(1, 4)
            if (c >> (4 + place)) % 2
        ]
        contact = {"name": customer.contact.name, "email": customer.contact.email, "role": "administrator"}
        users += [contact] if (b >> 4) % 4 else []
        terms = [{"solution": "scanner", "renewsOn": f"2027-0{1 + (b >> 6) % 9}-01"}] if (b >> 5) % 2 else []
        body = {
            "organisationNumber": NUMBERS[0] if (b >> 8) % 16 == 0 else customer.organisation_number,
            "name": customer.name,
            "users": users,
            "subscriptions": terms,
            **({"mainContact": users[0]["email"]} if users else {}),
        }
        path = f"/platform/accounts/{account_id}"
        return self._request("feed account", account_id, self._offices[0].platform, "PUT", path, body)

    def _import(self, b: int, c: int) -> Asked | None:
        office = self._office(b)
        rows: list[dict[str, str]] = []
        for number in range(1 + (c >> 8) % 3):
            customer = CUSTOMERS[(c + number) % len(CUSTOMERS)]
            row = {
                "organisationNumber": customer.organisation_number,
                "reference": f"desktop-{((c >> 4) + number) % 6}",
            }
            rows.append({**row, "solution": SOLUTIONS[(b >> 4) % 2]} if (b >> 6) % 3 else row)
        path = f"/platform/offices/{office.id}/collaborations/import"
        return self._request("import", f"{len(rows)}", office.platform, "POST", path, {"rows": rows})

    # How it goes on

    def _begin(self, ask: Asked) -> None:
        self._processes += 1
        ahead = timedelta(milliseconds=self._processes * 37 % 400 - 200)
        process = Process(self._shared, f"p{self._processes:05d}", ahead=ahead)
        task = self._simulation.start(ask.name, process, lambda: process.invoke(ask.folder, copied(ask.event)))
        self._asks[task] = ask
        self._say(ask.name)
        self._look_for_ends()

    def _say(self, what: str) -> None:
        self.heard.heard.append(what)

    def _take(self, choice: tuple[int, str], fault: str) -> None:
        ask = self._asks[self._simulation.tasks[choice[0]]]
        self.heard.under_way += len(self._asks)
        self.heard.most = max(self.heard.most, len(self._asks))
        step = self._simulation.step(choice, fault)
        self.heard.steps += 1
        if fault:
            self._say(f"{fault}: {step.call} of {ask.name}")
        failed = fault in FAULTS
        ask.faulty |= failed
        ask.disturbed |= bool(fault)
        self._trace(ask, step, failed=failed)
        self._look_for_ends()

    def _trace(self, ask: Asked, step: Turn, *, failed: bool) -> None:
        """Take note of what a step wrote and sent, and look at the rules."""
        if ask.in_hand and any(_place_of(record) == _place_of_mail(ask.in_hand) for record in step.records):
            ask.in_hand = None
        for mail in self._shared.ses.sent[len(self._shared.ses.sent) - step.mails :]:
            self._forget_in_hand(ask)
            key = mail_key(mail)
            self._sent[key] += 1
            if self._sent[key] > 1 + self._copies[key]:
                self.heard.broken.append(f"sent_at_most_once: {key} was sent {self._sent[key]} times")
            ask.in_hand = key
            if failed:
                # It was taken, and nobody has learnt of it.
                self._forget_in_hand(ask)
        if not step.records:
            return
        for record in step.records:
            place = _place_of(record)
            self._look_at_mail(place, record)
            self._stored.change(place, self._shared.client.items.get(place))
            self._streams[crc32(place[0].encode()) % SHARDS].append(record)
        self._stored.now = self._shared.now
        self.heard.broken += broken_by(step.records, self._stored)
        self.heard.broken += self._broken_now()

    def _look_at_mail(self, place: Place, record: Mapping[str, Any]) -> None:
        """A mail fails for good when SES has said so, or when it was tried for days."""
        delivery = record["dynamodb"].get("NewImage", {}).get("delivery", {}).get("S")
        if not place[1].startswith("MAIL#") or delivery != "failed":
            return
        mail_id, _, recipient = place[1].removeprefix("MAIL#").rpartition("#")
        agreement = place[0].partition("#")[2]
        mail = self._stored.outbox[agreement, mail_id]
        refused = (agreement, mail_id, recipient) in self._shared.rejected
        if not refused and self._shared.now < mail.at + TRIED_FOR:
            self.heard.broken.append(f"given_up: {mail_id} to {recipient}, which nobody had refused for good")

    def _forget_in_hand(self, ask: Asked) -> None:
        """The mail in hand can never be recorded by who has sent it: it may be sent once more."""
        if ask.in_hand:
            self._copies[ask.in_hand] += 1
            ask.in_hand = None

    def _broken_now(self) -> list[str]:
        """The rules of every moment that do not hold, whatever the clocks of the processes say of a second."""
        self._stored.now = self._shared.now + timedelta(seconds=1)
        broken = broken_of(self._stored)
        if broken:
            self._stored.now = self._shared.now - timedelta(seconds=1)
            before = set(broken_of(self._stored))
            broken = [what for what in broken if what in before]
        return broken

    def _look_for_ends(self) -> None:
        for task, ask in [*self._asks.items()]:
            if task.outcome is not None:
                del self._asks[task]
                self._ended(task.outcome, ask)
        if len(self._simulation.tasks) > 4 * ACTORS:
            self._simulation.tasks = [task for task in self._simulation.tasks if task.outcome is None]

    def _ended(self, outcome: Outcome, ask: Asked) -> None:
        answer = outcome.value
        if outcome.error is not None:
            self._forget_in_hand(ask)
        failed = outcome.error is not None or (isinstance(answer, Response) and answer.status >= 500)
        failed = failed or (not isinstance(answer, Response) and bool(faults_of(answer, None)))
        refused = isinstance(answer, Response) and answer.status >= 400
        self.heard.outcomes[ask.kind, "failed" if failed else "refused" if refused else "done"] += 1
        if failed and not ask.disturbed and not (self._crowd and "ConflictError" in str(outcome.error)):
            # Who meets others on the same item may be sent away, and comes again: alone, nobody is.
            self.heard.broken.append(f"fails_of_itself: {ask.name}: {outcome.error or answer}")
        if outcome.error is not None:
            self._said.append(str(outcome.error))
        if outcome.error is not None or (isinstance(answer, Response) and answer.status >= 500):
            ask.failed()
            if ask.key:
                self._failed.append(ask)
        elif isinstance(answer, Response):
            self._answered(ask, answer)
        elif faults_of(answer, None):
            ask.failed()
        else:
            ask.done()
        if self._shared.unexpected and not ask.faulty:
            self.heard.broken.append(f"unexpected: {self._shared.unexpected[-1]}")
        self._shared.unexpected.clear()
        for entry in self._shared.bus:
            name, detail = entry["DetailType"], json.loads(entry["Detail"])
            event = {"detail-type": name, "source": entry["Source"], "detail": detail}
            self._bag += [(folder, event) for folder in listeners(name)]
        self._shared.bus.clear()

    def _answered(self, ask: Asked, answer: Response) -> None:
        if ask.rows and "temporarily-unavailable" in answer.text:
            self._failed.append(ask)
        if not ask.key:
            return
        if ask.rows:
            answers = _answers_of_rows(answer) if answer.status < 400 else {}
        else:
            answers = {ask.key: (answer.status, answer.text)}
        for key, given in answers.items():
            before = self._answers.get(key)
            if before is None or self._shared.now >= self._answered_at[key] + ANSWERS_KEPT:
                if given[0] < 400:
                    self._answers[key], self._answered_at[key] = given, self._shared.now
            elif before != given and (given[0] < 400 or given[0] == IN_THE_WAY):
                # A refusal is not kept, and may be another one; but what was done is not in the way of itself.
                self.heard.broken.append(f"same_key_same_answer: {before}, then {given[0]} {given[1]}")
        if any(given[0] < 400 for given in answers.values()):
            self._had_answers.append(ask)

    def _run_all(self) -> None:
        while (choices := self._simulation.choices) and not self.heard.broken:
            self._take(choices[0], Fault.NONE)

    # How it ends

    def _end(self) -> None:
        """Nothing new is asked and nothing fails any more: everything that is under way comes to its end."""
        self._redrive(Move("redrive", 0, 0, 0))
        self._drain()
        self._crowd = False
        for schedule in (CLEAN_UP, AUDIT) if self._lost else (CLEAN_UP,):
            # What no message says is found by the schedules.
            self._shared.indexed = len(self._shared.client.records)
            self._schedule(Move("schedule", schedule, 0, 0))
            self._drain()
        for rounds in range(400):
            self._shared.indexed = len(self._shared.client.records)
            self._drain()
            if self.heard.broken:
                return
            if not self._mail_waits():
                break
            self._shared.now += timedelta(minutes=10 if rounds < 20 else 250)
            self._schedule(Move("schedule", 0, 0, 0))
        else:
            self.heard.broken.append("quiet: mails still wait")
            return
        sent = self._shared.ses.sent
        self.heard.broken += broken_when_quiet(
            self._shared.client.items,
            self._shared.now + timedelta(seconds=1),
            sent,
            copies=self._copies,
            rejected=self._shared.rejected,
        )
        composition.use(self._app)
        self._app.clock.now = self._shared.now
        drift = len(self._app.drift)
        self._app.functions["access"].handler(sample("access-every-night"), None)
        while self._app.pending_messages:
            self._app.deliver(self._app.pending_messages.pop(0))
        if any(self._app.drift[drift:]):
            self.heard.broken.append("quiet: the access audit found drift")

    def _mail_waits(self) -> bool:
        waiting = any(delivery == "queued" for delivery in self._stored.mails.values())
        return waiting or bool(self._stored.outbox.keys() - {key[:2] for key in self._stored.mails})

    def _drain(self) -> None:
        """Let everything happen that waits, until nothing does."""
        for _ in range(400):
            self._run_all()
            for _ in range(len(self._failed)):
                self._repeat(Move("repeat", 0, 0, 0))
                self._run_all()
            for shard in range(SHARDS):
                self._publish(Move("publish", shard, 9, 1))
                self._run_all()
            for _ in range(len(self._bag)):
                self._deliver(Move("deliver", 0, 1, 0))
                self._run_all()
            if self.heard.broken or not (any(self._streams) or self._bag or self._simulation.choices):
                return
        waiting = Counter(f"{folder} {event.get('detail-type')}" for folder, event in self._bag)
        self.heard.broken.append(f"quiet: delivered again and again: {dict(waiting)} {self._said[-1:]}")


def _answers_of_rows(answer: Response) -> dict[str, tuple[int, str]]:
    """What each row of a batch is answered under its key, now or when it came first."""
    return {
        row["key"]: (201, json.dumps(row["invitation"]))
        if row["status"] in {"created", "replayed"}
        else (row["problem"]["status"], json.dumps(row["problem"]))
        for row in answer.json["rows"]
    }


def _place_of(record: Mapping[str, Any]) -> Place:
    names = record["dynamodb"]["Keys"]
    return names["pk"]["S"], names["sk"]["S"]


def _place_of_mail(key: MailKey) -> Place:
    agreement, mail_id, recipient = key
    return f"AGREEMENT#{agreement}", f"MAIL#{mail_id}#{recipient}"


def shrunk(world: Setting, moves: Sequence[Move], broken: str, *, most: int = 300) -> list[Move]:
    """The shortest story found that breaks the same rule, by leaving out ever smaller pieces. `most`: of tellings."""
    rule = broken.partition(":")[0]
    tellings = 0

    def fails(some: Sequence[Move]) -> bool:
        nonlocal tellings
        tellings += 1
        return any(what.startswith(f"{rule}:") for what in Story(world).narrate(some).broken)

    left = list(moves)
    size = len(left) // 2
    while size and tellings < most:
        start = 0
        while start < len(left) and tellings < most:
            without = left[:start] + left[start + size :]
            if fails(without):
                left = without
            else:
                start += size
        size //= 2
    return left


LENGTH = 2400
# As many as make a million steps, and some more.
STORIES = 276


@each_simulated
def prove(effort: Effort) -> Iterator[Row]:
    """The row of all stories that follow from the seed."""
    yield row(effort.seed, effort.of(STORIES), LENGTH)


def row(seed: int, stories: int, length: int) -> Row:
    """The row of some stories. The seed of each that breaks a rule is named; the first of them is shrunk."""
    world = beginning()
    steps = under_way = most = 0
    failed: list[int] = []
    first = ""
    outcomes: Counter[tuple[str, str]] = Counter()
    for number in range(stories):
        own = seed * 1_000_000 + number
        moves = drawn(own, length)
        heard = Story(world).narrate(moves)
        steps += heard.steps
        under_way += heard.under_way
        most = max(most, heard.most)
        outcomes += heard.outcomes
        if heard.broken:
            failed.append(own)
            first = first or failure(world, own, moves, heard.broken[0])
    idle = never_done(outcomes)
    at_once = f"at most {most} requests and consumers at once, {under_way / max(1, steps):.0f} on average"
    usual = f"{stories} stories of {length} moves; {at_once}; {len({kind for kind, _ in outcomes})} kinds of calls"
    named = f"seeds {', '.join(map(str, failed))}; the first: {first}" if failed else ""
    detail = "; ".join(filter(None, [named, *idle]))
    return Row("stories", "steps of random stories", steps, len(failed) + len(idle), detail or usual)


def never_done(outcomes: Counter[tuple[str, str]]) -> list[str]:
    """The kinds of requests and consumers that were often tried and never succeeded, in words."""
    tried: Counter[str] = Counter()
    for (kind, _), number in outcomes.items():
        tried[kind] += number
    return [
        f"{kind} was tried {number} times, and never succeeded"
        for kind, number in sorted(tried.items())
        if number >= OFTEN and not outcomes[kind, "done"]
    ]


def failure(world: Setting, seed: int, moves: Sequence[Move], broken: str) -> str:
    """What a story shows that breaks a rule: its seed, and the shortest of it that breaks the same."""
    short = shrunk(world, moves, broken)
    heard = Story(world).narrate(short)
    story = f"{len(short)} moves: {'; '.join(heard.heard)}: {'; '.join(heard.broken[:2])}"
    return f"again stories:{seed}:{len(moves)}, {story}"


@each_simulated
def again(what: str) -> Iterator[str]:
    """A story by its seed and its length: what happens in it, and which rules it breaks; then its shortest."""
    seed, length = map(int, what.split(":"))
    world = beginning()
    moves = drawn(seed, length)
    heard = Story(world).narrate(moves)
    yield from heard.heard
    yield from heard.broken or ["No rule is broken"]
    if heard.broken:
        yield failure(world, seed, moves, heard.broken[0])
