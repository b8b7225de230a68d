"""Events as others get them: a schema each, kept by the producer, told with the same id again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from collaboration import publishing
from collaboration.domain.history import EVENTS

from integration.house import EVENTS as FOLDER
from integration.office import BJORK, CEDER, DAHL, Office

if TYPE_CHECKING:
    from integration.house import House

SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (FOLDER / "schemas").glob("*.json")}
INTERNAL = {publishing.MAIL_QUEUED, publishing.ACCESS_DUE, publishing.DIRECTORY_CHANGED, publishing.PROOF_DUE}
DELIVERED = {"eventType": "Delivery", "mail": {"messageId": "message-1"}}
BOUNCED = {"eventType": "Bounce", "mail": {"messageId": "message-2"}}


@pytest.fixture
def house(big_house: House) -> House:
    """The table in memory."""
    return big_house


def test_every_event_has_a_schema_with_a_valid_example() -> None:
    """One file per event, no more, and its example keeps it."""
    assert set(SCHEMAS) == {what.event for what in EVENTS}
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        for example in schema["examples"]:
            jsonschema.validate(example, schema)


def a_whole_life(house: House, office: Office) -> list[publishing.Message]:
    """Everything that can happen, and what the bus is told of it."""
    told: list[publishing.Message] = []

    def settle() -> None:
        house.settle()

    original = house.deliver

    def listen(message: publishing.Message) -> None:
        told.append(message)
        original(message)

    house.deliver = listen  # type: ignore[method-assign]
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    for fate in (DELIVERED, BOUNCED):
        assert office.platform.post("/platform/mail-events", {"detail": fate}).json == {"kept": True}
    etag = {"If-Match": f'"{collaboration["revision"]}"'}
    path = f"/collaborations/{collaboration['id']}"
    edited = office.anna.call("PATCH", path, {"invoiceRecipient": "customer"}, headers=etag)
    etag = {"If-Match": edited.headers["ETag"]}
    assert office.anna.post(f"{path}/end", {"outcome": "close"}, headers=etag).status == 200
    office.invited(DAHL)
    office.decide(DAHL.contact.email, "decline", customer=DAHL)
    revoked = office.invited(BJORK)["id"]
    office.anna.post(f"/invitations/{revoked}/revoke")
    office.invited(BJORK)
    house.clock.pass_(days=15)
    house.clean_up()
    assert office.activate(CEDER).status == 201
    imported = office.imported()
    link = f"/collaborations/{imported['id']}/link"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = office.anna.put(link, body, headers={"If-Match": '"1"'})
    office.anna.call("DELETE", link, headers={"If-Match": linked.headers["ETag"]})
    settle()
    return told


def test_what_is_told_keeps_the_schemas(house: House, office: Office) -> None:
    """Every event of a whole life is valid; none holds an address, a name or an organisation number."""
    told = a_whole_life(house, office)
    events = [message for message in told if message.name not in INTERNAL]
    assert {message.name for message in events} == set(SCHEMAS)
    for message in events:
        jsonschema.validate(json.loads(json.dumps(message.detail)), SCHEMAS[message.name])
    everything = json.dumps([message.detail for message in told], ensure_ascii=False)
    for secret in ("@", "Birgitta", "Bo Lind", BJORK.organisation_number, CEDER.organisation_number):
        assert secret not in everything


def test_ids_are_stable_and_unlike(house: House, office: Office) -> None:
    """The same record told again has the same id; two events never share one."""
    a_whole_life(house, office)

    def ids() -> list[Any]:
        messages = (message for record in house._stream.all() for message in publishing.messages(record))
        return [message.detail["id"] for message in messages if message.name not in INTERNAL]

    assert ids() == ids()
    assert len(set(ids())) == len(ids())
