"""Ways around a rule, and values at the edge of what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.http.openapi import document
from support.accounts import SMART, register
from support.collaborations import at_revision, done_at_revision
from support.people import BJORK, BO, CEDER, DAVID, Office, fresh_key

if TYPE_CHECKING:
    from support.app import App, Response

NUMBER = BJORK.organisation_number
BIRGITTA = BJORK.contact.email


def company_type(office: Office, value: str) -> Response:
    """Björk put with another company type."""
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    return office.platform.put(path, {**BJORK.body(), "companyType": value})


def test_the_company_type_does_not_switch_in_two_steps(office: Office) -> None:
    """Private individual -> other -> sole trader, while the tax collaboration is active."""
    company_type(office, "private-individual")
    assert office.activate(BJORK, "tax-annual-accounts").status == 201
    assert company_type(office, "sole-trader").slug == "company-type-locked"
    company_type(office, "other")
    assert company_type(office, "sole-trader").status == 409


def test_the_company_type_does_not_switch_beside_an_activation(app: App, office: Office) -> None:
    """The guards are read, and a tax collaboration starts before the customer is written."""
    company_type(office, "private-individual")
    body = office.confirmed(office.proposal(BJORK, "tax-annual-accounts"))
    started: list[Any] = []
    app.client.faults.before(
        "transact_write_items",
        lambda: started.append(office.anna.post("/activations", body, headers={"Idempotency-Key": fresh_key()})),
    )
    answer = company_type(office, "sole-trader")
    assert started[0].status == 201
    assert answer.status == 409


def test_the_company_type_locks_only_while_linked(office: Office) -> None:
    """Changed in two steps, with the link undone for the second: the lock of the first keeps nothing back."""
    company_type(office, "sole-trader")
    imported = office.imported(organisationNumber=NUMBER, solution="tax-annual-accounts")
    path = f"/collaborations/{imported['id']}/link"
    link = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": "tax-annual-accounts"}
    linked = done_at_revision(office.anna, "PUT", path, imported, link)
    assert company_type(office, "other").status == 200
    assert company_type(office, "private-individual").slug == "company-type-locked"
    unlinked = done_at_revision(office.anna, "DELETE", path, linked)
    assert company_type(office, "private-individual").status == 200
    done_at_revision(office.anna, "PUT", path, unlinked, link)
    renamed = {**BJORK.body(), "companyType": "private-individual", "name": "Björk"}
    assert office.platform.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", renamed).status == 200
    assert company_type(office, "sole-trader").slug == "company-type-locked"


def test_a_renewal_before_all_time(app: App, office: Office) -> None:
    """A legal date in the register's feed does not keep the company from accepting."""
    answer = register(office, subscriptions=[{**SMART, "renewsOn": "0001-01-01"}])
    if answer.status == 200:
        office.invited(BJORK, "smart-office")
        assert office.decide(BIRGITTA).status == 200


def test_a_filter_before_all_time(office: Office) -> None:
    """It is refused, or taken for what it says."""
    answer = office.anna.get("/invitations?expiringBefore=0001-01-01T00:00:00%2B01:00")
    assert answer.status in {200, 422}


@pytest.mark.parametrize("what", ["customer", "employee"])
def test_a_name_whose_folding_grows(office: Office, what: str) -> None:
    """A name of at most 200 characters is taken."""
    if what == "customer":
        path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
        answer = office.platform.put(path, {**BJORK.body(), "name": "\u0390" * 200})
    else:
        path = f"/platform/offices/{office.id}/employees/{BO.id}"
        answer = office.platform.put(path, {**BO.body(), "name": "\ufdfa" * 60})
    assert answer.status == 200, answer.text


def test_a_login_resend_moves_no_revision(app: App, office: Office) -> None:
    """Contract: the revision moves with the agreement, not with mails."""
    collaboration = office.activate(CEDER, "scanner").json
    app.drain_events()
    answer = office.anna.post(f"/collaborations/{collaboration['id']}/resend-login")
    assert answer.status == 202
    assert answer.json["revision"] == collaboration["revision"]


def test_an_edit_beside_a_login_resend_forgets_nothing(app: App, office: Office) -> None:
    """It read the collaboration before: the count of the mails stays, and the next may be sent when its time comes."""
    collaboration = office.activate(CEDER, "scanner").json
    path = f"/collaborations/{collaboration['id']}"
    task = f"/platform/offices/{office.id}/customers/{CEDER.id}/tasks/other"
    office.put(task, {"name": "Annat", "owner": "bo", "participants": [], "active": True})
    app.drain_events()
    app.client.faults.before("transact_write_items", lambda: office.anna.post(f"{path}/resend-login"))
    edited = at_revision(office.anna, "PATCH", path, collaboration, {"taskId": "other"})
    assert (edited.status, edited.json["setup"]["taskId"]) == (200, "other")
    app.drain_events()
    assert office.anna.post(f"{path}/resend-login").slug == "reminder-too-soon"
    app.clock.pass_(days=1)
    assert office.anna.post(f"{path}/resend-login").status == 202
    app.drain_events()
    assert len(app.mails(CEDER.contact.email)) == 3


@pytest.mark.parametrize("resent", [True, False])
def test_who_decides_is_named_as_the_register_has_them(
    app: App,
    office: Office,
    resent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """An address has passed to another person: history names who it is now."""
    office.invited(BJORK, "scanner")
    found = office.platform.get("/platform/accounts/account-bjork").json
    users = [{**user, "name": "Ny Person"} if user["email"] == BIRGITTA else user for user in found["users"]]
    register(office, users=users)
    app.drain_events()
    app.clock.pass_(days=2)
    invitation = office.anna.get("/invitations").json["items"][0]
    if resent:
        assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
        app.drain_events()
    assert office.decide(BIRGITTA).status == 200
    assert office.anna.get(f"/invitations/{invitation['id']}").json["decision"]["by"] == "Ny Person"
    history = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]
    accepted = next(entry for entry in history if entry["kind"] == "invitation-accepted")
    assert accepted["by"]["name"] == "Ny Person"


def test_a_reminder_goes_to_administrators_only(app: App, office: Office) -> None:
    """Links go to the register's administrators only, also in a reminder."""
    invitation = office.invited(BJORK, "scanner")
    found = office.platform.get("/platform/accounts/account-bjork").json
    users = [{**user, "role": "user"} if user["email"] == BIRGITTA else user for user in found["users"]]
    register(office, users=users)
    app.drain_events()
    before = len(app.mails(BIRGITTA))
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == before


def test_a_reminder_that_would_reach_nobody_is_refused(app: App, office: Office) -> None:
    """The only administrator has said that it is not for them: they are administrator, and have no link any more."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    register(office, users=[user for user in found["users"] if user["email"] == BIRGITTA])
    invitation = office.invited(BJORK, "scanner")
    assert office.nobody.post(f"{office.link_of(BIRGITTA)}/not-me", {"email": BIRGITTA}).status == 200
    refused = office.anna.post(f"/invitations/{invitation['id']}/remind")
    assert (refused.status, refused.slug) == (409, "no-administrator")
    assert office.anna.get(f"/invitations/{invitation['id']}").json["reminders"] == 0
    app.clock.pass_(days=12)
    assert app.clean_up() == {}


def test_administrators_that_change_often_are_asked_anew(app: App, office: Office) -> None:
    """The largest account, all of whose administrators change between resends."""

    def users(generation: int) -> list[dict[str, str]]:
        return [
            {
                "email": f"g{generation}.n{n:03d}@{'a' * 60}.{'b' * 60}.example",
                "name": "x" * 200,
                "role": "administrator",
            }
            for n in range(200)
        ]

    assert register(office, users=users(0)).status == 200
    invitation = office.invited(BJORK, "scanner")
    for generation in range(1, 8):
        app.clock.pass_(days=15)
        assert register(office, users=users(generation)).status == 200
        answer = office.anna.post(f"/invitations/{invitation['id']}/resend")
        assert answer.status == 202, (generation, answer.text)


def test_an_end_in_three_hundred_years_does_not_end_soon(app: App, office: Office) -> None:
    """The summary counts what ends within thirty days."""
    collaboration = office.collaborating()
    path = f"/collaborations/{collaboration['id']}/end"
    asked = at_revision(office.anna, "POST", path, collaboration, {"on": "2300-01-01", "outcome": "continue"})
    assert (asked.status, asked.slug) == (422, "validation-failed")
    assert office.anna.get("/summary").json["collaborations"]["endsSoon"]["count"] == 0


def test_who_has_left_the_office_may_decide_for_their_company(app: App, office: Office) -> None:
    """David left the office years ago; he is nobody of the inviting office."""
    found = office.platform.get("/platform/accounts/account-bjork").json
    users = [*found["users"], {"email": DAVID.email, "name": DAVID.name, "role": "administrator"}]
    register(office, users=users)
    office.invited(BJORK, "scanner")
    assert office.decide(DAVID.email).status == 200


# What a company is answered that asks for no language


def english(office: Office) -> None:
    """Björk, whose language is English at a Swedish office."""
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), "locale": "en"})


def test_a_refusal_is_in_the_companys_language(app: App, office: Office) -> None:
    """A collaboration that cannot end so, and a link whose digits are wrong."""
    english(office)
    collaboration = office.collaborating(BJORK, "employee-payslip")
    path = f"/my/collaborations/{collaboration['id']}/end"
    headers = {"If-Match": f'"{collaboration["revision"]}"', "Accept-Language": ""}
    refused = office.user(BIRGITTA).post(path, {"outcome": "delete"}, headers=headers)
    assert (refused.slug, refused.json["title"]) == ("confirmation-needed", "This must be confirmed")
    office.invited(BJORK, "scanner")
    body = {"decision": "accept", "organisationNumberEnding": "0000"}
    wrong = office.nobody.post(office.link_of(BIRGITTA), body, headers={"Accept-Language": ""})
    assert wrong.slug == "organisation-number-mismatch"
    assert "digits" in wrong.json["detail"]


def test_an_end_that_failed_is_explained_in_the_companys_language(app: App, office: Office) -> None:
    """The end that the company arranged itself, on a day when nobody was left in charge."""
    english(office)
    collaboration = office.collaborating(BJORK, "scanner")
    birgitta, path = office.user(BIRGITTA), f"/my/collaborations/{collaboration['id']}/end"
    end = {"on": "2026-12-01", "outcome": "continue"}
    assert at_revision(birgitta, "POST", path, collaboration, end).status == 200
    register(office, mainContact=None)
    app.clock.pass_(days=8)
    app.clean_up()
    [shown_to_her] = birgitta.get("/my/collaborations", headers={"Accept-Language": ""}).json["items"]
    in_english = birgitta.get("/my/collaborations").json["items"][0]["endProblem"]
    assert shown_to_her["endProblem"] == in_english
    in_swedish = birgitta.get("/my/collaborations", headers={"Accept-Language": "sv"}).json["items"][0]["endProblem"]
    assert in_swedish != in_english


# What an employee of an office whose language is English is answered who asks for no language

KEY = {"Idempotency-Key": "a-key-of-this-request"}


def refused_in_two_languages(office: Office, method: str, url: str, **sent: Any) -> tuple[str, str]:
    """The titles of the refusal without `Accept-Language` and with English asked for."""
    path = f"/platform/offices/{office.id}"
    english_office = {**office.platform.get(path).json, "locale": "en"}
    del english_office["id"]
    office.put(path, english_office)
    headers = sent.pop("headers", {})
    plain, asked = (
        office.app.call(
            method, url, claims=office.anna.claims, headers={**headers, "Accept-Language": language}, **sent
        )
        for language in ("", "en")
    )
    assert plain.slug == asked.slug
    return plain.json["title"], asked.json["title"]


@pytest.mark.parametrize(
    ("method", "url", "sent", "titles"),
    [
        (
            "POST",
            "/invitations",
            {"raw": "{", "headers": KEY},
            ("Anropet kan inte läsas", "The request cannot be read"),
        ),
        ("POST", "/invitations", {"body": {}}, ("Idempotency-Key saknas", "The Idempotency-Key is missing")),
        ("GET", "/invitations?cursor=none", {}, ("Anropet kan inte läsas", "The request cannot be read")),
    ],
    ids=["not-json", "no-key", "no-cursor"],
)
def test_what_cannot_be_read_is_refused_in_swedish(
    office: Office, method: str, url: str, sent: dict[str, Any], titles: tuple[str, str]
) -> None:
    """The office is not looked up for it, so that its language is unknown; the API's description says so."""
    assert refused_in_two_languages(office, method, url, **sent) == titles
    described = document()["components"]["parameters"]["AcceptLanguage"]["description"]
    assert "400" in described
    assert described.endswith("is in Swedish.")


def test_what_a_link_cannot_read_is_refused_in_swedish(office: Office) -> None:
    """The customer's language is English, and is not looked up either."""
    english(office)
    office.invited(BJORK, "scanner")
    refused = office.app.call("POST", office.link_of(BIRGITTA), raw="{", headers={"Accept-Language": ""})
    assert (refused.slug, refused.json["title"]) == ("malformed-request", "Anropet kan inte läsas")


@pytest.mark.parametrize("url", ["/invitations?colour=red", "/invitations/inv-unknown"])
def test_what_was_read_is_refused_in_the_offices_language(office: Office, url: str) -> None:
    """A wrong field, and what is not there."""
    plain, asked = refused_in_two_languages(office, "GET", url)
    assert plain == asked


# What became of a mail that nobody needs any more


def test_a_mail_that_is_no_longer_needed_waits_for_nothing(app: App, office: Office) -> None:
    """Revoked while the provider refused mails: the request does not say `queued` for ever."""
    app.refusing_mail = True
    invitation = office.invite(BJORK, "scanner").json
    app.drain_events()
    assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
    app.refusing_mail = False
    app.clock.pass_(hours=1)
    app.send_due_mail()
    shown_now = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    assert {recipient["delivery"] for recipient in shown_now} == {"failed"}
    assert app.mails(BIRGITTA) == []


def test_a_reminder_that_is_not_needed_leaves_what_the_first_mail_became(app: App, office: Office) -> None:
    """It was sent; that the reminder was not is nobody's concern."""
    invitation = office.invited(BJORK, "scanner")
    app.refusing_mail = True
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
    app.refusing_mail = False
    app.clock.pass_(hours=1)
    app.send_due_mail()
    shown_now = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    assert {recipient["delivery"] for recipient in shown_now} == {"sent"}
