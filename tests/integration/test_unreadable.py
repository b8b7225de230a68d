"""What is stored in a form that cannot be read closes what rests on it and nothing else, until it is put anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.terms import TERMS_VERSION
from collaboration.storage import items, keys
from collaboration.storage.migration import FORM
from support.app import App
from support.engines import MEMORY, MOTO, memory_engine, moto_engine
from support.people import ALMBERG, BJORK, BO, Office

if TYPE_CHECKING:
    from collections.abc import Iterator


BIRGITTA = BJORK.contact.email
SECOND = "account-bjork-2"
assert BJORK.account
ACCOUNT = BJORK.account
PAYSLIP = {"solution": "employee-payslip", "renewsOn": "2027-01-01"}
# What a crash of ours might leave, and what a later version might write.
FORMS = ('{"broken', '{"aFieldOfALaterVersion": 1}')


@pytest.fixture(params=[MEMORY])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    """The application over an empty table: in memory, and of moto's where a test says so."""
    if request.param == MEMORY:
        yield App(memory_engine())
        return
    with moto_engine() as engine:
        yield App(engine)


@pytest.fixture(params=FORMS, ids=["broken", "later"])
def form(request: pytest.FixtureRequest) -> str:
    """A form that cannot be read."""
    chosen: str = request.param
    return chosen


def spoil(app: App, pk: str, sk: str, form: str) -> None:
    """Make what is stored unreadable: its value is broken, or of a later form and holds more than is known."""
    item_key = keys.Key(pk, sk)
    item = app.services.table.get(item_key)[item_key]
    spoiled: Any = {"data": {"S": form}}
    if form != FORMS[0]:
        value = {**json.loads(items.string(item, "data")), **json.loads(form)}
        spoiled = {"data": {"S": json.dumps(value)}, "form": {"N": str(FORM + 1)}}
    app.services.table.write([{"Put": {"Item": {**item, **spoiled}}}])
    app.new_messages()


def spoil_account(app: App, form: str) -> None:
    """Make Björk's account unreadable."""
    spoil(app, f"ORGANISATION#{BJORK.organisation_number}", f"ACCOUNT#{ACCOUNT.id}", form)


def spoil_subscription(app: App, solution: str, form: str) -> None:
    """Make Björk's subscription to a solution unreadable."""
    sort_key = f"ACCOUNT#{ACCOUNT.id}#SUBSCRIPTION#{solution}"
    spoil(app, f"ORGANISATION#{BJORK.organisation_number}", sort_key, form)


def register(office: Office, **changes: Any) -> Any:
    """Put Björk's account as the register has it, with changes."""
    return office.platform.put(f"/platform/accounts/{ACCOUNT.id}", {**ACCOUNT.body(BJORK), **changes})


def unreadable(answer: Any, what: str) -> bool:
    """Whether an answer says that something of that kind cannot be read."""
    return (answer.status, answer.slug) == (503, "temporarily-unavailable") and f"stored of the {what}" in (
        answer.json["detail"].replace("company's ", "").replace("account's ", "")
    )


def second_account(office: Office) -> None:
    """Another account of Björk's number, with an administrator of its own."""
    body = {
        "organisationNumber": BJORK.organisation_number,
        "name": "Björk Fastigheter",
        "users": [{"email": "doris@bjork.example", "name": "Doris Björk", "role": "administrator"}],
        "mainContact": "doris@bjork.example",
        "subscriptions": [],
    }
    office.put(f"/platform/accounts/{SECOND}", body)


def test_an_account_takes_neither_its_number_nor_its_neighbours(app: App, form: str) -> None:
    """`unreadable-closes-what-rests-on-it`: the number's other account works; whoever asks for this one is told."""
    office = Office(app)
    office.feed()
    second_account(office)
    spoil_account(app, form)
    other = office.invite(BJORK, "employee-payslip", accountId=SECOND)
    assert other.status == 201, other.text
    app.drain_events()
    assert office.decide("doris@bjork.example").status == 200
    app.drain_events()
    proposal = office.proposal(BJORK, "scanner", accountId=ACCOUNT.id)
    assert unreadable(office.anna.post("/collaborations/preview", proposal), "account")
    assert unreadable(office.platform.get(f"/platform/accounts/{ACCOUNT.id}"), "account")
    mine = office.user("doris@bjork.example").get("/my/collaborations")
    assert [row["solution"] for row in mine.json["items"]] == ["employee-payslip"]
    assert unreadable(office.user(BIRGITTA).get("/my/collaborations"), "account")


def test_the_log_names_what_is_to_be_put_anew(app: App, form: str, caplog: pytest.LogCaptureFixture) -> None:
    """By its ids, and never by the organisation number."""
    office = Office(app)
    office.feed()
    spoil_account(app, form)
    assert unreadable(office.anna.post("/collaborations/preview", office.proposal()), "account")
    assert f"unreadable item: ACCOUNT#{ACCOUNT.id}" in caplog.messages
    assert BJORK.organisation_number not in caplog.text


def test_the_only_account_of_a_number_is_never_taken_for_none(app: App, form: str) -> None:
    """Nothing is activated as though the company were no customer."""
    office = Office(app)
    office.feed()
    spoil_account(app, form)
    assert unreadable(office.anna.post("/collaborations/preview", office.proposal()), "account")
    body = {**office.proposal(), "scenario": "not-a-customer", "termsVersion": TERMS_VERSION}
    answer = office.anna.post("/activations", body, headers={"Idempotency-Key": "unreadable-1"})
    assert unreadable(answer, "account")


def test_access_stays_while_an_account_cannot_be_read_and_follows_once_it_is_put(app: App, form: str) -> None:
    """The run of that collaboration fails and says so; every other collaboration is looked at; a PUT mends it."""
    office = Office(app)
    office.feed()
    spoiled, sound = office.collaborating(BJORK, "scanner"), office.collaborating(ALMBERG, "employee-payslip")
    before = office.access(spoiled["id"])
    spoil_account(app, form)
    app.audit_access()
    reports = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert [report["failed"] for report in reports] == [[spoiled["id"]]]
    assert (office.access(spoiled["id"]), bool(office.access(sound["id"]))) == (before, True)
    assert register(office, users=[], mainContact=None).status == 200
    app.drain_events()
    assert BIRGITTA in before
    assert BIRGITTA not in office.access(spoiled["id"])
    assert office.platform.get(f"/platform/accounts/{ACCOUNT.id}").status == 200


@pytest.mark.parametrize("app", [MEMORY, MOTO], indirect=True)
def test_an_account_that_is_put_anew_keeps_what_stands_beside_it(app: App, form: str) -> None:
    """That somebody has signed in, and its subscriptions."""
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner")
    office.user(BIRGITTA).get("/my/collaborations")
    spoil_account(app, form)
    put_again = register(office, name="Björk Bygg AB")
    assert put_again.status == 200, put_again.text
    assert put_again.json["name"] == "Björk Bygg AB"
    assert "scanner" in [terms["solution"] for terms in put_again.json["subscriptions"]]
    item_key = keys.Key(f"ORGANISATION#{BJORK.organisation_number}", f"ACCOUNT#{ACCOUNT.id}")
    item = app.services.table.get(item_key)[item_key]
    assert "signedIn" in item


def test_a_subscription_closes_its_solution_alone(app: App, form: str) -> None:
    """The account's other solutions go on; whatever rests on this one is told why not."""
    office = Office(app)
    office.feed()
    closed, other = office.collaborating(BJORK, "scanner"), office.collaborating(BJORK, "employee-payslip")
    spoil_subscription(app, "scanner", form)
    match = {"If-Match": f'"{closed["revision"]}"'}
    ended = office.anna.post(f"/collaborations/{closed['id']}/end", {"outcome": "continue"}, headers=match)
    assert unreadable(ended, "subscription")
    match = {"If-Match": f'"{other["revision"]}"'}
    asked = office.anna.post(f"/collaborations/{other['id']}/end", {"outcome": "delete"}, headers=match)
    assert (asked.status, asked.slug) == (409, "confirmation-needed")
    assert office.user(BIRGITTA).get("/my/collaborations").status == 200
    assert office.anna.get(f"/customers/{BJORK.id}").status == 200


@pytest.mark.parametrize("app", [MEMORY, MOTO], indirect=True)
@pytest.mark.parametrize("named", [True, False], ids=["named", "left out"])
def test_a_subscription_that_is_put_anew_still_bears_what_rests_on_it(app: App, form: str, *, named: bool) -> None:
    """Whether the register names it or not: its terms and its collaborations are known from those collaborations."""
    office = Office(app)
    office.feed()
    collaboration = office.collaborating(BJORK, "scanner")
    spoil_subscription(app, "scanner", form)
    renews_on = collaboration["renewsOn"]
    kept = register(office, subscriptions=[{"solution": "scanner", "renewsOn": renews_on}] if named else [])
    assert kept.status == 200, kept.text
    assert {"solution": "scanner", "renewsOn": renews_on}.items() <= next(
        terms for terms in kept.json["subscriptions"] if terms["solution"] == "scanner"
    ).items()
    app.drain_events()
    match = {"If-Match": f'"{collaboration["revision"]}"'}
    path = f"/collaborations/{collaboration['id']}"
    assert office.anna.get(path).json["revision"] == collaboration["revision"]
    assert office.anna.post(f"{path}/end", {"outcome": "continue"}, headers=match).status == 200


@pytest.mark.parametrize("app", [MEMORY, MOTO], indirect=True)
def test_a_subscription_on_which_nothing_rests_is_put_anew_or_goes(app: App, form: str) -> None:
    """What the register names is written over, what it leaves out is removed."""
    office = Office(app)
    office.feed()
    register(office, subscriptions=[PAYSLIP])
    spoil_subscription(app, "employee-payslip", form)
    assert unreadable(office.platform.get(f"/platform/accounts/{ACCOUNT.id}"), "subscription")
    named = register(office, subscriptions=[PAYSLIP])
    assert [terms["solution"] for terms in named.json["subscriptions"]] == ["employee-payslip"]
    spoil_subscription(app, "employee-payslip", form)
    assert register(office, subscriptions=[]).json["subscriptions"] == []


def test_a_renewal_that_cannot_be_read_is_reported_and_stops_no_other(app: App, form: str) -> None:
    """The clean-up goes on with what is due, and says which account and solution are left."""
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner")
    other = office.collaborating(BJORK, "employee-payslip")
    spoil_subscription(app, "scanner", form)
    app.clock.pass_(days=40)
    assert app.clean_up() == {"renewed": 1, "failed": 1}
    [logged] = [line.facts for line in app.log.said("background work failed")]
    assert {"work": "RENEWAL", "account": ACCOUNT.id, "solution": "scanner"}.items() <= logged.items()
    shown = office.anna.get(f"/collaborations/{other['id']}").json
    assert shown["renewsOn"] > other["renewsOn"]


def test_a_task_closes_its_own_collaboration_alone(app: App, form: str) -> None:
    """The customer's other task works; what is linked to this one can be moved to that; a PUT mends it."""
    office = Office(app)
    office.feed()
    base = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks"
    office.put(f"{base}/other", {"name": "Bokslut", "owner": BO.id, "participants": [], "active": True})
    linked, other = (
        office.collaborating(BJORK, "scanner"),
        office.collaborating(BJORK, "employee-payslip", taskId="other"),
    )
    before = office.access(linked["id"])
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", f"TASK#{BJORK.task_id}", form)
    assert unreadable(office.platform.get(f"{base}/{BJORK.task_id}"), "task")
    app.audit_access()
    [report] = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert report["failed"] == [linked["id"]]
    assert (office.access(linked["id"]), bool(office.access(other["id"]))) == (before, True)
    office.put(f"{base}/{BJORK.task_id}", {**BJORK.task(), "owner": BO.id, "participants": []})
    app.drain_events()
    assert office.access(linked["id"]) != before


def test_an_invitation_whose_task_cannot_be_read_waits(app: App, form: str) -> None:
    """Whoever decides it is told to come back; the requests of the company are listed without it."""
    office = Office(app)
    office.feed()
    office.invited(BJORK, "scanner")
    base = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks"
    office.put(f"{base}/other", {"name": "Bokslut", "owner": BO.id, "participants": [], "active": True})
    office.invited(BJORK, "employee-payslip", taskId="other")
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", "TASK#other", form)
    assert unreadable(
        office.user(BIRGITTA).get(office.link_of(BIRGITTA), headers={"Accept": "application/json"}), "task"
    )
    listed = office.user(BIRGITTA).get("/my/requests")
    assert [row["solution"] for row in listed.json["items"]] == ["scanner"], listed.text


@pytest.mark.parametrize("app", [MEMORY, MOTO], indirect=True)
def test_a_customer_takes_neither_its_office_nor_its_number(app: App, form: str) -> None:
    """An employee's change reaches their other customers, suggestions go on, a PUT with a new number works."""
    office = Office(app)
    office.feed()
    office.collaborating(ALMBERG, "employee-payslip")
    unlinked = office.imported(organisationNumber=BJORK.organisation_number)
    office.put(f"/platform/offices/{office.id}/customers/twin", {**BJORK.body(), "name": "Björk, filial"})
    task = {**BJORK.task(), "name": "Filialen"}
    office.put(f"/platform/offices/{office.id}/customers/twin/tasks/t", task)
    app.drain_events()
    spoil(app, f"CUSTOMER#{office.id}#{BJORK.id}", "CUSTOMER", form)
    assert unreadable(office.anna.get(f"/customers/{BJORK.id}"), "customer")
    assert unreadable(office.anna.post("/collaborations/preview", office.proposal()), "customer")
    suggested = office.anna.get(f"/collaborations/{unlinked['id']}/link-suggestions")
    assert [row["customerId"] for row in suggested.json["items"]] == ["twin"], suggested.text
    path = f"/platform/offices/{office.id}/employees/{BO.id}"
    office.put(path, {**BO.body(), "name": "Bo Berg-Lind"})
    app.drain_events()
    office.put(
        f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "organisationNumber": "5560360793"}
    )
    under = app.services.table.partition(f"ORGANISATION#{BJORK.organisation_number}", "CUSTOMER#")
    assert [items.string(entry, "sk").split("#")[-1] for entry in under] == ["twin"]
