"""What may be done in which state, over HTTP. The table below is written out by hand: the code has another copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.app import App, Response

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"

EXPIRED, REVOKED = (410, "invitation-expired"), (410, "invitation-revoked")
ACCEPTED, DECLINED = (409, "invitation-accepted"), (409, "invitation-declined")

# action: state -> status, or status and slug. `mine` is decided by Birgitta, who asks; `other` by Benjamin.
TRANSITIONS: dict[str, dict[str, int | tuple[int, str]]] = {
    "look": {
        "pending": 200,
        "expired": 200,
        "accepted mine": 200,
        "accepted other": 200,
        "declined mine": 200,
        "declined other": 200,
        "revoked": 200,
    },
    "accept": {
        "pending": 200,
        "expired": EXPIRED,
        "accepted mine": 200,
        "accepted other": ACCEPTED,
        "declined mine": DECLINED,
        "declined other": DECLINED,
        "revoked": REVOKED,
    },
    "decline": {
        "pending": 200,
        "expired": EXPIRED,
        "accepted mine": ACCEPTED,
        "accepted other": ACCEPTED,
        "declined mine": 200,
        "declined other": DECLINED,
        "revoked": REVOKED,
    },
    "remind": {
        "pending": 202,
        "expired": EXPIRED,
        "accepted mine": ACCEPTED,
        "accepted other": ACCEPTED,
        "declined mine": DECLINED,
        "declined other": DECLINED,
        "revoked": REVOKED,
    },
    "resend": {
        "pending": 202,
        "expired": 202,
        "accepted mine": ACCEPTED,
        "accepted other": ACCEPTED,
        "declined mine": DECLINED,
        "declined other": DECLINED,
        "revoked": REVOKED,
    },
    "revoke": {
        "pending": 200,
        "expired": EXPIRED,
        "accepted mine": ACCEPTED,
        "accepted other": ACCEPTED,
        "declined mine": DECLINED,
        "declined other": DECLINED,
        "revoked": 200,
    },
    "invite again": {
        "pending": (409, "already-invited"),
        "expired": 201,
        "accepted mine": (409, "already-collaborating"),
        "accepted other": (409, "already-collaborating"),
        "declined mine": 201,
        "declined other": 201,
        "revoked": 201,
    },
    "ask again": {
        "pending": 202,
        "expired": 202,
        "accepted mine": 202,
        "accepted other": 202,
        "declined mine": 202,
        "declined other": 202,
        "revoked": 202,
    },
    "not me": {
        "pending": 200,
        "expired": EXPIRED,
        "accepted mine": ACCEPTED,
        "accepted other": ACCEPTED,
        "declined mine": DECLINED,
        "declined other": DECLINED,
        "revoked": REVOKED,
    },
}
OFFICE_MAY = {"pending": ["remind", "resend", "revoke"], "expired": ["resend"]}
HOLDER_MAY = {"pending": ["accept", "decline"], "expired": ["ask-again"], "revoked": ["ask-again"]}


def brought(app: App, office: Office, state: str) -> str:
    """An invitation in that state; its id."""
    invitation: str = office.invited()["id"]
    word, _, who = state.partition(" ")
    decider = BENJAMIN if who == "other" else BIRGITTA
    if word == "expired":
        app.clock.pass_(days=14)
    elif word == "revoked":
        assert office.anna.post(f"/invitations/{invitation}/revoke").status == 200
    elif word in {"accepted", "declined"}:
        assert office.decide(decider, {"accepted": "accept", "declined": "decline"}[word]).status == 200
    app.drain_events()
    return invitation


def done(office: Office, invitation: str, action: str) -> Response:
    """Birgitta, or Anna at the office, does it."""
    match action:
        case "look":
            return office.nobody.get(office.link_of(BIRGITTA))
        case "accept" | "decline":
            return office.decide(BIRGITTA, action)
        case "ask again":
            return office.nobody.post(f"{office.link_of(BIRGITTA)}/ask-again")
        case "not me":
            return office.nobody.post(f"{office.link_of(BIRGITTA)}/not-me", {"email": BIRGITTA})
        case "invite again":
            return office.invite()
        case _:
            return office.anna.post(f"/invitations/{invitation}/{action}")


@pytest.mark.parametrize(
    ("action", "state"), [(action, state) for action, states in TRANSITIONS.items() for state in states]
)
def test_a_cell_of_the_table(app: App, office: Office, action: str, state: str) -> None:
    """The status and the reason are the table's, and a refusal changes nothing."""
    invitation = brought(app, office, state)
    before = office.anna.get(f"/invitations/{invitation}").json
    answer = done(office, invitation, action)
    expected = TRANSITIONS[action][state]
    if isinstance(expected, int):
        assert answer.status == expected, answer.text
    else:
        assert (answer.status, answer.slug) == expected
        assert office.anna.get(f"/invitations/{invitation}").json == before


@pytest.mark.parametrize("state", TRANSITIONS["look"])
def test_actions_are_what_may_be_done(app: App, office: Office, state: str) -> None:
    """The office's and the holder's `actions` are exactly what the table lets them do now."""
    invitation = brought(app, office, state)
    assert office.anna.get(f"/invitations/{invitation}").json["actions"] == OFFICE_MAY.get(state, [])
    seen = office.nobody.get(office.link_of(BIRGITTA)).json
    assert seen["actions"] == HOLDER_MAY.get(state, [])
    assert seen["status"] == state.split(maxsplit=1)[0]


def test_what_stands_in_the_way_is_named(app: App, office: Office) -> None:
    """A revoke that comes too late says to end the collaboration; inviting again points to what is live."""
    invitation = brought(app, office, "pending")
    assert office.invite().location == f"/invitations/{invitation}"
    assert office.decide(BIRGITTA).status == 200
    revoked = office.anna.post(f"/invitations/{invitation}/revoke")
    assert "End the collaboration" in revoked.json["detail"]
    collaboration = office.anna.get(f"/invitations/{invitation}").json["collaborationId"]
    assert revoked.location == f"/collaborations/{collaboration}"
    assert office.invite().location == f"/collaborations/{collaboration}"


def test_an_expired_request_is_not_revived_beside_a_later_one(app: App, office: Office) -> None:
    """`resend-revives-expired`: unless a later one is live, which the answer points to."""
    first = brought(app, office, "expired")
    second = office.invited()
    answer = office.anna.post(f"/invitations/{first}/resend")
    assert (answer.status, answer.slug) == (409, "already-invited")
    assert answer.location == f"/invitations/{second['id']}"
    assert office.anna.post(f"/invitations/{second['id']}/revoke").status == 200
    revived = office.anna.post(f"/invitations/{first}/resend")
    assert (revived.status, revived.json["status"], revived.json["reminders"]) == (202, "pending", 0)
    assert office.invite(BJORK).slug == "already-invited"
