"""Every list is read page by page, as the contract says of all of them; also what is read whole each time."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.contract.parameters import PageQuery
from collaboration.http.contract.response import Page
from support.people import ANNA, BJORK, DAHL, Office, Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.http.contract.operation import Operation


def lists() -> Iterator[Operation[Any, Any]]:
    """The operations that answer with a list."""
    for operation in OPERATIONS:
        model = operation.answers.get(200)
        if isinstance(model, type) and issubclass(model, Page):
            yield operation


@pytest.mark.parametrize("operation", [*lists()], ids=lambda operation: operation.name)
def test_every_list_takes_a_limit_and_a_cursor(operation: Operation[Any, Any]) -> None:
    """A client that pages one list pages all of them."""
    assert issubclass(operation.query, PageQuery)
    assert "malformed-request" in operation.all_refusals


SHORT = ("solutions", "access", "my access", "my solutions", "suggestions")


@pytest.fixture
def short_lists(office: Office) -> dict[str, tuple[Person, str]]:
    """Who reads each of the lists that are read whole, and where; each has two rows at least."""
    collaboration = office.collaborating(BJORK, "scanner")
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    unlinked = office.imported()
    task = DAHL.task()
    office.put(f"/platform/offices/{office.id}/customers/{DAHL.id}/tasks/other", {**task, "name": "Annat"})
    office.app.drain_events()
    birgitta = office.user(BJORK.contact.email)
    return {
        "solutions": (office.anna, "/solutions"),
        "access": (office.anna, f"/collaborations/{collaboration['id']}/access"),
        "my access": (birgitta, f"/my/collaborations/{collaboration['id']}/access"),
        "my solutions": (birgitta, "/my/solutions"),
        "suggestions": (office.anna, f"/collaborations/{unlinked['id']}/link-suggestions"),
    }


@pytest.mark.parametrize("name", SHORT)
def test_pages_hold_every_row_once(short_lists: dict[str, tuple[Person, str]], name: str) -> None:
    """In their order; and each page but the last is full."""
    person, path = short_lists[name]
    whole = person.get(path).json
    assert len(whole["items"]) >= 2
    assert whole["next"] is None
    pages: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = person.get(f"{path}?limit=1{cursor and f'&cursor={cursor}'}").json
        pages.append(page["items"])
        cursor = page["next"]
    assert [len(page) for page in pages] == [1] * len(whole["items"])
    assert [row for page in pages for row in page] == whole["items"]


@pytest.mark.parametrize("name", SHORT)
def test_what_is_no_page_of_a_list_is_refused(short_lists: dict[str, tuple[Person, str]], name: str) -> None:
    """A limit that is none, a cursor of another list, one of nobody's."""
    person, path = short_lists[name]
    for limit in ("0", "101", "x"):
        assert person.get(f"{path}?limit={limit}").slug == "validation-failed"
    others = {
        other: person.get(f"{place}?limit=1").json["next"]
        for other, (_, place) in short_lists.items()
        if other != name and short_lists[other][0] == person
    }
    assert all(others.values())
    for cursor in (*others.values(), "nonsense", ""):
        refused = person.get(f"{path}?cursor={cursor}")
        assert (refused.status, refused.slug) == (400, "malformed-request")


def test_a_row_that_goes_between_two_pages_hides_no_other(office: Office) -> None:
    """Who had access and has it no more is not read over; whoever comes after them is."""
    collaboration = office.collaborating(BJORK, "scanner")
    path = f"/collaborations/{collaboration['id']}/access"
    before = [row["person"]["email"] for row in office.anna.every(path)]
    first = office.anna.get(f"{path}?limit=1").json
    gone = first["items"][0]["person"]["email"]
    account = BJORK.account
    assert account
    body = account.body(BJORK)
    users = [user for user in body["users"] if user["email"] != gone]
    assert len(users) == len(body["users"]) - 1
    office.put(f"/platform/accounts/{account.id}", {**body, "users": users})
    office.app.drain_events()
    assert [row["person"]["email"] for row in office.anna.every(path)] == before[1:]
    rest = office.anna.get(f"{path}?cursor={first['next']}").json["items"]
    assert [row["person"]["email"] for row in rest] == before[1:]


def test_a_cursor_holds_no_address(office: Office) -> None:
    """It stands in URLs."""
    collaboration = office.collaborating(BJORK, "scanner")
    path = f"/collaborations/{collaboration['id']}/access"
    for limit in (1, 2):
        cursor = office.anna.get(f"{path}?limit={limit}").json["next"]
        held = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        assert not any(part in held for part in ("@", "office", "customer", "birgitta", "anna"))


@pytest.mark.parametrize("letter", ["a", '"', "å", "ж", "汉", "😀"])
def test_a_list_goes_on_after_the_longest_name(office: Office, letter: str) -> None:
    """In any script: the cursor names the row, and is no longer than one that is taken back, nor than is described."""
    base = f"/platform/offices/{office.id}"
    for nth in range(3):
        longest = f"{letter * 199}{nth}"
        office.put(f"{base}/customers/{'c' * 63}{nth}", {**BJORK.body(), "name": longest})
        office.put(f"{base}/employees/{'e' * 63}{nth}", {**ANNA.body(), "name": longest, "email": f"{nth}@x.example"})
    for path in ("/customers", "/employees"):
        cursor: str | None = ""
        found: list[str] = []
        while cursor is not None:
            answer = office.anna.get(f"{path}?limit=1{cursor and f'&cursor={cursor}'}")
            assert answer.status == 200, answer.text
            found += [row["name"] for row in answer.json["items"]]
            cursor = answer.json["next"]
        assert [f"{letter * 199}{nth}" for nth in range(3)] == [name for name in found if letter * 3 in name]
