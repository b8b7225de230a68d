"""A filter reads what it lets through, however much else is stored; every page but the last is full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from support.capacity import Meter
from support.people import ALMBERG, BJORK, CEDER, DAHL, Office

if TYPE_CHECKING:
    from support.app import App

OTHERS = 2000
COLLABORATIONS = (
    f"customerId={BJORK.id}",
    f"customerId={BJORK.id}&solution=scanner",
    f"customerId={BJORK.id}&state=ended",
    "state=active&linked=false",
    "state=active&withProblem=true",
    "state=active&endsBefore=2026-12-31",
    "state=active&renewsBefore=2026-12-15",
)
INVITATIONS = (
    f"customerId={ALMBERG.id}",
    "status=pending",
    "expiringBefore=2026-12-11T12:00:00Z",
    "status=pending&bounced=true",
    "status=pending&withObstacle=true",
    "withObstacle=true&expiringBefore=2026-12-31T12:00:00Z",
)
QUERIES = (
    *(f"/collaborations?{query}" for query in COLLABORATIONS),
    *(f"/invitations?{query}" for query in INVITATIONS),
)


def at_revision(office: Office, method: str, path: str, body: Any = None) -> None:
    """A call of Anna's at the present revision."""
    etag = office.anna.get(path.removesuffix("/end")).headers["ETag"]
    answer = office.anna.call(method, path, body, headers={"If-Match": etag})
    assert answer.status == 200, answer.text


def happen(office: Office) -> None:
    """Something for every filter, and something that it does not let through."""
    app = office.app
    failing = office.collaborating(DAHL, "scanner")
    at_revision(office, "POST", f"/collaborations/{failing['id']}/end", {"on": "2026-11-26", "outcome": "continue"})
    account = DAHL.account
    assert account
    office.put(f"/platform/accounts/{account.id}", {**account.body(DAHL), "mainContact": None})
    app.clock.pass_(days=3)
    assert app.clean_up()["endsFailed"] == 1
    for solution in ("scanner", "employee-payslip", "digital-invoices"):
        more = (
            {"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "office"}
            if solution == "digital-invoices"
            else {}
        )
        office.collaborating(BJORK, solution, **more)
    by_solution = {row["solution"]: row for row in office.anna.get(f"/customers/{BJORK.id}").json["collaborations"]}
    at_revision(
        office,
        "POST",
        f"/collaborations/{by_solution['scanner']['id']}/end",
        {"on": "2026-12-30", "outcome": "continue"},
    )
    payslip = f"/collaborations/{by_solution['employee-payslip']['id']}/end"
    body = {"outcome": "delete", "confirmSolution": "employee-payslip"}
    etag = office.anna.get(payslip.removesuffix("/end")).headers["ETag"]
    checklist = office.anna.post(payslip, body, headers={"If-Match": etag}).json.get("confirm")
    at_revision(office, "POST", payslip, {**body, "checklist": checklist})
    office.imported()
    office.imported(reference="desktop-2")
    for solution in ("scanner", "employee-payslip", "tax-annual-accounts"):
        if solution != "tax-annual-accounts":
            office.invited(ALMBERG, solution)
            app.clock.pass_(hours=1)
    app.clock.pass_(days=1)
    office.invited(DAHL, "employee-payslip")
    assert office.mail_event("Bounce", messageId=f"message-{len(app.mailbox)}")
    link = office.link_of(DAHL.contact.email)
    for nth in range(10):
        app.clock.pass_(hours=nth == 5)
        office.nobody.post(link, {"decision": "accept", "organisationNumberEnding": "0000"})
    assert office.anna.get("/summary").json["invitations"]["withObstacle"]["count"] == 1
    activated = office.activate(CEDER, "scanner")
    assert activated.status == 201, activated.text
    app.drain_events()


def crowd(app: App, count: int) -> None:
    """Copies that no filter lets through: ended long ago, of another customer; and requests that were accepted."""
    pattern = next(item for (_, sk), item in app.client.items.items() if sk == "COLLABORATION" and "accountPk" in item)
    value = json.loads(pattern["data"]["S"])
    value |= {"customerId": "gone", "state": "ended", "arrangedEnds": []}
    accepted = next(item for (_, sk), item in app.client.items.items() if sk == "INVITATION" and "duePk" not in item)
    request = {**json.loads(accepted["data"]["S"]), "customerId": "gone"}
    for nth in range(count):
        agreement = f"crowd{nth:07}"
        for item, held in ((pattern, value), (accepted, request)):
            text = json.dumps({**held, "agreement": agreement})
            copy = {**item, "pk": {"S": f"AGREEMENT#{agreement}"}, "data": {"S": text}}
            copy = {name: part for name, part in copy.items() if not name.startswith(("due", "account"))}
            copy["listSk"] = {"S": f"{item['listSk']['S'].partition('#')[0]}#{agreement}"}
            if item is pattern:
                copy["state"] = {"S": "ended"}
            app.client.put_item(TableName="t", Item=copy)


def pages(office: Office, query: str, limit: int) -> list[list[str]]:
    """The ids of every page of a list."""
    found: list[list[str]] = []
    cursor = ""
    while True:
        answer = office.anna.get(f"{query}&limit={limit}{cursor}")
        assert answer.status == 200, answer.text
        found.append([row["id"] for row in answer.json["items"]])
        if answer.json["next"] is None:
            return found
        cursor = f"&cursor={quote(answer.json['next'])}"


def unmarked(app: App) -> None:
    """The table as version 0.1.0 wrote it: without markers, and nothing that says there are any."""
    for pk, sk in [place for place in app.client.items if place[1].startswith(("MARKER#", "CUSTOMER#"))]:
        app.client.delete_item(TableName="t", Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for place in [place for place in app.client.items if place[1] == "OFFICE"]:
        app.client.items[place].pop("indexed", None)


@pytest.mark.parametrize("query", QUERIES)
def test_a_filter_lets_the_same_through_by_markers(app: App, office: Office, query: str) -> None:
    """As the whole list filtered; on pages of one too; and of what was stored before, once the audit has run."""
    happen(office)
    [narrowed] = pages(office, query, 100)
    assert narrowed, "the filter must let something through to prove anything"
    assert [row for page in pages(office, query, 1) for row in page] == narrowed
    unmarked(app)
    [filtered] = pages(office, query, 100)
    assert sorted(filtered) == sorted(narrowed)
    app.audit_access()
    assert pages(office, query, 100) == [narrowed]
    crowd(app, 20)
    assert pages(office, query, 100) == [narrowed]


def test_no_page_is_empty_and_has_a_next(app: App, office: Office) -> None:
    """Every page but the last is full, whatever stands between."""
    happen(office)
    crowd(app, 50)
    for query in QUERIES:
        *full, last = pages(office, query, 1)
        assert [len(page) for page in full] == [1] * len(full), query
        assert last or not full, query


def test_a_page_that_would_read_too_much_ends_before(app: App, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves nothing out: its next page goes on where it stopped."""
    happen(office)
    query = f"/collaborations?customerId={BJORK.id}&state=ended"
    whole = [row for page in pages(office, query, 1) for row in page]
    monkeypatch.setattr("collaboration.queries.paging._PARTS", 1)
    assert [row for page in pages(office, query, 1) for row in page] == whole


def test_what_a_filter_reads_does_not_grow_with_the_list(app: App, office: Office) -> None:
    """Two thousand others, at a kilobyte each, cost nothing."""
    happen(office)

    def cost() -> dict[str, float]:
        meter = Meter(app.client)
        found = {}
        for query in QUERIES:
            office.anna.get(f"{query}&limit=25")
            found[query] = meter.take().read
        return found

    few = cost()
    crowd(app, OTHERS)
    assert cost() == few


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("2026-12-08T09:00:00Z", 0),
        ("2026-12-08T09:00:00.000400Z", 1),
        ("2026-12-08T09:00:00.001Z", 1),
        ("9999-12-31T23:59:59Z", 1),
    ],
)
def test_expiring_before_knows_microseconds(office: Office, before: str, found: int) -> None:
    """What expires in the same millisecond, but earlier, is let through."""
    assert office.invited()["expiresAt"] == "2026-12-08T09:00:00Z"
    assert len(office.anna.get(f"/invitations?expiringBefore={before}").json["items"]) == found
