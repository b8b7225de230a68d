"""One owner of what an account has: linking, subscriptions that appear late, terms that change, and renewals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.access.reconcile import reconcile
from collaboration.domain.model.values import AccountId, CollaborationId, OrganisationNumber
from collaboration.storage import actions, keys
from support.collaborations import at_revision, shown
from support.people import ANNA, BJORK, BO, CECILIA, DAHL, Office

if TYPE_CHECKING:
    from support.app import App, Response

BIRGITTA = "birgitta@bjork-brown.example"
BENJAMIN = "benjamin@bjork-brown.example"
DISA = DAHL.contact.email
ACCOUNT_DAHL = AccountId("account-dahl")
BOOKS = {"variant": "bookkeeping-invoicing", "invoiceRecipient": "office", "periodMonths": 12}


def account(office: Office, account_id: str, **changes: Any) -> Response:
    """An account as the register has it, fed again with changes."""
    body = {**office.platform.get(f"/platform/accounts/{account_id}").json, **changes}
    return office.platform.put(f"/platform/accounts/{account_id}", {k: v for k, v in body.items() if k != "id"})


def history(office: Office, collaboration: dict[str, Any]) -> list[dict[str, Any]]:
    """What happened, newest first."""
    path = f"/collaborations/{collaboration['id']}/history?limit=100"
    rows: list[dict[str, Any]] = office.anna.get(path).json["items"]
    return rows


def link(office: Office, collaboration: dict[str, Any], **body: Any) -> Response:
    """Link at the revision that was seen."""
    etag = {"If-Match": f'"{collaboration["revision"]}"'}
    return office.anna.put(f"/collaborations/{collaboration['id']}/link", body, headers=etag)


def second_account(office: Office, first: str, second: str, **changes: Any) -> None:
    """Another account of the same company."""
    body = {**office.platform.get(f"/platform/accounts/{first}").json, "subscriptions": [], **changes}
    office.put(f"/platform/accounts/{second}", {k: v for k, v in body.items() if k != "id"})


def test_linking_never_moves_an_approved_collaboration_to_another_account(app: App, office: Office) -> None:
    """`approved-keeps-its-account`: also for the task it has already, that is no silent 200."""
    collaboration = office.collaborating()
    second_account(office, "account-bjork", "second")
    body = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": "scanner"}
    refused = link(office, collaboration, **body, accountId="second")
    assert (refused.status, refused.slug) == (422, "validation-failed")
    assert [(error["pointer"], error["code"]) for error in refused.json["errors"]] == [("#/accountId", "not-available")]
    assert link(office, collaboration, **body).status == 200
    assert link(office, collaboration, **body, accountId="account-bjork").status == 200
    assert shown(office, collaboration) == collaboration


def test_linking_chooses_the_account_of_an_import(app: App, office: Office) -> None:
    """And chooses another one later."""
    second_account(office, "account-dahl", "second")
    collaboration = office.imported()
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    assert link(office, collaboration, **body).slug == "account-ambiguous"
    first = link(office, collaboration, **body, accountId="account-dahl").json
    moved = link(office, first, **body, accountId="second").json
    assert (first["accountId"], moved["accountId"], moved["revision"]) == ("account-dahl", "second", 3)


@pytest.mark.parametrize("path", ["/invitations", "/activations"])
def test_without_a_kind_neither_route_is_open(office: Office, path: str) -> None:
    """A payroll subscription that names no variant: both say what is missing; once chosen, one of them goes on."""
    account(office, "account-bjork", subscriptions=[{"solution": "payroll", "renewsOn": "2026-12-01"}])
    body = office.confirmed(office.proposal(BJORK, "payroll"))
    key = {"Idempotency-Key": f"without-kind-{path[1:]}"}
    refused = office.anna.post(path, body, headers=key)
    shown_preview = refused.json["preview"]
    assert (refused.status, shown_preview["door"]) == (422, None)
    assert (shown_preview["effects"], shown_preview["mails"], shown_preview["terms"]["text"]) == ([], [], [])
    assert [(error["pointer"], error["code"]) for error in refused.json["errors"]] == [("#/variant", "missing")]
    chosen = {**body, "variant": "standard" if path == "/invitations" else "start"}
    assert office.anna.post(path, chosen, headers=key).status == 201


def test_a_chosen_variant_is_the_accounts_from_then_on(app: App, office: Office) -> None:
    """It stays when the register feeds the account again, and decides who has access."""
    payroll = {"solution": "payroll", "renewsOn": "2026-12-01"}
    account(office, "account-bjork", subscriptions=[payroll])
    collaboration = office.collaborating(BJORK, "payroll", variant="standard")
    account(office, "account-bjork", subscriptions=[{**payroll, "renewsOn": "2027-01-01"}])
    app.drain_events()
    now = shown(office, collaboration)
    assert (now["setup"]["variant"], now["renewsOn"]) == ("standard", "2027-01-01")
    assert BIRGITTA in office.access(collaboration["id"])


@pytest.fixture
def early(app: App, office: Office) -> dict[str, Any]:
    """A collaboration that was linked before the register recorded the subscription."""
    collaboration = office.imported(solution="bookkeeping-invoicing")
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "bookkeeping-invoicing"}
    linked = link(office, collaboration, **body)
    assert linked.status == 200, linked.text
    app.drain_events()
    found: dict[str, Any] = linked.json
    return found


def test_a_subscription_that_appears_later_is_rested_on(app: App, office: Office, early: dict[str, Any]) -> None:
    """`rests-on-its-accounts-solution`: its terms, coming ones and renewal reach the collaboration, and it stays."""
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01", **BOOKS}
    assert account(office, "account-dahl", subscriptions=[terms]).status == 200
    app.drain_events()
    known = shown(office, early)
    assert (known["setup"]["invoiceRecipient"], known["renewsOn"]) == ("office", "2026-12-01")
    edited = office.anna.call(
        "PATCH",
        f"/collaborations/{early['id']}",
        {"invoiceRecipient": "customer"},
        headers={"If-Match": f'"{known["revision"]}"'},
    )
    assert edited.json["nextSetup"]["invoiceRecipient"] == "customer"
    dropped = account(office, "account-dahl", subscriptions=[])
    assert [subscription["solution"] for subscription in dropped.json["subscriptions"]] == ["bookkeeping-invoicing"]
    app.clock.pass_(days=7)
    assert app.clean_up() == {"renewed": 1}
    assert shown(office, early)["setup"]["invoiceRecipient"] == "customer"


@pytest.mark.parametrize("recorded", ["before the night", "after the night"])
def test_what_rests_on_nothing_comes_to_rest_on_its_accounts_solution(
    app: App, office: Office, early: dict[str, Any], recorded: str
) -> None:
    """`rests-on-its-accounts-solution`: 0.1.0 noted nowhere what it linked before the register knew of it.

    The nightly audit does, whether or not there is a subscription by then.
    """
    number = OrganisationNumber(DAHL.organisation_number)
    app.services.table.write([actions.delete(keys.subscription(number, ACCOUNT_DAHL, "bookkeeping-invoicing"))])
    app.drain_events()
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01", **BOOKS}
    if recorded == "after the night":
        app.audit_access()
    assert account(office, ACCOUNT_DAHL, subscriptions=[terms]).status == 200
    app.drain_events()
    app.audit_access()
    known = shown(office, early)
    assert (known["setup"]["invoiceRecipient"], known["renewsOn"]) == ("office", "2026-12-01")
    dropped = account(office, ACCOUNT_DAHL, subscriptions=[])
    assert [subscription["solution"] for subscription in dropped.json["subscriptions"]] == ["bookkeeping-invoicing"]
    ended = at_revision(office.anna, "POST", f"/collaborations/{early['id']}/end", known, {"outcome": "continue"})
    assert ended.status == 200, ended.text
    assert account(office, ACCOUNT_DAHL, subscriptions=[]).json["subscriptions"] == []


@pytest.mark.parametrize("ended", [False, True])
def test_the_register_drops_nothing_before_the_first_night(
    app: App, office: Office, early: dict[str, Any], *, ended: bool
) -> None:
    """`rests-on-its-accounts-solution`: it leaves out what 0.1.0 linked, and the audit has not come yet."""
    number = OrganisationNumber(DAHL.organisation_number)
    app.services.table.write([actions.delete(keys.subscription(number, ACCOUNT_DAHL, "bookkeeping-invoicing"))])
    app.drain_events()
    terms = {"solution": "bookkeeping-invoicing", "renewsOn": "2026-12-01", **BOOKS}
    assert account(office, ACCOUNT_DAHL, subscriptions=[terms]).status == 200
    app.drain_events()
    if ended:
        known = shown(office, early)
        answer = at_revision(office.anna, "POST", f"/collaborations/{early['id']}/end", known, {"outcome": "continue"})
        assert answer.status == 200, answer.text
    left = account(office, ACCOUNT_DAHL, subscriptions=[]).json["subscriptions"]
    assert [subscription["solution"] for subscription in left] == ([] if ended else ["bookkeeping-invoicing"])
    app.drain_events()
    app.audit_access()
    left = office.platform.get(f"/platform/accounts/{ACCOUNT_DAHL}").json["subscriptions"]
    assert [subscription["renewsOn"] for subscription in left] == ([] if ended else ["2026-12-01"])


def test_what_comes_to_rest_on_a_subscription_has_not_ended_meanwhile(
    app: App, office: Office, early: dict[str, Any]
) -> None:
    """Else nobody could close that subscription any more."""
    number = OrganisationNumber(DAHL.organisation_number)
    place = keys.subscription(number, ACCOUNT_DAHL, "bookkeeping-invoicing")
    app.services.table.write([actions.delete(place)])
    app.drain_events()

    def meanwhile() -> None:
        ended = at_revision(office.anna, "POST", f"/collaborations/{early['id']}/end", early, {"outcome": "continue"})
        assert ended.status == 200, ended.text

    app.client.faults.before("transact_write_items", meanwhile)
    agreement = CollaborationId(early["id"]).agreement
    assert agreement
    reconcile(app.services, agreement)
    assert shown(office, early)["state"] == "ended"
    assert place not in app.services.table.get(place)


def test_what_rests_on_nothing_recorded_counts_all_the_same(app: App, office: Office, early: dict[str, Any]) -> None:
    """Its account keeps its number, and another office does not close the solution under it."""
    moved = account(office, "account-dahl", organisationNumber="5566778899")
    assert (moved.status, moved.slug) == (409, "in-use")
    other = Office(app, "siffror")
    other.feed_office_only()
    other.invited(DAHL, "bookkeeping-invoicing", **BOOKS)
    decided = other.decide(DISA, customer=DAHL)
    assert decided.status == 200, decided.text
    app.drain_events()
    theirs = other.anna.get(f"/collaborations/{decided.json['collaborationId']}").json
    assert theirs["outcomes"] == ["continue"]
    assert shown(office, early)["outcomes"] == ["continue"]
    assert shown(office, early)["setup"]["variant"] == "bookkeeping-invoicing"


def test_what_is_agreed_for_the_renewal_is_shown_and_taken_over(app: App, office: Office) -> None:
    """By the preview, by the page that accepts, and by the collaboration that comes of it."""
    first = office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKS)
    etag = {"If-Match": f'"{first["revision"]}"'}
    assert office.anna.post(f"/collaborations/{first['id']}/end", {"outcome": "continue"}, headers=etag).status == 200
    app.drain_events()
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "bookkeeping-invoicing")).json
    assert preview["setup"]["invoiceRecipient"] == "office"
    [effect] = [effect for effect in preview["effects"] if effect["kind"] == "terms-change-at-renewal"]
    assert "24 November 2027" in effect["text"]
    assert "Björk" in effect["text"]
    office.invited(BJORK, "bookkeeping-invoicing")
    page = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "application/json"}).json
    assert page["setup"]["invoiceRecipient"] == "office"
    assert any("24 November 2027" in line for line in page["terms"]["text"])
    second = office.anna.get(f"/collaborations/{office.decide(BIRGITTA).json['collaborationId']}").json
    assert (second["setup"]["invoiceRecipient"], second["nextSetup"]["invoiceRecipient"]) == ("office", "customer")


def test_a_subscription_on_which_nobody_rests_renews_all_the_same(app: App, office: Office) -> None:
    """What the mail promised holds from its day on."""
    first = office.collaborating(BJORK, "bookkeeping-invoicing", **{**BOOKS, "periodMonths": 3})
    etag = {"If-Match": f'"{first["revision"]}"'}
    office.anna.post(f"/collaborations/{first['id']}/end", {"outcome": "continue"}, headers=etag)
    app.clock.pass_(days=100)
    assert app.clean_up() == {"renewed": 1}
    preview = office.anna.post("/collaborations/preview", office.proposal(BJORK, "bookkeeping-invoicing")).json
    assert preview["setup"]["invoiceRecipient"] == "customer"
    [terms] = [
        terms
        for terms in office.platform.get("/platform/accounts/account-bjork").json["subscriptions"]
        if terms["solution"] == "bookkeeping-invoicing"
    ]
    assert terms["renewsOn"] == "2027-05-24"


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        ({"solution": "bookkeeping-invoicing", "periodMonths": 0}, "periodMonths", "invalid"),
        ({"solution": "bookkeeping-invoicing", "variant": "no-such"}, "variant", "invalid"),
        ({"solution": "scanner", "invoiceRecipient": "office"}, "invoiceRecipient", "not-asked"),
        ({"solution": "no-such"}, "solution", "unknown"),
    ],
)
def test_the_register_feeds_only_what_the_catalogue_knows(
    office: Office, terms: dict[str, Any], pointer: str, code: str
) -> None:
    """`terms-checked-wherever-they-enter`: the field is named, and nothing is recorded."""
    refused = account(office, "account-bjork", subscriptions=[{"renewsOn": "2026-12-01", **terms}])
    assert (refused.status, refused.slug) == (422, "validation-failed")
    assert [(e["pointer"], e["code"]) for e in refused.json["errors"]] == [(f"#/subscriptions/0/{pointer}", code)]


def test_what_the_register_changes_in_a_running_collaboration_is_told(app: App, office: Office) -> None:
    """`register-changes-are-told`: history with what changed, an event, and access at once."""
    payroll = {"solution": "payroll", "renewsOn": "2026-12-01", "invoiceRecipient": "office"}
    account(office, "account-bjork", subscriptions=[{**payroll, "variant": "standard"}])
    collaboration = office.collaborating(BJORK, "payroll")
    assert BIRGITTA in office.access(collaboration["id"])
    account(office, "account-bjork", subscriptions=[{**payroll, "variant": "start"}])
    newest = history(office, collaboration)[0]
    assert (newest["kind"], newest["by"]["side"]) == ("subscription-changed", "platform")
    assert newest["changes"] == [{"field": "variant", "from": "standard", "to": "start"}]
    messages = app.new_messages()
    assert "SubscriptionChanged" in {message.name for message in messages}
    for message in messages:
        app.deliver(message)
    assert BIRGITTA not in office.access(collaboration["id"])
    assert shown(office, collaboration)["setup"]["variant"] == "start"


@pytest.mark.parametrize("named", [True, False], ids=["named by the register", "chosen by the office"])
def test_a_tool_that_the_register_makes_a_shared_solution_goes_on(app: App, office: Office, *, named: bool) -> None:
    """`kind-is-agreed` binds the office, not the company: its people get in at once, and may end it at any time."""
    payroll = {"solution": "payroll", "renewsOn": "2026-12-01"}
    account(office, "account-bjork", subscriptions=[{**payroll, "variant": "start"} if named else payroll])
    chosen = {} if named else {"variant": "start"}
    collaboration = office.activate(BJORK, "payroll", **chosen).json
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {BO.email, CECILIA.email}
    # Nobody was asked, but they were told who may open it.
    assert [mail["kind"] for mail in shown(office, collaboration)["mails"]] == ["information"] * 2
    edit = f"/collaborations/{collaboration['id']}"
    asked = at_revision(office.anna, "PATCH", edit, shown(office, collaboration), {"variant": "standard"})
    assert asked.slug == "kind-differs"
    standard = {**payroll, "variant": "standard", "invoiceRecipient": "customer"}
    assert account(office, "account-bjork", subscriptions=[standard]).status == 200
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {BO.email, CECILIA.email, BIRGITTA, BENJAMIN}
    changed = next(row for row in history(office, collaboration) if row["kind"] == "subscription-changed")
    assert {"field": "variant", "from": "start", "to": "standard"} in changed["changes"]
    [mine] = office.user(BIRGITTA).get("/my/collaborations").json["items"]
    path, outcome = f"/my/collaborations/{mine['id']}/end", {"outcome": mine["outcomes"][0]}
    ended = at_revision(office.user(BIRGITTA), "POST", path, mine, outcome)
    assert ended.status == 200
    app.drain_events()
    assert office.access(collaboration["id"]) == {}


def test_an_unlinked_import_belongs_to_the_only_account_of_its_number(app: App, office: Office) -> None:
    """`import-belongs-to-only-account`: account, access, history and the company's own view agree."""
    collaboration = office.imported()
    assert collaboration["accountId"] == "account-dahl"
    assert list(office.access(collaboration["id"])) == [DISA]
    disa = office.user(DISA)
    [mine] = disa.get("/my/collaborations").json["items"]
    assert (mine["id"], mine["accountId"]) == (collaboration["id"], "account-dahl")
    path = f"/my/collaborations/{collaboration['id']}"
    assert [row["kind"] for row in disa.get(f"{path}/history").json["items"]] == ["access-granted"]
    etag = {"If-Match": f'"{mine["revision"]}"'}
    assert disa.post(f"{path}/end", {"outcome": "continue"}, headers=etag).status == 200
    assert shown(office, collaboration)["state"] == "ended"


def test_an_import_follows_the_accounts_of_its_company(app: App, office: Office) -> None:
    """One that appears later takes it in; a second one makes it nobody's."""
    collaboration = office.imported(organisationNumber="5566778899", reference="desktop-7")
    assert collaboration["accountId"] is None
    second_account(office, "account-dahl", "late", organisationNumber="5566778899")
    app.drain_events()
    now = shown(office, collaboration)
    assert (now["accountId"], now["revision"]) == ("late", collaboration["revision"])
    assert list(office.access(collaboration["id"])) == [DISA]
    assert [row["id"] for row in office.user(DISA).get("/my/collaborations").json["items"]] == [collaboration["id"]]
    second_account(office, "late", "later")
    app.drain_events()
    assert shown(office, collaboration)["accountId"] is None
    assert office.access(collaboration["id"]) == {}
    assert office.user(DISA).get("/my/collaborations").json["items"] == []


def test_the_people_of_an_inactive_customer_lose_access_and_get_it_back(app: App, office: Office) -> None:
    """It counts as one without an active task; the company's own people keep theirs."""
    collaboration = office.collaborating()
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    everybody = office.access(collaboration["id"])
    assert {BO.email, BIRGITTA} <= set(everybody)
    office.put(path, {**BJORK.body(), "active": False})
    app.drain_events()
    assert not {ANNA.email, BO.email} & set(office.access(collaboration["id"]))
    assert BIRGITTA in office.access(collaboration["id"])
    office.put(path, BJORK.body())
    app.drain_events()
    assert office.access(collaboration["id"]) == everybody


def test_an_unlinked_import_does_not_hold_an_account_to_its_number(app: App, office: Office) -> None:
    """The register corrects the number; the import stays with the number it has, and the account is rid of it."""
    collaboration = office.imported()
    assert collaboration["accountId"] == "account-dahl"
    assert account(office, "account-dahl", organisationNumber="5566778899").status == 200
    app.drain_events()
    now = shown(office, collaboration)
    assert (now["accountId"], now["organisationNumber"]) == (None, collaboration["organisationNumber"])
    assert account(office, "account-dahl", organisationNumber=DAHL.organisation_number).status == 200
    app.drain_events()
    assert shown(office, collaboration)["accountId"] == "account-dahl"
