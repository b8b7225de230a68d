"""Which collaborations a change of the directory concerns."""

from collections.abc import Iterator, Mapping, Sequence

from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
)
from collaboration.frozen import dataclass
from collaboration.services import Services
from collaboration.storage import account_items, items, keys, lists

# More customers than this are handed out, each as a message of its own: a call asks three questions of each.
CUSTOMERS_AT_ONCE = 20


@dataclass(frozen=True)
class Affected:
    """The collaborations whose access, or whose list row, may follow from a change of the directory.

    `customers`: those of an office that are to be looked at by a call each, since they are too many for one.
    """

    agreements: Sequence[AgreementId] = ()
    customers: Sequence[CustomerId] = ()


def affected(services: Services, changed: Mapping[str, str]) -> Affected:
    """What may follow from a change of the directory.

    Args:
        services: the application's services.
        changed: the ids of what changed: `accountId`, or `officeId` with `customerId` or `employeeId` or neither.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    if "accountId" in changed:
        return Affected([*dict.fromkeys(_of_account(services, AccountId(changed["accountId"])))])
    office_id = OfficeId(changed["officeId"])
    if "customerId" in changed:
        return Affected([*dict.fromkeys(_of_customer(services, office_id, CustomerId(changed["customerId"])))])
    if "employeeId" in changed:
        customers = _customers_of(services, office_id, EmployeeId(changed["employeeId"]))
        if len(customers) > CUSTOMERS_AT_ONCE:
            return Affected(customers=customers)
        found = (agreement for customer in customers for agreement in _of_customer(services, office_id, customer))
        return Affected([*dict.fromkeys(found)])
    # Nothing of an office is copied into its collaborations.
    return Affected()


def _of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> Iterator[AgreementId]:
    in_customer = services.table.partition(keys.customer(office_id, customer_id).pk)
    for guard in items.guards(in_customer).values():
        if (holder := guard.collaboration) and holder.agreement:
            yield holder.agreement
    for number in items.customer_numbers(in_customer):
        # What is unlinked and has the same number says in its list row whether there is a customer.
        yield from _unlinked(services, number)
    # One that has ended has no guard, and shows the names of now all the same.
    for marker in lists.all_rows(services.table, lists.collaborations_of_customer(office_id, customer_id)):
        yield items.agreement_of(marker)


def _unlinked(services: Services, number: OrganisationNumber) -> Iterator[AgreementId]:
    for unlinked in items.unlinked_of(services.table.partition(keys.organisation(number), keys.UNLINKED)):
        if unlinked.agreement:
            yield unlinked.agreement


def _customers_of(services: Services, office_id: OfficeId, employee_id: EmployeeId) -> list[CustomerId]:
    index_entries = services.table.partition(keys.task_memberships(office_id, employee_id))
    return [*dict.fromkeys(items.customer_id_of_membership(entry) for entry in index_entries)]


def _of_account(services: Services, account_id: AccountId) -> Iterator[AgreementId]:
    place_key = keys.account_place(account_id)
    found = services.table.get(place_key)
    if place_key not in found:
        return
    place = account_items.account_place(found[place_key])
    under_number = services.table.partition(keys.organisation(place.number))
    subscribers = (
        use.collaboration_id
        for account in account_items.accounts(under_number)
        if account.id == account_id
        for subscription in account.subscriptions
        for use in subscription.subscribers
    )
    for collaboration_id in (*subscribers, *items.unlinked_of(under_number)):
        if collaboration_id.agreement:
            yield collaboration_id.agreement
    # Of an account fewer under a number it left, unlinked imports may belong to the one that stays.
    for former in place.former:
        yield from _unlinked(services, former)
    # Those that rest on no subscription of the account, and those that have ended: they show its name.
    for row in lists.collaborations_of_account(services.table, account_id):
        yield items.agreement_of(row)


def agreement_named(collaboration_id: str) -> AgreementId | None:
    """The agreement of a collaboration's public id."""
    return CollaborationId(collaboration_id).agreement
