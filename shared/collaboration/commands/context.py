"""The world around an invitation, loaded: one round trip, after the one that read the invitation."""

from collaboration.commands.services import Services, not_found
from collaboration.domain.deciding import InvitationContext
from collaboration.domain.directory import Customer, Office, Task
from collaboration.domain.guard import Guard
from collaboration.domain.invitation import Invitation
from collaboration.storage import items, keys


def load_invitation_context(services: Services, invitation: Invitation) -> tuple[InvitationContext, Guard | None]:
    """The world around `invitation`, and whoever holds the place of its customer and solution.

    Raises:
        Refused: the office is gone.
    """
    office_id, customer_id = invitation.office_id, invitation.customer_id
    at_customer = keys.customer(office_id, customer_id)
    at_task = keys.task(office_id, customer_id, invitation.task_id)
    at_guard = keys.guard(office_id, customer_id, invitation.solution)
    at_office, directory, under_number = services.table.gather(
        lambda: services.table.partition(keys.office(office_id).pk),
        lambda: services.table.get(at_customer, at_task, at_guard),
        lambda: services.table.partition(keys.organisation(invitation.organisation_number)),
    )
    office = items.find_one(Office, at_office, "OFFICE")
    if office is None:
        raise not_found()
    context = InvitationContext(
        invitation=invitation,
        office=office,
        employees=items.employees(at_office),
        customer=items.at(Customer, directory, at_customer),
        task=items.at(Task, directory, at_task),
        account=next(
            (account for account in items.accounts(under_number) if account.id == invitation.account_id), None
        ),
    )
    return context, items.guard(directory[at_guard]) if at_guard in directory else None
