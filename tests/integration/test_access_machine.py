"""Any sequence of changes, with deliveries shuffled, doubled and delayed, ends with grants equal to the desire."""

from __future__ import annotations

import os
import random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from support.app import App
from support.people import BJORK, DAHL, Office

EMPLOYEES = ("anna", "bo", "cecilia", "david")
CUSTOMERS = {"bjork": BJORK, "dahl": DAHL}
TASKS = ("lopande", "other")
PEOPLE = ("one@company.example", "two@company.example", "three@company.example")
SHARED, TOOL = "smart-office", "tax-annual-accounts"

customers = st.sampled_from(sorted(CUSTOMERS))
people = st.lists(st.sampled_from(EMPLOYEES), unique=True, max_size=3)


class AccessFollowsTheTask(RuleBasedStateMachine):
    """The office and its neighbours act; the bus delivers what it likes, when it likes."""

    def __init__(self) -> None:
        """A run may be torn down before `initialize` is through."""
        super().__init__()
        self.is_open = False

    @initialize(order=st.sampled_from(["as told", "latest first", "shuffled"]), seed=st.integers(0, 1000))
    def open_the_house(self, order: str, seed: int) -> None:
        """An office with four employees, two customers with two tasks each, and their accounts."""
        self.order, self.random = order, random.Random(seed)  # noqa: S311 - an order, not a secret
        os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "collaboration")
        self.app = App()
        self.office = Office(self.app)
        self.office.feed()
        self.active = {"anna": True, "bo": True, "cecilia": True, "david": False}
        self.tasks: dict[tuple[str, str], dict[str, Any]] = {}
        self.administrators: dict[str, tuple[str, ...]] = {}
        self.collaborations: list[str] = []
        self.waiting: list[Any] = []
        for customer in CUSTOMERS:
            for task in TASKS:
                self.change_task(customer, task, "bo", ["cecilia"], active=True)
            self.change_administrators(customer, ["one@company.example"])
        self.references = 0
        self.app.drain_events()
        self.is_open = True

    @rule()
    def drain_events(self) -> None:
        """The bus catches up: what is told from now on is all there is to learn of what changes from now on."""
        self.waiting += self.app.new_messages()
        while self.waiting:
            self.app.deliver(self.waiting.pop(0))
            self.waiting += self.app.new_messages() + self.app.pending_messages
            self.app.pending_messages.clear()

    @rule(who=st.sampled_from(EMPLOYEES[1:]), active=st.booleans())
    def change_employee(self, who: str, *, active: bool) -> None:
        """Somebody comes or leaves."""
        path = f"/platform/offices/{self.office.id}/employees/{who}"
        body = self.office.platform.get(path).json
        self.office.put(path, {name: value for name, value in body.items() if name != "id"} | {"active": active})
        self.active[who] = active

    @rule(
        customer=customers,
        task=st.sampled_from(TASKS),
        owner=st.sampled_from(EMPLOYEES),
        participants=people,
        active=st.booleans(),
    )
    def change_task(self, customer: str, task: str, owner: str, participants: list[str], *, active: bool) -> None:
        """Another owner, other participants, active or not."""
        body = {"name": task, "owner": owner, "participants": participants, "active": active}
        self.office.put(f"/platform/offices/{self.office.id}/customers/{customer}/tasks/{task}", body)
        self.tasks[customer, task] = body

    @rule(customer=customers, who=st.lists(st.sampled_from(PEOPLE), unique=True, min_size=1))
    def change_administrators(self, customer: str, who: list[str]) -> None:
        """The account's administrators are these."""
        path = f"/platform/accounts/account-{customer}"
        body = self.office.platform.get(path).json
        users = [{"email": email, "name": email, "role": "administrator"} for email in who]
        kept = {name: body[name] for name in ("organisationNumber", "name", "subscriptions", "mainContact")}
        self.office.put(path, {**kept, "users": users})
        self.administrators[customer] = tuple(who)

    @rule(customer=customers, task=st.sampled_from(TASKS), meanwhile=st.booleans())
    def invite_and_accept(self, customer: str, task: str, *, meanwhile: bool) -> None:
        """A shared solution; perhaps the task ends between asking and accepting."""
        proposal: dict[str, Any] = {"invoiceRecipient": "customer"}
        preview = self.office.anna.post(
            "/collaborations/preview", {"customerId": customer, "solution": SHARED, "taskId": task}
        ).json
        more = proposal if preview["scenario"] == "without-solution" else {}
        sent = self.office.invite(CUSTOMERS[customer], SHARED, taskId=task, **more)
        if sent.status != 201:
            return
        if meanwhile:
            self.change_task(customer, task, "cecilia", ["bo"], active=False)
        user = self.office.user(self.administrators[customer][0])
        decided = user.post(f"/my/requests/{sent.json['id']}/decision", {"decision": "accept"})
        assert decided.status == 200, decided.text
        self.collaborations.append(decided.json["collaborationId"])

    @rule(customer=customers, task=st.sampled_from(TASKS))
    def activate(self, customer: str, task: str) -> None:
        """An office tool: the customer's people get nothing."""
        answer = self.office.activate(CUSTOMERS[customer], TOOL, taskId=task)
        if answer.status == 201:
            self.collaborations.append(answer.json["id"])

    @rule(customer=customers, solution=st.sampled_from(["scanner", None]))
    def bring_over(self, customer: str, solution: str | None) -> None:
        """An unlinked one of the older program."""
        self.references += 1
        row = {
            "organisationNumber": CUSTOMERS[customer].organisation_number,
            "reference": f"old-{self.references}",
            **({"solution": solution} if solution else {}),
        }
        path = f"/platform/offices/{self.office.id}/collaborations/import"
        answer = self.office.platform.post(path, {"rows": [row]}).json["rows"][0]
        self.collaborations.append(answer["collaborationId"])

    @rule(which=st.integers(0, 20), customer=customers, task=st.sampled_from(TASKS))
    def link(self, which: int, customer: str, task: str) -> None:
        """Link, or move a link; many are refused, and change nothing then."""
        self._on(which, "PUT", "/link", {"customerId": customer, "taskId": task, "solution": "scanner"})

    @rule(which=st.integers(0, 20))
    def unlink(self, which: int) -> None:
        """Undo a link."""
        self._on(which, "DELETE", "/link", None)

    @rule(which=st.integers(0, 20), task=st.sampled_from(TASKS))
    def edit(self, which: int, task: str) -> None:
        """Move it to another task."""
        self._on(which, "PATCH", "", {"taskId": task})

    @rule(which=st.integers(0, 20), outcome=st.sampled_from(["continue", "close"]))
    def end(self, which: int, outcome: str) -> None:
        """End it."""
        self._on(which, "POST", "/end", {"outcome": outcome})

    def _on(self, which: int, method: str, what: str, body: Any) -> None:
        if not self.collaborations:
            return
        path = f"/collaborations/{self.collaborations[which % len(self.collaborations)]}"
        etag = self.office.anna.get(path).headers["ETag"]
        self.office.anna.call(method, f"{path}{what}", body, headers={"If-Match": etag})

    @rule(picks=st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=6))
    def deliver(self, picks: list[tuple[int, bool]]) -> None:
        """The bus delivers some of what it was told, in any order, some of it to come again."""
        self.waiting += self.app.new_messages()
        for pick, again in picks:
            if self.waiting:
                place = pick % len(self.waiting)
                message = self.waiting[place] if again else self.waiting.pop(place)
                self.app.deliver(message)

    def teardown(self) -> None:
        """Everything is delivered at last, in some order; then access is what it should be."""
        if not self.is_open:
            return
        while True:
            self.waiting += self.app.new_messages() + self.app.pending_messages
            self.app.pending_messages.clear()
            if not self.waiting:
                break
            place = {"as told": 0, "latest first": -1}.get(self.order, self.random.randrange(len(self.waiting)))
            self.app.deliver(self.waiting.pop(place))
        for collaboration_id in self.collaborations:
            shown = self.office.anna.get(f"/collaborations/{collaboration_id}").json
            assert self.office.access(collaboration_id) == self.desired(shown), shown

    def desired(self, shown: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Who should have access, worked out from what this machine has fed, and from nothing of the product's."""
        found: dict[str, tuple[str, ...]] = {}
        if shown["state"] != "active":
            return found
        number = shown["organisationNumber"]
        [customer] = [name for name, known in CUSTOMERS.items() if known.organisation_number == number]
        task = self.tasks.get((shown["customerId"], shown["setup"]["taskId"]))
        if task and task["active"]:
            for name in {task["owner"], *task["participants"]}:
                roles = ("owner",) * (name == task["owner"]) + ("participant",) * (name in task["participants"])
                if self.active[name]:
                    address = self.office.platform.get(f"/platform/offices/{self.office.id}/employees/{name}").json
                    found[address["email"]] = roles
        if shown["solution"] in {SHARED, "scanner"}:
            found |= dict.fromkeys(self.administrators[customer], ("administrator",))
        return found


TestAccessFollowsTheTask = AccessFollowsTheTask.TestCase
