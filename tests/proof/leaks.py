"""What leaves the application is searched for every address, name, number, ending, token and secret used in it.

The run: every operation by its rightful caller in many states, by every stranger, with every field, header and id
wrong, with every call of the table failing, with every kind of stored item unreadable; and everything that follows,
with the table and SES failing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError
from collaboration.domain.model.faults import Slug
from collaboration.http.request import CallerClass
from stack.demonstration import CUSTOMERS, EMPLOYEES, OFFICE
from support.faults import ANY
from support.people import ALMBERG, ANNA, BJORK, BO, CEDER, DAHL, fresh_key
from support.samples import sample

from proof.link_pages import MAY_HOLD as PAGES_MAY_HOLD
from proof.link_pages import MESSAGE, OPENINGS, STRANGER, WRONG, bad_links, visit_links
from proof.observed import ALLOWED_IN_PROBLEMS, ALLOWED_PLACES, Observed, ObservedApp, spellings
from proof.report import Row
from proof.strangers import STRANGERS
from proof.valid_requests import BENJAMIN, BIRGITTA, ENVIRONMENT, NEIGHBOUR, Story, ValidRequest, valid_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from support.engines import Engine

    from proof.report import Effort

SIGNING_KEY = "a key of the tests"


def private_texts(*more: str) -> tuple[str, ...]:
    """Every address, name, number and secret of the demonstration office, and `more`."""
    companies = [*CUSTOMERS, NEIGHBOUR]
    people = [each for company in companies if company.account for each in company.account.administrators]
    people += [each for company in companies if company.account for each in company.account.users]
    bearer = sample("invite-send")["headers"]["Authorization"].removeprefix("Bearer ")
    found = {
        *(OFFICE[name] for name in ("name", "email", "organisationNumber", "phone")),
        *(text for person in EMPLOYEES for text in (person.name, person.email)),
        *(text for person in people for text in person),
        *(text for company in companies for text in (company.name, company.organisation_number, company.task_name)),
        *(text for company in companies for text in _contact(company.contact)),
        STRANGER,
        MESSAGE,
        SIGNING_KEY,
        bearer,
        *more,
        f"{BJORK.organisation_number[:6]}-{BJORK.organisation_number[6:]}",
    }
    return tuple(sorted(found))


def _contact(contact: Any) -> tuple[str, ...]:
    return contact.name, contact.email, contact.phone, contact.street, contact.postal_code


# Names of companies and employees, in lower case as lists are sorted by them. The position that a cursor holds is the
# name of the row before it, in a URL, as `query` holds a part of one; addresses and numbers are in neither, nor is a
# person at a customer.
NAMES = frozenset(each.name.casefold() for each in (*CUSTOMERS, NEIGHBOUR, *EMPLOYEES))


# The id of a request, of a message: four digits of one are nobody's, and some are bound to be those of a company.
RANDOM_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# So are those of the milliseconds that a call took.
TIME_TAKEN = re.compile(r"Duration: [0-9.]+ ms")


def forms() -> dict[str, re.Pattern[str]]:
    """What is private by its form: the last four digits of a number, wrong ones that were typed, links, tokens."""
    digits = [company.organisation_number[-4:] for company in (*CUSTOMERS, NEIGHBOUR)] + [WRONG]
    return {
        # Not the decimals of a figure.
        "an ending": re.compile(rf"(?<![0-9A-Za-z])(?<![0-9]\.)(?:{'|'.join(digits)})(?![0-9A-Za-z])"),
        "a link's token": re.compile(r"v1\.inv-[a-z0-9]+\.[a-z0-9-]+\.[0-9]+\.[A-Za-z0-9_-]{43}"),
        "a signed token": re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{2,}\."),
    }


def observed_run(effort: Effort) -> tuple[Observed, tuple[str, ...]]:
    """Everything that left the application in the whole run, and what it is searched for."""

    def make_app(engine: Engine) -> ObservedApp:
        return ObservedApp(engine)

    story = Story(make_app)
    requests = valid_requests(story)
    in_every_state(story, requests, effort)
    through_links(story, effort)
    # What asks the table nothing, and answers everybody alike, has no more to tell.
    requests = [each for each in requests if each.operation.caller is not CallerClass.ANYONE]
    for trial in (by_strangers, with_everything_wrong, with_calls_that_fail, unreadable, afterwards):
        trial(story, requests, effort)
    story.rewind()
    signatures = (token.rpartition(".")[2] for token in story.links.values())
    return app_of(story).finish(), private_texts(*story.links.values(), *signatures)


def app_of(story: Story) -> ObservedApp:
    """The application of a story that is observed."""
    return cast("ObservedApp", story.app)


def send(story: Story, request: ValidRequest, claims: dict[str, str] | None) -> None:
    """Send a request at any revision; as a browser does where there is a page, a list page by page."""
    folder, event = request.event(story.app, claims)
    if request.operation.matched:
        event["headers"]["If-Match"] = "*"
    story.app.invoke(folder, event)
    if request.operation.html and request.operation.caller is CallerClass.HOLDER:
        story.app.invoke(folder, {**event, "headers": {**event["headers"], "Accept": "text/html"}})
    if "limit" in request.operation.query.model_fields:
        query = {**(event["multiValueQueryStringParameters"] or {}), "limit": ["1"]}
        story.app.invoke(folder, {**event, "multiValueQueryStringParameters": query})


# In every state


def in_every_state(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """Every operation, in the state where it succeeds and in all the others, with all that follows."""
    for change in effort.spread(STATES):
        story.rewind()
        change(story)
        story.app.drain_events()
        for request in requests:
            with contextlib.suppress(AssertionError):
                send(story, request, request.claims)
        story.app.drain_events()
        story.app.clean_up()
        story.app.send_due_mail()
        story.app.audit_access()


def through_links(story: Story, effort: Effort) -> None:
    """Every page of every link in each state; of bad ones too, which are only opened but in the first state."""
    for number, change in enumerate(effort.spread((*STATES, _reported))):
        story.rewind()
        change(story)
        story.app.drain_events()
        visit_links(story, story.links.items())
        bad = [(BIRGITTA, link) for link in bad_links(story.app, story.links[BIRGITTA])]
        visit_links(story, bad, OPENINGS if number else None)


def _reported(story: Story) -> None:
    """The link of one administrator is closed: the invitation was not for them."""
    story.office.nobody.post(f"/accept/{story.links[BIRGITTA]}/not-me", {"email": BIRGITTA})


def _erased(story: Story) -> None:
    story.app.clock.pass_(days=60)
    story.app.clean_up()


def _decide(story: Story, **more: Any) -> None:
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:], "message": MESSAGE}
    story.office.nobody.post(f"/accept/{story.links[BIRGITTA]}", {**body, **more})


def _guess(story: Story, times: int) -> None:
    for number in range(times):
        link = story.links[(BIRGITTA, BENJAMIN)[number // 5 % 2]]
        body = {"decision": "accept", "organisationNumberEnding": WRONG, "message": MESSAGE}
        story.office.nobody.post(f"/accept/{link}", body)
        story.office.nobody.post(f"/accept/{link}", form=body)


def _end(story: Story) -> None:
    for collaboration in (story.collaboration, story.ending, story.activated, story.linked):
        etag = {"If-Match": "*"}
        story.office.anna.post(f"/collaborations/{collaboration['id']}/end", {"outcome": "continue"}, headers=etag)


def _put_customer(story: Story, customer: Any, **changes: Any) -> None:
    path = f"/platform/offices/{story.office.id}/customers/{customer.id}"
    story.office.platform.put(path, {**customer.body(), **changes})


def _inactive(story: Story) -> None:
    for customer in CUSTOMERS:
        _put_customer(story, customer, active=False)


def _put_account(story: Story, customer: Any, account_id: str = "", **changes: Any) -> None:
    path = f"/platform/accounts/{account_id or customer.account.id}"
    story.office.platform.put(path, {**customer.account.body(customer), **changes})


def _no_tasks(story: Story) -> None:
    for customer in CUSTOMERS:
        path = f"/platform/offices/{story.office.id}/customers/{customer.id}/tasks/{customer.task_id}"
        story.office.platform.put(path, {**customer.task(), "active": False})


def _ask(story: Story, customer: Any, solution: str, path: str = "/invitations", **more: Any) -> None:
    """Ask without looking: what the preview would say comes back as a refusal, or not."""
    terms = story.office.anna.post("/collaborations/preview", story.office.proposal(customer, solution)).json["terms"]
    body = {"scenario": "has-solution", **story.office.proposal(customer, solution), "termsVersion": terms["version"]}
    keyed = {"Idempotency-Key": fresh_key()}
    story.office.anna.post(path, {**body, **more}, headers=keyed)


def _refused_proposals(story: Story) -> None:
    """Both doors, of every customer and solution, with every situation and with none of the set-up."""
    for customer in CUSTOMERS:
        for solution in ("scanner", "smart-office", "tax-annual-accounts", "bookkeeping-invoicing", "payroll"):
            for scenario in ("has-solution", "without-solution", "not-a-customer"):
                for path in ("/invitations", "/activations"):
                    for more in ({}, {"termsVersion": "1999-01-01"}, {"taskId": "nothing"}, {"accountId": "nothing"}):
                        more_sent = more | ({"message": MESSAGE} if path == "/invitations" else {})
                        _ask(story, customer, solution, path, scenario=scenario, **more_sent)


NEWCOMER = replace(NEIGHBOUR, id="ny", name="Nyköpings Nätter AB", organisation_number="5560000001")


def _newcomer(story: Story) -> None:
    """A company that is no customer yet, with a contact person who will not do."""
    story.office.feed_customer(NEWCOMER)
    for contact in (
        {"name": NEWCOMER.contact.name, "email": NEWCOMER.contact.email},
        {**NEWCOMER.contact.body(), "email": ANNA.email},
    ):
        _put_customer(story, NEWCOMER, contact=contact)
        for path in ("/invitations", "/activations"):
            _ask(story, NEWCOMER, "scanner", path, scenario="not-a-customer")


def _two_accounts(story: Story) -> None:
    for customer in (DAHL, ALMBERG):
        _put_account(story, customer, f"{customer.id}-beside")
        _ask(story, customer, "smart-office", invoiceRecipient="office", scenario="without-solution")


def _customer_owned(story: Story) -> None:
    owned = {"solution": "bookkeeping-invoicing", "renewsOn": "2027-01-01", "customerOwned": True}
    _put_account(story, BJORK, subscriptions=[owned])


def _in_use(story: Story) -> None:
    _put_account(story, BJORK, organisationNumber="5560000001")
    _put_customer(story, BJORK, organisationNumber="5560000001")
    _put_customer(story, ALMBERG, companyType="sole-trader")
    story.office.activate(ALMBERG, "tax-annual-accounts")
    _put_customer(story, ALMBERG, companyType="private-individual")


def _many_reminders(story: Story) -> None:
    for _ in range(5):
        for verb in ("remind", "remind", "resend"):
            story.office.anna.post(f"/invitations/{story.pending['id']}/{verb}")
        story.app.clock.pass_(hours=25)
        story.app.drain_events()


def _keys_used_otherwise(story: Story) -> None:
    keyed = {"Idempotency-Key": STRANGER}
    for body in (
        story.office.proposal(DAHL, "smart-office", invoiceRecipient="office"),
        story.office.proposal(ALMBERG, "scanner"),
    ):
        for _ in range(2):
            sent = {**story.office.confirmed(body), "message": MESSAGE}
            story.office.anna.post("/invitations", sent, headers=keyed)
            story.office.anna.post("/invitations", sent)


def _a_downgrade(story: Story) -> None:
    path = f"/collaborations/{story.collaboration['id']}"
    for body in ({"variant": "accountant-access"}, {"variant": "nothing"}, {"invoiceRecipient": STRANGER}):
        story.office.anna.call("PATCH", path, body, headers={"If-Match": "*"})
    for body in ({"outcome": "delete"}, {"outcome": "close"}, {"outcome": "delete", "confirmSolution": STRANGER}):
        story.office.anna.post(f"{path}/end", body, headers={"If-Match": "*"})
    story.office.anna.call("PATCH", path, {"taskId": "other"}, headers={"If-Match": '"99"'})
    story.office.anna.call("PATCH", path, {"taskId": "other"})


def _kinds_differ(story: Story) -> None:
    answer = story.office.activate(ALMBERG, "payroll", variant="start")
    if answer.status == 201:
        path = f"/collaborations/{answer.json['id']}"
        story.office.anna.call("PATCH", path, {"variant": "standard"}, headers={"If-Match": "*"})


def _provider_says(story: Story) -> None:
    for event in ("Send", "DeliveryDelay", "Bounce", "Complaint", "Reject", "Delivery", "RenderingFailure"):
        for number in range(1, len(story.app.mailbox) + 1):
            details = {"recipients": [BIRGITTA], "reason": f"550 no such mailbox {BIRGITTA}"}
            mail = {"messageId": f"message-{number}", "destination": [BIRGITTA]}
            body = {"detail": {"eventType": event, "mail": mail, event.lower(): details}}
            story.office.platform.post("/platform/mail-events", body)
            with contextlib.suppress(Exception):
                story.app.functions["mail_events"].handler(body, None)


STATES: tuple[Callable[[Story], object], ...] = (
    lambda _: None,
    _decide,
    lambda story: _decide(story, decision="decline"),
    lambda story: story.office.anna.post(f"/invitations/{story.pending['id']}/revoke"),
    lambda story: story.app.clock.pass_(days=15),
    lambda story: story.app.clock.pass_(days=60),
    _erased,
    lambda story: _guess(story, 5),
    lambda story: _guess(story, 20),
    _end,
    _no_tasks,
    _inactive,
    lambda story: _put_account(story, BJORK, users=[], mainContact=None),
    lambda story: _put_account(story, DAHL, users=[], mainContact=None),
    lambda story: _put_account(story, BJORK, mainContact=None),
    _refused_proposals,
    _newcomer,
    _two_accounts,
    _customer_owned,
    _in_use,
    _many_reminders,
    _keys_used_otherwise,
    _a_downgrade,
    _kinds_differ,
    _provider_says,
)


# By strangers, and with everything wrong


def by_strangers(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """Every operation by every caller."""
    for request in requests:
        for stranger in effort.spread(STRANGERS):
            story.rewind()
            send(story, request, stranger.claims)


# What somebody may write by mistake where something else belongs.
MISPLACED = (BIRGITTA, BJORK.organisation_number, BJORK.contact.name, MESSAGE, f"<script>{STRANGER}</script>")


def with_everything_wrong(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """An address, a number, a name or a message in every field, header, parameter and id, and as a field's name."""
    wrong = (each for request in requests for text in MISPLACED for each in _wrong(story, request, text))
    for folder, event in effort.spread(wrong):
        story.rewind()
        story.app.invoke(folder, event)


def _wrong(story: Story, request: ValidRequest, misplaced: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for body in _wrong_bodies(request.body, misplaced) if request.body is not None else ():
        yield request.with_body(body).event(story.app, request.claims)
    folder, event = request.event(story.app, request.claims)
    # A number is an id like any other where somebody has made it one.
    for name in request.parameters if misplaced != BJORK.organisation_number else ():
        yield folder, {**event, "pathParameters": {**event["pathParameters"], name: misplaced}}
    for name in ("limit", "cursor", "query", "status", "customerId", "lang", "email", misplaced):
        yield folder, {**event, "multiValueQueryStringParameters": {name: [misplaced]}}
        yield folder, {**event, "multiValueQueryStringParameters": {name: [misplaced, misplaced]}}
    for name in ("Accept", "Accept-Language", "Content-Type", "Idempotency-Key", "If-Match", "Cookie", "Referer"):
        yield folder, {**event, "headers": {**event["headers"], name: misplaced}}
    yield folder, {**event, "body": json.dumps({"message": f"{misplaced} " * 20_000})}
    for raw in (
        misplaced,
        f'{{"{misplaced}"',
        f'["{misplaced}"]',
        f'"{misplaced}"',
        json.dumps({misplaced: misplaced}),
    ):
        yield folder, {**event, "body": raw}
    yield folder, {**event, "body": misplaced, "isBase64Encoded": True}


def _wrong_bodies(body: Any, misplaced: str) -> Iterator[Any]:
    """The body with something misplaced in one place after another, objects within it included."""
    if isinstance(body, dict):
        yield {**body, misplaced: misplaced}
        for name, value in body.items():
            for wrong in (misplaced, [misplaced], {misplaced: misplaced}, *_wrong_bodies(value, misplaced)):
                yield {**body, name: wrong}
    elif isinstance(body, list) and body:
        for wrong in _wrong_bodies(body[0], misplaced):
            yield [wrong, *body[1:]]


# With calls that fail


def errors() -> tuple[BaseException, ...]:
    """What a call of AWS may raise, each with something private in its words, as those of AWS have."""
    said = f"{BIRGITTA} {BJORK.organisation_number} {BJORK.contact.name} {MESSAGE} {SIGNING_KEY}"
    return (
        ValueError(said),
        KeyError(said),
        ClientError({"Error": {"Code": "ValidationException", "Message": said}}, "Query"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": said}}, "Query"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": said}}, "Query"),
        TimeoutError(said),
    )


MOST_CALLS = 12


def with_calls_that_fail(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """Every operation, with each of its calls of the table failing in each way, and all that come after it."""
    trials = []
    for request in requests:
        story.rewind()
        send(story, request, request.claims)
        story.wait_for_reads()
        calls = min(len(story.calls), MOST_CALLS)
        trials += [(request, nth, error) for nth in range(calls) for error in errors()]
    for request, nth, error in effort.spread(trials):
        story.rewind()
        story.table.faults.fail(ANY, error, skip=nth, times=10_000)
        send(story, request, request.claims)


def unreadable(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """Every operation and what follows, with all stored items of one kind in a form that nobody can read."""
    kinds = sorted({_kind(place) for place in story.table.items})
    said = {"S": json.dumps({"email": BIRGITTA, "name": BJORK.contact.name, "number": BJORK.organisation_number})}
    trials = [(kind, attribute) for kind in kinds for attribute in ("data", None)]
    for kind, attribute in effort.spread(trials):
        for request in effort.spread(requests):
            story.rewind()
            _spoil(story, kind, attribute, said)
            send(story, request, request.claims)
        _spoil(story, kind, attribute, said)
        _background(story)


def _kind(place: tuple[str, str]) -> str:
    return place[1].partition("#")[0] if not place[1].startswith("ACCOUNT#") else "-".join(place[1].split("#")[::2])


def _spoil(story: Story, kind: str, attribute: str | None, said: dict[str, str]) -> None:
    for place, item in story.table.items.items():
        if _kind(place) == kind:
            kept = {"pk", "sk"} | ({name for name in item if attribute} - {attribute})
            spoilt = {name: value if name in kept else said for name, value in item.items()}
            # Where an index stands, it stays: nobody would find the item otherwise.
            story.table.items[place] = {
                name: item[name] if name.startswith(("list", "account", "due")) else value
                for name, value in spoilt.items()
            }


def _background(story: Story) -> None:
    app = story.app
    for work in (app.drain_events, app.clean_up, app.send_due_mail, app.audit_access):
        with contextlib.suppress(Exception):
            work()
    app.pending_messages.clear()


# Afterwards


def afterwards(story: Story, requests: list[ValidRequest], effort: Effort) -> None:
    """All that follows a commit: each message, with each of its calls failing, and SES refusing in its own words."""
    for make in (_invite_again, _decide, _end, lambda story: story.app.clock.pass_(days=15)):
        story.rewind()
        make(story)
        messages = story.app.new_messages()
        kept = story.snapshot()
        works: list[Callable[[], object]] = [partial(story.app.deliver, message) for message in messages]
        works += [story.app.clean_up, story.app.send_due_mail, story.app.audit_access]
        trials = [(work, nth, error) for work in works for nth in range(MOST_CALLS) for error in errors()]
        for work, nth, error in effort.spread(trials):
            story.restore(kept)
            story.table.faults.fail(ANY, error, skip=nth, times=10_000)
            _attempt(story, work)
        for work in works:
            story.restore(kept)
            for refusal in effort.spread(_refusals()):
                story.app.ses.refusing = refusal
                _attempt(story, work)
            story.app.ses.refusing = None


def _attempt(story: Story, work: Callable[[], object]) -> None:
    with contextlib.suppress(Exception):
        work()
    story.app.pending_messages.clear()


def _invite_again(story: Story) -> None:
    story.office.invite(DAHL, "smart-office", invoiceRecipient="office", message=MESSAGE)
    story.office.activate(CEDER, "scanner")
    story.office.platform.put(f"/platform/offices/{story.office.id}/employees/{BO.id}", {**BO.body(), "active": False})


def _refusals() -> Iterator[Exception]:
    for code in ("MessageRejected", "BadRequestException", "TooManyRequestsException", "NotFoundException", "Unknown"):
        said = f"Email address is not verified. The following identities failed the check: {DAHL.contact.email}"
        yield ClientError({"Error": {"Code": code, "Message": said}}, "SendEmail")
    yield ValueError(f"{DAHL.contact.email} {MESSAGE}")


# The search


def found_in(texts: Iterable[tuple[str, str]], private: tuple[str, ...]) -> list[str]:
    """Where something private was found, by kind of text, and what: nowhere, it is to be hoped."""
    words = [(text, text.casefold()) for text in private]
    found = []
    for kind, text in texts:
        searched = spellings(text)
        allowed = NAMES if kind == "cursor" else frozenset()
        found += [
            f"{kind}: {each!r} in {text[:300]}" for each, word in words if word in searched and word not in allowed
        ]
        left = TIME_TAKEN.sub("(time)", RANDOM_ID.sub("(id)", text))
        found += [f"{kind}: {what} in {text[:300]}" for what, form in forms().items() if form.search(left)]
    return found


PART = "leaks"
MAY_HOLD = {**PAGES_MAY_HOLD, "cursor": "the name of a company or an employee, by which its list is sorted"}


def prove(effort: Effort) -> Iterator[Row]:
    """All that leaves the application, searched."""
    os.environ.update(ENVIRONMENT)
    observed, private = observed_run(effort)
    found = found_in(observed, private)
    by_kind = Counter(each.partition(":")[0] for each in found)
    for kind, texts in sorted(observed.texts.items()):
        lost = by_kind[kind]
        examples = [each for each in found if each.startswith(f"{kind}:")][:3]
        searched = f"{texts.total():,} in all, for {len(private)} texts, endings and tokens"
        if kind in MAY_HOLD:
            searched += f"; may hold {MAY_HOLD[kind]}"
        detail = " / ".join(examples) if lost else searched
        yield Row(PART, f"private texts in each different {kind}", len(texts), lost, detail)
    reached = {*map(Slug, observed.slugs)}
    missing = {*Slug} - reached
    detail = (
        f"of them {' and '.join(ALLOWED_IN_PROBLEMS)} are for the employee; not searched: {', '.join(ALLOWED_PLACES)}"
        if effort.share >= 1 and not missing
        else f"not among them: {', '.join(sorted(missing))}"
    )
    # With a share of the run only some of them occur.
    lost = len(missing) if effort.share >= 1 else 0
    yield Row(PART, "reasons for a refusal that occurred in the run", len(reached), lost, detail)
