"""Refusals that come before faulty fields: whether the caller may call at all, and whether what is named is theirs."""

from collections.abc import Mapping
from typing import Any, TypeVar

from collaboration.composition import app
from collaboration.domain.model.values import AccountId, CollaborationId, CustomerId, Identifier, InvitationId, OfficeId
from collaboration.http.contract.operation import Operation
from collaboration.http.request import CallerClass, Request
from collaboration.queries.account_user import administered, find_collaboration, find_invitation
from collaboration.queries.invitation_context import load_recipient_context
from collaboration.queries.prechecks import precheck_employee, precheck_platform
from collaboration.services import Services, not_found

Id = TypeVar("Id", bound=Identifier)


def precheck(operation: Operation[Any, Any], request: Request, services: Services, sent: Mapping[str, Any]) -> None:
    """Check what is refused before faulty fields are. `sent`: the body's fields as they came.

    Raises:
        RefusedError: the caller may not call the operation, or what the path or the body names is not theirs.
    """
    named = {"customerId": sent.get("customerId"), **request.path}
    match operation.caller:
        case CallerClass.HOLDER:
            claims = app().signer.read(request.path["token"])
            if claims is None:
                raise not_found()
            load_recipient_context(services, claims)
        case CallerClass.EMPLOYEE:
            precheck_employee(
                services,
                request.employee(),
                customer=_parse_or_none(CustomerId, named["customerId"]),
                invitation=_parse_or_none(InvitationId, named.get("invitationId")),
                collaboration=_parse_or_none(CollaborationId, named.get("collaborationId")),
                requires_decision_rights=operation.decides,
            )
            # A text that is no id names nothing that there is; of another type it is a wrong field.
            if isinstance(named["customerId"], str) and _parse_or_none(CustomerId, named["customerId"]) is None:
                raise not_found()
        case CallerClass.ACCOUNT_USER:
            _precheck_account_user(request, services, named)
        case CallerClass.PLATFORM:
            own = request.route.rpartition("/")[2].strip("{}")
            precheck_platform(
                services,
                office=_parse_or_none(OfficeId, named.get("officeId")) if own != "officeId" else None,
                customer=_parse_or_none(CustomerId, named["customerId"]) if own != "customerId" else None,
                account=_parse_or_none(AccountId, named.get("accountId")) if own != "accountId" else None,
            )


def _precheck_account_user(request: Request, services: Services, named: Mapping[str, Any]) -> None:
    invitation = _parse_or_none(InvitationId, named.get("invitationId"))
    collaboration = _parse_or_none(CollaborationId, named.get("collaborationId"))
    if invitation:
        find_invitation(services, request.account_user(), invitation)
    elif collaboration:
        find_collaboration(services, request.account_user(), collaboration)
    else:
        administered(services, request.account_user())


def _parse_or_none(model: type[Id], value: object) -> Id | None:
    try:
        return model(value) if isinstance(value, str) else None
    except ValueError:
        return None
