"""TODO access.affected."""

from collections.abc import Iterator, Mapping

from collaboration.domain.model.directory import Customer
from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
)
from collaboration.queries.collaborations import rows_of_account
from collaboration.services import Services
from collaboration.storage import items, keys
from collaboration.storage.delivery import rows_of

# Whom a change of the directory concerns


def affected(services: Services, changed: Mapping[str, str]) -> list[AgreementId]:
    """The collaborations whose access, or whose row, may follow from a change of the directory. `changed`: its ids."""
    if "accountId" in changed:
        return list(dict.fromkeys(_of_account(services, AccountId(changed["accountId"]))))
    office_id = OfficeId(changed["officeId"])
    if "customerId" in changed:
        return list(_of_customer(services, office_id, CustomerId(changed["customerId"])))
    if "employeeId" in changed:
        customers = _customers_of(services, office_id, EmployeeId(changed["employeeId"]))
        return [agreement for customer in customers for agreement in _of_customer(services, office_id, customer)]
    return list(active_in_office(services, office_id))


def _of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> Iterator[AgreementId]:
    for item in services.table.partition(keys.customer(office_id, customer_id).pk):
        sort_key = items.string(item, "sk")
        if sort_key.startswith("GUARD#") and (holder := items.guard(item).collaboration) and holder.agreement:
            yield holder.agreement
        elif sort_key == "CUSTOMER":
            # An unlinked one of the same number wants to know that there is a customer.
            number = items.parsed(Customer, item).organisation_number
            yield from _unlinked(services, number)


def _unlinked(services: Services, number: OrganisationNumber) -> Iterator[AgreementId]:
    for unlinked in items.unlinked_of(services.table.partition(keys.organisation(number), "UNLINKED#")):
        if unlinked.agreement:
            yield unlinked.agreement


def _customers_of(services: Services, office_id: OfficeId, employee_id: EmployeeId) -> Iterator[CustomerId]:
    index_entries = services.table.partition(keys.task_memberships(office_id, employee_id))
    yield from dict.fromkeys(CustomerId(items.string(hint, "sk").split("#")[1]) for hint in index_entries)


def _of_account(services: Services, account_id: AccountId) -> Iterator[AgreementId]:
    place = keys.account_place(account_id)
    found = services.table.get(place)
    if place not in found:
        return
    number = OrganisationNumber(items.string(found[place], "organisationNumber"))
    under_number = services.table.partition(keys.organisation(number))
    subscribers = (
        use.collaboration_id
        for account in items.accounts(under_number)
        if account.id == account_id
        for subscription in account.subscriptions
        for use in subscription.subscribers
    )
    for collaboration_id in (*subscribers, *items.unlinked_of(under_number)):
        if collaboration_id.agreement:
            yield collaboration_id.agreement
    # Those that rest on no subscription of the account.
    for item in rows_of_account(services, account_id, "COLLABORATION#"):
        if items.string(item, "state") == "active":
            yield items.agreement_of(item)


def active_in_office(services: Services, office_id: OfficeId) -> Iterator[AgreementId]:
    """All active collaborations of an office."""
    after = None
    while True:
        rows, after = services.table.page(f"OFFICE#{office_id}#COLLABORATIONS", index=keys.LISTS, after=after)
        for item, _ in rows_of(rows):
            if items.string(item, "state") == "active":
                yield items.agreement_of(item)
        if after is None:
            return


def agreement_named(collaboration_id: str) -> AgreementId | None:
    """The agreement of a collaboration's public id."""
    return CollaborationId(collaboration_id).agreement
