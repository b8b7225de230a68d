"""A back-up is worth what its restoring gives: the same answers, the same due work, nothing dead come back to life."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from support.app import App
from support.engines import REGION, Engine, moto_engine
from support.people import ALMBERG, BJORK, Office
from support.streams import TableStream

if TYPE_CHECKING:
    from collections.abc import Iterator

BIRGITTA = BJORK.contact.email


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A table of moto's, which can be restored."""
    with moto_engine() as engine:
        yield engine


def restored(engine: Engine, name: str) -> Engine:
    """The table as it is now, restored under another name, as RUNBOOK.md restores it."""
    engine.client.update_continuous_backups(
        TableName=engine.table_name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    engine.client.restore_table_to_point_in_time(
        SourceTableName=engine.table_name, TargetTableName=name, UseLatestRestorableTime=True
    )
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    engine.client.update_table(TableName=name, StreamSpecification=stream)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    streams: Any = session.client("dynamodbstreams")
    return replace(engine, table_name=name, stream=TableStream(streams, name))


def answers(office: Office, invitation: str, collaboration: str) -> dict[str, Any]:
    """What everybody is answered."""
    paths = {
        "anna": [
            "/me",
            "/customers",
            "/employees",
            "/summary",
            "/invitations",
            f"/invitations/{invitation}",
            f"/invitations/{invitation}/history",
            "/collaborations",
            f"/collaborations/{collaboration}",
            f"/collaborations/{collaboration}/access",
            f"/collaborations/{collaboration}/history",
        ],
        "platform": ["/platform/accounts/account-bjork", "/platform/accounts/account-bjork/access"],
        BIRGITTA: ["/my/requests", "/my/collaborations", "/my/solutions"],
    }
    people = {"anna": office.anna, "platform": office.platform, BIRGITTA: office.user(BIRGITTA)}
    found = {}
    for who, asked in paths.items():
        for path in asked:
            answer = people[who].get(path)
            assert answer.status == 200, (path, answer.text)
            found[path] = answer.json
    return found


def test_a_restored_table_answers_the_same_and_lives_on(engine: Engine) -> None:
    """Every list and every single thing; then the invitation that waited is accepted, and mails and access follow."""
    app = App(engine)
    office = Office(app)
    office.feed()
    collaboration = office.collaborating(ALMBERG, "employee-payslip")["id"]
    invitation = office.invited(BJORK, "scanner")["id"]
    before = answers(office, invitation, collaboration)
    link = office.link_of(BIRGITTA)

    after = App(restored(engine, "restored"))
    after.clock.now = app.clock.now
    again = Office(after)
    assert answers(again, invitation, collaboration) == before

    after.new_messages()
    body = {"decision": "accept", "organisationNumberEnding": "4172"}
    assert again.nobody.post(link, body).status == 200
    after.drain_events()
    assert again.anna.get(f"/invitations/{invitation}").json["status"] == "accepted"
    assert after.mailbox


def test_what_had_become_due_is_done_after_a_restore(engine: Engine) -> None:
    """Erasure included: the clean-up finds its work in the table itself, so what died is erased again."""
    app = App(engine)
    office = Office(app)
    office.feed()
    invitation = office.invited(BJORK, "scanner")["id"]
    after = App(restored(engine, "restored"))
    after.clock.now = app.clock.now
    after.clock.pass_(days=50)
    after.clean_up()
    shown = Office(after).anna.get(f"/invitations/{invitation}").json
    assert shown["status"] == "expired"
    assert shown["recipients"] == []
    assert BIRGITTA not in str(shown)
