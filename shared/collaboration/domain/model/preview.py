"""The preview of an invitation or activation, and the check of the route taken: `right-door-only`."""

from enum import StrEnum

from collaboration.domain.model.access import Access
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp, SetUpField, Solution
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug, first_of
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import CollaborationId, Kind, OfficeId, Route, Scenario, TaskId
from collaboration.frozen import dataclass


class Effect(StrEnum):
    """A consequence of asking, in the order in which a preview lists them."""

    ACCESS_REQUESTED = "access-requested"
    APPROVAL_ASKED = "approval-asked"
    JOINS_SUBSCRIPTION = "joins-subscription"
    ANOTHER_OFFICE_PAYS = "another-office-pays"
    TERMS_CHANGE_AT_RENEWAL = "terms-change-at-renewal"
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
    """What the office should know before it goes on, though nothing is in the way."""

    UNLINKED_EXISTS = "unlinked-exists"
    NOBODY_GETS_ACCESS = "nobody-gets-access"
    NOBODY_MAY_APPROVE = "nobody-may-approve"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen if the office asked now.

    `route` is None while the kind is not known; `paid_by_another` are the invoice recipients that mean another office,
    where they are the office; `setup` has defaults filled in; `missing` are the set-up fields not given; `mails` are
    kinds and addresses; `terms` is the key of their wording, None without a route; `faults` are everything in the way,
    in the order in which they name an answer.
    """

    office_id: OfficeId
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
    paid_by_another: frozenset[SetUpField]
    setup: SetUp
    missing: tuple[str, ...]
    effects: tuple[Effect, ...]
    mails: tuple[tuple[str, str], ...]
    access: tuple[Access, ...]
    terms_version: str
    terms: str | None
    warnings: tuple[WarningKind, ...]
    unlinked: tuple[CollaborationId, ...]
    faults: tuple[Fault, ...]

    @property
    def office_names(self) -> tuple[str, ...]:
        """The names of the employees who get access."""
        return tuple(access.person.name for access in self.access if access.person.employee_id)


@dataclass(frozen=True)
class Consent:
    """What the caller was shown and agreed to."""

    scenario: Scenario
    terms_version: str


def require_route(preview: Preview, route: Route, consent: Consent) -> None:
    """Let the caller go on by `route`: `right-door-only`, `situation-checked-again`.

    Raises:
        RefusedError: something is in the way; with the preview, and the first of all faults naming the answer.
    """
    faults = list(preview.faults)
    if consent.scenario is not preview.scenario:
        faults.append(Fault(Slug.SITUATION_CHANGED))
    if preview.route is not None and preview.route is not route:
        faults.append(Fault(_wrong_route_slug(preview, route), actions=(preview.route,)))
    if consent.terms_version != preview.terms_version:
        faults.append(Fault(Slug.TERMS_OUTDATED, fields=(FieldFault("#/termsVersion", Code.INVALID),)))
    if fault := first_of(faults):
        raise RefusedError(fault, preview=preview)


def _wrong_route_slug(preview: Preview, route: Route) -> Slug:
    if route is Route.ACTIVATE:
        return Slug.CUSTOMER_MUST_APPROVE
    return Slug.APPROVAL_NOT_NEEDED if preview.kind is Kind.OFFICE_TOOL else Slug.CUSTOMER_NOT_REGISTERED
