"""Who may make themselves a login: administrators of known companies, and nobody else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from support.people import ALMBERG, Office
from support.samples import sample
from support.template import template

if TYPE_CHECKING:
    from support.app import App

BIRGITTA = "birgitta@bjork-brown.example"


def sign_up(app: App, address: object, **change: Any) -> Any:
    """What the pool is told about somebody who signs up with an address."""
    event = copy.deepcopy(sample("sign_up")) | change
    event["request"]["userAttributes"] = {"email": address}
    return app.functions["sign_up"].handler(event, None)


def test_an_administrator_signs_up(app: App, office: Office) -> None:
    """In any spelling of the address; the event goes back as it came."""
    assert sign_up(app, BIRGITTA)["request"]["userAttributes"] == {"email": BIRGITTA}
    assert sign_up(app, BIRGITTA.upper())["response"] == sample("sign_up")["response"]


@pytest.mark.parametrize("address", ["stranger@example.com", "anna.ek@ek-lind.example", "no address", "", None])
def test_nobody_else_does(app: App, office: Office, address: object) -> None:
    """Neither strangers nor employees, who are made by the pool's administrator; the words name nobody."""
    with pytest.raises(Exception, match=r"^The address is not known as an administrator's\.$") as refused:
        sign_up(app, address)
    assert type(refused.value).__name__ == "SignUpRefusedError"
    assert refused.value.__cause__ is None


def test_an_event_without_an_address_is_refused(app: App) -> None:
    """Whatever the pool sends."""
    for event in ({}, {"request": None}, {"request": {"userAttributes": None}}):
        with pytest.raises(Exception, match="not known"):
            app.functions["sign_up"].handler(event, None)


def test_who_is_no_longer_an_administrator_does_not(app: App, office: Office) -> None:
    """The register is asked as it is now; an index entry that names too much opens nothing."""
    account = office.platform.get("/platform/accounts/account-bjork").json
    users = [user for user in account.pop("users") if user["email"] != BIRGITTA]
    main = account.pop("mainContact")
    del account["id"]
    account["mainContact"] = None if main == BIRGITTA else main
    office.put("/platform/accounts/account-bjork", {**account, "users": users})
    with pytest.raises(Exception, match="not known"):
        sign_up(app, BIRGITTA)


def test_a_new_companys_contact_signs_up(app: App, office: Office) -> None:
    """Activating made them the administrator."""
    with pytest.raises(Exception, match="not known"):
        sign_up(app, "new@new.example")
    assert sign_up(app, ALMBERG.contact.email)


def test_the_pools_administrator_makes_whom_they_like(app: App) -> None:
    """Employees and the platform; the table is not asked."""
    app.services._open_table = None  # type: ignore[assignment]
    event = sample("sign_up-by-administrator")
    assert app.functions["sign_up"].handler(event, None) == event


def test_what_cannot_be_known_is_refused_without_a_word_of_it(app: App, office: Office) -> None:
    """A fault's text may hold what is stored, and the pool shows the text to whoever asked."""
    app.client.faults.fail("query", ValueError(f"broken {BIRGITTA}"), times=10)
    with pytest.raises(Exception, match=r"^Try again in a moment\.$") as refused:
        sign_up(app, BIRGITTA)
    assert refused.value.__cause__ is None


def test_it_reads_nothing_but_who_administers_what() -> None:
    """Its policy ends where these partitions end, since strangers set it off."""
    [policy] = template()["Resources"]["SignUpFunction"]["Properties"]["Policies"]
    [statement] = policy["Statement"]
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["PERSON#*", "ORGANISATION#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
