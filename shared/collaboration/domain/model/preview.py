"""TODO domain.model.preview."""

from dataclasses import dataclass
from enum import StrEnum

from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp, Solution
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import CollaborationId, Kind, Route, Scenario, TaskId


class Effect(StrEnum):
    """The consequences, in the order they are told."""

    ACCESS_REQUESTED = "access-requested"
    APPROVAL_ASKED = "approval-asked"
    JOINS_SUBSCRIPTION = "joins-subscription"
    SUBSCRIPTION_AT_ACCEPTANCE = "subscription-at-acceptance"
    ACCESS_AT_ACCEPTANCE = "access-at-acceptance"
    ACCOUNT_CREATED = "account-created"
    CONTACT_BECOMES_ADMINISTRATOR = "contact-becomes-administrator"
    SUBSCRIPTION_AT_ONCE = "subscription-at-once"
    JOINS_AT_ONCE = "joins-at-once"
    ACCESS_AT_ONCE = "access-at-once"
    NO_CUSTOMER_ACCESS = "no-customer-access"
    LOGIN_MAIL = "login-mail"
    ADMINISTRATORS_TOLD = "administrators-told"


class WarningKind(StrEnum):
    """What the office should look at first, though nothing is in the way."""

    UNLINKED_EXISTS = "unlinked-exists"
    NOBODY_GETS_ACCESS = "nobody-gets-access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would happen. `faults` stand in the order in which they name an answer; `setup` has defaults filled in."""

    office_name: str
    company_name: str
    contact_name: str
    task_id: TaskId | None
    scenario: Scenario
    kind: Kind | None
    route: Route | None
    solution: Solution
    account: Account | None
    subscription: Subscription | None
    setup: SetUp
    missing: tuple[str, ...]
    effects: tuple[Effect, ...]
    mails: tuple[tuple[str, str], ...]
    access: tuple[Access, ...]
    terms_version: str
    terms: str
    warnings: tuple[WarningKind, ...]
    unlinked: tuple[CollaborationId, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """What the caller was shown and agreed to."""

    scenario: Scenario
    terms_version: str


def require_route(preview_: Preview, route: Route, consent: Consent) -> None:
    """Let the caller through `door`, or say what is in the way: `right-door-only`, `situation-checked-again`.

    Raises:
        Refused: with the preview, and the first of all faults naming the answer.
    """
    faults = list(preview_.faults)
    if consent.scenario is not preview_.scenario:
        faults.append(Fault(Slug.SITUATION_CHANGED))
    if preview_.route is not None and preview_.route is not route:
        faults.append(Fault(_wrong_door(preview_, route), actions=(preview_.route,)))
    if consent.terms_version != preview_.terms_version:
        faults.append(Fault(Slug.TERMS_OUTDATED, fields=(FieldFault("#/termsVersion", Code.INVALID),)))
    if fault := first_of(faults):
        raise RefusedError(fault, preview=preview_)


def _wrong_door(preview_: Preview, route: Route) -> Slug:
    if route is Route.ACTIVATE:
        return Slug.CUSTOMER_MUST_APPROVE
    return Slug.APPROVAL_NOT_NEEDED if preview_.kind is Kind.OFFICE_TOOL else Slug.CUSTOMER_NOT_REGISTERED
