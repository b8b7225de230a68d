"""What a decision about an invitation has to know."""

from dataclasses import fields
from typing import TYPE_CHECKING

from collaboration.domain.contexts.invitation import InvitationContext, RecipientContext, SendingContext
from collaboration.domain.model.accounts import choose_account
from collaboration.domain.model.directory import Customer
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.invitation import Invitation, InvitationRecipient
from collaboration.domain.model.invitation_terms import InvitationTerms
from collaboration.domain.model.values import Email
from collaboration.queries.related import load_related
from collaboration.services import Services, not_found
from collaboration.storage import account_items, items, keys

if TYPE_CHECKING:
    from collaboration.link_tokens import TokenClaims


def load_invitation_context(
    services: Services, invitation: Invitation, holder: Email | None = None
) -> tuple[InvitationContext, Guard | None]:
    """The context of `invitation`, and the guard of its customer and solution.

    `holder`: the address of whoever decides; None where nobody does. Of a large office only the employees on the task,
    the sender, and those with that address are read.

    Raises:
        RefusedError: `not-found`, the office is gone.
        TableUnavailableError: the table does not answer.
    """
    related = load_related(
        services,
        office_id=invitation.office_id,
        organisation_number=invitation.organisation_number,
        customer_id=invitation.customer_id,
        task_id=invitation.task_id,
        guarded_solution=invitation.solution,
        attempts_of=invitation.agreement,
        employee_ids=[invitation.sent_by.employee_id] if invitation.sent_by.employee_id else (),
        address=holder,
    )
    context = InvitationContext(
        invitation=invitation,
        office=related.require_office(),
        employees=related.employees,
        customer=related.customer,
        task=related.task,
        account=choose_account(related.accounts, invitation.account_id),
        attempt_limit=related.attempt_limit,
    )
    return context, related.guard


def load_invitation_terms(services: Services, invitation: Invitation) -> InvitationTerms:
    """What an acceptance of `invitation` would give now, and nothing else of its context.

    Raises:
        UnreadableError: what is stored of the account or its subscription cannot be read.
        TableUnavailableError: the table does not answer.
    """
    number, account_id = invitation.organisation_number, invitation.account_id
    found = services.table.get(
        keys.account(number, account_id), keys.subscription(number, account_id, invitation.solution)
    )
    accounts = account_items.accounts(found.values())
    return InvitationTerms(invitation=invitation, account=choose_account(accounts, account_id))


def load_sending_context(services: Services, invitation: Invitation) -> SendingContext:
    """What says whether `invitation` may be accepted, sent again or reminded of now, and nothing else of its context.

    Raises:
        UnreadableError: what is stored of the account, its subscription or the customer cannot be read.
        TableUnavailableError: the table does not answer.
    """
    number, account_id = invitation.organisation_number, invitation.account_id
    around = keys.account(number, account_id), keys.subscription(number, account_id, invitation.solution)
    customer_key = keys.customer(invitation.office_id, invitation.customer_id)
    attempts_key = keys.attempts(invitation.agreement)
    found = services.table.get(*around, customer_key, attempts_key)
    accounts = account_items.accounts(found[key] for key in around if key in found)
    return SendingContext(
        invitation=invitation,
        account=choose_account(accounts, account_id),
        customer=items.at(Customer, found, customer_key),
        attempt_limit=items.attempt_limit(found.get(attempts_key)),
    )


def load_recipient_context(services: Services, holder: "TokenClaims") -> RecipientContext:
    """The context of an invitation for the holder of a link.

    Raises:
        RefusedError: `not-found`, the link is of no invitation, or a newer one took its place.
        TableUnavailableError: the table does not answer.
    """
    found = services.table.get(*keys.invitation_keys(holder.agreement))
    invitation = items.invitation_at(found, holder.agreement)
    if invitation is None:
        raise not_found()
    person = invitation.recipients.get(holder.recipient)
    if invitation.erased_at and invitation.erased_links.get(holder.recipient) == holder.version:
        person = None
    elif person is None or person.removed or person.version != holder.version:
        raise not_found()
    context, _ = load_invitation_context(services, invitation, person.email if person else None)
    return recipient_context(context, holder.recipient, person)


def recipient_context(
    context: InvitationContext, recipient: str, person: InvitationRecipient | None
) -> RecipientContext:
    """The context of an invitation for one of its recipients; None for one who was erased."""
    shared = {field.name: getattr(context, field.name) for field in fields(InvitationContext)}
    return RecipientContext(**shared, recipient=recipient, holder=person)
