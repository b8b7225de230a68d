"""The largest data that the contract allows, on Amazon's own DynamoDB Local: every call still gets its answer.

An account of 200 administrators, a task of 500 people, an office of 3 000 employees and 10 000 customers, a customer
with 500 tasks and collaborations in 10 solutions.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from collaboration import composition
from collaboration.domain.model.directory import Customer, Employee, Task
from collaboration.domain.model.values import CustomerId, EmployeeId, OfficeId, TaskId
from collaboration.storage import items, keys
from stack import demonstration
from stack.demonstration import BJORK, OFFICE_ID
from support.app import App
from support.engines import local_engine
from support.people import Office, fresh_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.dynamodb_local import DynamoDbLocal
    from support.engines import Engine
    from support.people import Person

pytestmark = pytest.mark.java

EMPLOYEES, CUSTOMERS, TASKS, ON_TASK, ADMINISTRATORS = 3_000, 10_000, 500, 500, 200
OFFICE = OfficeId(OFFICE_ID)
LARGE = "large"
SETUPS: dict[str, dict[str, Any]] = {
    "bookkeeping-invoicing": {"variant": "bookkeeping", "invoiceRecipient": "office", "periodMonths": 12},
    "financial-overview": {"invoiceRecipient": "office", "periodMonths": 3},
    "scanner": {},
    "tax-annual-accounts": {},
    "consolidated-accounts": {},
    "travel-expenses": {"invoiceRecipient": "office"},
    "digital-invoices": {"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "office"},
    "employee-payslip": {},
    "payroll": {"variant": "standard", "invoiceRecipient": "office"},
    "smart-office": {"invoiceRecipient": "office"},
}


def email(number: int) -> str:
    """An administrator's address."""
    return f"administrator-{number:03d}@large.example"


def directory(now: Any) -> Iterator[items.Item]:
    """The office's employees and customers, and the tasks of one of them, as PUTs would have stored them."""
    for number in range(EMPLOYEES):
        body = {**demonstration.ANNA.body(), "name": f"Person {number}", "email": f"person-{number}@ek-lind.example"}
        employee = Employee.model_validate(body)
        yield items.directory_item(keys.employee(OFFICE, EmployeeId(f"employee-{number}")), employee, 1, now)
    for number in range(CUSTOMERS):
        yield from customer_items(CustomerId(f"customer-{number}"), f"Kund {number}", now)
    yield from customer_items(CustomerId(LARGE), "Storbolaget", now)
    everybody = [EmployeeId(f"employee-{number}") for number in range(ON_TASK)]
    for number in range(TASKS):
        people = everybody if number == 0 else everybody[:1]
        task = Task(name=f"Uppdrag {number}", owner=people[0], participants=tuple(people[1:]), active=True)
        task_id = TaskId(f"task-{number}")
        yield items.directory_item(keys.task(OFFICE, CustomerId(LARGE), task_id), task, 1, now)
        for person in people:
            yield items.key(keys.task_membership(OFFICE, person, CustomerId(LARGE), task_id))


def customer_items(customer_id: CustomerId, name: str, now: Any) -> Iterator[items.Item]:
    """A customer. All but the large one have one organisation number, which is nobody's account."""
    number = BJORK.organisation_number if customer_id == LARGE else demonstration.CEDER.organisation_number
    customer = Customer.model_validate({**BJORK.body(), "name": name, "organisationNumber": number})
    yield items.directory_item(keys.customer(OFFICE, customer_id), customer, 1, now)
    yield items.key(keys.customer_by_number(customer.organisation_number, OFFICE, customer_id))


def store(engine: Engine, seeds: Iterable[items.Item]) -> None:
    """Write items as they are, 25 at a time."""

    def write(batch: tuple[items.Item, ...]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        answer = engine.client.batch_write_item(RequestItems={engine.table_name: requests})
        assert not answer["UnprocessedItems"]

    everything = tuple(seeds)
    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(write, (everything[start : start + 25] for start in range(0, len(everything), 25))))


def appoint(office: Office, numbers: range) -> None:
    """The account has these administrators."""
    users = [{"email": email(number), "name": f"Administrator {number}", "role": "administrator"} for number in numbers]
    body = {
        "organisationNumber": BJORK.organisation_number,
        "name": "Storbolaget",
        "users": users,
        "mainContact": users[-1]["email"],
        "subscriptions": [],
    }
    account = office.platform.get("/platform/accounts/account-large")
    if account.status == 200:
        body["subscriptions"] = account.json["subscriptions"]
    office.put("/platform/accounts/account-large", body)


@pytest.fixture(scope="module")
def large(dynamodb_local: DynamoDbLocal) -> Iterator[Office]:
    """The largest office, fed; where a collaboration's history is long is its tests' to say."""
    with local_engine(dynamodb_local) as engine:
        office = Office(App(engine))
        office.put(f"/platform/offices/{OFFICE_ID}", demonstration.OFFICE)
        office.put(f"/platform/offices/{OFFICE_ID}/employees/anna", demonstration.ANNA.body())
        store(engine, directory(office.app.clock()))
        appoint(office, range(ADMINISTRATORS))
        # What follows from each of these changes is others' to test, and would take minutes here.
        office.app.new_messages()
        yield office


@pytest.fixture
def office(large: Office) -> Office:
    """The same, when another test's application has been the process's in between."""
    composition.use(large.app)
    return large


def proposal(solution: str, task_id: str = "task-0") -> dict[str, Any]:
    """One of the large customer's, on the task of 500 people unless another is named."""
    return {"customerId": LARGE, "solution": solution, "taskId": task_id, **SETUPS[solution]}


def collaborate(office: Office, solution: str, accepted_by: str) -> str:
    """Invite and accept, or activate an office tool, with all that follows; the collaboration's path."""
    preview = office.anna.post("/collaborations/preview", proposal(solution, "task-1"))
    assert preview.status == 200, preview.text
    body = office.confirmed(proposal(solution, "task-1"))
    key = {"Idempotency-Key": fresh_key()}
    if preview.json["door"] == "activate":
        activated = office.anna.post("/activations", body, headers=key)
        assert activated.status == 201, activated.text
        office.app.drain_events()
        return f"/collaborations/{activated.json['id']}"
    invited = office.anna.post("/invitations", body, headers=key)
    assert invited.status == 201, invited.text
    path = f"/my/requests/{invited.json['id']}/decision"
    decided = office.user(accepted_by).post(path, {"decision": "accept"})
    assert decided.status == 200, decided.text
    office.app.drain_events()
    return f"/collaborations/{decided.json['collaborationId']}"


def test_an_invitation_lives_and_ends(office: Office) -> None:
    """Preview, invite, resend to others, open, accept, access, an arranged end, an end; mails to everybody."""
    preview = office.anna.post("/collaborations/preview", proposal("scanner"))
    assert (preview.status, preview.json["door"]) == (200, "invite"), preview.text
    key = {"Idempotency-Key": fresh_key()}
    invited = office.anna.post("/invitations", office.confirmed(proposal("scanner")), headers=key)
    assert invited.status == 201, invited.text
    office.app.drain_events()
    assert len(office.app.mailbox) == ADMINISTRATORS
    path = f"/invitations/{invited.json['id']}"
    appoint(office, range(100, 100 + ADMINISTRATORS))
    assert office.anna.post(f"{path}/resend").status == 202
    office.app.drain_events()
    recipients = office.anna.get(path).json["recipients"]
    assert [row["email"] for row in recipients] == [email(number) for number in range(100, 300)]
    assert {row["delivery"] for row in recipients} == {"sent"}

    assert office.nobody.get(office.link_of(email(299))).status == 200
    decided = office.decide(email(299), customer=BJORK)
    assert decided.status == 200, decided.text
    office.app.drain_events()
    path = f"/collaborations/{decided.json['collaborationId']}"
    assert len(granted(office.anna, path)) == ON_TASK + ADMINISTRATORS

    etag = {"If-Match": office.anna.get(path).headers["ETag"]}
    arranged = office.anna.post(f"{path}/end", {"outcome": "continue", "on": "2026-12-24"}, headers=etag)
    assert arranged.status == 200, arranged.text
    etag = {"If-Match": arranged.headers["ETag"]}
    ended = office.anna.post(f"{path}/end", {"outcome": "continue"}, headers=etag)
    assert ended.status == 200, ended.text
    office.app.drain_events()
    assert granted(office.anna, path) == []
    mails = office.anna.get(path).json["mails"]
    sent = [mail for mail in mails if mail["kind"] == "ended" and mail["delivery"] == "sent"]
    assert len(sent) >= ADMINISTRATORS


def granted(person: Person, path: str) -> list[Any]:
    """Everybody who has access."""
    return person.every(f"{path}/access")


def test_a_customer_collaborates_in_every_solution(office: Office) -> None:
    """A change of their task reaches all ten, and the audit finds nothing amiss."""
    appoint(office, range(149, 151))
    office.app.drain_events()
    paths = [collaborate(office, solution, email(150)) for solution in SETUPS]
    listed = office.anna.get(f"/collaborations?customerId={LARGE}&state=active&limit=100").json["items"]
    assert len(listed) == len(SETUPS)
    body = {"name": "Uppdrag 1", "owner": "anna", "participants": [], "active": True}
    office.put(f"/platform/offices/{OFFICE_ID}/customers/{LARGE}/tasks/task-1", body)
    office.app.drain_events()
    for path in paths:
        people = {row["person"]["email"] for row in granted(office.anna, path)}
        assert demonstration.ANNA.email in people
        assert len(people) in {1, 1 + 2}
    office.app.audit_access()
    reports = office.platform.get("/platform/reports?kind=drift").json["items"]
    assert all(report["drifted"] == [] for report in reports)


def test_lists_answer_page_by_page(office: Office) -> None:
    """Employees to the end, customers from both ends of a search."""
    for path, expected in (("/employees?limit=100", EMPLOYEES + 1), ("/customers?limit=100", 1_000)):
        found: list[str] = []
        query = path
        while query and len(found) < expected:
            page = office.anna.get(query)
            assert page.status == 200, page.text
            found += [row["id"] for row in page.json["items"]]
            query = f"{path}&cursor={page.json['next']}" if page.json["next"] else ""
        assert len(found) == len(set(found)) == expected
    searched = office.anna.get("/customers?limit=100&query=storbolaget").json
    assert LARGE in [row["id"] for row in searched["items"]] or searched["next"]
    assert office.anna.get(f"/customers/{LARGE}").status == 200
