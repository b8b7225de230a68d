"""The employee who calls, with the items that the call is about: one read."""

from collections.abc import Mapping

from collaboration.domain.contexts.caller import CallerContext
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import CollaborationId, InvitationId, Locale, OfficeId
from collaboration.services import Caller, Revisions, Services, not_found, require_active
from collaboration.storage import items, keys


def require_decision_rights(caller: CallerContext) -> None:
    """Let through who has full user rights and is administrator.

    Raises:
        RefusedError: `not-allowed`.
    """
    if not caller.caller.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")


def load_caller(
    services: Services, caller: Caller, *others: keys.Key
) -> tuple[CallerContext, Mapping[keys.Key, items.Item]]:
    """The caller, and the items at `others` that are there, read together.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive.
        TableUnavailableError: the table does not answer.
    """
    caller_key, office_key = keys.employee(caller.office_id, caller.employee_id), keys.office(caller.office_id)
    found = services.table.get(caller_key, office_key, *others)
    services.remember_language(caller.office_id, items.at(Office, found, office_key))
    employee = require_active(caller, items.at(Employee, found, caller_key))
    return CallerContext(caller_id=caller.employee_id, caller=employee), found


def load_collaboration(
    services: Services,
    caller: Caller,
    collaboration_id: CollaborationId,
    revisions: Revisions = None,
    *,
    requires_decision_rights: bool = False,
) -> tuple[Collaboration, CallerContext]:
    """A collaboration of the caller's office, and the caller. `revisions`: those it may have.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown, inactive or lacks rights; `not-found`, it is not the
            office's; `revision-conflict`, it has another revision.
        TableUnavailableError: the table does not answer.
    """
    agreement = collaboration_id.agreement
    wanted = keys.collaboration_keys(agreement) if agreement else ()
    active_caller, found = load_caller(services, caller, *wanted)
    if requires_decision_rights:
        require_decision_rights(active_caller)
    collaboration = items.collaboration_at(found, agreement) if agreement else None
    if collaboration is None or collaboration.office_id != caller.office_id:
        raise not_found()
    require_revision(collaboration, revisions)
    return collaboration, active_caller


def require_revision(collaboration: Collaboration, revisions: Revisions) -> None:
    """Let through a collaboration at one of `revisions`; at any, for None.

    Raises:
        RefusedError: `revision-conflict`.
    """
    if revisions is not None and collaboration.revision not in revisions:
        raise refused(Slug.REVISION_CONFLICT)


def load_invitation(
    services: Services, caller: Caller, invitation_id: InvitationId, *, requires_decision_rights: bool = False
) -> tuple[Invitation, CallerContext]:
    """An invitation of the caller's office, and the caller.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown, inactive or lacks rights; `not-found`, it is not the
            office's.
        TableUnavailableError: the table does not answer.
    """
    agreement = invitation_id.agreement
    wanted = keys.invitation_keys(agreement) if agreement else ()
    active_caller, found = load_caller(services, caller, *wanted)
    if requires_decision_rights:
        require_decision_rights(active_caller)
    invitation = items.invitation_at(found, agreement) if agreement else None
    if invitation is None or invitation.office_id != caller.office_id:
        raise not_found()
    return invitation, active_caller


def check_employee(services: Services, caller: Caller) -> Employee:
    """The caller, for what every active employee may see.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive.
        TableUnavailableError: the table does not answer.
    """
    return load_caller(services, caller)[0].caller


def office_language(services: Services, office_id: OfficeId) -> Locale:
    """The language of an office, Swedish where it is not known.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    if (known := services.language_of(office_id)) is not None:
        return known
    office_key = keys.office(office_id)
    office = items.at(Office, services.table.get(office_key), office_key)
    return office.locale if office else Locale.SV
