"""Problem documents (RFC 9457), and the preview that some of them carry."""

from collaboration.domain.model.faults import Code
from collaboration.domain.model.preview import Effect, WarningKind
from collaboration.domain.model.values import AccountId, Route, Scenario, Value
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.response import Omissible
from collaboration.http.contract.setup import SetUpResponse
from collaboration.http.contract.terms import TermsResponse


class ProblemFieldResponse(Value):
    """One field that is wrong."""

    pointer: str
    code: Code
    detail: str


class AccountChoiceResponse(Value):
    """One of the accounts to choose from."""

    id: AccountId
    name: str


class ProblemResponse(Value):
    """Why something was refused (RFC 9457), and the way out."""

    type: str
    title: str
    status: int
    detail: str
    instance: Omissible[str] = None
    location: Omissible[str] = None
    errors: Omissible[tuple[ProblemFieldResponse, ...]] = None
    actions: Omissible[tuple[str, ...]] = None
    accounts: Omissible[tuple[AccountChoiceResponse, ...]] = None
    confirm: Omissible[tuple[str, ...]] = None
    tries_left: Omissible[int] = None
    preview: "Omissible[PreviewResponse]" = None


class EffectResponse(Value):
    """A consequence."""

    kind: Effect
    text: str


class ForeseenMailResponse(Value):
    """A mail that would be sent."""

    kind: str
    to: str


class WarningResponse(Value):
    """What to look at first."""

    type: WarningKind
    detail: str


class PreviewResponse(Value):
    """What would happen, and what is in the way."""

    scenario: Scenario
    door: Route | None
    setup: SetUpResponse
    missing: tuple[str, ...]
    effects: tuple[EffectResponse, ...]
    mails: tuple[ForeseenMailResponse, ...]
    access: tuple[AccessResponse, ...]
    terms: TermsResponse
    warnings: tuple[WarningResponse, ...]
    problems: tuple[ProblemResponse, ...]
