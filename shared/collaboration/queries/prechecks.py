"""What is checked before the fields of a request: may the caller ask, and are the things named theirs."""

from collaboration.domain.model.values import AccountId, CollaborationId, CustomerId, InvitationId, OfficeId
from collaboration.queries.caller import load_caller, load_collaboration, load_invitation, require_decision_rights
from collaboration.services import Caller, Services, not_found
from collaboration.storage import keys


def precheck_employee(
    services: Services,
    caller: Caller,
    *,
    customer: CustomerId | None,
    invitation: InvitationId | None,
    collaboration: CollaborationId | None,
    requires_decision_rights: bool,
) -> None:
    """Check that an employee may ask, and that the things named are their office's.

    Raises:
        RefusedError: `not-allowed` or `not-found`.
        TableUnavailableError: the table does not answer.
    """
    customer_keys = (keys.customer(caller.office_id, customer),) if customer else ()
    active_caller, found = load_caller(services, caller, *customer_keys)
    if requires_decision_rights:
        require_decision_rights(active_caller)
    if any(key not in found for key in customer_keys):
        raise not_found()
    if invitation:
        load_invitation(services, caller, invitation)
    if collaboration:
        load_collaboration(services, caller, collaboration)


def precheck_platform(
    services: Services, *, office: OfficeId | None, customer: CustomerId | None, account: AccountId | None
) -> None:
    """Check that the office, the customer of it, and the account exist.

    Raises:
        RefusedError: `not-found`.
        TableUnavailableError: the table does not answer.
    """
    wanted = []
    if office:
        wanted.append(keys.office(office))
        if customer:
            wanted.append(keys.customer(office, customer))
    if account:
        wanted.append(keys.account_place(account))
    if wanted and len(services.table.get(*wanted)) < len(wanted):
        raise not_found()
