"""A new office for each test: employees, customers in every situation, accounts and sign-ins that nobody else has."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING, Any

from stack import people
from stack.people import Person

if TYPE_CHECKING:
    from stack.client import Answer, Caller, Client

_NUMBERS = itertools.count(100)


def organisation_number() -> str:
    """A number with a valid check digit that was not used before."""
    stem = f"556{next(_NUMBERS):06d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(stem))
    return f"{stem}{-sum(sum(divmod(number, 10)) for number in doubled) % 10}"


class Office:
    """An office with three employees: `decides` may all, `works` owns the tasks, `helps` takes part in them."""

    def __init__(self, client: Client) -> None:
        """Feed it and make the sign-ins."""
        self.client = client
        self.id = f"office-{uuid.uuid4().hex[:8]}"
        self.platform = client.sign_in("platform@spiris.example")
        self.base = f"/platform/offices/{self.id}"
        self.put(self.base, {"name": f"Byrå {self.id}", "email": f"kontakt@{self.id}.example", "locale": "sv"})
        self.decides = self.employ("decides", fullUserRights=True, administrator=True)
        self.works = self.employ("works", fullUserRights=False, administrator=False)
        self.helps = self.employ("helps", fullUserRights=True, administrator=False)

    def put(self, path: str, body: Any) -> Answer:
        """Feed something, which must be taken."""
        answer = self.platform.put(path, body)
        assert answer.status in {200, 201}, (path, answer.status, answer.text)
        return answer

    def address(self, name: str) -> str:
        """An employee's address."""
        return f"{name}@{self.id}.example"

    def employ(self, name: str, **rights: bool) -> Caller:
        """An employee, signed in and answered in English."""
        body = {"name": name.title(), "email": self.address(name), "active": True, **rights}
        self.put(f"{self.base}/employees/{name}", body)
        return self.sign_in(Person(self.address(name), "employee", self.id, name))

    def sign_in(self, person: Person) -> Caller:
        """Somebody with a login of their own."""
        people.create(self.client.aws, self.client.stack["userPoolId"], person)
        return self.client.sign_in(person.username, people.PASSWORD, language="en")

    def customer(self, *, account: bool = True, subscriptions: tuple[dict[str, Any], ...] = ()) -> Company:
        """A customer with a task; by default a customer of Spiris too."""
        company = Company(self)
        company.feed()
        if account:
            company.feed_account(subscriptions=list(subscriptions))
        return company

    def confirmed(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """The ask with what the preview shows."""
        preview = self.decides.post("/collaborations/preview", proposal)
        assert preview.status == 200, preview.text
        return {**proposal, "scenario": preview.json["scenario"], "termsVersion": preview.json["terms"]["version"]}

    def invite(self, company: Company, solution: str = "scanner", **more: Any) -> Answer:
        """Look, and invite as shown."""
        message = {"message": more.pop("message")} if "message" in more else {}
        body = {**self.confirmed({**company.proposal(solution), **more}), **message}
        return self.decides.post("/invitations", body, fresh_key())

    def activate(self, company: Company, solution: str = "scanner") -> Answer:
        """Look, and activate as shown."""
        return self.decides.post("/activations", self.confirmed(company.proposal(solution)), fresh_key())

    def access(self, collaboration_id: str) -> set[str]:
        """The addresses of those who have access."""
        rows = self.decides.get(f"/collaborations/{collaboration_id}/access?limit=100").json["items"]
        return {row["person"]["email"] for row in rows}


class Company:
    """A customer of an office."""

    def __init__(self, office: Office) -> None:
        """Nothing is fed yet."""
        self.office = office
        self.id = f"customer-{uuid.uuid4().hex[:8]}"
        self.account_id = f"account-{self.id}"
        self.number = organisation_number()
        self.administrator = f"chef@{self.id}.example"
        self.colleague = f"vice@{self.id}.example"

    @property
    def name(self) -> str:
        """What it is called."""
        return f"Bolaget {self.id}"

    def user(self) -> str:
        """The address of its administrator, who can sign in from now on."""
        self.office.sign_in(Person(self.administrator, "account-user"))
        return self.administrator

    def body(self) -> dict[str, Any]:
        """As Practice management feeds it."""
        address = {"street": "Gatan 1", "postalCode": "111 22", "city": "Stockholm"}
        return {
            "name": self.name,
            "organisationNumber": self.number,
            "companyType": "limited-company",
            "contact": {"name": "Karin Kontakt", "email": self.administrator, "address": address},
            "active": True,
            "locale": "en",
        }

    def task(self) -> dict[str, Any]:
        """Its task."""
        return {"name": "Löpande", "owner": "works", "participants": ["helps"], "active": True}

    def feed(self, office: Office | None = None) -> None:
        """A customer of the office, or of another one."""
        path = f"{(office or self.office).base}/customers/{self.id}"
        (office or self.office).put(path, self.body())
        (office or self.office).put(f"{path}/tasks/task", self.task())

    def feed_account(self, **changes: Any) -> None:
        """Its account, with two administrators."""
        users = [
            {"email": self.administrator, "name": "Karin Chef", "role": "administrator"},
            {"email": self.colleague, "name": "Vera Vice", "role": "administrator"},
        ]
        body = {
            "organisationNumber": self.number,
            "name": self.name,
            "users": users,
            "mainContact": self.administrator,
            "subscriptions": [],
        }
        self.office.put(f"/platform/accounts/{self.account_id}", {**body, **changes})

    def proposal(self, solution: str = "scanner") -> dict[str, Any]:
        """An ask, as the preview takes it."""
        return {"customerId": self.id, "solution": solution, "taskId": "task"}

    def link(self, email: str | None = None) -> str:
        """The link in the latest mail with one."""
        [link] = self.office.client.invitation_mail(email or self.administrator).accept_links
        return link

    def decide(self, decision: str = "accept", email: str | None = None, **more: Any) -> Answer:
        """Answer the latest link, with the right digits."""
        body = {"decision": decision, "organisationNumberEnding": self.number[-4:], **more}
        return self.office.client.anyone.post(self.link(email), body)


def fresh_key() -> dict[str, str]:
    """An Idempotency-Key that was never used."""
    return {"Idempotency-Key": uuid.uuid4().hex}


def slug(answer: Answer) -> str:
    """Why something was refused."""
    assert answer.headers.get_content_type() == "application/problem+json", (answer.status, answer.text)
    return str(answer.json["type"].rpartition("/")[2])
