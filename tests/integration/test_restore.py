"""A back-up is worth what its restoring gives: the same answers, the same due work, nothing dead come back to life."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from stack import restoring
from stack.target import Target
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


class Functions:
    """Lambda: how many calls each function may serve at once, where that is limited, and whether the stream is read."""

    def __init__(self, *names: str) -> None:
        self.limits: dict[str, int] = {}
        self.reads = True
        self.names = names

    def put_function_concurrency(self, *, FunctionName: str, ReservedConcurrentExecutions: int) -> None:  # noqa: N803
        """Limit it."""
        self.limits[FunctionName] = ReservedConcurrentExecutions

    def get_function_concurrency(self, *, FunctionName: str) -> dict[str, int]:  # noqa: N803
        """As Lambda: without the limit where there is none."""
        found = self.limits.get(FunctionName)
        return {} if found is None else {"ReservedConcurrentExecutions": found}

    def delete_function_concurrency(self, *, FunctionName: str) -> None:  # noqa: N803
        """Let it have what the account has."""
        self.limits.pop(FunctionName, None)

    def update_event_source_mapping(self, *, UUID: str, Enabled: bool) -> None:  # noqa: N803
        """Read the stream, or not."""
        assert UUID == "mapping-1"
        self.reads = Enabled


class Stack:
    """CloudFormation with the stack that the functions and the table are of."""

    def __init__(self, functions: Functions, table: str) -> None:
        self.functions, self.table = functions, table

    def get_paginator(self, _: str) -> Stack:
        """Its one page."""
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        """What the stack consists of."""
        named = [(name, "AWS::Lambda::Function", f"stack-{name}") for name in self.functions.names]
        rows = [*named, ("Stream", "AWS::Lambda::EventSourceMapping", "mapping-1"), ("Table", "Table", self.table)]
        names = ("LogicalResourceId", "ResourceType", "PhysicalResourceId")
        return [{"StackResourceSummaries": [dict(zip(names, row, strict=True)) for row in rows]}]

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        """Its parameters: links have calls of their own."""
        return {"Stacks": [{"Parameters": [{"ParameterKey": "AcceptConcurrency", "ParameterValue": "50"}]}]}


def operated(engine: Engine) -> tuple[Target, Functions]:
    """A stack with an engine's table, as an operator's command reaches it."""
    functions = Functions("AcceptFunction", "MailFunction")
    functions.limits["stack-AcceptFunction"] = 50
    made: Any = (Stack(functions, engine.table_name), functions)
    cloudformation, reached = made
    return Target("collaboration", cloudformation, reached, cloudformation, engine.client), functions


def items(engine: Engine, table: str) -> dict[tuple[str, str], Any]:
    """Everything in a table, by its key."""
    pages = engine.client.get_paginator("scan").paginate(TableName=table)
    return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}


def test_the_present_table_becomes_what_the_restored_one_is(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing comes back, what changed is as it was, what came later goes; repeating it changes nothing."""
    monkeypatch.setattr(restoring, "READS", 10)
    app = App(engine)
    office = Office(app)
    office.feed()
    collaboration = office.collaborating(ALMBERG, "employee-payslip")["id"]
    invitation = office.invited(BJORK, "scanner")["id"]
    before = answers(office, invitation, collaboration)
    restored(engine, "restored")
    kept = items(engine, "restored")
    assert len(kept) > 2 * restoring.WRITES

    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    assert office.anna.post(f"/invitations/{invitation}/revoke").status == 200
    lost = next(key for key in kept if key[1].startswith("GRANT#"))
    engine.client.delete_item(TableName=engine.table_name, Key={"pk": {"S": lost[0]}, "sk": {"S": lost[1]}})
    assert items(engine, engine.table_name) != kept
    app.drain_events()

    target, _ = operated(engine)
    restoring.stop(target)
    for _ in range(2):
        restoring.restore(target, "restored")
        assert items(engine, engine.table_name) == kept
    assert answers(office, invitation, collaboration) == before


def test_what_a_restore_says_again(engine: Engine) -> None:
    """As RUNBOOK.md warns: events of history that was missing, under their ids, and mails that waited then."""
    app = App(engine)
    office = Office(app)
    office.feed()
    app.refusing_mail = True
    office.invited(BJORK, "scanner")
    restored(engine, "restored")
    app.refusing_mail = False
    app.clock.pass_(hours=1)
    app.send_due_mail()
    assert len(app.mails(BIRGITTA)) == 1
    app.drain_events()

    [(place, entry)] = [key for key in items(engine, "restored") if key[1].startswith("HISTORY#")]
    engine.client.delete_item(TableName=engine.table_name, Key={"pk": {"S": place}, "sk": {"S": entry}})
    app.new_messages()
    target, _ = operated(engine)
    restoring.stop(target)
    restoring.restore(target, "restored")

    [event] = [message for message in app.new_messages() if message.name == "InvitationSent"]
    assert str(event.detail["id"]).endswith(entry.removeprefix("HISTORY#"))
    app.clock.pass_(hours=1)
    app.send_due_mail()
    assert len(app.mails(BIRGITTA)) == 2


def test_nothing_runs_between_stop_and_start(engine: Engine) -> None:
    """No function can be called and the stream is not read; then each has what it had, the calls kept for links too."""
    target, functions = operated(engine)
    restoring.stop(target)
    assert functions.limits == {"stack-AcceptFunction": 0, "stack-MailFunction": 0}
    assert not functions.reads
    restoring.start(target)
    assert functions.limits == {"stack-AcceptFunction": 50}
    assert functions.reads


def test_a_table_that_is_written_to_is_not_restored(engine: Engine) -> None:
    """One function that may be called is enough; nor is a table made what it is itself."""
    target, functions = operated(engine)
    with pytest.raises(restoring.RestoreError, match="stop"):
        restoring.restore(target, "restored")
    restoring.stop(target)
    functions.delete_function_concurrency(FunctionName="stack-MailFunction")
    with pytest.raises(restoring.RestoreError, match="stack-MailFunction"):
        restoring.restore(target, "restored")
    restoring.stop(target)
    with pytest.raises(restoring.RestoreError, match="own table"):
        restoring.restore(target, engine.table_name)
