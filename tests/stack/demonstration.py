"""The demonstration office: a Swedish accounting office, its employees, and one customer in every situation.

All companies and people are invented; addresses end in `.example`, which belongs to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from stack.people import Person

if TYPE_CHECKING:
    from stack.client import Answer, Caller

OFFICE_ID = "ek-lind"
OFFICE = {
    "name": "Redovisningsbyrån Ek & Lind",
    "email": "kontakt@ek-lind.example",
    "locale": "sv",
    "organisationNumber": "5569876542",
    "phone": "08-555 010 20",
}


@dataclass(frozen=True)
class Employee:
    """Somebody at the office, with the rights that the directory knows."""

    id: str
    name: str
    email: str
    description: str
    """Who this is, for a reader of the terminal."""
    full_user_rights: bool = True
    administrator: bool = True
    active: bool = True

    def body(self) -> dict[str, Any]:
        """As Practice management feeds it."""
        return {
            "name": self.name,
            "email": self.email,
            "fullUserRights": self.full_user_rights,
            "administrator": self.administrator,
            "active": self.active,
        }


ANNA = Employee("anna", "Anna Ek", "anna.ek@ek-lind.example", description="decides: full user rights and administrator")
BO = Employee(
    "bo",
    "Bo Lind",
    "bo.lind@ek-lind.example",
    full_user_rights=False,
    administrator=False,
    description="does the work: owns the tasks, has no say in agreements",
)
CECILIA = Employee(
    "cecilia",
    "Cecilia Strand",
    "cecilia.strand@ek-lind.example",
    administrator=False,
    description="takes part in the tasks: full user rights, but no administrator",
)
DAVID = Employee("david", "David Holm", "david.holm@ek-lind.example", active=False, description="has left the office")
EMPLOYEES = (ANNA, BO, CECILIA, DAVID)


@dataclass(frozen=True)
class Contact:
    """A person at a customer."""

    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str

    def body(self) -> dict[str, Any]:
        """As Practice management feeds it."""
        address = {"street": self.street, "postalCode": self.postal_code, "city": self.city}
        return {"name": self.name, "email": self.email, "phone": self.phone, "address": address}


@dataclass(frozen=True)
class Customer:
    """A customer of the office, with one task; perhaps an account of Spiris too."""

    id: str
    name: str
    organisation_number: str
    contact: Contact
    task_name: str
    account: Account | None = None
    task_id: str = "lopande"
    locale: str = "sv"

    def body(self) -> dict[str, Any]:
        """As Practice management feeds it."""
        return {
            "name": self.name,
            "organisationNumber": self.organisation_number,
            "companyType": "limited-company",
            "contact": self.contact.body(),
            "accountManager": ANNA.id,
            "active": True,
            "locale": self.locale,
        }

    def task(self) -> dict[str, Any]:
        """Its task: Bo owns it, Cecilia takes part, and so does David on paper, who has left."""
        return {"name": self.task_name, "owner": BO.id, "participants": [CECILIA.id, DAVID.id], "active": True}


@dataclass(frozen=True)
class Account:
    """A company's account at Spiris: its people, and what it has."""

    id: str
    administrators: tuple[tuple[str, str], ...]
    """(name, e-mail); the first is the main contact."""
    users: tuple[tuple[str, str], ...] = ()
    subscriptions: tuple[dict[str, Any], ...] = ()

    def body(self, customer: Customer) -> dict[str, Any]:
        """As the account register feeds it."""
        people = [(*person, "administrator") for person in self.administrators]
        people += [(*person, "user") for person in self.users]
        return {
            "organisationNumber": customer.organisation_number,
            "name": customer.name,
            "users": [{"name": name, "email": email, "role": role} for name, email, role in people],
            "mainContact": self.administrators[0][1],
            "subscriptions": list(self.subscriptions),
        }


SCANNER = {"solution": "scanner", "renewsOn": "2027-01-01"}

ALMBERG = Customer(
    "almberg",
    "Almbergs Bageri AB",
    "5567123459",
    Contact("Alva Almberg", "alva@almbergs-bageri.example", "070-174 06 01", "Bagargränd 3", "753 10", "Uppsala"),
    "Löpande bokföring Almberg",
    Account("account-almberg", (("Alva Almberg", "alva@almbergs-bageri.example"),), subscriptions=(SCANNER,)),
)
BJORK = Customer(
    "bjork",
    "Björk & Brown Flowers AB",
    "5568234172",
    Contact("Birgitta Björk", "birgitta@bjork-brown.example", "070-174 06 02", "Torget 8", "722 11", "Västerås"),
    "Löpande bokföring Björk & Brown",
    Account(
        "account-bjork",
        (("Birgitta Björk", "birgitta@bjork-brown.example"), ("Benjamin Brown", "benjamin@bjork-brown.example")),
        (("Berit Blom", "berit@bjork-brown.example"),),
        (SCANNER,),
    ),
    locale="en",
)
CEDER = Customer(
    "ceder",
    "Cederlunds Cykel AB",
    "5592146020",
    Contact("Carl Cederlund", "carl@cederlunds-cykel.example", "070-174 06 03", "Hjulvägen 14", "632 20", "Eskilstuna"),
    "Löpande bokföring Cederlund",
)
DAHL = Customer(
    "dahl",
    "Dahls Måleri AB",
    "5569451288",
    Contact("Disa Dahl", "disa@dahls-maleri.example", "070-174 06 04", "Penselgatan 21", "602 24", "Norrköping"),
    "Löpande bokföring Dahl",
    Account("account-dahl", (("Disa Dahl", "disa@dahls-maleri.example"),), subscriptions=(SCANNER,)),
)
CUSTOMERS = (ALMBERG, BJORK, CEDER, DAHL)

# What the older desktop program knew of Dahl. Which task it is for, nobody wrote down.
UNLINKED = {"organisationNumber": DAHL.organisation_number, "solution": "scanner", "reference": "desktop-0417"}

# Another one, which the walk leaves for whoever wants to link it.
LEFT_UNLINKED = {
    "organisationNumber": BJORK.organisation_number,
    "solution": "digital-invoices",
    "reference": "desktop-0502",
}

PLATFORM = Person("platform@spiris.example", "platform")


def people() -> list[Person]:
    """Everybody who can sign in: the platform, the office's employees, and the companies' people."""
    employees = [Person(employee.email, "employee", OFFICE_ID, employee.id) for employee in EMPLOYEES]
    administrators = [
        email for customer in CUSTOMERS if customer.account for _, email in customer.account.administrators
    ]
    account_users = [Person(email, "account-user") for email in (*administrators, CEDER.contact.email)]
    return [PLATFORM, *employees, *account_users]


def who_can_sign_in() -> list[tuple[str, str, str]]:
    """(name, address, who that is) of everybody with a page, and of the platform's programs."""
    office = [(person.name, person.email, person.description) for person in EMPLOYEES]
    companies = [
        (name, email, f"administrator of {customer.name}")
        for customer in CUSTOMERS
        if customer.account
        for name, email in customer.account.administrators
    ]
    contact = CEDER.contact
    return [
        *office,
        *companies,
        (contact.name, contact.email, f"administrator of {CEDER.name}"),
        ("(a program)", PLATFORM.username, "feeds the directory; it has no page"),
    ]


class FeedingError(Exception):
    """The service did not take what the neighbours feed it."""


def feed(platform: Caller) -> None:
    """Feed the directory, as Practice management and the account register do."""

    def put(path: str, body: Any) -> Answer:
        answer = platform.put(path, body)
        if answer.status != HTTPStatus.CREATED:  # not even OK: the directory was empty
            raise FeedingError(f"PUT {path} answered {answer.status}: {answer.text[:1000]}")
        return answer

    office = f"/platform/offices/{OFFICE_ID}"
    put(office, OFFICE)
    for employee in EMPLOYEES:
        put(f"{office}/employees/{employee.id}", employee.body())
    for customer in CUSTOMERS:
        put(f"{office}/customers/{customer.id}", customer.body())
        put(f"{office}/customers/{customer.id}/tasks/{customer.task_id}", customer.task())
        if customer.account:
            put(f"/platform/accounts/{customer.account.id}", customer.account.body(customer))
