"""What an operator does with the deployed stack: rotate the keys of the links, plan erasures."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from stack import follow, planning, restoring, rotation, target, versions
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
    before = aliases(running)
    rotation.rotate(running, leaked=True)
    assert aliases(running) == before, "CodeDeploy refuses an alias that CloudFormation has not moved"
    # What a minute does by itself, at once.
    for name in before:
        variables = versions.environment(running.functions, name)
        if rotation.SECRET in variables:
            versions.set_environment(running.functions, name, {**variables, "STARTED_ANEW": "1"})
    assert client.anyone.get(link).status == 404
    assert office.decides.post(f"/invitations/{invitation['id']}/resend").status == 202
    until(lambda: company.link() != link, "a mail with another link")
    assert client.anyone.get(company.link()).json["status"] == "pending"


def aliases(running: target.Target) -> dict[str, str]:
    """A function's name -> the version that is called."""
    names = [it["PhysicalResourceId"] for it in running.resources() if it["ResourceType"] == "AWS::Lambda::Function"]
    return {
        name: running.functions.get_alias(FunctionName=name, Name=versions.ALIAS)["FunctionVersion"] for name in names
    }


def test_the_log_is_followed_by_the_id_of_an_answer(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """From the answer through the stream and the bus to the mail: all lines of one request, and no other's."""
    office = Office(client)
    company = office.customer()
    other = office.customer()
    invited = office.invite(company)
    office.invite(other)
    company.link()
    request_id = invited.headers["X-Request-Id"]

    def lines() -> list[str]:
        capsys.readouterr()
        follow.follow(client.aws, request_id, once=True)
        return capsys.readouterr().out.splitlines()

    until(lambda: any("mail sent" in line for line in lines()), "the line of the mail that was sent")
    found = lines()
    assert all(line.endswith(request_id) for line in found)
    for said in ("answered", "published event=InvitationSent", "published event=MailQueued"):
        assert any(said in line for line in found), (said, found)
    agreement = invited.json["id"].removeprefix("inv-")
    assert all(f"agreement={agreement}" in line for line in found if "mail sent" in line)


def test_erasures_are_planned_once(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing on this stack has died under version 0.1.0."""
    planning.plan(target.running(client.stack))
    assert "Planned 0" in capsys.readouterr().out


def test_a_stopped_stack_takes_an_earlier_state_and_starts_again(client: Client) -> None:
    """What came after the back-up is gone, and new work is done as ever, mails too.

    The emulator answers although no call is allowed: what is refused meanwhile is Lambda's own doing.
    """
    office = Office(client)
    invitation = office.invite(office.customer()).json
    running = target.running(client.stack)
    table = running.resource("Table")
    described = running.tables.describe_table(TableName=table)["Table"]
    saved = f"{table}-restored"
    running.tables.create_table(
        TableName=saved,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[
            row for row in described["AttributeDefinitions"] if row["AttributeName"] in restoring.KEYS
        ],
    )
    restoring.copy(running.tables, table, saved)
    later = office.invite(office.customer()).json

    restoring.stop(running)
    try:
        mappings = running.functions.list_event_source_mappings()["EventSourceMappings"]
        assert {row["State"] for row in mappings} <= {"Disabled", "Disabling"}
        restoring.restore(running, saved)
    finally:
        restoring.start(running)
        running.tables.delete_table(TableName=saved)
    assert office.decides.get(f"/invitations/{invitation['id']}").status == HTTPStatus.OK
    assert office.decides.get(f"/invitations/{later['id']}").status == HTTPStatus.NOT_FOUND
    company = office.customer()
    office.invite(company)
    assert client.anyone.get(company.link()).json["status"] == "pending"
