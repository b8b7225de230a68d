"""The account that an import belongs to: chosen, joined and checked in one transaction, and left without a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.values import AccountId, OrganisationNumber
from collaboration.storage import actions, keys
from support.accounts import BOOKS, SMART, import_many, many_customers, register, subscription
from support.collaborations import at_revision, shown
from support.people import BJORK, CEDER, DAHL, Office, fresh_key

if TYPE_CHECKING:
    from support.app import App, Response
    from support.people import Person

NUMBER = BJORK.organisation_number
BIRGITTA = BJORK.contact.email
SECOND: dict[str, Any] = {
    "organisationNumber": NUMBER,
    "name": "Second",
    "users": [],
    "mainContact": None,
    "subscriptions": [],
}
ADMINISTRATOR = {"email": "sara@second.example", "name": "Sara Sand", "role": "administrator"}


def importing(office: Office, **row: Any) -> dict[str, Any]:
    """A row of an import, before the access service came by."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    answer = office.platform.post(path, {"rows": [{"organisationNumber": NUMBER, "reference": "old-1", **row}]})
    return {"id": answer.json["rows"][0]["collaborationId"]}


def imported(app: App, office: Office, **row: Any) -> dict[str, Any]:
    """An unlinked collaboration, by default of Björk's number."""
    collaboration = importing(office, **row)
    app.drain_events()
    return shown(office, collaboration)


def link(office: Office, collaboration: dict[str, Any], person: Person | None = None, **body: Any) -> Response:
    """Linked to Björk's task, by default by an employee who may not decide."""
    body = {"customerId": BJORK.id, "taskId": BJORK.task_id, **body}
    return at_revision(person or office.bo, "PUT", f"/collaborations/{collaboration['id']}/link", collaboration, body)


def arranged(office: Office, name: str) -> None:
    """An end a year from now."""
    body = {"on": "2027-12-01", "outcome": "continue"}
    path = f"/collaborations/{name}"
    assert at_revision(office.anna, "POST", f"{path}/end", office.anna.get(path).json, body).status == 200


def test_a_link_that_is_undone_changes_nobodys_invoices(app: App, office: Office) -> None:
    """Bo, who may not decide, links an import and undoes it: who pays has not changed."""
    register(office, subscriptions=[SMART])
    app.drain_events()
    before = subscription(office, "smart-office")
    collaboration = imported(app, office)
    assert link(office, collaboration, solution="smart-office").status == 200
    app.drain_events()
    undone = at_revision(
        office.bo, "DELETE", f"/collaborations/{collaboration['id']}/link", shown(office, collaboration)
    )
    assert undone.status == 200
    app.drain_events()
    app.clock.pass_(days=20)
    app.clean_up()
    assert subscription(office, "smart-office")["invoiceRecipient"] == before["invoiceRecipient"] == "office"


def test_an_undone_link_says_at_once_all_that_is_missing(app: App, office: Office) -> None:
    """The number has two accounts, so that the import is with neither: the answer says what the list says later."""
    register(office)
    office.put("/platform/accounts/second", SECOND)
    collaboration = imported(app, office, solution="scanner")
    linked = link(office, collaboration, solution="scanner", accountId="second")
    assert linked.status == 200
    app.drain_events()
    path = f"/collaborations/{collaboration['id']}/link"
    undone = at_revision(office.bo, "DELETE", path, shown(office, collaboration))
    assert undone.json["toDo"] == ["account-missing", "task-missing"]
    app.drain_events()
    assert shown(office, collaboration)["toDo"] == undone.json["toDo"]


def test_a_second_account_changes_nobodys_invoices(app: App, office: Office) -> None:
    """A second account of the number is fed: the first one's invoices go where they went."""
    register(office, subscriptions=[SMART])
    app.drain_events()
    imported(app, office, solution="smart-office")
    body: dict[str, Any] = {
        "organisationNumber": NUMBER,
        "name": "Second",
        "users": [],
        "mainContact": None,
        "subscriptions": [],
    }
    office.put("/platform/accounts/second", body)
    app.drain_events()
    app.clock.pass_(days=20)
    app.clean_up()
    assert subscription(office, "smart-office")["invoiceRecipient"] == "office"


def test_a_link_that_is_moved_changes_nobodys_invoices(app: App, office: Office) -> None:
    """Linked to the wrong account first; put right, that account's invoices go where they went."""
    register(office, subscriptions=[SMART])
    body = {**office.platform.get("/platform/accounts/account-bjork").json, "subscriptions": []}
    office.put("/platform/accounts/second", {k: v for k, v in body.items() if k != "id"})
    app.drain_events()
    collaboration = imported(app, office, solution="smart-office")
    first = link(office, collaboration, solution="smart-office", accountId="account-bjork")
    app.drain_events()
    assert link(office, first.json, solution="smart-office", accountId="second").status == 200
    app.clock.pass_(days=20)
    app.clean_up()
    assert subscription(office, "smart-office")["invoiceRecipient"] == "office"


def test_an_import_whose_end_is_arranged_belongs_to_the_only_account(app: App, office: Office) -> None:
    """`accountId`, access and `/my` agree, also when an end was arranged before the account was known."""
    collaboration = imported(app, office, organisationNumber=CEDER.organisation_number, solution="scanner")
    path = f"/collaborations/{collaboration['id']}/end"
    assert (
        at_revision(office.anna, "POST", path, collaboration, {"on": "2027-12-01", "outcome": "continue"}).status == 200
    )
    body: dict[str, Any] = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [{"email": CEDER.contact.email, "name": "Carl", "role": "administrator"}],
        "mainContact": CEDER.contact.email,
        "subscriptions": [],
    }
    office.put("/platform/accounts/account-ceder", body)
    app.drain_events()
    app.audit_access()
    mine = office.user(CEDER.contact.email).get("/my/collaborations").json["items"]
    assert CEDER.contact.email in office.access(collaboration["id"])
    assert [row["id"] for row in mine] == [collaboration["id"]]
    assert shown(office, collaboration)["accountId"] == "account-ceder"


def test_an_import_whose_end_is_arranged_at_once_rests_on_its_subscription(app: App, office: Office) -> None:
    """The end is arranged seconds after the import, before the access service came by."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "scanner"}
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    arranged(office, name)
    app.drain_events()
    app.audit_access()
    # The register leaves the subscription out: a collaboration rests on it, so it stays.
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {key: value for key, value in found.items() if key != "id"}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": []})
    assert [
        row["solution"] for row in office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
    ] == ["scanner"]


def test_an_import_whose_end_is_arranged_while_its_account_moves(app: App, office: Office) -> None:
    """The account has moved, the access service has not come by: an end binds it to nobody."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "scanner"}
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {key: value for key, value in found.items() if key != "id"}
    office.put("/platform/accounts/account-bjork", {**body, "organisationNumber": "5560000001"})
    arranged(office, name)
    app.drain_events()
    app.audit_access()
    # Another company by now: it neither sees nor ends what is Björk's.
    assert office.user(BIRGITTA).get("/my/collaborations").json["items"] == []


def test_an_end_beside_the_assignment_leaves_nobody_resting(app: App, office: Office) -> None:
    """An import ends while its account is found: its subscription is nobody's afterwards."""
    collaboration = importing(office, solution="smart-office")
    found = shown(office, collaboration)
    app.client.faults.before("transact_write_items", app.drain_events)
    path = f"/collaborations/{collaboration['id']}"
    ended = at_revision(office.anna, "POST", f"{path}/end", found, {"outcome": "continue"})
    assert ended.status == 200, ended.text
    app.drain_events()
    app.audit_access()
    # A new collaboration rests on its subscription alone, so the customer may close it.
    new = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    assert new["outcomes"] == ["continue", "close"]


def test_an_arranged_end_beside_the_assignment_keeps_the_account(app: App, office: Office) -> None:
    """An end is arranged while the import's account is found: `/my` shows what gives access."""
    collaboration = importing(office, organisationNumber=CEDER.organisation_number, solution="scanner")
    app.drain_events()
    found = shown(office, collaboration)
    body: dict[str, Any] = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [{"email": CEDER.contact.email, "name": "Carl", "role": "administrator"}],
        "mainContact": CEDER.contact.email,
        "subscriptions": [],
    }

    def meanwhile() -> None:
        office.put("/platform/accounts/account-ceder", body)
        app.drain_events()

    app.client.faults.before("transact_write_items", meanwhile)
    path = f"/collaborations/{collaboration['id']}/end"
    end = {"on": "2027-12-01", "outcome": "continue"}
    assert at_revision(office.anna, "POST", path, found, end).status == 200
    app.drain_events()
    app.audit_access()
    assert shown(office, collaboration)["accountId"] == "account-ceder"


def test_a_link_beside_an_account_that_moves(app: App, office: Office) -> None:
    """A link binds an import to its account, which must still be there."""
    collaboration = imported(app, office, solution="scanner")
    assert collaboration["accountId"] == "account-bjork"
    moved: list[Response] = []
    app.client.faults.before(
        "transact_write_items", lambda: moved.append(register(office, organisationNumber="5560000001"))
    )
    linked = link(office, collaboration, solution="scanner")
    assert moved[0].status == 200
    app.drain_events()
    app.audit_access()
    at = office.platform.get("/platform/accounts/account-bjork").json["organisationNumber"]
    after = shown(office, collaboration)
    assert linked.status != 200 or after["organisationNumber"] == at, (linked.status, after["accountId"], at)


def test_an_account_fed_twice_at_once_is_one_account(app: App, office: Office) -> None:
    """Two feeds of a new account, the second with the number corrected: it is under one number only."""
    body: dict[str, Any] = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [],
        "mainContact": None,
        "subscriptions": [],
    }
    app.client.faults.before(
        "transact_write_items",
        lambda: office.put("/platform/accounts/new", body),
    )
    office.put("/platform/accounts/new", {**body, "organisationNumber": "5560000001"})
    app.drain_events()
    app.audit_access()
    at = office.platform.get("/platform/accounts/new").json["organisationNumber"]
    scenario = office.anna.post("/collaborations/preview", office.proposal(CEDER)).json["scenario"]
    # The account is at one of the numbers, and Cederlund has an account only if it is at theirs.
    assert (scenario == "not-a-customer") == (at != CEDER.organisation_number)


def test_cancelling_an_end_is_followed_within_seconds(app: App, office: Office) -> None:
    """A cancelled end lets the import go back to what it was, without waiting for the night."""
    body = {**office.platform.get("/platform/accounts/account-bjork").json, "subscriptions": []}
    office.put("/platform/accounts/second", {k: v for k, v in body.items() if k != "id"})
    app.drain_events()
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1"}
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    assert link(office, shown(office, name), solution="scanner", accountId="second").status == 200
    app.drain_events()
    base = f"/collaborations/{name}"
    assert (
        at_revision(
            office.anna, "POST", f"{base}/end", shown(office, name), {"on": "2027-12-10", "outcome": "continue"}
        ).status
        == 200
    )
    assert at_revision(office.bo, "DELETE", f"{base}/link", shown(office, name)).status == 200
    app.drain_events()
    assert at_revision(office.anna, "DELETE", f"{base}/scheduled-end", shown(office, name)).status == 200
    app.drain_events()
    assert office.access(name) == {}
    assert shown(office, name)["accountId"] is None


def test_an_unlinked_import_with_an_arranged_end_changes_no_terms(app: App, office: Office) -> None:
    """Nobody edits an account's subscription through an unlinked import, with or without an end arranged."""
    register(office, subscriptions=[BOOKS])
    [name] = import_many(app, office, "bookkeeping-invoicing", 1)
    found = shown(office, name)
    assert (
        at_revision(
            office.anna, "PATCH", f"/collaborations/{name}", found, {"variant": "bookkeeping-invoicing-plus"}
        ).status
        == 422
    )
    assert (
        at_revision(
            office.anna, "POST", f"/collaborations/{name}/end", found, {"on": "2099-01-01", "outcome": "continue"}
        ).status
        == 200
    )
    found = shown(office, name)
    answer = at_revision(
        office.anna, "PATCH", f"/collaborations/{name}", found, {"variant": "bookkeeping-invoicing-plus"}
    )
    assert answer.status == 422


def test_a_company_reads_nothing_of_another_companys_people(app: App, office: Office) -> None:
    """An import was with an account whose number was wrong; the right company reads its history."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": CEDER.organisation_number, "reference": "old-1", "solution": "scanner"}
    wrong = {
        "organisationNumber": CEDER.organisation_number,
        "name": "Another company, fed with a wrong number",
        "users": [{"email": "olof@other.example", "name": "Olof Other", "role": "administrator"}],
        "mainContact": "olof@other.example",
        "subscriptions": [],
    }
    office.put("/platform/accounts/wrong", wrong)
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    office.put("/platform/accounts/wrong", {**wrong, "organisationNumber": "5560000001"})
    right = {
        **wrong,
        "name": CEDER.name,
        "users": [{"email": CEDER.contact.email, "name": "Carl", "role": "administrator"}],
    }
    office.put("/platform/accounts/right", {**right, "mainContact": CEDER.contact.email})
    app.drain_events()
    carl = office.user(CEDER.contact.email)
    assert [found["id"] for found in carl.get("/my/collaborations").json["items"]] == [name]
    history = carl.get(f"/my/collaborations/{name}/history?limit=100").text
    assert "Olof Other" not in history


def test_who_shares_no_more_is_told_within_seconds(app: App, office: Office) -> None:
    """An import leaves the subscription, since its number has two accounts: the other may close again."""
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "smart-office"}
    office.platform.post(path, {"rows": [row]})
    app.drain_events()
    shown = f"/collaborations/{collaboration['id']}"
    assert office.anna.get(shown).json["outcomes"] == ["continue"]
    body: dict[str, Any] = {
        "organisationNumber": NUMBER,
        "name": "Second",
        "users": [],
        "mainContact": None,
        "subscriptions": [],
    }
    office.put("/platform/accounts/second", body)
    app.drain_events()
    assert office.anna.get(shown).json["outcomes"] == ["continue", "close"]


def test_an_account_that_moves_and_is_fed_again_at_once(app: App, office: Office) -> None:
    """The number it left has one account now, whatever is fed before the access service came by."""
    path = f"/platform/offices/{office.id}/collaborations/import"
    row = {"organisationNumber": NUMBER, "reference": "old-1", "solution": "scanner"}
    body: dict[str, Any] = {
        "organisationNumber": NUMBER,
        "name": "Second",
        "users": [],
        "mainContact": None,
        "subscriptions": [],
    }
    office.put("/platform/accounts/second", body)
    name = office.platform.post(path, {"rows": [row]}).json["rows"][0]["collaborationId"]
    app.drain_events()
    office.put("/platform/accounts/second", {**body, "organisationNumber": "5560000001"})
    office.put("/platform/accounts/second", {**body, "organisationNumber": "5560000001", "name": "Second AB"})
    app.drain_events()
    assert office.anna.get(f"/collaborations/{name}").json["accountId"] == "account-bjork"


def test_an_account_that_moves_twice_at_once(app: App, office: Office) -> None:
    """Each of the numbers it left has one account now, also the one it left before the access service came by."""
    office.put("/platform/accounts/second", SECOND)
    collaboration = imported(app, office, solution="scanner")
    assert collaboration["accountId"] is None
    for number in ("5560000001", DAHL.organisation_number):
        office.put("/platform/accounts/second", {**SECOND, "organisationNumber": number})
    app.drain_events()
    assert shown(office, collaboration)["accountId"] == "account-bjork"


def test_a_customer_whose_number_changes_twice_at_once(app: App, office: Office) -> None:
    """What is unlinked under the number it left first says that there is no customer of that number any more."""
    collaboration = imported(app, office, organisationNumber=DAHL.organisation_number)
    assert "customer-missing" not in collaboration["toDo"]
    path = f"/platform/offices/{office.id}/customers/{DAHL.id}"
    for number in ("5560000001", "5560000019"):
        office.put(path, {**DAHL.body(), "organisationNumber": number})
    app.drain_events()
    assert "customer-missing" in shown(office, collaboration)["toDo"]


def test_an_end_holds_no_account_where_the_solution_is_not_known(app: App, office: Office) -> None:
    """It rests on nothing there: the account may move, and takes nothing of Björk's along."""
    collaboration = imported(app, office)
    assert (collaboration["solution"], collaboration["accountId"]) == (None, "account-bjork")
    arranged(office, collaboration["id"])
    app.drain_events()
    register(office, organisationNumber="5560000001", subscriptions=[])
    app.drain_events()
    assert shown(office, collaboration)["accountId"] is None
    assert office.user(BIRGITTA).get("/my/collaborations").json["items"] == []
    # An account of the number that comes later has it, and sees what ends.
    office.put("/platform/accounts/second", {**SECOND, "users": [ADMINISTRATOR], "mainContact": ADMINISTRATOR["email"]})
    app.drain_events()
    assert shown(office, collaboration)["accountId"] == "second"
    row = office.user(ADMINISTRATOR["email"]).get("/my/collaborations").json["items"][0]
    assert (row["id"], row["endsOn"]) == (collaboration["id"], "2027-12-01")


def test_an_account_does_not_move_beside_an_end_that_is_arranged(app: App, office: Office) -> None:
    """What had rested there without being bound is bound before the account is written under its other number."""
    register(office, subscriptions=[SMART])
    collaboration = imported(app, office, solution="smart-office")
    app.client.faults.before("transact_write_items", lambda: arranged(office, collaboration["id"]))
    moved = register(office, organisationNumber="5560000001")
    assert (moved.status, moved.slug) == (409, "in-use")
    assert shown(office, collaboration)["accountId"] == "account-bjork"


@pytest.mark.parametrize("revived", [False, True])
def test_an_account_does_not_move_beside_an_invitation_of_one_of_many_customers(
    app: App, office: Office, *, revived: bool
) -> None:
    """Whoever of its number is invited while it moves keeps it where it is, one who is invited again as well."""
    twins = many_customers(office, 8)
    register(office, subscriptions=[])
    app.drain_events()
    expired = office.invited(twins[-1], "scanner")["id"]
    app.clock.pass_(days=15)
    answers: list[Response] = []

    def meanwhile() -> None:
        if revived:
            answers.append(office.anna.post(f"/invitations/{expired}/resend"))
        else:
            body = office.confirmed(office.proposal(twins[-1], "scanner"))
            answers.append(office.anna.post("/invitations", body, headers={"Idempotency-Key": fresh_key()}))

    app.client.faults.before("transact_write_items", meanwhile)
    moved = register(office, organisationNumber="5560000001")
    assert answers[0].status == (202 if revived else 201)
    assert (moved.status, moved.slug) == (409, "in-use")


def test_what_an_account_holds_makes_no_move_larger(app: App, office: Office) -> None:
    """One transaction of an account that moves has as many actions, however many customers its number has."""

    def actions_of_a_move(number: str) -> int:
        sizes: list[int] = []
        original = app.client.transact_write_items

        def counted(**call: Any) -> Any:
            sizes.append(len(call["TransactItems"]))
            return original(**call)

        app.client.transact_write_items = counted
        assert register(office, organisationNumber=number).status == 200
        app.client.transact_write_items = original
        return sizes[-1]

    register(office, subscriptions=[])
    app.drain_events()
    alone = actions_of_a_move("5560000001")
    register(office, organisationNumber=NUMBER)
    many_customers(office, 8)
    assert actions_of_a_move("5560000001") == alone


def test_an_account_stays_where_a_collaboration_is_that_no_subscription_names(app: App, office: Office) -> None:
    """As an older version linked it, before the register had recorded a subscription."""
    register(office, subscriptions=[])
    collaboration = imported(app, office, solution="scanner")
    assert link(office, collaboration, solution="scanner").status == 200
    app.drain_events()
    key = keys.subscription(OrganisationNumber(NUMBER), AccountId("account-bjork"), "scanner")
    app.services.table.write([actions.delete(key)])
    moved = register(office, organisationNumber="5560000001")
    assert (moved.status, moved.slug) == (409, "in-use")


@pytest.mark.parametrize("subscriptions", [[SMART], []], ids=["recorded", "not recorded"])
def test_an_account_does_not_move_beside_a_link_to_one_of_many_customers(
    app: App, office: Office, subscriptions: list[dict[str, Any]]
) -> None:
    """More customers of its number than one transaction could hold free of anything new."""
    twin = many_customers(office, 6)[-1]
    register(office, subscriptions=subscriptions)
    collaboration = imported(app, office, solution="smart-office")
    linked: list[Response] = []

    def meanwhile() -> None:
        linked.append(link(office, collaboration, solution="smart-office", customerId=twin.id))

    app.client.faults.before("transact_write_items", meanwhile)
    moved = register(office, organisationNumber="5560000001")
    assert (linked[0].status, moved.status, moved.slug) == (200, 409, "in-use")
    assert shown(office, collaboration)["accountId"] == "account-bjork"


@pytest.mark.parametrize("follows", ["in time", "too late"])
def test_nobody_ends_what_is_another_companys_by_now(app: App, office: Office, follows: str) -> None:
    """`no-end-by-another-company`: also where the clean-up is faster than the access service."""
    collaboration = imported(app, office)
    path = f"/my/collaborations/{collaboration['id']}"
    body = {"on": "2026-12-10", "outcome": "continue"}
    assert at_revision(office.user(BIRGITTA), "POST", f"{path}/end", collaboration, body).status == 200
    app.drain_events()
    assert register(office, organisationNumber="5590000005").status == 200
    register(office, "account-dahl", organisationNumber=NUMBER, users=[ADMINISTRATOR])
    if follows == "in time":
        app.drain_events()
    app.clock.pass_(days=20)
    app.clean_up()
    app.drain_events()
    now = shown(office, collaboration)
    assert (now["state"], now["accountId"], now["arrangedEnds"]) == ("active", "account-dahl", [])
    rows = office.anna.get(f"/collaborations/{collaboration['id']}/history").json["items"]
    (cancelled,) = [row for row in rows if row["kind"] == "end-cancelled"]
    changes = [(change["field"], change["from"], change["to"]) for change in cancelled["changes"]]
    assert changes == [("endsOn", "2026-12-10", None), ("outcome", "continue", None)]
    assert not [mail for mail in app.mailbox if mail.to.endswith("ek-lind.example")]
