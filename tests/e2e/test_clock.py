"""What time does: the stack's clock is moved, which every function sees. These tests are the last on it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from stack import later
from stack.client import until
from stack.people import PASSWORD

from e2e.offices import Office, slug
from e2e.reading import VIEWS, Words, check, opening

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from stack.client import Client


def move(client: Client, days: float) -> None:
    """Move the clock, and nothing else: no clean-up runs."""
    for name in client.stack["functions"].values():
        later.move_function(client.aws, name, days)


def test_a_login_that_nobody_confirms_goes_after_a_week(client: Client) -> None:
    """Its owner can sign up anew; nobody else's login goes, confirmed or made by the pool's administrator.

    It is the first here: the user pool's clock does not move, so a new login is as old as the clock was moved before.
    """
    office = Office(client)
    company = office.customer()
    cognito, pool = client.aws.cognito, client.stack["userPoolId"]
    asked = {"ClientId": client.stack["userPoolClientId"], "Username": company.administrator, "Password": PASSWORD}

    def sign_up() -> None:
        cognito.sign_up(**asked, UserAttributes=[{"Name": "email", "Value": company.administrator}])

    def purge() -> dict[str, int]:
        answer = client.aws.functions.invoke(FunctionName=client.stack["functions"]["purge_logins"], Payload=b"{}")
        counts: dict[str, int] = json.loads(answer["Payload"].read())
        return counts

    sign_up()
    cognito.admin_create_user(UserPoolId=pool, Username=office.address("new"), MessageAction="SUPPRESS")
    purge()
    with pytest.raises(cognito.exceptions.UsernameExistsException):
        sign_up()
    move(client, 8)
    counts = purge()
    assert (counts["deleted"] >= 1, counts["failed"]) == (True, 0)
    sign_up()
    for address, status in ((office.address("decides"), "CONFIRMED"), (office.address("new"), "FORCE_CHANGE_PASSWORD")):
        assert cognito.admin_get_user(UserPoolId=pool, Username=address)["UserStatus"] == status


@pytest.mark.browser
def test_an_expired_request_asks_for_a_new_one(client: Client, browser: Browser) -> None:
    """Its page has one button, reads well in every view, and the office gets a mail, once."""
    office = Office(client)
    company = office.customer()
    office.invite(company)
    link = company.link()
    move(client, 14.5)
    with opening(browser, client.stack["apiUrl"]) as open_page:
        for language, width, scheme in VIEWS:
            words, page = Words(language, office, company), open_page(language, width, scheme)
            page.goto(link)
            expect(page.get_by_role("heading", level=1)).to_have_text(words("expired.title"))
            expect(page.locator("form")).to_have_count(1)
            check(page, f"expired-{language}-{width}-{scheme}")
            page.get_by_role("button", name=words("ask-again")).click()
            expect(page.get_by_text(words("ask-again.sent"))).to_be_visible()
    asked = client.mail(office.address("decides"), company.id)
    assert client.mails(office.address("decides")) == [asked]


def test_time_passes(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """A reminder goes out, the request expires and blocks nothing though no clean-up ran; then one marks it, once.

    Thirty days later it is erased.
    """
    cleanup = client.stack["functions"]["cleanup"]
    # What other tests have left has expired long ago, and is cleaned up.
    move(client, 61)
    later.clean_up(client.aws, cleanup)
    office = Office(client)
    company = office.customer()
    first = office.invite(company).json
    link = company.link()

    move(client, 11.5)
    assert later.clean_up(client.aws, cleanup)["reminded"] == 1
    until(lambda: len(client.mails(company.administrator)) == 2, "the reminder")
    assert client.mails(company.administrator)[-1].subject.startswith("Reminder")

    move(client, 3)
    assert client.anyone.get(link).json["status"] == "expired"
    dead = company.decide()
    assert (dead.status, slug(dead)) == (410, "invitation-expired")
    assert [row["id"] for row in office.decides.get("/invitations?status=expired").json["items"]] == [first["id"]]
    asked = client.anyone.post(f"{link}/ask-again")
    assert asked.status == 202
    assert client.mail(office.address("decides")).to == office.address("decides")

    second = office.invite(company)
    assert second.status == 201
    assert later.clean_up(client.aws, cleanup)["expired"] == 0
    move(client, 15)
    assert later.clean_up(client.aws, cleanup)["expired"] == 1
    assert later.clean_up(client.aws, cleanup)["expired"] == 0
    revived = office.decides.post(f"/invitations/{first['id']}/resend")
    assert (revived.status, revived.json["status"]) == (202, "pending")

    # The other one stays dead, and thirty days later nothing is left of whom it asked.
    later.move(client.stack, 31)
    said = capsys.readouterr().out
    assert re.search(r"\b1 +erased\b", said)
    assert f"{office.id}: invitations 1, recipients 2" in said
    erased = office.decides.get(f"/invitations/{second.json['id']}").json
    assert (erased["status"], erased["recipients"], erased["actions"]) == ("expired", [], [])
    refused = office.decides.post(f"/invitations/{second.json['id']}/resend")
    assert (refused.status, slug(refused)) == (410, "invitation-expired")
