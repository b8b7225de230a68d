"""Events as others get them: a schema each, kept by the producer, told with the same id again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
from collaboration import publishing
from collaboration.domain.model.history import EVENTS
from support.described import INTERNAL, event_schemas
from support.people import BJORK, CEDER, DAHL, Office

if TYPE_CHECKING:
    from support.app import App

SCHEMAS = event_schemas()
DELIVERED = {"eventType": "Delivery", "mail": {"messageId": "message-1"}}
BOUNCED = {"eventType": "Bounce", "mail": {"messageId": "message-2"}}


def test_every_event_has_a_schema_with_a_valid_example() -> None:
    """One file per event, no more, and its example keeps it."""
    assert set(SCHEMAS) == {what.event for what in EVENTS}
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
        for example in schema["examples"]:
            jsonschema.validate(example, schema)


def a_whole_life(app: App, office: Office) -> list[publishing.Message]:
    """Everything that can happen, and what the bus is told of it."""
    pending_messages: list[publishing.Message] = []

    def drain_events() -> None:
        app.drain_events()

    original = app.deliver

    def listen(message: publishing.Message) -> None:
        pending_messages.append(message)
        original(message)

    app.deliver = listen  # type: ignore[method-assign]
    collaboration = office.collaborating(BJORK, "smart-office", invoiceRecipient="office")
    for delivery in (DELIVERED, BOUNCED):
        assert office.platform.post("/platform/mail-events", {"detail": delivery}).json == {"kept": True}
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
    app.clock.pass_(days=15)
    app.clean_up()
    assert office.activate(CEDER).status == 201
    imported = office.imported()
    link = f"/collaborations/{imported['id']}/link"
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = office.anna.put(link, body, headers={"If-Match": '"1"'})
    office.anna.call("DELETE", link, headers={"If-Match": linked.headers["ETag"]})
    drain_events()
    return pending_messages


def test_what_is_told_keeps_the_schemas(app: App, office: Office) -> None:
    """Every event of a whole life is valid; none holds an address, a name or an organisation number."""
    pending_messages = a_whole_life(app, office)
    events = [message for message in pending_messages if message.name not in INTERNAL]
    assert {message.name for message in events} == set(SCHEMAS)
    for message in events:
        assert message.correlated_detail["correlationId"]
        jsonschema.validate(json.loads(json.dumps(message.correlated_detail)), SCHEMAS[message.name])
    everything = json.dumps([message.correlated_detail for message in pending_messages], ensure_ascii=False)
    for secret in ("@", "Birgitta", "Bo Lind", BJORK.organisation_number, CEDER.organisation_number):
        assert secret not in everything


def test_ids_are_stable_and_unlike(app: App, office: Office) -> None:
    """The same record told again has the same id; two events never share one."""
    a_whole_life(app, office)

    def ids() -> list[Any]:
        messages = (message for record in app._stream.all() for message in publishing.messages(record))
        return [message.detail["id"] for message in messages if message.name not in INTERNAL]

    assert ids() == ids()
    assert len(set(ids())) == len(ids())
