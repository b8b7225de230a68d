"""What is read at the edge: names in one spelling, nothing invisible, values of the right type, the right token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import pytest
from collaboration.domain.model.values import OfficeId
from collaboration.storage import items, keys
from support.accounts import SMART
from support.collaborations import at_revision
from support.people import ANNA, BJORK, OFFICE_ID, Office, Person

if TYPE_CHECKING:
    from support.app import App, Response

BASE = f"/platform/offices/{OFFICE_ID}"
# NUL, a line break, escape, right-to-left override, isolate, mark; zero-width space, joiner, word joiner, BOM.
INVISIBLE = ["\x00", "\n", "\x1b", "\u202e", "\u2066", "\u200f", "\u200b", "\u200d", "\u2060", "\ufeff", "\u2028"]


def fields(answer: Response) -> list[tuple[str, str]]:
    """Pointer and code of each field that is wrong."""
    assert answer.slug == "validation-failed", answer.text
    return [(field["pointer"], field["code"]) for field in answer.json["errors"]]


def renamed(office: Office, name: str) -> Response:
    """The customer with another name."""
    return office.platform.put(f"{BASE}/customers/{BJORK.id}", {**BJORK.body(), "name": name})


def test_names_are_normalised(office: Office) -> None:
    """A letter with a combining accent becomes the one letter; no spaces around."""
    assert renamed(office, "  Bjo\u0308rk AB ").json["name"] == "Bj\u00f6rk AB"


@pytest.mark.parametrize("character", INVISIBLE)
def test_nothing_invisible_in_a_name(office: Office, character: str) -> None:
    """Refused, naming the field."""
    assert fields(renamed(office, f"Bj{character}rk")) == [("#/name", "invalid")]
    contact = {**BJORK.body()["contact"], "name": f"Bir{character}gitta"}
    answer = office.platform.put(f"{BASE}/customers/{BJORK.id}", {**BJORK.body(), "contact": contact})
    assert fields(answer) == [("#/contact/name", "invalid")]


@pytest.mark.parametrize("character", [char for char in INVISIBLE if char != "\n"])
def test_nothing_invisible_in_a_message(office: Office, character: str) -> None:
    """Of the office, or of the customer; a line break is part of a message."""
    body = office.confirmed(office.proposal())
    answer = office.anna.post(
        "/invitations", {**body, "message": f"a{character}b"}, headers={"Idempotency-Key": "invisible-1"}
    )
    assert fields(answer) == [("#/message", "invalid")]


@pytest.mark.parametrize(
    "message",
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Hej \U0001f469\u200d\U0001f4bb!", "\u0915\u094d\u200d\u0937"],
)
def test_joiners_within_what_is_written_are_kept(app: App, office: Office, message: str) -> None:
    """Persian, an emoji of two, Devanagari; in the mail as well."""
    assert office.invited(message=message)["message"] == message
    mail = app.mails("birgitta@bjork-brown.example")[-1]
    assert f"> {message}\n" in mail.text
    assert message in mail.html


@pytest.mark.parametrize(
    "message", ["\u200c\u0645", "\u0645\u200d", "\u0645\u200c\u200d\u0645", "htt\u200dps://x.example", "\u0645\u200d a"]
)
def test_joiners_elsewhere_are_refused(office: Office, message: str) -> None:
    """At an end, doubled, beside ASCII: they hide something."""
    body = {**office.confirmed(office.proposal()), "message": message}
    answer = office.anna.post("/invitations", body, headers={"Idempotency-Key": "joiner-1"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "#/message")


def test_a_message_keeps_its_lines_and_is_normalised(office: Office) -> None:
    """Tabs and line breaks stay."""
    assert office.invite(message="Hej,\n\tBjo\u0308rk").json["message"] == "Hej,\n\tBj\u00f6rk"


@pytest.mark.parametrize("query", ["bjork", "BJÖRK", "Bjo\u0308rk"])
def test_search_folds_accents_and_case(office: Office, query: str) -> None:
    """However it is typed."""
    found = office.anna.get(f"/customers?query={query}").json["items"]
    assert BJORK.id in [customer["id"] for customer in found]


def test_a_number_in_quotes_is_no_number(office: Office) -> None:
    """The period is a number."""
    body = office.proposal(solution="financial-overview", periodMonths="12", invoiceRecipient="office")
    assert fields(office.anna.post("/collaborations/preview", body)) == [("#/periodMonths", "invalid")]


@pytest.mark.parametrize("path", ["/invitations", "/collaborations"])
def test_a_filter_names_a_solution_of_the_catalogue(office: Office, path: str) -> None:
    """Anything else is a mistake of the caller's, not an empty list."""
    assert fields(office.anna.get(f"{path}?solution=no-such")) == [("#/solution", "invalid")]
    assert office.anna.get(f"{path}?solution=scanner").status == 200


@pytest.mark.parametrize(
    ("detail", "pointer"),
    [
        ({"mail": {"messageId": "x"}}, "#/detail/eventType"),
        ({"eventType": "Bounce"}, "#/detail/mail"),
        ({"eventType": "Bounce", "mail": "x"}, "#/detail/mail"),
        ({"eventType": "Bounce", "mail": {}}, "#/detail/mail"),
        ({"eventType": 7, "mail": {"messageId": "x"}}, "#/detail/eventType"),
    ],
)
def test_a_mail_event_without_what_makes_it_one(office: Office, detail: Any, pointer: str) -> None:
    """422 naming what is missing."""
    answer = office.platform.post("/platform/mail-events", {"detail": detail})
    assert [found for found, _ in fields(answer)] == [pointer]


def test_an_access_token_is_no_id_token(app: App, office: Office) -> None:
    """Only a token whose `token_use` is `id` proves who calls."""
    claims = dict(office.anna.claims or {})
    for wrong in ({"token_use": "access"}, {"token_use": ""}):
        assert Person(app, {**claims, **wrong}).get("/customers").slug == "unauthenticated"


def test_the_tokens_address_is_the_directorys(app: App, office: Office) -> None:
    """Compared without case; a token that names none is judged by its ids alone."""
    claims = dict(office.anna.claims or {})
    assert Person(app, {**claims, "email": ANNA.email.upper()}).get("/customers").status == 200
    other = Person(app, {**claims, "email": "mallory@elsewhere.example"})
    assert other.get("/customers").slug == "not-allowed"
    assert other.post("/collaborations/preview", office.proposal()).slug == "not-allowed"


@pytest.mark.parametrize("sent", ["2026-12-01T00:00:00Z", "1796083200", "1796083200000", "20261201", "2026-12-01 "])
def test_a_date_is_a_year_a_month_and_a_day(office: Office, sent: str) -> None:
    """Neither a time nor a count of seconds is one, wherever a date is asked."""
    for name in ("endsBefore", "renewsBefore"):
        assert fields(office.anna.get(f"/collaborations?{name}={sent}")) == [(f"#/{name}", "invalid")]
    account = {**(BJORK.account.body(BJORK) if BJORK.account else {}), "subscriptions": [{**SMART, "renewsOn": sent}]}
    answer = office.platform.put("/platform/accounts/account-bjork", account)
    assert fields(answer) == [("#/subscriptions/0/renewsOn", "invalid")]
    collaboration = office.collaborating()
    end = at_revision(
        office.anna, "POST", f"/collaborations/{collaboration['id']}/end", collaboration, {"on": sent, "outcome": "x"}
    )
    assert ("#/on", "invalid") in fields(end)


@pytest.mark.parametrize("sent", ["1796083200", "1796083200.5", "2026-12-01", "2026-12-01T00:00:00"])
def test_a_time_names_its_zone(office: Office, sent: str) -> None:
    """A count of seconds is none."""
    assert fields(office.anna.get(f"/invitations?expiringBefore={sent}")) == [("#/expiringBefore", "invalid")]
    assert office.anna.get("/invitations?expiringBefore=2026-12-01T00:00:00%2B01:00").status == 200


@pytest.mark.parametrize("path", ["/employees", "/customers", "/invitations", "/collaborations"])
def test_an_endless_cursor_is_none(office: Office, path: str) -> None:
    """However long: a cursor that no list gave cannot be read."""
    for length in (999, 1001, 5000):
        assert office.anna.get(f"{path}?cursor={'a' * length}").slug == "malformed-request"
    answer = office.platform.post(f"{BASE}/tasks/mass-update", {"addParticipants": ["bo"], "cursor": "a" * 1001})
    assert answer.slug == "malformed-request"


@pytest.mark.parametrize("limit", ["5.0", "+5", "%205", "0_5", "5e0", "\u0665", ""])
def test_a_limit_is_a_number_in_digits(office: Office, limit: str) -> None:
    """Nothing else that some reader takes for one."""
    assert fields(office.anna.get(f"/customers?limit={limit}")) == [("#/limit", "invalid")]
    assert office.anna.get("/customers?limit=5").status == 200


def test_a_field_that_is_named_twice_is_invalid(office: Office) -> None:
    """At its place, wherever that is: neither of its values counts, nor are they compared."""
    path, body = f"{BASE}/customers/{BJORK.id}", BJORK.body()
    before = office.platform.get(path).json
    text = json.dumps(body)
    for twice, place in (
        (f'{{"name": "Bj\u00f6rk", {text[1:]}', "#/name"),
        (f'{{"active": true, {text[1:]}', "#/active"),
        (f'{text[:-1]}, "contact": null}}', "#/contact"),
        (text.replace('"email":', '"email": "other@example.com", "email":'), "#/contact/email"),
    ):
        assert fields(office.platform.call("PUT", path, raw=twice)) == [(place, "invalid")], twice
    assert office.platform.get(path).json == before
    asked = '{"solution": "scanner", "customerId": "bjork", "solution": "smart-office"}'
    assert fields(office.anna.call("POST", "/collaborations/preview", raw=asked)) == [("#/solution", "invalid")]
    row = '{"reference": "one", "reference": "two", "organisationNumber": "5560000001"}'
    imported = office.platform.call("POST", f"{BASE}/collaborations/import", raw=f'{{"rows": [{row}]}}').json["rows"]
    assert [(made["status"], made["problem"]["errors"][0]["pointer"]) for made in imported] == [
        ("failed", "#/rows/0/reference")
    ]


def test_what_an_account_names_twice_is_named(office: Office) -> None:
    """The list that holds it, and every one that does."""
    account = BJORK.account.body(BJORK) if BJORK.account else {}
    twice = {**account, "users": account["users"] * 2, "subscriptions": [SMART, SMART]}
    answer = office.platform.put("/platform/accounts/account-bjork", twice)
    assert fields(answer) == [("#/users", "invalid"), ("#/subscriptions", "invalid")]


def test_a_wrong_item_of_a_list_is_the_only_thing_wrong(office: Office) -> None:
    """The list is not called too short beside it, and the detail names the list, not a place in it."""
    answer = office.platform.post(f"{BASE}/tasks/mass-update", {"customerIds": ["b@d"], "addParticipants": ["bo"]})
    assert fields(answer) == [("#/customerIds/0", "invalid")]
    assert answer.json["errors"][0]["detail"].startswith("customerIds ")


@pytest.mark.parametrize("attempt", range(5))
def test_of_a_reference_that_comes_twice_the_first_is_imported(office: Office, attempt: int) -> None:
    """Whatever the second says."""
    del attempt
    row = {"organisationNumber": BJORK.organisation_number, "reference": "twice"}
    rows = [{**row, "solution": "scanner"}, {**row, "solution": "smart-office"}, {**row, "solution": "scanner"}]
    answer = office.platform.post(f"{BASE}/collaborations/import", {"rows": rows}).json["rows"]
    assert [made["status"] for made in answer] == ["imported", "exists", "exists"]
    made = office.anna.get(f"/collaborations/{answer[0]['collaborationId']}").json
    assert made["solution"] == "scanner"


# Characters whose one spelling is longer: a letter of Devanagari, one of Hebrew, a note.
LENGTHENED = ["\u0958", "\ufb2a", "\U0001d160"]


@pytest.mark.parametrize("character", LENGTHENED)
def test_a_name_is_as_long_as_its_one_spelling(office: Office, character: str) -> None:
    """A name that is stored can be read: what becomes too long is refused, and what fits is given back."""
    body = {"email": "office@ek-lind.example", "locale": "sv"}
    assert office.platform.put(BASE, {**body, "name": character * 66}).status == 200
    assert office.anna.get("/me").json["office"]["name"] == normalize("NFC", character * 66)
    assert fields(office.platform.put(BASE, {**body, "name": character * 150})) == [("#/name", "invalid")]
    assert fields(renamed(office, character * 150)) == [("#/name", "invalid")]
    contact = {**BJORK.body()["contact"], "street": character * 150}
    answer = office.platform.put(f"{BASE}/customers/{BJORK.id}", {**BJORK.body(), "contact": contact})
    assert [pointer for pointer, _ in fields(answer)] == ["#/contact/street"]
    message = {**office.confirmed(office.proposal()), "message": character * 1500}
    refused = office.anna.post("/invitations", message, headers={"Idempotency-Key": "length-1"})
    assert fields(refused) == [("#/message", "invalid")]
    assert office.anna.get("/me").status == 200


@pytest.mark.parametrize("blank", [" ", " \u00a0\u2003\u3000 ", "\t"])
def test_white_space_is_no_name_and_no_message(office: Office, blank: str) -> None:
    """What is left when white space has gone is nothing, and nothing is stored."""
    body = {"email": "office@ek-lind.example", "locale": "sv", "name": blank}
    assert [pointer for pointer, _ in fields(office.platform.put(BASE, body))] == ["#/name"]
    message = {**office.confirmed(office.proposal()), "message": blank}
    refused = office.anna.post("/invitations", message, headers={"Idempotency-Key": "white-space-1"})
    assert [pointer for pointer, _ in fields(refused)] == ["#/message"]
    assert office.anna.get("/me").status == 200


def test_a_name_that_was_stored_too_long_is_read_as_far_as_it_may_be(app: App, office: Office) -> None:
    """As 0.1.0 stored one: nobody of the office is kept out by it."""
    place = keys.office(OfficeId(OFFICE_ID))
    item = app.services.table.get(place)[place]
    value = {**json.loads(items.string(item, "data")), "name": "\u0915\u093c" * 150}
    app.services.table.write([{"Put": {"Item": {**item, "data": {"S": json.dumps(value)}}}}])
    assert office.anna.get("/me").json["office"]["name"] == "\u0915\u093c" * 100
    assert office.invite().status == 201
