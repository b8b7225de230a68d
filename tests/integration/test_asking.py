"""Preview, invite and activate: the situations, the doors, and everything that can be in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from stack.demonstration import OFFICE
from support.accounts import register
from support.people import ALMBERG, ANNA, BJORK, BO, CECILIA, CEDER, DAHL, Office, fresh_key

if TYPE_CHECKING:
    from support.app import Response

BIRGITTA = "birgitta@bjork-brown.example"


def preview(office: Office, *proposal: Any, **more: Any) -> Any:
    """What Anna is shown."""
    answer = office.anna.post("/collaborations/preview", office.proposal(*proposal, **more))
    assert answer.status == 200, answer.text
    return answer.json


def slugs(shown: Any) -> list[str]:
    """What is in the way, in order."""
    return [problem["type"].rpartition("/")[2] for problem in shown["problems"]]


def send(office: Office, door: str, body: dict[str, Any]) -> Response:
    """Through a door."""
    return office.anna.post(f"/{door}", body, headers={"Idempotency-Key": fresh_key()})


def feed_customer(office: Office, customer: Any, **changes: Any) -> None:
    """A customer, changed."""
    office.put(f"/platform/offices/{office.id}/customers/{customer.id}", {**customer.body(), **changes})


def feed_account(office: Office, account_id: str, **changes: Any) -> None:
    """An account, changed; a new one is Björk's twin."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in found.items() if name != "id"}
    office.put(f"/platform/accounts/{account_id}", {**body, **changes})


# Situations and doors


@pytest.mark.parametrize(
    ("proposal", "scenario", "door"),
    [
        ((BJORK, "scanner"), "has-solution", "invite"),
        ((BJORK, "smart-office"), "without-solution", "invite"),
        ((CEDER, "scanner"), "not-a-customer", "activate"),
        ((BJORK, "tax-annual-accounts"), "without-solution", "activate"),
        ((CEDER, "tax-annual-accounts"), "not-a-customer", "activate"),
        ((BJORK, "payroll"), "without-solution", None),
    ],
)
def test_the_situation_decides_the_door(office: Office, proposal: Any, scenario: str, door: str | None) -> None:
    """By organisation number; office tools need no approval; payroll has no door until its variant is chosen."""
    shown = preview(office, *proposal)
    assert (shown["scenario"], shown["door"]) == (scenario, door)
    # Without a door there is nothing to expect, and nothing to agree to.
    assert (bool(shown["effects"]), bool(shown["terms"]["text"])) == (door is not None, door is not None)


@pytest.mark.parametrize(("variant", "door"), [("standard", "invite"), ("start", "activate")])
def test_payroll_is_what_its_variant_is(office: Office, variant: str, door: str) -> None:
    """`standard` is shared; `start` is the office's tool, and the office always pays."""
    shown = preview(office, BJORK, "payroll", variant=variant)
    assert shown["door"] == door
    if variant == "start":
        assert shown["setup"]["invoiceRecipient"] == "office"
        assert shown["missing"] == []
        wrong = preview(office, BJORK, "payroll", variant=variant, invoiceRecipient="customer")
        assert wrong["problems"][0]["errors"][0] == {
            "pointer": "#/invoiceRecipient",
            "code": "not-available",
            "detail": "invoiceRecipient cannot be chosen here.",
        }


def test_the_preview_foresees_mails_and_access(office: Office) -> None:
    """Who is written to, and who would get what, without a since."""
    shown = preview(office, BJORK, "smart-office", invoiceRecipient="customer")
    assert {(mail["kind"], mail["to"]) for mail in shown["mails"]} == {
        ("invitation", BIRGITTA),
        ("invitation", "benjamin@bjork-brown.example"),
        ("information", BIRGITTA),
        ("information", "benjamin@bjork-brown.example"),
    }
    what = {row["person"]["email"]: row["what"] for row in shown["access"]}
    assert what[BO.email] == ["account", "solution"]
    assert what[BIRGITTA] == ["solution"]
    assert all("since" not in row for row in shown["access"])


def test_everybody_may_look_and_is_told_what_they_may_not(office: Office) -> None:
    """`not-allowed` stands among the problems of a preview, and names the answer of a door."""
    shown = office.bo.post("/collaborations/preview", office.proposal()).json
    assert slugs(shown)[0] == "not-allowed"
    body = {**office.proposal(), "scenario": shown["scenario"], "termsVersion": shown["terms"]["version"]}
    refused = office.bo.post("/invitations", body, headers={"Idempotency-Key": fresh_key()})
    assert (refused.status, refused.slug) == (403, "not-allowed")


def test_a_situation_that_changed_stops_everything_first(office: Office) -> None:
    """`situation-checked-again`: the caller gets the new preview, and nothing has happened."""
    body = office.confirmed(office.proposal(CEDER))
    feed_account(office, "account-ceder", organisationNumber=CEDER.organisation_number, subscriptions=[])
    stopped = send(office, "activations", body)
    assert (stopped.status, stopped.slug) == (409, "situation-changed")
    assert (stopped.json["preview"]["scenario"], stopped.json["preview"]["door"]) == ("without-solution", "invite")
    assert office.anna.get("/collaborations").json["items"] == []


def test_outdated_terms_are_shown_again(office: Office) -> None:
    """The version agreed to must be the present one."""
    body = {**office.confirmed(office.proposal()), "termsVersion": "2020-01-01"}
    refused = send(office, "invitations", body)
    assert (refused.status, refused.slug, refused.json["errors"][0]["pointer"]) == (
        409,
        "terms-outdated",
        "#/termsVersion",
    )


def test_several_accounts_must_be_told_apart(office: Office) -> None:
    """`account-ambiguous` lists them; with the id of one it goes on; an id of none is a wrong field."""
    feed_account(office, "account-bjork-2", name="Björk Två", subscriptions=[])
    body = office.confirmed(office.proposal(BJORK, "employee-payslip"))
    ambiguous = send(office, "invitations", body)
    assert (ambiguous.status, ambiguous.slug) == (409, "account-ambiguous")
    assert {row["id"] for row in ambiguous.json["accounts"]} == {"account-bjork", "account-bjork-2"}
    unknown = preview(office, BJORK, "employee-payslip", accountId="account-of-nobody")
    assert unknown["problems"][0]["errors"][0]["pointer"] == "#/accountId"
    chosen = office.invite(BJORK, "employee-payslip", accountId="account-bjork-2")
    assert (chosen.status, chosen.json["accountId"]) == (201, "account-bjork-2")


# What can be in the way


def test_set_up_is_asked_exactly(office: Office) -> None:
    """`asked-set-up-only`: missing, wrong and superfluous fields are all named at once."""
    shown = preview(office, BJORK, "bookkeeping-invoicing", variant="huge", reportRecipient="payroll")
    assert shown["missing"] == ["periodMonths", "invoiceRecipient"]
    found = {(error["pointer"], error["code"]) for error in shown["problems"][0]["errors"]}
    assert found == {
        ("#/variant", "invalid"),
        ("#/reportRecipient", "not-asked"),
        ("#/periodMonths", "missing"),
        ("#/invoiceRecipient", "missing"),
    }


@pytest.mark.parametrize("field", ["variant", "invoiceRecipient", "reportRecipient", "periodMonths"])
@pytest.mark.parametrize("solution", ["bookkeeping-invoicing", "travel-expenses", "scanner", "smart-office"])
def test_a_value_that_nobody_knows_is_shown_among_what_is_in_the_way(office: Office, solution: str, field: str) -> None:
    """In a preview, whatever kind of field it stands in, and beside what else is wrong; a door refuses it as late."""
    given = {field: 7 if field == "periodMonths" else "zz"}
    shown = preview(office, BJORK, solution, **given, taskId="no-such-task")
    wrong = [error["pointer"] for problem in shown["problems"] for error in problem.get("errors", ())]
    assert f"#/{field}" in wrong
    assert slugs(shown) == ["task-not-selectable", "validation-failed"]
    body = {**office.proposal(BJORK, solution, **given, taskId="no-such-task"), "scenario": shown["scenario"]}
    stopped = send(office, "invitations", {**body, "termsVersion": shown["terms"]["version"]})
    assert stopped.slug == "task-not-selectable"
    assert f"#/{field}" in [error["pointer"] for error in stopped.json["errors"]]


def test_a_value_of_another_type_is_refused(office: Office) -> None:
    """It is no set-up, and neither is a text that no value is as long as: there is nothing to preview."""
    every: tuple[Any, ...] = (7, True, ["office"], {}, "x" * 101)
    for wrong in every:
        answer = office.anna.post("/collaborations/preview", office.proposal(BJORK, invoiceRecipient=wrong))
        assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, ["#/invoiceRecipient"])


def test_a_preview_says_where_what_is_in_the_way_is(office: Office) -> None:
    """`location`: a problem in a list has no headers. Resolved against the preview's own URL."""
    invitation = office.invited(BJORK, "scanner")
    collaboration = office.collaborating(DAHL, "scanner")
    for customer, slug, path in (
        (BJORK, "already-invited", f"/invitations/{invitation['id']}"),
        (DAHL, "already-collaborating", f"/collaborations/{collaboration['id']}"),
    ):
        answer = office.anna.post("/collaborations/preview", office.proposal(customer, "scanner"))
        (problem,) = answer.json["problems"]
        assert slugs(answer.json) == [slug]
        assert answer.resolved(problem["location"]) == path
        assert office.anna.get(path).status == 200
        assert "instance" not in problem
    free = preview(office, BJORK, "smart-office")
    assert [problem.get("location") for problem in free["problems"]] == [None]


def test_inherited_terms_may_be_repeated_not_changed(office: Office) -> None:
    """`terms-inherited`: equal values are accepted, others are refused as inherited."""
    owned = {"solution": "smart-office", "renewsOn": "2027-01-01", "invoiceRecipient": "office"}
    feed_account(office, "account-bjork", subscriptions=[owned])
    assert preview(office, BJORK, "smart-office", invoiceRecipient="office")["problems"] == []
    other = preview(office, BJORK, "smart-office", invoiceRecipient="customer")
    assert other["problems"][0]["errors"][0]["code"] == "inherited"
    assert other["setup"]["invoiceRecipient"] == "office"


def test_a_customer_owned_subscription_asks_nothing(office: Office) -> None:
    """The invitation is a request for access: any set-up beside the task is not asked."""
    owned = {"solution": "smart-office", "renewsOn": "2027-01-01", "customerOwned": True}
    feed_account(office, "account-bjork", subscriptions=[owned])
    shown = preview(office, BJORK, "smart-office")
    assert (shown["problems"], shown["effects"][0]["kind"]) == ([], "access-requested")
    assert preview(office, BJORK, "smart-office", invoiceRecipient="customer")["problems"][0]["errors"][0]["code"] == (
        "not-asked"
    )


def test_the_recipient_of_what_is_joined_is_the_customer_by_default(office: Office) -> None:
    """Where the register knows none."""
    feed_account(office, "account-bjork", subscriptions=[{"solution": "smart-office", "renewsOn": "2027-01-01"}])
    assert preview(office, BJORK, "smart-office")["setup"]["invoiceRecipient"] == "customer"


def test_a_task_must_be_active_and_the_customers(office: Office) -> None:
    """An unknown one, an inactive one, none at all, and a customer that is not active."""
    base = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    office.put(f"{base}/tasks/old", {**BJORK.task(), "active": False})
    for task in ("nobodys", "old"):
        assert slugs(preview(office, BJORK, taskId=task)) == ["task-not-selectable"]
    missing = office.anna.post("/collaborations/preview", {"customerId": BJORK.id, "solution": "scanner"}).json
    assert missing["missing"] == ["taskId"]
    office.put(f"{base}/tasks/{BJORK.task_id}", {**BJORK.task(), "active": False})
    assert slugs(preview(office, BJORK)) == ["no-active-task"]
    office.put(f"{base}/tasks/{BJORK.task_id}", BJORK.task())
    feed_customer(office, BJORK, active=False)
    refused = preview(office, BJORK)
    assert slugs(refused) == ["no-active-task"]
    assert "inactive" in refused["problems"][0]["detail"]


def test_the_contact_person_must_be_complete_where_an_account_is_made(office: Office) -> None:
    """`contact-complete`: each fault with its own message, all at once; elsewhere nobody asks."""
    feed_customer(office, CEDER, contact={"name": "", "email": "no address", "address": {"street": "Gatan 1"}})
    problem = preview(office, CEDER)["problems"][0]
    assert problem["type"].endswith("contact-incomplete")
    assert {error["pointer"] for error in problem["errors"]} == {
        "#/contact/name",
        "#/contact/email",
        "#/contact/address/postalCode",
        "#/contact/address/city",
    }
    assert len({error["detail"] for error in problem["errors"]}) == 4
    feed_customer(office, BJORK, contact={"name": "", "email": ""})
    assert preview(office, BJORK)["problems"] == []


@pytest.mark.parametrize("address", [BO.email.upper(), OFFICE["email"].title()])
def test_the_contact_person_is_nobody_of_the_office(office: Office, address: str) -> None:
    """It would hand the account to the office; addresses are compared without case."""
    feed_customer(office, CEDER, contact={**CEDER.contact.body(), "email": address})
    assert slugs(preview(office, CEDER)) == ["contact-is-employee"]


def test_an_account_without_an_administrator_cannot_be_invited(office: Office) -> None:
    """Nobody could approve; an office tool asks nobody, and may start."""
    feed_account(office, "account-bjork", users=[])
    assert slugs(preview(office, BJORK)) == ["no-administrator"]
    assert preview(office, BJORK, "tax-annual-accounts")["problems"] == []


def test_the_first_of_all_reasons_names_the_answer(office: Office) -> None:
    """And the fields of all are told."""
    office.invited(BJORK, "bookkeeping-invoicing", variant="bookkeeping", invoiceRecipient="office", periodMonths=3)
    body = {
        "customerId": BJORK.id,
        "solution": "bookkeeping-invoicing",
        "taskId": "nobodys",
        "scenario": "has-solution",
        "termsVersion": "old",
    }
    refused = send(office, "activations", body)
    assert (refused.status, refused.slug) == (409, "already-invited")
    pointers = {error["pointer"] for error in refused.json["errors"]}
    assert {"#/taskId", "#/variant", "#/periodMonths", "#/termsVersion"} <= pointers
    assert refused.json["preview"]["problems"]


def test_what_is_unknown_is_named(office: Office) -> None:
    """A customer of nobody is 404, a solution of nobody a wrong field, a field of nobody unknown."""
    assert (
        office.anna.post("/collaborations/preview", {**office.proposal(), "customerId": "nobody"}).slug == "not-found"
    )
    solution = office.anna.post("/collaborations/preview", {**office.proposal(), "solution": "nothing"})
    assert (solution.status, solution.json["errors"][0]["pointer"]) == (422, "#/solution")
    field = office.anna.post("/collaborations/preview", {**office.proposal(), "colour": "red"})
    assert field.json["errors"][0]["code"] == "unknown"
    both = office.anna.post("/collaborations/preview", {"customerId": "nobody", "colour": "red"})
    assert both.slug == "not-found"


@pytest.mark.parametrize("malformed", ["", "a b", "björk", "x" * 65, "a/b"])
def test_a_malformed_id_in_a_body_names_nobody(office: Office, malformed: str) -> None:
    """The same 404 as an unknown one, whoever asks and what else is wrong; what is no text is a wrong field."""
    body = {**office.confirmed(office.proposal()), "customerId": malformed}
    assert (
        office.anna.post("/collaborations/preview", office.proposal() | {"customerId": malformed}).slug == "not-found"
    )
    assert send(office, "invitations", {**body, "colour": "red"}).slug == "not-found"
    assert send(office, "activations", body).slug == "not-found"
    assert office.bo.post("/invitations", body, headers={"Idempotency-Key": fresh_key()}).slug == "not-allowed"
    unlinked = office.imported()
    link = {"customerId": malformed, "taskId": "x", "solution": "scanner"}
    path = f"/collaborations/{unlinked['id']}/link"
    assert office.anna.put(path, link, headers={"If-Match": '"1"'}).slug == "not-found"
    number = office.anna.post("/collaborations/preview", {**office.proposal(), "customerId": 7})
    assert [error["pointer"] for error in number.json["errors"]] == ["#/customerId"]


def test_nobody_on_the_task_is_warned_of(office: Office) -> None:
    """Nothing is in the way, but nobody at the office would get access."""
    task = {"name": "X", "owner": "unknown", "participants": [], "active": True}
    office.put(f"/platform/offices/{office.id}/customers/{DAHL.id}/tasks/{DAHL.task_id}", task)
    assert [warning["type"] for warning in preview(office, DAHL, "smart-office")["warnings"]] == ["nobody-gets-access"]


def test_an_office_that_would_ask_itself_is_warned(office: Office) -> None:
    """Nobody approves a request of their own office: the preview says so before, and an office tool asks nobody."""
    colleague = {"email": BO.email.upper(), "name": "Bo", "role": "administrator"}
    itself = {"email": OFFICE["email"], "name": "Ek & Lind", "role": "administrator"}
    asked = office.proposal(BJORK, "scanner")

    def warned(*users: dict[str, Any], **proposed: Any) -> list[str]:
        register(office, users=list(users), mainContact=None)
        answer = office.anna.post("/collaborations/preview", {**asked, **proposed}).json
        return [warning["type"] for warning in answer["warnings"]]

    assert warned(colleague, itself) == ["nobody-may-approve"]
    assert warned(colleague, {"email": BIRGITTA, "name": "Birgitta", "role": "administrator"}) == []
    assert warned(colleague, solution="consolidated-accounts") == []
    # The contact person, who works at the office and is not on the task.
    put_contact(office, CECILIA.email)
    assert warned({**colleague, "email": CECILIA.email}) == ["nobody-may-approve"]


def put_contact(office: Office, email: str) -> None:
    """Björk's contact person has this address."""
    body = BJORK.body()
    office.put(
        f"/platform/offices/{office.id}/customers/{BJORK.id}", {**body, "contact": {**body["contact"], "email": email}}
    )


def test_answers_come_in_the_language_asked_for(office: Office) -> None:
    """`Accept-Language`, else the office's."""
    asked = office.anna.post("/collaborations/preview", office.proposal())
    own = office.app.call("POST", "/collaborations/preview", office.proposal(), claims=office.anna.claims)
    assert "asked by mail" in asked.json["effects"][0]["text"]
    assert "tillfrågas med mejl" in own.json["effects"][0]["text"]


# The platform


def test_put_is_idempotent_and_get_gives_it_back(office: Office) -> None:
    """201 when new, 200 after; what was put, plus the id."""
    path = f"/platform/offices/{office.id}/employees/new"
    body = {"name": "Ny", "email": "ny@ek-lind.example", "fullUserRights": True, "administrator": False, "active": True}
    assert [office.platform.put(path, body).status for _ in range(2)] == [201, 200]
    assert office.platform.get(path).json == {**body, "id": "new"}


def test_what_was_left_out_stays_out(office: Office) -> None:
    """No nulls for what nobody put; an account without a main contact says so."""
    bare = {**BJORK.body(), "contact": {"name": "", "email": ""}}
    del bare["accountManager"]
    feed_customer_path = f"/platform/offices/{office.id}/customers/bare"
    assert office.platform.put(feed_customer_path, bare).json == {**bare, "id": "bare"}
    account = {
        "organisationNumber": CEDER.organisation_number,
        "name": "Ceder",
        "users": [],
        "mainContact": None,
        "subscriptions": [{"solution": "smart-office", "renewsOn": "2027-01-01", "invoiceRecipient": "office"}],
    }
    assert office.platform.put("/platform/accounts/bare", account).status == 201
    found = office.platform.get("/platform/accounts/bare").json
    assert found["mainContact"] is None
    assert found["subscriptions"] == [
        {**account["subscriptions"][0], "customerOwned": False, "bankIntegrationActive": False}  # type: ignore[dict-item, index]
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/platform/offices/nowhere/employees/x", ANNA.body()),
        ("/platform/offices/nowhere/customers/x", BJORK.body()),
        ("/platform/offices/ek-lind/customers/nobody/tasks/x", BJORK.task()),
    ],
)
def test_what_stands_in_the_path_must_exist(office: Office, path: str, body: Any) -> None:
    """An office or a customer that was never fed is 404, whatever is wrong with the body."""
    assert office.platform.put(path, body).slug == "not-found"
    assert office.platform.put(path, {"x": 1}).slug == "not-found"
    assert office.platform.get(path).slug == "not-found"


def test_wrong_fields_are_named_by_pointer(office: Office) -> None:
    """Deep inside too, and never with what was sent."""
    account = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in account.items() if name != "id"}
    wrong = {**body, "users": [{"email": "not an address", "name": "X", "role": "king"}], "extra": 1}
    answer = office.platform.put("/platform/accounts/account-bjork", wrong)
    assert {(error["pointer"], error["code"]) for error in answer.json["errors"]} == {
        ("#/users/0/email", "invalid"),
        ("#/users/0/role", "invalid"),
        ("#/extra", "unknown"),
    }
    assert "not an address" not in answer.text


def test_customers_are_found_by_a_part_of_their_name(office: Office) -> None:
    """In any case, by name, in pages."""
    names = [row["name"] for row in office.anna.get("/customers").json["items"]]
    assert names == sorted(names, key=str.casefold)
    assert [row["id"] for row in office.bo.get("/customers?query=bAGeri").json["items"]] == [ALMBERG.id]
    first = office.anna.get("/customers?limit=3").json
    use = office.anna.get(f"/customers?limit=3&cursor={first['next']}").json
    assert [row["name"] for row in (*first["items"], *use["items"])] == names
    assert office.anna.get("/customers?limit=0").slug == "validation-failed"
    assert office.anna.get("/customers?colour=red").json["errors"][0]["code"] == "unknown"
