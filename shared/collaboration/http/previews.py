"""A preview of the domain, worded for the office."""

from collections.abc import Callable

from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.contract.access import AccessResponse
from collaboration.http.contract.problem import (
    EffectResponse,
    ForeseenMailResponse,
    PreviewResponse,
    TermsResponse,
    WarningResponse,
)
from collaboration.http.contract.setup import SetUpResponse
from collaboration.wording import lines, text


def preview_shape(seen: Preview, locale: Locale, reference: Callable[[str], str]) -> PreviewResponse:
    """What an employee is shown. `reference` makes a path below the API's root relative to the request."""
    names = {
        "office": seen.office_name,
        "company": seen.company_name,
        "solution": seen.solution.name[locale],
        "contact": seen.contact_name,
    }
    return PreviewResponse(
        scenario=seen.scenario,
        door=seen.route,
        setup=SetUpResponse.of(seen.setup, seen.task_id),
        missing=seen.missing,
        effects=tuple(EffectResponse(kind=kind, text=text(locale, f"effect.{kind}", **names)) for kind in seen.effects),
        mails=tuple(ForeseenMailResponse(kind=kind, to=to) for kind, to in seen.mails),
        access=tuple(AccessResponse.of(access) for access in seen.access),
        terms=TermsResponse(version=seen.terms_version, text=lines(locale, f"terms.{seen.terms}", **names)),
        warnings=tuple(
            WarningResponse(type=kind, detail=text(locale, f"warning.{kind}", **names)) for kind in seen.warnings
        ),
        problems=tuple(problems.problem(fault, locale, reference) for fault in seen.faults),
    )
