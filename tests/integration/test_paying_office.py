"""Several offices share a subscription, and one of them pays for it: who, and until when."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import AccountId, OrganisationNumber
from collaboration.storage import actions, items, keys
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.app import App, Response
    from support.people import Person

BIRGITTA = BJORK.contact.email
SMART = "smart-office"


@pytest.fixture
def other(app: App, office: Office) -> Office:
    """Another office, with the same customers."""
    _ = office
    siffror = Office(app, "siffror")
    siffror.feed_office_only()
    app.drain_events()
    return siffror


def at_revision(person: Person, method: str, path: str, body: Any = None) -> Response:
    """A call at the present revision of the collaboration that the path begins with."""
    revision = person.get("/".join(path.split("/")[:3])).json["revision"]
    return person.call(method, path, body, headers={"If-Match": f'"{revision}"'})


def end(app: App, office: Office, collaboration: dict[str, Any]) -> None:
    """The office ends; what follows from it is done."""
    ended = at_revision(office.anna, "POST", f"/collaborations/{collaboration['id']}/end", {"outcome": "continue"})
    assert ended.status == 200, ended.text
    app.drain_events()


def coming(office: Office, collaboration: dict[str, Any]) -> str:
    """Who pays from the next renewal on, as the office reads it."""
    found = office.anna.get(f"/collaborations/{collaboration['id']}").json
    recipient: str = (found["nextSetup"] or found["setup"])["invoiceRecipient"]
    return recipient


def page_of(office: Office) -> str:
    """What the page behind the latest link to Birgitta says, without its tags."""
    page = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "text/html"}).text
    return unescape(re.sub(r"<[^>]+>", "|", page))


def test_an_office_that_joins_is_not_said_to_pay(app: App, office: Office, other: Office) -> None:
    """`who-agreed-to-pay-pays`: preview and page say that another office does, and do not name it."""
    office.collaborating(BJORK, SMART, invoiceRecipient="office")
    preview = other.anna.post("/collaborations/preview", other.proposal(BJORK, SMART))
    assert [row["text"] for row in preview.json["effects"] if row["kind"] == "another-office-pays"] == [
        "Another office pays for the subscription."
    ]
    assert "Ek & Lind" not in preview.text
    other.invited(BJORK, SMART)
    assert "Paid by||another office|" in page_of(other)
    assert "Paid by: another office" in app.mails(BIRGITTA)[-1].text
    other.decide(BIRGITTA)
    app.drain_events()
    assert "Paid by: another office" in app.mails(BIRGITTA)[-1].text
    # The one that pays, or would, is named as before.
    ours = office.anna.post("/collaborations/preview", office.proposal(BJORK, SMART)).json["effects"]
    assert "another-office-pays" not in [row["kind"] for row in ours]
    office.invited(BJORK, "travel-expenses", invoiceRecipient="office", reportRecipient="payroll")
    assert "Paid by||Redovisningsbyrån Ek & Lind|" in page_of(office)


def test_who_leaves_takes_their_invoices_along(app: App, office: Office, other: Office) -> None:
    """Not the office that stays pays from the next renewal, but the customer; its mail says so."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    second = other.collaborating(BJORK, SMART)
    end(app, office, first)
    assert coming(other, second) == "customer"
    assert "pays for the subscription" in app.mails(BIRGITTA)[-1].text
    changed = other.anna.get(f"/collaborations/{second['id']}/history").json["items"][0]
    assert (changed["kind"], changed["by"]) == ("subscription-changed", {"side": "system"})
    app.clock.pass_(days=40)
    app.clean_up()
    assert other.anna.get(f"/collaborations/{second['id']}").json["setup"]["invoiceRecipient"] == "customer"


def test_who_stays_goes_on_paying(app: App, office: Office, other: Office) -> None:
    """The one that never paid leaves: nothing changes, and the mail speaks of no invoices."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    second = other.collaborating(BJORK, SMART)
    end(app, other, second)
    assert coming(office, first) == "office"
    assert "pays for the subscription" not in app.mails(BIRGITTA)[-1].text


def test_who_agrees_to_pay_later_pays(app: App, office: Office, other: Office) -> None:
    """The customer paid; the second office takes over the invoices, and takes them along when it leaves."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="customer")
    second = other.collaborating(BJORK, SMART)
    path = f"/collaborations/{second['id']}"
    assert at_revision(other.anna, "PATCH", path, {"invoiceRecipient": "office"}).status == 200
    app.drain_events()
    assert coming(office, first) == "office"
    app.clock.pass_(days=40)
    app.clean_up()
    app.drain_events()
    end(app, other, second)
    assert coming(office, first) == "customer"


def payers(office: Office, collaboration: dict[str, Any]) -> tuple[list[str], list[str] | None]:
    """The recipients that mean another office now, and from the next renewal on."""
    path = f"/collaborations/{collaboration['id']}"
    [row] = office.anna.get("/collaborations").json["items"]
    found = office.anna.get(path).json
    for field in ("paidByAnotherOffice", "nextPaidByAnotherOffice"):
        assert row[field] == found[field]
    return found["paidByAnotherOffice"], found["nextPaidByAnotherOffice"]


def test_an_answer_says_that_another_office_pays(app: App, office: Office, other: Office) -> None:
    """Siffror agrees to pay what Ek & Lind pays and goes on paying: nothing changes, and the answer says why."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    other.invited(BJORK, SMART)
    second = {"id": other.decide(BIRGITTA).json["collaborationId"]}
    # At once, and not only when the access service has come by.
    assert payers(other, second) == (["invoiceRecipient"], None)
    app.drain_events()
    patched = at_revision(other.anna, "PATCH", f"/collaborations/{second['id']}", {"invoiceRecipient": "office"})
    assert (patched.status, patched.json["setup"]["invoiceRecipient"]) == (200, "office")
    assert patched.json["paidByAnotherOffice"] == ["invoiceRecipient"]
    assert payers(office, first) == ([], None)
    mine = office.user(BIRGITTA).get("/my/collaborations").json["items"]
    assert {row["officeName"]: row["paidByAnotherOffice"] for row in mine} == {
        "Redovisningsbyrån Ek & Lind": [],
        "Siffror & Co": ["invoiceRecipient"],
    }
    end(app, office, first)
    assert payers(other, second) == (["invoiceRecipient"], [])
    app.clock.pass_(days=40)
    app.clean_up()
    app.drain_events()
    assert payers(other, second) == ([], None)


def test_who_agrees_to_pay_from_the_renewal_does_not_pay_before(app: App, office: Office, other: Office) -> None:
    """`who-agreed-to-pay-pays`: Ek & Lind stops paying at the renewal, and Siffror agrees to pay from then on."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    second = other.collaborating(BJORK, SMART)
    for who, collaboration, recipient in ((office, first, "customer"), (other, second, "office")):
        path = f"/collaborations/{collaboration['id']}"
        assert at_revision(who.anna, "PATCH", path, {"invoiceRecipient": recipient}).status == 200
        app.drain_events()
    assert payers(office, first) == ([], ["invoiceRecipient"])
    assert payers(other, second) == (["invoiceRecipient"], [])
    # Whoever leaves: until the renewal Ek & Lind pays, and then Siffror.
    end(app, office, first)
    assert coming(other, second) == "office"
    office.invited(BJORK, SMART)
    assert "Paid by||Redovisningsbyrån Ek & Lind|" in page_of(office)
    assert "From 1 December 2026 on: Paid by: another office" in page_of(office)
    app.clock.pass_(days=10)
    app.clean_up()
    app.drain_events()
    assert payers(other, second) == ([], None)
    assert "Paid by||another office|" in page_of(office)


def test_who_takes_over_at_the_renewal_and_leaves_before_pays_nothing(app: App, office: Office, other: Office) -> None:
    """Siffror agreed to pay from the renewal on, and has left by then: the customer pays."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    second = other.collaborating(BJORK, SMART)
    for who, collaboration, recipient in ((office, first, "customer"), (other, second, "office")):
        path = f"/collaborations/{collaboration['id']}"
        assert at_revision(who.anna, "PATCH", path, {"invoiceRecipient": recipient}).status == 200
        app.drain_events()
    end(app, other, second)
    assert coming(office, first) == "customer"
    assert payers(office, first) == ([], None)


def test_what_the_register_says_is_the_only_offices(app: App, office: Office, other: Office) -> None:
    """The register says that an office pays: it is the one that collaborates, and stays it beside another."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in found.items() if name != "id"}
    terms = {"solution": SMART, "renewsOn": "2026-12-01", "invoiceRecipient": "office"}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": [terms]})
    app.drain_events()
    office.invited(BJORK, SMART)
    assert "Paid by||Redovisningsbyrån Ek & Lind|" in page_of(office)
    office.decide(BIRGITTA)
    app.drain_events()
    other.invited(BJORK, SMART)
    assert "Paid by||another office|" in page_of(other)


def test_what_is_stored_without_a_paying_office_is_the_only_ones(app: App, office: Office, other: Office) -> None:
    """As older versions wrote it: who collaborates alone is the one that pays."""
    office.collaborating(BJORK, SMART, invoiceRecipient="office")
    key = keys.subscription(OrganisationNumber(BJORK.organisation_number), AccountId("account-bjork"), SMART)
    stored = app.services.table.get(key)[key]
    older = items.parsed(Subscription, stored).replace(paying_offices={})
    app.services.table.write([actions.put({**stored, "data": items.data(older, without={"revision"})})])
    other.invited(BJORK, SMART)
    assert "Paid by||another office|" in page_of(other)


@pytest.mark.parametrize("gone", [True, False], ids=["deleted", "there"])
def test_nobody_pays_who_was_to_join_what_another_paid(app: App, office: Office, other: Office, *, gone: bool) -> None:
    """`nothing-starts-on-terms-nobody-chose`: what Ek & Lind paid is deleted before Siffror may join it."""
    paid = office.collaborating(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=12)
    invitation = other.invited(BJORK, "financial-overview")
    if gone:
        body = {"outcome": "delete", "confirmSolution": "financial-overview"}
        assert at_revision(office.anna, "POST", f"/collaborations/{paid['id']}/end", body).status == 200
        app.drain_events()
    decided = office.decide(BIRGITTA)
    if not gone:
        assert decided.status == 200
        return
    assert (decided.status, decided.slug) == (409, "situation-changed")
    assert other.anna.get(f"/invitations/{invitation['id']}").json["status"] == "pending"
    assert other.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
    renewed = other.invited(BJORK, "financial-overview", invoiceRecipient="customer", periodMonths=12)
    assert renewed["scenario"] == "without-solution"
    assert office.decide(BIRGITTA).status == 200


def requested(office: Office) -> dict[str, Any]:
    """What Birgitta is told of the latest request: by her link, and signed in, which must be the same."""
    by_link: dict[str, Any] = office.nobody.get(office.link_of(BIRGITTA), headers={"Accept": "application/json"}).json
    signed_in = office.user(BIRGITTA).get("/my/requests").json["items"][0]
    names = ("setup", "nextSetup", "renewsOn", "customerOwned", "paidByAnotherOffice", "nextPaidByAnotherOffice")
    assert {name: signed_in[name] for name in names} == {name: by_link[name] for name in names}
    return {name: by_link[name] for name in names}


def test_a_request_says_who_pays_and_until_when(app: App, office: Office, other: Office) -> None:
    """By link and signed in alike: whether the office of the set-up is another one, and what the renewal changes."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    other.invited(BJORK, SMART)
    assert requested(other) == {
        "setup": {"taskId": "lopande", "invoiceRecipient": "office"},
        "nextSetup": None,
        "renewsOn": "2026-12-01",
        "customerOwned": False,
        "paidByAnotherOffice": ["invoiceRecipient"],
        "nextPaidByAnotherOffice": None,
    }
    path = f"/collaborations/{first['id']}"
    assert at_revision(office.anna, "PATCH", path, {"invoiceRecipient": "customer"}).status == 200
    coming = {"nextSetup": {"taskId": "lopande", "invoiceRecipient": "customer"}, "nextPaidByAnotherOffice": []}
    assert requested(other).items() >= coming.items()


def test_a_request_says_that_nobody_pays_yet(office: Office) -> None:
    """Nothing renews where nothing has started; the office of the set-up is the one that asks."""
    office.invited(BJORK, SMART, invoiceRecipient="office")
    found = requested(office)
    assert (found["paidByAnotherOffice"], found["nextPaidByAnotherOffice"]) == ([], None)
    assert (found["nextSetup"], found["renewsOn"], found["customerOwned"]) == (None, None, False)


def test_a_request_says_that_the_company_owns_the_subscription(office: Office) -> None:
    """As the page behind the link does."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in found.items() if name != "id"}
    terms = {"solution": SMART, "renewsOn": "2026-12-01", "customerOwned": True}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": [terms]})
    office.invited(BJORK, SMART)
    assert requested(office)["customerOwned"] is True


def test_a_request_whose_subscription_has_gone_does_not_say_that_its_office_pays(
    app: App, office: Office, other: Office
) -> None:
    """What Ek & Lind paid is deleted: Siffror, who asks, never agreed to pay."""
    paid = office.collaborating(BJORK, "financial-overview", invoiceRecipient="office", periodMonths=12)
    other.invited(BJORK, "financial-overview")
    body = {"outcome": "delete", "confirmSolution": "financial-overview"}
    assert at_revision(office.anna, "POST", f"/collaborations/{paid['id']}/end", body).status == 200
    app.drain_events()
    found = requested(other)
    assert (found["setup"]["invoiceRecipient"], found["paidByAnotherOffice"]) == ("office", ["invoiceRecipient"])
    assert (found["renewsOn"], found["nextSetup"]) == (None, None)


def latest_mail(app: App) -> str:
    """The latest mail to Birgitta, in one line."""
    return " ".join(app.mails(BIRGITTA)[-1].text.split())


def test_the_mails_say_what_the_renewal_changes(app: App, office: Office, other: Office) -> None:
    """Ek & Lind stops paying at the renewal: who shares with Siffror until then is promised no longer."""
    first = office.collaborating(BJORK, SMART, invoiceRecipient="office")
    path = f"/collaborations/{first['id']}"
    assert at_revision(office.anna, "PATCH", path, {"invoiceRecipient": "customer"}).status == 200
    other.invited(BJORK, SMART)
    change = f"From 1 December 2026 on: Paid by: {BJORK.name}."
    invited = latest_mail(app)
    assert "on the same terms until it renews. Then the terms change." in invited
    assert ("Paid by: another office" in invited, change in invited) == (True, True)
    assert "on the same terms until it renews. Then the terms change." in page_of(other)
    assert other.decide(BIRGITTA).status == 200
    app.drain_events()
    informed = latest_mail(app)
    assert "work together in" in informed
    assert "on the same terms until it renews. Then the terms change." in informed
    assert ("Paid by: another office" in informed, change in informed) == (True, True)


def register(office: Office, *subscriptions: dict[str, Any]) -> None:
    """The register has these subscriptions of Björk's."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    body = {name: value for name, value in found.items() if name != "id"}
    office.put("/platform/accounts/account-bjork", {**body, "subscriptions": list(subscriptions)})


def test_a_reminder_tells_the_situation_of_its_day(app: App, office: Office) -> None:
    """Invited as new and paid by the office; by now the register has a subscription that the company pays."""
    invitation = office.invited(BJORK, SMART, invoiceRecipient="office")
    assert "Paid by: Redovisningsbyrån Ek & Lind" in latest_mail(app)
    register(office, {"solution": SMART, "renewsOn": "2027-01-01", "invoiceRecipient": "customer"})
    for verb in ("remind", "resend"):
        app.clock.pass_(days=2)
        assert office.anna.post(f"/invitations/{invitation['id']}/{verb}").status == 202
        app.drain_events()
        assert f"Paid by: {BJORK.name}" in latest_mail(app)
        assert "keeps its subscription to Smart Office, on the same terms." in latest_mail(app)
    decided = office.decide(BIRGITTA)
    found = office.anna.get(f"/collaborations/{decided.json['collaborationId']}").json
    assert found["setup"]["invoiceRecipient"] == "customer"


def test_a_reminder_does_not_say_that_another_office_pays_what_the_company_pays(
    app: App, office: Office, other: Office
) -> None:
    """Siffror has started it meanwhile, with the company as payer."""
    invitation = office.invited(BJORK, SMART, invoiceRecipient="office")
    other.collaborating(BJORK, SMART, invoiceRecipient="customer")
    app.clock.pass_(days=2)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert ("another office" in latest_mail(app), f"Paid by: {BJORK.name}" in latest_mail(app)) == (False, True)


def test_a_reminder_says_that_the_company_owns_the_subscription_by_now(app: App, office: Office) -> None:
    """No set-up is asked any more, and none is told of."""
    invitation = office.invited(BJORK, SMART, invoiceRecipient="office")
    register(office, {"solution": SMART, "renewsOn": "2027-01-01", "customerOwned": True})
    app.clock.pass_(days=2)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert "keeps its own subscription to Smart Office and pays for it as before" in latest_mail(app)
    assert "Paid by" not in latest_mail(app)
