"""Plain values to decide upon: each builder gives something ordinary, and the test names what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from collaboration.domain.contexts.access import AccessContext
from collaboration.domain.contexts.ask import AskContext, Proposal
from collaboration.domain.contexts.collaboration import EditContext, EndContext
from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.contexts.link import LinkContext
from collaboration.domain.model.accounts import Account, AccountUser
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.catalogue import SetUp, Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration, Origin
from collaboration.domain.model.directory import Address, Contact, Customer, Employee, Office, Task
from collaboration.domain.model.history import Actor
from collaboration.domain.model.invitation import Invitation, InvitationRecipient, Sender
from collaboration.domain.model.subscriptions import Subscription, SubscriptionUse, Terms
from collaboration.domain.model.values import (
    AccountId,
    AccountRole,
    AgreementId,
    CollaborationId,
    CompanyType,
    CustomerId,
    Email,
    EmployeeId,
    InvoiceRecipient,
    Locale,
    OfficeId,
    OrganisationNumber,
    Scenario,
    Side,
    TaskId,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
NUMBER = OrganisationNumber("5560000001")
OTHER_NUMBER = OrganisationNumber("5560000019")
OFFICE, OTHER_OFFICE = OfficeId("office"), OfficeId("other-office")
ANNA, BO = EmployeeId("anna"), EmployeeId("bo")
CUSTOMER, TASK, OTHER_TASK = CustomerId("customer"), TaskId("task"), TaskId("other-task")
ACCOUNT, OTHER_ACCOUNT = AccountId("account"), AccountId("other-account")
AGREEMENT, OTHER_AGREEMENT = AgreementId("agreement"), AgreementId("other-agreement")
COLLABORATION, OTHER_COLLABORATION = CollaborationId.of(AGREEMENT), CollaborationId.of(OTHER_AGREEMENT)

BOOKS, SCANNER, PAYROLL, TAX, TRAVEL = (
    "bookkeeping-invoicing",
    "scanner",
    "payroll",
    "tax-annual-accounts",
    "travel-expenses",
)
BOOKS_SETUP = SetUp(variant="bookkeeping", invoice_recipient=InvoiceRecipient.OFFICE, period_months=12)

AT_OFFICE = Actor(side=Side.OFFICE, name="Anna Ek", employee_id=ANNA)
AT_CUSTOMER = Actor(side=Side.CUSTOMER, name="Carl Ceder")


def solution(key: str) -> Solution:
    """A solution of the catalogue."""
    found = catalogue().solution(key)
    assert found is not None
    return found


def office(**changes: Any) -> Office:
    """An office."""
    plain = {"name": "Byrån", "email": "office@byran.example", "locale": Locale.SV}
    return Office(**{**plain, **changes})


def employee(name: str = "Anna Ek", **changes: Any) -> Employee:
    """An active employee with every right."""
    plain = {
        "name": name,
        "email": f"{name.split(maxsplit=1)[0].lower()}@byran.example",
        "full_user_rights": True,
        "administrator": True,
        "active": True,
    }
    return Employee(**{**plain, **changes})


def contact(**changes: Any) -> Contact:
    """A contact person about whom everything is known."""
    address = Address(street="Gatan 1", postal_code="111 22", city="Stockholm")
    return Contact(**{"name": "Carl Ceder", "email": "carl@ceder.example", "address": address, **changes})


def customer(**changes: Any) -> Customer:
    """An active customer."""
    plain = {
        "name": "Ceder AB",
        "organisation_number": NUMBER,
        "company_type": CompanyType.LIMITED_COMPANY,
        "contact": contact(),
        "active": True,
        "locale": Locale.EN,
    }
    return Customer(**{**plain, **changes})


def task(**changes: Any) -> Task:
    """An active task of Anna's."""
    return Task(**{"name": "Books", "owner": ANNA, "active": True, **changes})


def administrator(name: str = "Carl Ceder") -> AccountUser:
    """An administrator of an account."""
    return AccountUser(
        email=Email(f"{name.split(maxsplit=1)[0].lower()}@ceder.example"), name=name, role=AccountRole.ADMINISTRATOR
    )


def subscription(key: str = BOOKS, *users: CollaborationId, **changes: Any) -> Subscription:
    """An open subscription on which the collaborations `users` of the office rest; `terms` are fields of its terms."""
    terms = {"solution": key, "renews_on": date(2026, 12, 1), **changes.pop("terms", {})}
    uses = tuple(SubscriptionUse(office_id=OFFICE, collaboration_id=user) for user in users)
    return Subscription(**{"terms": Terms(**terms), "subscribers": uses, "revision": 1, **changes})


def account(*subscriptions: Subscription, **changes: Any) -> Account:
    """An account with one administrator, who is its main contact."""
    carl = administrator()
    plain = {"id": ACCOUNT, "organisation_number": NUMBER, "name": "Ceder AB", "users": (carl,)}
    return Account(**{**plain, "main_contact": carl.email, "subscriptions": subscriptions, **changes})


def invitation(**changes: Any) -> Invitation:
    """A pending invitation of yesterday to Carl, for bookkeeping."""
    plain = {
        "agreement": AGREEMENT,
        "office_id": OFFICE,
        "customer_id": CUSTOMER,
        "customer_name": "Ceder AB",
        "organisation_number": NUMBER,
        "account_id": ACCOUNT,
        "account_name": "Ceder AB",
        "solution": BOOKS,
        "scenario": Scenario.WITHOUT_SOLUTION,
        "task_id": TASK,
        "setup": BOOKS_SETUP,
        "customer_owned": False,
        "terms_version": "2026-11-28",
        "message": None,
        "sent_by": Sender(employee_id=ANNA, name="Anna Ek"),
        "sent_at": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=13),
        "recipients": {"r1": InvitationRecipient(email=Email("carl@ceder.example"), name="Carl Ceder")},
    }
    return Invitation(**{**plain, **changes})


def collaboration(**changes: Any) -> Collaboration:
    """An active, linked collaboration in bookkeeping that an activation started."""
    plain = {
        "agreement": AGREEMENT,
        "office_id": OFFICE,
        "organisation_number": NUMBER,
        "origin": Origin.ACTIVATION,
        "started_at": NOW - timedelta(days=30),
        "customer_id": CUSTOMER,
        "account_id": ACCOUNT,
        "solution": BOOKS,
        "task_id": TASK,
        "setup": BOOKS_SETUP,
        "renews_on": date(2026, 12, 1),
    }
    return Collaboration(**{**plain, **changes})


def imported(**changes: Any) -> Collaboration:
    """An unlinked collaboration from the older program, whose solution is known."""
    unlinked = {"customer_id": None, "account_id": None, "task_id": None, "setup": SetUp(), "renews_on": None}
    plain = {"origin": Origin.IMPORT, "reference": "old-1", "imported_solution": BOOKS}
    return collaboration(**{**unlinked, **plain, **changes})


def proposal(key: str = BOOKS, **changes: Any) -> Proposal:
    """Somebody asks for a solution with everything that bookkeeping asks."""
    setup = BOOKS_SETUP if key == BOOKS else SetUp()
    plain = {"customer_id": CUSTOMER, "solution": key, "task_id": TASK, "account_id": None, "setup": setup}
    return Proposal(**{**plain, **changes})


def ask_context(**changes: Any) -> AskContext:
    """Anna asks for a customer that is new to the register."""
    plain: dict[str, Any] = {
        "office_id": OFFICE,
        "office": office(),
        "caller_id": ANNA,
        "caller": employee(),
        "customer_id": CUSTOMER,
        "customer": customer(),
        "tasks": {TASK: task()},
        "guard": None,
        "accounts": (),
        "account_guard": None,
        "people": {ANNA: employee()},
        "contact_is_employee": False,
        "unlinked": (),
    }
    return AskContext(**{**plain, **changes})


def around(**changes: Any) -> dict[str, Any]:
    """What surrounds every agreement."""
    plain = {
        "office": office(),
        "employees": {ANNA: employee(), BO: employee("Bo Berg")},
        "customer": customer(),
        "task": task(),
        "account": account(),
    }
    return {**plain, **changes}


def recipient_context(**changes: Any) -> RecipientContext:
    """Carl opens the invitation."""
    asked = changes.pop("invitation", invitation())
    plain = {"recipient": "r1", "holder": asked.recipients["r1"], "attempt_limit": AttemptLimit()}
    return RecipientContext(**around(**{"invitation": asked, **plain, **changes}))


def end_context(**changes: Any) -> EndContext:
    """The collaboration rests on a subscription of its own."""
    plain = {"collaboration": collaboration(), "account": account(subscription(BOOKS, COLLABORATION))}
    return EndContext(**around(**{**plain, **changes}))


def access_context(**changes: Any) -> AccessContext:
    """What access follows from."""
    around_it = around(**changes)
    accounts = (around_it["account"],) if around_it["account"] else ()
    return AccessContext(**{"accounts": accounts, **around_it})


def edit_context(**changes: Any) -> EditContext:
    """Anna edits a collaboration that rests on a subscription of its own."""
    terms = {**dict(BOOKS_SETUP)}
    plain: dict[str, Any] = {
        "caller_id": ANNA,
        "caller": employee(),
        "collaboration": collaboration(),
        "customer": customer(),
        "tasks": {TASK: task(), OTHER_TASK: task(name="Tax", owner=BO)},
        "account": account(subscription(BOOKS, COLLABORATION, terms=terms)),
        "employees": {ANNA: employee(), BO: employee("Bo Berg")},
        "siblings": (),
    }
    return EditContext(**{**plain, **changes})


def link_context(**changes: Any) -> LinkContext:
    """Anna links an imported collaboration."""
    plain: dict[str, Any] = {
        "caller_id": ANNA,
        "caller": employee(),
        "collaboration": imported(),
        "customer": customer(),
        "tasks": {TASK: task(), OTHER_TASK: task(name="Tax", owner=BO)},
        "employees": {ANNA: employee(), BO: employee("Bo Berg")},
        "guard": None,
        "accounts": (account(),),
    }
    return LinkContext(**{**plain, **changes})
