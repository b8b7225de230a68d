"""Records what each operation asks of the table, so that the same calls can be made again by anybody."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from support.app import App
from support.engines import Engine, memory_engine
from support.people import BJORK, CEDER, DAHL, Office, fresh_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The calls that the application makes, and the name each has in a request.
TARGETS = {
    "batch_get_item": "DynamoDB_20120810.BatchGetItem",
    "query": "DynamoDB_20120810.Query",
    "transact_write_items": "DynamoDB_20120810.TransactWriteItems",
    "update_item": "DynamoDB_20120810.UpdateItem",
    "get_secret_value": "secretsmanager.GetSecretValue",
}
KEY_OF_LINKS = "a key of the tests"
SECRET = "links"


@dataclass(frozen=True)
class Exchange:
    """One call of AWS: the client's method, its arguments, and the response."""

    method: str
    arguments: dict[str, Any]
    response: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """One operation: the function that answers it, the gateway's event, and what it asked of AWS."""

    name: str
    function: str
    event: dict[str, Any]
    exchanges: tuple[Exchange, ...]


class Recorder:
    """Stands before a client and keeps each call with its response."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.exchanges: list[Exchange] = []

    def __getattr__(self, name: str) -> Any:
        """A method of the client, recorded where the application uses it."""
        method = getattr(self._client, name)
        if name not in TARGETS:
            return method

        def call(**arguments: Any) -> Any:
            response = method(**arguments)
            self.exchanges.append(Exchange(name, copy.deepcopy(arguments), copy.deepcopy(response)))
            return response

        return call


class _Studio:
    """The demonstration office over a recorded table."""

    def __init__(self) -> None:
        engine = memory_engine()
        self.recorder = Recorder(engine.client)
        self.app = App(Engine(engine.kind, self.recorder, engine.table_name, engine.stream))
        # The measured function reads the real clock: what is recorded has to be live by it.
        self.app.clock.now = datetime.now(UTC).replace(microsecond=0)
        self._invoke = self.app.invoke
        self.office = Office(self.app)
        self.office.feed()

    def record(self, name: str, ask: Callable[[], Any]) -> Recorded:
        """What `ask`, which makes one request, asks of the table."""
        asked: list[tuple[str, dict[str, Any]]] = []

        def invoke(folder: str, event: dict[str, Any]) -> Any:
            asked.append((folder, copy.deepcopy(event)))
            return self._invoke(folder, event)

        self.app.invoke = invoke  # type: ignore[method-assign]
        self.recorder.exchanges.clear()
        answer = ask()
        self.app.invoke = self._invoke  # type: ignore[method-assign]
        assert answer.status < 300, answer.text
        ((function, event),) = asked
        exchanges = list(self.recorder.exchanges)
        if function == "accept":
            secret = {"SecretString": json.dumps({"current": KEY_OF_LINKS, "previous": ""})}
            exchanges.insert(0, Exchange("get_secret_value", {"SecretId": SECRET}, secret))
        return Recorded(name, function, event, tuple(exchanges))


def recorded_operations() -> Iterator[Recorded]:
    """One request of each kind that people wait for, each in the demonstration office."""
    studio = _Studio()
    office, anna = studio.office, studio.office.anna
    proposal = office.proposal(BJORK, "scanner")
    yield studio.record("preview", lambda: anna.post("/collaborations/preview", proposal))
    sent = {**office.confirmed(proposal)}
    keyed = {"Idempotency-Key": fresh_key()}
    yield studio.record("invite", lambda: anna.post("/invitations", sent, headers=keyed))
    studio.app.drain_events()
    yield studio.record("list requests", lambda: anna.get("/invitations"))
    link = office.link_of(BJORK.contact.email)
    page = {"Accept": "text/html"}
    yield studio.record("accept page", lambda: office.nobody.get(link, headers=page))
    decision = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    yield studio.record("accept", lambda: office.nobody.post(link, decision))
    studio.app.drain_events()
    confirmed = office.confirmed(office.proposal(CEDER, "scanner"))
    key = {"Idempotency-Key": fresh_key()}
    yield studio.record("activate", lambda: anna.post("/activations", confirmed, headers=key))
    studio.app.drain_events()
    imported = office.imported()
    task = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    seen = {"If-Match": anna.get(f"/collaborations/{imported['id']}").headers["ETag"]}
    yield studio.record("link", lambda: anna.put(f"/collaborations/{imported['id']}/link", task, headers=seen))
    studio.app.drain_events()
    listed = anna.get("/collaborations").json["items"]
    yield studio.record("one collaboration", lambda: anna.get(f"/collaborations/{listed[0]['id']}"))
    yield studio.record("list collaborations", lambda: anna.get("/collaborations"))
    user = office.user(BJORK.contact.email)
    yield studio.record("my collaborations", lambda: user.get("/my/collaborations"))
    customer = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    yield studio.record("feed a customer", lambda: office.platform.put(customer, {**BJORK.body(), "name": "Björk AB"}))
