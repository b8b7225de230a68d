"""Faults between the deployed functions and the emulator, many at once behind its gateway, and what hangs there.

microburst stands between the functions and the emulator and answers a share of their calls as AWS does when it is
unwell: throttled, broken, cut off before or after the call was made, late. Callers repeat what is answered with 5xx, as
`Retry-After` asks them to. When it is over, the rules of the simulation are looked at over the emulator's table.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web
from collaboration.domain.model.values import AgreementId
from collaboration.link_tokens import LinkKeys, TokenClaims
from collaboration.storage import keys
from microburst import rules as microburst_rules
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from stack import demonstration, later
from stack.client import Client, until
from stack.demonstration import EMPLOYEES
from stack.emulator import Emulator
from stack.laptop import bring_up
from stack.versions import environment, set_environment
from support.people import ALMBERG, BJORK, CEDER, DAHL, Office
from support.samples import sample
from support.template import PROJECT

from proof.deployed_app import DeployedApp
from proof.deployed_leaks import lines, private_of
from proof.invariants import Stored, broken_when_quiet
from proof.races import AT_ONCE, RACES, Crowd, row
from proof.report import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from types import TracebackType

    from support.app import Response

    from proof.report import Effort

PART = "bursts"
# Calls that are given up in the middle are what is wanted here.
logging.getLogger("aiohttp").setLevel(logging.CRITICAL)
SHARES = (0.05, 0.2, 0.5)
CALLERS = 4
ROUNDS = 9
# The emulator starts a process for each call of a function that runs beside others, and answers 429 to those that are
# too many: of two hundred at once a good part, and on two processors the others have no time left, and answer 503.
RACE_THREADS = 16
# A caller gives up after so many 5xx; with half of all calls failing some operations need many.
MOST_TRIES = 60
HANG_MILLISECONDS = 60_000
# How often the schedules come round before what is wrong is said to stay so.
MOST_ROUNDS = 10
# What a function of the API has, in seconds (template.yaml), and the way through gateway and emulator.
TIME_TO_ANSWER, ON_THE_WAY = 15.0, 5.0


class Burst:
    """microburst on a port of its own, in front of the emulator. A context manager."""

    def __init__(self, upstream: str, seed: int) -> None:
        self._proxy = Microburst(upstream, resign=False)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._runner = web.AppRunner(make_app(self._proxy), access_log=None, shutdown_timeout=1.0)
        # The first call draws the first number, and so on: which call is the first follows from real time.
        vars(microburst_rules)["random"] = random.Random(seed)  # noqa: S311 - no secret

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(30)
        self.endpoint = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def _stop(self) -> None:
        """End the server, and whatever still hangs."""
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def use(self, *rules: dict[str, Any]) -> None:
        """Answer by these rules from now on; none: let everything through."""
        self._loop.call_soon_threadsafe(self._proxy.engine.set_rules, list(rules))

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return int(self._proxy.requests_seen)

    @property
    def faults(self) -> Counter[str]:
        """How many were answered otherwise, by service."""
        counted: Counter[str] = Counter()
        for (service, *_), number in self._proxy.fault_counts.items():
            counted[str(service)] += number
        return counted


def rules(share: float) -> list[dict[str, Any]]:
    """So large a share of all calls fails, each way about as often; the first rule that draws a call has it."""
    ways: list[dict[str, Any]] = [
        {"service": "dynamodb", "error": {"code": "ThrottlingException"}},
        {"service": "*", "error": {"code": "InternalServerError", "status": 500}},
        {"service": "*", "reset": True},
        # The call is made, and nobody learns what it was answered.
        {"service": "*", "response": {"abort_bytes": 0}},
        {"service": "*", "latency": {"min": 50, "max": 500}},
    ]
    each, left, found = share / len(ways), 1.0, []
    for way in ways:
        found.append({**way, "probability": each / left})
        left -= each
    return found


def prove(effort: Effort) -> Iterator[Row]:
    """Races, bursts and what hangs, over one stack."""
    with Emulator(PROJECT / ".local") as emulator, Burst(emulator.endpoint, effort.seed) as burst:
        client = Client(bring_up(PROJECT, emulator))
        yield from races(client, effort.of(AT_ONCE))
        offices = {share: new_office(client, f"burst-{share * 100:g}") for share in SHARES}
        hung = new_office(client, "hung")
        redirect(client, burst.endpoint)
        for share, office in offices.items():
            yield burst_row(client, burst, office, share, effort)
        yield from hung_rows(client, burst, hung)
        addresses = [
            f"{employee.id}@{office.id}.example" for office in (*offices.values(), hung) for employee in EMPLOYEES
        ]
        yield lines(PART, " while calls failed and hung", client, private_of(client, *addresses))


def new_office(client: Client, office_id: str) -> Any:
    """The demonstration office under another id, whose employees have addresses of their own: each signs in with it."""
    office: Any = Office(DeployedApp(client), office_id)  # type: ignore[arg-type]  # called as an App is
    office.feed_office_only()
    for employee in EMPLOYEES:
        address = {"email": f"{employee.id}@{office_id}.example"}
        office.put(f"/platform/offices/{office_id}/employees/{employee.id}", {**employee.body(), **address})
    for customer in demonstration.CUSTOMERS:
        if customer.account:
            office.put(f"/platform/accounts/{customer.account.id}", customer.account.body(customer))
    return office


def redirect(client: Client, endpoint: str) -> None:
    """Let every function call AWS at this address."""
    functions = client.aws.functions
    for name in client.stack["functions"].values():
        set_environment(functions, name, {**environment(functions, name), "AWS_ENDPOINT_URL": endpoint})


# Races


def races(client: Client, at_once: int) -> Iterator[Row]:
    """Those of `races`, through the gateway, each at an office of its own."""
    for number, (name, race) in enumerate(RACES.items()):
        office = new_office(client, f"race-{number}")
        crowd = Crowd(at_once, min(at_once, RACE_THREADS))
        result = race(office, crowd)
        yield row(PART, f"{name}, over the emulator behind its gateway", f"{crowd.threads} at once", result)


# Bursts


class Persistent:
    """Somebody who repeats what is answered with 5xx, with the same key. `wrong`: answers that should not have been."""

    def __init__(self) -> None:
        self.sent = self.repeated = 0
        self.wrong: list[str] = []

    def __call__(self, call: Callable[[], Response], allowed: Collection[int] = (), late: Collection[int] = ()) -> Any:
        """Call until there is an answer, or too many were none.

        Args:
            call: what is called.
            allowed: what it may be answered; no more is asked where there is none.
            late: what it may be answered besides when it is repeated: the first may have been carried out.
        """
        answer = call()
        tries = 1
        while (answer.status >= 500 or "temporarily-unavailable" in answer.text) and tries < MOST_TRIES:
            time.sleep(0.1)
            answer = call()
            tries += 1
        self.sent += tries
        self.repeated += tries - 1
        if tries == MOST_TRIES:
            self.wrong.append(f"given up, {answer.path}: {answer.status} {answer.text[:100]}")
        elif allowed and answer.status not in {*allowed, *(late if tries > 1 else ())}:
            self.wrong.append(f"{answer.path} is answered {answer.status} after {tries} tries: {answer.text[:200]}")
        return answer


def burst_row(client: Client, burst: Burst, office: Any, share: float, effort: Effort) -> Row:
    """The day of an office during a burst, and what is left of it afterwards."""
    caller, calls, before = Persistent(), burst.calls, burst.faults
    burst.use(*rules(share))
    try:
        broken = [*a_day(client, office, caller, effort.of(ROUNDS))]
    finally:
        burst.use()
    faults, made = sum((burst.faults - before).values()), burst.calls - calls
    # A burst that hits nothing shows nothing: nor does one that hits far fewer calls than it should.
    if faults < max(1, made * share / 4):
        broken.append(f"{faults} of {made} calls failed: no burst")
    broken += caller.wrong
    broken += come_to_rest(client, office)
    detail = (
        f"{faults:,} of {made:,} calls of services failed or came late; {caller.sent} requests, "
        f"{caller.repeated} of them repetitions after a 5xx"
    )
    what = f"an office at work while {share:.0%} of all calls fail: nothing half done, every answer the same again"
    return Row(PART, what, made, len(broken), " / ".join(broken[:3]) or detail)


def a_day(client: Client, office: Any, caller: Persistent, rounds: int) -> Iterator[str]:
    """Invitations, decisions and revocations at once, imports, changes of a task, ends; what was answered wrongly."""
    base = f"/platform/offices/{office.id}"
    customers = (BJORK, DAHL, ALMBERG)
    path = f"{base}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    with ThreadPoolExecutor(max_workers=CALLERS) as threads:
        for number in range(rounds):
            customer = customers[number % len(customers)]
            proposal = caller(partial(office.anna.post, "/collaborations/preview", office.proposal(customer)), {200})
            if proposal.status != 200:
                continue
            shown = {"scenario": proposal.json["scenario"], "termsVersion": proposal.json["terms"]["version"]}
            body = {**office.proposal(customer), **shown}
            send = partial(
                office.anna.post, "/invitations", body, headers={"Idempotency-Key": f"{office.id}-{number:04d}"}
            )
            first, again = threads.map(lambda call: caller(call, {201}), [send, send])
            if (first.status, first.text) != (again.status, again.text):
                yield f"same key, another answer: {first.status}, then {again.status} {again.text[:100]}"
            if first.status != 201:
                continue
            people = ["cecilia"] if number % 2 else []
            rows = [{"organisationNumber": CEDER.organisation_number, "reference": f"{office.id}-{number}"}]
            others = [
                partial(office.platform.put, path, {**BJORK.task(), "participants": people}),
                partial(office.platform.post, f"{base}/collaborations/import", {"rows": rows}),
            ]
            decisions = decide_at_once(client, office, first.json["id"], customer.organisation_number, number)
            calls = [(decision, {200, 409, 410}) for decision in decisions] + [(other, {200}) for other in others]
            answers = [*threads.map(lambda each: caller(*each), calls)][: len(decisions)]
            if 200 not in (won := {answer.status for answer in answers}):
                yield f"decisions are answered {won}"
            status = caller(partial(office.anna.get, f"/invitations/{first.json['id']}"), {200}).json
            yield from close_again(office, caller, status)


def decide_at_once(
    client: Client, office: Any, invitation: str, organisation_number: str, number: int
) -> list[Callable[[], Response]]:
    """Two acceptances by links of the invitation's first recipient, and a revocation where the number is odd."""
    [secret] = client.aws.secrets.list_secrets()["SecretList"]
    signing = LinkKeys.parse(client.aws.secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"])
    claims = TokenClaims(AgreementId(invitation.removeprefix("inv-")), "r1", 1)
    link = f"/accept/{signing.signer(datetime.now(UTC)).token(claims)}"
    body = {"decision": "accept", "organisationNumberEnding": organisation_number[-4:]}
    accept = partial(office.nobody.post, link, body)
    revoke = partial(office.anna.post, f"/invitations/{invitation}/revoke")
    return [accept, accept, revoke] if number % 2 else [accept, accept]


def close_again(office: Any, caller: Persistent, invitation: dict[str, Any]) -> Iterator[str]:
    """End what came of an invitation, so that the next can be sent; an answer that was lost is looked up."""
    if invitation["status"] != "accepted":
        return
    path = f"/collaborations/col-{invitation['id'].removeprefix('inv-')}"
    look = partial(office.anna.get, path)
    found = caller(look, {200})
    for _ in range(3):
        if found.status != 200 or found.json["state"] == "ended":
            break
        tag = {"If-Match": found.headers["ETag"]}
        # Repeated, it meets the end that it has made itself.
        caller(partial(office.anna.post, f"{path}/end", {"outcome": "continue"}, headers=tag), {200}, {409, 412})
        found = caller(look, {200})
    if found.status != 200 or found.json["state"] != "ended":
        yield f"a collaboration cannot be ended: {found.status} {found.text[:100]}"


def come_to_rest(client: Client, office: Any) -> list[str]:
    """What is wrong when everything that was begun has come to its end, as far as schedules and the audit bring it."""
    for folder in ("access", "cleanup"):
        later.move_function(client.aws, client.stack["functions"][folder], 1 / 24)
    invoke(client, "cleanup", sample("cleanup-every-quarter"))
    broken: list[str] = []
    for _ in range(MOST_ROUNDS):
        # A mail that was refused often waits long until it is tried again.
        later.move_function(client.aws, client.stack["functions"]["mail"], 1 / 24)
        invoke(client, "mail", sample("mail-every-minute"))
        # For what no message told of: some were given up by the bus. An audit goes on by messages of its own.
        invoke(client, "access", {"detail-type": "AuditDue", "detail": {"officeId": office.id}})
        office.app.drain_events()
        stored = [*office.app.items()]
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in stored}
        now = datetime.now(UTC)
        broken = [what for what in broken_when_quiet(found, now, ()) if not what.startswith("sent_at_least_once")]
        broken += mail_faults(client, stored, Stored.of(found, now))
        if not broken:
            break
    return broken


def mail_faults(client: Client, found: Collection[Any], stored: Stored) -> Iterator[str]:
    """What is wrong with mails once all is quiet, each by its id and recipient.

    Each has gone out, and what the table says was sent is the message that lies in that mailbox. What lies there
    besides are copies, of a mail that SES took when nobody could learn of it or keep it: at most one for each attempt
    but the last.
    """
    box = {mail.message_id: mail.to.casefold() for mail in client.mails()}
    copies: Counter[str] = Counter()
    by_place = {(item["pk"]["S"], item["sk"]["S"]): item for item in found}
    for (agreement, mail_id), mail in stored.outbox.items():
        for recipient in mail.recipients:
            key, to = (agreement, mail_id, recipient.key), recipient.email.casefold()
            delivery = stored.mails.get(key)
            if delivery in {None, "queued"}:
                yield f"{key} is {delivery}"
                continue
            at = keys.mail(mail.agreement, mail.id, recipient.key)
            item = by_place[at.pk, at.sk]
            copies[to] += int(item["attempts"]["N"]) - (delivery == "sent")
            if delivery == "sent" and box.pop(item["messageId"]["S"], None) != to:
                yield f"{key} is sent, and is not in its mailbox"
    left = Counter(box.values()) - copies
    yield from (f"{number} mails more than attempts to send them" for number in left.values())


def invoke(client: Client, folder: str, event: Any) -> None:
    """Call a function as its schedule or the bus does."""
    client.aws.functions.invoke(FunctionName=client.stack["functions"][folder], Payload=json.dumps(event).encode())


# What hangs


def hung_rows(client: Client, burst: Burst, office: Any) -> Iterator[Row]:
    """A service does not answer at all: what callers see, and after how long."""
    office.anna.get("/collaborations")
    body = office.confirmed(office.proposal())
    invited = office.invited(DAHL)
    link = office.link_of(DAHL.contact.email)
    calls: dict[str, Callable[[], Response]] = {
        "a list": partial(office.anna.get, "/collaborations"),
        "an invitation": partial(office.anna.post, "/invitations", body, headers={"Idempotency-Key": "hung-0001"}),
        "a revocation": partial(office.anna.post, f"/invitations/{invited['id']}/revoke"),
        "a link": partial(office.nobody.get, link),
        "a PUT": partial(office.platform.put, f"/platform/offices/hung/customers/{BJORK.id}", BJORK.body()),
    }
    before = sorted(map(str, office.app.items()))
    burst.use({"service": "dynamodb", "timeout_ms": HANG_MILLISECONDS})
    yield hung_row("the table", calls, lambda: () if sorted(map(str, office.app.items())) == before else ("changed",))
    burst.use({"service": "ses", "timeout_ms": HANG_MILLISECONDS})
    sent, asked = len(client.mails(BJORK.contact.email)), burst.faults["ses"]
    yield hung_row(
        "SES", {"an invitation": calls["an invitation"]}, partial(mail_comes, client, burst, office, sent, asked), 201
    )
    functions, name = client.aws.functions, client.stack["functions"]["accept"]
    # A new process has read no keys yet.
    set_environment(functions, name, {**environment(functions, name), "STARTED": "anew"})
    burst.use({"service": "secretsmanager", "timeout_ms": HANG_MILLISECONDS})

    def link_opens() -> Iterator[str]:
        burst.use()
        if (answer := calls["a link"]()).status != 200:
            yield f"afterwards the link is answered {answer.status}"

    yield hung_row("Secrets Manager", {"a link": calls["a link"]}, link_opens)


def hung_row(
    service: str, calls: dict[str, Callable[[], Response]], check: Callable[[], Any], status: int = 503
) -> Row:
    """Make these calls at the same time while the service hangs; `check` says what is wrong afterwards."""

    def timed(call: Callable[[], Response]) -> tuple[Response, float]:
        began = time.monotonic()
        return call(), time.monotonic() - began

    with ThreadPoolExecutor(max_workers=len(calls)) as threads:
        answers = [*threads.map(timed, calls.values())]
    faults = []
    for name, (answer, took) in zip(calls, answers, strict=True):
        if answer.status != status or (status == 503 and not answer.headers.get("Retry-After")):
            faults.append(f"{name} is answered {answer.status}")
        if took > TIME_TO_ANSWER + ON_THE_WAY:
            faults.append(f"{name} is answered after {took:.0f} seconds")
    faults += check()
    times = ", ".join(
        f"{name} {answer.status} after {took:.1f} s" for name, (answer, took) in zip(calls, answers, strict=True)
    )
    what = f"{service} hangs behind the gateway: {status} in time, nothing half done"
    return Row(PART, what, len(calls), len(faults), "; ".join(faults) or times)


def mail_comes(client: Client, burst: Burst, office: Any, before: int, asked: int) -> Iterator[str]:
    """What is wrong with the mail that could not be sent: it comes once SES is back."""
    with suppress(TimeoutError):
        until(lambda: burst.faults["ses"] > asked or None, "a mail that SES does not take")
    if burst.faults["ses"] == asked:
        yield "SES was not asked"
    if len(client.mails(BJORK.contact.email)) != before:
        yield "a mail went through"
    burst.use()
    yield from come_to_rest(client, office)
    if len(client.mails(BJORK.contact.email)) != before + 1:
        yield f"{len(client.mails(BJORK.contact.email)) - before} mails came"
