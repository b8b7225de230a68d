"""One request for each operation of the OpenAPI document that its rightful caller is answered with success."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.recording import Recorder
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.openapi import document
from support.app import App
from support.engines import Engine, memory_engine
from support.people import ALMBERG, ANNA, BJORK, BO, CEDER, DAHL, PLATFORM, Office, fresh_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collaboration.domain.model.values import Value
    from collaboration.http.contract.operation import Operation
    from stack.demonstration import Customer
    from support.app import Response
    from support.memory import MemoryClient

OTHER_OFFICE = "siffror"
NEIGHBOUR = replace(
    CEDER,
    id="granne",
    name="Granngården AB",
    organisation_number="5560360793",
    task_id="granskning",
    contact=replace(CEDER.contact, name="Greta Gran", email="greta@granngarden.example"),
)
BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
Claims = dict[str, str]
Stored = tuple[dict[tuple[str, str], Any], dict[tuple[str, str], set[tuple[str, str]]]]


@dataclass(frozen=True)
class ValidRequest:
    """A request that succeeds for whoever is signed in with `claims` (None: nobody).

    `decides`: whether it needs full user rights and administrator; of most operations all requests do, or none.
    """

    operation: Operation[Value, Value]
    claims: Claims | None
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    decides: bool = False
    variation: str = ""

    @property
    def name(self) -> str:
        """The operation, and which request of it."""
        return f"{self.operation.name} {self.variation}".strip()

    def with_body(self, body: Any) -> ValidRequest:
        """The same with another body."""
        return replace(self, body=body)

    def event(self, app: App, claims: Claims | None, **parameters: str) -> tuple[str, dict[str, Any]]:
        """The function that it is for, and what the gateway hands over when somebody sends it."""
        path = self.operation.path
        for name, value in {**self.parameters, **parameters}.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        headers = {"Accept": "application/json", "Accept-Language": "en", **self.headers}
        return app.event(
            self.operation.method, path + self.query, copy.deepcopy(self.body), claims=claims, headers=headers
        )

    def call(self, app: App, claims: Claims | None, **parameters: str) -> Response:
        """Send it as somebody, perhaps with other ids in the path."""
        return app.invoke(*self.event(app, claims, **parameters))


class Story:
    """Two offices over a table in memory, with something for every operation to work on.

    `calls` are those of the table since they were last cleared; `rewind` puts everything back.
    """

    def __init__(self, make_app: Callable[[Engine], App] = App, extra: Mapping[str, Any] | None = None) -> None:
        """Tell it. `extra`: more that the platform feeds, bodies by path."""
        engine = memory_engine()
        self.table: MemoryClient = engine.client
        self._recorder = Recorder(engine.client)
        self.app = make_app(Engine(engine.kind, self._recorder, engine.table_name, engine.stream))
        self.office = Office(self.app)
        self.office.feed()
        for path, body in (extra or {}).items():
            self.office.put(path, body)
        self.other = Office(self.app, OTHER_OFFICE)
        self._tell()
        self._kept = self.snapshot(), self.app.clock.now
        self.calls.clear()

    @property
    def calls(self) -> list[Any]:
        """The calls of the table, in order."""
        return self._recorder.exchanges

    def rewind(self) -> None:
        """Everything is as it was told, also the time; no call has been made."""
        self.wait_for_reads()
        stored, now = self._kept
        self.restore(stored)
        self.app.clock.now = now
        self.calls.clear()

    def snapshot(self) -> Stored:
        """What is stored now. Items are replaced by a write, never changed."""
        return dict(self.table.items), {index: set(places) for index, places in self.table._partitions.items()}

    def restore(self, stored: Stored) -> None:
        """Put back what was stored, and plan no faults."""
        items, partitions = stored
        self.table.items = dict(items)
        self.table._partitions.clear()
        self.table._partitions.update({index: set(places) for index, places in partitions.items()})
        self.table._tokens.clear()
        self.table.faults.clear()

    def wait_for_reads(self) -> None:
        """Wait for reads that were begun and that nobody waits for any more: a refusal may come first."""
        table = self.app.services.table
        if table._threads is not None:
            table._threads.shutdown()
            table._threads = None

    @property
    def changed(self) -> list[tuple[str, str]]:
        """The keys of what is stored otherwise than as it was told."""
        (items, _), _ = self._kept
        return [place for place in items | self.table.items if items.get(place) != self.table.items.get(place)]

    def _tell(self) -> None:
        office, app = self.office, self.app
        self._feed_other_office()
        other_task = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/other"
        office.put(other_task, {**BJORK.task(), "name": "Bokslut"})
        self.collaboration = office.collaborating(
            BJORK, "bookkeeping-invoicing", variant="bookkeeping", invoiceRecipient="office", periodMonths=12
        )
        self.ending = self._ending(office.collaborating(BJORK, "smart-office", invoiceRecipient="office"))
        self.activated = office.activate(CEDER, "travel-expenses", invoiceRecipient="office").json
        app.drain_events()
        self.unlinked = office.imported()
        linked = office.imported(
            organisationNumber=BJORK.organisation_number, solution="digital-invoices", reference="desktop-0502"
        )
        body = {"customerId": BJORK.id, "taskId": BJORK.task_id, "solution": "digital-invoices"}
        etag = {"If-Match": f'"{linked["revision"]}"'}
        answer = office.anna.put(f"/collaborations/{linked['id']}/link", body, headers=etag)
        assert answer.status == 200, answer.text
        self.linked = answer.json
        app.drain_events()
        app.clock.pass_(days=2)
        self.pending = office.invited(BJORK, "scanner")
        self.links = {email: office.link_of(email).rpartition("/")[2] for email in (BIRGITTA, BENJAMIN)}
        office.platform.post(f"/platform/offices/{office.id}/collaborations/import", {"rows": []})
        app.audit_access()
        app.clock.pass_(hours=1)

    def _feed_other_office(self) -> None:
        """Another office: its own people, a customer of its own, and a collaboration that is none of the first's."""
        base = f"/platform/offices/{OTHER_OFFICE}"
        other = self.other
        other.put(base, {"name": "Siffror & Co", "email": "post@siffror.example", "locale": "sv"})
        for employee in (ANNA, BO):
            other.put(f"{base}/employees/{employee.id}", {**employee.body(), "email": f"{employee.id}@siffror.example"})
        other.feed_customer(NEIGHBOUR)
        answer = other.activate(NEIGHBOUR, "employee-payslip")
        assert answer.status == 201, answer.text
        self.app.drain_events()

    def _ending(self, collaboration: dict[str, Any]) -> dict[str, Any]:
        """Both sides have arranged an end."""
        ends = (
            (self.office.anna, f"/collaborations/{collaboration['id']}/end", "2027-01-15"),
            (self.office.user(BIRGITTA), f"/my/collaborations/{collaboration['id']}/end", "2027-02-15"),
        )
        for person, path, day in ends:
            etag = {"If-Match": f'"{collaboration["revision"]}"'}
            answer = person.post(path, {"on": day, "outcome": "continue"}, headers=etag)
            assert answer.status == 200, answer.text
            collaboration = answer.json["collaboration"]
        return collaboration

    def proposal(self, customer: Customer, solution: str, **more: Any) -> dict[str, Any]:
        """An ask with what its preview shows."""
        return self.office.confirmed(self.office.proposal(customer, solution, **more))


def valid_requests(story: Story) -> list[ValidRequest]:
    """A valid request for each operation of the document; `KeyError` names one that nobody has written."""
    operations = {(operation.method.lower(), operation.path): operation for operation in OPERATIONS}
    found: list[ValidRequest] = []
    bodies, callers = _bodies(story), rightful()
    for path, item in document()["paths"].items():
        for method, described in item.items():
            operation = operations[method, path]
            request = ValidRequest(
                operation,
                callers[described["tags"][0]],
                {name: _parameter(story, operation, name) for name in operation.path_parameters},
                QUERIES.get(operation.name, ""),
                bodies[operation.name] if "requestBody" in described else None,
                _headers(story, operation),
                operation.decides,
            )
            found.append(request)
            if operation.name == "editCollaboration":
                found.append(replace(request, body={"periodMonths": 3}, decides=True, variation="set-up"))
    story.rewind()
    return found


# What the pages' function reads from its environment.
ENVIRONMENT = {
    "CLOCK_OFFSET_SECONDS": "0",
    "POWERTOOLS_SERVICE_NAME": "collaboration",
    "SIGN_IN_ENDPOINT": "https://cognito-idp.eu-north-1.amazonaws.com",
    "USER_POOL_ID": "eu-north-1_pool",
    "USER_POOL_CLIENT_ID": "client",
}

QUERIES = {"listReports": "?kind=drift", "showAccountAccess": f"?email={quote(BIRGITTA)}&solution=smart-office"}


def rightful() -> dict[str, Claims | None]:
    """Who succeeds, by the class of caller that the document names."""
    employee = {"custom:office_id": "ek-lind", "custom:employee_id": ANNA.id, "email": ANNA.email}
    user = {"email": BIRGITTA, "email_verified": "true"}
    return {
        "employee": employee,
        "signed-in": employee,
        "platform": PLATFORM,
        "account-user": user,
        "holder": None,
        "anyone": None,
    }


def _collaboration(story: Story, operation: Operation[Value, Value]) -> dict[str, Any]:
    """The collaboration that an operation succeeds with."""
    of_its_own: dict[str, dict[str, Any]] = {
        "cancelEnd": story.ending,
        "cancelMyEnd": story.ending,
        "resendLogin": story.activated,
        "linkCollaboration": story.unlinked,
        "suggestLinks": story.unlinked,
        "unlinkCollaboration": story.linked,
    }
    return of_its_own.get(operation.name, story.collaboration)


def _parameter(story: Story, operation: Operation[Value, Value], name: str) -> str:
    fixed = {
        "officeId": story.office.id,
        "employeeId": BO.id,
        "customerId": BJORK.id,
        "taskId": BJORK.task_id,
        "accountId": "account-bjork",
        "invitationId": story.pending["id"],
        "collaborationId": _collaboration(story, operation)["id"],
        "token": story.links[BIRGITTA],
        "slug": "not-found",
        "file": "shell.js" if operation.function == "console" else "swagger-ui.css",
    }
    return str(fixed[name])


def _headers(story: Story, operation: Operation[Value, Value]) -> dict[str, str]:
    keyed = {"Idempotency-Key": fresh_key()} if operation.keyed else {}
    matched = {"If-Match": f'"{_collaboration(story, operation)["revision"]}"'} if operation.matched else {}
    return {**keyed, **matched}


def _bodies(story: Story) -> dict[str, Any]:
    office = story.office
    tool = story.proposal(ALMBERG, "tax-annual-accounts")
    shared = story.proposal(DAHL, "smart-office", invoiceRecipient="office")
    account = office.platform.get("/platform/accounts/account-bjork").json
    account.pop("id")
    return {
        "previewCollaboration": office.proposal(DAHL, "smart-office", invoiceRecipient="office"),
        "sendInvitation": {**shared, "message": "Välkommen"},
        "sendInvitations": {"rows": [{**shared, "key": fresh_key()}]},
        "activateSolution": tool,
        "decideInvitationByLink": {
            "decision": "accept",
            "organisationNumberEnding": BJORK.organisation_number[-4:],
        },
        "reportWrongRecipient": {"email": BIRGITTA},
        "decideMyInvitation": {"decision": "accept"},
        "editCollaboration": {"taskId": "other"},
        "endCollaboration": {"outcome": "continue"},
        "endMyCollaboration": {"outcome": "continue"},
        "linkCollaboration": {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"},
        "putOffice": {**_office_body(office)},
        "putEmployee": BO.body(),
        "putCustomer": BJORK.body(),
        "putTask": BJORK.task(),
        "putAccount": account,
        "importCollaborations": {"rows": [{"organisationNumber": ALMBERG.organisation_number, "reference": "ny"}]},
        "reassignTasks": {"owner": {"from": BO.id, "to": ANNA.id}},
        "recordMailEvent": {"detail": {"eventType": "Delivery", "mail": {"messageId": "message-1"}}},
    }


def _office_body(office: Office) -> dict[str, Any]:
    body: dict[str, Any] = office.platform.get(f"/platform/offices/{office.id}").json
    body.pop("id")
    return body
