"""Every test over the whole application holds its answers and events against their descriptions: that this can fail."""

from __future__ import annotations

import json

import pytest
from collaboration.publishing import MAIL_QUEUED, Message
from support.described import check_answer, check_event, check_references, event_schemas

JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
LISTED = ("GET", "/customers")


def problem(slug: str) -> str:
    """A problem document, as far as it is looked at."""
    return json.dumps({"type": f"../problems/{slug}"})


def test_what_is_described_is_let_through() -> None:
    """An answer, a refusal, an empty answer."""
    check_answer(*LISTED, 200, JSON, "{}")
    check_answer(*LISTED, 503, {**PROBLEM, "Retry-After": "2"}, problem("temporarily-unavailable"))
    check_answer("GET", "/console/customers/{customerId}", 302, {**JSON, "Location": "../x"}, "")


@pytest.mark.parametrize(
    ("status", "headers", "text", "said"),
    [
        (201, JSON, "{}", "201"),
        (200, {"Content-Type": "text/html; charset=utf-8"}, "<p>", "text/html"),
        (200, {**JSON, "ETag": '"1"'}, "{}", "ETag"),
        (422, PROBLEM, problem("in-use"), "in-use"),
    ],
)
def test_what_nobody_is_told_of_fails(status: int, headers: dict[str, str], text: str, said: str) -> None:
    """A status, a media type, a header, a reason."""
    with pytest.raises(AssertionError, match=said):
        check_answer(*LISTED, status, headers, text)


def test_an_event_keeps_its_schema() -> None:
    """The example does; without a field, or with one more, it does not. What stays inside may be anything."""
    (example,) = event_schemas()["InvitationSent"]["examples"]
    check_event(Message("InvitationSent", example))
    for wrong in ({**example, "email": "x"}, {name: value for name, value in example.items() if name != "officeId"}):
        with pytest.raises(AssertionError, match="InvitationSent"):
            check_event(Message("InvitationSent", wrong))
    check_event(Message(MAIL_QUEUED, {"mail": "x"}))


@pytest.mark.parametrize(
    ("path", "reference", "leads"),
    [
        ("/customers/x", '"type":"../problems/not-found"', True),
        ("/customers/x", '"type":"problems/not-found"', False),
        ("/customers", '"type":"problems/not-found"', True),
        ("/customers/x/", '"type":"../problems/not-found"', False),
        ("/customers/x", '"type":"../health/not-found"', False),
        ("/collaborations/preview", '"location":"../invitations/inv-x"', True),
        ("/collaborations/preview", '"location":"invitations/inv-x"', False),
        ("/accept/x", '"href":"../my"', True),
        ("/accept/x", '"href":null', True),
        ("/collaborations/preview", '"type":"unlinked-exists"', True),
    ],
)
def test_a_reference_leads_somewhere(path: str, reference: str, leads: bool) -> None:  # noqa: FBT001
    """From the address that was asked for; the type of a problem to where it is explained."""
    if leads:
        check_references(path, JSON, f"{{{reference}}}")
        return
    with pytest.raises(AssertionError):
        check_references(path, JSON, f"{{{reference}}}")


def test_a_header_leads_somewhere() -> None:
    """Location too, of any answer."""
    check_references("/invitations", {**JSON, "Location": "invitations/inv-x"}, "")
    with pytest.raises(AssertionError, match="leads to"):
        check_references("/invitations/batch", {**JSON, "Location": "invitations/x/y"}, "")
