"""What an operator does with the deployed stack: rotate the keys of the links, plan erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from stack import planning, rotation, target
from stack.client import until

from e2e.offices import Office

if TYPE_CHECKING:
    from stack.client import Client


def test_links_live_through_a_rotation_and_die_when_keys_have_leaked(client: Client) -> None:
    """The first is not noticed by anybody, twice in a row is refused; the second kills, and a resend mends."""
    office = Office(client)
    company = office.customer()
    invitation = office.invite(company).json
    link = company.link()
    running = target.running(client.stack)
    rotation.rotate(running, leaked=False)
    assert client.anyone.get(link).json["status"] == "pending"
    with pytest.raises(rotation.RotationError, match="LEAKED=1"):
        rotation.rotate(running, leaked=False)
    rotation.rotate(running, leaked=True)
    assert client.anyone.get(link).status == 404
    assert office.decides.post(f"/invitations/{invitation['id']}/resend").status == 202
    until(lambda: company.link() != link, "a mail with another link")
    assert client.anyone.get(company.link()).json["status"] == "pending"


def test_erasures_are_planned_once(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing on this stack has died under version 0.1.0."""
    planning.plan(target.running(client.stack))
    assert "Planned 0" in capsys.readouterr().out
