"""A table that version 0.1.0 wrote: every item is read, and what it holds goes on living."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.commands.erasure_planning import plan_erasures
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.subscriptions import Subscription
from collaboration.storage import account_items, actions, grant_items, items, migration
from support.people import ALMBERG, BJORK, Office

if TYPE_CHECKING:
    from support.app import App

ITEMS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("items-0.1.0.json").read_text(encoding="utf-8"))
BIRGITTA = "birgitta@bjork-brown.example"
PENDING, ACCEPTED = "inv-id00007abcdef", "col-id00001abcdef"


@pytest.fixture
def office(app: App) -> Office:
    """The office of that table."""
    for item in ITEMS:
        # As that version wrote it: without a form.
        app.services.table.write([{"Put": {"Item": item}}])
    app.new_messages()
    return Office(app)


@pytest.mark.parametrize(
    ("prefix", "read"),
    [
        ("INVITATION", items.invitation),
        ("COLLABORATION", items.collaboration),
        ("OUTBOX#", lambda item: items.parsed(Mail, item)),
        ("GRANT#", grant_items.access),
        ("HISTORY#", items.entry),
        ("ACCOUNT#", lambda item: account_items.accounts([item])),
        ("GUARD#", items.guard),
        ("TASK#", lambda item: items.tasks([item])),
        ("EMPLOYEE#", lambda item: items.employees([item])),
    ],
)
def test_every_item_is_read(prefix: str, read: Any) -> None:
    """And holds something."""
    found = [item for item in ITEMS if item["sk"]["S"].startswith(prefix) and ("data" in item or "owner" in item)]
    assert found
    assert all(read(item) for item in found if "#SUBSCRIPTION#" not in item["sk"]["S"])


def test_a_subscription_keeps_those_who_use_it() -> None:
    """The field has another name today."""
    found = [items.parsed(Subscription, item) for item in ITEMS if "#SUBSCRIPTION#" in item["sk"]["S"]]
    assert sum(len(subscription.subscribers) for subscription in found) == 3


@pytest.mark.parametrize("account_id", ["account-bjork", "account-dahl"])
def test_the_first_put_of_an_account_drops_nothing_that_is_in_use(app: App, office: Office, account_id: str) -> None:
    """`rests-on-its-accounts-solution`: also of what that version did not note: an unlinked import counts as one."""
    path = f"/platform/accounts/{account_id}"
    record = office.platform.get(path).json
    del record["id"]
    left = office.platform.put(path, {**record, "subscriptions": []}).json["subscriptions"]
    assert left == record["subscriptions"] != []
    app.drain_events()
    app.audit_access()
    assert office.platform.get(path).json["subscriptions"] == left


def test_an_arranged_end_is_one_of_several_today() -> None:
    """Which side arranged it is known as before."""
    [item] = [
        item for item in ITEMS if item["pk"]["S"].endswith("id00001abcdef") and item["sk"]["S"] == "COLLABORATION"
    ]
    value = json.loads(item["data"]["S"])
    value["scheduled"] = {"on": "2026-12-24", "outcome": "continue", "by": {"side": "office", "employeeId": "anna"}}
    [end] = items.collaboration({**item, "data": {"S": json.dumps(value)}}).arranged_ends
    assert (end.on.isoformat(), end.by.side) == ("2026-12-24", "office")


def test_lists_show_what_was_known(office: Office) -> None:
    """With recipients, mails, and what became of them."""
    rows = {row["id"]: row for row in office.anna.get("/invitations").json["items"]}
    assert {row["email"]: row["delivery"] for row in rows[PENDING]["recipients"]} == {
        BIRGITTA: "sent",
        "benjamin@bjork-brown.example": "sent",
    }
    found = {row["id"]: row for row in office.anna.get("/collaborations").json["items"]}
    assert len(found) == 4
    assert {mail["delivery"] for mail in found[ACCEPTED]["mails"]} == {"sent"}
    assert found[ACCEPTED]["customerName"] == "Björk & Brown Flowers AB"


def test_a_change_writes_todays_form_and_loses_nothing(app: App, office: Office) -> None:
    """A reminder: recipients and what became of their mails are there before and after."""
    assert office.anna.post(f"/invitations/{PENDING}/remind").status == 202
    item = app.client.items[f"AGREEMENT#{PENDING.removeprefix('inv-')}", "INVITATION"]
    assert set(json.loads(item["data"]["S"])["recipients"]) == {"r1", "r2"}
    app.drain_events()
    assert len(app.mailbox) == 2
    shown = office.anna.get(f"/invitations/{PENDING}").json["recipients"]
    assert [row["delivery"] for row in shown] == ["sent", "sent"]
    assert office.mail_event("Bounce", messageId="message-1")
    for path in (f"/invitations/{PENDING}", "/invitations"):
        answer = office.anna.get(path).json
        [row] = [row for row in answer.get("items", [answer]) if row["id"] == PENDING]
        assert [person["delivery"] for person in row["recipients"]] == ["bounced", "sent"]
    link = office.link_of(BIRGITTA)
    body = {"decision": "accept", "organisationNumberEnding": "4172"}
    assert office.nobody.get(link).status == 200
    assert office.nobody.post(link, body).status == 200


def test_a_collaboration_is_ended(app: App, office: Office) -> None:
    """By the office; the administrators are told, beside what they were told before."""
    path = f"/collaborations/{ACCEPTED}"
    etag = {"If-Match": office.anna.get(path).headers["ETag"]}
    ended = office.anna.post(f"{path}/end", {"outcome": "continue"}, headers=etag)
    assert ended.status == 200, ended.text
    app.drain_events()
    kinds = [mail["kind"] for mail in office.anna.get(path).json["mails"]]
    assert sorted(kinds) == ["ended", "ended", "information", "information"]
    assert len(app.mailbox) == 2


def test_what_died_is_erased_from_everywhere(app: App, office: Office) -> None:
    """Also from the map in which recipients were kept beside the rest."""
    app.clock.pass_(days=45)
    assert app.clean_up()["erased"] == 2
    partition = [item for (pk, _), item in app.client.items.items() if pk == f"AGREEMENT#{PENDING[4:]}"]
    assert "@bjork-brown" not in json.dumps(partition)
    assert office.anna.get(f"/invitations/{PENDING}").json["recipients"] == []


def test_an_invitation_that_had_died_before_is_planned_to_be_erased(app: App, office: Office) -> None:
    """Nothing made it due; once it is planned, the next run finds it. What is alive, accepted or planned is left."""
    place = f"AGREEMENT#{PENDING[4:]}", "INVITATION"
    assert office.anna.post(f"/invitations/{PENDING}/revoke").status == 200
    item = app.client.items[place]
    value = json.loads(item["data"]["S"])
    del value["revokedAt"], item["duePk"], item["dueSk"]
    app.services.table.write([actions.put({**item, "data": {"S": json.dumps(value)}})])
    app.clock.pass_(days=43)
    assert "erased" not in app.clean_up()
    app.clock.pass_(days=2)
    assert app.clean_up()["erased"] == 1
    assert [plan_erasures(app.services) for _ in range(2)] == [1, 0]
    assert app.clean_up() == {"erased": 1}
    assert plan_erasures(app.services) == 0
    assert office.anna.get(f"/invitations/{PENDING}").json["recipients"] == []


def test_items_of_that_version_are_of_the_first_form() -> None:
    """They say nothing of a form; today's do."""
    assert not any("form" in item for item in ITEMS)
    assert {migration.form_of(item) for item in ITEMS} == {1}


def test_a_change_raises_the_form_of_what_it_writes_and_of_nothing_else(app: App, office: Office) -> None:
    """Lazily: an item that nobody changes stays as it was written, and is read all the same."""
    before = {key: migration.form_of(item) for key, item in app.client.items.items()}
    assert set(before.values()) == {1}
    agreement = f"AGREEMENT#{PENDING.removeprefix('inv-')}"
    assert office.anna.post(f"/invitations/{PENDING}/remind").status == 202
    assert migration.form_of(app.client.items[agreement, "INVITATION"]) == migration.FORM
    raised = {key for key, item in app.client.items.items() if migration.form_of(item) == migration.FORM}
    assert all(pk == agreement or pk.startswith("IDEMPOTENCY#") for pk, _ in raised), raised
    assert office.anna.get("/collaborations").status == 200


def test_every_value_is_written_with_its_form(app: App, office: Office) -> None:
    """Whatever a working day writes: new items, and changes of old ones."""
    office.put(f"/platform/offices/{office.id}/customers/{ALMBERG.id}/tasks/new", {**ALMBERG.task(), "name": "Bokslut"})
    assert office.anna.post(f"/invitations/{PENDING}/remind").status == 202
    app.drain_events()
    assert office.anna.post(f"/invitations/{PENDING}/revoke").status == 200
    app.drain_events()
    stored = [item for key, item in app.client.items.items() if "data" in item and item not in ITEMS]
    assert stored
    assert all(migration.form_of(item) == migration.FORM for item in stored)


def test_todays_form_is_not_searched_for_former_names() -> None:
    """A text that somebody typed may hold them; of today's form it is never taken apart."""
    item: Any = {"data": {"S": '{"message":"x","letter":"typed"}'}, "form": {"N": "2"}}
    assert migration.data_of(item) == item["data"]["S"]
    assert "content" in migration.data_of({"data": item["data"]})


# Fields that hold other values by a key of theirs.
MAPS = {"recipients", "erasedLinks", "mails", "payingOffices", "nextPayingOffices", "facts"}


def with_more(value: Any, name: str = "") -> Any:
    """A value as a newer version might write it: every object in it has a field more."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    more = {} if name in MAPS else {"ofANewerVersion": {"and": ["more"]}}
    return {**{key: with_more(field, key) for key, field in value.items()}, **more}


def test_what_a_newer_version_wrote_is_read(app: App) -> None:
    """`older-reads-newer`: after going back, all goes on with what the newer version has stored."""
    office = Office(app)
    office.feed()
    collaboration = office.collaborating(BJORK, "scanner")
    app.drain_events()
    app.refusing_mail = True
    invitation = office.invited(BJORK, "smart-office", invoiceRecipient="office")
    stored = [item for item in app.client.items.values() if "data" in item and not item["pk"]["S"].startswith("KEY#")]
    for item in stored:
        named = {"data", "listRow"} & item.keys()
        more = {name: {"S": json.dumps(with_more(json.loads(item[name]["S"])))} for name in named}
        app.services.table.write([{"Put": {"Item": {**item, **more}}}])
    app.refusing_mail = False
    app.clock.pass_(hours=1)
    app.send_due_mail()
    app.drain_events()
    assert office.anna.get("/invitations").json["items"][0]["recipients"][0]["delivery"] == "sent"
    assert office.decide(BIRGITTA).json["collaborationId"] == invitation["id"].replace("inv-", "col-")
    app.drain_events()
    assert {row["id"] for row in office.user(BIRGITTA).get("/my/collaborations").json["items"]} == {
        collaboration["id"],
        invitation["id"].replace("inv-", "col-"),
    }
    for path in (f"/collaborations/{collaboration['id']}/access", f"/collaborations/{collaboration['id']}/history"):
        assert len(office.anna.get(path).json["items"]) > 2
