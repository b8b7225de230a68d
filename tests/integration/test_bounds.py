"""Answers end where the OpenAPI document says: what no rule of the product limits is cut there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.commands import account_user
from collaboration.domain.model.access import Access, AccessScope, Person, Reason, Resource, Role
from collaboration.domain.model.directory import MOST_PARTICIPANTS, Employee, Task
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    Email,
    EmployeeId,
    OfficeId,
    Side,
    TaskId,
)
from collaboration.http import problems
from collaboration.http.openapi import document
from collaboration.queries import account_access, collaboration_context, customers, signed_in
from collaboration.storage import actions, grant_items, items, keys
from support.people import ANNA, BJORK, Office

if TYPE_CHECKING:
    from support.app import App
    from support.people import Person as Caller

SECOND = "account-bjork-2"

# With three characters and an `@` before it, an address of 254.
LONG_DOMAIN = f"{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 58}.example"


def second_account(office: Office) -> None:
    """Another account of the same company, with the same administrators."""
    assert BJORK.account is not None
    record = office.platform.get(f"/platform/accounts/{BJORK.account.id}").json
    del record["id"]
    office.put(f"/platform/accounts/{SECOND}", record)


def test_a_body_of_unknown_fields_has_its_first_thousand_named(office: Office) -> None:
    """A quarter of a megabyte of them would make an answer of several."""
    body = {**office.proposal(BJORK), **{f"f{nth}": 0 for nth in range(5000)}}
    errors = office.anna.post("/collaborations/preview", body).json["errors"]
    assert len(errors) == problems.MOST_NAMED
    assert {error["code"] for error in errors} == {"unknown"}


def test_accounts_to_choose_from_are_cut(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows the id of another may name it all the same."""
    second_account(office)
    proposal = office.proposal(BJORK)
    assert len(_ambiguous(office, proposal)["accounts"]) == 2
    monkeypatch.setattr(problems, "MOST_NAMED", 1)
    assert len(_ambiguous(office, proposal)["accounts"]) == 1
    assert office.anna.post("/collaborations/preview", {**proposal, "accountId": SECOND}).json["problems"] == []


def _ambiguous(office: Office, proposal: dict[str, Any]) -> Any:
    [problem] = office.anna.post("/collaborations/preview", proposal).json["problems"]
    assert problem["type"].endswith("account-ambiguous")
    return problem


def test_accounts_of_whoever_is_signed_in_are_cut(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are there all the same."""
    second_account(office)
    birgitta = office.user(BJORK.contact.email)
    assert len(birgitta.get("/me").json["accounts"]) == 2
    monkeypatch.setattr(signed_in, "MOST_ACCOUNTS", 1)
    assert len(birgitta.get("/me").json["accounts"]) == 1


def test_tasks_of_a_customer_are_cut_after_the_active_ones(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An inactive one is of no use to whoever invites."""
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/a", {**BJORK.task(), "active": False})
    path = f"/customers/{BJORK.id}"
    assert [task["active"] for task in office.anna.get(path).json["tasks"]] == [True, False]
    monkeypatch.setattr(customers, "MOST_TASKS", 1)
    assert [task["id"] for task in office.anna.get(path).json["tasks"]] == [BJORK.task_id]


def test_a_customer_of_many_large_tasks_fits_an_answer(app: App, office: Office) -> None:
    """As many tasks as are shown, each with the most people, of the longest ids: stored as their PUTs store them."""
    people = tuple(EmployeeId(f"e{nth:063}") for nth in range(MOST_PARTICIPANTS))
    task = Task(name="å" * 200, owner=people[0], participants=people, active=True)
    now = app.clock()
    for nth in range(customers.MOST_TASKS):
        key = keys.task(OfficeId(office.id), CustomerId(BJORK.id), TaskId(f"a{nth:063}"))
        app.services.table.write([actions.put(items.directory_item(key, task, 1, now))])
    # Whatever is too large for Lambda is refused by `App.invoke`, in this test and in all others.
    answer = office.anna.get(f"/customers/{BJORK.id}")
    tasks = answer.json["tasks"]
    assert {row["participantCount"] for row in tasks} == {MOST_PARTICIPANTS}
    assert sum(len(row["participants"]) for row in tasks) == customers.MOST_NAMED


def everybody_on_the_task(app: App, office: Office) -> None:
    """The most people of the longest names, ids and addresses on one task, stored as their PUTs store them."""
    office_id, now = OfficeId(office.id), app.clock()
    people = tuple(EmployeeId(f"e{nth:063}") for nth in range(MOST_PARTICIPANTS))
    for nth, name in enumerate(people):
        body = {**ANNA.body(), "name": "å" * 200, "email": f"{nth}@{LONG_DOMAIN}"}
        item = items.directory_item(keys.employee(office_id, name), Employee.model_validate(body), 1, now)
        app.services.table.write([actions.put(item)])
    task = Task(name="å" * 200, owner=people[0], participants=people[1:], active=True)
    key = keys.task(office_id, CustomerId(BJORK.id), TaskId(BJORK.task_id))
    app.services.table.write([actions.put(items.directory_item(key, task, 1, now))])


def two_hundred_administrators(office: Office) -> None:
    """The most users that an account may have, all administrators, of the longest addresses."""
    assert BJORK.account is not None
    record = office.platform.get(f"/platform/accounts/{BJORK.account.id}").json
    del record["id"]
    others = ({"email": f"{nth:03}@{LONG_DOMAIN}", "name": "Ö", "role": "administrator"} for nth in range(199))
    office.put(f"/platform/accounts/{BJORK.account.id}", {**record, "users": [record["users"][0], *others]})


def a_hundred_like(app: App, agreement: str) -> None:
    """Copies of an invitation, or of a collaboration too, with what stands beside it but for mails and history."""
    pk = f"AGREEMENT#{agreement}"
    kept = ("INVITATION", "COLLABORATION", "MARKER#", "CUSTOMER#")
    pattern = json.dumps([item for key, item in app.client.items.items() if key[0] == pk and key[1].startswith(kept)])
    for nth in range(100):
        for item in json.loads(pattern.replace(agreement, f"a{nth:059}")):
            app.client.put_item(TableName=app.table_name, Item=item)


def read_whole(person: Caller, path: str) -> list[int]:
    """How many rows the pages of a list have, none of them twice."""
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = person.get(f"{path}{cursor and f'&cursor={cursor}'}")
        assert answer.status == 200, answer.text
        pages.append([row["id"] for row in answer.json["items"]])
        cursor = answer.json["next"]
    everything = [name for page in pages for name in page]
    assert len(everything) == len(set(everything))
    return [len(page) for page in pages]


def test_a_batch_of_refused_rows_fits_an_answer(app: App, office: Office) -> None:
    """Each would have a preview with everybody on the task: the first have, all say why."""
    everybody_on_the_task(app, office)
    row = {**office.confirmed(office.proposal(BJORK)), "scenario": "not-a-customer"}
    sent = {"rows": [{**row, "key": f"row-{nth:06}"} for nth in range(50)]}
    rows = office.anna.post("/invitations/batch", sent).json["rows"]
    assert {row["problem"]["type"].rpartition("/")[2] for row in rows} == {"situation-changed"}
    previewed = [len(row["problem"]["preview"]["access"]) for row in rows if "preview" in row["problem"]]
    assert previewed == [MOST_PARTICIPANTS + 2] * 2, "the first two, with everybody and the company's administrators"
    assert "preview" in rows[0]["problem"]


def test_a_preview_promises_no_more_mails_than_the_document_says(office: Office) -> None:
    """Each administrator is asked, and told of the acceptance."""
    two_hundred_administrators(office)
    mails = office.anna.post("/collaborations/preview", office.proposal(BJORK)).json["mails"]
    described = document()["components"]["schemas"]["PreviewResponse"]["properties"]["mails"]
    assert len(mails) == described["maxItems"] == 400


def test_rows_that_were_done_keep_their_place_beside_refused_ones(app: App, office: Office) -> None:
    """A batch of both, to as many administrators as there may be: it is answered, and again when it is sent again."""
    everybody_on_the_task(app, office)
    two_hundred_administrators(office)
    row = {**office.confirmed(office.proposal(BJORK)), "message": '"' * 2000}
    sent = {"rows": [{**row, "key": f"row-{nth:06}"} for nth in range(50)]}
    rows = office.anna.post("/invitations/batch", sent).json["rows"]
    assert [row["status"] for row in rows] == ["created", *["refused"] * 49]
    again = office.anna.post("/invitations/batch", sent).json["rows"]
    assert [row["status"] for row in again] == ["replayed", *["refused"] * 49]


def test_requests_to_many_administrators_fit_an_answer(app: App, office: Office) -> None:
    """Of a hundred rows each names two hundred people: a page ends before, and the next goes on there."""
    two_hundred_administrators(office)
    invitation = office.invited(message='"' * 2000)
    a_hundred_like(app, invitation["id"].removeprefix("inv-"))
    for filters in ("", "&status=pending", f"&customerId={BJORK.id}"):
        pages = read_whole(office.anna, f"/invitations?limit=100{filters}")
        assert sum(pages) == 101
        assert min(pages[:-1]) > 1


def test_collaborations_with_many_mails_fit_an_answer(app: App, office: Office) -> None:
    """Each shows its mails to two hundred people: for the office and for the company."""
    two_hundred_administrators(office)
    collaboration = office.collaborating()
    headers = {"If-Match": f'"{collaboration["revision"]}"'}
    office.anna.post(f"/collaborations/{collaboration['id']}/end", {"outcome": "continue"}, headers=headers)
    a_hundred_like(app, collaboration["id"].removeprefix("col-"))
    for filters in ("", f"&customerId={BJORK.id}"):
        assert sum(read_whole(office.anna, f"/collaborations?limit=100{filters}")) == 101
    assert sum(read_whole(office.user(BJORK.contact.email), "/my/collaborations?limit=100")) == 101


def test_my_requests_that_name_many_people_fit_an_answer(app: App, office: Office) -> None:
    """Each names everybody at the office who would get access."""
    everybody_on_the_task(app, office)
    invitation = office.invited(message='"' * 2000)
    a_hundred_like(app, invitation["id"].removeprefix("inv-"))
    pages = read_whole(office.user(BJORK.contact.email), "/my/requests?limit=100")
    assert sum(pages) == 101
    assert min(pages[:-1]) > 1


def test_participants_are_cut_over_all_tasks(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each task still says how many it has; the platform reads the task as it was put."""
    base = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks"
    people = ["e1", "e2", "e3"]
    for name in ("a", "b", "c"):
        office.put(f"{base}/{name}", {**BJORK.task(), "participants": people, "active": name != "a"})
    monkeypatch.setattr(customers, "MOST_NAMED", 4)
    shown = {row["id"]: row for row in office.anna.get(f"/customers/{BJORK.id}").json["tasks"]}
    assert {name: len(shown[name]["participants"]) for name in ("a", "b", "c")} == {"b": 3, "c": 1, "a": 0}
    assert {shown[name]["participantCount"] for name in ("a", "b", "c")} == {3}
    assert office.platform.get(f"{base}/a").json["participants"] == people


def test_what_goes_on_after_an_end_is_cut(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are named; a company may have any number, with any number of offices."""
    monkeypatch.setattr(account_user, "MOST_REMAINING", 1)
    office.collaborating(BJORK, "scanner")
    newer = office.collaborating(BJORK, "employee-payslip")
    ending = office.collaborating(BJORK, "smart-office", invoiceRecipient="customer")
    headers = {"If-Match": f'"{ending["revision"]}"', "Idempotency-Key": "an-end-of-one"}
    path = f"/my/collaborations/{ending['id']}/end"
    answer = office.user(BJORK.contact.email).post(path, {"outcome": "close"}, headers=headers)
    assert [row["id"] for row in answer.json["remaining"]] == [newer["id"]], answer.text


def test_what_goes_on_at_the_office_is_cut(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its unlinked ones of the same company come on top of one for each solution."""
    monkeypatch.setattr(collaboration_context, "MOST_REMAINING", 1)
    for solution in ("scanner", "employee-payslip"):
        office.collaborating(BJORK, solution)
    ending = office.collaborating(BJORK, "smart-office", invoiceRecipient="customer")
    headers = {"If-Match": f'"{ending["revision"]}"', "Idempotency-Key": "an-end-of-one"}
    answer = office.anna.post(f"/collaborations/{ending['id']}/end", {"outcome": "continue"}, headers=headers)
    assert len(answer.json["remaining"]) == 1, answer.text


def test_reasons_over_all_offices_are_cut(app: App, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who administers a company with many offices may open the solution for as many reasons."""
    assert BJORK.account is not None
    other = Office(app, "office-two")
    other.feed_office_only()
    other.feed_customer(BJORK)
    office.collaborating(BJORK, "scanner")
    other.collaborating(BJORK, "scanner")
    path = f"/platform/accounts/{BJORK.account.id}/access?email={BJORK.contact.email}&solution=scanner"

    def reasons() -> list[Any]:
        [person] = office.platform.get(path).json["items"]
        [solution] = person["solutions"]
        found: list[Any] = solution["reasons"]
        return found

    assert len(reasons()) == 2
    monkeypatch.setattr(account_access, "MOST_REASONS", 1)
    assert len(reasons()) == 1


def test_access_of_many_for_many_reasons_fits_an_answer(app: App, office: Office) -> None:
    """Many employees on both sides of as many tasks as a solution shows, of the longest ids: a page ends before."""
    assert BJORK.account is not None
    collaboration = office.collaborating()
    pattern = app.client.items[f"AGREEMENT#{collaboration['id'].removeprefix('col-')}", "COLLABORATION"]
    scope = AccessScope(account_id=AccountId(BJORK.account.id), solution="scanner")
    for nth in range(500):
        agreement = AgreementId(f"a{nth:059}")
        data = {**json.loads(pattern["data"]["S"]), "id": f"col-{agreement}", "agreement": agreement}
        items_of = [{**pattern, **items.key(keys.collaboration(agreement)), "data": {"S": json.dumps(data)}}]
        reasons = tuple(
            Reason(collaboration_id=CollaborationId.of(agreement), task_id=TaskId(f"t{nth:063}"), role=role)
            for role in (Role.OWNER, Role.PARTICIPANT)
        )
        for number in range(36):
            name, email = EmployeeId(f"e{number:063}"), Email(f"{number}@{'b' * 60}.{'b' * 60}.example")
            person = Person(name="å" * 200, email=email, employee_id=name)
            what = (Resource.ACCOUNT, Resource.SOLUTION)
            access = Access(person=person, side=Side.OFFICE, what=what, reasons=reasons, since=app.clock.now)
            items_of.append(grant_items.grant_item(agreement, access, scope))
        for item in items_of:
            app.client.put_item(TableName=app.table_name, Item=item)
    answer = office.platform.get(f"/platform/accounts/{BJORK.account.id}/access?limit=100")
    assert answer.json["next"] is not None
    shown = [len(solution["reasons"]) for row in answer.json["items"] for solution in row["solutions"]]
    assert max(shown) == account_access.MOST_REASONS
    assert len(shown) > 1


@pytest.mark.parametrize("bound", ["MOST_GRANTS", "MOST_SHOWN"])
def test_a_page_of_access_that_ends_early_leaves_nobody_out(
    office: Office, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """Everybody stands on one of the pages, once, with every reason."""
    assert BJORK.account is not None
    for solution in ("scanner", "employee-payslip"):
        office.collaborating(BJORK, solution)
    path = f"/platform/accounts/{BJORK.account.id}/access"
    everybody = office.platform.get(path).json["items"]
    monkeypatch.setattr(account_access, bound, 1)
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = office.platform.get(f"{path}?limit=100{cursor and f'&cursor={cursor}'}").json
        assert len(answer["items"]) == 1
        found += answer["items"]
        cursor = answer["next"]
    assert found == everybody


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({"mail": {"tags": {f"tag{nth}": ["x"] for nth in range(101)}}}, "#/detail/mail/tags"),
        ({"mail": {"tags": {"mail": ["x"] * 101}}}, "#/detail/mail/tags/mail"),
        ({"mail": {"tags": {"mail": ["x" * 1001]}}}, "#/detail/mail/tags/mail/0"),
        ({"mail": {"messageId": "x" * 257}}, "#/detail/mail/messageId"),
        ({"mail": {"messageId": "x"}, "eventType": "x" * 201}, "#/detail/eventType"),
    ],
)
def test_a_mail_event_is_no_larger_than_those_of_ses(office: Office, event: Any, pointer: str) -> None:
    """What SES never sends is refused; a hundred tags are taken."""
    detail = {"eventType": "Bounce", **event}
    answer = office.platform.post("/platform/mail-events", {"detail": detail})
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    usual = {"eventType": "Bounce", "mail": {"tags": {f"tag{nth}": ["x"] for nth in range(100)}}}
    assert office.platform.post("/platform/mail-events", {"detail": usual}).status == 202
