"""The world around an invitation, loaded: one round trip, after the one that read the invitation."""

from dataclasses import fields

from collaboration.domain.contexts.invitation import InvitationContext, RecipientContext
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.directory import Customer, Office, Task
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.link_tokens import TokenClaims
from collaboration.services import Services, not_found
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


def load_recipient_context(services: Services, holder: TokenClaims) -> RecipientContext:
    at_link = keys.link(holder.agreement, holder.recipient)
    found = services.table.get(*keys.invitation_keys(holder.agreement), at_link)
    invitation = items.invitation_at(found, holder.agreement)
    if invitation is None:
        raise not_found()
    person = invitation.recipients.get(holder.recipient)
    if person is None or person.removed or person.version != holder.version:
        raise not_found()
    context, _ = load_invitation_context(services, invitation)
    return recipient_context(context, holder.recipient, person, items.attempt_limit(found.get(at_link)))


def recipient_context(
    context: InvitationContext, recipient: str, person: InvitationRecipient, attempt_limit: AttemptLimit
) -> RecipientContext:
    """An administrator in the context of an invitation."""
    around = {field.name: getattr(context, field.name) for field in fields(InvitationContext)}
    return RecipientContext(**around, recipient=recipient, holder=person, attempt_limit=attempt_limit)
