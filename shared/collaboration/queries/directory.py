"""What the platform fed, as it was put."""

from collaboration.domain.model.accounts import Account, AccountRecord
from collaboration.domain.model.directory import Customer, DirectoryValue, Employee, Office, Task
from collaboration.domain.model.faults import UnreadableError
from collaboration.domain.model.subscriptions import SubscriptionStatus
from collaboration.domain.model.values import AccountId, CustomerId, EmployeeId, OfficeId, OrganisationNumber, TaskId
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys


def get_office(services: Services, office_id: OfficeId) -> Office:
    """An office as it was put.

    Raises:
        RefusedError: `not-found`, it was not put.
        TableUnavailableError: the table does not answer.
    """
    return _get(services, keys.office(office_id), Office)


def get_employee(services: Services, office_id: OfficeId, employee_id: EmployeeId) -> Employee:
    """An employee as they were put.

    Raises:
        RefusedError: `not-found`, they were not put.
        TableUnavailableError: the table does not answer.
    """
    return _get(services, keys.employee(office_id, employee_id), Employee)


def get_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> Customer:
    """A customer as it was put.

    Raises:
        RefusedError: `not-found`, it was not put.
        TableUnavailableError: the table does not answer.
    """
    return _get(services, keys.customer(office_id, customer_id), Customer)


def get_task(services: Services, office_id: OfficeId, customer_id: CustomerId, task_id: TaskId) -> Task:
    """A task as it was put.

    Raises:
        RefusedError: `not-found`, it was not put.
        TableUnavailableError: the table does not answer.
    """
    return _get(services, keys.task(office_id, customer_id, task_id), Task)


def _get(services: Services, key: keys.Key, model: type[DirectoryValue]) -> DirectoryValue:
    value = items.at(model, services.table.get(key), key)
    if value is None:
        raise not_found()
    return value


def get_account(services: Services, account_id: AccountId) -> AccountRecord:
    """An account as it is kept, subscriptions that collaborations keep included.

    Raises:
        RefusedError: `not-found`, there is none.
        UnreadableError: what is stored of it cannot be read.
        TableUnavailableError: the table does not answer.
    """
    account = find_account(services, account_id)
    if account is None:
        raise not_found()
    if account.unreadable or account.unreadable_subscriptions:
        raise UnreadableError("account" if account.unreadable else "subscription")
    return as_record(account)


def find_account(services: Services, account_id: AccountId) -> Account | None:
    """The account of an id, under whichever organisation number; None where there is none.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    place = find_account_place(services, account_id)
    return find_account_under(services, place.number, account_id) if place else None


def find_account_place(services: Services, account_id: AccountId) -> account_items.AccountPlace | None:
    """Where the account of an id is found; None where it never was.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    place_key = keys.account_place(account_id)
    found = services.table.get(place_key)
    return account_items.account_place(found[place_key]) if place_key in found else None


def find_account_under(services: Services, number: OrganisationNumber, account_id: AccountId) -> Account | None:
    """The account of an id under an organisation number; None where it is not there.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    account_key = keys.account(number, account_id)
    under_number = account_items.accounts(services.table.partition(account_key.pk, account_key.sk))
    return next((account for account in under_number if account.id == account_id), None)


def as_record(account: Account) -> AccountRecord:
    """An account in the form in which the register puts it: what is closed is not shown."""
    return AccountRecord(
        organisation_number=account.organisation_number,
        name=account.name,
        users=account.users,
        main_contact=account.main_contact,
        subscriptions=tuple(
            subscription.terms
            for subscription in account.subscriptions
            if subscription.status is SubscriptionStatus.OPEN
        ),
    )
