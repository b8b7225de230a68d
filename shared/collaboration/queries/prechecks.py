"""TODO queries.prechecks."""

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.values import CollaborationId, CustomerId, InvitationId, OfficeId
from collaboration.queries.collaborations import show_collaboration
from collaboration.queries.invitations import show_invitation
from collaboration.services import Caller, Services, active, not_found
from collaboration.storage import items, keys


def precheck_employee(
    services: Services,
    caller: Caller,
    *,
    customer: CustomerId | None,
    invitation: InvitationId | None,
    collaboration: CollaborationId | None,
    requires_decision_rights: bool,
) -> None:
    """What comes before fields that are wrong: may the caller ask, and are the things named theirs?

    Raises:
        Refused: not-allowed or not-found.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    at_customer = keys.customer(caller.office_id, customer) if customer else None
    found = services.table.get(at_caller, *((at_customer,) if at_customer else ()))
    employee = active(items.at(Employee, found, at_caller))
    if requires_decision_rights and not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")
    if at_customer and at_customer not in found:
        raise not_found()
    if invitation:
        show_invitation(services, caller, invitation)
    if collaboration:
        show_collaboration(services, caller, collaboration)


def precheck_platform(services: Services, *, office: OfficeId | None, customer: CustomerId | None) -> None:
    """What comes before fields that are wrong: are the office and the customer in the path there?

    Raises:
        Refused: not-found.
    """
    places = []
    if office:
        places.append(keys.office(office))
        if customer:
            places.append(keys.customer(office, customer))
    if places and len(services.table.get(*places)) < len(places):
        raise not_found()
