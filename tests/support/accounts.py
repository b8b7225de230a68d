"""Accounts as the register has them, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from support.people import BJORK

if TYPE_CHECKING:
    from stack.demonstration import Customer

    from support.app import App, Response
    from support.people import Office

SMART = {"solution": "smart-office", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}
BOOKS = {
    "solution": "bookkeeping-invoicing",
    "renewsOn": "2026-12-01",
    "variant": "bookkeeping",
    "invoiceRecipient": "office",
    "periodMonths": 12,
}


def register(office: Office, account_id: str = "account-bjork", **changes: Any) -> Response:
    """Feed an account as it is, with changes."""
    found = office.platform.get(f"/platform/accounts/{account_id}").json
    body = {name: value for name, value in found.items() if name != "id"}
    return office.platform.put(f"/platform/accounts/{account_id}", {**body, **changes})


def subscription(office: Office, solution: str, account_id: str = "account-bjork") -> dict[str, Any]:
    """An account's subscription to a solution, as the register sees it."""
    found: list[dict[str, Any]] = office.platform.get(f"/platform/accounts/{account_id}").json["subscriptions"]
    return next(row for row in found if row["solution"] == solution)


def import_many(app: App, office: Office, solution: str, how_many: int) -> list[str]:
    """Unlinked collaborations of Björk's number in a solution."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    rows = [
        {"organisationNumber": BJORK.organisation_number, "solution": solution, "reference": f"{solution}-{n}"}
        for n in range(how_many)
    ]
    ids = [row["collaborationId"] for row in office.platform.post(path, {"rows": rows}).json["rows"]]
    app.drain_events()
    return ids


def many_customers(office: Office, count: int) -> list[Customer]:
    """Customers of Björk's number, beside Björk."""
    twins = [replace(BJORK, id=f"twin-{number}") for number in range(count)]
    for twin in twins:
        path = f"/platform/offices/{office.id}/customers/{twin.id}"
        office.put(path, {**BJORK.body(), "name": twin.id})
        office.put(f"{path}/tasks/{BJORK.task_id}", BJORK.task())
    return twins
