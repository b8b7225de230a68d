"""What an account's or a customer's change makes of its invitations: obstacles are noted, and what bounced goes out."""

from collaboration.commands.invitation_rows import count_rows
from collaboration.commands.obstacle_notes import CONCERNED, note_obstacle
from collaboration.commands.readdressing import readdress_one
from collaboration.domain.model.values import AccountId, CustomerId, OfficeId
from collaboration.services import Services
from collaboration.storage import items, keys, lists


def follow_offer(services: Services, account_id: AccountId, solution: str) -> int:
    """Look at every invitation to an account whose subscription to a solution was opened, closed or changed.

    What nobody can accept is noted; what can be accepted again, and bounced, goes out where another address is known.

    Returns:
        Of how many something else is noted than before.

    Raises:
        PartialFailureError: some could not be looked at, after all others were.
        TableUnavailableError: the table does not answer.
    """

    def noted(row: items.Item) -> bool:
        if items.string(row, "state") not in CONCERNED or items.invitation(row).solution != solution:
            return False
        agreement = items.agreement_of(row)
        if not note_obstacle(services, agreement):
            return False
        readdress_one(services, agreement)
        return True

    return count_rows(lists.invitations_of_account(services.table, account_id), noted)


def follow_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> int:
    """Look at every invitation to a customer of whom the office has changed something: its number, or company type.

    Returns:
        Of how many something else is noted than before.

    Raises:
        PartialFailureError: some could not be looked at, after all others were.
        TableUnavailableError: the table does not answer.
    """

    def noted(row: items.Item) -> bool:
        return items.string(row, "state") in CONCERNED and note_obstacle(services, items.agreement_of(row))

    markers = lists.all_rows(services.table, lists.invitations_of_customer(office_id, customer_id))
    rows = services.table.get(*(keys.invitation(items.agreement_of(marker)) for marker in markers))
    return count_rows(rows.values(), noted)
