"""What a sent request offers the office is what a command accepts: `actions-are-accepted`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from collaboration.domain.model.values import AgreementId
from collaboration.storage import keys
from support.people import BJORK

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.app import App
    from support.people import Office

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
ANOTHER_NUMBER = "5569876542"


def appoint(office: Office, *emails: str) -> None:
    """The register has these administrators."""
    account = BJORK.account
    assert account is not None
    users = [{"email": email, "name": "Person", "role": "administrator"} for email in emails]
    office.put(f"/platform/accounts/{account.id}", {**account.body(BJORK), "users": users})


def guess(office: Office, *emails: str, times: int = 5) -> None:
    """A stranger tries the links of these persons so often each."""
    for email in emails:
        for _ in range(times):
            assert office.decide(email, organisationNumberEnding="9999").status == 403


def customer(office: Office, **changes: str) -> None:
    """The office corrects the customer."""
    office.put(f"/platform/offices/{office.id}/customers/{BJORK.id}", {**BJORK.body(), **changes})


def move_account(office: Office) -> None:
    """The register corrects the account's organisation number."""
    account = BJORK.account
    assert account is not None
    body = {**account.body(BJORK), "organisationNumber": ANOTHER_NUMBER}
    office.put(f"/platform/accounts/{account.id}", body)


def not_meant(office: Office, *emails: str) -> None:
    """These persons say that it is not for them."""
    for email in emails:
        assert office.nobody.post(f"{office.link_of(email)}/not-me", {"email": email}).status == 200


def bounce(office: Office) -> None:
    """Birgitta's mail comes back."""
    agreement = next(pk.partition("#")[2] for pk, sk in office.app.client.items if sk == "INVITATION")
    assert office.mail_event("Bounce", tags={"agreement": [agreement], "mail": ["invitation-1"], "recipient": ["r1"]})


STEPS: dict[str, Callable[[Office], object]] = {
    "a day": lambda office: office.app.clock.pass_(days=1),
    "expires": lambda office: office.app.clock.pass_(days=15),
    "ten tries": lambda office: guess(office, BIRGITTA, BENJAMIN),
    "four tries": lambda office: guess(office, BIRGITTA, times=4),
    "a sole trader": lambda office: customer(office, companyType="sole-trader"),
    "other administrators": lambda office: appoint(office, "new@bjork-brown.example"),
    "no administrators": appoint,
    "one is not meant": lambda office: not_meant(office, BIRGITTA),
    "nobody is meant": lambda office: not_meant(office, BIRGITTA, BENJAMIN),
    "bounces": bounce,
    "customer moves": lambda office: customer(office, organisationNumber=ANOTHER_NUMBER),
    "customer moves back": customer,
    "account moves": move_account,
}


def bring(app: App, office: Office, invitation: str, step: str) -> None:
    """One thing that happens to an invitation."""
    if step in STEPS:
        STEPS[step](office)
    else:
        assert office.anna.post(f"/invitations/{invitation}/{step}").status == 202
    app.drain_events()


@pytest.mark.parametrize("audited", [False, True])
@pytest.mark.parametrize("verb", ["remind", "resend"])
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("", "remind resend revoke"),
        ("remind", "revoke"),
        ("remind, a day", "remind resend revoke"),
        ("remind, a day, remind, a day, remind, a day", "revoke"),
        ("ten tries", "resend revoke"),
        ("remind, ten tries", "revoke"),
        ("remind, a day, remind, a day, remind, a day, ten tries", "resend revoke"),
        ("ten tries, resend", "revoke"),
        ("ten tries, resend, a day", "remind resend revoke"),
        ("four tries", "remind resend revoke"),
        ("four tries, a sole trader", "resend revoke"),
        ("other administrators", "resend revoke"),
        ("no administrators", "revoke"),
        ("one is not meant", "remind resend revoke"),
        ("nobody is meant", "resend revoke"),
        ("bounces, other administrators", "remind resend revoke"),
        ("expires", "resend"),
        ("ten tries, expires", "resend"),
        ("expires, account moves", ""),
        ("expires, customer moves", ""),
        ("expires, customer moves, customer moves back", "resend"),
        ("expires, no administrators", ""),
        ("expires, no administrators, other administrators", "resend"),
    ],
)
def test_what_is_offered_is_accepted(
    app: App, office: Office, steps: str, expected: str, verb: str, *, audited: bool
) -> None:
    """The request and the list of requests say the same, at once and after the nightly audit."""
    invitation = office.invited()["id"]
    for step in filter(None, steps.split(", ")):
        bring(app, office, invitation, step)
    if audited:
        app.audit_access()
    one = office.anna.get(f"/invitations/{invitation}").json
    assert one in office.anna.get("/invitations").json["items"]
    assert " ".join(one["actions"]) == expected
    answer = office.anna.post(f"/invitations/{invitation}/{verb}")
    assert (answer.status == 202) is (verb in expected.split()), answer.text


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("", None),
        ("four tries", None),
        ("ten tries", "links-closed"),
        ("four tries, a sole trader", "links-closed"),
        ("ten tries, resend", None),
        ("ten tries, revoke", None),
        ("ten tries, expires", None),
        ("other administrators", "recipients-gone"),
        ("other administrators, expires", None),
        ("no administrators", "no-administrator"),
        ("one is not meant", None),
        ("nobody is meant", "recipients-gone"),
        ("bounces, other administrators", None),
        ("expires, no administrators", "no-administrator"),
        ("expires, customer moves", "number-changed"),
        ("expires, customer moves, customer moves back", None),
        ("expires, account moves", "number-changed"),
    ],
)
def test_the_list_says_what_is_in_the_way(app: App, office: Office, steps: str, expected: str | None) -> None:
    """Of a request that may be answered or sent again: that nobody knew the number, and what else is missing."""
    invitation = office.invited()["id"]
    for step in filter(None, steps.split(", ")):
        path = f"/invitations/{invitation}/{step}"
        if step == "revoke":
            assert office.anna.post(path).status == 200
        else:
            bring(app, office, invitation, step)
    one = office.anna.get(f"/invitations/{invitation}").json
    assert one["obstacle"] == expected
    assert one in office.anna.get("/invitations").json["items"]


def test_what_is_resent_beside_the_closing_try_is_open(app: App, office: Office) -> None:
    """The links that closed are dead with the resend, which had read what was noted before the last wrong digits."""
    invitation = office.invited()["id"]
    guess(office, BIRGITTA, times=5)
    guess(office, BENJAMIN, times=4)
    app.client.faults.before("transact_write_items", lambda: guess(office, BENJAMIN, times=1))
    assert office.anna.post(f"/invitations/{invitation}/resend").status == 202
    app.drain_events()
    app.clock.pass_(days=1)
    one = office.anna.get(f"/invitations/{invitation}").json
    assert (one["actions"], one["obstacle"]) == (["remind", "resend", "revoke"], None)


def test_the_audit_notes_that_links_are_closed(app: App, office: Office) -> None:
    """The function that counted the last try stopped before it noted that; no reminder is announced either."""
    invitation = office.invited()["id"]
    app.clock.pass_(days=1)
    bring(app, office, invitation, "ten tries")
    delivery_key = keys.invitation_delivery(AgreementId(invitation.removeprefix("inv-")))
    del app.client.items[delivery_key.pk, delivery_key.sk]["obstacle"]
    app.audit_access()
    one = office.anna.get(f"/invitations/{invitation}").json
    assert (one["actions"], one["nextReminderAt"]) == (["resend", "revoke"], None)
    assert one["obstacle"] == "links-closed"
