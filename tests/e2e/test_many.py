"""An office of 500 customers and 2 000 collaborations: its pages stay usable.

Each is a copy of one that was made through the API, written to the table itself. The stream is paused first: what
follows from so many changes is for others to test. This runs last on the stack.
"""

from __future__ import annotations

import json
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from e2e.offices import Office, fresh_key

if TYPE_CHECKING:
    from stack.client import Client

    from e2e.conftest import Open
    from e2e.offices import Company
    from e2e.seen import Seen

pytestmark = pytest.mark.browser

CUSTOMERS = 500
SOLUTIONS = ("scanner", "tax-annual-accounts", "consolidated-accounts", "payroll")
BATCH = 25
# What only follows from a collaboration, or tells of it, is not copied.
FOLLOWS = ("GRANT", "HISTORY", "OUTBOX", "MAIL")

Item = dict[str, Any]


@pytest.fixture(scope="module")
def large(client: Client) -> Office:
    """The office, with the stream paused for good."""
    office = Office(client)
    company = office.customer(account=False)
    for solution in SOLUTIONS:
        variant = {"variant": "start"} if solution == "payroll" else {}
        body = office.confirmed({**company.proposal(solution), **variant})
        started = office.decides.post("/activations", body, fresh_key())
        assert started.status == 201, started.text
    functions = client.aws.functions
    publish = client.stack["functions"]["publish"]
    [mapping] = functions.list_event_source_mappings(FunctionName=publish)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    copy(client, company)
    return office


def copy(client: Client, company: Company) -> None:
    """Write the customer and its collaborations so often that there are `CUSTOMERS`, under other ids."""
    configuration = client.aws.functions.get_function_configuration(FunctionName=client.stack["functions"]["invite"])
    name = configuration["Environment"]["Variables"]["TABLE_NAME"]
    tables = client.aws.tables

    def partition(key: str) -> list[Item]:
        found = tables.query(
            TableName=name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": key}},
        )
        return [item for item in found["Items"] if not item["sk"]["S"].startswith(FOLLOWS)]

    own = partition(f"CUSTOMER#{company.office.id}#{company.id}")
    owners = [item["owner"]["S"] for item in own if item["sk"]["S"].startswith("GUARD#")]
    agreements = [owner.removeprefix("col-") for owner in owners]
    assert len(agreements) == len(SOLUTIONS)
    originals = json.dumps(own + [item for agreement in agreements for item in partition(f"AGREEMENT#{agreement}")])

    def copied(number: int) -> list[Item]:
        text = originals.replace(company.id, f"kund-{number:04d}")
        for agreement in agreements:
            other = b32encode(sha256(f"{agreement} {number}".encode()).digest()).decode().lower()[: len(agreement)]
            text = text.replace(agreement, other)
        items: list[Item] = json.loads(text)
        return items

    items = [item for number in range(1, CUSTOMERS) for item in copied(number)]

    def write(start: int) -> None:
        requests: Any = [{"PutRequest": {"Item": item}} for item in items[start : start + BATCH]]
        answer = tables.batch_write_item(RequestItems={name: requests})
        assert not answer.get("UnprocessedItems")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(0, len(items), BATCH)))


def has_rows(seen: Seen, count: int) -> None:
    """The list has so many rows, now or soon."""
    expect(seen.page.locator("table.rows tbody tr")).to_have_count(count)


def test_the_list_of_collaborations(large: Office, open_page: Open) -> None:
    """Counted, shown in parts that are never empty while there is more, and narrowed down by filters."""
    employee = open_page().sign_in("console", large.address("decides"))
    expect(employee.page.get_by_role("link", name=f"1000+ {employee.t('count.active.other')}")).to_be_visible()
    has_rows(employee, 50)
    employee.button("more").click()
    has_rows(employee, 100)
    employee.check()
    employee.field("task-owner").select_option(label="Works")
    has_rows(employee, 50)
    employee.go("#/collaborations?withProblem=true")
    employee.says("collaborations.none-filtered")
    expect(employee.button("more")).to_have_count(0)
    employee.go("#/collaborations")
    employee.page.get_by_label(employee.t("customer"), exact=True).fill("0499")
    employee.button_of("Bolaget kund-0499").click()
    has_rows(employee, 4)
    expect(employee.button("more")).to_have_count(0)
    employee.page.get_by_role("link", name="Bolaget kund-0499").first.click()
    employee.says("access.title")


def test_the_list_of_customers(large: Office, open_page: Open) -> None:
    """Found by a part of the name, on a phone too; what one has is shown as for any other."""
    employee = open_page("en", 375, "dark").sign_in("console#/customers", large.address("decides"))
    has_rows(employee, 50)
    employee.button("more").click()
    has_rows(employee, 100)
    employee.field("customers.find").fill("kund-0321")
    has_rows(employee, 1)
    employee.page.get_by_role("link", name="Bolaget kund-0321").click()
    expect(employee.page.get_by_text(employee.t("tile.active"), exact=True)).to_have_count(len(SOLUTIONS))
    employee.check()


def test_many_are_chosen_and_no_more_than_may_be(large: Office, open_page: Open) -> None:
    """Fifty at once; the next cannot be chosen, and the page says how many are."""
    employee = open_page().sign_in("console#/requests/new", large.address("decides"))
    employee.field("solution").select_option("smart-office")
    boxes = employee.page.get_by_role("checkbox")
    expect(boxes).to_have_count(50)
    employee.button("more").click()
    expect(boxes).to_have_count(100)
    for number in range(50):
        boxes.nth(number).check()
    expect(boxes.nth(50)).to_be_disabled()
    employee.says("batch.customers", count="50", most="50")
    employee.check()
