"""Employees and the platform have a second factor where one is demanded; account users may."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from support.cognito import PoolUser
from support.people import BJORK, Office
from support.samples import sample

if TYPE_CHECKING:
    from support.app import App, Response

SIGNING_IN = sample("sign_in")
NAME = SIGNING_IN["userName"]
ANNA = {key: value for key, value in SIGNING_IN["request"]["userAttributes"].items() if key != "cognito:user_status"}
APP = "SOFTWARE_TOKEN_MFA"


@pytest.fixture
def office(app: App, office: Office) -> Office:
    """The demonstration office, whose employee's login is known to the pool, without a second factor."""
    app.cognito.users[NAME] = PoolUser("CONFIRMED", app.clock.now)
    return office


def token(app: App, attributes: dict[str, str], *groups: str) -> dict[str, str]:
    """The claims of the ID token that the pool issues: its own, and what its function adds."""
    event = copy.deepcopy(SIGNING_IN)
    event["request"]["userAttributes"] = attributes
    event["request"]["groupConfiguration"]["groupsToOverride"] = [*groups]
    response = app.functions["sign_in"].handler(event, None)["response"]
    added = (response["claimsOverrideDetails"] or {}).get("claimsToAddOrOverride", {})
    return {**attributes, "cognito:groups": ",".join(groups), **added}


def refused(answer: Response) -> None:
    """403, with the way out."""
    assert (answer.status, answer.slug) == (403, "not-allowed")
    assert "two-step" in answer.json["detail"]


ENGLISH = {"Accept-Language": "en"}


@pytest.mark.parametrize("path", ["/me", "/collaborations", "/summary", "/invitations/inv-none"])
def test_an_employee_without_one_is_refused_until_there_is_one(app: App, office: Office, path: str) -> None:
    """Whatever is asked for, before it is looked for; once an app is paired the next token says nothing any more."""
    refused(app.call("GET", path, claims=token(app, ANNA), headers=ENGLISH))
    app.cognito.users[NAME] = PoolUser("CONFIRMED", app.clock.now, (APP,))
    assert app.call("GET", path, claims=token(app, ANNA)).status in {200, 404}
    assert "second_factor" not in token(app, ANNA)


def test_nothing_is_done_for_an_employee_without_one(app: App, office: Office) -> None:
    """The refusal comes before a faulty field, and before the key is used."""
    claims, key = token(app, ANNA), {"Idempotency-Key": "second-factor", **ENGLISH}
    before = dict(app.client.items)
    for body in (office.confirmed(office.proposal(BJORK, "scanner")), {"customerId": 7}):
        refused(app.call("POST", "/invitations", body, claims=claims, headers=key))
    assert app.client.items == before


def test_the_platform_without_one_is_refused(app: App, office: Office) -> None:
    """By its group, which counts for the API."""
    claims = token(app, {"email": "platform@spiris.example"}, "platform")
    for path in ("/me", f"/platform/offices/{office.id}"):
        refused(app.call("GET", path, claims=claims, headers=ENGLISH))
    app.cognito.users[NAME] = PoolUser("CONFIRMED", app.clock.now, (APP,))
    claims = token(app, {"email": "platform@spiris.example"}, "platform")
    assert app.call("GET", f"/platform/offices/{office.id}", claims=claims).status == 200


def test_an_account_user_needs_none(app: App, office: Office) -> None:
    """The pool is not asked about them: they sign in whether or not it answers."""
    app.cognito.fault = ValueError("broken")
    claims = token(app, {"email": BJORK.contact.email, "email_verified": "true"})
    assert app.call("GET", "/my/solutions", claims=claims).status == 200
    assert app.call("GET", "/me", claims=claims).json["class"] == "account-user"


def test_nobody_needs_one_where_it_is_optional(app: App, office: Office) -> None:
    """As on a laptop; the pool is not asked either."""
    app.demands_second_factor = False
    app.cognito.fault = ValueError("broken")
    assert app.call("GET", "/me", claims=token(app, ANNA)).status == 200


@pytest.mark.parametrize(
    "fault",
    [ValueError(f"broken {NAME}"), ClientError({"Error": {"Code": "TooManyRequestsException"}}, "AdminGetUser")],
)
def test_nobody_signs_in_while_it_cannot_be_known(app: App, office: Office, fault: Exception) -> None:
    """A token without the claim would open everything. What the pool shows names nobody."""
    app.cognito.fault = fault
    with pytest.raises(Exception, match=r"^Try again in a moment\.$") as failed:
        token(app, ANNA)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    [line] = app.log.said("sign in failed")
    assert line.facts["kind"] == type(fault).__name__
    assert NAME not in str(line.facts)


def test_the_refusal_is_a_problem_document_in_the_callers_language(app: App, office: Office) -> None:
    """Swedish too; nothing of the token in it."""
    answer = app.call("GET", "/me", claims=token(app, ANNA), headers={"Accept-Language": "sv"})
    assert "tvåstegsinloggning" in answer.json["detail"]
    assert ANNA["email"] not in json.dumps(answer.json)
