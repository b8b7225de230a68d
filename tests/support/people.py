"""The demonstration office in the application: fed by the platform, with its people ready to call."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stack import demonstration
from stack.demonstration import ALMBERG, ANNA, BJORK, BO, CECILIA, CEDER, DAHL, DAVID, OFFICE_ID, UNLINKED, Customer

from support.app import ROOT

if TYPE_CHECKING:
    from support.app import App, Response

__all__ = [
    "ALMBERG",
    "ANNA",
    "BJORK",
    "BO",
    "CECILIA",
    "CEDER",
    "DAHL",
    "DAVID",
    "OFFICE_ID",
    "UNLINKED",
    "Office",
    "Person",
]

PLATFORM = {"cognito:groups": "platform", "email": "platform@spiris.example", "email_verified": "true"}
LINK = re.compile(re.escape(ROOT) + r"(/accept/\S+)")
_KEYS = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody signed in, or nobody (`claims` None)."""

    app: App
    claims: dict[str, str] | None

    def call(self, method: str, path: str, body: Any = None, **how: Any) -> Response:
        """Call the API, in English unless the headers say otherwise."""
        headers = {"Accept-Language": "en", **how.pop("headers", {})}
        return self.app.call(method, path, body, claims=self.claims, headers=headers, **how)

    def get(self, path: str, **how: Any) -> Response:
        """GET."""
        return self.call("GET", path, **how)

    def every(self, path: str) -> list[Any]:
        """All rows of a list, page after page; the test fails when one is refused."""
        rows: list[Any] = []
        cursor = ""
        while True:
            answer = self.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            assert answer.status == 200, (path, answer.text)
            rows += answer.json["items"]
            if answer.json["next"] is None:
                return rows
            cursor = f"&cursor={answer.json['next']}"

    def post(self, path: str, body: Any = None, **how: Any) -> Response:
        """POST."""
        return self.call("POST", path, body, **how)

    def put(self, path: str, body: Any, **how: Any) -> Response:
        """PUT."""
        return self.call("PUT", path, body, **how)


class Office:
    """An office, by default the demonstration's."""

    def __init__(self, app: App, office_id: str = OFFICE_ID) -> None:
        """Nothing is fed yet."""
        self.app = app
        self.id = office_id
        self.platform = Person(app, PLATFORM)
        self.nobody = Person(app, None)
        self.anna = self.employee(ANNA.id)
        self.bo = self.employee(BO.id)

    def employee(self, employee_id: str) -> Person:
        """An employee, signed in."""
        return Person(self.app, {"custom:office_id": self.id, "custom:employee_id": employee_id})

    def user(self, email: str, *, verified: bool = True) -> Person:
        """An account user, signed in."""
        return Person(self.app, {"email": email, "email_verified": "true" if verified else "false"})

    def put(self, path: str, body: Any) -> Response:
        """What the platform feeds; the test fails when it is not taken."""
        answer = self.platform.put(path, body)
        assert answer.status in {200, 201}, (path, answer.text)
        return answer

    def feed(self) -> None:
        """Office, employees, customers, tasks, accounts."""
        base = f"/platform/offices/{self.id}"
        self.put(base, demonstration.OFFICE)
        for employee in demonstration.EMPLOYEES:
            self.put(f"{base}/employees/{employee.id}", employee.body())
        for customer in demonstration.CUSTOMERS:
            self.feed_customer(customer)
            if customer.account:
                self.put(f"/platform/accounts/{customer.account.id}", customer.account.body(customer))

    def hire(self, count: int) -> None:
        """Employees who are on no task, stored as the directory stores them."""
        pattern = self.app.client.items[f"OFFICE#{self.id}", f"EMPLOYEE#{BO.id}"]
        for nth in range(count):
            item = {**pattern, "sk": {"S": f"EMPLOYEE#e{nth:04}"}}
            self.app.client.put_item(TableName=self.app.table_name, Item=item)

    def feed_office_only(self) -> None:
        """Another office with the same customers, whose accounts are there already."""
        base = f"/platform/offices/{self.id}"
        self.put(base, {**demonstration.OFFICE, "name": "Siffror & Co"})
        for employee in demonstration.EMPLOYEES:
            self.put(f"{base}/employees/{employee.id}", {**employee.body(), "email": f"{employee.id}@siffror.example"})
        for customer in demonstration.CUSTOMERS:
            self.feed_customer(customer)

    def feed_customer(self, customer: Customer) -> None:
        """A customer and its task."""
        path = f"/platform/offices/{self.id}/customers/{customer.id}"
        self.put(path, customer.body())
        self.put(f"{path}/tasks/{customer.task_id}", customer.task())

    def proposal(self, customer: Customer = BJORK, solution: str = "scanner", **more: Any) -> dict[str, Any]:
        """An ask, as the preview takes it."""
        return {"customerId": customer.id, "solution": solution, "taskId": customer.task_id, **more}

    def confirmed(self, proposal: dict[str, Any], person: Person | None = None) -> dict[str, Any]:
        """The ask with the situation and the terms that the preview shows."""
        preview = (person or self.anna).post("/collaborations/preview", proposal)
        assert preview.status == 200, preview.text
        return {**proposal, "scenario": preview.json["scenario"], "termsVersion": preview.json["terms"]["version"]}

    def invite(
        self,
        customer: Customer = BJORK,
        solution: str = "scanner",
        *,
        person: Person | None = None,
        key: str | None = None,
        **more: Any,
    ) -> Response:
        """Look, and invite as shown."""
        message = {"message": more.pop("message")} if "message" in more else {}
        body = {**self.confirmed(self.proposal(customer, solution, **more), person), **message}
        return (person or self.anna).post("/invitations", body, headers={"Idempotency-Key": key or fresh_key()})

    def activate(self, customer: Customer = CEDER, solution: str = "scanner", **more: Any) -> Response:
        """Look, and activate as shown."""
        body = self.confirmed(self.proposal(customer, solution, **more))
        return self.anna.post("/activations", body, headers={"Idempotency-Key": fresh_key()})

    def invited(self, customer: Customer = BJORK, solution: str = "scanner", **more: Any) -> dict[str, Any]:
        """A request that went out, mails and all."""
        answer = self.invite(customer, solution, **more)
        assert answer.status == 201, answer.text
        self.app.drain_events()
        invitation: dict[str, Any] = answer.json
        return invitation

    def link_of(self, email: str) -> str:
        """The path of the latest link mailed to somebody."""
        found = [LINK.findall(mail.text) for mail in self.app.mails(email)]
        latest: str = [links for links in found if links][-1][0]
        return latest

    def decide(self, email: str, decision: str = "accept", *, customer: Customer = BJORK, **more: Any) -> Response:
        """Decide by the latest link mailed to somebody, with the right digits."""
        body = {"decision": decision, "organisationNumberEnding": customer.organisation_number[-4:], **more}
        return self.nobody.post(self.link_of(email), body)

    def collaborating(self, customer: Customer = BJORK, solution: str = "scanner", **more: Any) -> dict[str, Any]:
        """A collaboration that came of an accepted invitation, access and all."""
        self.invited(customer, solution, **more)
        decided = self.decide(customer.contact.email, customer=customer)
        assert decided.status == 200, decided.text
        self.app.drain_events()
        found: dict[str, Any] = self.anna.get(f"/collaborations/{decided.json['collaborationId']}").json
        return found

    def imported(self, **row: Any) -> dict[str, Any]:
        """An unlinked collaboration of the older program."""
        path = f"/platform/offices/{self.id}/collaborations/import"
        answer = self.platform.post(path, {"rows": [{**UNLINKED, **row}]})
        assert answer.json["rows"][0]["status"] == "imported", answer.text
        self.app.drain_events()
        found: dict[str, Any] = self.anna.get(f"/collaborations/{answer.json['rows'][0]['collaborationId']}").json
        return found

    def mail_event(self, event_type: str, **mail: Any) -> bool:
        """The provider says what became of a mail; whether that was news."""
        body = {"detail": {"eventType": event_type, "mail": mail}, "id": "x"}
        answer = self.platform.post("/platform/mail-events", body)
        assert answer.status == 202, answer.text
        kept: bool = answer.json["kept"]
        return kept

    def access(self, collaboration_id: str) -> dict[str, tuple[str, ...]]:
        """Who has access through a collaboration, and in which roles."""
        rows = self.anna.every(f"/collaborations/{collaboration_id}/access")
        return {row["person"]["email"]: tuple(reason["role"] for reason in row["reasons"]) for row in rows}


def fresh_key() -> str:
    """An Idempotency-Key that was never used."""
    return f"test-key-{next(_KEYS):06d}"
