"""Signing in on the pages: the password is never sent, and a session that ends takes nothing with it."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from stack import versions
from stack.people import PASSWORD

from e2e.offices import slug
from e2e.seen import tab_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Request, Route
    from stack.client import Client

    from e2e.conftest import Open
    from e2e.offices import Office
    from e2e.seen import Seen

pytestmark = pytest.mark.browser

OTHER_PASSWORD = "Another-2026!"


def code_for(client: Client, email: str) -> str:
    """The latest code that the pool has mailed."""
    found = re.search(r"\d{6}", client.mail(email, "verification code").text)
    assert found is not None
    return found[0]


def fill(seen: Seen, email: str, password: str) -> None:
    """Write address and password, and send them."""
    seen.field("sign-in.email").fill(email)
    seen.field("sign-in.password").fill(password)
    seen.button("sign-in.do.sign-in").click()


def pool_calls(page: Page) -> list[Request]:
    """What the page asks the user pool from now on."""
    calls: list[Request] = []
    page.on("request", lambda request: calls.append(request) if "x-amz-target" in request.headers else None)
    return calls


def code_of(key: str) -> str:
    """What an authenticator app shows now: RFC 6238, half a minute, six digits."""
    secret = base64.b32decode(key.replace(" ", "") + "=" * (-len(key.replace(" ", "")) % 8))
    digest = hmac.digest(secret, (int(time.time()) // 30).to_bytes(8), "sha1")
    start = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"


def wrong_code_of(key: str) -> str:
    """A code that no app with the key shows now, nor half a minute earlier or later."""
    return f"{(int(code_of(key)) + 500_000) % 1_000_000:06d}"


def enter_code(seen: Seen, code: str, button: str) -> None:
    """Write the code of the app, and send it."""
    seen.field("authenticator.code").fill(code)
    seen.button(button).click()


def refuse_once(seen: Seen, pool: str, operation: str, code: str) -> None:
    """Let the pool refuse the next call of an operation, as Cognito does and the emulator does not."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        if not refused and route.request.headers.get("x-amz-target", "").endswith(operation):
            refused.append(operation)
            route.fulfill(status=400, content_type="application/x-amz-json-1.1", body=json.dumps({"__type": code}))
        else:
            route.continue_()

    seen.page.route(f"{pool}/", answer)


def test_a_password_is_proven_and_never_sent(office: Office, open_page: Open) -> None:
    """SRP: what leaves the page does not hold the password. A wrong one is said in place, and the address stays."""
    seen = open_page()
    calls = pool_calls(seen.page)
    seen.page.goto(f"{seen.api_url}/console")
    fill(seen, office.address("decides"), f"{PASSWORD}x")
    seen.says("pool.NotAuthorizedException")
    expect(seen.field("sign-in.email")).to_have_value(office.address("decides"))
    seen.check()
    fill(seen, office.address("decides"), PASSWORD)
    expect(seen.button("sign-out")).to_be_visible()
    operations = [call.headers["x-amz-target"].rpartition(".")[2] for call in calls]
    assert operations == ["InitiateAuth", "RespondToAuthChallenge"] * 2
    assert not any(PASSWORD in (call.post_data or "") for call in calls)
    # An address that nobody has is answered like a wrong password.
    seen.button("sign-out").click()
    fill(seen, "nobody@nowhere.example", PASSWORD)
    seen.says("pool.NotAuthorizedException")


def test_the_first_password_is_changed(office: Office, open_page: Open) -> None:
    """Whoever was given a password chooses one of their own, and is where they wanted to go."""
    email = office.address("new")
    office.put(
        f"{office.base}/employees/new",
        {"name": "New", "email": email, "active": True, "fullUserRights": True, "administrator": True},
    )
    attributes = {
        "email": email,
        "email_verified": "true",
        "custom:office_id": office.id,
        "custom:employee_id": "new",
    }
    office.client.aws.cognito.admin_create_user(
        UserPoolId=office.client.stack["userPoolId"],
        Username=email,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )
    seen = open_page("en")
    seen.page.goto(f"{seen.api_url}/console#/customers")
    fill(seen, email, PASSWORD)
    seen.says("sign-in.title.new-password")
    seen.check()
    refuse_once(seen, office.client.stack["endpointUrl"], "RespondToAuthChallenge", "InvalidPasswordException")
    seen.field("sign-in.new-password").fill("short")
    seen.button("sign-in.do.new-password").click()
    seen.says("pool.InvalidPasswordException")
    seen.field("sign-in.new-password").fill(OTHER_PASSWORD)
    seen.button("sign-in.do.new-password").click()
    seen.says("customers.none")
    expect(seen.page).to_have_url(re.compile("#/customers$"))


def test_an_authenticator_app_is_paired_asked_for_and_turned_off(office: Office, open_page: Open) -> None:
    """Whoever pairs an app is asked for its code. A wrong one is said in place; one that comes late starts again."""
    email = office.address("decides")
    seen = open_page("en").sign_in("console#/customers", email)
    seen.button("authenticator").click()
    seen.says("authenticator.off")
    seen.button("authenticator.start").click()
    expect(seen.page.get_by_role("img", name=seen.t("authenticator.qr"))).to_be_visible()
    seen.check()
    key = seen.page.get_by_role("dialog").locator("code").inner_text()
    link = seen.link("authenticator.open").get_attribute("href")
    assert link is not None
    assert link.startswith("otpauth://totp/")
    assert f"secret={key.replace(' ', '')}&" in link
    enter_code(seen, wrong_code_of(key), "authenticator.do")
    seen.says("pool.authenticator.EnableSoftwareTokenMFAException")
    enter_code(seen, code_of(key), "authenticator.do")
    seen.says("authenticator.on")
    seen.check()
    seen.button("close").click()

    seen.button("sign-out").click()
    fill(seen, email, PASSWORD)
    seen.says("sign-in.title.authenticator")
    seen.check()
    enter_code(seen, wrong_code_of(key), "sign-in.do.authenticator")
    seen.says("pool.authenticator.CodeMismatchException")
    refuse_once(seen, office.client.stack["endpointUrl"], "RespondToAuthChallenge", "NotAuthorizedException")
    enter_code(seen, code_of(key), "sign-in.do.authenticator")
    seen.says("pool.authenticator.NotAuthorizedException")
    fill(seen, email, PASSWORD)
    enter_code(seen, code_of(key), "sign-in.do.authenticator")
    expect(seen.button("sign-out")).to_be_visible()

    seen.button("authenticator").click()
    seen.button("authenticator.stop").click()
    seen.says("authenticator.off")
    seen.page.keyboard.press("Escape")
    seen.button("sign-out").click()
    fill(seen, email, PASSWORD)
    expect(seen.button("sign-out")).to_be_visible()


@contextmanager
def second_factor_required(client: Client) -> Iterator[None]:
    """As in production (`EmployeeMfa`); the laptop's stack leaves it to each."""
    functions, name = client.aws.functions, client.stack["functions"]["sign_in"]
    before = versions.environment(functions, name)
    assert before["SECOND_FACTOR"] == "optional"
    versions.set_environment(functions, name, {**before, "SECOND_FACTOR": "required"})
    try:
        yield
    finally:
        versions.set_environment(functions, name, before)


def test_an_employee_pairs_the_authenticator_app_that_is_demanded(office: Office, open_page: Open) -> None:
    """Refused until then, by the API and so on the page; then everything is there, without signing in again."""
    email, seen = office.address("decides"), open_page("en")
    with second_factor_required(office.client):
        refused = office.client.sign_in(email, PASSWORD, language="en").get("/me")
        assert (refused.status, slug(refused)) == (403, "not-allowed")
        seen.page.goto(f"{seen.api_url}/console#/customers")
        fill(seen, email, PASSWORD)
        expect(seen.page.get_by_text(refused.json["detail"])).to_be_visible()
        seen.check()
        seen.button("authenticator").click()
        seen.button("authenticator.start").click()
        key = seen.page.get_by_role("dialog").locator("code").inner_text()
        enter_code(seen, code_of(key), "authenticator.do")
        seen.says("authenticator.on")
        seen.button("close").click()
        seen.button("fault.retry").click()
        seen.says("customers.none")


def test_a_pool_that_demands_an_authenticator_app_pairs_one_at_sign_in(office: Office, open_page: Open) -> None:
    """`Mfa=ON`: the challenge is the pool's own, which the emulator does not send; key, code and tokens are real."""
    seen = open_page()
    seen.page.goto(f"{seen.api_url}/console")
    seen.page.route(
        f"{office.client.stack['endpointUrl']}/",
        lambda route: (
            route.fulfill(
                status=200,
                content_type="application/x-amz-json-1.1",
                body=json.dumps(
                    {"ChallengeName": "MFA_SETUP", "Session": "s" * 20, "ChallengeParameters": {"MFAS_CAN_SETUP": "[]"}}
                ),
            )
            if "PASSWORD_VERIFIER" in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    calls = pool_calls(seen.page)
    fill(seen, office.address("works"), PASSWORD)
    seen.says("sign-in.title.authenticator-setup")
    seen.check()
    enter_code(seen, code_of(seen.page.locator(".pairing code").inner_text()), "sign-in.do.authenticator-setup")
    expect(seen.button("sign-out")).to_be_visible()
    # The pool knows no client in these two, and refuses what an operation does not know.
    bodies = [json.loads(call.post_data or "") for call in calls if "SoftwareToken" in call.headers["x-amz-target"]]
    assert [sorted(body) for body in bodies] == [["Session"], ["Session", "UserCode"]]


def test_a_forgotten_password_is_replaced(office: Office, open_page: Open) -> None:
    """A code by mail, a new password, signed in; a wrong code is said in place and keeps what was written."""
    email = office.address("works")
    seen = open_page()
    seen.page.goto(f"{seen.api_url}/console")
    seen.button("sign-in.forgot").click()
    seen.check()
    seen.field("sign-in.email").fill(email)
    seen.button("sign-in.do.forgot").click()
    seen.says("sign-in.code-sent", email=email)
    seen.check()
    refuse_once(seen, office.client.stack["endpointUrl"], "ConfirmForgotPassword", "CodeMismatchException")
    seen.field("sign-in.code").fill("000000")
    seen.field("sign-in.new-password").fill(OTHER_PASSWORD)
    seen.button("sign-in.do.reset").click()
    seen.says("pool.CodeMismatchException")
    expect(seen.field("sign-in.new-password")).to_have_value(OTHER_PASSWORD)
    seen.field("sign-in.code").fill(code_for(office.client, email))
    seen.button("sign-in.do.reset").click()
    seen.says("collaborations.none")


def test_an_administrator_signs_up_and_finds_it_all(office: Office, open_page: Open) -> None:
    """Who has the address of an administrator makes a login of their own, and sees what waits."""
    company = office.customer()
    office.invite(company)
    boss = open_page()
    boss.page.goto(f"{boss.api_url}/my")
    boss.button("sign-in.join").click()
    boss.check()
    boss.field("sign-in.email").fill(company.administrator)
    boss.field("sign-in.new-password").fill(PASSWORD)
    boss.button("sign-in.do.join").click()
    boss.says("sign-in.code-sent", email=company.administrator)
    boss.field("sign-in.code").fill(code_for(office.client, company.administrator))
    boss.button("sign-in.do.confirm").click()
    boss.says("my.waiting")


def test_a_token_is_renewed_before_it_runs_out(office: Office, open_page: Open) -> None:
    """Nobody notices. When it cannot be renewed the password is asked for, over what is written, which is then sent."""
    company = office.customer()
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.field("proposal.message").fill("Skrivet innan")
    calls = pool_calls(employee.page)
    run_out(employee.page)
    employee.page.reload()
    expect(employee.field("proposal.message")).to_have_value("Skrivet innan")
    assert [json.loads(call.post_data or "")["AuthFlow"] for call in calls] == ["REFRESH_TOKEN_AUTH"]

    run_out(employee.page, refresh="no token at all")
    employee.page.reload()
    dialog = employee.page.get_by_role("dialog", name=employee.t("sign-in.again"))
    expect(dialog).to_be_visible()
    employee.page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_label(employee.t("sign-in.password")).fill(PASSWORD)
    employee.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    employee.button("proposal.do.invite", customer=company.name).click()
    employee.says("proposal.invited", solution="Scanner", customer=company.name)
    assert office.decides.get("/invitations").json["items"][0]["message"] == "Skrivet innan"


def run_out(page: Page, **changed: str) -> None:
    """Let the session of this tab be an hour older."""
    page.evaluate(
        """changed => {
            const session = JSON.parse(sessionStorage.getItem("session"));
            sessionStorage.setItem("session", JSON.stringify({ ...session, until: session.until - 3600, ...changed }));
        }""",
        changed,
    )


def test_an_expired_session_loses_nothing(office: Office, open_page: Open) -> None:
    """In the middle of a form: the box comes over it, and the call goes out once somebody has signed in."""
    company = office.customer()
    employee = open_page().sign_in(f"console#/customers/{company.id}?start=scanner", office.address("decides"))
    employee.field("proposal.message").fill("Skrivet innan")
    employee.page.route(
        f"{employee.api_url}/invitations",
        lambda route: route.fulfill(status=401, content_type="application/problem+json", body='{"status": 401}'),
        times=1,
    )
    employee.button("proposal.do.invite", customer=company.name).click()
    dialog = employee.page.get_by_role("dialog", name=employee.t("sign-in.again"))
    expect(dialog).to_be_visible()
    employee.check()
    dialog.get_by_label(employee.t("sign-in.password")).fill(PASSWORD)
    dialog.get_by_role("button", name=employee.t("sign-in.do.sign-in")).click()
    employee.says("proposal.invited", solution="Scanner", customer=company.name)
    assert office.decides.get("/invitations").json["items"][0]["message"] == "Skrivet innan"


def test_what_one_wrote_the_next_does_not_see(office: Office, open_page: Open) -> None:
    """Signing out, also from the box over an expired session, takes drafts with it."""
    company = office.customer()
    place = f"console#/customers/{company.id}?start=scanner"
    employee = open_page().sign_in(place, office.address("decides"))
    employee.field("proposal.message").fill("Bara mitt")
    run_out(employee.page, refresh="no token at all")
    employee.page.reload()
    employee.button("sign-in.leave").click()
    fill(employee, office.address("helps"), PASSWORD)
    expect(employee.field("proposal.message")).to_have_value("")


@pytest.mark.parametrize("page", ["customers", "collaborations", "requests"])
def test_a_mailed_address_survives_signing_in(office: Office, open_page: Open, page: str) -> None:
    """Opened by somebody who is signed in nowhere, and by keyboard alone."""
    company = office.customer()
    place = company.id
    if page == "collaborations":
        place = office.activate(office.customer(account=False)).json["id"]
    elif page == "requests":
        place = office.invite(company).json["id"]
    seen = open_page()
    seen.page.goto(f"{seen.api_url}/console/{page}/{place}")
    tab_to(seen.page, seen.t("sign-in.email"))
    seen.page.keyboard.type(office.address("works"))
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(PASSWORD)
    seen.page.keyboard.press("Enter")
    title = {"customers": company.name, "collaborations": "Scanner: ", "requests": f"Scanner: {company.name}"}[page]
    expect(seen.page.get_by_role("heading", name=title)).to_be_visible()
